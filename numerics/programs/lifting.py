"""Forms of degree 2d as norms: symmetric powers of matrices, and the check that a form shrinks along a product.

    z(x) = (x^α)_{|α| = d},   z(Ax) = A^{[d]} z(x),   p(x) = z(x)ᵀ P z(x),   N = C(n+d-1, d) monomials

If P is positive definite, p > 0 away from 0, and p^{1/2d} is as good as a norm.  It shrinks by γ along A, that is
p(Ax) ≤ γ^{2d} p(x) for all x, if for some *zero form* L, a symmetric matrix with z(x)ᵀ L z(x) = 0 for all x,

    γ^{2d} P - A^{[d]}ᵀ P A^{[d]} + L   is positive definite.

Then the difference is a sum of squares.  For d = 1 there is no zero form but 0, and p is the square of an ellipsoidal
norm.  With L = 0 this is the ellipsoidal norm of the symmetric power (Blondel and Nesterov), in general the sum of
squares of Parrilo and Jadbabaie, which is never worse.

What is checked is proved, for the given matrices of floats and in floating point (Rump): a symmetric matrix known up
to errors of norm e is positive definite if the Cholesky factorisation of it minus c I comes to its end, where
c ≥ e + (N+1)u/(1-(N+1)u) · trace, u = 2⁻⁵³.  The errors of γ^{2d} P - MᵀPM + L, for M a symmetric power of a product of
matrices, are bounded entry by entry by K u/(1-Ku) times what the same expression is with all signs positive, K being
the number of roundings that an entry passes through (Higham).  Zero forms are made of multiples of one power of two, so
that they are zero exactly.

References: Blondel and Nesterov, SIAM J. Matrix Anal. Appl. 27:256, 2005; Parrilo and Jadbabaie, Linear Algebra Appl.
428:2385, 2008; Rump, BIT 46:433, 2006; Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb, factorial, prod

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNIT = 2.0**-53
QUANTUM = 2.0**-40  # of the entries of a zero form, relative to the largest


def lifted_size(n: int, degree: int) -> int:
    """Return the number of monomials of that degree in n variables, C(n+d-1, d).

    Examples
    --------
    >>> lifted_size(4, 2)
    10
    """
    return comb(n + degree - 1, degree)


@lru_cache(maxsize=64)
def monomials(n: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Return the monomials as sorted tuples of variables: (0, 0, 2) is x₀²x₂.

    Examples
    --------
    >>> monomials(2, 2)
    ((0, 0), (0, 1), (1, 1))
    """
    return tuple(combinations_with_replacement(range(n), degree))


@lru_cache(maxsize=64)
def _products(n: int, degree: int) -> tuple[IntArray, IntArray, IntArray]:
    """For every monomial x_i y of the degree: i and the number of y; and the number of x_j y' for all j and y'."""
    number = {monomial: k for k, monomial in enumerate(monomials(n, degree))}
    smaller = monomials(n, degree - 1)
    rest = {monomial: k for k, monomial in enumerate(smaller)}
    first = np.array([monomial[0] for monomial in number])
    parent = np.array([rest[monomial[1:]] for monomial in number])
    times = np.array([[number[tuple(sorted((j, *monomial)))] for monomial in smaller] for j in range(n)])
    return first, parent, times


def symmetric_power(A: FloatArray, degree: int) -> FloatArray:
    """Return A^{[d]} with z(Ax) = A^{[d]} z(x), (..., N, N) for (..., n, n); (AB)^{[d]} = A^{[d]} B^{[d]}.

    Examples
    --------
    >>> symmetric_power(np.array([[1.0, 2.0], [0.0, 3.0]]), 2).tolist()
    [[1.0, 4.0, 4.0], [0.0, 3.0, 6.0], [0.0, 0.0, 9.0]]
    """
    n = A.shape[-1]
    power = A
    for d in range(2, degree + 1):
        first, parent, times = _products(n, d)
        rows = power[..., parent, :]
        power = np.zeros((*A.shape[:-2], len(first), len(first)))
        for j in range(n):
            power[..., times[j]] += A[..., first, j, None] * rows
    return power


