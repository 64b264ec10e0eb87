"""Linear programs in rational arithmetic: a solver's answer becomes a proof, or is mended until it is one.

    minimise c·x   subject to   A x = b,  x ≥ 0,

with c in one or several levels: the first is minimised, then the second among the optima of the first, and so on.  A
solver in floating point proposes the columns that are positive at a vertex.  They are brought into a basis exactly, and
the simplex method with the rule of the least index (Bland), which never runs in circles, goes on from there: it makes
no step where the proposal was right.  What it ends with is a pair that anybody can check by multiplying out,

    optimal      A x = b, x ≥ 0,  yᵀA ≤ c,  yᵀb = c·x     (weak duality),
    infeasible   yᵀA ≤ 0,  yᵀb > 0                        (Farkas).

References: Bland, Math. Oper. Res. 2:103, 1977; Applegate, Cook, Dash and Espinoza, Oper. Res. Lett. 35:693, 2007
(exact solutions from the bases of an inexact solver).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

Column = TypeVar("Column", bound=Hashable)

_ZERO = Fraction(0)


@dataclass(frozen=True)
class ExactSolution(Generic[Column]):
    """What `solve_exactly` has found.

    Attributes
    ----------
    is_feasible : whether any x satisfies the constraints.
    values : x, the columns that are not 0; empty if infeasible.
    prices : y, one for each row: dual prices of the first level of costs, or Farkas multipliers if infeasible.
    pivots : steps made from the columns proposed; 0 if they were right.
    """

    is_feasible: bool
    values: dict[Column, Fraction]
    prices: list[Fraction]
    pivots: int


def solve_exactly(
    rows: Sequence[Mapping[Column, Fraction | int]],
    right: Sequence[Fraction],
    costs: Mapping[Column, tuple[Fraction | int, ...]],
    start: Iterable[Column] = (),
) -> ExactSolution[Column]:
    """Return an optimal x of min c·x, A x = b, x ≥ 0 with its dual, or a proof that there is none.

    Parameters
    ----------
    rows : of A, each as {column: entry}, without zeros or with.
    right : b.
    costs : {column: its cost on each level}; names all columns.  The least cost has to be finite, as it is if no cost
        is negative.
    start : columns to begin with, the best first.

    Notes
    -----
    Each step is O(entries of the tableau) at worst; the sparse rows of a program with its slacks stay sparse.

    Examples
    --------
    The least x + 2y with x + y - z = 3:

    >>> found = solve_exactly([{"x": 1, "y": 1, "z": -1}], [Fraction(3)], {"x": (1,), "y": (2,), "z": (0,)}, ["y"])
    >>> found.values, found.prices, found.pivots
    ({'x': Fraction(3, 1)}, [Fraction(1, 1)], 1)
    """
    columns = list(costs)
    number = {column: j for j, column in enumerate(columns)}
    n, m = len(columns), len(rows)
    equations = [
        {number[c]: Fraction(a) for c, a in row.items() if a} | {n + r: Fraction(1)} for r, row in enumerate(rows)
    ]
    n_levels = len(next(iter(costs.values()), ()))
    levels = [{number[c]: Fraction(cost[k]) for c, cost in costs.items() if cost[k]} for k in range(n_levels)]
    table = _Tableau([*equations, *levels], [*map(Fraction, right), *[_ZERO] * n_levels], list(range(n, n + m)), n)
    table.enter(number[column] for column in start)
    table.enter(range(n))
    pivots = 0
    while (r := table.negative_row()) is not None:
        j = min((j for j, a in table.rows[r].items() if j < n and a < 0), default=None)
        if j is None:  # a sum of non-negative terms that should be negative
            return ExactSolution(False, {}, [-table.rows[r].get(n + k, _ZERO) for k in range(m)], pivots)
        table.pivot(r, j)
        pivots += 1
    while (j := table.improving_column()) is not None:
        table.pivot(table.blocking_row(j), j)
        pivots += 1
    values = {columns[j]: table.right[r] for r, j in enumerate(table.basis) if j < n and table.right[r]}
    prices = [-table.rows[m].get(n + k, _ZERO) for k in range(m)]
    return ExactSolution(True, values, prices, pivots)


@dataclass
class _Tableau:
    """B⁻¹A beside B⁻¹ in sparse rows, then the reduced costs of each level; B⁻¹b; and the column basic in each row.

    Columns from n on are those of B⁻¹.  They are basic at first, never enter again, and leave wherever the row has any
    other entry; a row without one says 0 = 0, or is a contradiction.
    """

    rows: list[dict[int, Fraction]]
    right: list[Fraction]
    basis: list[int]
    n: int

    def pivot(self, r: int, j: int) -> None:
        """Make column j basic in row r."""
        divisor = self.rows[r][j]
        self.rows[r] = row = {c: a / divisor for c, a in self.rows[r].items()}
        self.right[r] /= divisor
        self.basis[r] = j
        for k, other in enumerate(self.rows):
            factor = other.get(j)
            if k == r or factor is None:
                continue
            for c, a in row.items():
                entry = other.get(c, _ZERO) - factor * a
                if entry:
                    other[c] = entry
                else:
                    other.pop(c, None)
            self.right[k] -= factor * self.right[r]

    def enter(self, columns: Iterable[int]) -> None:
        """Make each column basic in the first row that still waits for one."""
        waiting = [r for r, j in enumerate(self.basis) if j >= self.n]
        for j in columns:
            if not waiting:
                return
            r = next((r for r in waiting if j in self.rows[r]), None)
            if r is not None:
                self.pivot(r, j)
                waiting.remove(r)
        for r in waiting:
            if self.right[r] > 0 and min(self.rows[r], default=self.n) >= self.n:  # 0 = b: as a row with b < 0
                self.rows[r] = {c: -a for c, a in self.rows[r].items()}
                self.right[r] = -self.right[r]

    def negative_row(self) -> int | None:
        """Return the row whose basic column is the least of those that are negative."""
        rows = [r for r in range(len(self.basis)) if self.right[r] < 0]
        return min(rows, key=self.basis.__getitem__, default=None)

    def improving_column(self) -> int | None:
        """Return the least column that lowers the cost: the first level that it changes, it lowers."""
        levels = self.rows[len(self.basis) :]
        touched = sorted({j for level in levels for j in level if j < self.n})
        zeros = [_ZERO] * len(levels)
        return next((j for j in touched if [level.get(j, _ZERO) for level in levels] < zeros), None)

    def blocking_row(self, j: int) -> int:
        """Return the row whose basic column is the first to reach 0 as column j grows; of several, the least."""
        rows = [r for r in range(len(self.basis)) if self.rows[r].get(j, _ZERO) > 0]
        return min(rows, key=lambda r: (self.right[r] / self.rows[r][j], self.basis[r]))
