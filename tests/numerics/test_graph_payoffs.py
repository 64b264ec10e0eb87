"""Payoffs on graphs against the definition in rational arithmetic, and sampled payoffs against exact ones."""

from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels import codes, graph_payoffs, program
from numerics.kernels.streams import start

from ..timing import quickest
from .test_limits import compressed, exact_limit, farthest, graphs

SETTINGS = settings(deadline=None, database=None, max_examples=60)
KEY = np.array([3, 2**63 + 5], dtype=np.uint64)

# φ as kernels take it, and as a function of a point of Fractions
CENTRE = 0.25
CUBIC = (np.array([1.0, 0.0, -1.0, 0.5]), CENTRE, np.empty((0, 3), dtype=np.int64), np.zeros(2))
QUADRATIC = (np.array([2.0, 0.0, -1.0]), CENTRE, np.empty((0, 3), dtype=np.int64), np.zeros(2))
LOGARITHM = (np.empty(0), 0.0, np.array([[program.LOG, 0, 0]]), np.zeros(3))
PRODUCT = (np.empty(0), 0.0, np.array([[program.MUL, 0, 1], [program.SUB, 2, 0]]), np.zeros(4))  # u1 u2 - u1


def cubic(point):
    y = point[0] - Fraction(CENTRE)
    return 1 - y**2 + y**3 / 2


def product(point):
    return point[0] * point[1] - point[0]


def scale(kind, n):
    """g(0..n)."""
    return np.arange(n + 1.0) if kind == "s" else np.arange(n + 1.0) ** 2 / 8 + 1


class Game:
    """A coalition of agents on a graph; call the kernels on it."""

    def __init__(self, matrix, x, symmetric, phi=CUBIC, g=None, stubbornness=None, innate=None):
        self.x = np.array(x, dtype=float).reshape(len(x), -1)
        self.n = len(self.x)
        held = stubbornness is not None
        yielding = 1.0 - np.array(stubbornness) if held else np.empty(0)
        anchors = np.array(innate, dtype=float).reshape(self.x.shape) if held else np.empty((0, self.x.shape[1]))
        self.graph = (symmetric, *compressed(matrix), yielding, anchors)
        self.phi = phi
        self.g = scale("s", self.n) if g is None else g
        self.position = np.full(self.n, -1)

    def payoffs(self, who=None, exact_up_to=20, samples=0, key=KEY, status=codes.DONE):
        who = np.arange(self.n) if who is None else np.array(who, dtype=np.int64)
        out, error = np.full(len(who), np.nan), np.full(len(who), np.nan)
        found = graph_payoffs.graph_payoffs(
            who, self.x, *self.graph, *self.phi, self.g, exact_up_to, samples, key, self.position, out, error
        )
        assert found == status
        assert np.all(self.position == -1)
        return out, error

    def value(self, who=None):
        who = np.arange(self.n) if who is None else np.array(who, dtype=np.int64)
        value, status = graph_payoffs.subset_value(who, self.x, *self.graph, *self.phi, self.g, self.position)
        assert status == codes.DONE
        return value


def random_game(n, kind, density=0.4, seed=0, **options):
    """A connected game: a ring and random edges."""
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) * (rng.random((n, n)) < density) + np.eye(n) + 0.2 * np.roll(np.eye(n), 1, axis=1)
    if kind != "general":
        matrix = matrix + matrix.T
    x = rng.normal(size=(n, 1))
    if kind == "stubborn":
        share = np.where(rng.random(n) < 0.3, 0.4, 0.0)
        options |= {"stubbornness": share, "innate": rng.normal(size=(n, 1))}
    return Game(matrix, x, kind != "general", **options)


# The oracle


def components_of(who, matrix):
    """Weakly connected components of the graph restricted to `who`, by search."""
    left, found = set(who), []
    while left:
        part = {left.pop()}
        while more := {j for i in part for j in left if matrix[i][j] > 0 or matrix[j][i] > 0}:
            part |= more
            left -= more
        found.append(sorted(part))
    return found