@lru_cache(maxsize=64)
def norm_weights(n: int, degree: int) -> FloatArray:
    """Return √(d!/α!): with these weights the monomials are the coordinates of a vector of length |x|^d."""
    count = [prod(factorial(monomial.count(i)) for i in set(monomial)) for monomial in monomials(n, degree)]
    return np.sqrt(factorial(degree) / np.array(count, dtype=float))


@lru_cache(maxsize=64)
def zero_forms(n: int, degree: int) -> csr_array:
    """Return a basis of the zero forms, (N², K): entries of symmetric matrices, all of them 0, ±1 or ±2.

    For each monomial of degree 2d, the pairs (a, b) of monomials of which it is the product: each of them minus one
    fixed pair, a square if there is one.
    """
    basis = monomials(n, degree)
    pairs: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for a, first in enumerate(basis):
        for b in range(a, len(basis)):
            pairs.setdefault(tuple(sorted(first + basis[b])), []).append((a, b))
    rows, columns, entries, k = [], [], [], 0
    for alike in pairs.values():
        alike.sort(key=lambda pair: pair[0] != pair[1])  # at most one square
        p, q = alike[0]
        for a, b in alike[1:]:
            rows += [a * len(basis) + b, b * len(basis) + a]
            entries += [1.0, 1.0]
            rows += [p * len(basis) + p] if p == q else [p * len(basis) + q, q * len(basis) + p]
            entries += [-2.0] if p == q else [-1.0, -1.0]
            columns += [k] * (3 if p == q else 4)
            k += 1
    return csr_array((entries, (rows, columns)), shape=(len(basis) ** 2, k))


@lru_cache(maxsize=64)
def _free_entries(n: int, degree: int) -> IntArray:
    """The entry (a, b) of each basis element that it shares with no other: a zero form is known by these."""
    basis = zero_forms(n, degree).tocoo()
    out = np.empty(basis.shape[1], dtype=np.int64)
    out[basis.col[basis.data > 0]] = basis.row[basis.data > 0]
    return out


def exact_zero_form(L: FloatArray, n: int, degree: int) -> FloatArray:
    """Return the zero form nearby that is zero exactly: multiples of a power of two that add up without rounding."""
    basis = zero_forms(n, degree)
    if basis.shape[1] == 0 or not L.any():
        return np.zeros_like(L)
    free = L.reshape(-1)[_free_entries(n, degree)]
    quantum = QUANTUM * 2.0 ** np.frexp(np.abs(free).max())[1]
    return np.asarray(basis @ (np.rint(free / quantum) * quantum)).reshape(L.shape)


def is_zero_form(L: FloatArray, n: int, degree: int) -> bool:
    """Whether L is a symmetric matrix whose form vanishes exactly, as `exact_zero_form` makes them."""
    return np.array_equal(L, L.T) and np.array_equal(exact_zero_form(L, n, degree), L)


@dataclass(frozen=True, eq=False)
class Word:
    """Products of matrices along words of one length, as floats, with the same products of absolute values.

    Attributes
    ----------
    product, absolute : (K, n, n).
    length : of every word.
    """

    product: FloatArray
    absolute: FloatArray
    length: int


def products(matrices: FloatArray, words: IntArray) -> Word:
    """Multiply along words, (K, length): A_{w₁} A_{w₂} ⋯."""
    product = matrices[words[:, 0]]
    absolute = np.abs(product)
    for letters in words.T[1:]:
        product = product @ matrices[letters]
        absolute = absolute @ np.abs(matrices[letters])
    return Word(product, absolute, words.shape[1])


def least_factor(gram: FloatArray, degree: int, word: Word, zero: FloatArray | None = None) -> float:
    """Estimate the least γ with γ^{2dk} P - MᵀPM + L ⪰ 0 for all words of length k; infinite if P is not positive."""
    scale = _scaling(gram)
    P = gram * scale[:, None] * scale
    M = symmetric_power(word.product, degree) * (scale[:, None] ** -1) * scale
    L = 0.0 if zero is None else zero * scale[:, None] * scale
    with np.errstate(all="ignore"):
        try:
            root = np.linalg.inv(np.linalg.cholesky(P))
            shrunk = root @ (M.swapaxes(-1, -2) @ P @ M - L) @ root.T
            largest = float(np.linalg.eigvalsh((shrunk + shrunk.swapaxes(-1, -2)) / 2)[..., -1].max())
        except np.linalg.LinAlgError:
            return np.inf
    return max(largest, 0.0) ** (1 / (2 * degree * word.length)) if np.isfinite(largest) else np.inf


