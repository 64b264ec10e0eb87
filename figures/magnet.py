"""The magnet effect: large coalitions attract.

Joining m agents at distance δ gains Δ(m, δ), which grows with m towards a limit for every concave performance (S10);
for a quadratic it is δ² (1 - H_{m+1}/(m+1)), from δ²/4 for one agent towards δ².  So a crowd is worth up to four times
as much as a single agent at the same distance, and as much as a single agent at twice its own.

What comes of it depends on who chooses.  Fifty agents who never settle (κ < 0: every move is admissible) move by three
schedules: to any coalition (random), to the best of an agent's moves (best response), and the best move of all first
(largest gain).  How strongly does size attract?  For each size m,

    attraction(m) = number of moves that join m agents
                    / the number to be expected if each mover chose among its targets with equal chances,

sums over all moves of all runs, each target counted with the size it has when the mover looks.

A tie goes to the first coalition in the list, so that agents who agree up to rounding gather there for no reason of the
model.  Runs are watched while the spread is at least `FLOOR`: best moves gain some 1e-10 there, ties are below 1e-12.

Results shown: S10; S7 (with κ < 0 the random schedule ignores what gains are: its attraction is 1).

References: Barabási and Albert, Science 286:509, 1999, for preferential attachment, whose kernel is measured like this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, exp, lambdify

from figures import style
from numerics.model import Model
from numerics.opinions import normal
from numerics.simulation import Run, simulate
from theory.gain import gain, gain_limit
from theory.performance import GAUSSIAN, QUADRATIC
from theory.symbols import b, c, delta, s, sigma, theta, u

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

AGENTS = 50
SIZES = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)  # incumbents m at which gains are derived
CURVES: dict[str, tuple[Expr, int, int]] = {  # φ, opinion c of the incumbents, gap δ; concave between c and c + δ
    "quadratic": (QUADRATIC.subs({b: 0, theta: 0}), 0, 1),
    "Gaussian, from one width away": (GAUSSIAN.subs({sigma: 1, theta: 0}), 0, 1),
    "exponential, from the steep side": (-exp(u), 0, 2),
}
SCHEDULES = ("random", "best response", "largest gain")
COST, SETTLING = -0.05, 0.05
FLOOR = 3e-5  # spread of opinions below which a run is no longer watched
LONGEST = 20  # moves for each agent
BINS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, AGENTS)  # sizes are put together from each to the next
LEAST = 30  # joins below which a bin says nothing


@dataclass(frozen=True, eq=False)
class Replay:
    """One run, opinions and coalitions followed from its moves alone.

    Attributes
    ----------
    joined : (n+1,) number of moves that joined a coalition of so many; 0: that founded one.
    expected : (n+1,) what that would be if movers chose their targets with equal chances.
    weighed : (n+1,) number of those that crossed a gap above the floor,
    per_square : (n+1,) and the mean of their gain over squared gap; nan for none.
    largest : (T+1,) members of the largest coalition before each move and at the end, T moves watched.
    """

    joined: FloatArray
    expected: FloatArray
    weighed: FloatArray
    per_square: FloatArray
    largest: IntArray


@dataclass(frozen=True, eq=False)
class Magnet:
    """Gains and simulated moves; P performance functions, M sizes, S schedules, B bins of sizes, T times.

    Attributes
    ----------
    performances : names of the performance functions.
    sizes : (M,) incumbents m.
    gains : (P, M) derived gain, as a fraction of its limit for m → ∞.
    moved_sizes, moved : sizes joined in the runs by best response, and the mean gain over squared gap.
    schedules : names.
    bins : (B,) mean size joined in each bin by each schedule, (S, B).
    attraction, error : (S, B) and the standard error over runs; nan for fewer than `LEAST` moves.
    time : (T,) moves per agent.
    largest : (S+1, T) share of the agents that are in the largest coalition, mean over runs; nan once half of the runs
        have ended or are no longer watched.  The last row: best response at a positive cost, under which runs stop.
    runs : of each schedule.
    """

    performances: tuple[str, ...]
    sizes: IntArray
    gains: FloatArray
    moved_sizes: IntArray
    moved: FloatArray
    schedules: tuple[str, ...]
    bins: FloatArray
    attraction: FloatArray
    error: FloatArray
    time: FloatArray
    largest: FloatArray
    runs: int

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each number that is drawn."""
        rows: list[tuple[object, ...]] = []
        for name, values in zip(self.performances, self.gains, strict=True):
            rows += [
                ("gain over its limit, derived", name, m, x, np.nan) for m, x in zip(self.sizes, values, strict=True)
            ]
        moved = zip(self.moved_sizes, self.moved, strict=True)
        rows += [("gain over squared gap, simulated", "best response", m, x, np.nan) for m, x in moved]
        for k, name in enumerate(self.schedules):
            measured = zip(self.bins[k], self.attraction[k], self.error[k], strict=True)
            rows += [("attraction", name, m, x, e) for m, x, e in measured if np.isfinite(x)]
        for name, values in zip((*self.schedules, f"best response, cost {SETTLING}"), self.largest, strict=True):
            shares = zip(self.time, values, strict=True)
            rows += [("share of the largest coalition", name, t, x, np.nan) for t, x in shares if np.isfinite(x)]
        headings = (
            "quantity [name]", "series [name]", "members joined, or time [count, moves per agent]", "value [ratio]",
            "standard error [ratio]",
        )  # fmt: skip
        return dict(zip(headings, map(list, zip(*rows, strict=True)), strict=True))


