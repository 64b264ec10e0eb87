"""How fast a coalition agrees: simulated rates against the derived spectra.

Random opinions are averaged step by step, x(t+1) = W x(t), and the rate at which their spread decays is fitted
where it decays alone: late, and above the rounding error.  The spectra are derived symbolically; nothing that
is simulated uses them.

    spread(x(t)) ~ C slem(W)^t

Results shown: T1 (rate slem), T3 (spectra of the families).

References: DeGroot, J. Amer. Statist. Assoc. 69:118, 1974.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

FLOOR = 1e-12  # of the initial spread; rounding errors of averages of ~10 numbers near 1 stay below 1e-14


def degroot_trajectory(W: FloatArray, x: FloatArray, steps: int) -> FloatArray:
    """Return x, Wx, W²x, ...: a (steps+1, n) array.

    Examples
    --------
    >>> degroot_trajectory(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0.0, 1.0]), 1).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    path = np.empty((steps + 1, len(x)))
    path[0] = x
    for t in range(steps):
        path[t + 1] = W @ path[t]
    return path


def measured_rate(path: FloatArray) -> float:
    """Fit the factor by which the spread shrinks in one step: exp of the slope of log spread.

    The line is fitted to the second half of the decades between the initial spread and the rounding error.

    Returns
    -------
    float
        In [0, 1]; 0 if the first step leaves nothing but rounding error.

    Examples
    --------
    >>> W = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> round(measured_rate(degroot_trajectory(W, np.array([0.0, 1.0]), 100)), 12)
    0.5
    """
    time, logs = _late_part(path)
    return float(np.exp(np.polyfit(time, logs, 1)[0])) if len(time) else 0.0


def _late_part(path: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the steps to which the line is fitted, and log spread / initial spread there; both may be empty."""
    spread = np.ptp(path, axis=1) / np.ptp(path[0])
    lost = np.flatnonzero(spread <= FLOOR)
    end = int(lost[0]) if len(lost) else len(spread)
    if end < 2:
        return np.arange(0), np.empty(0)
    logs = np.log(spread[:end])
    first = min(int(np.flatnonzero(logs <= logs[-1] / 2)[0]), end - 2)
    return np.arange(first, end), logs[first:]


@dataclass(frozen=True, eq=False)
class Rates:
    """Simulated and derived rates of F matrices; steps 0..T.

    Attributes
    ----------
    families : (F,) name of the family of each matrix.
    members : (F,) which matrix of the family, such as "n = 8, h = 1/2".
    derived : (F,) slem from the closed-form spectrum.
    measured : (F,) rate fitted to simulated opinions.
    time : (T+1,) tactical steps.
    spread : (F, T+1) simulated spread of opinions, relative to the initial one.
    slope : (F, T+1) C slem^t, with the C that fits the simulation where the rate was measured.
    """

    families: tuple[str, ...]
    members: tuple[str, ...]
    derived: FloatArray
    measured: FloatArray
    time: NDArray[np.int64]
    spread: FloatArray
    slope: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each matrix and step."""
        steps, count = len(self.time), len(self.families)
        return {
            "family [name]": [name for name in self.families for _ in range(steps)],
            "member [parameters]": [name for name in self.members for _ in range(steps)],
            "derived slem [per step]": [x for x in self.derived for _ in range(steps)],
            "measured rate [per step]": [x for x in self.measured for _ in range(steps)],
            "time [tactical steps]": list(self.time) * count,
            "spread [of initial]": list(self.spread.ravel()),
            "derived slope [of initial]": list(self.slope.ravel()),
        }


def compute(steps: int = 60, seed: int = 0) -> Rates:
    """Simulate and fit every matrix of `MEMBERS` from normal opinions; derive its slem."""
    count = len(MEMBERS)
    derived, measured = np.empty(count), np.empty(count)
    spread, slope = np.empty((count, steps + 1)), np.empty((count, steps + 1))
    time = np.arange(steps + 1)
    for i, (member, stream) in enumerate(zip(MEMBERS, np.random.SeedSequence(seed).spawn(count), strict=True)):
        W, derived[i] = numeric(member)
        path = degroot_trajectory(W, np.random.default_rng(stream).normal(size=len(W)), LONGEST)
        late, level = _late_part(path)
        measured[i] = measured_rate(path)
        spread[i] = (np.ptp(path, axis=1) / np.ptp(path[0]))[: steps + 1]
        with np.errstate(divide="ignore"):
            anchor = np.mean(level - late * np.log(derived[i])) if derived[i] > 0 else 0.0
        slope[i] = np.exp(anchor) * derived[i] ** time
    return Rates(
        tuple(m.family for m in MEMBERS), tuple(m.text for m in MEMBERS), derived, measured, time, spread, slope
    )
