"""Thresholds of a structure: formulas of the model, and stability on a fine grid recomputed from the definitions."""

import dataclasses
import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exitjoin as ej
from numerics.programs import thresholds as program
from numerics.programs.crossings import isolate, zeros
from numerics.programs.thresholds import Thresholds

GRID = 20001
NEAR = 1e-9  # of the range, about a threshold: stability next to it is compared at value - error and value + error
TIE = 1e-12  # of the oracle, whose numbers are of the order of 1

PERFORMANCES = {
    "-u**2": lambda u: -(u**2),
    "3 - (u - 1/3)**2": lambda u: 3 - (u - 1 / 3) ** 2,
    "-(u**2 - 1)**2": lambda u: -((u**2 - 1) ** 2),
    "u**3 - u": lambda u: u**3 - u,
    "0.02*u**7 - u": lambda u: 0.02 * u**7 - u,
    "exp(-u**2)": lambda u: np.exp(-(u**2)),
    "1/(1 + 9*u**2)": lambda u: 1 / (1 + 9 * u**2),
    "sin(3*u)": lambda u: np.sin(3 * u),
    "abs(u - 0.25)": lambda u: np.abs(u - 0.25),
    "-abs(u)": lambda u: -np.abs(u),
}


def thresholds(*arguments, at="consensus", **others):
    """Thresholds once coalitions have reached consensus, unless a test says otherwise."""
    return program.thresholds(*arguments, at=at, **others)


@dataclasses.dataclass
class Oracle:
    """Stability at many points at once, from the definitions, in floating point.

    x (P, n) opinions; listens (n, n) or (P, n, n), positive where agents listen to each other.
    """

    x: np.ndarray
    phi: object
    structure: list
    cost: np.ndarray | float = 0.0
    rule: tuple = ("open", 0.0)
    listens: np.ndarray | None = None
    lazy: np.ndarray | float = 1.0
    stubborn: np.ndarray | None = None
    innate: np.ndarray | None = None
    discount: np.ndarray | float | None = None

    def __post_init__(self):
        n = self.x.shape[1]
        self.listens = np.ones((n, n)) if self.listens is None else self.listens
        self.innate = self.x if self.innate is None else self.innate
        self.known, self.limits, self.payoffs = {}, {}, {}

    def components(self, members):
        left, found = list(members), []
        while left:
            part, todo = set(), [left[0]]
            while todo:
                i = todo.pop()
                part.add(i)
                todo += [j for j in left if j not in part and self.listens[i, j] + self.listens[j, i] > 0]
            found.append(sorted(part))
            left = [i for i in left if i not in part]
        return found

    def limit(self, members):
        """(P, k) where the members of a connected coalition end."""
        if tuple(members) not in self.limits:
            self.limits[tuple(members)] = self.computed_limit(members)
        return self.limits[tuple(members)]

    def computed_limit(self, members):
        W = self.listens[np.ix_(members, members)]
        W = W / W.sum(axis=1, keepdims=True)
        s = np.zeros(len(members)) if self.stubborn is None else self.stubborn[members]
        if not s.any():
            return self.x[:, members] @ np.linalg.matrix_power(W, 2**14).T
        rate = np.broadcast_to(self.lazy, len(self.x))[:, None, None]
        lazy = (1 - rate) * np.eye(len(members)) + rate * W
        right = s * self.innate[:, members]
        return np.linalg.solve(np.eye(len(members)) - (1 - s)[:, None] * lazy, right[:, :, None])[:, :, 0]

    def value(self, members):
        members = tuple(sorted(members))
        if members not in self.known:
            total = np.zeros(len(self.x))
            for part in self.components(members):
                total += self.phi(self.limit(part)).sum(axis=1)  # g(s) = s
            if self.discount is not None and members:
                beta = (1 - self.discount) / (1 - self.discount * (1 - self.lazy) ** 2)
                total = beta * self.phi(self.x[:, list(members)]).sum(axis=1) + (1 - beta) * total
            self.known[members] = total
        return self.known[members]

    def payoff(self, i, coalition):
        key = i, frozenset(coalition)
        if key not in self.payoffs:
            self.payoffs[key] = self.computed_payoff(i, coalition)
        return self.payoffs[key]

    def computed_payoff(self, i, coalition):
        others, k = [j for j in coalition if j != i], len(coalition)
        return sum(
            math.factorial(len(S)) * math.factorial(k - 1 - len(S)) / math.factorial(k)
            * (self.value((*S, i)) - self.value(S))
            for r in range(k) for S in combinations(others, r)
        )  # fmt: skip

    def is_stable(self):
        unstable = np.zeros(len(self.x), dtype=bool)
        for C in self.structure:
            for i in C:
                for D in [D for D in self.structure if D is not C] + [[]]:
                    gain = self.payoff(i, [*D, i]) - self.payoff(i, C)
                    unstable |= (gain > self.cost + TIE) & self.accepts(i, D)
        return ~unstable

    def accepts(self, i, D):
        name, threshold = self.rule
        if not D or name == "open":
            return True
        if name == "capacity":
            return len(D) < threshold
        if name == "bounded confidence":
            ends = np.concatenate([self.limit(part) for part in self.components(D)], axis=1)
            order = [j for part in self.components(D) for j in part]
            return np.abs(self.x[:, i] - np.average(ends, axis=1, weights=self.weights(order))) <= threshold + TIE
        gained = np.array([self.payoff(j, [*D, i]) - self.payoff(j, D) for j in D])
        if name == "aggregate":
            return gained.mean(axis=0) >= threshold - TIE
        content = (gained >= threshold - TIE).sum(axis=0)
        return content == len(D) if name == "unanimous" else 2 * content > len(D)

    def weights(self, order):
        rows = self.listens[order]
        is_rank_one = np.ptp(rows, axis=0).max() == 0  # everyone listens to j with the same weight
        return self.listens[0][order] if is_rank_one else np.ones(len(order))

    def at_consensus(self):
        after = np.array(self.x)
        for C in self.structure:
            for part in self.components(C):
                after[:, part] = self.limit(part)
        return dataclasses.replace(self, x=after, innate=self.innate)


