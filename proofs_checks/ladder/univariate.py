"""Polynomials in one variable and matrices over the rationals: exact values and tests, and balls around their roots."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import ctx, fmpq, fmpq_mat, fmpq_poly
from sympy import Expr, Poly, PolynomialError, Rational, symbols, sympify

from theory.errors import InputError


def is_schur(polynomial: fmpq_poly, radius: Fraction) -> bool:
    """Return whether all roots have a modulus below a positive radius (Schur 1918, Cohn 1922), exactly.

    p is so if and only if |p(0)| < |leading| and p* = (leading · p - p(0) · reversed p)/x, of a lower degree, is so.
    """
    p = _scaled(polynomial, radius)
    while p.degree() > 0:
        low, high = p[0], p[p.degree()]
        if abs(low) >= abs(high):
            return False
        turned = type(p)(list(reversed(p.coeffs())))
        p = (high * p - low * turned).right_shift(1)
        p = p // p.content()
    return bool(p != 0)


@dataclass(frozen=True)
class Ball:
    """A root: rational bounds of its real part and of its modulus, and whether it is real."""

    low: Fraction
    high: Fraction
    least: Fraction
    most: Fraction
    is_real: bool


def balls(p: fmpq_poly, precision: int) -> list[Ball]:
    """Return bounds of all complex roots, each root once, from balls of a precision in bits."""
    kept = ctx.prec
    try:
        ctx.prec = precision
        found = []
        for z, _ in p.complex_roots():
            (low, high), (least, most) = _bounds(z.real), _bounds(abs(z))
            found.append(Ball(low, high, max(least, Fraction(0)), most, bool(z.imag == 0)))
        return found
    finally:
        ctx.prec = kept


def _bounds(ball: Any) -> tuple[Fraction, Fraction]:
    """The exact ends of a real ball."""
    middle, radius = ball.mid().fmpq(), ball.rad().fmpq()
    low, high = middle - radius, middle + radius
    return Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))


def characteristic(table: list[list[Fraction]]) -> fmpq_poly:
    """Return the characteristic polynomial, exactly."""
    n = len(table)
    return fmpq_mat(n, n, [fmpq(a.numerator, a.denominator) for row in table for a in row]).charpoly()


def _scaled(p: fmpq_poly, radius: Fraction) -> Any:
    """p(radius · x) with integer coefficients."""
    q = fmpq_poly([a * fmpq(radius.numerator, radius.denominator) ** k for k, a in enumerate(p.coeffs())])
    numerator = q.numer()
    return numerator // numerator.content()


def value_at(p: fmpq_poly, x: Fraction) -> Fraction:
    """Return the value at a rational point."""
    value = p(fmpq(x.numerator, x.denominator))
    return Fraction(int(value.p), int(value.q))


def rational_matrix(matrix: Any) -> list[list[Fraction]]:
    """Return a square matrix in Fractions; anything else is an InputError."""
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    try:
        table = [[_fraction(a) for a in row] for row in rows]
    except TypeError:
        advice = "give a list of lists of integers, Fractions or sympy Rationals"
        raise InputError("matrix", matrix, "is not a matrix of rational numbers", advice) from None
    if not table or any(len(row) != len(table) for row in table):
        raise InputError("matrix", matrix, "is not square", "give n lists of n numbers, n at least 1")
    return table


def _fraction(number: Any) -> Fraction:
    number = sympify(number) if hasattr(number, "free_symbols") else number
    if isinstance(number, bool) or not isinstance(number, int | Fraction | Rational):
        raise TypeError("not rational")
    return Fraction(int(number.numerator), int(number.denominator))


def univariate(polynomial: Any) -> fmpq_poly:
    """Return a polynomial in one variable, not zero, with rational coefficients; anything else is an InputError."""
    problem, advice = "is no polynomial in one variable with rational coefficients", "give one, such as x**2 - 2"
    if not isinstance(polynomial, Expr) or len(polynomial.free_symbols) > 1:
        raise InputError("polynomial", polynomial, problem, advice)
    if polynomial == 0:
        raise InputError("polynomial", polynomial, "is zero everywhere", advice)
    try:
        coefficients = Poly(polynomial, *(polynomial.free_symbols or {symbols("x")})).all_coeffs()
    except PolynomialError:
        raise InputError("polynomial", polynomial, problem, advice) from None
    if any(not a.is_Rational for a in coefficients):
        raise InputError("polynomial", polynomial, problem, advice)
    return fmpq_poly([fmpq(int(a.p), int(a.q)) for a in reversed(coefficients)])
