"""A run as text for a person and as plain data for a file."""

from __future__ import annotations

import math
from typing import Any

from exitjoin import __version__
from numerics.moves import critical_cost, is_joint_equilibrium, regime
from numerics.scenario import Scenario
from numerics.simulation import Run


def run_as_dict(scenario: Scenario, run: Run) -> dict[str, Any]:
    """Return the run as JSON-able data; NaN becomes null."""
    final = scenario.model.replace(opinions=run.opinions)
    trajectory = {
        name: [None if isinstance(x, float) and not math.isfinite(x) else x for x in values.tolist()]
        for name, values in vars(run.trajectory).items()
    }
    cost = critical_cost(final, run.structure)
    return {
        "title": scenario.title,
        "exitjoin": __version__,
        "model": {
            "performance": str(scenario.model.performance),
            "scale": str(scenario.model.scale),
            "switching_cost": scenario.model.switching_cost,
            "influence": str(scenario.model.influence),
            "acceptance": str(scenario.model.acceptance),
            "initial_opinions": run.initial_opinions.tolist(),
        },
        "outcome": run.outcome,
        "structure": run.structure,
        "opinions": run.opinions.tolist(),
        "moves": run.moves,
        "steps": run.steps,
        "spread": run.spread,
        "disagreement": run.disagreement,
        "surplus": run.surplus,
        "critical_cost": cost if math.isfinite(cost) else None,
        "joint_equilibrium": is_joint_equilibrium(final, run.structure),
        "regime": regime(final, run.structure),
        "trajectory": trajectory,
    }


def run_as_text(scenario: Scenario, run: Run) -> str:
    """Return the outcome of a run and its final state, a line each."""
    model = scenario.model
    final = model.replace(opinions=run.opinions)
    lines = [scenario.title] if scenario.title else []
    lines += [
        f"performance φ(u) = {model.performance}, scale {model.scale}, switching cost κ = {model.switching_cost:g}",
        f"outcome: {run.outcome} after {run.moves} moves in {run.steps} steps",
        f"regime: {regime(final, run.structure)}",
        f"critical cost κ* = {critical_cost(final, run.structure):.6g} "
        f"({'stable' if is_joint_equilibrium(final, run.structure) else 'not stable'} at κ = {model.switching_cost:g})",
        f"spread {run.spread:.6g}, disagreement {run.disagreement:.6g}, surplus {run.surplus:.6g}",
        "coalitions:",
    ]
    for coalition in run.structure:
        lines.append(f"  {' '.join(map(str, coalition))}  at opinion {run.opinions[coalition[0]]:.6g}")
    return "\n".join(lines)
