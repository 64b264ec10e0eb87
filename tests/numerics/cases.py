"""Cases: random models together with the game that the oracle knows them as.

What a case is made of is described twice over: `built` gives the project's object, the rest the oracle's.
"""

from __future__ import annotations  # `ej.Model` is loaded when it is first used

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

import mpmath
import numpy as np
from hypothesis import strategies as st
from scipy.sparse import csr_array

import exitjoin as ej

from .oracle import Costs, Game, Logit, Moment, Rates, Rule, Term

DIGITS = 60


def irrational(function):
    """Return a real function of mpmath as a function from rationals to rationals, to 60 digits."""

    @lru_cache(maxsize=4096)
    def value(u: Fraction) -> Fraction:
        with mpmath.workdps(DIGITS):
            result = function(mpmath.mpf(u.numerator) / u.denominator)
            if abs(result) < 1e-320:
                return Fraction(0)
            return Fraction(*map(int, mpmath.libmp.to_rational(result._mpf_)))

    return value


PERFORMANCES = {
    "3 - (u - 1/3)**2": lambda u: 3 - (u - Fraction(1, 3)) ** 2,
    "-u**2": lambda u: -(u**2),
    "0.7*u**2 + u": lambda u: Fraction(7, 10) * u**2 + u,
    "-(u**2 - 1)**2": lambda u: -((u**2 - 1) ** 2),
    "u**3 - u": lambda u: u**3 - u,
    "2 - 3*u": lambda u: 2 - 3 * u,
    "5": lambda u: Fraction(5),
    "0.1*u**14 - u": lambda u: u**14 / 10 - u,
    "1/(1 + u**2)": lambda u: 1 / (1 + u**2),
    "abs(u - 0.25)": lambda u: abs(u - Fraction(1, 4)),
    "exp(-u**2)": irrational(lambda u: mpmath.exp(-(u**2))),
    "sin(3*u)": irrational(lambda u: mpmath.sin(3 * u)),
    "sqrt(1 + u**2) - log(2 + cos(u))": irrational(
        lambda u: mpmath.sqrt(1 + u**2) - mpmath.log(2 + mpmath.cos(u)),
    ),
    "tanh(2*u)": irrational(lambda u: mpmath.tanh(2 * u)),
}

_power = irrational(lambda v: v * mpmath.sqrt(v))
_root = irrational(mpmath.sqrt)

SCALES = {
    "s": lambda s, a: s,
    "a": lambda s, a: a,
    "1": lambda s, a: Fraction(1),
    "s*a": lambda s, a: s * a,
    "s**2 - s": lambda s, a: s**2 - s,
    "s**1.5": lambda s, a: _power(s),
    "sqrt(a)": lambda s, a: _root(a),
}


# Performance of opinions in the plane, of a point (u1, u2)
PLANE = {
    "-u1**2 - (u2 - 0.5)**2": lambda p: -(p[0] ** 2) - (p[1] - Fraction(1, 2)) ** 2,
    "3 - (u1 + u2)**2": lambda p: 3 - (p[0] + p[1]) ** 2,
    "u1*u2 + u1": lambda p: p[0] * p[1] + p[0],
    "-(u1**2 + u2**2 - 1)**2": lambda p: -((p[0] ** 2 + p[1] ** 2 - 1) ** 2),
    "u1**3 - u2": lambda p: p[0] ** 3 - p[1],
    "2 - 3*u1 + u2": lambda p: 2 - 3 * p[0] + p[1],
    "1/(1 + u1**2 + u2**2)": lambda p: 1 / (1 + p[0] ** 2 + p[1] ** 2),
    "abs(u1 - u2)": lambda p: abs(p[0] - p[1]),
    "exp(-u1**2)*u2": lambda p: _bell(p[0]) * p[1],
    "sin(u1 + 2*u2)": lambda p: _sine(p[0] + 2 * p[1]),
}

_bell = irrational(lambda u: mpmath.exp(-(u**2)))
_sine = irrational(mpmath.sin)

QUADRATIC = {1: ("3 - (u - 1/3)**2", "-u**2", "0.7*u**2 + u"), 2: ("-u1**2 - (u2 - 0.5)**2", "3 - (u1 + u2)**2")}

