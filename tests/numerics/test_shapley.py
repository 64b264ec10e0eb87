"""Shapley value of a table: against the definition in rationals, the axioms, and every refusal."""

from fractions import Fraction
from itertools import permutations
from math import comb, factorial, inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from numerics.kernels.shapley import shapley_from_table
from numerics.shapley import MAX_AGENTS_OF_TABLE, shapley_value
from theory.errors import InputError

SETTINGS = settings(deadline=None, database=None, max_examples=100)
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def tables(draw, most=5, entries=numbers):
    """The values of a game of up to so many agents."""
    k = draw(st.integers(0, most))
    return [0.0, *draw(st.lists(entries, min_size=2**k - 1, max_size=2**k - 1))]


def by_permutations(values):
    """Each agent's mean marginal contribution over all orders of arrival."""
    k = len(values).bit_length() - 1
    total = [Fraction(0)] * k
    for order in permutations(range(k)):
        mask = 0
        for i in order:
            total[i] += Fraction(values[mask | 1 << i]) - Fraction(values[mask])
            mask |= 1 << i
    return [t / factorial(k) for t in total]


def by_subsets(values, agents=None):
    """The formula over subsets in integers, for values that are multiples of 2^-52 below 2 in size; all agents or some.

    Values are cut in two halves of 26 bits, the sums of which are integers that a double holds exactly.
    """
    k = len(values).bit_length() - 1
    whole = (np.asarray(values) * 2.0**52).astype(np.int64)
    assert np.array_equal(whole / 2.0**52, values)
    upper, lower = whole >> 26, whole & (2**26 - 1)
    members = members_of(k)

    def sums_by_size(halves, has_agent):
        """Σ v(S) over the coalitions with and without the agent, by size."""
        return np.bincount(members + (k + 1) * has_agent, halves, 2 * (k + 1)).reshape(2, k + 1)

    result = []
    for i in range(k) if agents is None else agents:
        has_agent = np.arange(2**k) >> i & 1
        high, low = sums_by_size(upper, has_agent), sums_by_size(lower, has_agent)
        without, with_i = [
            [(int(h) << 26) + int(m) for h, m in zip(*rows, strict=True)] for rows in zip(high, low, strict=True)
        ]
        payoff = sum(Fraction(with_i[s + 1] - without[s], comb(k - 1, s)) for s in range(k))
        result.append(payoff / k / 2**52)
    return result


def members_of(k):
    """Number of agents of every coalition."""
    members = np.zeros(1, dtype=np.int64)
    for _ in range(k):
        members = np.concatenate([members, members + 1])
    return members


def worths(x):
    """Σ_{i ∈ S} x_i of every coalition."""
    total = np.zeros(1)
    for xi in x:
        total = np.concatenate([total, total + xi])
    return total


def on_grid(values):
    """Scaled to size 1, rounded to multiples of 2^-52, and 0 for the empty set."""
    values = np.round(values / np.max(np.abs(values)) * 2.0**52) / 2.0**52
    values[0] = 0.0
    return values


def game(kind, k, seed=0):
    """Games of different shape, for accuracy."""
    rng = np.random.default_rng(seed)
    x, s = rng.uniform(0.5, 1.5, size=k), members_of(k)
    return on_grid(
        {
            "uniform": lambda: rng.random(2**k),
            "signed": lambda: rng.normal(size=2**k),
            "heavy tails": lambda: np.exp(2 * rng.normal(size=2**k)),
            "additive": lambda: worths(x),
            "convex": lambda: worths(x) ** 2,
            "concave": lambda: np.sqrt(worths(x)),
            "size": lambda: s.astype(float) ** 1.5,
            "variance": lambda: -worths(x**2) + worths(x) ** 2 / np.maximum(s, 1),
            "majority": lambda: (worths(x) > x.sum() / 2).astype(float),
        }[kind]()
    )


GAMES = ["uniform", "signed", "heavy tails", "additive", "convex", "concave", "size", "variance", "majority"]


def error(found, expected):
    """Largest error relative to the largest payoff."""
    return float(
        max(abs(Fraction(f) - e) for f, e in zip(found.tolist(), expected, strict=True)) / max(map(abs, expected))
    )


# Against the definition


@SETTINGS
@given(tables())
def test_the_mean_over_all_orders(values):
    scale = max(map(abs, values)) or 1.0
    found, expected = shapley_value(values), by_permutations(values)
    assert found.shape == (len(expected),)
    assert all(abs(Fraction(f) - e) <= 1e-14 * scale for f, e in zip(found.tolist(), expected, strict=True))


