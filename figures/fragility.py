"""How fragile one team is: who is how far from moving, and which change of opinions breaks the team.

The coalitions have reached consensus.  For each agent its margin, the least barrier κ - Δ of a move that would be
accepted: the team is stable iff none is negative (up to ties).  Beside it the nearest opinions at which, once the
coalitions have reached consensus again, somebody gains more than the cost.

Results shown: S8 (critical cost of a structure), S14 (fragility radius).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from figures.writing import csv_bytes, picture_bytes
from numerics.files import make_folder, write_whole
from numerics.fragility import Fragility, fragility
from numerics.influence import weighted
from numerics.model import Model
from numerics.moves import moves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

# Three coalitions of agents whose opinions weigh differently, so that margins differ within a coalition.
TEAM = Model(
    opinions=[-1.5, -1.2, -0.7, -0.5, 0.0, 0.4, 0.7, 1.3, 1.7],
    performance="-u**2",
    scale="a",
    influence=weighted([3, 1, 1, 2, 1, 2, 1, 1, 2]),
    switching_cost=10.0,
)
STRUCTURE = ((0, 1, 2, 3), (4, 5, 6), (7, 8))

ALONE = -1  # the target of founding alone
SHOWN = 30  # agents in the picture, those with the least margins
PLANE = 2.4  # inches, height of opinions of two coordinates
LONGEST = 5  # members of a coalition that are all named


@dataclass(frozen=True, eq=False)
class Margins:
    """What is drawn for a team; n agents, K coalitions, d coordinates of an opinion.

    Attributes
    ----------
    coalitions : members of each, in the order of the structure.
    opinions : (n, d) at consensus.
    breaking : (n, d) nearest opinions that break the team, NaN if none were found.
    breaking_move : (agent, target) that becomes admissible there, None if none were found.
    radius : Euclidean distance of the two, inf if none were found.
    barriers : (n, K+1) κ - Δ of every move, founding alone last; NaN where there is no move.
    accepted : (n, K+1) whether the move would be accepted.
    """

    coalitions: tuple[tuple[int, ...], ...]
    opinions: FloatArray
    breaking: FloatArray
    breaking_move: tuple[int, int] | None
    radius: float
    barriers: FloatArray
    accepted: NDArray[np.bool_]

    @property
    def possible(self) -> FloatArray:
        """(n, K+1) barriers of accepted moves, inf elsewhere."""
        return np.where(self.accepted & ~np.isnan(self.barriers), self.barriers, np.inf)

    @property
    def margins(self) -> FloatArray:
        """(n,) least barrier of an accepted move of each agent, inf without any."""
        return np.asarray(self.possible.min(axis=1))

    @property
    def targets(self) -> NDArray[np.int64]:
        """(n,) number of the coalition that the agent would join by that move, or `ALONE`."""
        best = np.argmin(self.possible, axis=1)
        return np.where(best == len(self.coalitions), ALONE, best)

    @property
    def binding(self) -> int | None:
        """The agent with the least margin, None if nobody has an accepted move."""
        return int(np.argmin(self.margins)) if np.isfinite(self.margins).any() else None

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each agent and each move that it has."""
        rows = [(int(i), int(k)) for i, k in np.argwhere(~np.isnan(self.barriers))]
        home = {agent: number for number, members in enumerate(self.coalitions) for agent in members}
        table: dict[str, list[object]] = {
            "agent [number]": [i for i, _ in rows],
            "in [coalition]": [_members(self.coalitions[home[i]]) for i, _ in rows],
            "would join [coalition]": [_goal(self, k if k < len(self.coalitions) else ALONE) for _, k in rows],
            "barrier [value]": [self.barriers[row] for row in rows],
            "accepted [yes or no]": ["yes" if self.accepted[row] else "no" for row in rows],
            "margin of the agent [value]": [self.margins[i] for i, _ in rows],
        }
        for k in range(self.opinions.shape[1]):
            number = f" {k + 1}" if self.opinions.shape[1] > 1 else ""
            table[f"opinion{number} [opinion]"] = [self.opinions[i, k] for i, _ in rows]
            table[f"nearest breaking opinion{number} [opinion]"] = [self.breaking[i, k] for i, _ in rows]
        table["fragility radius [opinion]"] = [self.radius] * len(rows)
        return table


