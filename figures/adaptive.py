"""Adaptive consensus: rates that change with the stability of the membership, beside fixed ones.

Two alliances of four agents with random opinions; members are paid for their own opinion while consensus takes time
(discount ρ), and one tactical step of rate ε is made between two strategic moves.  Fast consensus brings members
together, and so takes away what they have to gain from each other: another alliance becomes the better offer.  Slow
consensus keeps alliances whole, and costs time and surplus.  Every rate meets the same opinions and random numbers.

    survival    share of runs in which nobody has left the first alliance yet
    time        slow steps until all opinions are within `TOLERANCE`
    surplus     what is lost per agent and step against consensus of all at once, φ(x̄) - W(t)/n ≥ 0

x̄ does not change under equal influence and φ is concave, so that n φ(x̄) is more than any structure is worth.

References: Q. Zhu, arXiv:2606.26139, 2026, whose discussion asks for consensus that adapts to the membership.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.influence import AdaptiveLazy, Lazy, adaptive_rate, lazy
from numerics.model import Model
from numerics.opinions import normal
from numerics.simulation import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

ALLIANCES = ([0, 1, 2, 3], [4, 5, 6, 7])
PERFORMANCE, COST, DISCOUNT, TACTICAL_STEPS = "-u**2", 0.02, 0.8, 1
STEPS = 100  # slow steps looked at: a rate of 0.05 takes 70 to consensus
TOLERANCE = 0.1  # of opinions drawn with standard deviation 1

RATES: dict[str, Lazy | AdaptiveLazy] = {
    **{f"fixed, ε = {rate:g}": lazy(rate) for rate in (0.05, 0.1, 0.2, 0.4, 0.8)},
    "slow after moves": adaptive_rate("0.05 + 0.75*exp(-entries - exits)", memory=0.8),
    "slow at first": adaptive_rate("0.05 + 0.75*(1 - exp(-steps/10))"),
    "both": adaptive_rate("0.05 + 0.75*(1 - exp(-steps/10))*exp(-entries - exits)", memory=0.8),
}


@dataclass(frozen=True, eq=False)
class Adaptive:
    """What happened under R rates in the same N runs; slow steps 0..T.

    Attributes
    ----------
    rates : (R,) names, keys of `RATES`.
    broken : (R, N) slow step at which somebody first left the first alliance; inf if nobody did.
    agreed : (R, N) slow step from which all opinions are within the tolerance; inf if they are not by T.
    lost : (R, N) surplus lost per agent, mean over slow steps.
    time : (T+1,) slow steps.
    """

    rates: tuple[str, ...]
    broken: FloatArray
    agreed: FloatArray
    lost: FloatArray
    time: NDArray[np.int64]

    @property
    def whole(self) -> FloatArray:
        """(R, T+1) share of runs in which the first alliance has not been left before that step."""
        return (self.broken[:, None, :] >= self.time[:, None]).mean(axis=2)

    @property
    def survival(self) -> tuple[FloatArray, FloatArray]:
        """(R,) share of runs in which it is whole at the end, and its standard error."""
        share = np.isinf(self.broken).mean(axis=1)
        return share, np.sqrt(share * (1 - share) / self.broken.shape[1])

    @property
    def time_to_consensus(self) -> FloatArray:
        """(3, R) quartiles of the time to consensus over all runs; inf where too few of them have come to it."""
        return np.quantile(self.agreed, (0.25, 0.5, 0.75), axis=1, method="higher")

    @property
    def mean_lost(self) -> tuple[FloatArray, FloatArray]:
        """(R,) mean surplus lost, and its standard error."""
        return self.lost.mean(axis=1), self.lost.std(axis=1, ddof=1) / np.sqrt(self.lost.shape[1])

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each rate and slow step."""
        steps = len(self.time)
        (share, share_error), (lost, lost_error) = self.survival, self.mean_lost
        low, middle, high = self.time_to_consensus
        table: dict[str, list[object]] = {
            "rate": [name for name in self.rates for _ in self.time],
            "time [slow steps]": list(self.time) * len(self.rates),
            "alliance whole [share of runs]": list(self.whole.ravel()),
        }
        for heading, values in (
            ("alliance whole at the end [share of runs]", share),
            ("alliance whole at the end, standard error [share of runs]", share_error),
            ("runs that come to consensus [share of runs]", np.isfinite(self.agreed).mean(axis=1)),
            ("time to consensus, lower quartile [slow steps]", low),
            ("time to consensus, median [slow steps]", middle),
            ("time to consensus, upper quartile [slow steps]", high),
            ("surplus lost, mean [value per agent and step]", lost),
            ("surplus lost, standard error [value per agent and step]", lost_error),
        ):
            table[heading] = [x for x in values for _ in range(steps)]
        return table


def compute(runs: int = 600, steps: int = STEPS, rates: tuple[str, ...] = tuple(RATES)) -> Adaptive:
    """Simulate the seeds 0, 1, ..., runs - 1 under every rate."""
    n = sum(map(len, ALLIANCES))
    shape = len(rates), runs
    broken, agreed, lost = np.full(shape, np.inf), np.full(shape, np.inf), np.empty(shape)
    base = Model(normal(n), PERFORMANCE, COST, discount=DISCOUNT)
    for i, name in enumerate(rates):
        model = base.replace(influence=RATES[name])
        for r in range(runs):
            run = simulate(model, r, ALLIANCES, tactical_steps=TACTICAL_STEPS, max_steps=steps)
            path = run.trajectory
            left = np.flatnonzero(np.isin(path.mover, ALLIANCES[0]))
            near = np.flatnonzero(path.spread < TOLERANCE)
            broken[i, r] = left[0] if len(left) else np.inf
            agreed[i, r] = near[0] if len(near) else np.inf
            held = path.surplus.sum() + path.surplus[-1] * (steps + 1 - len(path.surplus))  # the end lasts
            best = float(model.compiled(run.initial_opinions.mean())[0])
            lost[i, r] = best - held / (steps + 1) / n
    return Adaptive(rates, broken, agreed, lost, np.arange(steps + 1))