def test_the_two_oracles_agree():
    values = game("uniform", 6).tolist()
    assert by_permutations(values) == by_subsets(values)


@pytest.mark.parametrize("k", range(1, 15))
def test_every_number_of_agents(k):
    """Below, at and above the sizes of lanes and blocks."""
    for kind in ("uniform", "signed"):
        values = game(kind, k, seed=k)
        assert error(shapley_value(values), by_subsets(values)) <= 1e-14


@pytest.mark.parametrize("kind", GAMES)
def test_accuracy_on_eighteen_agents(kind):
    values = game(kind, 18)
    found, expected = shapley_value(values), by_subsets(values)
    assert error(found, expected) <= 1e-14
    if kind not in ("signed", "variance"):  # positive games: agent by agent
        assert all(abs(Fraction(f) - e) <= 1e-12 * abs(e) for f, e in zip(found.tolist(), expected, strict=True))


def test_accuracy_on_twenty_two_agents():
    """One agent for each way in which the bits of a mask are summed."""
    values, agents = game("uniform", 22), [1, 5, 11, 17, 21]
    assert error(shapley_value(values)[agents], by_subsets(values, agents)) <= 1e-14


# Axioms and games with a known value


@SETTINGS
@given(tables(most=9, entries=st.floats(-1, 1)))
def test_efficiency(values):
    assert abs(shapley_value(values).sum() - values[-1]) <= 1e-14


@SETTINGS
@given(st.integers(2, 12), st.data())
def test_symmetric_agents_get_the_same_and_a_null_player_nothing(k, data):
    i, j, null = data.draw(st.permutations(range(k + 1)))[:3]
    k, masks = k + 1, np.arange(2 ** (k + 1))
    reduced = np.where((masks >> i & 1) < (masks >> j & 1), masks ^ (1 << i | 1 << j), masks) & ~(1 << null)
    values = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=2**k)[reduced]
    values -= values[0]
    phi = shapley_value(values)
    assert abs(phi[i] - phi[j]) <= 1e-13
    assert abs(phi[null]) <= 1e-13


@SETTINGS
@given(st.integers(1, 12), st.integers(0, 99), st.floats(-10, 10))
def test_additivity(k, seed, factor):
    u, v = np.random.default_rng(seed).normal(size=(2, 2**k))
    u[0] = v[0] = 0
    assert shapley_value(u + factor * v) == pytest.approx(shapley_value(u) + factor * shapley_value(v), abs=1e-12)


@SETTINGS
@given(st.integers(1, 12), st.data())
def test_relabelling_agents_relabels_the_value(k, data):
    new = data.draw(st.permutations(range(k)))  # agent i becomes new[i]
    values = game("uniform", k)
    masks = np.arange(2**k)
    renamed = np.empty_like(values)
    renamed[sum((masks >> i & 1) << new[i] for i in range(k))] = values
    assert shapley_value(renamed)[new] == pytest.approx(shapley_value(values), abs=1e-14)


@SETTINGS
@given(st.integers(1, 18), st.data())
def test_unanimity_games(k, data):
    """Those who are needed share equally; a dictator is needed alone."""
    needed = data.draw(st.sets(st.integers(0, k - 1), min_size=1))
    mask = sum(1 << i for i in needed)
    values = (np.arange(2**k) & mask) == mask
    expected = [1 / len(needed) if i in needed else 0 for i in range(k)]
    assert shapley_value(values.astype(float)) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("k", [1, 5, 13, 20])
def test_an_additive_game_pays_everybody_their_own(k):
    x = np.random.default_rng(k).normal(size=k)
    assert shapley_value(worths(x)) == pytest.approx(x, abs=1e-13)


@pytest.mark.parametrize("k", [1, 3, 8, 17, 19])
def test_a_game_of_sizes_pays_everybody_exactly_the_same(k):
    assert shapley_value(members_of(k)).tolist() == [1.0] * k


def test_no_agents_and_the_largest_table():
    assert shapley_value([0.0]).shape == (0,)
    values = np.zeros(2**MAX_AGENTS_OF_TABLE)
    values[-1] = 24.0
    assert shapley_value(values).tolist() == [1.0] * 24


# What a table may be


@pytest.mark.parametrize("k", [6, 17, 18, 20])
def test_the_same_bits_on_any_number_of_threads_and_from_a_kernel(k):
    values = game("signed", k)
    found = shapley_value(values).tolist()
    for threads in (1, 2, 3, 7, 64):
        assert shapley_value(values, threads).tolist() == found

    @njit(nogil=True)
    def caller(values, out):
        shapley_from_table(values, out)

    out = np.empty(k)
    caller(values, out)
    assert out.tolist() == found


