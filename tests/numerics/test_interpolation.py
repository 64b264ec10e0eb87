"""Two-type payoffs by interpolation: against the definition, the sum over members, and the claimed bounds."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from numerics.expressions import compile_performance
from numerics.interpolation import choose_nodes, interpolation_nodes, interpolation_table, two_type_error
from numerics.kernels.closed_forms import interpolated_excess, interpolated_excess_along
from theory.expressions import parse_performance

TOLERANCE = 2.0**-46
SCALES = {
    "s": lambda s: s,
    "s**1.5": lambda s: s**1.5,
    "1/s": lambda s: 1 / s,
    "log(s)": np.log,
    "s**2": lambda s: s**2,
    "1 - 3*s": lambda s: 1 - 3 * s,
}
SMOOTH = {
    "exp(-u**2)": (-1.5, 2.0, lambda u: mpmath.exp(-(u**2))),
    "-(u**2 - 1)**2": (-2.0, 2.0, lambda u: -((u**2 - 1) ** 2)),
    "sin(3*u)": (-2.0, 2.5, lambda u: mpmath.sin(3 * u)),
    "1/(1 + u**2)": (-1.0, 1.0, lambda u: 1 / (1 + u**2)),
    "tanh(8*u)": (0.25, 1.0, lambda u: mpmath.tanh(8 * u)),
    "sqrt(abs(u))": (1.0, 4.0, lambda u: mpmath.sqrt(abs(u))),
}


def compiled(text, dimension=1):
    return compile_performance(parse_performance(text, dimension=dimension), dimension)


def table_of(scale, n):
    return np.concatenate([[0.0], SCALES[scale](np.arange(1.0, n + 1))])


def sum_over_members(m, c, x, scale, phi):
    """The O(m) sum with compensated addition."""
    import math

    s = np.arange(1, m + 2)
    joined = scale[s] * phi(c + (x - c) / s)
    alone = scale[1 : m + 1] * phi(np.array([c]))[0]
    return math.fsum(np.concatenate([joined, -alone])) / (m + 1) - phi(np.array([x]))[0]


def largest(phi, lo, hi):
    return float(np.abs(phi(np.linspace(lo, hi, 1001))).max())


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("text", SMOOTH)
def test_excess_of_few_incumbents_is_that_of_the_definition(text, scale):
    lo, hi, exact = SMOOTH[text]
    phi, g = compiled(text), table_of(scale, 40)
    n_nodes = choose_nodes(phi, lo, hi, TOLERANCE / 2 * largest(phi, lo, hi))
    assert n_nodes > 0
    nodes, weights = interpolation_table(g, n_nodes)
    rng = np.random.default_rng(7)
    for m in (0, 1, 2, 3, 7, 20, 39):
        for gap in (1.0, 0.1, 1e-4):
            c, end = rng.uniform(lo, hi, 2)
            x = c + gap * (end - c)
            with mpmath.workdps(60):
                at = [exact(mpmath.mpf(c) + (mpmath.mpf(x) - mpmath.mpf(c)) / s) for s in range(1, m + 2)]
                total = sum(mpmath.mpf(g[s]) * at[s - 1] for s in range(1, m + 2))
                total -= sum(mpmath.mpf(g[s]) for s in range(1, m + 1)) * exact(mpmath.mpf(c))
                expected = total / (m + 1) - exact(mpmath.mpf(x))
                found = interpolated_excess(m, c, x, nodes, weights, *phi.arrays())
                error = abs(mpmath.mpf(found) - expected)
            size = max(np.abs(g[: m + 2]).max(), 1.0)
            assert error <= TOLERANCE * size * largest(phi, lo, hi)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("text", SMOOTH)
def test_excess_of_many_incumbents_is_that_of_the_sum(text, scale):
    lo, hi, _ = SMOOTH[text]
    phi, sizes = compiled(text), np.array([10**5, 10**3, 20_000])
    g = table_of(scale, 10**5 + 1)
    n_nodes = choose_nodes(phi, lo, hi, TOLERANCE / 2 * largest(phi, lo, hi))
    nodes, weights = interpolation_table(g, n_nodes, sizes)
    rng = np.random.default_rng(8)
    for row, m in enumerate(sizes):
        for _ in range(5):
            c, x = rng.uniform(lo, hi, 2)
            found = interpolated_excess(row, c, x, nodes, weights, *phi.arrays())
            size = np.abs(g[: m + 2]).max()
            assert abs(found - sum_over_members(m, c, x, g, phi)) <= TOLERANCE * size * largest(phi, lo, hi)


def test_scale_s_keeps_the_digits_of_small_gains():
    """The weight of φ(c) is exactly 0 and the others do not grow with m: far more accurate than the tolerance."""
    phi, m, c, x = compiled("exp(-u**2)"), 5000, 0.3, 0.9
    nodes, weights = interpolation_table(np.arange(m + 2.0), 36)
    assert not weights[:, 0].any()
    with mpmath.workdps(30):
        gap = mpmath.mpf(x) - mpmath.mpf(c)
        total = mpmath.fsum(s * mpmath.exp(-((c + gap / s) ** 2)) for s in range(1, m + 2))
        expected = (total - m * (m + 1) // 2 * mpmath.exp(-(mpmath.mpf(c) ** 2))) / (m + 1) - mpmath.exp(
            -(mpmath.mpf(x) ** 2)
        )
        error = abs(interpolated_excess(m, c, x, nodes, weights, *phi.arrays()) - expected)
    assert error < 1e-13


def test_interpolation_is_exact_for_polynomials():
    """Rational weights: against exact arithmetic, for a polynomial of the degree of the nodes."""
    g = np.arange(31.0) ** 2
    nodes, weights = interpolation_table(g, 6)
    phi = compiled("u**5 - u**2 + 3")
    for m in (1, 4, 29):
        c, x = Fraction(1, 4), Fraction(-3, 2)
        terms = [Fraction(float(g[s])) * ((c + (x - c) / s) ** 5 - (c + (x - c) / s) ** 2 + 3) for s in range(1, m + 2)]
        rest = sum(Fraction(float(g[s])) for s in range(1, m + 1)) * (c**5 - c**2 + 3)
        expected = (sum(terms) - rest) / (m + 1) - (x**5 - x**2 + 3)
        found = interpolated_excess(m, float(c), float(x), nodes, weights, *phi.arrays())
        assert found == pytest.approx(float(expected), rel=1e-12)


def test_table_of_some_numbers_of_incumbents_is_rows_of_the_full_table():
    g = table_of("s**1.5", 40_000)
    some = np.array([39_999, 0, 5, 16_383, 16_384, 5])
    full = interpolation_table(g, 9)
    np.testing.assert_array_equal(interpolation_table(g, 9, some).weights, full.weights[some])


def test_nodes_include_the_ends_and_are_symmetric():
    for n_nodes in range(2, 49):
        nodes = interpolation_nodes(n_nodes)
        assert nodes[0] == 0
        assert nodes[-1] == 1
        assert np.all(np.diff(nodes) > 0)
        np.testing.assert_allclose(nodes + nodes[::-1], 1, rtol=0, atol=2e-16)


def test_excess_along_a_line_of_vectors():
    phi = compiled("exp(-u1**2 - u1*u2 - u2**2)", 2)
    lo, hi = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
    n_nodes = choose_nodes(phi, lo, hi, TOLERANCE / 2)
    assert n_nodes > 0
    g = table_of("s", 501)
    nodes, weights = interpolation_table(g, n_nodes)
    rng = np.random.default_rng(9)
    for m in (1, 30, 500):
        c, x = rng.uniform(-1, 1, (2, 2))
        s = np.arange(1, m + 2)[:, None]
        expected = np.sum(g[1 : m + 2] * phi(c + (x - c) / s)) - np.sum(g[1 : m + 1]) * phi(c[None])[0]
        expected = expected / (m + 1) - phi(x[None])[0]
        found = interpolated_excess_along(m, c, x, np.empty(2), nodes, weights, *phi.arrays())
        assert found == pytest.approx(expected, abs=TOLERANCE * m)


# The bound


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("exp(-u**2)", -2.0, 2.0), ("exp(-u**2)", -5.0, 4.0), ("-(u**2 - 1)**2", -2.0, 2.0), ("sin(3*u)", -3.0, 3.0),
        ("1/(1 + u**2)", -3.0, 3.0), ("tanh(8*u)", -1.0, 1.0), ("abs(u)", -1.0, 1.0), ("abs(u)", -0.2, 3.0),
        ("sqrt(abs(u))", 0.0, 2.0), ("sqrt(abs(u))", 0.1, 2.0), ("abs(u)**5", -1.0, 0.7), ("log(u + 3)", -2.9, 1.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("n_nodes", [4, 12, 24, 48])
def test_bound_is_a_bound_on_random_segments(text, lo, hi, n_nodes):
    phi = compiled(text)
    bound = two_type_error(phi, lo, hi, n_nodes)
    nodes, between = interpolation_nodes(n_nodes), np.linspace(0, 1, 301)
    at_nodes = nodes[:, None] - nodes + np.eye(n_nodes)
    barycentric = 1 / np.prod(4 * at_nodes, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = barycentric / (between[:, None] - nodes)
        lagrange = parts / parts.sum(axis=1, keepdims=True)
    inside = np.isfinite(lagrange).all(axis=1)
    rng = np.random.default_rng(10)
    segments = [(lo, hi), *rng.uniform(lo, hi, (40, 2))]
    for c, x in segments:
        interpolant = lagrange[inside] @ phi(c + (x - c) * nodes)
        found = np.abs(interpolant - phi(c + (x - c) * between[inside])).max()
        assert found <= bound + 1e-14 * largest(phi, lo, hi)  # rounding errors of this comparison


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("abs(u)", -1.0, 1.0), ("abs(u - 1/3)", -4.0, 1.0), ("sqrt(abs(u))", -1.0, 1.0), ("sqrt(abs(u))", 0.0, 1.0),
        ("u/abs(u)", -1.0, 0.7), ("abs(u)**3", -1.0, 0.7), ("tanh(300*u)", -1.0, 1.0), ("1/u", -1.0, 1.0),
        ("exp(-(u - 0.3)**2*10**6)", -1.0, 1.0),
    ],
)  # fmt: skip
def test_what_is_not_smooth_enough_falls_back(text, lo, hi):
    phi = compiled(text)
    assert choose_nodes(phi, lo, hi, TOLERANCE) == 0
    assert two_type_error(phi, lo, hi, 48) > 1e-6


def test_choose_nodes_is_the_least_number():
    phi = compiled("sin(3*u)")
    n_nodes = choose_nodes(phi, -1.0, 1.0, 1e-9)
    assert two_type_error(phi, -1.0, 1.0, n_nodes) <= 1e-9 < two_type_error(phi, -1.0, 1.0, n_nodes - 1)


def test_a_range_of_one_point_and_a_constant_need_two_nodes():
    assert choose_nodes(compiled("exp(u)"), 0.5, 0.5, 1e-12) == 2
    assert choose_nodes(compiled("0"), -1.0, 1.0, 0.0) == 2
    assert choose_nodes(compiled("3"), -1.0, 1.0, 1e-14) == 2