def shrinks(gram: FloatArray, degree: int, gamma: float, word: Word, zero: FloatArray | None = None) -> bool:
    """Whether it is proved that p > 0 and p(Πx) ≤ γ^{2dk} p(x) for every product Π along the words of length k.

    Parameters
    ----------
    gram : P, (N, N).
    zero : L of every word, (K, N, N), exactly zero forms; none unless given.
    """
    n, size, power = word.product.shape[-1], len(gram), 2 * degree * word.length
    if n == 1 and size == 1 and word.length == 1:  # nothing to round
        return bool(gram[0, 0] > 0 and np.abs(word.product).max() <= gamma)
    with np.errstate(all="ignore"):
        M, absolute = symmetric_power(word.product, degree), symmetric_power(word.absolute, degree)
        factor = gamma**power * (1 - (power + 4) * 2 * UNIT)  # at most γ^{2dk}, though rounded
        L = np.zeros_like(M) if zero is None else zero
        difference = factor * gram - M.swapaxes(-1, -2) @ gram @ M + L
        size_of = factor * np.abs(gram) + absolute.swapaxes(-1, -2) @ np.abs(gram) @ absolute + np.abs(L)
        # a product of k matrices: n roundings for each; its power: n + 1 for each degree; twice, and the sums
        roundings = 2 * (n * word.length * degree + (n + 1) * degree + size) + 8
        errors = 1.01 * roundings * UNIT / (1 - roundings * UNIT) * size_of
        scale = _scaling(gram)
        return _is_positive(gram, np.zeros_like(gram), scale) and _is_positive(difference, errors, scale)


def _scaling(gram: FloatArray) -> FloatArray:
    """Powers of two that bring the diagonal to size 1."""
    return np.exp2(-np.rint(np.log2(np.maximum(np.diagonal(gram), 1e-300)) / 2))


def _is_positive(C: FloatArray, errors: FloatArray, scale: FloatArray) -> bool:
    """Whether all symmetric matrices within these errors of C, (..., N, N), are proved positive definite."""
    size = C.shape[-1]
    scaled = C * scale[:, None] * scale
    trace = np.trace(scaled, axis1=-2, axis2=-1)
    error = (errors * scale[:, None] * scale).sum(axis=-1).max(axis=-1)
    shift = 2 * (error + (size + 3) * UNIT / (1 - (size + 3) * UNIT) * np.abs(trace)) + 1e-280
    if not (np.isfinite(scaled).all() and np.isfinite(shift).all() and (trace > 0).all()):
        return False
    try:
        np.linalg.cholesky(scaled - shift[..., None, None] * np.eye(size))
    except np.linalg.LinAlgError:
        return False
    return True


def differences(n: int) -> FloatArray:
    """An orthonormal basis of the vectors of sum zero, (n-1, n): e₁+…+e_k - k e_{k+1}, normalised (Helmert)."""
    Q = np.tril(np.ones((n - 1, n)))
    Q[np.arange(n - 1), np.arange(1, n)] = -np.arange(1, n)
    return Q / np.sqrt(np.arange(1, n) * np.arange(2, n + 1))[:, None]


def spread_bound(projected: FloatArray) -> float:
    """Return the largest ergodicity coefficient, ½ max |row_i - row_j|₁ of QᵀBQ, with its rounding errors added.

    The spread of v, of sum zero, is between 2/√n and √2 times |v|: an error of the matrix changes the norm by at most
    √(n/2) times itself.
    """
    n = projected.shape[-1] + 1
    Q = differences(n)
    W = Q.T @ projected @ Q
    tau = 0.5 * np.abs(W[:, :, None, :] - W[:, None, :, :]).sum(axis=-1).max()
    size = max(1.0, float(np.abs(projected).sum(axis=-1).max()))
    return float(tau + 8 * n**3 * UNIT * size)