def compute(runs: int = 60, seed: int = 1) -> Magnet:
    """Derive the gains, simulate the schedules and follow every move."""
    model = Model(opinions=normal(AGENTS), performance="-u**2", switching_cost=COST)
    followed = [follow(model, schedule, runs, seed) for schedule in SCHEDULES]
    settling = follow(model.replace(switching_cost=SETTLING), "best response", runs, seed)
    weighed = np.array([replay.weighed for replay in followed[1]])
    sums = np.nansum(weighed * np.array([replay.per_square for replay in followed[1]]), axis=0)
    weighed = weighed.sum(axis=0)
    moved = np.flatnonzero(weighed)
    bins, strength, error = (np.array(part) for part in zip(*map(attraction, followed), strict=True))
    time = np.unique(np.round(np.geomspace(1, LONGEST * AGENTS, 80)).astype(int))
    shares = np.array([_largest(replays, time) for replays in (*followed, settling)])
    gains = np.array([derived_gains(*curve) for curve in CURVES.values()])
    return Magnet(
        tuple(CURVES), np.array(SIZES), gains, moved, sums[moved] / weighed[moved], SCHEDULES, bins, strength,
        error, time / AGENTS, shares, runs,
    )  # fmt: skip


def derived_gains(phi: Expr, at: int, gap: int) -> FloatArray:
    """Return Δ(m)/Δ(∞) at each of `SIZES`.

    Examples
    --------
    >>> derived_gains(-u**2, 0, 1)[:2].round(4).tolist()
    [0.25, 0.3889]
    """
    derived = [*(gain(phi, s, size) for size in SIZES), gain_limit(phi, s)]
    *gains, limit = (float(lambdify((c, delta), value, "numpy")(at, gap)) for value in derived)
    return np.array(gains) / limit


def follow(model: Model, schedule: str, runs: int, seed: int) -> list[Replay]:
    """Simulate runs and replay their moves."""
    seeds = np.random.SeedSequence(seed).spawn(runs)
    steps = LONGEST * model.n_agents
    return [replayed(simulate(model, each, schedule=schedule, max_steps=steps)) for each in seeds]


def replayed(run: Run, floor: float = FLOOR) -> Replay:
    """Follow the moves of a run from all alone while its spread is at least a floor."""
    path, n = run.trajectory, len(run.opinions)
    x, labels = np.array(run.initial_opinions), np.arange(n)
    count = np.ones(n, dtype=np.int64)  # members of each coalition
    joined, expected, total, weighed = np.zeros((4, n + 1))
    largest = [1]
    for t in range(run.moves):
        if path.spread[t] < floor:
            break
        mover, target = int(path.mover[t]), int(path.target[t])
        own = count[labels[mover]]
        choices = np.bincount(count, minlength=n + 1)
        choices[own] -= 1
        choices[0] = own > 1
        expected += choices / choices.sum()
        into = int(labels[target]) if target >= 0 else int(np.argmin(count))
        size = count[into]
        joined[size] += 1
        if size and abs(gap := x[mover] - x[target]) > floor:
            total[size] += path.gain[t] / gap**2
            weighed[size] += 1
        count[labels[mover]] -= 1
        count[into] += 1
        labels[mover] = into
        members = labels == into
        x[members] = x[members].mean()
        largest.append(int(count.max()))
    with np.errstate(invalid="ignore"):
        return Replay(joined, expected, weighed, total / weighed, np.array(largest))


