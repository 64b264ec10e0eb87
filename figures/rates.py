"""How fast a coalition agrees: simulated rates against the derived spectra.

Random opinions are averaged step by step, x(t+1) = W x(t), and the rate at which their spread decays is fitted
where it decays alone: late, and above the rounding error.  The spectra are derived symbolically; nothing that
is simulated uses them.

    spread(x(t)) ~ C slem(W)^t

Results shown: T1 (rate slem), T3 (spectra of the families).

References: DeGroot, J. Amer. Statist. Assoc. 69:118, 1974.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import Matrix, Rational

from figures import style
from numerics.rates import decay_window, degroot_trajectory, measured_rate
from theory import influence
from theory.spectra import spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

LONGEST = 2000  # steps simulated; the slowest member has lost all but rounding error by then


@dataclass(frozen=True)
class Member:
    """One matrix of a family.

    Attributes
    ----------
    family : its name here, a key of `FAMILIES`.
    parameters : sizes and rates, as `theory.spectra` names them.
    """

    family: str
    parameters: tuple[tuple[str, Rational], ...]

    @property
    def text(self) -> str:
        """Its parameters in words."""
        return ", ".join(f"{name} = {value}" for name, value in self.parameters)


@dataclass(frozen=True)
class Family:
    """A family of influence: its name in `theory.spectra`, and its matrix for given sizes and rates."""

    key: str
    matrix: Callable[..., Matrix]


FAMILIES: dict[str, Family] = {
    "uniform": Family("uniform", lambda n: influence.uniform(n)),
    "rank one": Family("rank_one", lambda n: influence.weighted(range(1, n + 1))),
    "lazy uniform": Family("lazy_uniform", lambda n, eps: influence.lazy_uniform(n, eps)),
    "complete": Family("complete_graph", lambda n, h: influence.lazy_walk(influence.complete_graph(n), h)),
    "ring": Family("ring", lambda n, h: influence.lazy_walk(influence.ring_graph(n), h)),
    "path": Family("path", lambda n, h: influence.lazy_walk(influence.path_graph(n), h)),
    "star": Family("star", lambda n, h: influence.lazy_walk(influence.star_graph(n), h)),
    "complete bipartite": Family(
        "complete_bipartite", lambda p, q, h: influence.lazy_walk(influence.complete_bipartite_graph(p, q), h)
    ),
    "hypercube": Family("hypercube", lambda d, h: influence.lazy_walk(influence.hypercube_graph(d), h)),
}


def _members(family: str, names: str, *rows: tuple[int | str, ...]) -> tuple[Member, ...]:
    return tuple(
        Member(family, tuple((name, Rational(value)) for name, value in zip(names.split(), row, strict=True)))
        for row in rows
    )


MEMBERS: tuple[Member, ...] = (  # chosen so that their rates lie apart
    *_members("uniform", "n", (6,)),
    *_members("rank one", "n", (6,)),
    *_members("lazy uniform", "n eps", (6, "9/10"), (6, "4/5"), (6, "43/100"), (6, "1/10")),
    *_members("complete", "n h", (6, "3/5"), (6, "19/20")),
    *_members("ring", "n h", (4, "1/2"), (6, "1/2"), (8, "1/2"), (12, "1/2")),
    *_members("path", "n h", (3, "2/3"), (5, "2/3"), (12, "2/3")),
    *_members("star", "n h", (6, "3/10"), (6, "4/5")),
    *_members("complete bipartite", "p q h", (2, 4, "11/20"), (2, 4, "41/50")),
    *_members("hypercube", "d h", (3, "7/10"), (3, "47/50")),
)


def numeric(member: Member) -> tuple[FloatArray, float]:
    """Return the influence matrix of a member, and its slem from the derived spectrum of the family."""
    family = FAMILIES[member.family]
    given = {name: int(value) if value.is_Integer else value for name, value in member.parameters}
    slem = spectrum(family.key).slem_value(**given)
    return np.array(family.matrix(**given).tolist(), dtype=float), float(slem)


@dataclass(frozen=True, eq=False)
class Rates:
    """Simulated and derived rates of F matrices; steps 0..T.

    Attributes
    ----------
    families : (F,) name of the family of each matrix.
    members : (F,) its parameters, such as "n = 8, h = 1/2".
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
        late, level = decay_window(path)
        measured[i] = measured_rate(path)
        spread[i] = (np.ptp(path, axis=1) / np.ptp(path[0]))[: steps + 1]
        with np.errstate(divide="ignore"):
            anchor = np.mean(level - late * np.log(derived[i])) if derived[i] > 0 else 0.0
        slope[i] = np.exp(anchor) * derived[i] ** time
    return Rates(
        tuple(m.family for m in MEMBERS), tuple(m.text for m in MEMBERS), derived, measured, time, spread, slope
    )