def exact_value(who, matrix, x, stubbornness, innate, phi, g):
    total = Fraction(0)
    for part in components_of(who, matrix):
        rows = [[matrix[i][j] for j in part] for i in part]
        z = exact_limit(rows, [x[i] for i in part], [stubbornness[i] for i in part], [innate[i] for i in part])
        total += Fraction(float(g[len(part)])) * sum(phi(point) for point in z) / len(part)
    return total


def exact_payoffs(who, *game):
    """Shapley value by definition."""
    k = len(who)
    values = {s: exact_value(s, *game) for size in range(k + 1) for s in combinations(sorted(who), size)}
    payoffs = []
    for i in who:
        total = Fraction(0)
        for s, value in values.items():
            if i not in s:
                share = Fraction(factorial(len(s)) * factorial(k - 1 - len(s)), factorial(k))
                total += share * (values[tuple(sorted((*s, i)))] - value)
        payoffs.append([total])
    return payoffs


# Exact payoffs


@settings(SETTINGS, max_examples=60)
@given(st.booleans(), st.booleans(), st.sampled_from(["s", "other"]), st.data())
def test_payoffs_are_those_of_the_definition(symmetric, held, kind, data):
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric, most=5))
    who = data.draw(st.permutations(range(len(x))))[: data.draw(st.integers(1, len(x)))]
    one = len(x[0]) == 1
    g = scale(kind, len(x))
    if not held:
        stubbornness = [0.0] * len(x)
    options = {"stubbornness": stubbornness, "innate": innate} if held else {}
    game = Game(matrix, x, symmetric, CUBIC if one else PRODUCT, g, **options)
    found, error = game.payoffs(who)
    definition = (matrix.tolist(), x, stubbornness, innate, cubic if one else product, g)
    assert farthest(found[:, None], exact_payoffs(who, *definition)) < 1e-11
    assert np.all(error == 0)
    assert farthest([[game.value(who)]], [[exact_value(who, *definition)]]) < 1e-11


@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
def test_six_agents(kind):
    game = random_game(6, kind, g=scale("other", 6))
    _, indptr, indices, data, yielding, innate = game.graph
    matrix = np.zeros((6, 6))
    for i in range(6):
        matrix[i, indices[indptr[i] : indptr[i + 1]]] = data[indptr[i] : indptr[i + 1]]
    held = (1 - yielding) if kind == "stubborn" else np.zeros(6)
    anchors = innate if kind == "stubborn" else game.x
    expected = exact_payoffs(range(6), matrix, game.x, held, anchors, cubic, game.g)
    assert farthest(game.payoffs()[0][:, None], expected) < 1e-12


@SETTINGS
@given(st.booleans(), st.booleans(), st.data())
def test_payoffs_add_up_to_the_value(symmetric, sampled, data):
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric, most=8))
    game = Game(matrix, np.array(x)[:, :1], symmetric, stubbornness=stubbornness, innate=np.array(innate)[:, :1])
    found, _ = game.payoffs(exact_up_to=1 if sampled else 8, samples=3)
    assert abs(found.sum() - game.value()) < 1e-11


@SETTINGS
@given(st.booleans(), st.booleans(), st.data())
def test_the_order_of_members_does_not_matter(symmetric, sampled, data):
    """The same set of agents: the same bits, sampled or not."""
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric, most=6))
    game = Game(matrix, np.array(x)[:, :1], symmetric, stubbornness=stubbornness, innate=np.array(innate)[:, :1])
    who = np.array(data.draw(st.permutations(range(len(x)))))
    options = {"exact_up_to": 1, "samples": 4} if sampled else {}
    payoffs, errors = game.payoffs(**options)
    again, errors_again = game.payoffs(who, **options)
    assert np.array_equal(again, payoffs[who])
    assert np.array_equal(errors_again, errors[who])


@SETTINGS
@given(st.booleans(), st.data())
def test_relabelling_agents_relabels_payoffs(symmetric, data):
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric, most=7))
    new = np.array(data.draw(st.permutations(range(len(x)))))
    x, innate, stubbornness = np.array(x)[:, :1], np.array(innate)[:, :1], np.array(stubbornness)
    found, _ = Game(matrix, x, symmetric, stubbornness=stubbornness, innate=innate).payoffs()
    options = {"stubbornness": stubbornness[new], "innate": innate[new]}
    relabelled, _ = Game(matrix[np.ix_(new, new)], x[new], symmetric, **options).payoffs()
    assert np.max(np.abs(relabelled - found[new])) < 1e-11


