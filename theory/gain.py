"""Gain: what an agent wins by moving, at a tactical equilibrium.

An agent of opinion c + δ leaves a coalition of k agents that all agree with it, and joins m agents that agree
on c.  Before, symmetry pays it g(k) φ(c+δ)/k; after, the two-type value (V5).  With the sum reindexed,

    Δ = 1/(m+1) [ g(m+1) φ(c) + Σ_{j=1}^{m+1} g(j) (φ(c + δ/j) - φ(c)) ] - g(k) φ(c+δ)/k.

For a polynomial φ the Taylor series at c turns the sum into Σ_j g(j) j^-r, and with powers g into harmonic
numbers: for g(s) = s,  Δ = Σ_{r≥2} φ⁽ʳ⁾(c)/r! δʳ (H_{m+1}^(r-1)/(m+1) - 1).

Results: S1 (quadratic φ: Δ = δ² (1 - H_{m+1}/(m+1)), founding alone gains 0), S8 (critical cost of a structure),
S9 (what incumbents gain), the limit of S10.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model); R. J. Aumann, J. H. Drèze, 1974.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Max, Sum, diff, expand, oo, powsimp

from theory.errors import InputError
from theory.harmonic_sums import power_sum
from theory.numbers import exact
from theory.performance import performance_expression
from theory.symbols import c, delta, j, k, kappa, m, s, u
from theory.two_types import (
    has_closed_form,
    polynomial_gain,
    scale_at,
    taylor_coefficients,
    two_type_order_weight,
)
from theory.value import scale_expression

MAX_EXPLICIT = 1000  # incumbents up to which a sum over members is written out
DIGITS = 50  # to which exact numbers are compared


def gain(phi: Expr | str, scale: Expr | str = s, m: int | None = None) -> Expr:
    """Return the gain Δ of an agent of opinion c + δ that leaves k agents of its opinion for m agents at c.

    Parameters
    ----------
    phi : performance function, an expression in u
    scale : expression in s; a, the total weight, equals s here
    m : number of incumbents, 0 or more (0: it founds a coalition); symbolic if omitted

    Returns
    -------
    sympy expression in c, δ, k (for scales other than s), m and the parameters: in harmonic numbers for polynomial φ
    and integer powers of s; written out for a concrete m up to 1000; with an unevaluated Sum otherwise

    Examples
    --------
    >>> gain("b - (u - theta)**2")
    delta**2*(1 - harmonic(m + 1)/(m + 1))
    >>> gain("b - (u - theta)**2", m=3)
    23*delta**2/48
    >>> gain("exp(u)")
    exp(c) - exp(c + delta) + Sum(j*(-exp(c) + exp(c + delta/j)), (j, 1, m + 1))/(m + 1)
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    if m is not None:
        return _gain_at(phi, scale, _size(m))
    ratio = proportionality(scale)
    if ratio is not None and has_closed_form(phi):
        return polynomial_gain(ratio * phi)
    return entrant_payoff(phi, scale) - member_payoff(phi, scale)


