"""Every claim of the ledger is verified, and a damaged formula is noticed."""

import pytest
from sympy import Rational

from proofs_checks.check import run
from proofs_checks.registry import STUDIES, study
from proofs_checks.verdict import Level, Verdict
from proofs_checks.verify import verify
from theory.claims import LEDGER


@pytest.fixture(scope="module")
def verified():
    """The whole ledger; taken from the cache if `exitjoin verify` has just run."""
    return verify(workers=2, cached=True)


@pytest.mark.parametrize("label", LEDGER)
def test_claim_is_proved_and_every_mutant_refuted(label, verified):
    result = verified[label]
    assert result.verdict is Verdict.PROVED, result.reason
    assert result.scope
    assert result.guarded == LEDGER[label].guarded
    assert len(result.mutants) >= len(result.guarded) > 0
    assert not result.survivors
    assert not result.unguarded


def test_how_far_the_evidence_reaches(verified):
    assert len(verified.results) == 27
    certified = [result.label for result in verified.results if result.level >= Level.SYMBOLIC]
    assert len(certified) >= 22
    for label in ("S1", "S2", "S3", "S4", "S5", "S9"):  # for all m and every φ of the class
        assert verified[label].level is Level.PROOF


@pytest.mark.parametrize("label", LEDGER)
def test_certificates_of_proofs_say_something(label, verified):
    """That they hold is checked whenever a check runs."""
    for piece in verified[label].evidence:
        if piece.level is Level.PROOF:
            assert piece.certificates
            assert all(c.get("conclusion") != "0" for c in piece.certificates), piece.what


def test_every_claim_of_the_ledger_has_a_study_of_its_own_label():
    assert list(STUDIES) == list(LEDGER)
    assert all(study(label).label == label for label in LEDGER)


DAMAGES = {
    "V3": ("sampling", "quadratic_value", lambda true: lambda: -true()),
    "S1": ("gain", "gain", lambda true: lambda *args, **more: -true(*args, **more)),
    "V4": ("payoff", "shapley_value", lambda true: lambda *args: {i: -x for i, x in true(*args).items()}),
    "V5": ("two_types", "two_type_value", lambda true: lambda *args: true(*args) * 2),
    "S2": ("gain", "gain", lambda true: lambda *args, **more: -true(*args, **more)),
    "S10": ("lyapunov", "magnet_difference", lambda true: lambda: -true()),
    "S3": ("lyapunov", "disagreement_drop", lambda true: lambda: true() * 2),
    "S4": ("lyapunov", "move_bound", lambda true: lambda *args: true(*args) / 2),
    "S5": ("lyapunov", "spread_bound", lambda true: lambda *args: true(*args) * Rational(7, 8)),
    "S8": ("gain", "structure_critical_cost", lambda true: lambda *args: true(*args) + 1),
    "S9": ("gain", "incumbents_gain", lambda true: lambda *args: -true(*args)),
    "S13": ("size_game", "size_gain", lambda true: lambda *args: -true(*args)),
    "S7": ("mixing", "disagreement_path", lambda true: lambda *args: [2 * x for x in true(*args)]),
    "S12": ("discount", "smallest_rate", lambda true: lambda *args: 1 - true(*args)),
    "S14": ("lyapunov", "fragility_radius", lambda true: lambda *args: 2 * true(*args)),
    "T1": ("consensus", "perron_weights", lambda true: lambda W: list(true(W))[::-1]),
    "T3": ("spectra", "spectrum", lambda true: lambda name: true("ring" if name == "path" else name)),
    "T2": ("consensus", "ergodicity_coefficient", lambda true: lambda W: true(W) / 2),
}


@pytest.mark.parametrize("label", DAMAGES)
def test_a_damaged_formula_of_theory_is_refuted(label, monkeypatch):
    import importlib

    module, name, damage = DAMAGES[label]
    loaded = importlib.import_module(f"theory.{module}")
    monkeypatch.setattr(loaded, name, damage(getattr(loaded, name)))
    found = map(run, study(label).checks)  # the first counterexample decides: a claim with one is refuted
    assert any(evidence.counterexample for evidence in found)