def on_grid(found, count=GRID):
    return np.linspace(found.low, found.high, count)


def assert_agrees(found: Thresholds, p, expected):
    """Stability at the points p is what the thresholds say, but for the neighbourhood of thresholds and touches."""
    near = NEAR * (found.high - found.low)
    clear = np.ones(len(p), dtype=bool)
    for value, error in zip(found.values, found.errors, strict=True):
        clear &= np.abs(p - value) > max(error, near)
    for touch in found.touches:
        clear &= np.abs(p - touch) > 1e-5
    edges = np.array([low for interval in found.stable for low in interval])
    said = np.searchsorted(edges, p, side="right") % 2 == 1
    said[p == found.high] = bool(found.stable) and found.stable[-1][1] == found.high
    assert all(found.is_stable(float(q)) == s for q, s in list(zip(p, said, strict=True))[::500])
    wrong = clear & (said != expected)
    assert not wrong.any(), (p[wrong][:5], found)
    assert clear.mean() > 0.9
    ends = [end for interval in found.stable for end in interval]
    assert all(ends.count(value) == 1 for value in found.values)  # stable on one side only
    assert sorted(ends) == ends


def rng_case(seed, n=4):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=n)


NETWORK = np.array([[1.0, 0.5, 2.0, 0], [0.5, 1.0, 0, 0], [2.0, 0, 1.0, 1.0], [0, 0, 1.0, 1.0]])
SHARES = np.array([[0.5, 0.2, 0.2, 0.1], [0.1, 0.6, 0.1, 0.2], [0.3, 0.3, 0.2, 0.2], [0.25, 0.25, 0.25, 0.25]])
WEIGHTS = np.array([1.0, 2.5, 0.5, 1.5])
FAMILIES = {
    "uniform": ("uniform", None),
    "weighted": (ej.weighted(WEIGHTS), np.tile(WEIGHTS, (4, 1))),
    "network": (ej.network(NETWORK), NETWORK),
    "general": (ej.general(SHARES), SHARES),
}
RULES = {
    "open": "open",
    "unanimous": ej.unanimous(0.02),
    "majority": ej.majority(0.02),
    "aggregate": ej.aggregate(0.02),
    "bounded confidence": ej.bounded_confidence(0.8),
    "capacity": ej.capacity(2),
}


