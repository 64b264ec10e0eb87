"""Cases: random models together with the game that the oracle knows them as."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

import mpmath
import numpy as np
from hypothesis import strategies as st

import exitjoin as ej

from .oracle import Game, Moment

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


@dataclass(frozen=True)
class Case:
    """What a model is made of, and a structure; `model` is the project's, `game` the oracle's."""

    opinions: list[float]
    performance: str = "-u**2"
    switching_cost: float = 0.0
    scale: str = "s"
    influence: object = "uniform"
    acceptance: object = "open"
    structure: list | None = None  # singletons

    @property
    def coalitions(self) -> list[list[int]]:
        return [[i] for i in range(len(self.opinions))] if self.structure is None else self.structure

    @cached_property
    def model(self) -> ej.Model:
        return ej.Model(
            self.opinions, self.performance, self.switching_cost, self.scale, self.influence, self.acceptance
        )

    @cached_property
    def game(self) -> Game:
        threshold = 0.0 if self.acceptance == "unanimous" else getattr(self.acceptance, "threshold", None)
        return Game(
            PERFORMANCES[self.performance],
            SCALES[self.scale],
            tuple(map(Fraction, getattr(self.influence, "weights", np.ones(len(self.opinions))).tolist())),
            Fraction(self.switching_cost),
            None if threshold is None else Fraction(threshold),
            Fraction(getattr(self.influence, "rate", 1.0)),
        )

    @cached_property
    def moment(self) -> Moment:
        return Moment(self.game, self.opinions, self.coalitions)

    @cached_property
    def tolerance(self) -> Fraction:
        return Fraction(ej.tie_tolerance(self.model))

    def tolerance_at(self, moment: Moment) -> Fraction:
        """The documented tolerance at the opinions of another moment."""
        return Fraction(ej.tie_tolerance(self.model.replace(opinions=[float(y) for y in moment.x])))

    def replaced(self, **changes) -> "Case":
        return replace(self, **changes)

    def at_consensus(self) -> "Case":
        """The same with every agent at the consensus of its coalition."""
        return self.replaced(opinions=[float(y) for y in self.moment.after_tactics().x])


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
