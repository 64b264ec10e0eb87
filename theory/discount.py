"""Discounted consensus: what slow consensus costs a coalition, and the smallest rate at which it still forms.

Members are paid φ of their own opinion at every tactical step, discounted by ρ in [0, 1), while lazy uniform influence
of rate ε brings them to their mean:

    v(S) = (1-ρ) Σ_{t≥0} ρ^t Σ_{i∈S} φ(x_i(t)),     x_i(t) = x̄ + (1-ε)^t (x_i - x̄).

A power r of the deviation is paid the share β_r = (1-ρ) Σ ρ^t (1-ε)^{rt} of what it is at the start.  For quadratic φ
only r = 2 counts, because deviations add up to 0, and with the slow share β = β_2

    v(S) = |S| φ(x̄) + β Σ (φ(x_i) - φ(x̄)) = b|S| - β Σ y_i² - (1-β) Y²/|S|,    y = x - θ,  Y = Σ y_i.

The first part of β Σ φ(x_i) + (1-β) |S| φ(x̄) is an additive game: wherever an agent goes, it is paid β φ(x_i) of it.
So every gain is 1-β times that of patient agents, and a move pays from the rate on at which 1-β exceeds r = κ/gain.

Results: S12.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import (
    Expr,
    Integer,
    Mul,
    Piecewise,
    Poly,
    Symbol,
    cancel,
    diff,
    expand,
    expand_func,
    factor,
    fraction,
    oo,
    simplify,
    solve,
    sqrt,
    summation,
    together,
)

from theory.errors import InputError
from theory.gain import gain
from theory.harmonic_sums import power_sum
from theory.numbers import exact
from theory.performance import QUADRATIC, performance_expression
from theory.symbols import Q, X, beta, c, delta, eps, j, k, kappa, m, r, ratio, rho, s, u, y
from theory.two_types import two_type_order_weight

_ratio_of_series = Symbol("z", positive=True)
_decay = Symbol("D", real=True)  # (1-ε)^t


@lru_cache(maxsize=1)
def deviation_factor() -> Expr:
    """Derive the factor of a deviation from the mean in one tactical step of lazy uniform influence.

        x_i(t+1) - x̄ = (1-ε) x_i(t) + ε x̄ - x̄,   divided by x_i(t) - x̄

    Examples
    --------
    >>> deviation_factor()
    1 - epsilon
    """
    mean = X / s
    after = (1 - eps) * y + eps * mean
    if expand((1 - eps) * X + s * eps * mean - X) != 0:
        raise ArithmeticError("averaging moved the mean of the opinions")
    return cancel((after - mean) / (y - mean))


@lru_cache(maxsize=16)
def discounted_share(order: int) -> Expr:
    """Return β_r = (1-ρ) Σ_{t≥0} ρ^t (1-ε)^{rt}, what is paid of the power r = `order` of a deviation.

    Examples
    --------
    >>> discounted_share(0)
    1
    >>> discounted_share(2)
    (1 - rho)/(-rho*(1 - epsilon)**2 + 1)
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise InputError("order", order, "is no power of a deviation", "use an integer 0, 1, 2, ...")
    closed = summation(_ratio_of_series**r, (r, 0, oo))
    if isinstance(closed, Piecewise):  # converges below 1, and ρ(1-ε)^order is
        closed = closed.args[0].expr
    share = (1 - rho) * closed.subs(_ratio_of_series, rho * deviation_factor() ** order)
    return cancel(share) if order == 0 else share


def slow_share(rho: Expr | float = rho, epsilon: Expr | float = eps) -> Expr:
    """Return β = (1-ρ)/(1-ρ(1-ε)²), the share of payoffs that members get for their own opinion.

    Parameters
    ----------
    rho : discount factor, in [0, 1)
    epsilon : rate of consensus, in (0, 1]

    Returns
    -------
    sympy expression, exact for exact input; from 1-ρ (consensus at once) up to, but not including, 1 for ρ > 0

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> slow_share(0.5, 1), slow_share(0.5, 0.5)
    (1/2, 4/7)
    """
    factor_, rate = _discount(rho), exact(epsilon)
    if rate.is_number and not (rate > 0 and rate <= 1):
        raise InputError("epsilon", epsilon, "is not in (0, 1]", "give a rate such as 0.5")
    return discounted_share(2).subs({_RHO: factor_, eps: rate}, simultaneous=True)


def slow_share_slope() -> Expr:
    """Return dβ/dε, factored: negative for 0 < ρ < 1 and 0 < ε < 1, so faster consensus lowers β.

    Examples
    --------
    >>> from sympy import Rational
    >>> slow_share_slope().subs({rho: Rational(1, 2), eps: Rational(1, 2)})
    -16/49
    """
    return factor(together(diff(slow_share(), eps)))


@lru_cache(maxsize=16)
def discounted_value(phi: Expr | str = QUADRATIC) -> Expr:
    """Return v(S) of s members, in the sum X of their opinions and Q of their squares, with β = `slow_share()`.

    Each member's φ(x̄ + D (x_i - x̄)), D = (1-ε)^t, is expanded in D and summed over the members; then D^r is
    replaced by its discounted share.  What comes with D itself vanishes.

    Parameters
    ----------
    phi : polynomial in u of degree at most 2

    Raises
    ------
    InputError
        For any other φ: shares of other powers of the deviations would enter.

    Examples
    --------
    >>> discounted_value("-u**2")
    -X**2/s - beta*(Q - X**2/s)
    """
    phi = _quadratic(phi)
    mean = X / s
    path = Poly(expand(phi.subs(u, mean + _decay * (y - mean))), _decay, y)
    sums = (s, X, Q)  # of x^0, x^1, x^2 over the members
    by_decay = [Integer(0)] * 3
    for (power, own), coefficient in path.as_dict().items():
        by_decay[power] += coefficient * sums[own]
    agreed, linear, deviations = (expand(part) for part in by_decay)
    if linear != 0:
        raise ArithmeticError("deviations from the mean do not add up to 0")
    return agreed + _times(beta, deviations)


