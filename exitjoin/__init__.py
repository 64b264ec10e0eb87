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
    "Atlas": "numerics.equilibria.atlas",
    "BifurcationDiagram": "numerics.equilibria.bifurcation",
    "Conditions": "theory.stability",
    "Conjecture": "proofs_checks.conjecture",
    "ConsensusSet": "numerics.consensus_sets",
    "Ensemble": "numerics.ensemble",
    "ExitjoinError": "theory.errors",
    "FastestConsensus": "numerics.programs.fastest_consensus",
    "FittedScenario": "numerics.fitting.fitted_scenario",
    "Fragility": "numerics.fragility",
    "FragilityRadius": "numerics.programs.fragility_radius",
    "Group": "numerics.fitting.observations",
    "ImprovementGraph": "numerics.equilibria.improvement",
    "InfluenceFit": "numerics.fitting.fit",
    "InputError": "theory.errors",
    "JointSpectralRadius": "numerics.programs.joint_spectral_radius",
    "LeastStableCost": "numerics.programs.least_stable_cost",
    "MarkovChain": "numerics.equilibria.markov",
    "MixingRate": "numerics.mixing",
    "Model": "numerics.model",
    "Moves": "numerics.moves",
    "Normal": "numerics.opinions",
    "Observations": "numerics.fitting.observations",
    "Payoffs": "numerics.payoffs",
    "Report": "proofs_checks.report",
    "Run": "numerics.simulation",
    "Scenario": "numerics.scenario",
    "SmallestRate": "numerics.programs.smallest_rate",
    "SplitStudy": "numerics.fitting.split",
    "StabilisingTransfers": "numerics.programs.transfers",
    "StableRates": "numerics.programs.smallest_rate",
    "StableStructure": "numerics.programs.stable_structure",
    "StableStructures": "numerics.equilibria.atlas",
    "SweepFile": "numerics.sweeps.sweep_file",
    "Thresholds": "numerics.programs.thresholds",
    "Trajectory": "numerics.simulation",
    "adaptive": "numerics.acceptance",
    "adaptive_rate": "numerics.influence",
    "aggregate": "numerics.acceptance",
    "atlas": "numerics.equilibria.atlas",
    "aumann_dreze_value": "numerics.payoffs",
    "bifurcation_diagram": "numerics.equilibria.bifurcation",
    "bounded_confidence": "numerics.acceptance",
    "capacity": "numerics.acceptance",
    "coalition_values": "numerics.payoffs",
    "conjecture": "proofs_checks.conjecture",
    "consensus_rate": "numerics.programs.contraction",
    "contraction_certificate": "numerics.programs.contraction",
    "critical_cost": "numerics.moves",
    "degroot_step": "numerics.consensus",
    "degroot_trajectory": "numerics.rates",
    "derive": "theory.stability",
    "ensemble": "numerics.ensemble",
    "fastest_consensus": "numerics.programs.fastest_consensus",
    "fit_influence": "numerics.fitting.fit",
    "fitted_scenario": "numerics.fitting.fitted_scenario",
    "fragility": "numerics.fragility",
    "fragility_radius": "numerics.programs.fragility_radius",
    "gains": "numerics.moves",
    "general": "numerics.influence",
    "improvement_graph": "numerics.equilibria.improvement",
    "influence_matrix": "numerics.consensus",
    "is_consensus_set": "numerics.consensus_sets",
    "is_joint_equilibrium": "numerics.moves",
    "joint_spectral_radius": "numerics.programs.joint_spectral_radius",
    "lazy": "numerics.influence",
    "least_stable_cost": "numerics.programs.least_stable_cost",
    "load_scenario": "numerics.scenario",
    "load_sweep": "numerics.sweeps.sweep",
    "load_sweep_file": "numerics.sweeps.sweep_file",
    "logit": "numerics.schedules",
    "majority": "numerics.acceptance",
    "markov_chain": "numerics.equilibria.markov",
    "measured_rate": "numerics.rates",
    "mixing_rate": "numerics.mixing",
    "moves": "numerics.moves",
    "network": "numerics.influence",
    "normal": "numerics.opinions",
    "packaged_scenario": "numerics.scenario",
    "payoffs": "numerics.payoffs",
    "per_agent": "numerics.costs",
    "per_coalition": "numerics.costs",
    "per_pair": "numerics.costs",
    "read_listeners": "numerics.fitting.listeners",
    "read_opinions": "numerics.fitting.reading",
    "regime": "numerics.moves",
    "save_scenario": "numerics.scenario_text",
    "shapley_value": "numerics.shapley",
    "simulate": "numerics.simulation",
    "smallest_rate": "numerics.programs.smallest_rate",
    "split_study": "numerics.fitting.split",
    "stabilising_transfers": "numerics.programs.transfers",
    "stable_rates": "numerics.programs.smallest_rate",
    "stable_structure": "numerics.programs.stable_structure",
    "stable_structures": "numerics.equilibria.atlas",
    "sweep": "numerics.sweeps.sweep",
    "switching_cost": "numerics.costs",
    "tactical_limit": "numerics.consensus",
    "tactical_operator": "numerics.tactical",
    "thresholds": "numerics.programs.thresholds",
    "tie_tolerance": "numerics.ties",
    "unanimous": "numerics.acceptance",
    "verify": "proofs_checks.verify",
    "weighted": "numerics.influence",
}