@pytest.mark.parametrize("at", ["consensus", "opinions"])
@pytest.mark.parametrize("parameter", ["opinions[1]", "theta"])
@pytest.mark.parametrize(
    ("performance", "family", "rule", "cost"),
    [
        ("-u**2", "uniform", "open", 0.05),
        ("3 - (u - 1/3)**2", "weighted", "unanimous", 0.01),
        ("-(u**2 - 1)**2", "uniform", "majority", 0.2),
        ("-(u**2 - 1)**2", "network", "open", 0.3),
        ("u**3 - u", "general", "aggregate", 0.1),
        ("0.02*u**7 - u", "uniform", "bounded confidence", 0.05),
        ("exp(-u**2)", "uniform", "open", 0.05),
        ("exp(-u**2)", "weighted", "bounded confidence", 0.02),
        ("1/(1 + 9*u**2)", "network", "unanimous", 0.02),
        ("sin(3*u)", "uniform", "capacity", 0.3),
    ],
)
def test_intervals_are_those_of_a_fine_grid(performance, family, rule, cost, parameter, at):
    influence, listens = FAMILIES[family]
    _, x = rng_case(len(performance))
    structure = [[0, 1], [2, 3]] if rule != "capacity" else [[0, 1], [2], [3]]
    model = ej.Model(x, performance, cost, influence=influence, acceptance=RULES[rule])
    found = thresholds(model, structure, parameter, at=at)
    assert found.status == "complete"
    p = on_grid(found)
    points = np.tile(x, (len(p), 1))
    if parameter == "theta":
        phi = PERFORMANCES[performance]
        oracle = Oracle(points, lambda u: phi(u - p[:, None]), structure, cost)
    else:
        points[:, 1] = p
        oracle = Oracle(points, PERFORMANCES[performance], structure, cost)
    oracle.listens = np.ones((4, 4)) if listens is None else listens
    oracle.rule = (rule, getattr(RULES[rule], "threshold", 0.0))
    assert_agrees(found, p, (oracle.at_consensus() if at == "consensus" else oracle).is_stable())


@pytest.mark.parametrize(("performance", "rule", "cost", "at", "parameter"), [
    ("abs(u - 0.25)", "open", 0.02, "consensus", "opinions[1]"),
    ("abs(u - 0.25)", "open", 0.02, "opinions", "theta"),
    ("-abs(u)", "aggregate", 0.0, "consensus", "theta"),  # gains are exactly 0 while all opinions are on one side
    ("-abs(u)", "open", 0.0, "opinions", "opinions[1]"),
])  # fmt: skip
def test_kinks(performance, rule, cost, at, parameter):
    test_intervals_are_those_of_a_fine_grid(performance, "uniform", rule, cost, parameter, at)


def test_the_grid_has_thresholds_of_every_kind():
    """The cases above are not empty: all of their kinds of answer occur."""
    kinds, changes = set(), set()
    for seed in range(12):
        rng, x = rng_case(seed)
        model = ej.Model(x, rng.choice(["-u**2", "exp(-u**2)"]), 0.05, acceptance=ej.unanimous(0.02))
        found = thresholds(model, [[0, 1], [2, 3]], "opinions[1]", at="opinions")
        kinds.add(len(found.values) > 1)
        changes |= {binding.change for moves in found.binding for binding in moves}
    assert kinds == {True, False}
    assert {"gain", "acceptance"} <= changes


@pytest.mark.parametrize("at", ["consensus", "opinions"])
def test_rate_of_stubborn_agents(at):
    """Gains are no polynomials in the rate, and pieces are halved towards 0."""
    x, stubborn = np.array([0.0, 1.0, -0.7, 2.0]), np.array([0.1, 0.0, 0.3, 0.05])
    model = ej.Model(x, "-u**2", 0.02, influence=ej.lazy(0.5), stubbornness=stubborn)
    found = thresholds(model, [[0, 1], [2, 3]], "influence.rate", at=at)
    p = on_grid(found, 2001)
    oracle = Oracle(np.tile(x, (len(p), 1)), lambda u: -(u**2), [[0, 1], [2, 3]], 0.02, lazy=p, stubborn=stubborn)
    assert_agrees(found, p, (oracle.at_consensus() if at == "consensus" else oracle).is_stable())
    assert "Chebyshev resolution" in found.complete