# Thresholds of adaptive rules, in the entries and exits of the coalition, all moves, slow steps, and its size
ADAPTIVE = {
    "unanimous": {
        "0.05 - 0.03*steps": lambda e, x, m, t, s: Fraction(1, 20) - Fraction(3, 100) * t,
        "0.02*entries - 0.01*exits": lambda e, x, m, t, s: Fraction(1, 50) * e - Fraction(1, 100) * x,
        "0.3*moves/s": lambda e, x, m, t, s: Fraction(3, 10) * m / s,
    },
    "bounded confidence": {
        "0.9 + 0.75*entries - 0.5*exits": lambda e, x, m, t, s: Fraction(9, 10) + 3 * e / 4 - x / 2,
        "2.5/(1 + moves)": lambda e, x, m, t, s: Fraction(5, 2) / (1 + m),
        "0.3*steps/s": lambda e, x, m, t, s: Fraction(3, 10) * t / s,
    },
    "capacity": {
        "1.25 + moves": lambda e, x, m, t, s: Fraction(5, 4) + m,
        "1.25 + entries - 0.125*exits": lambda e, x, m, t, s: Fraction(5, 4) + e - x / 8,
        "2.25 - exits": lambda e, x, m, t, s: Fraction(9, 4) - x,
        "s + 1.25 - 0.5*steps": lambda e, x, m, t, s: s + Fraction(5, 4) - t / 2,
    },
}
ADAPTIVE["majority"] = ADAPTIVE["aggregate"] = ADAPTIVE["unanimous"]


# Adaptive rates of consensus, in the same
ADAPTIVE_RATES = {
    "0.25 + 0.5/(1 + exits)": lambda e, x, m, t, s: Fraction(1, 4) + 1 / (2 * (1 + x)),
    "0.1 + 0.3*entries": lambda e, x, m, t, s: Fraction(1, 10) + 3 * e / 10,
    "0.9 - 0.25*moves": lambda e, x, m, t, s: Fraction(9, 10) - m / 4,
    "1/(1 + steps)": lambda e, x, m, t, s: 1 / (1 + t),
    "0.2*s + 0.1*exits": lambda e, x, m, t, s: s / 5 + x / 10,
    "1.5 - 0.5*s": lambda e, x, m, t, s: Fraction(3, 2) - s / 2,
}


def rationals(values):
    """The same numbers as Fractions, nested as they are."""
    return tuple(map(rationals, values)) if isinstance(values, (list, tuple)) else Fraction(values)


@dataclass(frozen=True)
class Network:
    """Symmetric influence; `sparse` hands it over as a sparse matrix."""

    matrix: list[list[float]]
    self_weight: float = 1.0
    sparse: bool = False

    def built(self):
        matrix = np.array(self.matrix)
        return ej.network(csr_array(matrix) if self.sparse else matrix, self_weight=self.self_weight)

    @property
    def listens(self):
        """A, with `self_weight` on a diagonal that is zero throughout."""
        rows, n = rationals(self.matrix), range(len(self.matrix))
        loop = Fraction(0) if any(rows[i][i] for i in n) else Fraction(self.self_weight)
        return tuple(tuple(rows[i][j] + (loop if i == j else 0) for j in n) for i in n)

    def relabelled(self, old):
        return replace(self, matrix=np.array(self.matrix)[np.ix_(old, old)].tolist())


@dataclass(frozen=True)
class General:
    """Row-stochastic influence."""

    matrix: list[list[float]]
    sparse: bool = False

    def built(self):
        matrix = np.array(self.matrix)
        return ej.general(csr_array(matrix) if self.sparse else matrix)

    @property
    def listens(self):
        return rationals(self.matrix)

    def relabelled(self, old):
        return replace(self, matrix=np.array(self.matrix)[np.ix_(old, old)].tolist())


@dataclass(frozen=True)
class Adapting:
    """Lazy influence whose rate adapts, by the text of the rate."""

    text: str
    memory: float = 1.0
    lowest: float = 0.125

    def built(self):
        return ej.adaptive_rate(self.text, memory=self.memory, lowest=self.lowest)

    @property
    def rate(self) -> Rates:
        function = ADAPTIVE_RATES[self.text]
        return Rates(function, Fraction(self.memory), Fraction(self.lowest), "steps" in self.text)


@dataclass(frozen=True)
class Accept:
    """An acceptance rule; `threshold` is α, r, cap, or the text of an adaptive threshold."""

    name: str
    threshold: object = 0.0
    memory: float | None = None

    def built(self):
        if self.memory is not None:
            return ej.adaptive(self.name, self.threshold, memory=self.memory)
        if self.name == "open":
            return "open"
        return getattr(ej, self.name.replace(" ", "_"))(self.threshold)

    @property
    def rule(self) -> Rule:
        if self.memory is not None:
            return Rule(self.name, ADAPTIVE[self.name][self.threshold], Fraction(self.memory))
        return Rule(self.name, Fraction(self.threshold))


