"""Performance functions φ and their curvature.

A coalition that agrees on u performs φ(u).  Three functions are standard:

- quadratic, φ(u) = b - (u - θ)², the best performance b at the best opinion θ;
- Gaussian, φ(u) = exp(-(u - θ)²/(2σ²)), which stops caring about opinions that are far from θ;
- double well, φ(u) = -(u² - 1)², with two best opinions, -1 and 1.

Any other expression in `theory.symbols.u` serves as well, with any symbols as parameters.

The curvature of φ on [lo, hi] is the pair of best constants with -L ≤ φ'' ≤ -ℓ there.  L bounds how long
the dynamics can run (S3, S4), ℓ how far apart opinions can stay (S5); φ is concave iff ℓ ≥ 0, convex iff L ≤ 0.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model); R. E. Moore, "Interval Analysis", 1966.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    CRootOf,
    Dummy,
    Expr,
    Float,
    Integer,
    Max,
    Min,
    Poly,
    Rational,
    cancel,
    exp,
    expand,
    nan,
    oo,
    roots,
)

from theory.errors import InputError
from theory.expressions import parse_performance
from theory.intervals import enclose_range, rounded, without_abs
from theory.numbers import exact
from theory.symbols import b, sigma, theta, u

QUADRATIC: Expr = b - (u - theta) ** 2
GAUSSIAN: Expr = exp(-((u - theta) ** 2) / (2 * sigma**2))
DOUBLE_WELL: Expr = -((u**2 - 1) ** 2)
STANDARD: dict[str, Expr] = {"quadratic": QUADRATIC, "gaussian": GAUSSIAN, "double_well": DOUBLE_WELL}

MAX_ROOT_DEGREE = 6  # beyond it, roots of the third derivative are enclosed: exact ones cost seconds
ROOT_WIDTH = Rational(1, 10**12)


@dataclass(frozen=True)
class Curvature:
    """Bounds of φ'' on an interval: -L ≤ φ'' ≤ -ℓ.

    Attributes
    ----------
    L : sympy expression, -min φ'' (an upper bound of it if not `exact`); negative if φ is strictly convex.
    ell : sympy expression, -max φ'' (a lower bound of it if not `exact`); negative if φ is somewhere convex.
    exact : whether both are attained (or approached at an infinite end) rather than rigorous enclosures.
    """

    L: Expr
    ell: Expr
    exact: bool


def performance_expression(phi: Expr | str | float) -> Expr:
    """Return φ as a sympy expression in `theory.symbols.u`; text is parsed, expressions pass as they are.

    Floats in an expression become the decimals they print as, so that everything after is exact.

    Raises
    ------
    InputError
        If `phi` is no expression.

    Examples
    --------
    >>> performance_expression("-u**2")
    -u**2
    """
    if isinstance(phi, Expr):
        return without_floats(phi)
    return parse_performance(phi, parameters=True)


def without_floats(expression: Expr) -> Expr:
    """Replace every float by the decimal it prints as.

    Examples
    --------
    >>> without_floats(0.1 * u)
    u/10
    """
    return expression.xreplace({number: Rational(repr(float(number))) for number in expression.atoms(Float)})


def curvature(phi: Expr | str, lo: Expr | float = -oo, hi: Expr | float = oo) -> Curvature:
    """Bound the second derivative: L = -min φ'' and ℓ = -max φ'' on [lo, hi].

    φ'' takes its extremes at the ends or at zeros of φ'''.  For polynomials, and for a polynomial times the
    exponential of a polynomial, those zeros are found exactly and an end may be infinite.  For other functions
    φ'' is enclosed by interval arithmetic on ever smaller pieces, and the bounds are rigorous.

    Parameters
    ----------
    phi : expression in u (or text)
    lo, hi : real numbers, lo < hi; -oo and oo if φ allows it

    Returns
    -------
    Curvature
        Exact, or rigorous bounds, within 1e-7 of the extremes (relative to the range of φ'') where the
        arithmetic permits.

    Raises
    ------
    InputError
        If the interval is empty, φ is not twice differentiable on it, or it is infinite and φ not one of
        the exact cases.

    Notes
    -----
    Cost: milliseconds for polynomials, up to about half a second for the enclosure.

    Examples
    --------
    >>> curvature(QUADRATIC)
    Curvature(L=2, ell=2, exact=True)
    >>> curvature(GAUSSIAN).L
    sigma**(-2)
    >>> curvature(DOUBLE_WELL, -1, 1)
    Curvature(L=8, ell=-4, exact=True)
    """
    phi = performance_expression(phi)
    lo, hi = _ends(lo, hi)
    finite = lo.is_finite and hi.is_finite
    if finite and lo.is_number and hi.is_number:
        phi = without_abs(phi, lo, hi)
    if phi.has(Abs):
        raise InputError(
            "performance", phi, "is not twice differentiable", "give finite ends that keep clear of its kinks"
        )
    closed = _closed_form(phi, lo, hi)
    if closed is not None:
        return closed
    strangers = (phi.free_symbols - {u}) | lo.free_symbols | hi.free_symbols
    if strangers:
        names = ", ".join(sorted(map(str, strangers)))
        raise InputError(
            "performance", phi, f"has symbols ({names}) in a curvature with no closed form", "give numbers"
        )
    if not finite:
        raise InputError("interval", (lo, hi), "is infinite, and φ'' has no closed form", "give finite ends lo and hi")
    least, greatest = enclose_range(phi, lo, hi)
    return Curvature(-least, -greatest, exact=False)


def _ends(lo: Expr | float, hi: Expr | float) -> tuple[Expr, Expr]:
    ends = []
    for value in (lo, hi):
        infinite = isinstance(value, float) and abs(value) == float("inf")
        end = exact(oo if value > 0 else -oo) if infinite else exact(value)
        if end is nan or end.is_extended_real is False:
            raise InputError("interval", (lo, hi), "has an end that is no real number", "give numbers lo < hi")
        ends.append(end)
    if (ends[1] - ends[0]).is_extended_positive is False:
        raise InputError("interval", (lo, hi), "is empty or a point", "give numbers lo < hi")
    return ends[0], ends[1]


def _closed_form(phi: Expr, lo: Expr, hi: Expr) -> Curvature | None:
    """Return the curvature from the zeros of the third derivative, or None where they cannot all be had.

    Needs φ'' = P(u) exp(Q(u)) with polynomials P and Q.
    """
    factors = _polynomial_times_exponential(phi)
    if factors is None:
        return None
    polynomial, exponent = factors
    slope = polynomial.diff(u) + polynomial * exponent.diff(u)  # the third derivative is slope * exp(exponent)
    ends = [_end_value(polynomial, exponent, end) for end in (lo, hi)]
    if any(end is None for end in ends):
        return None
    critical = _real_roots(slope)
    if critical is None:
        return _isolated(polynomial, slope, lo, hi, ends) if exponent.is_zero else None
    inside = []
    for root in critical:
        location = [lo == -oo or (root - lo).is_nonnegative, hi == oo or (hi - root).is_nonnegative]
        if None in location:
            return None
        if all(location):
            inside.append(root)
    values = [*ends, *(_value(polynomial, exponent, root) for root in inside)]
    least, greatest = Min(*values), Max(*values)
    if least.has(Min) or greatest.has(Max):
        return None  # sympy cannot order the candidates
    return Curvature(-least, -greatest, exact=True)


def _polynomial_times_exponential(phi: Expr) -> tuple[Poly, Poly] | None:
    """Return polynomials P and Q with φ'' = P(u) exp(Q(u)), or None if there are none.

    They exist for a polynomial φ, and for φ = A(u) + B(u) exp(Q(u)) with A of degree at most 1.
    """
    exponentials = {term for term in phi.atoms(exp) if term.has(u)}
    if len(exponentials) > 1 or any(not term.args[0].is_polynomial(u) for term in exponentials):
        return None
    if not exponentials:
        return (Poly(phi, u).diff((u, 2)), Poly(0, u)) if phi.is_polynomial(u) else None
    weight = exponentials.pop()
    placeholder = Dummy()
    rest = phi.xreplace({weight: placeholder})
    if not rest.is_polynomial(u, placeholder):
        return None
    parts = Poly(rest, placeholder)
    plain, factor = Poly(parts.nth(0), u), Poly(parts.nth(1), u)
    if parts.degree() != 1 or plain.degree() > 1:
        return None
    exponent = Poly(weight.args[0], u)
    slope = factor.diff(u) + factor * exponent.diff(u)
    return slope.diff(u) + slope * exponent.diff(u), exponent


def _value(polynomial: Poly, exponent: Poly, point: Expr) -> Expr:
    """Return P(point) exp(Q(point)), simplified as far as rational functions go."""
    values = [expand(part.as_expr().subs(u, point)) for part in (polynomial, exponent)]
    if not all(value.is_number for value in values):
        values = [cancel(value) for value in values]
    return values[0] * exp(values[1])


def _end_value(polynomial: Poly, exponent: Poly, end: Expr) -> Expr | None:
    if end.is_finite:
        return _value(polynomial, exponent, end)
    if end.is_infinite is not True:
        return None
    growth = _at_infinity(exponent, end)
    if growth == -oo or polynomial.is_zero:
        return Integer(0)  # exp of -oo beats every power
    value = _at_infinity(polynomial, end)
    return None if growth is None or value is None else value * exp(growth)


def _at_infinity(polynomial: Poly, end: Expr) -> Expr | None:
    """Return the limit of a polynomial at -oo or oo, or None if a sign is not known."""
    if polynomial.degree() <= 0:
        return polynomial.as_expr()
    leading = polynomial.LC() * (-1 if end == -oo and polynomial.degree() % 2 else 1)
    if leading.is_positive:
        return oo
    return -oo if leading.is_negative else None


def _real_roots(polynomial: Poly) -> list[Expr] | None:
    """Return every real root exactly, or None where that takes too long or is not decided."""
    if polynomial.degree() <= 0:
        return []
    rational = polynomial.domain.is_ZZ or polynomial.domain.is_QQ
    found: list[Expr] = []
    for factor, _ in polynomial.factor_list()[1]:
        if factor.degree() <= 2:
            candidates = list(roots(factor))
            if any(root.is_real is None for root in candidates):
                return None
            found += [root for root in candidates if root.is_real]
        elif rational and polynomial.degree() <= MAX_ROOT_DEGREE:
            found += CRootOf.real_roots(factor)
        else:
            return None
    return found


def _isolated(second: Poly, slope: Poly, lo: Expr, hi: Expr, ends: list[Expr]) -> Curvature | None:
    """Bound a polynomial φ'' with rational coefficients by its values near the isolated zeros of its slope."""
    rational = second.domain.is_ZZ or second.domain.is_QQ
    if not rational or not all(end.is_Rational or end.is_infinite for end in (lo, hi)):
        return None
    below, above = list(ends), list(ends)
    for (left, right), _ in slope.intervals(eps=ROOT_WIDTH):
        if right < lo or left > hi:
            continue
        middle, radius = (left + right) / 2, (right - left) / 2
        value, *terms = reversed(second.compose(Poly(u + middle, u)).all_coeffs())
        error = sum((abs(term) * radius**i for i, term in enumerate(terms, 1)), Integer(0))
        below.append(rounded(value - error, down=True))
        above.append(rounded(value + error, down=False))
    return Curvature(-Min(*below), -Max(*above), exact=False)
