"""Derived statements, looked at in every cell of a phase diagram.

The outermost boundary parts two regimes of the diagram: "nobody moves", where every run makes 0 moves, and all the
others, where every run makes one at least.  By how runs end alone it parts nothing, as agents who stay alone end in
segregation and so do agents who merge a little.  The other boundaries are about single moves, inside those regimes.

A boundary is right if what is derived for each of its sides holds in the cells there.  Runs are made at the centre of a
cell, which is on one side or the other, so no cell is left out, not even those that a boundary crosses.  What is
derived for all runs must hold in every one of them.  That a move is possible is something that some run must show: the
random schedule takes each possible first move with a chance of at least 1/(n K), n agents in K coalitions.

`shift` moves the boundaries by a factor, to see that the checks notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from figures.phase_cells import NOBODY_MOVES, REGIMES_SHOWN, Cells
from numerics.sweeps.quantities import REGIMES

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NO_EQUILIBRIUM = len(REGIMES) - 1
ROUNDING = 1 + 1e-9  # of a bound that a run attains


@dataclass(frozen=True, eq=False)
class Check:
    """One statement.

    Attributes
    ----------
    claim, statement : what it follows from, and what it says.
    about : (H, G) cells that it is about.
    broken : (H, G) whether a run of the cell does otherwise.
    """

    claim: str
    statement: str
    about: BoolArray
    broken: BoolArray

    @property
    def cells(self) -> int:
        """Number of cells that were looked at."""
        return int(self.about.sum())

    @property
    def exceptions(self) -> int:
        """Number of those in which the statement does not hold."""
        return int((self.about & self.broken).sum())


def check_moves(cells: Cells, claim: str, pays: BoolArray) -> Iterator[Check]:
    """Whether somebody moves just where a first move pays and is let in.

    Parameters
    ----------
    pays : (K, H, G) whether each of `cells.first_moves` does; at a negative cost with nobody to ask, founding pays too.
    """
    somebody: BoolArray = np.any(pays, axis=0)
    nobody = f'the regime is "{NOBODY_MOVES}": every run makes 0 moves'
    yield Check(claim, nobody, ~somebody, cells.shown != REGIMES_SHOWN.index(NOBODY_MOVES))
    statement = f'the regime is not "{NOBODY_MOVES}": every run makes a move'
    yield Check(claim, statement, somebody, cells.least_moves == 0)
    for move, here, shares in zip(cells.first_moves, pays, cells.first_shares, strict=True):
        joining = f"joining {move.size} over a gap of {move.gap:.4g}"
        yield Check(claim, f"{joining} is no run's first move", ~here, shares > 0)
        yield Check(claim, f"{joining} is some run's first move", here, shares == 0)
    everywhere = np.ones_like(somebody)
    statement = "no first move between coalitions is another one than those derived"
    yield Check("S1", statement, everywhere, cells.other_first > 0)


def check_equilibria(cells: Cells, stops: BoolArray, spread: FloatArray) -> Iterator[Check]:
    """Whether runs stop just where it is derived that they do, and no further apart than derived.

    Parameters
    ----------
    stops : (H, G) where every run comes to a joint equilibrium (S4); elsewhere there is none (S6).
    spread : (H, G) bound of the spread of opinions at a joint equilibrium (S5), nan where none is derived.
    """
    share = cells.shares[NO_EQUILIBRIUM]
    yield Check("S4", "every run comes to a joint equilibrium", stops, share > 0)
    if not stops.all():
        yield Check("S6", "no run comes to a joint equilibrium", ~stops, share < 1)
    with np.errstate(invalid="ignore"):
        wide = cells.largest_spread > spread * ROUNDING
    yield Check("S5", "no run ends further apart than the bound", stops & ~np.isnan(spread), wide)


def report(checks: list[Check]) -> str:
    """Return one line for each statement: cells, exceptions, words.

    Examples
    --------
    >>> here = np.array([[True, False]])
    >>> print(report([Check("S6", "no run comes to a joint equilibrium", here, ~here)]))
    S6: 1 cells, 0 exceptions: no run comes to a joint equilibrium
    """
    return "\n".join(f"{c.claim}: {c.cells} cells, {c.exceptions} exceptions: {c.statement}" for c in checks)