def entrant_payoff(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return the payoff of an entrant of opinion c + δ among m incumbents at c, the sum reindexed (V5).

    Examples
    --------
    >>> entrant_payoff("u**2", "s**2")
    c**2*(m + 1) + 2*c*delta*(m/2 + 1) + delta**2
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    share = two_type_order_weight()
    whole = scale_per_member(scale, m + 1)
    if not has_closed_form(phi):
        added = scale_at(scale, j) * (phi.subs(u, c + delta / j) - phi.subs(u, c))
        return whole * phi.subs(u, c) + share * Sum(added, (j, 1, m + 1))
    total = Integer(0)
    for order, coefficient in taylor_coefficients(phi).items():
        weight = whole if order == 0 else share * scaled_power_sum(scale, order)
        total += coefficient * delta**order * weight
    return total


def member_payoff(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return the payoff g(k) φ(c+δ)/k of one of k agents that all hold the opinion c + δ.

    Examples
    --------
    >>> member_payoff("u**2", "s**2")
    k*(c + delta)**2
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    return scale_per_member(scale, k) * phi.subs(u, c + delta)


def founding_gain(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return the gain of leaving k agents of one's own opinion c + δ to found a coalition alone.

        g(1) φ(c+δ) - g(k) φ(c+δ)/k:   0 for g(s) = s.

    Examples
    --------
    >>> founding_gain("-u**2")
    0
    >>> founding_gain("-u**2", "s**2")
    k*(c + delta)**2 - (c + delta)**2
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    alone = scale_at(scale, Integer(1)) * phi.subs(u, c + delta)
    return alone - member_payoff(phi, scale)


def incumbents_gain(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return what each of m incumbents at c gains when an agent of opinion c + δ joins (S9).

    By efficiency the incumbents share what the entrant leaves, by symmetry equally:

        [ g(m+1) φ(c + δ/(m+1)) - AD ]/m - g(m) φ(c)/m,    AD the entrant's payoff.

    Examples
    --------
    >>> incumbents_gain("b - (u - theta)**2")
    delta**2*(harmonic(m + 1) - 1)/(m*(m + 1))
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    whole, before = scale_at(scale, m + 1), scale_per_member(scale, m)
    if not has_closed_form(phi):
        left = whole * phi.subs(u, c + delta / (m + 1)) - entrant_payoff(phi, scale)
        return left / m - before * phi.subs(u, c)
    total = (scale_per_member(scale, m + 1) - before) * phi.subs(u, c)  # (whole - whole/(m+1))/m - before
    for order, coefficient in taylor_coefficients(phi).items():
        if order == 0:
            continue
        paid = scaled_power_sum(scale, order)  # of it the entrant takes 1/(m+1), from whole/(m+1)^order
        excess = (paid - powsimp(whole / (m + 1) ** (order - 1))) / (m * (m + 1))
        total += -coefficient * delta**order * excess
    return total


def critical_cost(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return the critical cost of one move: it is profitable for κ below it and for no other, so it is the gain.

    Examples
    --------
    >>> critical_cost("-u**2")
    delta**2*(1 - harmonic(m + 1)/(m + 1))
    """
    return gain(phi, scale)


def barrier(phi: Expr | str, scale: Expr | str = s, cost: Expr | float = kappa) -> Expr:
    """Return the barrier κ - Δ of a move: what would have to be added to the gain before it pays.

    Examples
    --------
    >>> barrier("-u**2")
    -delta**2*(1 - harmonic(m + 1)/(m + 1)) + kappa
    """
    return exact(cost) - gain(phi, scale)


def structure_critical_cost(
    consensus: Sequence[Expr | float], sizes: Sequence[int], phi: Expr | str, scale: Expr | str = s
) -> Expr:
    """Return κ*(π, x), the largest gain of any move at a tactical equilibrium, under open acceptance (S8).

    π is stable iff κ ≥ κ*.  Moves are from any coalition to any other, and out of a coalition of two or
    more to found one alone; for quadratic φ and scale s this is max_{C≠D} δ² (1 - H_{|D|+1}/(|D|+1)), or 0 for one
    coalition of two or more.

    Parameters
    ----------
    consensus : the opinion each coalition agrees on, numbers or expressions
    sizes : the number of members of each
    phi, scale : as in `gain`

    Returns
    -------
    an exact number for exact numbers, a Max of expressions otherwise; -oo if there is no move (one agent)

    Notes
    -----
    Cost: one gain per pair of coalitions.

    Examples
    --------
    >>> structure_critical_cost([0, 1, 3], [2, 1, 1], -u**2)
    7/2
    >>> structure_critical_cost([0], [4], -u**2)
    0
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    points, counts = [exact(value) for value in consensus], [_size(size, least=1) for size in sizes]
    if len(points) != len(counts) or not points:
        raise InputError("sizes", sizes, f"do not match {len(points)} coalitions", "give one size per coalition")
    joined = {size: _gain_at(phi, scale, size) for size in {0, *counts}}
    gains = []
    for left, (here, size_left) in enumerate(zip(points, counts, strict=True)):
        targets = [
            (there, size) for right, (there, size) in enumerate(zip(points, counts, strict=True)) if left != right
        ]
        if size_left >= 2:
            targets.append((here, 0))
        for there, size in targets:
            at = {c: there, delta: here - there, k: Integer(size_left)}
            gains.append(joined[size].subs(at, simultaneous=True))
    return largest(gains)


def largest(values: Sequence[Expr]) -> Expr:
    """Return the largest of exact numbers as it stands, or a Max if they have symbols; -oo of none."""
    if any(value.free_symbols for value in values):
        return Max(*values)
    best: Expr = -oo
    for value in dict.fromkeys(values):
        difference = value - best
        if difference.is_Rational or difference.is_infinite:
            greater = bool(difference > 0)
        else:
            greater = bool(difference.evalf(DIGITS) > 0)
        best = value if greater else best
    return best


def gain_limit(phi: Expr | str, scale: Expr | str = s) -> Expr | None:
    """Return the limit of the gain as m → ∞, or None where it has none or none is derived (S10).

    The entrant's payoff is the mean of the m+1 increments d_s = g(s+1) φ(c + δ/(s+1)) - g(s) φ(c), so by Cesàro
    it tends to their limit.  For g(s) = γ₁ s + terms of power below 1, and φ differentiable at c,
    d_s → γ₁ (φ(c) + δ φ'(c)): the entrant is paid what the tangent at c promises at c + δ.

    Examples
    --------
    >>> gain_limit("b - (u - theta)**2").expand()
    delta**2
    >>> gain_limit("-u**2", "s**2") is None
    True
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    powers = _powers(scale)
    if powers is None or any(not exponent.is_Rational or exponent > 1 for exponent in powers):
        return None
    tangent = phi.subs(u, c) + delta * diff(phi, u).subs(u, c)
    limit = powers.get(Integer(1), Integer(0)) * tangent - member_payoff(phi, scale)
    if proportionality(scale) is not None and has_closed_form(phi):
        return sum(_taylor_limit(phi, powers), Integer(0))
    return limit


def _taylor_limit(phi: Expr, powers: dict[Expr, Expr]) -> list[Expr]:
    """Return the same limit for polynomial φ and scale s, in powers of δ: H/(m+1) → 0 in each weight."""
    ratio = powers[Integer(1)]
    return [-ratio * value * delta**order for order, value in taylor_coefficients(phi).items() if order >= 2]


def proportionality(scale: Expr) -> Expr | None:
    """Return γ₁ if g(s) = γ₁ s, else None."""
    ratio = scale_at(scale, j) / j
    if ratio.has(j):
        ratio = expand(ratio)
    return None if ratio.has(j) or ratio == 0 else ratio


def scaled_power_sum(scale: Expr, order: int) -> Expr:
    """Return Σ_{j=1}^{m+1} g(j) j^-order: in harmonic numbers for integer powers g, else an unevaluated Sum.

    Examples
    --------
    >>> scaled_power_sum(s, 2)
    harmonic(m + 1)
    >>> from theory.symbols import gamma
    >>> scaled_power_sum(s**gamma, 2)
    Sum(j**(gamma - 2), (j, 1, m + 1))
    """
    if not is_rational_scale(scale):
        return Sum(powsimp(scale_at(scale, j) / j**order), (j, 1, m + 1))
    terms = (value * power_sum(int(exponent) - order, m + 1) for exponent, value in (_powers(scale) or {}).items())
    return sum(terms, Integer(0))


def scale_per_member(scale: Expr, size: Expr) -> Expr:
    """Return g(size)/size, powers combined: s^γ gives size^(γ-1)."""
    return powsimp(scale_at(scale, size) / size)


def is_rational_scale(scale: Expr) -> bool:
    """Whether g is a sum of integer powers of s, so that its sums close in harmonic numbers."""
    powers = _powers(scale)
    return powers is not None and all(exponent.is_Integer for exponent in powers)


def _powers(scale: Expr) -> dict[Expr, Expr] | None:
    """Return {e: coefficient} with g(s) = Σ coefficient s^e, or None if g is no such sum."""
    found: dict[Expr, Expr] = {}
    for term in Add.make_args(expand(scale_at(scale, j))):
        coefficient, power = term.as_independent(j)
        base, exponent = power.as_base_exp()
        if power == 1:
            exponent = Integer(0)
        elif base != j or exponent.has(j):
            return None
        found[exponent] = found.get(exponent, Integer(0)) + coefficient
    return found


def _gain_at(phi: Expr, scale: Expr, size: Integer) -> Expr:
    """Return the gain for a concrete number of incumbents."""
    ratio = proportionality(scale)
    if size > 0 and has_closed_form(phi) and ratio is not None:
        return polynomial_gain(ratio * phi).subs(m, size)
    if size > MAX_EXPLICIT:
        return gain(phi, scale).subs(m, size)
    sizes = [Integer(i) for i in range(1, int(size) + 2)]
    after = sum((scale_at(scale, i) * phi.subs(u, c + delta / i) for i in sizes), Integer(0))
    before = sum((scale_at(scale, i) for i in sizes[:-1]), Integer(0)) * phi.subs(u, c)
    return (after - before) / (size + 1) - member_payoff(phi, scale)


def _size(value: Expr | int, least: int = 0) -> Integer:
    """Return a number of agents as an Integer."""
    size = exact(value)
    if isinstance(value, bool) or not size.is_Integer or size < least:
        raise InputError("size", value, "is no number of agents", f"give an integer, {least} or more")
    return size
