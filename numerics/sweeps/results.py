"""The results of a sweep as they come in: each cell once, whatever the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.sweeps.cells import Block
from numerics.sweeps.dataset import make_dataset
from numerics.sweeps.plan import Plan
from numerics.sweeps.quantities import QUANTITIES
from theory.errors import InputError

if TYPE_CHECKING:
    from xarray import Dataset

MAX_BYTES = 16_000_000_000  # of memory, at its peak
PEAK = (
    3  # at most, times what is kept of the runs: the same once more as a file, and parts of it while it is put together
)
MAX_CELLS = 100_000_000  # of the finest grid


class Results:
    """What is known of the cells of a plan.

    Attributes
    ----------
    known : (cells,) whether a cell has come in.
    frequent : (cells,) its most frequent regime.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.known = np.zeros(plan.size, dtype=np.bool_)
        self.frequent = np.zeros(plan.size, dtype=np.int8)
        self._methods: set[str] = set()
        self._blocks: list[tuple[NDArray[np.int64], dict[str, NDArray[Any]]]] = []
        self._full: dict[str, NDArray[Any]] = {}
        if plan.coarse is None:
            self._full = {name: np.empty((plan.size, plan.runs), QUANTITIES[name].dtype) for name in plan.quantities}

    def add(self, block: Block) -> None:
        """Take in a block; a cell that is known already keeps what it has, which is the same."""
        new = ~self.known[block.cells]
        cells = block.cells[new]
        arrays = {name: array[new] for name, array in block.arrays.items()}
        self.known[cells], self.frequent[cells] = True, block.frequent[new]
        self._methods.update(block.methods)
        if self._plan.coarse is None:
            for name, array in arrays.items():
                self._full[name][cells] = array
        else:
            self._blocks.append((cells, arrays))

    def dataset(self, frequent: NDArray[np.int8]) -> Dataset:
        """Return the labelled arrays of the known cells, once; `frequent` is that of all, as far as it is filled in."""
        plan, cells = self._plan, np.flatnonzero(self.known)
        if plan.coarse is None and len(cells) < plan.size:
            raise AssertionError(f"{plan.size - len(cells)} cells were not computed")
        arrays = self._full
        if plan.coarse is not None:
            order = np.argsort(np.concatenate([cells for cells, _ in self._blocks]))
            arrays = {  # of which the parts are let go one after the other
                name: np.concatenate([arrays.pop(name) for _, arrays in self._blocks])[order]
                for name in plan.quantities
            }
        return make_dataset(plan, cells, arrays, frequent, tuple(sorted(self._methods)))


def check_size(plan: Plan, cells: int) -> None:
    """See that the grid, and what is kept of the runs of so many cells, fits into memory.

    Raises
    ------
    InputError
        If it does not.
    """
    if plan.size > MAX_CELLS:
        raise InputError("over", f"{plan.size} cells", f"are more than {MAX_CELLS}", "use fewer values")
    size = PEAK * cells * cell_bytes(plan)
    if size > MAX_BYTES:
        problem = f"in each of {cells} cells take {size / 1e9:.3g} GB of memory"
        raise InputError("runs", plan.runs, problem, "use fewer runs, fewer cells, coarse=8, or fewer quantities")


def cell_bytes(plan: Plan) -> int:
    """Return the bytes that are kept of the runs of one cell."""
    return plan.runs * sum(QUANTITIES[name].dtype.itemsize for name in plan.quantities)
