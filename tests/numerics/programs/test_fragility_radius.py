"""The fragility radius against search over all opinions from the definitions, closed forms, and its certificates."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

import exitjoin as ej
from numerics.consensus import tactical_limit
from numerics.moves import moves
from numerics.partitions import labels_of
from numerics.programs import fragility_s_lemma as s_lemma
from numerics.programs.fragility_cases import Cases
from numerics.programs.fragility_radius import fragility_radius
from numerics.programs.fragility_search import CurvatureTable, Found, Region, branch_and_bound, local_search
from theory import lyapunov
from theory.errors import InputError

# --- The slow way: gains as sums over all subsets, and a search over the opinions of all agents --------------------


class Definition:
    """Gains at consensus as Σ α_j φ(row_j · x), from powers of W and Shapley's formula; g(s) = s."""

    def __init__(self, A, structure):
        self.A, self.n = np.array(A, dtype=float), len(A)
        self.structure = [list(part) for part in structure]
        self.limit = sum(self.power(part) for part in self.structure)

    def power(self, members):
        """W_S^(2^60), zero outside S."""
        W = np.zeros((self.n, self.n))
        inside = np.ix_(members, members)
        W[inside] = self.A[inside] / self.A[inside].sum(axis=1, keepdims=True)
        for _ in range(60):
            W = W @ W
            W[members] /= W[members].sum(axis=1, keepdims=True)
        return W

    def value(self, members):
        """(α, rows) of v(S) = Σ_i φ(z_i): for g(s) = s, whichever components S has."""
        return [(1.0, row) for row in self.power(members)[members]] if members else []

    def payoff(self, agent, members):
        """(α, rows) of the Shapley value of an agent."""
        others, k, out = [j for j in members if j != agent], len(members), []
        for size in range(k):
            weight = math.factorial(size) * math.factorial(k - 1 - size) / math.factorial(k)
            for S in combinations(others, size):
                out += [(weight * a, row) for a, row in self.value(sorted([*S, agent]))]
                out += [(-weight * a, row) for a, row in self.value(list(S))]
        return out

    def conditions(self, agent, left, joined):
        """(α, rows) of the agent's gain, then of each incumbent's, as functions of x."""
        target = [] if joined is None else self.structure[joined]
        after = sorted([*target, agent])
        found = []
        for who, before in [(agent, self.structure[left]), *((j, target) for j in target)]:
            terms = self.payoff(who, after) + [(-a, row) for a, row in self.payoff(who, before)]
            alpha, rows = zip(*terms, strict=True)
            found.append((np.array(alpha), np.array(rows) @ self.limit))
        return found