LOOKS: dict[str, tuple[str, str]] = {  # marker and colour
    "uniform": ("s", style.BLACK),
    "rank one": ("+", style.BLACK),
    "lazy uniform": ("o", style.BLUE),
    "complete": ("D", style.PURPLE),
    "ring": ("^", style.VERMILLION),
    "path": ("v", style.GREEN),
    "star": ("*", style.ORANGE),
    "complete bipartite": ("x", style.SKY),
    "hypercube": ("P", style.BLACK),
}
NAMES: tuple[tuple[str, str, int, tuple[float, float], str], ...] = (
    # text, family, the member it stands at, offset in points, side of the text that is there
    ("uniform, rank one", "uniform", 0, (8, -3), "left"),
    ("complete", "complete", 1, (7, -5), "left"),
    ("lazy uniform", "lazy uniform", 2, (7, -5), "left"),
    ("path", "path", 0, (-6, 4), "right"),
    ("complete bipartite", "complete bipartite", 0, (7, -5), "left"),
    ("ring", "ring", 0, (-6, 4), "right"),
    ("star", "star", 0, (-6, 4), "right"),
    ("hypercube", "hypercube", 1, (-6, 4), "right"),
)
SHOWN = (("lazy uniform", 3), ("ring", 2), ("path", 1), ("star", 0))  # in panel (b), and one that leaves it below
STEEP = ("lazy uniform", 1)


@style.styled
def draw(data: Rates) -> Figure:
    """Draw measured against derived rates, and spreads against time."""
    figure = style.new_figure(style.COLUMN, 5.5)
    upper, lower = figure.subplots(2, 1, height_ratios=(1.2, 1))
    _diagonal(upper, data)
    _decay(lower, data)
    return figure


def _diagonal(axes: Axes, data: Rates) -> None:
    axes.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.6)
    for family, (marker, colour) in LOOKS.items():
        rows = _rows(data, family)
        axes.plot(data.derived[rows], data.measured[rows], marker, color=colour, fillstyle="none", markersize=4.5)
    for text, family, which, offset, side in NAMES:
        row = _rows(data, family)[which]
        style.label(axes, text, (float(data.derived[row]), float(data.measured[row])), offset, ha=side)
    axes.set_xlim(-0.04, 1.02)
    axes.set_ylim(-0.04, 1.02)
    axes.set_aspect("equal")
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_xlabel("derived slem (factor per step)")
    axes.set_ylabel("measured rate (factor per step)")
    style.letter(axes, "(a) measured and derived rates")


def _decay(axes: Axes, data: Rates) -> None:
    axes.set_yscale("log")
    axes.set_ylim(1e-10, 2)
    axes.set_xlim(0, data.time[-1])
    names = []
    for family, which in (*SHOWN, STEEP):
        row = _rows(data, family)[which]
        marker, colour = LOOKS[family]
        axes.plot(data.time, data.slope[row], color=colour, linewidth=0.7)
        axes.plot(data.time, data.spread[row], marker, color=colour, markersize=3, markevery=2, fillstyle="none")
        text = f"{family}, {data.derived[row]:.2f}"
        if (family, which) == STEEP:
            style.label(axes, text, (10, float(data.slope[row, 10])), (6, -2))
        else:
            names.append((text, float(data.spread[row, -1]), style.BLACK))
    style.end_labels(axes, names, gap=0.05)
    axes.set_xlabel("tactical time (steps)")
    axes.set_ylabel("spread of opinions (of the initial)")
    style.letter(axes, "(b) simulation and derived slope")


def _rows(data: Rates, family: str) -> list[int]:
    return [i for i, name in enumerate(data.families) if name == family]