if TYPE_CHECKING:
    from numerics.acceptance import adaptive, aggregate, bounded_confidence, capacity, majority, unanimous
    from numerics.consensus import degroot_step, influence_matrix, tactical_limit
    from numerics.consensus_sets import ConsensusSet, is_consensus_set
    from numerics.costs import per_agent, per_coalition, per_pair, switching_cost
    from numerics.ensemble import Ensemble, ensemble
    from numerics.equilibria.atlas import Atlas, StableStructures, atlas, stable_structures
    from numerics.equilibria.bifurcation import BifurcationDiagram, bifurcation_diagram
    from numerics.equilibria.improvement import ImprovementGraph, improvement_graph
    from numerics.equilibria.markov import MarkovChain, markov_chain
    from numerics.fitting.fit import InfluenceFit, fit_influence
    from numerics.fitting.fitted_scenario import FittedScenario, fitted_scenario
    from numerics.fitting.listeners import read_listeners
    from numerics.fitting.observations import Group, Observations
    from numerics.fitting.reading import read_opinions
    from numerics.fitting.split import SplitStudy, split_study
    from numerics.fragility import Fragility, fragility
    from numerics.influence import adaptive_rate, general, lazy, network, weighted
    from numerics.mixing import MixingRate, mixing_rate
    from numerics.model import Model
    from numerics.moves import Moves, critical_cost, gains, is_joint_equilibrium, moves, regime
    from numerics.opinions import Normal, normal
    from numerics.payoffs import Payoffs, aumann_dreze_value, coalition_values, payoffs
    from numerics.programs.contraction import consensus_rate, contraction_certificate
    from numerics.programs.fastest_consensus import FastestConsensus, fastest_consensus
    from numerics.programs.fragility_radius import FragilityRadius, fragility_radius
    from numerics.programs.joint_spectral_radius import JointSpectralRadius, joint_spectral_radius
    from numerics.programs.least_stable_cost import LeastStableCost, least_stable_cost
    from numerics.programs.smallest_rate import SmallestRate, StableRates, smallest_rate, stable_rates
    from numerics.programs.stable_structure import StableStructure, stable_structure
    from numerics.programs.thresholds import Thresholds, thresholds
    from numerics.programs.transfers import StabilisingTransfers, stabilising_transfers
    from numerics.rates import degroot_trajectory, measured_rate
    from numerics.scenario import Scenario, load_scenario, packaged_scenario
    from numerics.scenario_text import save_scenario
    from numerics.schedules import logit
    from numerics.shapley import shapley_value
    from numerics.simulation import Run, Trajectory, simulate
    from numerics.sweeps.sweep import load_sweep, sweep
    from numerics.sweeps.sweep_file import SweepFile, load_sweep_file
    from numerics.tactical import tactical_operator
    from numerics.ties import tie_tolerance
    from proofs_checks.conjecture import Conjecture, conjecture
    from proofs_checks.report import Report
    from proofs_checks.verify import verify
    from theory.errors import ExitjoinError, InputError
    from theory.stability import Conditions, derive

__all__ = [
    "Atlas",
    "BifurcationDiagram",
    "Conditions",
    "Conjecture",
    "ConsensusSet",
    "Ensemble",
    "ExitjoinError",
    "FastestConsensus",
    "FittedScenario",
    "Fragility",
    "FragilityRadius",
    "Group",
    "ImprovementGraph",
    "InfluenceFit",
    "InputError",
    "JointSpectralRadius",
    "LeastStableCost",
    "MarkovChain",
    "MixingRate",
    "Model",
    "Moves",
    "Normal",
    "Observations",
    "Payoffs",
    "Report",
    "Run",
    "Scenario",
    "SmallestRate",
    "SplitStudy",
    "StabilisingTransfers",
    "StableRates",
    "StableStructure",
    "StableStructures",
    "SweepFile",
    "Thresholds",
    "Trajectory",
    "adaptive",
    "adaptive_rate",
    "aggregate",
    "atlas",
    "aumann_dreze_value",
    "bifurcation_diagram",
    "bounded_confidence",
    "capacity",
    "coalition_values",
    "conjecture",
    "consensus_rate",
    "contraction_certificate",
    "critical_cost",
    "degroot_step",
    "degroot_trajectory",
    "derive",
    "ensemble",
    "fastest_consensus",
    "fit_influence",
    "fitted_scenario",
    "fragility",
    "fragility_radius",
    "gains",
    "general",
    "improvement_graph",
    "influence_matrix",
    "is_consensus_set",
    "is_joint_equilibrium",
    "joint_spectral_radius",
    "lazy",
    "least_stable_cost",
    "load_scenario",
    "load_sweep",
    "load_sweep_file",
    "logit",
    "majority",
    "markov_chain",
    "measured_rate",
    "mixing_rate",
    "moves",
    "network",
    "normal",
    "packaged_scenario",
    "payoffs",
    "per_agent",
    "per_coalition",
    "per_pair",
    "read_listeners",
    "read_opinions",
    "regime",
    "save_scenario",
    "shapley_value",
    "simulate",
    "smallest_rate",
    "split_study",
    "stabilising_transfers",
    "stable_rates",
    "stable_structure",
    "stable_structures",
    "sweep",
    "switching_cost",
    "tactical_limit",
    "tactical_operator",
    "thresholds",
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