def searched(definition, x, phi, slope, cost, rule, threshold, rng, starts=4):
    """The least distance found at which some move has gain ≥ cost and is accepted."""
    best = math.inf
    for left, part in enumerate(definition.structure):
        for agent in part:
            for joined in [*range(len(definition.structure)), None]:
                if joined == left or (joined is None and len(part) == 1):
                    continue
                parts = definition.conditions(agent, left, joined)
                gap = np.zeros(definition.n)
                if joined is not None:  # Perron weights of D: the row of any member of it
                    gap = definition.limit[agent] - definition.limit[definition.structure[joined]].mean(axis=0)

                def values(y, parts=parts, joined=joined, gap=gap):
                    out = [alpha @ phi(rows @ y) for alpha, rows in parts]
                    out = np.array(out) - np.array([cost] + [threshold] * (len(out) - 1))
                    if joined is None or rule == "open":
                        return out[:1]
                    if rule == "near":
                        return np.array([out[0], threshold - abs(gap @ y)])
                    if rule == "mean":
                        return np.array([out[0], out[1:].mean()])
                    return out if rule == "all" else np.array([out[0], np.sort(out[1:])[-(len(out[1:]) // 2 + 1)]])

                def gradients(y, parts=parts, joined=joined, gap=gap, values=values):
                    rows = np.array([(alpha * slope(r @ y)) @ r for alpha, r in parts])
                    if joined is None or rule == "open":
                        return rows[:1]
                    if rule == "near":
                        return np.array([rows[0], -np.sign(gap @ y) * gap])
                    if rule == "mean":
                        return np.array([rows[0], rows[1:].mean(axis=0)])
                    if rule == "all":
                        return rows
                    gained = [alpha @ phi(r @ y) for alpha, r in parts[1:]]
                    return np.array([rows[0], rows[1:][np.argsort(gained)[-(len(gained) // 2 + 1)]]])

                for _ in range(starts):
                    start = x + rng.normal(size=len(x)) * rng.choice([0.3, 1.0, 3.0])
                    answer = minimize(
                        lambda y: (y - x) @ (y - x), start, jac=lambda y: 2 * (y - x), method="SLSQP",
                        constraints=[{"type": "ineq", "fun": values, "jac": gradients}],
                        options={"ftol": 1e-13, "maxiter": 60},
                    )  # fmt: skip
                    if np.all(np.isfinite(answer.x)) and np.min(values(answer.x)) >= -1e-8:
                        best = min(best, float(np.linalg.norm(answer.x - x)))
    return best


PERFORMANCES = {
    "quadratic": ("1 - (u - 0.3)**2", lambda u: 1 - (u - 0.3) ** 2, lambda u: -2 * (u - 0.3)),
    "double well": ("-(u**2 - 1)**2", lambda u: -((u**2 - 1) ** 2), lambda u: -4 * u * (u**2 - 1)),
    "gaussian": ("exp(-u**2)", lambda u: np.exp(-(u**2)), lambda u: -2 * u * np.exp(-(u**2))),
}
RULES = {
    "open": lambda threshold: "open", "all": ej.unanimous, "half": ej.majority, "mean": ej.aggregate,
    "near": ej.bounded_confidence,
}  # fmt: skip


def influence(kind, n, rng):
    """The influence of that name, and the matrix it stands for."""
    if kind == "weighted":
        a = rng.uniform(0.5, 2.0, n)
        return ej.weighted(a), np.tile(a, (n, 1))
    if kind == "network":
        A = rng.uniform(0.2, 2.0, (n, n))
        A = A + A.T
        A[0, n - 1] = A[n - 1, 0] = 0.0
        return ej.network(A), A
    if kind == "general":
        A = rng.uniform(0.2, 2.0, (n, n))
        A /= A.sum(axis=1, keepdims=True)
        return ej.general(A), A
    return (ej.lazy(0.4) if kind == "lazy" else "uniform"), np.ones((n, n))


SEARCHES = [
    ("uniform", "quadratic", "open", 0.0), ("uniform", "double well", "open", 0.0),
    ("uniform", "quadratic", "all", 0.8), ("uniform", "double well", "near", 1.2), ("lazy", "gaussian", "mean", -0.05),
    ("weighted", "quadratic", "open", 0.0), ("weighted", "double well", "half", 0.1),
    ("weighted", "quadratic", "half", 0.8), ("weighted", "gaussian", "all", -0.1),
    ("network", "quadratic", "mean", 0.5), ("network", "double well", "open", 0.0),
    ("network", "quadratic", "near", 2.5), ("general", "quadratic", "open", 0.0), ("general", "quadratic", "all", 0.7),
    ("general", "quadratic", "near", 2.5), ("general", "quadratic", "half", 0.7),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "performance", "rule", "threshold"), SEARCHES)
def test_radius_is_that_of_a_search_over_all_opinions(kind, performance, rule, threshold):
    rng = np.random.default_rng([len(kind), len(performance), len(rule)])
    structure, n = [[0, 1], [2, 3]], 4
    given, A = influence(kind, n, rng)
    text, phi, slope = PERFORMANCES[performance]
    x = rng.normal(size=n)
    model = ej.Model(x, text, influence=given, acceptance=RULES[rule](threshold))
    definition = Definition(A, structure)
    at = ej.gains(model.replace(opinions=tactical_limit(model, structure), acceptance="open"), structure)
    cost = float(np.nanmax(at)) + (0.15 if performance == "gaussian" else 0.8)
    found = fragility_radius(model.replace(switching_cost=cost), structure)
    expected = searched(definition, x, phi, slope, cost, rule, threshold, rng)
    assert found.status == "optimal"
    assert found.lower <= expected * (1 + 1e-7)  # what is proved
    assert abs(found.radius - expected) <= 1e-4 * expected
    assert found.gain >= cost - 1e-6 * (1 + abs(cost))


# --- The same from the moves of the model, for what the definition above leaves out --------------------------------


def at_consensus(model, structure, opinions=None):
    """All moves at the consensus of the opinions given."""
    x = model.opinions if opinions is None else opinions
    plain = model.replace(opinions=x, performance="1", discount=None)  # φ need not be defined at x
    innate = plain.innate if model.is_stubborn else None
    return moves(model.replace(opinions=tactical_limit(plain, structure), innate_opinions=innate), structure)


P = np.eye(4) + np.array([[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]])
OTHERS = {
    "stubborn, innate follow": ej.Model([1, 0, 2.0, 3], "-u**2", 7.0, stubbornness=[0.5, 0, 0, 0.2]),
    "stubborn, innate given": ej.Model(
        [1, 0, 2.0, 3], "-u**2", 7.0, stubbornness=[0.5, 0, 0, 0], innate_opinions=[0, 0, 1, 2]
    ),
    "disconnected": ej.Model([1, 0, 2.0, 3], "-u**2", 2.0, influence=ej.network(P)),
    "vectors": ej.Model([[1, 0], [1.3, 1], [2, 3], [1, 1]], "-u1**2 - u2**2 + u1*u2", 5.0),
    "vectors, near": ej.Model(
        [[1, 0], [1.3, 1], [2, 3], [1, 1]], "-u1**2 - u2**2 + u1*u2", 5.0, acceptance=ej.bounded_confidence(4.0)
    ),
    "discounted": ej.Model([1, 0, 2.0, 3], "-u**2", 2.0, influence=ej.lazy(0.4), discount=0.8),
    "scale a": ej.Model([1, 0, 2.0, 3], "-u**2", 20.0, scale="a", influence=ej.weighted([1, 2, 3, 4])),
    "scale s²": ej.Model([1, 0, 2.0, 3], "1 - u**2", 30.0, scale="s**2"),
    "linear φ": ej.Model([1, 0, 2.0, 3], "u", 30.0, scale="s**2"),
    "adaptive": ej.Model([1, 0, 2.0, 3], "-u**2", 4.0, acceptance=ej.adaptive("unanimous", "s/2")),
    "costs": ej.Model([1, 0, 2.0, 3], "-u**2", ej.switching_cost(4.0, exit=ej.per_agent([1.0, 0.2, -0.3, 2.0]))),
    "logarithm": ej.Model([1, 1.3, 2.0, 3], "log(u)", 0.7),
    "logarithm, an agent near 0": ej.Model([0.1, 2.0, 2.0, 3], "log(u)", 0.7),
    "root": ej.Model([1, 1.3, 2.0, 3], "sqrt(u)", 0.1),
}


def column_of(move, structure):
    """The column of `Moves` that a move is in."""
    labels = labels_of(structure, len(np.hstack(structure)))
    return int(labels[move.target[0]]) if move.target else -1


@pytest.mark.parametrize("name", list(OTHERS))
def test_no_move_is_admissible_nearer_and_one_is_just_beyond(name):
    model, structure = OTHERS[name], [[0, 1], [2, 3]]
    found = fragility_radius(model, structure)
    assert found.status == "optimal"
    step = found.opinions - model.opinions
    assert found.radius == np.linalg.norm(step) > 0
    rng = np.random.default_rng(0)
    for _ in range(40):
        direction = step + rng.normal(size=step.shape) * found.radius * rng.choice([0.02, 0.3, 2.0])
        nearer = direction * (found.radius * (1 - 1e-6) / np.linalg.norm(direction))
        assert not at_consensus(model, structure, model.opinions + nearer).admissible.any()
    beyond = at_consensus(model, structure, model.opinions + step * (1 + 1e-5))
    named = found.move
    assert beyond.admissible[named.agent, column_of(named, structure)]
    assert np.isclose(found.gain, found.cost, rtol=1e-6) or "near" in name or name == "adaptive"


def test_a_local_search_says_that_it_proves_nothing():
    model = ej.Model([1, 0, 2.0], "-u**4", 40.0, stubbornness=[0.3, 0, 0], innate_opinions=[0, 0, 1])
    found = fragility_radius(model, [[0, 1], [2]])
    assert (found.status, found.lower) == ("bounds", 0.0)
    assert "not proved" in found.guarantee
    step = found.opinions - model.opinions
    assert at_consensus(model, [[0, 1], [2]], model.opinions + step * (1 + 1e-5)).admissible.any()
    assert not at_consensus(model, [[0, 1], [2]], model.opinions + step * (1 - 1e-5)).admissible.any()


# --- S14 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_closed_form_of_the_quadratic_model(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, size=3)
    labels = np.repeat(np.arange(3), sizes)
    x = rng.normal(size=len(labels)) * rng.choice([0.0, 1e-6, 1.0])
    centre = [x[labels == c].mean() for c in range(3)]
    cost = float(max((a - b) ** 2 for a in centre for b in centre)) + rng.uniform(0.01, 3.0)
    found = fragility_radius(ej.Model(x, "2 - (u - 1/3)**2", cost), labels)
    pairs = [(c, d) for c in range(3) for d in range(3) if c != d]
    expected = {
        (c, d): float(lyapunov.fragility_radius(cost, centre[c] - centre[d], int(sizes[c]), int(sizes[d])))
        for c, d in pairs
    }
    assert abs(found.radius - min(expected.values())) <= 1e-12 * found.radius
    for row in found.per_move:
        assert abs(row.upper - expected[labels[row.move.agent], column_of(row.move, labels)]) <= 1e-9 * row.upper
        assert row.lower <= row.upper * (1 + 1e-12)
        assert row.lower >= row.upper * (1 - 1e-9)


# --- Certificates -------------------------------------------------------------------------------------------------


def test_certificate_is_exact_and_states_the_gain():
    rng = np.random.default_rng(3)
    x, structure = rng.normal(size=5), [[0, 1, 2], [3, 4]]
    model = ej.Model(x, "-u**2 + u", 9.0, influence=ej.weighted(rng.uniform(0.5, 2, 5)), acceptance=ej.unanimous(0.5))
    found = fragility_radius(model, structure)
    proof = found.certificate
    assert proof.is_model
    assert proof.verify()
    assert isinstance(proof.lower, Fraction)
    assert found.radius * (1 - 1e-6) <= float(proof.lower) <= found.radius
    assert not replace(proof, lower=proof.lower * (1 + Fraction(1, 10**6))).verify()
    assert not replace(proof, multipliers=tuple(-v for v in proof.multipliers)).verify()
    assert not replace(proof, impossible=True).verify()
    # the first form is the gain less the cost at other opinions
    move, labels = found.move, labels_of(structure, 5)
    case_left = Cases(model, labels)
    case = case_left.case(move.agent, labels[move.agent], column_of(move, labels), 9.0)
    for _ in range(5):
        point = rng.normal(size=2)
        other = model.replace(opinions=case.changed(point))
        gain = at_consensus(other, structure).gains[move.agent, column_of(move, labels)]
        change = point / np.sqrt(np.array(proof.metric, dtype=float))
        assert abs(proof.forms[0](change[None])[0] - (gain - 9.0)) <= 1e-12 * (1 + abs(gain))
        assert abs(np.linalg.norm(other.opinions - x) - np.linalg.norm(point)) <= 1e-12


def test_the_program_alone_proves_the_radius():
    """Clarabel's own multipliers, without those of the bisection."""
    form = s_lemma.form_of(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([0.3, -0.3]), -2.0)
    metric = (Fraction(3), Fraction(2))
    point, _ = s_lemma.nearest_to_one(*s_lemma.scaled_arrays(metric, form))
    status, found = s_lemma.solve_dual(metric, (form,), 1.0)
    proof = s_lemma.best_certificate(metric, (form,), [found], True)
    assert status == "optimal"
    assert proof.verify()
    assert np.linalg.norm(point) * (1 - 1e-6) <= float(proof.lower) <= np.linalg.norm(point) * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_nearest_point_of_one_form(seed):
    """Against rays in every direction; odd seeds are the hard case."""
    rng = np.random.default_rng(seed)
    Q = rng.normal(size=(2, 2))
    Q = Q + Q.T + np.eye(2)
    vectors = np.linalg.eigh(Q)[1]
    b = rng.normal(size=2) * 0.3
    if seed % 2:
        b = 0.1 * (vectors[:, 0] @ b) * vectors[:, 0]
    y, multiplier = s_lemma.nearest_to_one(Q, b, -1.0)
    angles = np.linspace(0, 2 * np.pi, 200001)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    square, slope = np.einsum("ni,ij,nj->n", rays, Q, rays), rays @ b
    root = slope + np.sqrt(np.maximum(slope**2 + square, 0))
    expected = np.min(np.where((slope**2 + square >= 0) & (root > 0), 1 / np.where(root > 0, root, 1), np.inf))
    assert abs(np.linalg.norm(y) - expected) <= 1e-8 * expected
    assert abs(y @ Q @ y + 2 * b @ y - 1) <= 1e-9
    assert s_lemma.simple_bound(Q, b, -1.0) <= expected * (1 + 1e-12)
    form, metric = s_lemma.form_of(Q, b, -1.0), (Fraction(1),) * 2
    proof = s_lemma.best_certificate(metric, (form,), [[multiplier]], True)
    assert expected * (1 - 1e-6) <= float(proof.lower) <= expected * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_exact_elimination(seed):
    rng = np.random.default_rng(seed)
    B = rng.integers(-3, 4, size=(4, 2 + seed % 3)).astype(float)
    S = B @ B.T
    exact = [[Fraction(v) for v in row] for row in S]
    assert s_lemma.is_semidefinite(exact)
    exact[3][3] -= Fraction(1, 10**12)
    if B.shape[1] < 4:
        null = np.linalg.svd(B.T)[2][-1]
        assert s_lemma.is_semidefinite(exact) == (abs(null[3]) < 1e-9)
    P, b = S + np.eye(4), rng.normal(size=4)
    form = s_lemma.form_of(np.eye(4) - P, b, -3.0)
    value = s_lemma.dual_value((Fraction(1),) * 4, (form,), (Fraction(1),))
    assert np.isclose(float(value), 3.0 - b @ np.linalg.solve(P, b), rtol=1e-12)


# --- Search -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["-(u**2 - 1)**2", "exp(-u**2)", "sin(2*u)"])
def test_bounds_on_boxes_contain_the_conditions(text):
    rng = np.random.default_rng(5)
    model = ej.Model(rng.normal(size=5), text, 1.0, influence=ej.weighted(rng.uniform(0.5, 2, 5)),
                     acceptance=ej.unanimous(0.1))  # fmt: skip
    cases = Cases(model, labels_of([[0, 1], [2, 3, 4]], 5))
    case = cases.case(0, 0, 1, 1.0)
    region = cases.bounded(case, CurvatureTable(model.compiled, -6.0, 6.0))
    for half in (0.5, 0.05, 0.005):
        centres = rng.normal(size=(20, 2))
        above = region.bounds(centres, half)
        for _ in range(30):
            inside = region.slacks(centres + rng.uniform(-half, half, size=(20, 2)))
            assert np.all(inside <= above)
        slack = above - region.slacks(centres)
        assert np.all(slack <= 60 * half)  # and they tighten


def test_branch_and_bound_does_not_miss_a_small_region_that_rays_miss():
    """A disc of radius 0.01 around (0.8, 0.1), and a large region further away."""
    centre = np.array([0.8, 0.1])

    def slacks(y):
        small = 0.01 - np.linalg.norm(y - centre, axis=1)
        return np.maximum(small, y[:, 0] - 2)[:, None]

    region = Region(2, slacks, bounds=lambda boxes, half: slacks(boxes) + half * math.sqrt(2))
    assert local_search(region, 0.01, 0).upper > 1.9
    found = branch_and_bound(region, 10.0, Found(0.0, np.inf, None))
    expected = np.linalg.norm(centre) - 0.01
    assert found.lower <= expected <= found.upper * (1 + 1e-12)
    assert found.upper - found.lower <= 1e-6


# --- Never, already, and ties --------------------------------------------------------------------------------------

PAIR = [[0, 1], [2]]


@pytest.mark.parametrize(
    ("model", "structure"),
    [
        (ej.Model([0.0, 1, 2], "u**2", 0.1), PAIR),  # S11
        (ej.Model([0.0, 1, 2], "u**2"), PAIR),
        (ej.Model([0.0, 1, 2], "u**4 + exp(u)", 0.1), [[0, 1, 2]]),  # alone: the gain is 0
        (ej.Model([0.0, 1, 2], "u**4", 0.1), PAIR),
        (ej.Model([0.0, 1, 2], "-u**2", 0.1), [[0, 1, 2]]),
        (ej.Model([0.0], "-u**2", 0.1), [[0]]),
        (ej.Model([0.0, 1, 2], "-u**2", 3.0, acceptance=ej.capacity(1)), PAIR),
        (ej.Model([0.0, 0.3, 2], "-u**2", 2.0, acceptance=ej.bounded_confidence(1.5)), PAIR),
        (ej.Model([0.0, 1, 2], "-u**2", 0.1, stubbornness=1.0, innate_opinions=[0.0, 0, 0]), PAIR),
    ],
)
def test_unbreakable(model, structure):
    found = fragility_radius(model, structure)
    assert (found.status, found.radius, found.lower) == ("unbreakable", math.inf, math.inf)
    assert found.opinions is None
    assert found.move is None
    assert found.certificate is None or (found.certificate.impossible and found.certificate.verify())


def test_what_one_hypothesis_less_breaks():
    """Each of these differs from an unbreakable one above in one thing."""
    for model, structure in [
        (ej.Model([0.0, 0.3, 2], "-u**2", 2.0, acceptance=ej.bounded_confidence(4.0)), PAIR),
        (ej.Model([0.0, 1, 2], "-u**2", 3.0, acceptance=ej.capacity(2)), PAIR),
        (ej.Model([0.0, 1, 2], "-u**2", 5.0, scale="s**2"), [[0, 1, 2]]),
    ]:
        assert 0 < fragility_radius(model, structure).radius < math.inf


def test_founding_alone_can_be_the_breaking_move():
    """g(s) = s²: alone φ, in a coalition of three 3φ; leaving pays when -2φ = 2u² > κ."""
    model = ej.Model([0.5, 1.0, 2.0], "-u**2", 5.0, scale="s**2")
    found = fragility_radius(model, [[0, 1, 2]])
    assert found.move.target == ()
    mean = 3.5 / 3
    assert abs(found.radius - (math.sqrt(2.5) - mean) * math.sqrt(3)) <= 1e-12
    assert abs(found.opinions.mean() - math.sqrt(2.5)) <= 1e-12


def test_unstable_already():
    model = ej.Model([0.5, 1.0, 2.0], "-u**2", -0.1)
    found = fragility_radius(model, PAIR)
    assert (found.status, found.radius, found.lower, found.upper) == ("unstable already", 0.0, 0.0, 0.0)
    assert found.gain > found.cost
    assert found.opinions.tolist() == model.opinions.tolist()
    convex = fragility_radius(ej.Model([0.0, 0.0, 2.0], "u**2", -0.1), PAIR)  # alone: gain 0 > -0.1
    assert (convex.status, convex.move.target) == ("unstable already", ())


def test_a_negative_cost_may_leave_a_structure_stable():
    """φ convex: joining loses δ²(1 - H/(m+1)), so that a small negative cost tempts nobody until the gap is small."""
    found = fragility_radius(ej.Model([0.0, 2.0], "u**2", -1 / 4), [[0], [1]])
    assert abs(found.radius - (2 - 1) / math.sqrt(2)) <= 1e-12  # δ²/4 = 1/4 at a gap of 1
    assert found.status == "optimal"


def test_a_tie_is_at_the_boundary():
    found = fragility_radius(ej.Model([0.5, 0.5, 0.5], "-u**2", 0.0), PAIR)
    assert (found.radius, found.lower, found.gain) == (0.0, 0.0, 0.0)
    found = fragility_radius(ej.Model([0.5, 0.5, 0.5], "exp(-u**2)", 0.0), PAIR)
    assert (found.radius, found.status) == (0.0, "optimal")
    assert "tie" in found.guarantee
    critical = 4 * (1 - 1.5 / 2)
    assert fragility_radius(ej.Model([0.0, 2.0], "-u**2", critical), [[0], [1]]).radius == 0.0


def test_unanimity_is_the_hard_case_of_the_s_lemma():
    found = fragility_radius(ej.Model([0.5, 0.5, 0.5], "-u**2", 1.0), PAIR)
    assert abs(found.radius - float(lyapunov.fragility_radius(1, 0, 1, 2))) <= 1e-12
    assert float(found.certificate.lower) >= found.radius * (1 - 1e-6)


def test_nothing_found_says_how_far_it_looked():
    model = ej.Model([0.0, 0.3, 2.0], "sin(u)", 5.0)
    found = fragility_radius(model, PAIR, reach=4.0)
    assert (found.status, found.radius) == ("not found", math.inf)
    assert abs(found.lower - 4.0) <= 1e-6
    assert fragility_radius(model.replace(switching_cost=0.6), PAIR).radius < 4.0


def test_one_move():
    model = ej.Model([0.0, 2.0, 5.0], "-u**2", 10.0)
    structure = [[0], [1], [2]]
    found = fragility_radius(model, structure, move=(0, 1))
    assert (found.move.agent, found.move.source, found.move.target) == (0, (0,), (1,))
    assert abs(found.radius - float(lyapunov.fragility_radius(10, 2, 1, 1))) <= 1e-12
    assert found.radius > fragility_radius(model, structure).radius


@pytest.mark.parametrize("move", [(0, 0), (0, 3), (3, 1), (0,), "01", (0, 1.5), (True, 1), (2, None)])
def test_moves_that_are_none(move):
    with pytest.raises(InputError, match="move"):
        fragility_radius(ej.Model([0.0, 2.0, 5.0], "-u**2", 10.0), [[0, 1], [2]], move=move)


def test_bad_input():
    model = ej.Model([0.0, 2.0, 5.0], "-u**2", 10.0)
    for reach in (0, -1.0, math.nan, math.inf, "far", True):
        with pytest.raises(InputError, match="reach"):
            fragility_radius(model, PAIR, reach=reach)
    with pytest.raises(InputError, match="structure"):
        fragility_radius(model, [[0], [1]])
    with pytest.raises(InputError, match="drawn"):
        fragility_radius(ej.Model(ej.normal(3), "-u**2"), PAIR)
    with pytest.raises(InputError, match="too many"):
        fragility_radius(ej.Model(np.zeros(1001), "-u**2", 1.0), np.arange(1001))
    with pytest.raises(InputError, match="too many to look at"):
        fragility_radius(ej.Model(np.zeros(100), "-u**2", 1.0), np.arange(100))
    with pytest.raises(InputError, match="depend on"):
        fragility_radius(ej.Model(np.zeros((8, 6)), "-u1**2", 1.0, stubbornness=0.5), np.arange(8) % 2)