@dataclass(frozen=True)
class Charge:
    """A term of a switching cost: kind "number", "agent", "coalition" or "pair"."""

    kind: str
    entries: object

    def built(self):
        if self.kind == "number":
            return self.entries
        return getattr(ej, f"per_{self.kind}")(self.entries)

    @property
    def term(self) -> Term:
        return Term(self.kind, rationals(self.entries))

    def relabelled(self, old):
        per_agent = self.kind in ("agent", "pair")
        return replace(self, entries=[self.entries[i] for i in old]) if per_agent else self


NOTHING = Charge("number", 0.0)


@dataclass(frozen=True)
class Charges:
    """A switching cost of several terms."""

    base: float = 0.0
    exit: Charge = NOTHING
    entry: Charge = NOTHING
    bonus: Charge = NOTHING
    between: list[list[float]] | None = None

    def built(self):
        return ej.switching_cost(
            base=self.base,
            exit=self.exit.built(),
            entry=self.entry.built(),
            bonus=self.bonus.built(),
            between=self.between,
        )

    @property
    def costs(self) -> Costs:
        terms = self.exit.term, self.entry.term, self.bonus.term
        return Costs(Fraction(self.base), *terms, rationals(self.between or []))

    def relabelled(self, old):
        terms = {name: getattr(self, name).relabelled(old) for name in ("exit", "entry", "bonus")}
        return replace(self, **terms)


def built(part):
    """The project's object for a part that is described here; anything else is one already."""
    return part.built() if hasattr(part, "built") else part


@dataclass(frozen=True)
class Noisy:
    """The logit schedule."""

    temperature: float

    def built(self):
        return ej.logit(self.temperature)

    @property
    def schedule(self) -> Logit:
        return Logit(Fraction(self.temperature))


@dataclass(frozen=True)
class Case:
    """What a model is made of, and a structure; `model` is the project's, `game` the oracle's."""

    opinions: list[float] | list[list[float]]
    performance: str = "-u**2"
    switching_cost: float | Charges = 0.0
    scale: str = "s"
    influence: object = "uniform"
    acceptance: object = "open"
    structure: list | None = None  # singletons
    stubbornness: float | list[float] = 0.0
    innate: list | None = None
    discount: float | None = None

    @property
    def coalitions(self) -> list[list[int]]:
        return [[i] for i in range(len(self.opinions))] if self.structure is None else self.structure

    @cached_property
    def model(self) -> ej.Model:
        more = {
            name: value
            for name, value, plain in [
                ("stubbornness", self.stubbornness, 0.0),
                ("innate_opinions", self.innate, None),
                ("discount", self.discount, None),
            ]
            if value != plain
        }
        return ej.Model(
            self.opinions,
            self.performance,
            built(self.switching_cost),
            self.scale,
            built(self.influence),
            built(self.acceptance),
            **more,
        )

    @cached_property
    def game(self) -> Game:
        n = len(self.opinions)
        stubborn = self.stubbornness if isinstance(self.stubbornness, list) else [self.stubbornness] * n
        return Game(
            {**PERFORMANCES, **PLANE}[self.performance],
            SCALES[self.scale],
            rationals(getattr(self.influence, "weights", np.ones(n)).tolist()),
            self.switching_cost.costs if isinstance(self.switching_cost, Charges) else Fraction(self.switching_cost),
            self._rule,
            self.influence.rate
            if isinstance(self.influence, Adapting)
            else Fraction(getattr(self.influence, "rate", 1.0)),
            getattr(self.influence, "listens", None),
            rationals(stubborn) if any(stubborn) else None,
            None if self.innate is None else rationals(self.innate),
            None if self.discount is None else Fraction(self.discount),
        )

    @property
    def _rule(self) -> Rule:
        if isinstance(self.acceptance, Accept):
            return self.acceptance.rule
        threshold = 0.0 if self.acceptance == "unanimous" else getattr(self.acceptance, "threshold", None)
        return Rule() if threshold is None else Rule("unanimous", Fraction(threshold))

    @cached_property
    def moment(self) -> Moment:
        return Moment(self.game, self.opinions, self.coalitions)

    @cached_property
    def tolerance(self) -> Fraction:
        return Fraction(ej.tie_tolerance(self.model))

    def at_moment(self, moment: Moment) -> ej.Model:
        """The model at the opinions of another moment, rounded."""
        changes = {"opinions": floats(moment.x)}
        if self.game.stubbornness:
            changes["innate_opinions"] = self.opinions if self.innate is None else self.innate
        return self.model.replace(**changes)

    def tolerance_at(self, moment: Moment) -> Fraction:
        """The documented tolerance at the opinions of another moment."""
        return Fraction(ej.tie_tolerance(self.at_moment(moment)))

    def replaced(self, **changes) -> Case:
        return replace(self, **changes)

    def at_consensus(self) -> Case:
        """The same with every agent where its coalition ends, and attached to the opinion that it was attached to."""
        innate = self.opinions if self.innate is None and self.game.stubbornness else self.innate
        return self.replaced(opinions=floats(self.moment.after_tactics().x), innate=innate)

    def relabelled(self, new) -> Case:
        """The same with agent i called new[i]."""
        old = np.argsort(new)

        def part(given):
            if hasattr(given, "relabelled"):
                return given.relabelled(old)
            if hasattr(given, "weights"):
                return ej.weighted(given.weights[old])
            return [given[i] for i in old] if isinstance(given, list) else given

        return self.replaced(
            structure=[[new[i] for i in c] for c in self.coalitions],
            **{
                name: part(getattr(self, name))
                for name in ("opinions", "influence", "switching_cost", "stubbornness", "innate")
            },
        )