@pytest.mark.parametrize("parameter", ["opinions[0]", "theta"])
def test_opinions_that_stubborn_agents_hold_on_to(parameter):
    """θ moves away from innate opinions too; an opinion that is also innate takes it along."""
    x, stubborn = np.array([0.0, 1.0, -0.7, 2.0]), np.array([0.5, 0.0, 0.3, 0.1])
    model = ej.Model(x, "-(u**2 - 1)**2", 2.0, stubbornness=stubborn)
    found = thresholds(model, [[0, 1], [2, 3]], parameter)
    p = on_grid(found, 2001)
    points, phi = np.tile(x, (len(p), 1)), PERFORMANCES["-(u**2 - 1)**2"]
    if parameter == "opinions[0]":
        points[:, 0] = p
    shift = p[:, None] if parameter == "theta" else 0.0
    oracle = Oracle(points, lambda u: phi(u - shift), [[0, 1], [2, 3]], 2.0, stubborn=stubborn)
    assert len(found.values) > 1
    assert_agrees(found, p, oracle.at_consensus().is_stable())


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_majorities_that_are_not_unanimous(seed):
    _, x = rng_case(seed, 5)
    model = ej.Model(x, "-(u**2 - 1)**2", 0.1, acceptance=ej.majority(0.05))
    structure = [[0, 1, 2], [3, 4]]
    found = thresholds(model, structure, "opinions[1]", at="opinions")
    p = on_grid(found, 2001)
    points = np.tile(x, (len(p), 1))
    points[:, 1] = p
    assert_agrees(
        found, p, Oracle(points, PERFORMANCES["-(u**2 - 1)**2"], structure, 0.1, ("majority", 0.05)).is_stable()
    )


@pytest.mark.parametrize("parameter", ["influence.rate", "discount"])
@pytest.mark.parametrize("at", ["consensus", "opinions"])
def test_discount_and_rate_on_a_grid(parameter, at):
    x = np.array([0.0, 0.4, 1.5, 2.2])
    model = ej.Model(x, "-u**2", 0.3, influence=ej.lazy(0.4), discount=0.8, acceptance=ej.unanimous(0.05))
    found = thresholds(model, [[0, 1], [2, 3]], parameter, at=at)
    p = on_grid(found, 2001)
    rate, discount = (p, 0.8) if parameter == "influence.rate" else (0.4, p)
    oracle = Oracle(np.tile(x, (len(p), 1)), lambda u: -(u**2), [[0, 1], [2, 3]], 0.3, ("unanimous", 0.05))
    oracle.lazy, oracle.discount = rate, discount
    assert_agrees(found, p, (oracle.at_consensus() if at == "consensus" else oracle).is_stable())
    assert found.complete.startswith("rational of degree")


@pytest.mark.parametrize(("m", "rho", "cost"), [(1, 0.9, 0.1), (3, 0.5, 0.2), (4, 0.99, 0.4), (2, 0.7, 0.6)])
def test_least_rate_at_which_a_coalition_forms(m, rho, cost):
    """S12: ε* = 1 - √((ρ-r)/(ρ(1-r))), r = κ/(δ²(1 - H_{m+1}/(m+1))); one agent against m, who gain less by leaving."""
    delta = 1.3
    share = 1 - sum(1 / s for s in range(1, m + 2)) / (m + 1)
    model = ej.Model([delta] + [0.0] * m, "1 - u**2", cost, influence=ej.lazy(0.5), discount=rho)
    found = thresholds(model, [[0], list(range(1, m + 1))], "influence.rate")
    r = cost / (delta**2 * share)
    if r >= rho:
        assert found.values == ()
        return
    expected = 1 - math.sqrt((rho - r) / (rho * (1 - r)))
    assert found.values == pytest.approx([expected], abs=1e-11)
    assert found.stable == ((found.low, found.values[0]),)
    assert found.binding[0][0].agent == 0
    assert found.binding[0][0].target == tuple(range(1, m + 1))
    assert found.nearest().stable == (expected > 0.5)
    # the same boundary, seen along ρ at that rate
    along = thresholds(model.replace(influence=ej.lazy(expected)), [[0], list(range(1, m + 1))], "discount")
    assert along.values == pytest.approx([rho], abs=1e-11)
    assert along.stable == ((0.0, along.values[0]),)