def discounted_gain(phi: Expr | str = QUADRATIC) -> Expr:
    """Return the gain of an agent of opinion c + δ that leaves k agents of its opinion for m agents at c (S12).

    Derived from `discounted_value` alone: the entrant is paid the mean over j = 1 .. m+1 of what it adds to j-1
    incumbents (V5); before, k agents that agree share their value equally.  It is found to be 1-β times the gain of
    patient agents, and returned in that form, with β = `slow_share()`.

    Examples
    --------
    >>> discounted_gain()
    delta**2*(1 - beta)*(1 - harmonic(m + 1)/(m + 1))
    """
    value = discounted_value(_quadratic(phi))
    alone, entrant = c, c + delta
    incumbents = _value_of(value, j - 1, (j - 1) * alone, (j - 1) * alone**2)
    joined = _value_of(value, j, (j - 1) * alone + entrant, (j - 1) * alone**2 + entrant**2)
    added = Poly(expand(together(joined - incumbents) * j), j)
    paid = sum((w * power_sum(power - 1, m + 1) for (power,), w in added.as_dict().items()), Integer(0))
    before = _value_of(value, k, k * entrant, k * entrant**2) / k
    derived = two_type_order_weight() * paid - before
    patient = gain(_quadratic(phi))
    if simplify(expand_func(expand(derived - (1 - beta) * patient))) != 0:
        raise ArithmeticError("slow consensus does not scale the gain")
    return (1 - beta) * patient


def smallest_rate(ratio: Expr | float | None = None, rho: Expr | float = rho) -> Expr:
    """Return ε* with (1-β(ε*)) · gain = κ: a move of positive gain and cost pays if and only if ε > ε* (S12).

        ε* = 1 - √( (ρ-r)/(ρ(1-r)) ),    r = κ/gain of patient agents;     no rate is enough for r ≥ ρ

    solved from 1 - β = r for (1-ε)², whose root 1-ε is not negative.  As β falls with ε, gains grow with it.

    Parameters
    ----------
    ratio : r; if omitted κ/(δ²(1 - H_{m+1}/(m+1))), that of quadratic φ = b - (u-θ)²
    rho : discount factor, in [0, 1)

    Returns
    -------
    sympy expression; for numbers 0 if r ≤ 0 (every rate is enough) and oo if r ≥ ρ (none is)

    Raises
    ------
    InputError
        If the discount factor is out of range.

    Examples
    --------
    >>> smallest_rate(0.25, 0.5)
    1 - sqrt(6)/3
    >>> smallest_rate(0.5, 0.5), smallest_rate(0, 0.5)
    (oo, 0)
    """
    share = kappa / gain(QUADRATIC) if ratio is None else exact(ratio)
    patience = _discount(rho)
    if (share - patience).is_nonnegative or (patience == 0 and share.is_nonpositive is None):
        return oo
    if share.is_nonpositive:
        return Integer(0)
    return rate_formula().subs({_RATIO: share, _RHO: patience}, simultaneous=True)


@lru_cache(maxsize=1)
def rate_formula() -> Expr:
    """Solve 1 - β(ε) = r for ε, 0 < r < ρ: the formula of `smallest_rate` in ρ and r.

    Examples
    --------
    >>> rate_formula()
    1 - sqrt((-r + rho)/(rho*(1 - r)))
    """
    kept = Symbol("kept", nonnegative=True)  # (1-ε)²
    roots = solve(1 - slow_share().subs(deviation_factor() ** 2, kept) - ratio, kept)
    if len(roots) != 1:
        raise ArithmeticError(f"1 - β = r has {len(roots)} solutions in (1-ε)²")
    above, below = fraction(factor(roots[0]))
    below = Mul(*(-part if part.is_Add else part for part in Mul.make_args(below)))  # both signs turned, to read well
    formula = 1 - sqrt(-above / below)
    if cancel(together(1 - slow_share().subs(eps, formula) - ratio)) != 0:
        raise ArithmeticError("the smallest rate does not solve 1 - β = r")
    return formula


_RHO, _RATIO = rho, ratio  # parameters of functions have the same names


def _value_of(value: Expr, size: Expr, total: Expr, squares: Expr) -> Expr:
    return cancel(value.subs({s: size, X: total, Q: squares}, simultaneous=True))


def _times(share: Expr, deviations: Expr) -> Expr:
    """Return share · deviations, a minus sign in front: -β (Q - X²/s)."""
    return -share * expand(-deviations) if deviations.could_extract_minus_sign() else share * deviations


def _quadratic(phi: Expr | str) -> Expr:
    phi = performance_expression(phi)
    if not phi.is_polynomial(u) or Poly(phi, u).degree() > 2:
        advice = 'use one such as "3 - (u - 1)**2"'
        raise InputError("performance", phi, "is not a polynomial of degree at most 2 in u", advice)
    return phi


def _discount(rho: Expr | float) -> Expr:
    patience = exact(rho)
    if patience.is_number and not (patience >= 0 and patience < 1):
        raise InputError("rho", rho, "is not in [0, 1)", "give a factor such as 0.9")
    return patience
