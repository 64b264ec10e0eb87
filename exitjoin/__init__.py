"""exitjoin: derive, compute, certify and draw the stability of coalitions on top of consensus.

    import exitjoin as ej
    model = ej.Model(opinions=[0.1, -1.2, 0.7], performance="3 - (u - 1/3)**2", switching_cost=0.05)
    run = ej.simulate(model, seed=0)

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# name → module that defines it
_HOME = {
    "Conditions": "theory.stability",
    "Ensemble": "numerics.ensemble",
    "ExitjoinError": "theory.errors",
    "InputError": "theory.errors",
    "Model": "numerics.model",
    "Moves": "numerics.moves",
    "Normal": "numerics.opinions",
    "Report": "proofs_checks.report",
    "Run": "numerics.simulation",
    "Scenario": "numerics.scenario",
    "Trajectory": "numerics.simulation",
    "aumann_dreze_value": "numerics.payoffs",
    "coalition_values": "numerics.payoffs",
    "critical_cost": "numerics.moves",
    "degroot_trajectory": "numerics.rates",
    "derive": "theory.stability",
    "ensemble": "numerics.ensemble",
    "gains": "numerics.moves",
    "influence_matrix": "numerics.consensus",
    "is_joint_equilibrium": "numerics.moves",
    "lazy": "numerics.influence",
    "load_scenario": "numerics.scenario",
    "measured_rate": "numerics.rates",
    "moves": "numerics.moves",
    "normal": "numerics.opinions",
    "packaged_scenario": "numerics.scenario",
    "regime": "numerics.moves",
    "simulate": "numerics.simulation",
    "tactical_limit": "numerics.consensus",
    "tie_tolerance": "numerics.ties",
    "unanimous": "numerics.acceptance",
    "verify": "proofs_checks.verify",
    "weighted": "numerics.influence",
}

if TYPE_CHECKING:
    from numerics.acceptance import unanimous
    from numerics.consensus import influence_matrix, tactical_limit
    from numerics.ensemble import Ensemble, ensemble
    from numerics.influence import lazy, weighted
    from numerics.model import Model
    from numerics.moves import Moves, critical_cost, gains, is_joint_equilibrium, moves, regime
    from numerics.opinions import Normal, normal
    from numerics.payoffs import aumann_dreze_value, coalition_values
    from numerics.rates import degroot_trajectory, measured_rate
    from numerics.scenario import Scenario, load_scenario, packaged_scenario
    from numerics.simulation import Run, Trajectory, simulate
    from numerics.ties import tie_tolerance
    from proofs_checks.report import Report
    from proofs_checks.verify import verify
    from theory.errors import ExitjoinError, InputError
    from theory.stability import Conditions, derive

__all__ = [
    "Conditions",
    "Ensemble",
    "ExitjoinError",
    "InputError",
    "Model",
    "Moves",
    "Normal",
    "Report",
    "Run",
    "Scenario",
    "Trajectory",
    "aumann_dreze_value",
    "coalition_values",
    "critical_cost",
    "degroot_trajectory",
    "derive",
    "ensemble",
    "gains",
    "influence_matrix",
    "is_joint_equilibrium",
    "lazy",
    "load_scenario",
    "measured_rate",
    "moves",
    "normal",
    "packaged_scenario",
    "regime",
    "simulate",
    "tactical_limit",
    "tie_tolerance",
    "unanimous",
    "verify",
    "weighted",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'exitjoin' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