def test_threshold_of_no_rate():
    """The last case of S12 has a threshold, and one at which r exceeds ρ has none."""
    model = ej.Model([1.0, 0.0], "-u**2", 0.2, influence=ej.lazy(0.5), discount=0.7)
    assert thresholds(model, [[0], [1]], "influence.rate").values == ()
    assert len(thresholds(model.replace(switching_cost=0.1), [[0], [1]], "influence.rate").values) == 1


@pytest.mark.parametrize("at", ["consensus", "opinions"])
@pytest.mark.parametrize("rule", RULES)
def test_cost_is_the_critical_cost(rule, at):
    for seed in range(6):
        rng, x = rng_case(seed, 6)
        performance = rng.choice(list(PERFORMANCES))
        model = ej.Model(x, performance, float(rng.normal()), acceptance=RULES[rule])
        structure = [[0, 4], [1], [2, 3, 5]]
        limit = model if at == "opinions" else model.replace(opinions=ej.tactical_limit(model, structure))
        critical = ej.critical_cost(limit, structure)
        found = thresholds(model, structure, at=at)
        if not found.low < critical < found.high:  # no accepted move at all
            assert critical == -np.inf
            assert (found.values, found.stable) == ((), ((found.low, found.high),))
            continue
        assert found.values == (critical,)
        assert found.stable == ((critical, found.high),)
        assert found.errors[0] < 1e-10
        assert all(binding.change == "gain" for binding in found.binding[0])


def test_critical_cost_of_a_structure_at_consensus():
    """S8: κ* = max δ² (1 - H_{m+1}/(m+1)), exactly."""
    x, structure = [0, 1, 3, 3, 7, 2], [[0, 1], [2, 3, 4], [5]]
    means = [Fraction(sum(x[i] for i in C), len(C)) for C in structure]
    expected = max(
        (means[a] - means[b]) ** 2 * (1 - sum(Fraction(1, s) for s in range(1, len(D) + 2)) / (len(D) + 1))
        for a in range(3)
        for b, D in enumerate(structure)
        if a != b
    )
    found = thresholds(ej.Model([float(y) for y in x], "-u**2", 0.1), structure)
    assert found.values == pytest.approx([float(expected)], rel=1e-14)
    assert {binding.target for binding in found.binding[0]} == {(2, 3, 4)}
    assert {binding.agent for binding in found.binding[0]} == {0, 1}


