"""Gram matrices: from floating point to exact sums of squares, through the face on which all solutions lie.

    target = Σ_b f_b · z_bᵀ Q_b z_b + Σ_j λ_j l_j + Σ_k c_k w_k,    Q_b ⪰ 0,  c ≥ 0,  λ free

If some Q_b in the solution set are all positive definite, floating point finds one with room to spare: it is rounded,
put back on the equations exactly, and Q = LDLᵀ is computed in rationals.  If none is, the equations have no room: every
solution has a common kernel, and the program is solved again on that face (`proofs_checks.ladder.faces`).

References: Parrilo, Math. Program. 96:293, 2003; Peyrl and Parrilo, Theor. Comput. Sci. 409:269, 2008.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from numerics.programs.sums_of_squares import GramSolution, widest_gram
from proofs_checks.ladder.faces import Shape, as_float, combined, face_of
from proofs_checks.ladder.polynomials import Poly
from proofs_checks.ladder.squares import Term

FloatArray = NDArray[np.float64]

ROOM = 1e-7  # a larger margin than this is worth rounding
HOPELESS = -1e-5  # a margin below it: no sum of squares of this shape
ROUNDS = 6  # of guessing kernels
DENOMINATORS = (1, 2, 4, 12, 60, 720, 10**4, 10**6, 10**9, 10**12)  # the first that leaves Q_b ⪰ 0 is taken
UNROUNDED = "its Gram matrices could not be rounded"
MAX_ENTRIES = 4000  # unknowns of one program


@dataclass(frozen=True)
class Search:
    """The terms that were found, or why there are none; the solver that took part."""

    terms: list[Term] | None
    note: str = ""
    solver: str = ""


def sum_of_squares(target: Poly, shape: Shape, deadline: float) -> Search:
    """Return exact terms that add up to the target, if one of that shape is found.

    If there are weights, one of them has to be positive.

    Parameters
    ----------
    target : polynomial.
    shape : what to make it of.
    deadline : on the clock of `time.perf_counter`.
    """
    first = _on_faces(target, shape, deadline, least_trace=False)
    if first.terms is not None or first.note != UNROUNDED:
        return first
    second = _on_faces(target, shape, deadline, least_trace=True)
    return second if second.terms is not None else first


def _on_faces(target: Poly, shape: Shape, deadline: float, least_trace: bool) -> Search:
    """Solve and round, on smaller and smaller faces: the least one, or the one of a solution of a low rank.

    The least face may be irrational where a rational solution of a low rank exists: its kernel is that of a point.
    """
    note, solver = "", ""
    for turn in range(ROUNDS):
        if shape.entries > MAX_ENTRIES:
            return Search(None, f"{shape.entries} unknowns are more than {MAX_ENTRIES}", solver)
        equations = _Equations.of(target, shape)
        if equations is None:
            return Search(None, "some monomial is out of reach", solver)
        left = deadline - time.perf_counter()
        if left <= 0:
            return Search(None, "out of time", solver)
        low_rank = least_trace and turn == 0
        found = equations.solve(left, low_rank)
        solver = found.solver
        if not found.found or found.margin < HOPELESS:
            missing = f"no sum of squares of this shape ({found.status})"
            return Search(None, note or missing, solver)
        if (found.margin > ROOM or not any(block.basis for block in shape.blocks)) and not low_rank:
            terms = equations.rounded(found, deadline)
            if terms is not None:
                return Search(terms, "", solver)
        note = UNROUNDED
        smaller = face_of(shape, found.blocks)
        if smaller is None:
            break
        shape = smaller
    return Search(None, note, solver)


@dataclass
class _Equations:
    """The coefficients of target - Σ: one row for each monomial, the columns in the order of `widest_gram`."""

    shape: Shape
    rows: list[dict[int, fmpq]]
    right: list[fmpq]

    @classmethod
    def of(cls, target: Poly, shape: Shape) -> _Equations | None:
        """Return the equations, None if a monomial of the target occurs nowhere else."""
        columns: list[dict[Any, Any]] = []
        for block in shape.blocks:
            for j, right in enumerate(block.basis):
                scaled = block.factor * right
                columns += [
                    (scaled * (2 * left if i < j else left)).to_dict() for i, left in enumerate(block.basis[: j + 1])
                ]
        columns += [(monomial * h).to_dict() for monomial, h, _ in shape.free]
        columns += [factor.to_dict() for factor, _ in shape.weights]
        number: dict[Any, int] = {}
        rows: list[dict[int, fmpq]] = []
        for j, column in enumerate(columns):
            for powers, coefficient in column.items():
                r = number.setdefault(powers, len(rows))
                if r == len(rows):
                    rows.append({})
                rows[r][j] = coefficient
        wanted = target.to_dict()
        if any(powers not in number for powers in wanted):
            return None
        return cls(shape, rows, [wanted.get(powers, fmpq(0)) for powers in number])

    def solve(self, seconds: float, least_trace: bool) -> GramSolution:
        """Return Gram matrices in floating point."""
        entries = [(r, j, as_float(a)) for r, row in enumerate(self.rows) for j, a in row.items()]
        rows, columns, values = [e[0] for e in entries], [e[1] for e in entries], [e[2] for e in entries]
        sizes = [len(block.basis) for block in self.shape.blocks]
        right = [as_float(b) for b in self.right]
        n_free, n_weights = len(self.shape.free), len(self.shape.weights)
        return widest_gram(sizes, (rows, columns, values), right, n_free, n_weights, seconds, least_trace)

    def rounded(self, found: GramSolution, deadline: float) -> list[Term] | None:
        """Return exact terms near a solution in floating point."""
        near = np.concatenate([*(q[np.tril_indices(len(q))] for q in found.blocks), found.free, found.weights])
        n = len(near)
        dense = fmpq_mat(len(self.rows), n + 1)
        for r, row in enumerate(self.rows):
            for j, a in row.items():
                dense[r, j] = a
            dense[r, n] = self.right[r]
        reduced, rank = dense.rref()
        table = [reduced.tolist()[r] for r in range(rank)]
        leading = [next(j for j, a in enumerate(row) if a != 0) for row in table]
        if leading and leading[-1] == n:
            return None  # the equations contradict each other: a kernel was guessed wrong
        pivots = set(leading)
        others = [[(j, a) for j, a in enumerate(row[:n]) if a != 0 and j not in pivots] for row in table]
        for denominator in DENOMINATORS:
            if time.perf_counter() > deadline:
                return None
            exact = [fmpq(round(float(v) * denominator), denominator) for v in near]
            for row, j, rest in zip(table, leading, others, strict=True):
                exact[j] = row[n] - sum((a * exact[k] for k, a in rest), fmpq(0))
            terms = self._terms(exact)
            if terms is not None:
                return terms
        return None

    def _terms(self, exact: list[fmpq]) -> list[Term] | None:
        """The terms of Gram matrices, None unless they are positive semidefinite and the weights non-negative."""
        start = sum(block.entries for block in self.shape.blocks)
        free = exact[start : start + len(self.shape.free)]
        weights = exact[start + len(self.shape.free) :]
        if weights and (min(weights) < 0 or max(weights) == 0):
            return None
        terms, start = [], 0
        for block in self.shape.blocks:
            pairs = _diagonalised(exact[start : start + block.entries], len(block.basis))
            if pairs is None:
                return None
            terms += [Term(d, combined(block.basis, row), block.given) for d, row in pairs]
            start += block.entries
        multipliers: dict[tuple[int, ...], Poly] = {}
        for value, (monomial, _, given) in zip(free, self.shape.free, strict=True):
            multipliers[given] = multipliers.get(given, 0) + value * monomial
        terms += [Term(fmpq(1), p, given) for given, p in multipliers.items() if p != 0]
        for value, (factor, given) in zip(weights, self.shape.weights, strict=True):
            if value != 0:
                terms.append(Term(value, factor.context().constant(1), given))
        return terms


def _diagonalised(triangle: Sequence[fmpq], n: int) -> list[tuple[fmpq, list[fmpq]]] | None:
    """Q = Σ d · row rowᵀ, d > 0, from the upper triangle column by column; None unless Q is positive semidefinite."""
    q = [[fmpq(0)] * n for _ in range(n)]
    entries = iter(triangle)
    for j in range(n):
        for i in range(j + 1):
            q[i][j] = q[j][i] = next(entries)
    found = []
    for k in range(n):
        d = q[k][k]
        if d < 0 or (d == 0 and any(a != 0 for a in q[k][k:])):
            return None
        if d == 0:
            continue
        row = [fmpq(0)] * k + [a / d for a in q[k][k:]]
        found.append((d, row))
        for i in range(k + 1, n):
            if row[i] != 0:
                scaled = row[i] * d
                for j in range(k + 1, n):
                    q[i][j] -= scaled * row[j]
    return found
