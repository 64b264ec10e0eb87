"""Enclosures of real roots and spectral radii between rationals, each proved in exact arithmetic.

Balls (python-flint) propose an interval.  The Schur-Cohn test of the exact characteristic polynomial proves it: not all
eigenvalues have a modulus below the lower end, and all have one below the upper end.  Until it does, the precision
doubles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.metadata import version
from itertools import pairwise
from typing import Any, TypeAlias

from flint import fmpq, fmpq_poly
from sympy import Expr, Poly, Rational, symbols

from proofs_checks.ladder.attempt import Certificate
from proofs_checks.ladder.intervals import positive_on as positive_on  # the sign of a polynomial on an interval
from proofs_checks.ladder.univariate import (
    balls,
    characteristic,
    is_schur,
    rational_matrix,
    univariate,
    value_at,
)
from theory.errors import InputError

MAX_BITS = 8192  # of balls; beyond it an enclosure is given up

Number: TypeAlias = int | Fraction | Rational
Matrix = Sequence[Sequence[Number]]


@dataclass(frozen=True)
class Enclosure:
    """low ≤ number ≤ high, and why.

    Attributes
    ----------
    low, high : rational bounds, equal if the number is known exactly; None if the enclosure was given up.
    certificate : of kind "roots", None if it was given up, or nothing is to be shown.
    bits : precision of the balls that decided.
    note : why it was given up, or there is no certificate.
    tools : {name: version}.
    """

    low: Rational | None
    high: Rational | None
    certificate: Certificate | None = None
    bits: int = 0
    note: str = ""
    tools: dict[str, str] = field(default_factory=lambda: {"python-flint": version("python-flint")})


@dataclass(frozen=True)
class Root:
    """A real root between two rationals, the only one there, and its multiplicity."""

    low: Rational
    high: Rational
    multiplicity: int


def spectral_radius(matrix: Matrix, bits: int = 40) -> Enclosure:
    """Enclose the largest modulus of an eigenvalue of a rational matrix, up to 2⁻ᵇⁱᵗˢ.

    Parameters
    ----------
    matrix : square, of integers, Fractions or sympy Rationals.
    bits : the width is at most 2·2⁻ᵇⁱᵗˢ.

    Raises
    ------
    InputError
        If the matrix is not square and rational.

    Notes
    -----
    The characteristic polynomial is exact, O(n³) to O(n⁴) operations on long rationals.  Eigenvalues may be complex,
    repeated or defective.

    Examples
    --------
    >>> found = spectral_radius([[1, 1], [1, 0]])
    >>> round(float(found.low), 9), found.certificate["polynomial"]
    (1.618033989, ['1', '-1', '-1'])
    """
    table = rational_matrix(matrix)
    _check_bits(bits)
    return _enclosed(table, bits)


def slem(matrix: Matrix, bits: int = 40) -> Enclosure:
    """Enclose the second largest modulus of an eigenvalue of a row-stochastic matrix W.

    M_ij = W_ij - W_0j,  i, j ≥ 1, has the eigenvalues of W without one eigenvalue 1: W acts on differences of opinions
    from agent 0 in this way.

    Parameters
    ----------
    matrix : rational and square, each row adding up to 1.
    bits : as in `spectral_radius`.

    Raises
    ------
    InputError
        If the matrix is not square and rational, or a row does not add up to 1.

    Examples
    --------
    >>> found = slem([[Rational(1, 2), Rational(1, 2)], [Rational(1, 4), Rational(3, 4)]])
    >>> found.low <= Rational(1, 4) <= found.high, found.certificate["matrix"]
    (True, [['1/4']])
    """
    table = rational_matrix(matrix)
    _check_bits(bits)
    for i, row in enumerate(table):
        if sum(row) != 1:
            raise InputError("matrix", f"row {i}", f"adds up to {sum(row)}", "give rows that add up to 1")
    if len(table) == 1:
        return Enclosure(Rational(0), Rational(0), note="one agent has no second eigenvalue")
    return _enclosed([[a - b for a, b in zip(row[1:], table[0][1:], strict=True)] for row in table[1:]], bits)


def real_roots(polynomial: Expr, bits: int = 40) -> list[Root]:
    """Return all real roots of a polynomial in one variable, in increasing order, each alone in its enclosure.

    Parameters
    ----------
    polynomial : sympy expression with rational coefficients, not zero.
    bits : enclosures are at most 2·2⁻ᵇⁱᵗˢ wide; rational roots are exact.

    Raises
    ------
    InputError
        Unless it is a polynomial, not zero, in one variable with rational coefficients; or if its roots are too near
        each other.

    Notes
    -----
    Exact signs at the ends show that there is a root in each, and the exact number of real roots (Sturm) that there are
    no others.

    Examples
    --------
    >>> x = symbols("x")
    >>> [(round(float(r.low), 9), r.multiplicity) for r in real_roots((x**2 - 2) * (x - 3) ** 2)]
    [(-1.414213562, 1), (1.414213562, 1), (3.0, 2)]
    """
    _check_bits(bits)
    p = univariate(polynomial)
    exact = {Fraction(int(r.p), int(r.q)): k for r, k in p.roots()}
    found = [Root(_sympy(r), _sympy(r), k) for r, k in exact.items()]
    rest = p
    for r, k in exact.items():
        rest = rest // fmpq_poly([-fmpq(r.numerator, r.denominator), 1]) ** k
    for factor, k in rest.factor_squarefree()[1]:
        found += [Root(_sympy(low), _sympy(high), k) for low, high in _irrational_roots(factor, bits)]
    return sorted(found, key=lambda root: root.low)


def _enclosed(table: list[list[Fraction]], bits: int) -> Enclosure:
    """The spectral radius: not all eigenvalues have a modulus below low, and all have one below high."""
    p = characteristic(table)
    used = bits + 16
    while used <= MAX_BITS:
        roots = balls(p, used)
        low = _floor(max(root.least for root in roots), bits)
        high = _floor(max(root.most for root in roots), bits) + Fraction(1, 2**bits)
        if (low == 0 or not is_schur(p, low)) and is_schur(p, high) and high - low <= Fraction(2, 2**bits):
            return Enclosure(_sympy(low), _sympy(high), _certificate(table, p, low, high), used)
        used *= 2
    return Enclosure(None, None, bits=used // 2, note=f"undecided at {used // 2} bits")


def _floor(number: Fraction, bits: int) -> Fraction:
    return Fraction(math.floor(number * 2**bits), 2**bits)


def _certificate(table: list[list[Fraction]], p: fmpq_poly, low: Fraction, high: Fraction) -> Certificate:
    matrix, polynomial = [[str(a) for a in row] for row in table], [str(a) for a in reversed(p.coeffs())]
    return {"kind": "roots", "matrix": matrix, "polynomial": polynomial, "radius": [str(low), str(high)]}


def _irrational_roots(p: fmpq_poly, bits: int) -> list[tuple[Fraction, Fraction]]:
    """Real roots of a square-free polynomial without rational roots, between neighbours on a grid of rationals."""
    x = symbols("x")
    count = int(Poly([_sympy(Fraction(int(a.p), int(a.q))) for a in reversed(p.coeffs())], x).count_roots())
    used = bits
    while used <= MAX_BITS:
        step = Fraction(1, 2**used)
        found = sorted((_floor(z.low, used), _floor(z.high, used) + step) for z in balls(p, 2 * used + 32) if z.is_real)
        apart = all(a[1] < b[0] for a, b in pairwise(found))
        narrow = all(high - low <= Fraction(2, 2**bits) for low, high in found)
        if (
            apart
            and narrow
            and len(found) == count
            and all(value_at(p, low) * value_at(p, high) < 0 for low, high in found)
        ):
            return found
        used *= 2
    problem = f"has real roots that {MAX_BITS} bits do not tell apart"
    raise InputError("polynomial", str(p), problem, "give a polynomial of a lower degree")


def _check_bits(bits: Any) -> None:
    if not isinstance(bits, int) or not 1 <= bits <= MAX_BITS // 4:
        raise InputError("bits", bits, "is no precision", f"give an integer from 1 to {MAX_BITS // 4}")


def _sympy(number: Fraction) -> Rational:
    return Rational(number.numerator, number.denominator)
