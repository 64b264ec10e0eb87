"""A run as text for a person and as plain data for a file."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from exitjoin import __version__
from numerics.acceptance import Open
from numerics.consensus import tactical_limit
from numerics.influence import Lazy, Uniform
from numerics.model import Model
from numerics.moves import is_joint_equilibrium, moves, regime
from numerics.scenario import Scenario
from numerics.simulation import Run
from numerics.ties import agree, tie_tolerance
from theory.exposition import text


def run_as_dict(scenario: Scenario, run: Run) -> dict[str, Any]:
    """Return the run as JSON-able data that says how to make it again; what is not finite becomes null."""
    final = scenario.model.replace(opinions=run.opinions)
    found = moves(final, run.structure)
    trajectory = {name: [_finite(x) for x in values.tolist()] for name, values in vars(run.trajectory).items()}
    return {
        "title": scenario.title,
        "exitjoin": __version__,
        "model": _model_as_dict(scenario.model) | {"opinions": run.initial_opinions.tolist()},
        "run": {key: _finite(value) for key, value in scenario.run.items()} | {"seed": run.seed},
        "outcome": run.outcome,
        "structure": run.structure,
        "opinions": run.opinions.tolist(),
        "moves": run.moves,
        "steps": run.steps,
        "spread": run.spread,
        "disagreement": run.disagreement,
        "surplus": run.surplus,
        "critical_cost": _finite(float(np.max(found.gains[found.accepted], initial=-np.inf))),
        "joint_equilibrium": is_joint_equilibrium(final, run.structure),
        "regime": regime(final, run.structure),
        "trajectory": trajectory,
    }


def run_as_text(scenario: Scenario, run: Run) -> str:
    """Return the outcome of a run and its final state, a line each."""
    model = scenario.model
    final = model.replace(opinions=run.opinions)
    found = moves(final, run.structure)
    cost = float(np.max(found.gains[found.accepted], initial=-np.inf))
    if abs(cost) <= tie_tolerance(final, run.structure):
        cost = 0.0
    verdict = "no move is admissible" if not found.admissible.any() else "some move is admissible"
    if not agree(run.opinions, tactical_limit(final, run.structure)):
        verdict += ", but members do not agree yet"
    seed = "" if run.seed is None else f", seed {run.seed}"
    lines = [scenario.title] if scenario.title else []
    lines += [
        f"performance φ(u) = {text(model.performance)}, scale {text(model.scale)}, "
        f"switching cost κ = {model.switching_cost:g}{seed}",
        f"outcome: {run.outcome} after {_count(run.moves, 'move')} in {_count(run.steps, 'step')}",
        f"regime: {regime(final, run.structure)}",
        f"critical cost κ* = {cost:.6g}: {verdict} at κ = {model.switching_cost:g}",
        f"spread {run.spread:.6g}, disagreement {run.disagreement:.6g}, surplus {run.surplus:.6g}",
        "coalitions:",
    ]
    for coalition in run.structure:
        lo, hi = np.min(run.opinions[coalition]), np.max(run.opinions[coalition])
        where = f"at opinion {lo:.6g}" if lo == hi else f"at opinions from {lo:.6g} to {hi:.6g}"
        lines.append(f"  {' '.join(map(str, coalition))}  {where}")
    return "\n".join(lines)


def _model_as_dict(model: Model) -> dict[str, Any]:
    """Return the model's fields, except the opinions, as a scenario file has them."""
    influence, acceptance = model.influence, model.acceptance
    if isinstance(influence, Uniform):
        listens: Any = "uniform"
    elif isinstance(influence, Lazy):
        listens = {"family": "lazy", "rate": influence.rate}
    else:
        listens = {"family": "weighted", "weights": influence.weights.tolist()}
    accepts: Any = "open"
    if not isinstance(acceptance, Open):
        accepts = {"rule": "unanimous", **dataclasses.asdict(acceptance)}
    return {
        "performance": text(model.performance),
        "scale": text(model.scale),
        "switching_cost": model.switching_cost,
        "influence": listens,
        "acceptance": accepts,
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
