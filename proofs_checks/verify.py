"""Verification: run every check and every mutant of the claims, and report.

from proofs_checks.verify import verify
print(verify().text())
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from proofs_checks.check import Study, attack, run
from proofs_checks.registry import STUDIES, study
from proofs_checks.report import Report
from proofs_checks.verdict import ClaimResult
from theory.claims import LEDGER
from theory.errors import InputError


def verify(labels: Iterable[str] | None = None, progress: Callable[[str], None] | None = None) -> Report:
    """Return the evidence for the claims with these labels, in the order of the ledger.

    Parameters
    ----------
    labels : iterable of str, optional
        Labels such as "S4", in any case; all claims of the ledger if not given.
    progress : callable, optional
        Called with one line of text before each claim and one after it.

    Raises
    ------
    InputError
        If a label is not in the ledger.
    """
    wanted = _known([labels] if isinstance(labels, str) else labels)
    start = time.perf_counter()
    results = []
    for label in wanted:
        if progress:
            progress(f"{label} {LEDGER[label].name} ...")
        result = examine(study(label)) if label in STUDIES else _result(label)
        results.append(result)
        if progress:
            progress(f"{label} {result.verdict} ({result.level}), {result.seconds:.1f} s")
    return Report(tuple(results), time.perf_counter() - start)


def examine(subject: Study) -> ClaimResult:
    """Run the checks of one claim, then its mutants."""
    evidence = tuple(run(check) for check in subject.checks)
    return _result(subject.label, evidence, tuple(attack(mutant) for mutant in subject.mutants))


def _result(label: str, evidence: tuple = (), mutants: tuple = ()) -> ClaimResult:
    claim = LEDGER[label]
    return ClaimResult(label, claim.name, claim.statement, evidence, mutants)


def _known(labels: Iterable[str] | None) -> list[str]:
    if labels is None:
        return list(LEDGER)
    asked = []
    for label in labels:
        if not isinstance(label, str) or label.strip().upper() not in LEDGER:
            raise InputError("claims", label, "is not a claim of the ledger", f"known claims: {', '.join(LEDGER)}")
        asked.append(label.strip().upper())
    return [label for label in LEDGER if label in asked]
