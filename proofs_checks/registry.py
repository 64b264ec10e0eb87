"""Which module certifies which claim; nothing is imported before it is asked for."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from proofs_checks.check import Study

STUDIES = {
    "T1": "tactical",
    "T2": "ergodicity",
    "T3": "spectra",
    "T4": "tactical",
    "T5": "random_products",
    "T6": "products",
    "T7": "stubborn",
    "V1": "superadditivity",
    "V2": "superadditivity",
    "V3": "quadratic_value",
    "V4": "axioms",
    "V5": "two_types",
    "V6": "components",
    "S1": "quadratic_gain",
    "S2": "gain_sign",
    "S3": "lyapunov",
    "S4": "lyapunov",
    "S5": "equilibria",
    "S6": "equilibria",
    "S7": "paradox",
    "S8": "critical_cost",
    "S9": "incumbents",
    "S10": "magnet",
    "S11": "gain_sign",
    "S12": "discounted",
    "S13": "size_game",
    "S14": "fragility",
}


def study(label: str) -> Study:
    """Return the checks and mutants of a claim, with second opinions and comparisons of what `theory` derives for it.

    These are no parts of the claim of their own: they join the first part.
    """
    from proofs_checks.derivations import checks_of
    from proofs_checks.studies.opinions import opinions_of

    module = import_module(f"proofs_checks.studies.{STUDIES[label]}")
    made: Study = getattr(module, label.lower())()
    compared = (replace(check, part=made.checks[0].part) for check in (*opinions_of(label), *checks_of(label)))
    return replace(made, checks=(*made.checks, *compared))
