"""The result of a sweep as labelled arrays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.sweeps.plan import Plan
from numerics.sweeps.quantities import QUANTITIES, REGIMES

if TYPE_CHECKING:
    from xarray import Dataset

FLAGS = {
    "flag_values": np.arange(len(REGIMES), dtype=np.int8),
    "flag_meanings": " ".join(name.replace(" ", "_") for name in REGIMES),
}


def make_dataset(
    plan: Plan,
    cells: NDArray[np.int64],
    arrays: dict[str, NDArray[Any]],
    frequent: NDArray[np.int8],
    methods: tuple[str, ...],
) -> Dataset:
    """Return the labelled arrays.

    Parameters
    ----------
    plan : of the sweep.
    cells : (m,) flat indices of the cells that were computed, increasing.
    arrays : quantity → (m, runs).
    frequent : the most frequent regime of every cell of the grid, flat.
    methods : how runs were computed.
    """
    from xarray import Dataset

    axes = tuple(axis.dimension for axis in plan.axes)
    computed = np.zeros(plan.size, dtype=np.bool_)
    computed[cells] = True
    regime = {"units": "1", "long_name": "regime in which most runs end, of equally frequent ones the first", **FLAGS}
    variables: dict[str, Any] = {
        "most_frequent_regime": (axes, frequent.reshape(plan.shape), regime),
        "computed": (axes, computed.reshape(plan.shape), {"units": "1", "long_name": "whether the cell was computed"}),
    }
    coordinates: dict[str, Any] = {
        axis.dimension: (axis.dimension, axis.coordinate, {"units": axis.units, "long_name": axis.name})
        for axis in plan.axes
    }
    coordinates["run"] = ("run", np.arange(plan.runs), {"units": "1", "long_name": "number of the run"})
    rows: tuple[str, ...] = axes
    if plan.coarse is not None:
        rows = ("cell",)
        for axis, places in zip(plan.axes, np.unravel_index(cells, plan.shape), strict=True):
            name, unit = f"cell_{axis.dimension}", {"units": axis.units, "long_name": f"{axis.name} of the cell"}
            coordinates[name] = (rows, axis.coordinate[places], unit)
            index = {"units": "1", "long_name": f"place of the cell on the axis {axis.name}"}
            coordinates[f"{name}_index"] = (rows, places.astype(np.int64), index)
    for name, array in arrays.items():
        quantity = QUANTITIES[name]
        attributes = {"units": quantity.units, "long_name": quantity.long_name, **(FLAGS if name == "regime" else {})}
        shape = plan.shape if plan.coarse is None else (len(cells),)
        variables[name] = ((*rows, "run"), array.reshape(*shape, plan.runs), attributes)
    return Dataset(variables, coordinates, _attributes(plan, methods))


def _attributes(plan: Plan, methods: tuple[str, ...]) -> dict[str, Any]:
    """What makes the result again: no times, no machines, nothing that does not change the numbers."""
    data = plan.as_data()
    return {
        "title": f"exitjoin sweep over {', '.join(data['over'])}",
        "model": json.dumps(data["model"]),
        "run": json.dumps(data["run"]),
        "over": json.dumps(data["over"]),
        "runs": plan.runs,
        "seed": json.dumps(data["seed"]),
        "coarse": "none" if plan.coarse is None else plan.coarse,
        "method": "; ".join(methods),
        "random_numbers": "the same seed in every cell: run r draws from stream r in each of them",
        **{f"version_{name}": text for name, text in plan.versions.items()},
        "plan": plan.digest,
    }
