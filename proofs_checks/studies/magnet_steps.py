"""Steps of S10: why larger coalitions attract more, and up to what.

The gain is the mean of t(s), s = 0..m.  For concave φ the terms grow, since t(s+1) − t(s) is s + 2 times a Jensen gap;
then their mean grows as well.  φ lies below its tangent at c, by at most (L/2)h² if φ'' ≥ −L; so, with the tangent gap
G = φ(c) + δφ'(c) − φ(c+δ), every t(s) lies between G − (L/2) δ²/(s+1) and G.  H_N ≤ 2√N by induction.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.gain_terms import (
    AT_C,
    AT_ENTRANT,
    AT_MEAN,
    GAIN,
    TERMS,
    c,
    delta,
    gain_given,
    m,
    s,
    stay_step,
    term,
)

h = Symbol("h", nonnegative=True)  # H_{m+1} − 1
L = Symbol("L", nonnegative=True)
SLOPE, AT_NEXT, NEXT_GAIN = (Symbol(name, real=True) for name in ("φ'(c)", "φ(next mean)", "Δ with m + 1"))
LONGER, NEXT_TERM = Symbol("longer sum", real=True), Symbol("t(m+1)", real=True)
LIMIT = AT_C + delta * SLOPE - AT_ENTRANT  # G


def concave_steps() -> Iterator[Step]:
    """Yield that the terms grow for concave φ, and so does their mean."""
    own = (s + 1) / (s + 2)
    mean, following = c + delta / (s + 1), c + delta / (s + 2)
    yield Step("the next consensus mixes the last one and c", following - own * mean - (1 - own) * c)
    longer = (s + 2) * AT_NEXT - (s + 1) * AT_C - AT_ENTRANT
    bracket = AT_NEXT - own * AT_MEAN - (1 - own) * AT_C
    yield Step(
        "t(s+1) − t(s) is s + 2 times Jensen's inequality there: the terms grow",
        longer - term(s),
        ">= 0",
        given=(Given("φ is concave: φ(next mean) ≥ λφ(mean) + (1−λ)φ(c), λ = (s+1)/(s+2)", bracket, ">= 0", s + 2),),
    )
    last = Symbol("t(m)", real=True)
    only = Given("the sum of one term", TERMS - last, "= 0", -1)
    yield Step("t(0) is at least the mean of t(0)", last - TERMS, ">= 0", given=(only,))
    longer_sum = Given("longer sum = sum + t(m+1)", LONGER - TERMS - NEXT_TERM, "= 0", -1)
    yield Step(
        "the last of m + 1 growing terms is at least their mean, if so for m, then for m + 1",
        (m + 2) * NEXT_TERM - LONGER,
        ">= 0",
        given=(
            longer_sum,
            Given("induction: (m+1) t(m) ≥ sum", (m + 1) * last - TERMS, ">= 0"),
            Given("the terms grow", NEXT_TERM - last, ">= 0", m + 1),
        ),
    )
    yield stay_step()
    yield Step(
        "Δ with m + 1 incumbents is at least Δ with m",
        NEXT_GAIN - GAIN,
        ">= 0",
        given=(
            Given("with m + 1 it is the mean of the longer sum", (m + 2) * NEXT_GAIN - LONGER, "= 0", 1 / (m + 2)),
            *gain_given(-1 / (m + 1)),
            Given(longer_sum.name, longer_sum.expression, "= 0", 1 / (m + 1)),
            Given("(m+2) t(m+1) ≥ longer sum", (m + 2) * NEXT_TERM - LONGER, ">= 0", 1 / ((m + 1) * (m + 2))),
        ),
    )


def limit_steps() -> Iterator[Step]:
    """Yield 0 ≤ G − Δ ≤ (L/2) δ² H_{m+1}/(m+1) for concave φ with φ'' ≥ −L, for every m."""
    H, following = Symbol("H", positive=True), Symbol("H'", positive=True)
    step = delta / (s + 1)
    below = AT_C + step * SLOPE - AT_MEAN  # how far φ is below its tangent at c
    rate = L / 2 * delta**2
    yield Step(
        "t(s) ≤ G: s + 1 times the tangent",
        LIMIT - term(s),
        ">= 0",
        given=(Given("φ is concave: below its tangent at c", below, ">= 0", s + 1),),
    )
    yield Step(
        "G − t(s) ≤ (L/2) δ²/(s+1)",
        rate / (s + 1) - LIMIT + term(s),
        ">= 0",
        given=(Given("φ'' ≥ −L: at most (L/2)h² below its tangent at c", L / 2 * step**2 - below, ">= 0", s + 1),),
    )
    first, longer = Symbol("G−t(0)", real=True), LIMIT * (m + 2) - LONGER
    yield Step(
        "the sum of G − t(s) is ≤ (L/2) δ² H_{m+1}, m = 0",
        rate * H - first,
        ">= 0",
        given=(_term_bound(first, rate), Given("H_1 = 1", H - 1, "= 0", rate)),
    )
    sums = Given("longer sum = sum + t(m+1)", LONGER - TERMS - NEXT_TERM, "= 0", 1)
    yield Step(
        "the sum of G − t(s) is ≤ (L/2) δ² H_{m+1}, if so for m, then for m + 1",
        rate * following - longer,
        ">= 0",
        given=(
            sums,
            Given("induction", rate * H - LIMIT * (m + 1) + TERMS, ">= 0"),
            _term_bound(LIMIT - NEXT_TERM, rate / (m + 2)),
            Given("H_{m+2} = H_{m+1} + 1/(m+2)", following - H - 1 / (m + 2), "= 0", rate),
        ),
    )
    start = Symbol("t(0)", real=True)
    yield Step(
        "the sum of G − t(s) is ≥ 0, m = 0",
        LIMIT - TERMS,
        ">= 0",
        given=(
            Given("the sum of one term", TERMS - start, "= 0", -1),
            Given("t(0) ≤ G", LIMIT - start, ">= 0"),
        ),
    )
    yield Step(
        "the sum of G − t(s) is ≥ 0, if so for m, then for m + 1",
        longer,
        ">= 0",
        given=(
            Given(sums.name, sums.expression, "= 0", -1),
            Given("induction", LIMIT * (m + 1) - TERMS, ">= 0"),
            Given("the next term", LIMIT - NEXT_TERM, ">= 0"),
        ),
    )
    yield stay_step()
    total = LIMIT * (m + 1) - TERMS
    yield Step(
        "Δ ≤ G", LIMIT - GAIN, ">= 0", given=(*gain_given(-1 / (m + 1)), Given("sum", total, ">= 0", 1 / (m + 1)))
    )
    yield Step(
        "G − Δ ≤ (L/2) δ² H_{m+1}/(m+1)",
        rate * H / (m + 1) - LIMIT + GAIN,
        ">= 0",
        given=(*gain_given(1 / (m + 1)), Given("the sum, by induction", rate * H - total, ">= 0", 1 / (m + 1))),
    )
    yield from root_steps()
    root = Symbol("√(m+1)", positive=True)
    yield Step(
        "G − Δ ≤ L δ²/√(m+1)",
        L * delta**2 / root - LIMIT + GAIN,
        ">= 0",
        given=(
            Given("G − Δ ≤ (L/2) δ² H_{m+1}/(m+1)", rate * H / (m + 1) - LIMIT + GAIN, ">= 0"),
            Given("H_{m+1} ≤ 2√(m+1)", 2 * root - H, ">= 0", rate / (m + 1)),
            Given("the root", root**2 - m - 1, "= 0", -2 * rate / (root * (m + 1))),
        ),
    )


def _term_bound(missing: Expr, bound: Expr) -> Given:
    return Given("G − t(s) ≤ (L/2) δ²/(s+1)", bound - missing, ">= 0")


def root_steps() -> Iterator[Step]:
    """Yield H_N ≤ 2√N by induction: √N = 1 + q, √(N+1) = 1 + q + e."""
    q, e = Symbol("√N−1", nonnegative=True), Symbol("√(N+1)−√N", positive=True)
    H, following = Symbol("H_N", positive=True), Symbol("H_{N+1}", positive=True)
    root = 1 + q + e
    yield Step("H_1 ≤ 2√1", 2 - H, ">= 0", given=(Given("H_1 = 1", H - 1, "= 0", -1),))
    yield Step(
        "H_N ≤ 2√N, if so for N, then for N + 1",
        2 * root - following,
        ">= 0",
        given=(
            Given("induction", 2 * (1 + q) - H, ">= 0"),
            Given("H_{N+1} = H_N + 1/(N+1)", following - H - 1 / root**2, "= 0", -1),
            Given("(N+1) − N = 1", root**2 - (1 + q) ** 2 - 1, "= 0", 1 / root**2),
        ),
    )


def strict_steps() -> Iterator[Step]:
    """Yield strict growth towards δ² for quadratic φ and δ ≠ 0, from S1 with H_{m+1} = 1 + h."""
    b, theta = Symbol("b", real=True), Symbol("theta", real=True)

    def phi(u: Expr) -> Expr:
        return b - (u - theta) ** 2

    factor = 1 - (1 + h) / (m + 1)
    longer = 1 - (1 + h + 1 / (m + 2)) / (m + 2)
    gained = Given("S1: Δ = δ² (1 − H_{m+1}/(m+1))", GAIN - delta**2 * factor, "= 0", -1)
    yield Step(
        "the gain grows strictly with m",
        NEXT_GAIN - GAIN,
        "> 0",
        given=(
            Given("S1 with m + 1 incumbents", NEXT_GAIN - delta**2 * longer),
            gained,
            Given("δ ≠ 0", delta**2, "> 0", longer - factor),
        ),
    )
    yield Step(
        "it is below δ²", delta**2 - GAIN, "> 0", given=(gained, Given("δ ≠ 0", delta**2, "> 0", (1 + h) / (m + 1)))
    )
    slope = phi(c).diff(c)
    yield Step("the tangent gap of quadratic φ is δ²", phi(c) + delta * slope - phi(c + delta) - delta**2)
    yield Step("and its φ'' is −2: L = 2", slope.diff(c), right=Integer(-2))