@pytest.mark.parametrize("k", [3, 9])
def test_other_arrays_of_numbers(k):
    values = np.random.default_rng(0).integers(0, 100, size=2**k)
    values[0] = 0
    expected = shapley_value(values.astype(float)).tolist()
    spaced = np.zeros(2 ** (k + 1))
    spaced[::2] = values
    unaligned = np.frombuffer(b"." + values.astype(float).tobytes(), dtype=np.uint8)[1:].view(np.float64)
    assert not unaligned.flags.aligned
    read_only = values.astype(float)
    read_only.flags.writeable = False
    given = [values, values.astype(np.float32), values.astype(np.uint8), values.astype(">f8"), values.tolist()]
    for table in (*given, tuple(values), spaced[::2], values[::-1].astype(float)[::-1], unaligned, read_only):
        assert shapley_value(table).tolist() == expected


def test_the_table_is_left_alone():
    values = game("uniform", 10)
    before = values.copy()
    shapley_value(values)
    assert np.array_equal(values, before)


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e150, 1e299])
def test_very_small_and_very_large_values(factor):
    values = game("uniform", 10)
    assert shapley_value(factor * values) / factor == pytest.approx(shapley_value(values), rel=1e-13)


# Refusals


@pytest.mark.parametrize(
    ("values", "field", "shown"),
    [
        ([], "values", "0 values"),
        ([0.0, 1.0, 2.0], "values", "3 values are no table"),
        (np.zeros(2**10 - 1), "values", "1023 values"),
        (np.broadcast_to(0.0, 2**25), "values", "33554432 values of 25 agents take 268 MB"),
        (np.broadcast_to(0.0, 2**25), "values", "payoffs(model, structure)"),
        (np.broadcast_to(0.0, 2**40), "values", "40 agents"),
        ([1.0, 1.0], "values[0]", "1.0 is not 0"),
        ([nan, 1.0], "values[0]", "nan"),
        ([0.0, 1.0, 2.0, nan], "values[3]", "{0, 1}"),
        ([0.0, 1.0, inf, 2.0], "values[2]", "{1}"),
        ([0.0, -inf], "values[1]", "-inf"),
        ([0, 10**400], "values[1]", "too large"),
        (np.array([0, 1.7e308, 1.7e308, -1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308]), "values", "1.7e+308"),
        ([False, True], "values[0]", "False"),
        ([0, True], "values[1]", "True"),
        ([0, "1"], "values[1]", "'1'"),
        ([0, None], "values[1]", "None"),
        ([0, 1j], "values[1]", "1j"),
        ([0, Fraction(1, 3)], "values[1]", "1, 3"),
        ([[0, 1], [2, 3]], "values[0]", "[0, 1]"),
        (np.zeros((2, 2)), "values", "(2, 2)"),
        (np.array([False, True]), "values", "bool"),
        (np.array([0, 1], dtype=object), "values", "object"),
        (np.array(["0", "1"]), "values", "<U1"),
        (np.array([0, 1j]), "values", "complex128"),
        (np.array([0, 1], dtype="timedelta64[s]"), "values", "timedelta64"),
        (np.float64(0.0), "values", "shape ()"),
        ("01", "values", "'01'"),
        (b"01", "values", "b'01'"),
        (0.0, "values", "0.0"),
        (None, "values", "None"),
        ({0: 0.0, 1: 1.0}, "values", "{0: 0.0"),
        (object(), "values", "object"),
    ],
)
def test_tables_that_are_refused(values, field, shown):
    with pytest.raises(InputError) as caught:
        shapley_value(values)
    message = str(caught.value)
    assert message.startswith(f"{field}: "), message
    assert shown in message, message
    assert len(message) < 400


@pytest.mark.parametrize("k", [1, 4, 7, 8, 12, 19])
@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_one_entry_that_is_not_finite_is_found_wherever_it_is(k, wrong):
    rng = np.random.default_rng(k)
    for mask in {1, 2**k - 1, *rng.integers(1, 2**k, size=3 if k == 19 else 20).tolist()}:
        values = game("uniform", k)
        values[mask] = wrong
        with pytest.raises(InputError) as caught:
            shapley_value(values)
        agents = ", ".join(str(i) for i in range(k) if mask >> i & 1)
        assert str(caught.value).startswith(f"values[{mask}]: {wrong} is the value of the coalition {{{agents}}}")


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_numbers_of_threads_that_are_refused(threads):
    with pytest.raises(InputError, match="threads"):
        shapley_value([0.0, 1.0], threads)
