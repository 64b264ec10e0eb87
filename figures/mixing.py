"""How fast agents agree who never settle: the rate ρ_n, derived and measured.

κ < 0, concave performance, open acceptance: every move is admissible, whatever the opinions, and the mean square of
disagreement falls in the long run by the factor ρ_n in one move (S7).  Against the number n of agents: ρ_n exactly and
in floating point, the bound 1 - 1/(2n) that holds for all n, and what simulated runs show.  For 5 to 30 agents
n (1 - ρ_n) is between 1.43 and 1.49: fewer moves than agents divide E V by e.

Measured is the ratio of the mean disagreement after `WINDOW` moves per agent,

    (mean V(4n) / mean V(2n))^{1/(2n)},

over runs from all alone at evenly spaced opinions, and its standard error by the delta method, runs taken as pairs.
V is heavy-tailed: few runs that have not mixed carry the mean, the more so the longer the window and the fewer the
agents.  So the window is short, and the ratio over it is not quite ρ_n: what theory says it is, is kept beside it.

Measured, over 60 to 300 seeds with 100 000 runs each: two standard errors cover the derived ratio in 93 to 95 % of the
seeds for n = 3, 4, 5, 8 and 16.

Results shown: S7.

References: Costa, Fragoso and Marques, Discrete-Time Markov Jump Linear Systems, Springer 2005.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.ensemble import ensemble
from numerics.mixing import mixing_rate
from numerics.model import Model
from theory import mixing as derived
from theory.mixing_bounds import rate_bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

LARGEST = 16  # agents for which ρ_n is derived
EXACT = 6  # agents up to which it is an exact algebraic number here; each agent more multiplies the time
SIMULATED = (3, 4, 5, 6, 8, 10, 12, 14, 16)  # two agents agree after one move
WINDOW = (2, 4)  # moves per agent between which the decay is measured
COST = -0.05
ERRORS = 2  # standard errors, drawn


@dataclass(frozen=True, eq=False)
class Mixing:
    """Rates, factors of E V in one move; N numbers of agents of which S are simulated.

    Attributes
    ----------
    agents : (N,) n.
    rate : (N,) ρ_n, exact up to `EXACT` agents and certified to 1e-11 beyond.
    bound : (N,) 1 - 1/(2n).
    simulated : (S,) numbers of agents.
    measured, error : (S,) rate over the window, and its standard error.
    expected : (S,) what theory says the rate over this window is.
    runs : of each.
    """

    agents: NDArray[np.int64]
    rate: FloatArray
    bound: FloatArray
    simulated: NDArray[np.int64]
    measured: FloatArray
    error: FloatArray
    expected: FloatArray
    runs: int

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each number of agents; nan where nothing was simulated."""
        places = np.searchsorted(self.agents, self.simulated)

        def placed(values: FloatArray) -> list[object]:
            column = np.full(len(self.agents), np.nan)
            column[places] = values
            return list(column)

        start, end = WINDOW
        return {
            "agents [count]": list(self.agents),
            "derived rate [per move]": list(self.rate),
            "derived as [name]": ["algebraic number" if n <= EXACT else "enclosed" for n in self.agents],
            "proved bound [per move]": list(self.bound),
            f"measured rate from {start}n to {end}n moves [per move]": placed(self.measured),
            "standard error [per move]": placed(self.error),
            f"derived rate from {start}n to {end}n moves [per move]": placed(self.expected),
        }


def compute(
    runs: int = 100_000, seed: int = 1, simulated: tuple[int, ...] = SIMULATED, largest: int = LARGEST
) -> Mixing:
    """Derive the rates of 2 to `largest` agents, and measure those of some of them in ensembles."""
    agents = np.arange(2, largest + 1)
    rates = [float(derived.mixing_rate(n)) if n <= EXACT else mixing_rate(n).rate for n in agents.tolist()]
    found = np.array([_measured(n, runs, seed) for n in simulated]).reshape(-1, 2)
    return Mixing(
        agents, np.array(rates), np.array([float(rate_bound(n)) for n in agents.tolist()]), np.array(simulated),
        found[:, 0], found[:, 1], np.array([window_rate(n) for n in simulated]), runs,
    )  # fmt: skip