def floats(x):
    """Exact opinions as numbers or rows of numbers."""
    return [[float(y) for y in point] if isinstance(point, tuple) else float(point) for point in x]


# Strategies

numbers = st.one_of(
    st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1 / 3, 0.5, 1.0, 1.0 + 1e-9]),
    st.floats(-1.5, 1.5).map(lambda x: round(x, 6)),
    st.floats(-1.5, 1.5).filter(lambda x: x == 0 or abs(x) > 1e-60),  # no underflow
)
costs = st.one_of(st.just(0.0), st.sampled_from([-0.3, -0.02, 0.01, 0.05, 0.2, 1.0]), st.floats(-0.5, 0.5))
thresholds = st.sampled_from([-1.0, -0.05, -0.001, 0.0, 0.001, 0.02, 0.3])
rates = st.sampled_from([0.05, 0.3, 0.5, 0.9, 1.0])


@st.composite
def influences(draw, n):
    kind = draw(st.sampled_from(["uniform", "lazy", "weighted"]))
    if kind == "lazy":
        return ej.lazy(draw(rates))
    if kind == "weighted":
        weight = st.one_of(st.sampled_from([1.0, 2.0, 0.5]), st.floats(0.05, 20.0))
        return ej.weighted(draw(st.lists(weight, min_size=n, max_size=n)))
    return "uniform"


@st.composite
def structures(draw, n):
    """A partition of n agents, its coalitions in any order."""
    labels = draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    coalitions = [[i for i in range(n) if labels[i] == label] for label in sorted(set(labels))]
    return draw(st.permutations(coalitions))


@st.composite
def cases(draw, max_agents=6, min_agents=1, agreeing=None, cost=costs, acceptance=True):
    """A random model and structure; `agreeing` puts members at their consensus (by chance if None)."""
    n = draw(st.integers(min_agents, max_agents))
    case = Case(
        draw(st.lists(numbers, min_size=n, max_size=n)),
        draw(st.sampled_from(sorted(PERFORMANCES))),
        draw(cost),
        draw(st.sampled_from(["s", "s", *sorted(SCALES)])),
        draw(influences(n)),
        ej.unanimous(draw(thresholds)) if acceptance and draw(st.booleans()) else "open",
        draw(structures(n)),
    )
    at_consensus = draw(st.booleans()) if agreeing is None else agreeing
    return case.at_consensus() if at_consensus else case


# Every kind of model

FAMILIES = ("uniform", "lazy", "weighted", "network", "general")
RULES = ("open", "unanimous", "majority", "aggregate", "bounded confidence", "capacity", "adaptive")
COSTS = ("number", "terms")

links = st.one_of(st.just(0.0), st.just(0.0), st.sampled_from([1.0, 2.0, 0.5]), st.floats(0.1, 3.0))
loops = st.one_of(st.sampled_from([1.0, 0.5, 3.0]), st.floats(0.1, 3.0))
small = st.one_of(st.sampled_from([0.0, 0.02, -0.05, 0.3]), st.floats(-0.3, 0.3).map(lambda y: round(y, 6)))


@st.composite
def networks(draw, n):
    """A symmetric network, often disconnected, with loops of its own or without."""
    matrix = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = draw(links)
    if draw(st.booleans()):
        np.fill_diagonal(matrix, draw(st.lists(loops, min_size=n, max_size=n)))
        return Network(matrix.tolist(), sparse=draw(st.booleans()))
    return Network(matrix.tolist(), draw(loops), draw(st.booleans()))