LOOKS = {  # marker, colour, dashes
    "slow after moves": ("s", style.VERMILLION, style.DASHED),
    "slow at first": ("^", style.GREEN, style.DASH_DOT),
    "both": ("D", style.PURPLE, style.DASH_DOT_DOT),
}
SHOWN = {"fixed, ε = 0.05": style.SOLID, "fixed, ε = 0.4": style.DOTTED}  # with curves
FIXED = style.BLUE
FIRST_STEPS = 12  # nobody leaves later but in a few runs

Places = dict[str, tuple[tuple[float, float], str]]  # where names stand: offset in points, and side of the text there
SURVIVAL_NAMES: Places = {
    "fixed": ((-4, 3), "right"),
    "fixed, ε = 0.8": ((4, 4), "left"),
    "slow after moves": ((6, -8), "left"),
    "slow at first": ((-5, -6), "right"),
    "both": ((4, 7), "left"),
}
SURPLUS_NAMES: Places = {
    "fixed": ((5, 1), "left"),
    "fixed, ε = 0.05": ((-5, -2), "right"),
    "fixed, ε = 0.4": ((-3, 4), "right"),
    "slow after moves": ((5, 3), "left"),
    "slow at first": ((-5, -9), "right"),
    "both": ((-3, -11), "left"),
}


@style.styled
def draw(data: Adaptive) -> Figure:
    """Draw survival against time, and survival and surplus against the time to consensus."""
    figure = style.new_figure(style.COLUMN, 6.3)
    upper, middle, lower = figure.subplots(3, 1, height_ratios=(1, 1.15, 1.15))
    _curves(upper, data)
    share, error = data.survival
    _trade_off(middle, data, share, error, SURVIVAL_NAMES)
    middle.set_ylabel("share of alliances\nwhole at the end")
    style.letter(middle, "(b) survival and time to consensus")
    lost, lost_error = data.mean_lost
    _trade_off(lower, data, -lost, lost_error, SURPLUS_NAMES)
    lower.set_ylabel("surplus against consensus at\nonce (value per agent and step)")
    lower.set_xlabel(f"slow steps until all opinions are within {TOLERANCE:g} (median)")
    style.letter(lower, "(c) surplus and time to consensus")
    figure.align_ylabels([upper, middle, lower])
    return figure


def _curves(axes: Axes, data: Adaptive) -> None:
    axes.set_xlim(0, FIRST_STEPS)
    axes.set_ylim(0, 1.02)
    names = []
    for name, dashes, colour in (
        *((name, dashes, FIXED) for name, dashes in SHOWN.items()),
        *((name, look[2], look[1]) for name, look in LOOKS.items()),
    ):
        curve = data.whole[data.rates.index(name), : FIRST_STEPS + 1]
        axes.step(data.time[: len(curve)], curve, where="post", color=colour, linestyle=dashes)
        names.append(
            (
                name.removeprefix("fixed, ").replace("ε", r"$\varepsilon$").replace("slow after ", "after "),
                float(curve[-1]),
                colour,
            )
        )
    style.end_labels(axes, names, gap=0.125)
    axes.set_ylabel("share of alliances\nthat nobody has left")
    axes.set_xlabel("time (slow steps)")
    style.letter(axes, "(a) survival of the first alliance")


def _trade_off(axes: Axes, data: Adaptive, height: FloatArray, error: FloatArray, places: Places) -> None:
    """Draw a quantity against the median time to consensus; what takes longer stands at the right edge."""
    last = int(data.time[-1])
    edge = 1.9 * last
    median = np.where(np.isinf(data.time_to_consensus[1]), edge, data.time_to_consensus[1])
    fixed = [i for i, name in enumerate(data.rates) if name not in LOOKS]
    come = [i for i in fixed if median[i] < edge]
    axes.plot(median[come], height[come], color=FIXED, linewidth=0.7)
    for i, name in enumerate(data.rates):
        marker, colour, _ = LOOKS.get(name, ("o", FIXED, None))
        axes.errorbar(median[i], height[i], error[i], fmt=marker, color=colour, elinewidth=0.7, markersize=4)
        offset, side = places.get(name, places["fixed"])
        text = name.removeprefix("fixed, ε = ")
        text = text.replace("at first", "at\nfirst") if side == "right" else text
        style.label(axes, text, (median[i], height[i]), offset, color=colour, ha=side)
    axes.set_xscale("log")
    axes.set_xlim(3.9, 1.5 * edge)
    axes.axvline(1.25 * last, color=style.GREY, linewidth=0.6, linestyle=style.DOTTED)
    axes.set_xticks([10, 20, 50, 100, edge], ["10", "20", "50", "100", f"> {last}"])
    axes.tick_params(axis="x", which="minor", length=0, labelbottom=False)
    axes.margins(y=0.15)
