"""Runs: a setting handed to the kernel that computes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import codes
from numerics.kernels import ensembles as kernel
from numerics.model import Model
from numerics.opinions import Normal
from numerics.settings import AGENTS, GAPS, Setting


def run_part(
    setting: Setting,
    key: NDArray[np.uint64],
    first: int,
    starts: NDArray[np.float64],
    opinions: NDArray[np.float64],
    labels: NDArray[np.int64],
    integers: NDArray[np.int64],
    floats: NDArray[np.float64],
    history: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None,
) -> None:
    """Compute runs number first, first+1, … into the rows given; `numerics.kernels.ensembles` describes them."""
    model = setting.model
    drawn = model.opinions if isinstance(model.opinions, Normal) else None
    normal = (drawn.mean, drawn.sd) if drawn is not None else (0.0, 0.0)
    schedule, temperature = setting.schedule
    common = key, first, np.ascontiguousarray(starts), normal, setting.labels
    if history is None:
        history = np.empty((0, 4)), np.empty((0, 3), dtype=np.int64)
    end = opinions, labels, integers, floats, history
    if setting.engine == GAPS:
        kernel.ensemble_gaps(
            *common, setting.gap_model(), setting.rule[:2], model.switching_cost, schedule, setting.max_steps,
            codes.CLOSED_FORM, *end,
        )  # fmt: skip
    elif setting.engine == AGENTS:
        kernel.ensemble_general(
            *common, setting.game(), model.graph_arrays(), model.tie_arrays(), setting.rule, setting.rates,
            setting.costs, schedule, temperature, setting.yielding, setting.keep, setting.n_steps,
            model.innate_opinions is not None, setting.max_steps, *end,
        )  # fmt: skip
    else:
        kernel.ensemble_agreeing(
            *common, setting.game(), model.tie_arrays(), setting.rule[:2], model.switching_cost, schedule, temperature,
            setting.max_steps, setting.room, setting.pair_method, *end,
        )  # fmt: skip


def starts_of(model: Model) -> NDArray[np.float64]:
    """Return the initial opinions that all runs share, (1, n, d), or no rows if they are drawn."""
    n, d = model.n_agents, model.dimension
    if isinstance(model.opinions, Normal):
        return np.empty((0, n, d))
    return model.opinions.reshape(1, n, d).copy()


def is_flat(model: Model) -> bool:
    """Whether opinions are given as (n,), not (n, d)."""
    return model.dimension == 1 if isinstance(model.opinions, Normal) else model.opinions.ndim == 1