@st.composite
def generals(draw, n):
    """Row-stochastic influence, often reducible."""
    matrix = np.array(draw(st.lists(st.lists(links, min_size=n, max_size=n), min_size=n, max_size=n)))
    np.fill_diagonal(matrix, draw(st.lists(loops, min_size=n, max_size=n)))
    return General((matrix / matrix.sum(axis=1, keepdims=True)).tolist(), draw(st.booleans()))


def influence_of(family, n):
    """Strategy for influence of a family."""
    if family == "lazy":
        return rates.map(ej.lazy)
    if family == "weighted":
        return st.lists(st.floats(0.1, 10.0), min_size=n, max_size=n).map(ej.weighted)
    return {"uniform": st.just("uniform"), "network": networks(n), "general": generals(n)}[family]


@st.composite
def stubbornness_of(draw, n):
    """One number for all, or one each; never none at all."""
    share = st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.75, 1.0])
    each = draw(st.one_of(st.sampled_from([0.1, 0.5, 1.0]), st.lists(share, min_size=n, max_size=n)))
    return each if each != [0.0] * n else [0.5] + [0.0] * (n - 1)


@st.composite
def charges(draw, n):
    """A term of a switching cost, for up to n coalition numbers (others cost nothing)."""
    length = draw(st.integers(1, n))
    kind = draw(st.sampled_from(["number", "agent", "coalition", "pair"]))
    row = st.lists(small, min_size=length, max_size=length)
    entries = {
        "number": small,
        "agent": st.lists(small, min_size=n, max_size=n),
        "coalition": row,
        "pair": st.lists(row, min_size=n, max_size=n),
    }[kind]
    return Charge(kind, draw(entries))


@st.composite
def switching_costs(draw, n):
    length = draw(st.integers(1, n))
    row = st.lists(small, min_size=length, max_size=length)
    between = draw(st.one_of(st.none(), st.lists(row, min_size=length, max_size=length)))
    return Charges(draw(small), draw(charges(n)), draw(charges(n)), draw(charges(n)), between)


@st.composite
def rules_of(draw, kind):
    """An acceptance rule of that kind."""
    if kind == "open":
        return Accept("open")
    if kind == "adaptive":
        name = draw(st.sampled_from(sorted(ADAPTIVE)))
        return Accept(name, draw(st.sampled_from(sorted(ADAPTIVE[name]))), draw(st.sampled_from([1.0, 0.5, 0.25])))
    threshold = {
        "bounded confidence": st.sampled_from([0.0, 0.3, 0.7, 1.1, 2.0]),
        "capacity": st.integers(1, 4),
    }.get(kind, thresholds)
    return Accept(kind, draw(threshold))


@st.composite
def opinions_of(draw, n, dimension, one=numbers):
    if dimension == 1:
        return draw(st.lists(one, min_size=n, max_size=n))
    return draw(st.lists(st.lists(one, min_size=dimension, max_size=dimension), min_size=n, max_size=n))


@st.composite
def kinds(
    draw,
    family=None,
    stubborn=None,
    rule="open",
    cost="number",
    max_agents=5,
    min_agents=1,
    discounted=False,
    dimension=None,
    scales=("s", *SCALES),
    performances=None,
    one=numbers,
):
    """A random model of the kind asked for (anything where it says None), and a structure."""
    n = draw(st.integers(min_agents, max_agents))
    family = draw(st.sampled_from(FAMILIES[: 2 if discounted else None])) if family is None else family
    stubborn = draw(st.booleans()) if stubborn is None else stubborn
    dimension = draw(st.sampled_from([1, 1, 2])) if dimension is None else dimension
    named = {1: sorted(PERFORMANCES), 2: sorted(PLANE)} if performances is None else performances
    case = Case(
        draw(opinions_of(n, dimension, one)),
        draw(st.sampled_from((QUADRATIC if discounted else named)[dimension])),
        draw(switching_costs(n) if cost == "terms" else costs),
        "s" if discounted else draw(st.sampled_from(scales)),
        draw(influence_of(family, n)),
        draw(rules_of(rule)),
        draw(structures(n)),
        draw(stubbornness_of(n)) if stubborn and not discounted else 0.0,
        draw(st.one_of(st.none(), opinions_of(n, dimension, one))) if stubborn and not discounted else None,
        draw(st.sampled_from([0.0, 0.3, 0.5, 0.9])) if discounted else None,
    )
    return case.at_consensus() if draw(st.booleans()) else case
