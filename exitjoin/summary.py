"""A run as text for a person and as plain data for a file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exitjoin import __version__
from exitjoin.final_state import FinalState, final_state
from numerics.costs import PerAgent, PerCoalition, PerPair, SwitchingCost
from numerics.model import Model
from numerics.opinions import Normal
from numerics.scenario import Scenario, schedule_as_data
from numerics.scenario_model import model_as_data
from numerics.schedules import Logit
from numerics.simulation import Run
from theory.exposition import text


def run_as_dict(scenario: Scenario, run: Run) -> dict[str, Any]:
    """Return the run as JSON-able data that says how to make it again; what is not finite becomes null.

    The model has the opinions that the run started from.  If they were drawn, ``drawn_from`` is what the scenario has
    in their place: drawing them again with the seed leads to the same moves.
    """
    final, model = final_state(scenario, run), model_as_data(scenario.model)
    drawn = {"drawn_from": model["opinions"]} if isinstance(scenario.model.opinions, Normal) else {}
    trajectory = {name: [finite(x) for x in values.tolist()] for name, values in vars(run.trajectory).items()}
    return {
        "title": scenario.title,
        "exitjoin": __version__,
        "model": model | {"opinions": run.initial_opinions.tolist()},
        **drawn,
        "run": {key: _as_data(value) for key, value in scenario.run.items()} | {"seed": run.seed},
        "method": run.method,
        "outcome": run.outcome,
        "structure": run.structure,
        "opinions": run.opinions.tolist(),
        "moves": run.moves,
        "steps": run.steps,
        "spread": run.spread,
        "disagreement": run.disagreement,
        "surplus": run.surplus,
        "critical_cost": finite(final.critical_cost),
        "joint_equilibrium": final.is_joint_equilibrium,
        "regime": final.regime,
        "trajectory": trajectory,
    }


def run_as_text(scenario: Scenario, run: Run) -> str:
    """Return the outcome of a run and its final state, a line each."""
    model, final = scenario.model, final_state(scenario, run)
    seed = "" if run.seed is None else f", seed {run.seed}"
    lines = [scenario.title] if scenario.title else []
    lines += [
        f"performance φ({_variables(model)}) = {text(model.performance)}, scale {text(model.scale)}, "
        f"switching cost κ = {cost_in_words(model.switching_cost)}{seed}",
        f"computed: {run.method}",
        f"outcome: {run.outcome} after {count(run.moves, 'move')} in {count(run.steps, 'step')}",
        f"regime: {final.regime}",
        _critical_cost(final, model.switching_cost),
        f"spread {run.spread:.6g}, disagreement {run.disagreement:.6g}, surplus {run.surplus:.6g}",
        "coalitions:",
    ]
    lines += [f"  {' '.join(map(str, c))}  {_place(run.opinions[c])}" for c in run.structure]
    return "\n".join(lines)


def _variables(model: Model) -> str:
    d = model.dimension
    return "u" if d == 1 else "u1, u2" if d == 2 else f"u1, …, u{d}"


def cost_in_words(cost: float | SwitchingCost) -> str:
    """A switching cost on one line: numbers, and what else it depends on."""
    if not isinstance(cost, SwitchingCost):
        return f"{cost:g}"
    words = [f"{cost.base:g}"]
    kinds = {PerAgent: "of the agent", PerCoalition: "of the coalition", PerPair: "of agent and coalition"}
    for sign, name in (("+", "exit"), ("+", "entry"), ("-", "bonus")):
        term = getattr(cost, name)
        if type(term) in kinds:
            words.append(f"{sign} {name} {kinds[type(term)]}")
        elif term != 0:
            words.append(f"{sign} {name} {term:g}")
    return " ".join([*words, "+ between coalitions"] if cost.between.size else words)


def _critical_cost(final: FinalState, cost: float | SwitchingCost) -> str:
    if final.moves is None:
        return f"critical cost: not computed, {final.obstacle}"
    verdict = "no move is admissible" if not final.moves.admissible.any() else "some move is admissible"
    if not final.members_agree:
        verdict += ", but members do not agree yet"
    line = f"critical cost κ* = {final.critical_cost:.6g}: {verdict}"
    if isinstance(cost, SwitchingCost):
        return f"{line} (largest gain less its cost: {final.margin:.6g})"
    return f"{line} at κ = {cost:g}"


def _place(opinions: NDArray[np.float64]) -> str:
    lo, hi = point(opinions.min(axis=0)), point(opinions.max(axis=0))
    return f"at opinion {lo}" if lo == hi else f"at opinions from {lo} to {hi}"


def point(opinion: Any) -> str:
    """A number, or the coordinates of a vector in brackets."""
    shown = [f"{x:.6g}" for x in np.atleast_1d(opinion).tolist()]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"


def _as_data(value: Any) -> Any:
    return schedule_as_data(value) if isinstance(value, Logit) else finite(value)


def finite(value: Any) -> Any:
    """The value, or None where it is a number that JSON cannot hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def count(number: int, noun: str) -> str:
    """A number of things, in the singular where it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
