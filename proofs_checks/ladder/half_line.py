"""Positive polynomials on s ≥ 0 as sums of squares with exact coefficients, from their roots: no solver takes part.

    Q(s) = l · (e(s)² + s·o(s)²) + Σ_i w_i s^i,    l > 0,  w_i ≥ 0

Q - ε Σ s^i has no root s ≥ 0 for small ε, so that q(y) = Q(y²) - ε Σ y^{2i} has none at all, and q = l |Π (y - z_j)|²
over its roots above the real line.  They lie symmetrically to the imaginary axis: the product is e(y²) + i·y·o(y²).
Rounding e and o changes the coefficients of q by less than ε at some precision, which w_i = ε + change makes good.

Reference: Chevillard, Harrison, Joldes and Lauter, Theor. Comput. Sci. 412:1523, 2011 (for all real y).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flint import acb, acb_poly, ctx, fmpq, fmpq_poly, fmpz

MAX_BITS = 4096
SMALLEST = 200  # ε is at least 2^-200


@dataclass(frozen=True)
class HalfLine:
    """l, e, o and w_0, ..., w_N."""

    scale: fmpq
    even: fmpq_poly
    odd: fmpq_poly
    weights: list[fmpq]


def on_half_line(p: fmpq_poly, deadline: float) -> HalfLine | None:
    """Return the parts of a polynomial of even degree that is positive for s ≥ 0; None if time or precision run out.

    Parameters
    ----------
    p : of even degree N, p > 0 on s ≥ 0.
    deadline : on the clock of `time.perf_counter`.

    Notes
    -----
    The precision needed grows with the nearness of the roots to the half-line.

    Examples
    --------
    >>> found = on_half_line(fmpq_poly([1, -1, 1]), time.perf_counter() + 10)
    >>> rest = fmpq_poly([1, -1, 1]) - found.scale * (found.even**2 + fmpq_poly([0, 1]) * found.odd**2)
    >>> [a >= 0 for a in rest.coeffs()], rest.coeffs() == found.weights
    ([True, True, True], True)
    """
    n = p.degree()
    ones = fmpq_poly([1] * (n + 1))
    for k in range(2, SMALLEST):
        epsilon = fmpq(1, 2) ** k * max(abs(a) for a in p.coeffs())
        lowered = p - epsilon * ones
        if lowered.degree() < n or lowered[n] <= 0 or lowered[0] <= 0 or _has_root(lowered):
            continue
        bits = k + 8
        while bits <= MAX_BITS and time.perf_counter() < deadline:
            even, odd = _rounded(lowered, bits)
            rest = p - lowered[n] * (even**2 + fmpq_poly([0, 1]) * odd**2)
            weights = [rest[i] for i in range(n + 1)]
            if rest.degree() <= n and min(weights) >= 0:
                return HalfLine(lowered[n], even, odd, weights)
            bits *= 2
        return None
    return None


def _has_root(p: fmpq_poly) -> bool:
    """Whether there is a root s ≥ 0; balls of flint have real parts of exact sign for real roots."""
    return any(z.imag == 0 and not z.real < 0 for z, _ in p.complex_roots())


def _rounded(p: fmpq_poly, bits: int) -> tuple[fmpq_poly, fmpq_poly]:
    """e and o, rounded to 2^-bits."""
    kept = ctx.prec
    try:
        ctx.prec = 2 * bits + 64
        product = acb_poly([1])
        for s, multiplicity in p.complex_roots():
            y = s.sqrt()  # s = y² for y and -y, of which one is above the real line
            y = -y if y.imag < 0 else y
            for _ in range(multiplicity):
                product = product * acb_poly([-y, acb(1)])
        coefficients = [product[k] for k in range(product.degree() + 1)]
        scale = fmpz(2) ** bits
        even = [fmpq(_nearest(a.real * scale), scale) for a in coefficients[0::2]]
        odd = [fmpq(_nearest(a.imag * scale), scale) for a in coefficients[1::2]]
        return fmpq_poly(even), fmpq_poly(odd)
    finally:
        ctx.prec = kept


def _nearest(ball: object) -> fmpz:
    """An integer near a real ball."""
    value = ball.mid().fmpq() + fmpq(1, 2)  # type: ignore[attr-defined]
    return value.p // value.q