@pytest.mark.parametrize("samples", [0, 6])
@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
def test_components_are_paid_as_if_they_were_alone(kind, samples):
    """Three components whose agents alternate: the same bits as one at a time, estimates included."""
    game = random_game(15, kind)
    symmetric, indptr, indices, data, yielding, innate = game.graph
    rows = np.repeat(np.arange(15), np.diff(indptr))
    kept = np.where(rows % 3 == indices % 3, data, 0.0)
    game.graph = (symmetric, indptr, indices, kept, yielding, innate)
    options = {"exact_up_to": 1 if samples else 20, "samples": samples}
    found, errors = game.payoffs(**options)
    for part in range(3):
        alone, error = game.payoffs(np.arange(part, 15, 3), **options)
        assert np.array_equal(found[part::3], alone)
        assert np.array_equal(errors[part::3], error)


def test_one_agent_is_paid_its_own_value():
    game = Game(
        np.eye(2), [[0.5], [1.0]], False, stubbornness=[0.0, 0.1], innate=[[7.0], [2.0]], g=np.array([0, 3, 9.0])
    )
    found, _ = game.payoffs()
    assert found.tolist() == [3 * float(cubic([Fraction(1, 2)])), 3 * float(cubic([Fraction(2)]))]


def test_a_complete_network_of_equal_weights_is_uniform_influence():
    """The closed form V3 for quadratic φ."""
    rng = np.random.default_rng(1)
    for k in range(3, 13):
        x = rng.normal(size=k)
        y = x - CENTRE
        harmonic = np.sum(1 / np.arange(1, k + 1))
        t, q = y.sum() - y, np.sum(y**2) - y**2
        shapley = y**2 * harmonic + 2 * y * t * (k - harmonic) / (k - 1) - q * (harmonic - 1) / (k - 1)
        shapley -= (t**2 - q) * (k + 1 - 2 * harmonic) / ((k - 1) * (k - 2))
        for weight in (1.0, 0.3):
            for symmetric in (True, False):
                found, _ = Game(np.full((k, k), weight), x, symmetric, QUADRATIC).payoffs()
                assert np.max(np.abs(found - (2 - shapley / k))) < 1e-12


def test_a_symmetric_matrix_is_a_general_one():
    game = random_game(12, "network", g=scale("other", 12))
    found, _ = game.payoffs()
    game.graph = (False, *game.graph[1:])
    assert np.max(np.abs(game.payoffs()[0] - found)) < 1e-11


@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
def test_agents_at_rest_are_paid_alike(kind):
    """Any number of them, without a table or a sample; with another scale the table is needed."""
    game = random_game(30, kind)
    game.x[:] = 0.7
    game.graph[5][:] = 0.7
    found, error = game.payoffs()
    assert np.all(found == found[0])
    assert abs(found[0] - float(cubic([Fraction(0.7)]))) < 1e-15
    assert np.all(error == 0)
    game.g = scale("other", 30)
    game.payoffs(status=codes.TOO_LARGE)


def test_large_coalitions_need_samples():
    game = random_game(12, "network")
    game.payoffs(exact_up_to=11, samples=0, status=codes.TOO_LARGE)
    game.payoffs(np.arange(11), exact_up_to=11, samples=0)
    game.payoffs(exact_up_to=11, samples=2)


@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
@pytest.mark.parametrize("samples", [0, 2])
def test_values_that_are_not_finite(kind, samples):
    game = random_game(5, kind, phi=LOGARITHM)
    game.x[:] = [[-1.0], [-2.0], [-3.0], [-1.0], [-2.0]]
    game.graph[5][:] = -1.0
    game.payoffs(exact_up_to=1 if samples else 5, samples=samples, status=codes.NOT_FINITE)


# Sampled payoffs


