"""One style for all figures: sizes, fonts, colours, dashes.

Figures are drawn at the size at which they are printed: one or two columns of a two-column paper, no text
below 7 pt, no LaTeX needed.  Colours are those of Okabe and Ito, which differ for colour-blind readers; every
series also has a dash pattern or a marker of its own, so that nothing depends on colour.

References: Okabe and Ito, Color Universal Design, 2008 (jfly.uni-koeln.de/color).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN = 3.4  # inches, one column
FULL = 7.0  # inches, two columns

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#777777"

SOLID, DASHED, DOTTED = "-", (0, (4.5, 1.8)), (0, (1.1, 1.4))
DASH_DOT, DASH_DOT_DOT = (0, (6, 1.6, 1.2, 1.6)), (0, (6, 1.4, 1.2, 1.4, 1.2, 1.4))

SMALL = 7.5  # points, direct labels

SETTINGS: dict[str, Any] = {
    "font.family": "STIXGeneral",  # comes with matplotlib, so that the figures look the same everywhere
    "mathtext.fontset": "stix",
    "font.size": 8.5,
    "axes.labelsize": 8.5,
    "axes.titlesize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "text.usetex": False,
    "pdf.fonttype": 42,  # text stays text
    "savefig.facecolor": "white",
}

P = ParamSpec("P")


@contextmanager
def applied() -> Iterator[None]:
    """Use the style, and only the style: settings of the reader's own are put aside."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the style."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with applied():
            return draw(*args, **kwargs)

    return in_style


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of that many inches, laid out so that nothing overlaps."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def letter(axes: Axes, text: str) -> None:
    """Title a panel on the left, such as "(a) terminal spread"."""
    axes.set_title(text, loc="left", pad=4)


def label(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float] = (0, 0), **properties: Any
) -> None:
    """Write a direct label at a point of the data, moved by an offset in points."""
    axes.annotate(text, at, offset, textcoords="offset points", **{"fontsize": SMALL, **properties})


def end_labels(axes: Axes, labels: Sequence[tuple[str, float, str]], gap: float = 0.1) -> None:
    """Write (text, height in data, colour) right of a panel, pushed apart to a gap of that fraction of the panel.

    The limits and scale of the vertical axis must be set before.
    """
    to_fraction = axes.transScale + axes.transLimits
    heights = [float(to_fraction.transform((axes.get_xlim()[1], y))[1]) for _, y, _ in labels]
    for i, height in zip(range(len(labels)), apart(heights, gap), strict=True):
        text, _, colour = labels[i]
        axes.annotate(
            text, (1, height), (3, 0), xycoords="axes fraction", textcoords="offset points",
            color=colour, fontsize=SMALL, va="center", annotation_clip=False,
        )  # fmt: skip


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Return the heights moved as little as possible (least squares) so that neighbours are a gap apart.

    Examples
    --------
    >>> apart([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    blocks: list[list[float]] = []  # [sum of heights less their places, number], pooled while they overlap
    for place, i in enumerate(order):
        blocks.append([heights[i] - place * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    moved = [total / count for total, count in blocks for _ in range(int(count))]
    result = [0.0] * len(heights)
    for place, i in enumerate(order):
        result[i] = moved[place] + place * gap
    return result
