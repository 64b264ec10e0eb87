"""Consensus sets: against all products of supports, one by one, and against what positive diagonals imply."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from numerics import consensus_sets
from numerics.consensus_sets import is_consensus_set, paz_bound
from theory.errors import InputError


def stochastic(supports, rng):
    matrices = supports * rng.uniform(0.1, 1.0, size=np.shape(supports))
    return matrices / matrices.sum(axis=-1, keepdims=True)


def random_supports(rng, m, n, density, diagonal=False):
    supports = rng.random((m, n, n)) < density
    columns = np.arange(n)[:, None] if diagonal else rng.integers(n, size=(m, n, 1))
    np.put_along_axis(supports, np.broadcast_to(columns, (m, n, 1)), True, axis=2)
    return supports


# The oracle: products of supports as 0-1 matrices, and for each whether powers get a positive column


def multiplied(A, B):
    return tuple(tuple(any(a and B[k][j] for k, a in enumerate(row)) for j in range(len(A))) for row in A)


def is_scrambling(A):
    return all(any(a and b for a, b in zip(x, y, strict=True)) for x in A for y in A)


def is_sia(A):
    """A power has a positive column: one closed class, and no period."""
    power = A
    for _ in range(2 ** len(A)):
        if any(all(column) for column in zip(*power, strict=True)):
            return True
        power = multiplied(power, A)
    return False


def all_products(letters):
    """The semigroup that patterns generate."""
    known, new = set(letters), set(letters)
    while new:
        new = {multiplied(A, B) for A in new for B in letters} - known
        known |= new
    return known


def scrambling_index(letters):
    """The least length at which every product is scrambling, None if some never become so; level by level."""
    level, seen, length = set(letters), [], 1
    while not all(is_scrambling(A) for A in level):
        if level in seen:
            return None
        seen.append(level)
        level = {multiplied(A, B) for A in level for B in letters}
        length += 1
    return length


def patterns(supports):
    return [tuple(tuple(bool(x) for x in row) for row in A) for A in supports]


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_agrees_with_all_products(n):
    rng = np.random.default_rng(n)
    verdicts, indices = [], []
    for _ in range({1: 20, 2: 60, 3: 150, 4: 40}[n]):
        supports = random_supports(rng, int(rng.integers(1, 4)), n, rng.uniform(0.05, 0.5))
        found = is_consensus_set(stochastic(supports, rng))
        letters = patterns(supports)
        assert found.holds == all(is_sia(A) for A in all_products(letters))
        assert found.scrambling_index == scrambling_index(letters)
        assert found.pairs <= paz_bound(n)
        assert (found.scrambling_index or 0) <= max(paz_bound(n), 1)
        verdicts.append(found.holds)
        indices.append(found.scrambling_index)
    assert n == 1 or {True, False} == set(verdicts)
    assert n < 3 or {1, 2, None} <= set(indices)


def test_every_set_of_two_patterns_of_two_agents():
    rows = [(True, False), (False, True), (True, True)]
    every = [(a, b) for a in rows for b in rows]
    for letters in product(every, every):
        found = is_consensus_set(stochastic(np.array(letters, dtype=float), np.random.default_rng(0)))
        assert found.holds == all(is_sia(A) for A in all_products(list(letters)))


def test_counterexamples_do_not_bring_agents_together():
    words = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(3, 9))
        matrices = stochastic(random_supports(rng, 2, n, 0.3 / n), rng)
        case = is_consensus_set(matrices).counterexample
        if case is None:
            continue
        words.append(case.word)
        whole = np.linalg.multi_dot([np.eye(n), *[matrices[k] for k in case.word], np.eye(n)])
        S, T = list(case.first), list(case.second)
        assert min(len(S), len(T)) > 0
        assert not set(S) & set(T)
        inside = whole[np.ix_(S, S)].sum() + whole[np.ix_(T, T)].sum()
        across = whole[np.ix_(S, T)].sum() + whole[np.ix_(T, S)].sum()
        assert max(inside, across) == pytest.approx(len(S) + len(T))  # to themselves only, or to each other only
        opinions = np.linalg.matrix_power(whole @ whole, 200) @ np.isin(np.arange(n), S)
        assert opinions[S] == pytest.approx(1)
        assert opinions[T] == pytest.approx(0)
    assert len(words) >= 10
    assert max(map(len, words)) > 1


def reaches_all(support):
    """Whether some agent is listened to, directly or not, by all: one closed class."""
    reach = np.linalg.matrix_power(support.astype(float) + np.eye(len(support)), len(support)) > 0
    return bool(reach.all(axis=0).any())


@pytest.mark.parametrize("n", [3, 5, 8, 10])
def test_positive_diagonals_need_one_closed_class_each(n):
    rng = np.random.default_rng(n)
    verdicts = []
    for _ in range(40):
        supports = random_supports(rng, int(rng.integers(1, 4)), n, rng.uniform(0.5, 2.5) / n, diagonal=True)
        found = is_consensus_set(stochastic(supports, rng))
        assert found.holds == all(reaches_all(A) for A in supports)
        assert not found.holds or found.scrambling_index <= n - 1
        verdicts.append(found.holds)
    assert set(verdicts) == {True, False}


def test_a_chain_takes_as_long_as_it_is():
    """Each agent listens to itself and the next: everybody hears the last only, after n - 1 steps."""
    for n in (2, 3, 6, 12):
        chain = (np.eye(n) + np.eye(n, k=1)) / 2
        chain[-1, -1] = 1
        assert is_consensus_set([chain]).scrambling_index == n - 1


def test_infinite_products_converge_in_any_order():
    rng = np.random.default_rng(5)
    while True:
        matrices = stochastic(random_supports(rng, 3, 5, 0.2), rng)
        found = is_consensus_set(matrices)
        if found.holds and found.scrambling_index > 2:
            break
    for order in (rng.integers(3, size=600), [0, 1, 2] * 200, [2] * 600):
        whole = np.eye(5)
        for k in order:
            whole = whole @ matrices[k]
        assert np.ptp(whole, axis=0).max() < 1e-9


def test_agents_who_swap_never_agree_though_each_is_linked():
    """W ∈ {I, swap}: the mean of the two brings both together, no product does."""
    found = is_consensus_set([np.eye(2), [[0, 1], [1, 0]]])
    assert not found.holds
    assert found.counterexample.word in ((0,), (1,))
    assert is_consensus_set([[[0.5, 0.5], [0.5, 0.5]]]).scrambling_index == 1


def test_each_alone_but_not_together():
    """Two matrices whose powers converge and whose product does not."""
    pairs = [
        (X, Y)
        for X, Y in product(np.array(list(product(np.eye(3), repeat=3))), repeat=2)
        if is_consensus_set([X]).holds and is_consensus_set([Y]).holds and not is_consensus_set([X, Y]).holds
    ]
    assert pairs
    for X, Y in pairs[:10]:
        case = is_consensus_set([X, Y]).counterexample
        assert set(case.word) == {0, 1}


def pairs_of_all_kinds(n):
    """All permutations, and one agent who listens to two: from single agents every pair of sets is reached."""
    rotation, swap, listen = np.roll(np.eye(n), 1, axis=1), np.eye(n)[[1, 0, *range(2, n)]], np.eye(n)
    listen[0, :2] = 0.5
    return [rotation, swap, listen]


def test_all_pairs_of_ten_agents_are_reached():
    found = is_consensus_set(pairs_of_all_kinds(10))
    assert found.pairs == paz_bound(10)
    assert not found.holds


@pytest.mark.parametrize(
    ("matrices", "problem"),
    [
        ([], "matrices"),
        (3, "matrices"),
        ([np.eye(2), np.eye(3)], r"matrices\[1\].*not the size"),
        ([[[0.5, 0.5]]], r"matrices\[0\].*square"),
        ([[[0.5, 0.6], [0.5, 0.5]]], r"matrices\[0\]\[0\].*add up to 1"),
        ([[[1.5, -0.5], [0.5, 0.5]]], r"matrices\[0\]\[0\].*shares"),
        ([[[float("nan"), 1], [0, 1]]], r"matrices\[0\]\[0\]\[0\].*not finite"),
        ([np.eye(17)], "at most 16"),
    ],
)
def test_what_is_not_stochastic_is_refused(matrices, problem):
    with pytest.raises(InputError, match=problem):
        is_consensus_set(matrices)


def test_more_pairs_than_memory_are_refused(monkeypatch):
    matrices = pairs_of_all_kinds(10)
    monkeypatch.setattr(consensus_sets, "MAX_EDGES", 50_000)
    with pytest.raises(InputError, match="more than 16,666 pairs of sets of agents; take fewer"):
        is_consensus_set(matrices)