def test_opinion_at_which_a_structure_breaks():
    """S1 in one opinion: a pair and a triple hold while |δ| ≤ √(κ/(1 - H_4/4)); one of the pair moves c by half."""
    radius = math.sqrt(0.25 / (1 - (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4))  # into the triple, where an entrant gains most
    found = thresholds(ej.Model([0.0, 0.5, 1.0, 1.0, 1.0], "5 - (u - 9)**2", 0.25), [[0, 1], [2, 3, 4]], "opinions[0]")
    expected = [2 * (1 - radius) - 0.5, 2 * (1 + radius) - 0.5]
    assert found.values == pytest.approx(expected[:1] if expected[1] > found.high else expected, abs=1e-11)
    wide = thresholds(ej.Model([0.0, 0.5, 1.0, 1.0, 1.0], "-u**2", 0.25), [[0, 1], [2, 3, 4]], "opinions[0]", -9, 9)
    assert wide.values == pytest.approx(expected, abs=1e-11)
    assert wide.stable == (wide.values,)
    assert wide.nearest(4.0).side in ("above", "below")
    assert wide.nearest(wide.values[0]).side == "at"
    assert wide.nearest(-8.5).distance == pytest.approx(expected[0] + 8.5)


@pytest.mark.parametrize(("rule", "parameter"), [
    ("unanimous", "acceptance.threshold"), ("majority", "acceptance.threshold"), ("aggregate", "acceptance.threshold"),
    ("bounded confidence", "acceptance.radius"), ("capacity", "acceptance.members"),
])  # fmt: skip
@pytest.mark.parametrize("at", ["consensus", "opinions"])
@pytest.mark.parametrize("seed", range(3))
def test_acceptance_on_a_grid(rule, parameter, at, seed):
    _, x = rng_case(seed)
    model = ej.Model(x, "exp(-u**2)", 0.01, acceptance=RULES[rule])
    structure = [[0, 1], [2, 3]]
    found = thresholds(model, structure, parameter, at=at)
    p = on_grid(found, 201) if rule != "capacity" else np.arange(1.0, found.high)
    expected = []
    oracle = Oracle(x[None], PERFORMANCES["exp(-u**2)"], structure, 0.01)
    oracle = oracle.at_consensus() if at == "consensus" else oracle
    for q in p:
        oracle.rule = (rule, q)
        expected.append(bool(oracle.is_stable()[0]))
    near = [np.min(np.abs(p - value)) for value in found.values]
    if rule == "capacity":
        assert [found.is_stable(q) for q in p] == expected
        assert all(value % 1 == 0.5 for value in found.values)
    elif not near or min(near) > 1e-9:
        assert_agrees(found, p, np.array(expected))
    assert all(binding.change == "acceptance" for moves in found.binding for binding in moves)


def test_vectors():
    """Thresholds in one coordinate of one opinion, and of the target; for a quadratic φ gaps alone count."""
    model = ej.Model([[0.0, 0.0], [0.0, 2.0]], "-u1**2 - u2**2", 0.5)
    found = thresholds(model, [[0], [1]], "opinions[1][1]")
    assert found.values == pytest.approx([-math.sqrt(2), math.sqrt(2)], abs=1e-12)  # δ²/4 = 1/2
    tilted = thresholds(model.replace(opinions=[[0.0, 0.0], [1.0, 2.0]]), [[0], [1]], "opinions[1][1]")
    assert tilted.values == pytest.approx([-1, 1], abs=1e-12)
    assert thresholds(model, [[0], [1]], "theta[0]").values == ()
    bell = model.replace(performance="exp(-u1**2)*(3 + u2)", switching_cost=0.1)
    found = thresholds(bell, [[0], [1]], "opinions[0][0]")
    direct = [not ej.moves(bell.replace(opinions=[[q, 0.0], [0.0, 2.0]]), [[0], [1]]).admissible.any()
              for q in on_grid(found, 301)]  # fmt: skip
    assert_agrees(found, on_grid(found, 301), np.array(direct))
    assert len(found.values) > 0


def test_costs_that_depend_on_the_move():
    """Only the base varies: the threshold is the greatest gain less the rest of the cost of that move."""
    cost = ej.switching_cost(0.1, exit=ej.per_agent([0.5, 0.0]), entry=ej.per_coalition([0.0, 0.25]))
    found = thresholds(ej.Model([0.0, 2.0], "-u**2", cost), [[0], [1]])
    assert found.values == (1.0,)  # agent 1 pays the base alone, agent 0 three quarters more
    assert [binding.agent for binding in found.binding[0]] == [1]
    assert found.current == 0.1


def test_an_adaptive_rule_is_taken_at_its_start():
    x = [0.0, 0.3, 1.0, 1.5]
    fixed = ej.Model(x, "-u**2", 0.01, acceptance=ej.unanimous(0.02))
    adapts = fixed.replace(acceptance=ej.adaptive("unanimous", "0.02*(1 + entries)"))
    found, expected = (thresholds(model, [[0, 1], [2, 3]], "opinions[0]") for model in (adapts, fixed))
    assert found.values == expected.values
    assert len(found.values) > 0
    with pytest.raises(ej.InputError, match="a rule that has one number"):
        thresholds(adapts, [[0, 1], [2, 3]], "acceptance.threshold")


def test_touches_and_ties():
    """κ = 0, two agents: unstable unless they agree, where the gain is a tie."""
    model = ej.Model([0.5, 2.0], "-u**2", 0.0)
    found = thresholds(model, [[0], [1]], "opinions[0]")
    assert found.values == ()
    assert found.stable == ()
    assert found.touches == pytest.approx((2.0,), abs=1e-7)
    assert found.is_stable(found.touches[0])
    assert not found.is_stable(0.5)
    assert found.nearest().side == "none"
    # everything is a tie: linear φ, so that no gain depends on anything
    still = thresholds(model.replace(performance="3*u - 1"), [[0], [1]], "opinions[0]")
    assert (still.values, still.touches, still.stable) == ((), (), ((still.low, still.high),))
    # a gain that touches the cost from below: δ²/4 - κ with δ = 2 at the most, φ(u) = u³ - 3u² - … is not needed
    touching = ej.Model([0.0, 1.0], "-(u**2 - 1)**2", 0.0)
    above = thresholds(touching, [[0], [1]], "opinions[0]", -3, 3)
    assert_agrees(
        above,
        on_grid(above),
        Oracle(
            np.column_stack([on_grid(above), np.ones(GRID)]), PERFORMANCES["-(u**2 - 1)**2"], [[0], [1]], 0.0
        ).is_stable(),
    )


def test_a_gain_that_touches_the_cost_changes_nothing():
    """φ = -(u²-1)², agents at p and 1: at a cost of the greatest gain between two crossings, they merge and vanish."""
    gain = lambda p: (2 * -((((p + 1) / 2) ** 2 - 1) ** 2) + (p**2 - 1) ** 2) / 2  # noqa: E731
    p = np.linspace(-1, 1, 200001)
    top, best = float(np.max(gain(p))), float(p[np.argmax(gain(p))])
    model = ej.Model([0.0, 1.0], "-(u**2 - 1)**2", top)
    for shift, count in ((-1e-6, 2), (1e-6, 0)):
        found = thresholds(model.replace(switching_cost=top + shift), [[0], [1]], "opinions[0]", -1, 1)
        assert len(found.values) == count
        assert all(abs(value - best) < 0.01 for value in found.values)


def test_agents_that_agree_and_single_agents():
    alone = ej.Model([1.0], "-u**2")
    for parameter in ("switching_cost", "opinions[0]", "theta"):
        found = thresholds(alone, [[0]], parameter)
        assert (found.values, found.stable) == ((), ((found.low, found.high),))
    found = thresholds(ej.Model([1.0, 1.0, 1.0], "-u**2", 0.1), [[0, 1], [2]], "opinions[2]", -5, 5)
    assert len(found.values) == 2


def test_symmetric_moves_are_all_named():
    found = thresholds(ej.Model([0.0, 0.0, 2.0], "-u**2", 0.7), [[0], [1], [2]], "opinions[2]", 0, 3)
    assert found.values == pytest.approx([math.sqrt(2.8)], abs=1e-11)  # δ²/4 = 0.7
    assert {(b.agent, b.target) for b in found.binding[0]} == {(0, (2,)), (1, (2,)), (2, (0,)), (2, (1,))}
    assert str(found.binding[0][0]) == "agent 0 leaves {0} and joins {2}: gain"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"parameter": "kappa"}, "parameter", '"switching_cost"'),
        ({"parameter": 3}, "parameter", "is not a parameter"),
        ({"parameter": "opinions[3]"}, "parameter", "up to"),
        ({"parameter": "opinions[0][0]"}, "parameter", "no single entry"),
        ({"parameter": "theta[0]"}, "parameter", "no single entry"),
        ({"parameter": "acceptance.threshold"}, "parameter", "open acceptance"),
        ({"parameter": "influence.rate"}, "parameter", "weighted influence"),
        ({"parameter": "discount"}, "parameter", "not part of the model"),
        ({"at": "limit"}, "at", "consensus"),
        ({"low": 2.0, "high": 1.0}, "low", "not below"),
        ({"low": math.nan}, "low", "finite"),
        ({"structure": [[0]]}, "structure", "leaves out"),
        ({"parameter": "opinions[0]", "low": -1.0}, "low", "is not finite"),
    ],
)
def test_bad_input(changes, field, text):
    model = ej.Model([1.0, 2.0, 3.0], "log(u)", influence=ej.weighted([1.0, 2.0, 3.0]))
    asked = {"structure": [[0, 1], [2]], **changes}
    with pytest.raises(ej.InputError, match=text) as caught:
        thresholds(model, **asked)
    assert caught.value.field == field


