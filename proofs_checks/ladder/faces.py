"""The face on which all Gram matrices of a sum of squares lie, and the smaller program on it.

If every solution has a common kernel, there is no room for rounding.  A basis of fewer polynomials gets rid of it:
z → Bz, the rows of B orthogonal to the kernel.  The kernel is known beforehand from zeros of the target,
z(x*)ᵀ Q z(x*) = 0, or guessed from floating point; from a wrong guess nothing is proved, and nothing false follows.

References: Borwein and Wolkowicz, J. Austral. Math. Soc. 30:369, 1981; Monniaux and Corbineau, ITP 2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from proofs_checks.ladder.polynomials import Poly

FloatArray = NDArray[np.float64]

KERNEL = 1e-3  # eigenvalues below this part of the largest may be zeros
GUESSES = ((400, 1e-4), (24, 5e-3))  # largest denominators of a guessed kernel, how far floating point may be from it


@dataclass
class Block:
    """The term f · zᵀQz: basis z, factor f, and the hypotheses whose product f is."""

    basis: list[Poly]
    factor: Poly
    given: tuple[int, ...] = ()

    @property
    def entries(self) -> int:
        """How many entries Q has."""
        return len(self.basis) * (len(self.basis) + 1) // 2


@dataclass
class Shape:
    """What a sum of squares is made of: blocks, polynomials with free multipliers, others with multipliers c ≥ 0."""

    blocks: list[Block]
    free: list[tuple[Poly, Poly, tuple[int, ...]]] = field(default_factory=list)  # monomial, hypothesis = 0, its index
    weights: list[tuple[Poly, tuple[int, ...]]] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """How many unknowns there are."""
        return sum(block.entries for block in self.blocks) + len(self.free) + len(self.weights)


def without_zeros(block: Block, values: Sequence[Sequence[fmpq]]) -> Block:
    """Return a block whose basis vanishes at points at which the target does and the factor is positive.

    Parameters
    ----------
    block : with the basis z.
    values : z(x*) for each of the points.
    """
    kept = _null_space(values, len(block.basis))
    return Block([combined(block.basis, row) for row in kept], block.factor, block.given)


def face_of(shape: Shape, blocks: list[FloatArray]) -> Shape | None:
    """Return the shape without what all solutions have in their kernels, None if no kernel shows."""
    spectra = [np.linalg.eigh(q) for q in blocks]
    every = np.sort(np.concatenate([values for values, _ in spectra])) if spectra else np.empty(0)
    if not len(every) or every[-1] <= 0:
        return None
    relative = np.maximum(every / every[-1], 1e-12)
    gaps = np.log(relative[1:] / relative[:-1])
    small = np.flatnonzero(relative[:-1] < KERNEL)
    if not len(small):
        return None
    k = small[np.argmax(gaps[small])]
    level = np.sqrt(relative[k] * relative[k + 1]) * every[-1]
    smaller = []
    for block, (values, vectors) in zip(shape.blocks, spectra, strict=True):
        kernel = _guessed(vectors[:, values < level])
        if kernel is None:
            return None
        smaller.append(without_zeros(block, kernel) if kernel else block)
    return Shape([block for block in smaller if block.basis], shape.free, shape.weights)


def _guessed(vectors: FloatArray) -> list[list[fmpq]] | None:
    """Rational vectors near the same space, in reduced form; None if there are none with small denominators."""
    rows, done = vectors.T.copy(), 0
    while done < len(rows):
        r, j = divmod(int(np.argmax(np.abs(rows[done:]))), rows.shape[1])
        rows[[done, done + r]] = rows[[done + r, done]]
        rows[done] /= rows[done, j]
        for other in range(len(rows)):
            if other != done:
                rows[other] -= rows[other, j] * rows[done]
        done += 1
    for largest, near in GUESSES:
        exact = [[_simplest(float(a), largest, near) for a in row] for row in rows]
        if all(
            abs(as_float(e) - a) <= near
            for es, row in zip(exact, rows, strict=True)
            for e, a in zip(es, row, strict=True)
        ):
            return exact
    return None


def _simplest(number: float, largest: int, near: float) -> fmpq:
    """The fraction of the least denominator that is near enough, or the nearest one."""
    denominator = next((d for d in range(1, largest) if abs(round(number * d) - number * d) <= near * d), largest)
    return fmpq(round(number * denominator), denominator)


def _null_space(rows: Sequence[Sequence[fmpq]], n: int) -> list[list[fmpq]]:
    """A basis of the vectors orthogonal to all rows."""
    if not rows:
        return [[fmpq(int(i == j)) for i in range(n)] for j in range(n)]
    reduced, rank = fmpq_mat(len(rows), n, [a for row in rows for a in row]).rref()
    table = reduced.tolist()[:rank]
    leading = [next(j for j, a in enumerate(row) if a != 0) for row in table]
    found = []
    for j in range(n):
        if j not in leading:
            vector = [fmpq(int(i == j)) for i in range(n)]
            for row, k in zip(table, leading, strict=True):
                vector[k] = -row[j]
            found.append(vector)
    return found


def combined(basis: Sequence[Poly], weights: Sequence[fmpq]) -> Poly:
    """Return Σ weight · z."""
    return sum((a * z for a, z in zip(weights, basis, strict=True) if a != 0), basis[0].context().constant(0))


def as_float(number: fmpq) -> float:
    """Return the nearest float."""
    return int(number.p) / int(number.q)
