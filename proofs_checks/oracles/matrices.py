"""Stochastic matrices from the definitions: products, characteristic polynomials, Perron weights, τ.

A matrix is a tuple of rows of `fractions.Fraction`; a polynomial is the tuple of its coefficients from the
highest power down.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Vector = tuple[Fraction, ...]
Matrix = tuple[Vector, ...]


def identity(n: int) -> Matrix:
    """Return the identity of size n."""
    return tuple(tuple(Fraction(int(i == j)) for j in range(n)) for i in range(n))


def product(A: Matrix, B: Matrix) -> Matrix:
    """Return the product AB."""
    columns = tuple(zip(*B, strict=True))
    return tuple(tuple(sum((x * y for x, y in zip(r, c, strict=True)), Fraction(0)) for c in columns) for r in A)


def apply(A: Matrix, x: Sequence[Fraction]) -> Vector:
    """Return Ax."""
    return tuple(sum((a * y for a, y in zip(row, x, strict=True)), Fraction(0)) for row in A)


def power(A: Matrix, exponent: int) -> Matrix:
    """Return the product of `exponent` copies of A."""
    result = identity(len(A))
    for _ in range(exponent):
        result = product(result, A)
    return result


def difference(A: Matrix, B: Matrix) -> Matrix:
    """Return A − B."""
    return tuple(tuple(x - y for x, y in zip(r, s, strict=True)) for r, s in zip(A, B, strict=True))


def trace(A: Matrix) -> Fraction:
    """Return the sum of the diagonal."""
    return sum((A[i][i] for i in range(len(A))), Fraction(0))


def characteristic_polynomial(A: Matrix) -> Vector:
    """Return det(λI − A) by Faddeev-LeVerrier: ``M ← AM + cI``, ``c ← −tr(AM)/k``.

    Examples
    --------
    >>> [str(x) for x in characteristic_polynomial(identity(2))]
    ['1', '-2', '1']
    """
    n = len(A)
    coefficients = [Fraction(1)]
    M = tuple(tuple(Fraction(0) for _ in range(n)) for _ in range(n))
    for k in range(1, n + 1):
        c = coefficients[-1]
        M = tuple(tuple(x + (c if i == j else 0) for j, x in enumerate(row)) for i, row in enumerate(product(A, M)))
        coefficients.append(-trace(product(A, M)) / k)
    return tuple(coefficients)


def deflated(polynomial: Sequence[Fraction], root: Fraction) -> Vector:
    """Return polynomial / (λ − root) by synthetic division; the remainder must vanish."""
    quotient = [polynomial[0]]
    for coefficient in polynomial[1:]:
        quotient.append(coefficient + root * quotient[-1])
    if quotient.pop() != 0:
        raise ArithmeticError(f"{root} is not a root")
    return tuple(quotient)


def roots_within(polynomial: Sequence[Fraction], radius: Fraction, strict: bool = False) -> bool:
    """Return whether every root of a monic polynomial of degree at most 2 has modulus ≤ (or <) radius.

    The Jury conditions of ``λ² + pλ + q``: ``|q| ≤ r²`` and ``|p| r ≤ r² + q``.
    """
    if len(polynomial) == 1:
        return True
    if radius == 0:
        return not strict and all(c == 0 for c in polynomial[1:])
    if len(polynomial) == 2:
        margins = [radius - abs(polynomial[1])]
    elif len(polynomial) == 3:
        _, p, q = polynomial
        margins = [radius**2 - abs(q), radius**2 + q - abs(p) * radius]
    else:
        raise ArithmeticError("degree above 2")
    return all(margin > 0 if strict else margin >= 0 for margin in margins)


def solutions(A: Matrix) -> list[Vector]:
    """Return a basis of {x : Ax = 0} by exact Gauss-Jordan elimination."""
    rows = [list(row) for row in A]
    n = len(rows[0])
    pivots: list[int] = []
    for column in range(n):
        r = len(pivots)
        pivot = next((i for i in range(r, len(rows)) if rows[i][column] != 0), None)
        if pivot is None:
            continue
        rows[r], rows[pivot] = rows[pivot], rows[r]
        scale = rows[r][column]
        rows[r] = [x / scale for x in rows[r]]
        for i in range(len(rows)):
            if i != r and rows[i][column] != 0:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[r], strict=True)]
        pivots.append(column)
    basis = []
    for free in (j for j in range(n) if j not in pivots):
        vector = [Fraction(0)] * n
        vector[free] = Fraction(1)
        for r, column in enumerate(pivots):
            vector[column] = -rows[r][free]
        basis.append(tuple(vector))
    return basis


def inverse(A: Matrix) -> Matrix | None:
    """Return A⁻¹ by exact Gauss-Jordan elimination, None if there is none."""
    n = len(A)
    rows = [[*row, *unit] for row, unit in zip(A, identity(n), strict=True)]
    for column in range(n):
        pivot = next((i for i in range(column, n) if rows[i][column] != 0), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [x / rows[column][column] for x in rows[column]]
        for i in range(n):
            if i != column and rows[i][column] != 0:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[column], strict=True)]
    return tuple(tuple(row[n:]) for row in rows)


def left_fixed_vectors(W: Matrix) -> list[Vector]:
    """Return a basis of {w : wᵀW = wᵀ}."""
    transposed = tuple(zip(*W, strict=True))
    return solutions(difference(transposed, identity(len(W))))


def perron_weights(W: Matrix) -> Vector:
    """Return the left Perron vector with sum 1 of a matrix that has exactly one."""
    basis = left_fixed_vectors(W)
    if len(basis) != 1:
        raise ArithmeticError(f"{len(basis)} independent left Perron vectors")
    total = sum(basis[0], Fraction(0))
    return tuple(x / total for x in basis[0])


def left_weights(W: Matrix) -> Vector:
    """Return the left Perron vector with sum 1, or zeros if there is not exactly one (or its sum is 0)."""
    basis = left_fixed_vectors(W)
    total = sum(basis[0], Fraction(0)) if len(basis) == 1 else Fraction(0)
    return tuple(x / total for x in basis[0]) if total else (Fraction(0),) * len(W)


def is_stochastic(W: Matrix) -> bool:
    """Return whether no entry is negative and every row sums to 1."""
    return all(min(row) >= 0 and sum(row) == 1 for row in W)


def rows_sum_to_one(W: Matrix) -> bool:
    """Return whether every row sums to 1; entries may be negative."""
    return all(sum(row) == 1 for row in W)


def is_primitive(W: Matrix) -> bool:
    """Return whether some power is positive; Wielandt: the power (n−1)² + 1 is enough."""
    n = len(W)
    pattern = [[x > 0 for x in row] for row in W]
    result = pattern
    for _ in range((n - 1) ** 2):
        result = [[any(result[i][k] and pattern[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return all(all(row) for row in result)


def ergodicity_coefficient(W: Matrix) -> Fraction:
    """Return τ(W) = ½ max_{i,j} Σ_k |W_ik − W_jk|."""
    return max(sum((abs(x - y) for x, y in zip(r, s, strict=True)), Fraction(0)) / 2 for r in W for s in W)


def spread(x: Sequence[Fraction]) -> Fraction:
    """Return max x − min x."""
    return max(x) - min(x)