def attraction(replays: list[Replay]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean size joined in each bin, the attraction, and its standard error as a ratio of means over runs."""
    joined = np.array([replay.joined[1:] for replay in replays])
    expected = np.array([replay.expected[1:] for replay in replays])
    first = np.array(BINS[:-1]) - 1
    of_size = np.add.reduceat((joined * np.arange(1, joined.shape[1] + 1)).sum(axis=0), first)
    joined, expected = np.add.reduceat(joined, first, axis=1), np.add.reduceat(expected, first, axis=1)
    made, chances = joined.sum(axis=0), expected.sum(axis=0)
    few = made < LEAST
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(few, np.nan, made / chances)
        scatter = np.std(joined - ratio * expected, axis=0, ddof=1)
        error = scatter * len(replays) ** 0.5 / chances
        return np.where(few, np.nan, of_size / made), ratio, np.where(few, np.nan, error)


def _largest(replays: list[Replay], time: IntArray) -> FloatArray:
    """Return the mean share at each time; the few runs that are over by then keep their last value."""
    out = np.full(len(time), np.nan)
    for k, t in enumerate(time.tolist()):
        if np.median([len(replay.largest) - 1 for replay in replays]) >= t:
            out[k] = np.mean([replay.largest[min(t, len(replay.largest) - 1)] for replay in replays]) / AGENTS
    return out


LOOKS = ((style.GREY, style.DOTTED, "s"), (style.BLUE, style.SOLID, "o"), (style.VERMILLION, style.DASHED, "^"))


@style.styled
def draw(data: Magnet) -> Figure:
    """Draw derived gains, attraction and the largest coalition side by side over two columns."""
    figure = style.new_figure(style.FULL, 2.5)
    gains, pull, growth = figure.subplots(1, 3)
    _gains(gains, data)
    _pull(pull, data)
    _growth(growth, data)
    for axes in (gains, pull):
        axes.set_xscale("log")
        axes.set_xlabel("members joined $m$ (count)")
        axes.minorticks_off()
    gains.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    pull.set_xticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    return figure


def _gains(axes: Axes, data: Magnet) -> None:
    looks = ((style.BLACK, style.SOLID), (style.GREEN, style.DASHED), (style.PURPLE, style.DASH_DOT))
    for values, (colour, dashes) in zip(data.gains, looks, strict=True):
        axes.plot(data.sizes, values, color=colour, linestyle=dashes, linewidth=0.9)
    axes.plot(data.moved_sizes, data.moved, "o", color=style.BLUE, fillstyle="none", markersize=3.5)
    axes.set_ylim(0, 1.03)
    axes.set_ylabel(r"gain $\Delta(m)/\Delta(\infty)$")
    names = ((r"$-u^2$", 4, (5, -8), "left"), (r"$e^{-u^2/2}$", 6, (6, -12), "left"), (r"$-e^u$", 2, (-4, 3), "right"))
    for row, (text, i, offset, side) in enumerate(names):
        at = float(data.sizes[i]), float(data.gains[row, i])
        style.label(axes, text, at, offset, color=looks[row][0], ha=side)
    style.label(axes, "lines: derived\ncircles: moves of\nsimulated runs", (8, 0.05))
    style.letter(axes, "(a) a crowd is worth more")


def _pull(axes: Axes, data: Magnet) -> None:
    axes.axhline(1, color=style.GREY, linewidth=0.6)
    for k, (colour, dashes, marker) in enumerate(LOOKS):
        shown = np.isfinite(data.attraction[k])
        axes.errorbar(
            data.bins[k][shown], data.attraction[k][shown], 2 * data.error[k][shown], color=colour, linestyle=dashes,
            marker=marker, markersize=3, linewidth=0.9, elinewidth=0.7,
        )  # fmt: skip
    axes.set_xlim(0.85, 60)
    axes.set_ylim(0, 3.3)
    axes.set_ylabel("joins per chance to join")
    for k, (i, offset, side) in enumerate(((1, (-8, 6), "left"), (-1, (-12, 0), "right"), (-1, (6, 10), "right"))):
        i = np.flatnonzero(np.isfinite(data.attraction[k]))[i]
        at = float(data.bins[k, i]), float(data.attraction[k, i])
        style.label(axes, data.schedules[k], at, offset, color=LOOKS[k][0], ha=side)
    style.letter(axes, "(b) so it is joined more often")


def _growth(axes: Axes, data: Magnet) -> None:
    names = (*data.schedules, rf"$\kappa = {SETTLING:g}$: stops")
    offsets, sides = ((0, -10), (0, 5), (-6, 0), (2, -14)), ("center", "center", "right", "center")
    for k, (colour, dashes, marker) in enumerate((*LOOKS, (style.GREEN, style.DASH_DOT, "X"))):
        last = int(np.flatnonzero(np.isfinite(data.largest[k]))[-1])
        end = float(data.time[last]), float(data.largest[k, last])
        axes.plot(data.time, data.largest[k], color=colour, linestyle=dashes)
        axes.plot(*end, marker, color=colour, markersize=4 if k < len(LOOKS) else 5.5)
        style.label(axes, names[k], end, offsets[k], color=colour, ha=sides[k])
    axes.set_xscale("log")
    axes.set_xlim(0.1, 20)
    axes.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.set_ylim(0, 0.5)
    axes.minorticks_off()
    axes.set_xlabel("moves per agent (count)")
    axes.set_ylabel("share of the largest coalition")
    style.letter(axes, "(c) and grows until all agree")