@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
def test_estimates_are_right_and_their_errors_honest(kind):
    """Over many keys estimates scatter about the exact payoffs by their standard errors.

    The samples are many, because the contribution of an agent depends most on whether it is the first to arrive:
    the mean of a few such numbers is not normal.
    """
    game = random_game(8, kind)
    exact, _ = game.payoffs()
    scores = []
    for seed in range(200):
        found, error = game.payoffs(exact_up_to=7, samples=1000, key=np.array([seed, 9], dtype=np.uint64))
        assert abs(found.sum() - exact.sum()) < 1e-12
        scores.append((found - exact) / error)
    assert np.max(np.abs(scores)) < 5
    assert abs(np.std(scores) - 1) < 0.08
    assert np.all(np.abs(np.mean(scores, axis=0)) < 5 / np.sqrt(200))


@pytest.mark.parametrize("kind", ["network", "general", "stubborn"])
def test_estimates_with_many_samples(kind):
    game = random_game(11, kind, density=0.2, g=scale("other", 11))
    exact, _ = game.payoffs()
    found, error = game.payoffs(exact_up_to=3, samples=4000)
    assert np.all(np.abs(found - exact) < 5 * error)
    _, fewer = game.payoffs(exact_up_to=3, samples=1000)
    assert np.all(np.abs(fewer / error - 2) < 0.4)


def test_estimates_come_from_the_set_and_the_key():
    game = random_game(12, "network")
    options = {"exact_up_to": 2, "samples": 5}
    found, _ = game.payoffs(**options)
    assert np.array_equal(game.payoffs(**options)[0], found)
    assert not np.array_equal(game.payoffs(key=np.array([3, 4], dtype=np.uint64), **options)[0], found)
    numbers = {graph_payoffs.stream_number(np.array(s)) for size in range(1, 5) for s in combinations(range(12), size)}
    assert len(numbers) == 12 + 66 + 220 + 495
    assert graph_payoffs.stream_number(np.array([5, 2, 9])) == graph_payoffs.stream_number(np.array([9, 5, 2]))


def mean_sampled(x, w, weighted, phi, g, samples, seed):
    """Call the kernel; the scale of weighted agents is a."""
    state = np.empty(4, dtype=np.uint64)
    start(KEY, seed, state)
    out, error = np.empty(len(x)), np.empty(len(x))
    total_weight = (np.array([[program.COPY, 1, 0]]), np.zeros(3))
    status = graph_payoffs.mean_sampled(x, w, weighted, *phi, g, *total_weight, samples, state, out, error)
    return status, out, error


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("phi", [CUBIC, PRODUCT])
def test_estimates_for_uniform_and_weighted_influence(weighted, phi):
    rng = np.random.default_rng(4)
    k = 7
    x = rng.normal(size=(k, 1 if phi is CUBIC else 2))
    w = rng.random(k) + 0.1 if weighted else np.ones(k)
    g = scale("other", k)
    values = np.zeros(1 << k)
    for subset in range(1, 1 << k):
        s = [i for i in range(k) if subset >> i & 1]
        mean = w[s] @ x[s] / w[s].sum()
        size = w[s].sum() if weighted else g[len(s)]
        values[subset] = size * float((cubic if phi is CUBIC else product)([Fraction(u) for u in mean]))
    exact = np.zeros(k)
    for i in range(k):
        for subset in range(1 << k):
            if not subset >> i & 1:
                s = subset.bit_count()
                share = factorial(s) * factorial(k - 1 - s) / factorial(k)
                exact[i] += share * (values[subset | 1 << i] - values[subset])
    scores = []
    for seed in range(200):
        status, found, error = mean_sampled(x, w, weighted, phi, g, 1000, seed)
        assert status == codes.DONE
        assert abs(found.sum() - values[-1]) < 1e-12
        scores.append((found - exact) / error)
    assert np.max(np.abs(scores)) < 5
    assert abs(np.std(scores) - 1) < 0.08
    status, _, _ = mean_sampled(-np.abs(x[:, :1]), w, weighted, LOGARITHM, g, 2, 0)
    assert status == codes.NOT_FINITE


# Cost


def test_the_table_of_a_network_is_fast():
    """65,536 subsets take a few milliseconds; ten times that is a mistake."""
    game = random_game(16, "network")
    assert quickest(game.payoffs, repeats=5) < 0.1
