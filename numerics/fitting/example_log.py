"""The example log scenarios/debate_log.csv: four panels that debate forecasts, simulated by the model itself.

Nobody was observed.  Each agent has a first answer to each question, drawn around the truth; then

    x_i(t+1) = (1-s_i) Σ_j W_ij x_j(t) + s_i x_i(0) + noise,

rounded to hundredths.  Influence W and stubbornness s are drawn once for each panel, so that what a fit finds can be
compared with what is true.  The numbers come from the standard library's generator, which keeps its stream.
"""

from __future__ import annotations

import csv
import io
from random import Random
from typing import NamedTuple

import numpy as np

from numerics.expressions import FloatArray

PANELS = {
    "north": ("Ada", "Ben", "Cleo", "Dan"),
    "south": ("Eve", "Finn", "Gus"),
    "east": ("Hal", "Ida", "Jon", "Kim", "Lea"),
    "west": ("Max", "Nora", "Otto", "Pia"),
}
TRUTHS = {"rain": 0.3, "strike": 0.65, "merger": 0.5, "record": 0.8, "recall": 0.4, "quorum": 0.7}
ROUNDS = ("response_1", "response_2", "response_3")
SPREAD, NOISE = 0.15, 0.01  # standard deviations of first answers around the truth, and of what is not influence
SILENT = 0.03  # chance that an answer is missing
SEED = 8


class Panel(NamedTuple):
    """What the answers of one panel were simulated with: W (k, k) and s (k,)."""

    influence: FloatArray
    stubbornness: FloatArray


def example_log() -> tuple[str, dict[str, Panel]]:
    """Return the text of the log, and what each panel's answers were simulated with.

    Examples
    --------
    >>> text, panels = example_log()
    >>> text.splitlines()[1]
    'north,Ada,rain,0.25,0.23,0.19,0.3'
    >>> panels["north"].influence.sum(axis=1).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    draw = Random(SEED)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["group", "subject", "question", *ROUNDS, "truth"])
    panels = {}
    for name, agents in PANELS.items():
        panel = panels[name] = _panel(draw, len(agents))
        rows = []
        for question, truth in TRUTHS.items():
            first = np.array([_answer(draw.gauss(truth, SPREAD)) for _ in agents])
            answers = [first]
            for _ in ROUNDS[1:]:
                moved = panel.influence @ answers[-1] * (1 - panel.stubbornness) + first * panel.stubbornness
                answers.append(np.array([_answer(x + draw.gauss(0, NOISE)) for x in moved]))
            for a, agent in enumerate(agents):
                shown = ["" if draw.random() < SILENT else f"{x[a]:.2f}" for x in answers]
                rows.append((a, [name, agent, question, *shown, f"{truth:g}"]))
        writer.writerows(row for _, row in sorted(rows, key=lambda entry: entry[0]))
    return out.getvalue(), panels


def _panel(draw: Random, k: int) -> Panel:
    """An influence matrix whose members keep a third to two thirds to themselves, and one member who is stubborn."""
    influence = np.empty((k, k))
    for i in range(k):
        own = draw.uniform(1 / 3, 2 / 3)
        others = [draw.expovariate(1.0) if j != i else 0.0 for j in range(k)]
        influence[i] = [(1 - own) * x / sum(others) for x in others]
        influence[i, i] = own
    stubbornness = np.zeros(k)
    stubbornness[draw.randrange(k)] = 0.5
    return Panel(influence, stubbornness)


def _answer(x: float) -> float:
    """A probability in hundredths, never quite 0 or 1."""
    return round(min(max(x, 0.01), 0.99), 2)