def compute(found: Fragility | None = None) -> Margins:
    """Return what is drawn for a diagnosed team, or for one of nine agents."""
    return data_of(fragility(TEAM, STRUCTURE, runs=1) if found is None else found)


def data_of(found: Fragility) -> Margins:
    """Take from a diagnosis what is drawn."""
    every = moves(found.model, found.structure)
    opinions = np.array(found.varied, dtype=float).reshape(len(found.margins), -1)
    breaking, move, radius = np.full(opinions.shape, np.nan), None, np.inf
    if found.radius is not None and found.radius.opinions is not None and found.radius.move is not None:
        breaking, radius = np.array(found.radius.opinions).reshape(opinions.shape), found.radius.radius
        target = list(found.radius.move.target)
        move = found.radius.move.agent, found.structure.index(target) if target else ALONE
    return Margins(
        tuple(tuple(coalition) for coalition in found.structure), opinions, breaking, move, radius,
        every.costs - every.gains, every.accepted,
    )  # fmt: skip


def save_figures(found: Fragility, out: str | Path) -> list[Path]:
    """Write the figure of a diagnosed team to a folder: fragility.pdf, fragility.png and fragility.csv."""
    folder, data = make_folder(out), data_of(found)
    figure = draw(data)
    files = {"pdf": picture_bytes(figure, "pdf"), "png": picture_bytes(figure, "png"), "csv": csv_bytes(data.columns())}
    return [write_whole(folder / f"fragility.{ending}", content) for ending, content in files.items()]


@style.styled
def draw(data: Margins) -> Figure:
    """Draw the margins, and below them the opinions and where they break the team."""
    agents = _order(data)
    rows = 0.5 + 0.155 * max(len(agents), 5)
    is_flat = data.opinions.shape[1] == 1
    figure = style.new_figure(style.COLUMN, 0.35 + rows + (rows if is_flat else PLANE))
    upper, lower = figure.subplots(2, 1, height_ratios=(rows, rows if is_flat else PLANE))
    _margins(upper, data, agents)
    (_opinions if is_flat else _plane)(lower, data, agents)
    _break_title(lower, data)
    return figure


def _order(data: Margins) -> list[int]:
    """The agents that are drawn, coalition by coalition."""
    chosen = set(np.argsort(data.margins, kind="stable")[:SHOWN].tolist())
    return [agent for coalition in data.coalitions for agent in coalition if agent in chosen]


def _rows(axes: Axes, data: Margins, agents: Sequence[int]) -> None:
    """One row for each agent, from the top; coalitions are told apart by bands."""
    place = {agent: row for row, agent in enumerate(agents)}
    axes.set_ylim(len(agents) - 0.4, -0.6)
    axes.set_yticks(range(len(agents)), [str(agent) for agent in agents])
    axes.tick_params(axis="y", length=0)
    every = "" if len(agents) == len(data.margins) else f", {len(agents)} of {len(data.margins)}"
    axes.set_ylabel(f"agent (number{every})")
    bands = [[place[agent] for agent in coalition if agent in place] for coalition in data.coalitions]
    for number, band in enumerate([band for band in bands if band]):
        if number % 2 == 0:
            axes.axhspan(band[0] - 0.5, band[-1] + 0.5, color=style.BLACK, alpha=0.06, linewidth=0)


def _margins(axes: Axes, data: Margins, agents: Sequence[int]) -> None:
    """Draw a bar for each agent up to its margin, ticks at its other moves, and the move itself at the right."""
    _rows(axes, data, agents)
    for row, agent in enumerate(agents):
        margin, is_first = float(data.margins[agent]), agent == data.binding
        text = "no accepted move"
        if np.isfinite(margin):
            colour, hatch = (style.VERMILLION, "/////") if is_first else (style.SKY, "")
            axes.barh(
                row, margin, height=0.62, color=colour, hatch=hatch, edgecolor=style.BLACK, linewidth=0.4, alpha=0.8
            )
            others = data.possible[agent][np.isfinite(data.possible[agent])]
            axes.plot(others, np.full(len(others), row), "|", color=style.BLACK, markersize=5)
            text = _goal(data, int(data.targets[agent]))
        axes.annotate(
            text, (1, row), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
            fontsize=style.SMALL, fontweight="bold" if is_first else "normal", annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0, color=style.BLACK, linewidth=0.8)
    axes.set_xlabel(r"barrier $\kappa-\Delta$ (value)")
    if data.binding is None:
        style.letter(axes, "(a) nobody has an accepted move")
    else:
        says = "is next to go" if data.margins[data.binding] >= 0 else "goes"
        style.letter(axes, f"(a) margins: agent {data.binding} {says}")


