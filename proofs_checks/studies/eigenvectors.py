"""The proof of T3: W v = λ v, one type of row at a time, for as many independent vectors v as there are agents.

Cosines enter as cos kθ = (z^k + z^(−k))/2 with z = e^{iθ}.  A walk on a graph listens with the probability h to a
uniformly random neighbour, so its rows are (1 − h) v_i + h · (mean of v over the neighbours of i).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Rational, Symbol

from proofs_checks.steps import Given, Step

Ring = Callable[[Expr], Expr]


def cosine(z: Expr) -> Expr:
    """Return cos θ for z = e^{iθ}."""
    return (z + 1 / z) / 2


def eigenvector_steps(ring: Ring = cosine) -> Iterator[Step]:
    """Yield the proof; `ring` gives the eigenvalue of ring and path, and only the cosine can be proved."""
    yield from _exchangeable()
    yield from _rank_one()
    yield from _ring(ring)
    yield from _path(ring)
    yield from _bipartite()
    yield from _hypercube()


def _exchangeable() -> Iterator[Step]:
    """Yield the families whose rows are own·v_i + common·Σ v: constants, and the n − 1 dimensions with Σ v = 0."""
    n, h, v, total = Symbol("n", positive=True), Symbol("h", positive=True), Symbol("v_i"), Symbol("Σ v")
    others, loops = Symbol("n−1", positive=True), n - 1 + h
    families = (
        ("uniform", Integer(0), 1 / n, Integer(0), Integer(1), Integer(0)),
        ("lazy uniform", 1 - h, h / n, 1 - h, n * (1 - h + h / n), Integer(0)),
        ("complete", 1 - h - h / others, h / others, 1 - h * n / others, n * (1 - h), h / others),
        ("complete with self-weight h", (h - 1) / loops, 1 / loops, (h - 1) / loops, n * h / loops, Integer(0)),
    )
    for name, own, common, value, trace, share in families:
        counts = [
            (Given("n − 1 other agents", others - n + 1, "= 0", x * share),) if share != 0 else () for x in (-v, -v, -n)
        ]
        row = own * v + common * total
        constant = Given("v constant: Σ v = n v_i", total - n * v, "= 0", common)
        yield Step(f"{name}: (Wv)_i = v_i for constant v", row - v, given=(constant, *counts[0]))
        zero = Given("Σ v = 0", total, "= 0", common)
        yield Step(f"{name}: (Wv)_i = λ v_i if Σ v = 0", row - value * v, given=(zero, *counts[1]))
        yield Step(f"{name}: tr W = 1 + (n − 1) λ", trace, given=counts[2], right=1 + (n - 1) * value)


def _rank_one() -> Iterator[Step]:
    weighted, total, v = Symbol("Σ_k a_k v_k"), Symbol("Σ a", positive=True), Symbol("v_i")
    yield Step(
        "rank one: (Wv)_i = Σ a_k v_k / Σ a = v_i for constant v",
        weighted / total - v,
        given=(Given("v constant: Σ a_k v_k = v_i Σ a", weighted - v * total, "= 0", 1 / total),),
    )
    yield Step(
        "rank one: (Wv)_i = 0 in the n − 1 dimensions with Σ a_k v_k = 0",
        weighted / total,
        given=(Given("Σ a_k v_k = 0", weighted, "= 0", 1 / total),),
    )


def _lazy(statement: str, mean: Expr, mu: Expr, v: Expr, *given: Given) -> Step:
    """Return the step (1 − h) v + h · mean = (1 − h + h μ) v; the multipliers of what is given are for mean = μ v."""
    h = Symbol("h", positive=True)
    scaled = tuple(Given(g.name, g.expression, g.relation, h * g.multiplier) for g in given)
    return Step(statement, (1 - h) * v + h * mean, given=scaled, right=(1 - h + h * mu) * v)


def _ring(ring: Ring) -> Iterator[Step]:
    z, power, round_trip = Symbol("z", nonzero=True), Symbol("z^k", nonzero=True), Symbol("z^n", nonzero=True)
    yield _lazy("ring, inside: v_k = z^k", (power / z + power * z) / 2, ring(z), power)
    closed = round_trip - 1
    yield _lazy(
        "ring, agent 0: its neighbours are n − 1 and 1",
        (round_trip / z + z) / 2,
        ring(z),
        Integer(1),
        Given("z^n = 1", closed, "= 0", 1 / (2 * z)),
    )
    yield _lazy(
        "ring, agent n − 1: its neighbours are n − 2 and 0",
        (round_trip / z**2 + 1) / 2,
        ring(z),
        round_trip / z,
        Given("z^n = 1", closed, "= 0", Rational(-1, 2)),
    )
    sums, ratio = Symbol("Σ_{l<k} r^l"), Symbol("r^k")
    r = Symbol("r")
    yield Step(
        "ring: Σ_{l≤k} r^l (r − 1) = r^(k+1) − 1, by induction",
        (sums + ratio) * (r - 1) - (ratio * r - 1),
        given=(Given("induction hypothesis", sums * (r - 1) - (ratio - 1)),),
    )
    yield Step(
        "ring: for two of the n roots of unity, r their quotient, (r − 1) Σ_k r^k = 0: orthogonal, so n independent v",
        (r - 1) * sums,
        given=(Given("the sum", sums * (r - 1) - (ratio - 1)), Given("r^n = 1, r ≠ 1", ratio - 1)),
    )


def _path(ring: Ring) -> Iterator[Step]:
    z, power, last = Symbol("z", nonzero=True), Symbol("z^k", nonzero=True), Symbol("z^(n−1)", nonzero=True)
    yield _lazy("path, inside: v_k = cos kθ", (cosine(power / z) + cosine(power * z)) / 2, ring(z), cosine(power))
    yield _lazy("path, agent 0: its neighbour is 1", cosine(z), ring(z), Integer(1))
    end = Given("θ = πj/(n−1): z^(n−1) = ±1", last**2 - 1, "= 0", (1 / z - z) / (4 * last))
    yield _lazy("path, agent n − 1: its neighbour is n − 2", cosine(last / z), ring(z), cosine(last), end)
    w = Symbol("w", nonzero=True)
    yield Step(
        "path: cos θ = cos θ' only if z = w or z w = 1: n distinct eigenvalues, so n independent vectors",
        (z - w) * (1 - 1 / (z * w)),
        given=(Given("equal cosines", cosine(z) - cosine(w), "= 0", 2),),
    )


def _bipartite() -> Iterator[Step]:
    q, v, other, total = Symbol("q", positive=True), Symbol("v_i"), Symbol("v_k"), Symbol("Σ over the other side")
    p, h = Symbol("p", positive=True), Symbol("h", positive=True)
    constant = Given("the other side is constant: Σ = q v_k", total - q * other, "= 0", 1 / q)
    yield _lazy("bipartite: v constant", total / q, Integer(1), v, constant, Given("v_k = v_i", other - v))
    yield _lazy(
        "bipartite: v on one side, −v on the other", total / q, Integer(-1), v, constant, Given("v_k = −v_i", other + v)
    )
    yield _lazy("bipartite: sum 0 on each side", total / q, Integer(0), v, Given("Σ = 0", total, "= 0", 1 / q))
    yield Step(
        "bipartite: 1 + 1 + (p − 1) + (q − 1) dimensions, tr W = 1 + (1 − 2h) + (p + q − 2)(1 − h)",
        (p + q) * (1 - h) - (1 + (1 - 2 * h) + (p + q - 2) * (1 - h)),
    )


def _hypercube() -> Iterator[Step]:
    d, j, v = Symbol("d", positive=True), Symbol("j", nonnegative=True), Symbol("v_x")
    inside, outside, sums, flipped = Symbol("a"), Symbol("b"), Symbol("Σ over neighbours"), Symbol("v at a neighbour")
    so_far = Given("for a digits of S and b others", sums - (outside - inside) * v)
    yield Step(
        "hypercube: v_x = Π_{i∈S} (−1)^{x_i}, one more digit of S",
        (sums + flipped) - (outside - (inside + 1)) * v,
        given=(so_far, Given("the flip changes the sign", flipped + v)),
    )
    yield Step(
        "hypercube: one more digit outside S",
        (sums + flipped) - (outside + 1 - inside) * v,
        given=(so_far, Given("the flip changes nothing", flipped - v)),
    )
    yield _lazy(
        "hypercube: |S| = j of d digits, λ = 1 − 2hj/d",
        sums / d,
        1 - 2 * j / d,
        v,
        Given(so_far.name, so_far.expression, "= 0", 1 / d),
        Given("a = j", inside - j, "= 0", -v / d),
        Given("b = d − j", outside - d + j, "= 0", v / d),
    )
    other, product = Symbol("v'_x"), Symbol("Σ_x v_x v'_x so far")
    yield Step(
        "hypercube: Σ_x v_x v'_x = 0 for S ≠ S', two agents that differ in a digit of only one: 2^d orthogonal vectors",
        product + v * other + flipped * other,
        given=(
            Given("for the pairs so far", product),
            Given("v changes its sign, v' does not", flipped + v, "= 0", other),
        ),
    )
