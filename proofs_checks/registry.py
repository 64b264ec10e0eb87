"""Which module certifies which claim; nothing is imported before it is asked for."""

from __future__ import annotations

from importlib import import_module

from proofs_checks.check import Study

STUDIES = {
    "T1": "tactical",
    "T2": "ergodicity",
    "T3": "spectra",
    "T4": "tactical",
    "V1": "superadditivity",
    "V2": "superadditivity",
    "V3": "quadratic_value",
    "V4": "axioms",
    "V5": "two_types",
    "S1": "quadratic_gain",
    "S2": "gain_sign",
    "S3": "lyapunov",
    "S4": "lyapunov",
    "S5": "equilibria",
    "S6": "equilibria",
    "S8": "critical_cost",
    "S9": "incumbents",
    "S10": "magnet",
    "S11": "gain_sign",
    "S13": "size_game",
}


def study(label: str) -> Study:
    """Return the checks and mutants of a claim."""
    module = import_module(f"proofs_checks.{STUDIES[label]}")
    made: Study = getattr(module, label.lower())()
    return made
