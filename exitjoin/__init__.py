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
    "Payoffs": "numerics.payoffs",
    "Report": "proofs_checks.report",
    "Run": "numerics.simulation",
    "Scenario": "numerics.scenario",
    "Trajectory": "numerics.simulation",
    "adaptive": "numerics.acceptance",
    "aggregate": "numerics.acceptance",
    "aumann_dreze_value": "numerics.payoffs",
    "bounded_confidence": "numerics.acceptance",
    "capacity": "numerics.acceptance",
    "coalition_values": "numerics.payoffs",
    "critical_cost": "numerics.moves",
    "degroot_step": "numerics.consensus",
    "degroot_trajectory": "numerics.rates",
    "derive": "theory.stability",
    "ensemble": "numerics.ensemble",
    "gains": "numerics.moves",
    "general": "numerics.influence",
    "influence_matrix": "numerics.consensus",
    "is_joint_equilibrium": "numerics.moves",
    "lazy": "numerics.influence",
    "load_scenario": "numerics.scenario",
    "logit": "numerics.schedules",
    "majority": "numerics.acceptance",
    "measured_rate": "numerics.rates",
    "moves": "numerics.moves",
    "network": "numerics.influence",
    "normal": "numerics.opinions",
    "packaged_scenario": "numerics.scenario",
    "payoffs": "numerics.payoffs",
    "per_agent": "numerics.costs",
    "per_coalition": "numerics.costs",
    "per_pair": "numerics.costs",
    "regime": "numerics.moves",
    "shapley_value": "numerics.shapley",
    "simulate": "numerics.simulation",
    "switching_cost": "numerics.costs",
    "tactical_limit": "numerics.consensus",
    "tactical_operator": "numerics.tactical",
    "tie_tolerance": "numerics.ties",
    "unanimous": "numerics.acceptance",
    "verify": "proofs_checks.verify",
    "weighted": "numerics.influence",
}

if TYPE_CHECKING:
    from numerics.acceptance import adaptive, aggregate, bounded_confidence, capacity, majority, unanimous
    from numerics.consensus import degroot_step, influence_matrix, tactical_limit
    from numerics.costs import per_agent, per_coalition, per_pair, switching_cost
    from numerics.ensemble import Ensemble, ensemble
    from numerics.influence import general, lazy, network, weighted
    from numerics.model import Model
    from numerics.moves import Moves, critical_cost, gains, is_joint_equilibrium, moves, regime
    from numerics.opinions import Normal, normal
    from numerics.payoffs import Payoffs, aumann_dreze_value, coalition_values, payoffs
    from numerics.rates import degroot_trajectory, measured_rate
    from numerics.scenario import Scenario, load_scenario, packaged_scenario
    from numerics.schedules import logit
    from numerics.shapley import shapley_value
    from numerics.simulation import Run, Trajectory, simulate
    from numerics.tactical import tactical_operator
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
    "Payoffs",
    "Report",
    "Run",
    "Scenario",
    "Trajectory",
    "adaptive",
    "aggregate",
    "aumann_dreze_value",
    "bounded_confidence",
    "capacity",
    "coalition_values",
    "critical_cost",
    "degroot_step",
    "degroot_trajectory",
    "derive",
    "ensemble",
    "gains",
    "general",
    "influence_matrix",
    "is_joint_equilibrium",
    "lazy",
    "load_scenario",
    "logit",
    "majority",
    "measured_rate",
    "moves",
    "network",
    "normal",
    "packaged_scenario",
    "payoffs",
    "per_agent",
    "per_coalition",
    "per_pair",
    "regime",
    "shapley_value",
    "simulate",
    "switching_cost",
    "tactical_limit",
    "tactical_operator",
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