def test_values_outside_the_range():
    found = thresholds(ej.Model([0.0, 2.0], "-u**2", 0.25), [[0], [1]], low=0.5, high=2.0)
    assert found.values == (1.0,)
    with pytest.raises(ej.InputError, match="outside the range"):
        found.nearest()
    rule = ej.Model([0.0, 2.0], "-u**2", acceptance=ej.bounded_confidence(1.0))
    with pytest.raises(ej.InputError, match="no value of acceptance"):
        thresholds(rule, [[0], [1]], "acceptance.radius", low=-1.0)
    with pytest.raises(ej.InputError, match=r"acceptance\.radius"):
        thresholds(rule, [[0], [1]], "acceptance.threshold")
    assert "every move" in found.guarantee


# Crossings by themselves


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True), st.floats(-1.0, 1.0))
def test_all_roots_of_polynomials_are_found(roots, shift):
    """Π (p - r_i): every root in the range, and none elsewhere; double roots as touches."""
    points = [root / 10 + shift / 7 for root in roots]

    def functions(p):
        f = math.prod(p - r for r in points)
        return np.array([f, f * (p - points[0]), 1 + f * f]), np.full(3, 1e-13)

    found = isolate(functions, -1.5, 1.0, degree=2 * len(points))
    near = sorted({round(lo, 6) for lo, hi in found.brackets})
    expected = sorted(r for r in points if -1.5 <= r <= 1.0)
    assert all(lo == hi for lo, hi in found.brackets)
    assert all(min(abs(p - r) for r in points) < 1e-5 for p in near)  # a root just beyond an end is seen at the end
    assert all(min((abs(p - r) for p in near), default=1.0) < 1e-5 for r in expected)
    assert found.unfinished == []