def window_rate(agents: int) -> float:
    """Return (E V(4n) / E V(2n))^{1/(2n)} as theory has it, in floating point.

    From all alone it is the same at all opinions: all pairs of agents are in one class of `theory.mixing`, so that
    E V(t) is a multiple of V(0).

    Examples
    --------
    >>> path = derived.disagreement_path([[0], [1], [5]], 12)
    >>> bool(np.isclose(window_rate(3), float(path[12] / path[6]) ** (1 / 6), rtol=1e-13))
    True
    """
    from scipy.sparse import csr_array

    start, end = (moves * agents for moves in WINDOW)
    entries, classes = derived.lifted_operator(agents), derived.pair_classes(agents)
    shape = len(classes), len(classes)
    law = csr_array(([float(x) for x in entries.values()], np.array(list(entries)).T), shape=shape)
    weights = np.array([float(x) for x in derived.disagreement_weights(agents)])
    state = np.array([float(known.sizes == (1,) * agents) for known in classes])
    path = []
    for _ in range(end + 1):
        path.append(float(weights @ state))
        state = law @ state
    return float(path[end] / path[start]) ** (1 / (end - start))


def decay(before: FloatArray, after: FloatArray, moves: int) -> tuple[float, float]:
    """Return the rate at which means of paired samples decay, and its standard error by the delta method.

    Examples
    --------
    >>> decay(np.array([4.0, 4.0]), np.array([1.0, 1.0]), 2)
    (0.5, 0.0)
    """
    rate = float(after.mean() / before.mean()) ** (1 / moves)
    scatter = float(np.std(after / after.mean() - before / before.mean(), ddof=1))
    return rate, rate * scatter / moves / len(before) ** 0.5


def _measured(agents: int, runs: int, seed: int) -> tuple[float, float]:
    model = Model(opinions=np.linspace(-1, 1, agents), performance="-u**2", switching_cost=COST)
    before, after = (ensemble(model, runs, seed, max_steps=moves * agents).disagreement for moves in WINDOW)
    return decay(before, after, (WINDOW[1] - WINDOW[0]) * agents)


@style.styled
def draw(data: Mixing) -> Figure:
    """Draw the rates, and below how far they are from 1 in units of 1/n."""
    figure = style.new_figure(style.COLUMN, 4.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.1, 1))
    n = data.agents
    _panel(upper, data, data.rate, data.bound, data.measured, data.error)
    upper.set_ylim(-0.03, 1.13)
    upper.set_ylabel(r"factor of $\mathsf{E}\,V$ in one move")
    style.letter(upper, "(a) the rate of agreement")
    last = float(n[-1]), float(data.bound[-1])
    style.label(upper, r"proved for all $n$: $1-1/(2n)$", last, (0, 6), ha="right")
    style.label(
        upper, r"derived $\rho_n$ (circles: exact)", (float(n[1]), float(data.rate[1])), (9, -6), color=style.BLUE
    )
    style.label(upper, "simulated", (float(n[6]), float(data.rate[6])), (0, -14), color=style.VERMILLION)
    _panel(lower, data, n * (1 - data.rate), n * (1 - data.bound), data.simulated * (1 - data.measured),
           data.simulated * data.error)  # fmt: skip
    lower.set_ylim(1.37, 1.76)
    lower.set_ylabel(r"$n\,(1-\mathrm{factor})$")
    lower.set_xlabel(r"number of agents $n$")
    lower.set_xticks(range(2, int(n[-1]) + 1, 2))
    style.letter(lower, "(b) the same, in moves per agent")
    at = float(n[-1]), 1.6
    style.label(lower, f"bars: {ERRORS} standard errors", at, (0, 0), color=style.VERMILLION, ha="right")
    style.label(lower, r"beyond the panel: 2 for $n=2$, the bound ½", at, (0, 12), ha="right")
    figure.align_ylabels()
    return figure


def _panel(
    axes: Axes, data: Mixing, rate: FloatArray, bound: FloatArray, measured: FloatArray, error: FloatArray
) -> None:
    axes.plot(data.agents, bound, color=style.BLACK, linestyle=style.DASHED)
    axes.plot(data.agents, rate, color=style.BLUE, linewidth=0.9)
    exact = data.agents <= EXACT
    axes.plot(data.agents[exact], rate[exact], "o", color=style.BLUE, markersize=5, fillstyle="none")
    axes.errorbar(
        data.simulated, measured, ERRORS * error, fmt=".", color=style.VERMILLION, markersize=4, linewidth=0.9,
        capsize=1.5, zorder=3,
    )  # fmt: skip
