"""How a phase diagram is drawn: cells by regime, with hatches, names, and boundaries that are named where they are.

Regimes are those of `figures.phase_cells.REGIMES_SHOWN`, "nobody moves" among them: left white.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures import style
from figures.phase_cells import LINEAR, NOBODY_MOVES, REGIMES_SHOWN, Axis, Cells
from numerics.moves import NOT_AN_EQUILIBRIUM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Places = dict[str, tuple[str, tuple[float, float]]]  # regime → what is written, and where

LOOKS: dict[str, tuple[str, str]] = {  # colour and hatch
    "strategic unanimity": (style.GREEN, "...."),
    "tactical unanimity": (style.SKY, "\\\\\\\\"),
    "polarization": (style.ORANGE, "////"),
    "segregation": (style.PURPLE, "|||"),
    NOT_AN_EQUILIBRIUM: ("#AAAAAA", "xxxx"),
    NOBODY_MOVES: ("#FFFFFF", ""),
}
FIRST: dict[str, Any] = {"color": style.BLACK}  # the boundary at which somebody moves, and the others
SECOND: dict[str, Any] = {"color": style.BLACK, "linewidth": 0.8, "dashes": (4, 2)}


def new_diagram(cells: Cells, label: str) -> tuple[Figure, Axes]:
    """Return a figure of one column with the cells in it; axes without 0 are logarithmic."""
    figure = style.new_figure(style.COLUMN, 3.5)
    axes = figure.subplots()
    _scale(axes, cells.costs, "x")
    _scale(axes, cells.others, "y")
    _fill(axes, cells)
    axes.set_xlabel(r"switching cost $\kappa$ (value)")
    axes.set_ylabel(label)
    return figure, axes


def name_regimes(axes: Axes, cells: Cells, places: Places) -> None:
    """Write the names of what occurs and has a place; those that occur in single cells only may have none."""
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold", "linespacing": 1.0}
    for number in np.unique(cells.shown).tolist():
        if REGIMES_SHOWN[number] in places:
            text, at = places[REGIMES_SHOWN[number]]
            style.label(axes, text, at, path_effects=_outline(), **look)


def name_line(axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float]) -> None:
    """Write the name of a boundary beside it, `offset` in points."""
    style.label(axes, text, at, offset, path_effects=_outline())


def name_along(axes: Axes, text: str, line: tuple[FloatArray, FloatArray], share: float, above: bool = True) -> None:
    """Write the name of a boundary along it, at that share of its points."""
    place = int(share * (len(line[0]) - 1))
    (x, y), (dx, dy) = ((float(part[place]) for part in line), (float(np.diff(part)[place]) for part in line))
    axes.text(
        x, y, text, rotation=float(np.degrees(np.arctan2(dy, dx))), rotation_mode="anchor",
        transform_rotates_text=True, va="bottom" if above else "top", ha="center", fontsize=style.SMALL,
        path_effects=_outline(),
    )  # fmt: skip


def _scale(axes: Axes, values: Axis, which: str) -> None:
    """Make an axis of the plot: one with 0 is linear up to `LINEAR` and logarithmic beyond."""
    low, high = float(values.edges[0]), float(values.edges[-1])
    ticks = [tick for tick in (0.01, 0.1, 1.0) if low <= tick * (1 + 1e-9) and tick <= high]
    if len(ticks) < 3:
        ticks = sorted([*ticks, *(3 * tick for tick in ticks if 3 * tick <= high)])
    if low < 0:
        ticks.insert(0, 0.0)
        getattr(axes, f"set_{which}scale")("symlog", linthresh=LINEAR, linscale=0.9)  # 0.9: as long as a decade
        getattr(axes, f"set_{which}ticks")([], minor=True)
    else:
        getattr(axes, f"set_{which}scale")("log")
        getattr(axes, f"{which}axis").set_minor_formatter("")
    getattr(axes, f"set_{which}lim")(low, high)
    getattr(axes, f"set_{which}ticks")(ticks, [f"{tick:g}" for tick in ticks])


def _outline() -> list[Any]:
    """A white rim, so that text can be read on hatches."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground="white")]


def _fill(axes: Axes, cells: Cells) -> None:
    """Fill the cells, the deeper the larger the share of the regime, and hatch them."""
    from matplotlib.colors import to_rgb

    shown, share = cells.shown, cells.shares.max(axis=0)
    colours = np.array([to_rgb(LOOKS[name][0]) for name in REGIMES_SHOWN])[shown]
    shades = 1 - (1 - colours) * (0.65 * share**2)[:, :, None]
    axes.pcolormesh(cells.costs.edges, cells.others.edges, shades, rasterized=True)
    xs, ys = (np.concatenate([[a.edges[0]], a.centres, [a.edges[-1]]]) for a in (cells.costs, cells.others))
    around = np.pad(shown, 1, mode="edge")  # contours end at the outermost points: let those be the borders
    for number, name in enumerate(REGIMES_SHOWN):
        if LOOKS[name][1] and (shown == number).any():
            hatched = axes.contourf(
                xs, ys, (around == number).astype(float), levels=[0.5, 1.5], colors="none", hatches=[LOOKS[name][1]]
            )
            hatched.set_edgecolor("#00000044")
            hatched.set_linewidth(0)