def test_zeros_of_a_double_root_are_seen_however_it_is_rounded():
    for noise in (-1e-15, 0.0, 1e-15):
        c = np.array([0.5 + 0.09 + noise, -0.6, 0.5])  # (t - 0.3)²
        assert min(abs(t - 0.3) for t in zeros(c, 1e-14)) < 1e-6


def test_a_kink_is_bracketed_and_a_step_too_narrow_is_not_claimed():
    found = isolate(lambda p: (np.array([abs(p - 0.3) - 1e-3, abs(p + 0.7)]), np.full(2, 1e-14)), -1.0, 1.0)
    at = [0.5 * (lo + hi) for lo, hi in found.brackets]
    for expected in (0.299, 0.301, -0.7):
        assert min(abs(p - expected) for p in at) < 1e-10
    stopped = isolate(lambda p: (np.array([abs(p - 0.3)]), np.full(1, 1e-14)), -1.0, 1.0, max_evaluations=200)
    assert any(lo <= 0.3 <= hi for lo, hi in stopped.unfinished)
    assert stopped.evaluations <= 200


def test_smooth_functions_that_are_no_polynomials():
    found = isolate(lambda p: (np.array([math.sin(40 * p), math.exp(5 * p) - 2]), np.full(2, 1e-14)), -0.01, 1.0)
    at = np.array([lo for lo, hi in found.brackets])
    for expected in [*(np.pi / 40 * np.arange(13)), math.log(2) / 5]:
        assert np.min(np.abs(at - expected)) < 1e-13
    assert len(at) <= 16  # some twice, where pieces meet
    fast = isolate(lambda p: (np.array([math.sin(400 * p) + p / 4]), np.full(1, 1e-14)), 0.0, 1.0)
    at = np.unique([round(lo, 10) for lo, hi in fast.brackets])
    p = np.linspace(0, 1, 100001)
    signs = np.sign(np.sin(400 * p[1:]) + p[1:] / 4)
    assert len(at) == 1 + np.count_nonzero(np.diff(signs))  # and 0 itself
    assert np.max(np.abs(np.sin(400 * at) + at / 4)) < 1e-7


def test_errors_stay_in_the_range():
    """Where a threshold is no farther from an end than a tie reaches, the point tried there is that end."""
    near = thresholds(ej.Model([1000.0, 1002.0], "-u**2", 1.0), [[0], [1]], low=0.5, high=1 + 1e-8)
    assert near.values == pytest.approx([1.0], abs=1e-6)
    assert max(near.errors) < 1e-6  # about the tolerance of ties at opinions near 1000, not half of the range
    model = ej.Model([10.0, 12.0], "-u**2", 0.5, influence=ej.lazy(0.5), discount=0.5)
    for part in (0.5, 1 / 0.74, 1.0, 2.0):
        found = thresholds(
            model.replace(switching_cost=0.5 - part * ej.tie_tolerance(model)), [[0], [1]], "influence.rate"
        )
        assert all(error <= found.high - found.low for error in found.errors)