def _opinions(axes: Axes, data: Margins, agents: Sequence[int]) -> None:
    """Draw one opinion of each agent in its row, and a triangle at the breaking one."""
    _rows(axes, data, agents)
    now, then = data.opinions[:, 0], data.breaking[:, 0]
    for row, agent in enumerate(agents):
        if _moves(data)[agent]:
            axes.plot([now[agent], then[agent]], [row, row], color=style.VERMILLION)
            axes.plot(then[agent], row, ">" if then[agent] > now[agent] else "<", color=style.VERMILLION, markersize=4)
    axes.plot(now[list(agents)], range(len(agents)), "o", color=style.BLACK)
    axes.margins(x=0.12)
    axes.set_xlabel("opinion")
    if _moves(data)[list(agents)].any():
        row = int(np.argmax((then - now)[list(agents)]))  # the farthest to the right, where there is room
        sides = ((7, "left"), (-7, "right"))
        if then[agents[row]] <= now[agents[row]]:
            row, sides = int(np.argmin((then - now)[list(agents)])), ((-7, "right"), (7, "left"))
            axes.margins(x=0.4)
        for (shift, side), x, text in zip(sides, (then, now), ("breaks here", "now"), strict=True):
            style.label(axes, text, (float(x[agents[row]]), row), (shift, 0), ha=side, va="center")


def _plane(axes: Axes, data: Margins, agents: Sequence[int]) -> None:
    """Draw the first two coordinates of the opinions, with arrows to the breaking ones."""
    look = {"arrowstyle": "-|>", "color": style.VERMILLION, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    now, then = data.opinions[:, :2], data.breaking[:, :2]
    for agent in agents:
        if _moves(data)[agent]:
            axes.plot(*then[agent])  # arrows do not count for the limits of the axes
            axes.annotate("", tuple(then[agent]), tuple(now[agent]), arrowprops={**look, "mutation_scale": 6})
    axes.plot(*now[list(agents)].T, "o", color=style.BLACK)
    for coalition in data.coalitions:
        if shown := [agent for agent in coalition if agent in agents]:
            style.label(axes, _members(coalition), tuple(now[shown[0]]), (5, 4))
    axes.margins(0.2)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("first coordinate at consensus (opinion)")
    axes.set_ylabel("second coordinate (opinion)")


def _moves(data: Margins) -> NDArray[np.bool_]:
    """(n,) whether the opinion of an agent changes, by more than rounding of the largest change."""
    change = np.abs(data.breaking - data.opinions).max(axis=1)
    return np.asarray(change > 1e-6 * np.max(change))


def _break_title(axes: Axes, data: Margins) -> None:
    if data.breaking_move is None:
        style.letter(axes, "(b) no opinions found that break it")
    elif data.radius == 0:
        style.letter(axes, "(b) breaks at the opinions as they are")
    else:
        agent, target = data.breaking_move
        style.letter(axes, f"(b) breaks {data.radius:.3g} away: agent {agent} {_goal(data, target)}")


def _goal(data: Margins, target: int) -> str:
    return "founds alone" if target == ALONE else f"joins {_members(data.coalitions[target])}"


def _members(coalition: Sequence[int]) -> str:
    """Name a coalition by its members, or if they are many by the first two and their number.

    Examples
    --------
    >>> _members((0, 3)), _members(tuple(range(12)))
    ('{0 3}', '{0 1 .., 12 agents}')
    """
    if len(coalition) <= LONGEST:
        return "{" + " ".join(map(str, coalition)) + "}"
    return f"{{{coalition[0]} {coalition[1]} .., {len(coalition)} agents}}"
