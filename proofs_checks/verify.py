"""Verification: run every check and every mutant of the claims, and report.

from proofs_checks.verify import verify
print(verify().text())
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from proofs_checks import cache
from proofs_checks.check import Study, attack, run
from proofs_checks.registry import STUDIES, study
from proofs_checks.report import Report
from proofs_checks.verdict import ClaimResult, Evidence, Level
from proofs_checks.workers import examine_elsewhere
from theory.claims import LEDGER
from theory.errors import InputError


def verify(
    labels: Iterable[str] | None = None,
    progress: Callable[[str], None] | None = None,
    workers: int = 1,
    cached: bool = False,
    keep: bool | None = None,
) -> Report:
    """Return the evidence for the claims with these labels, in the order of the ledger.

    Parameters
    ----------
    labels : iterable of str, optional
        Labels such as "S4", in any case; all claims of the ledger if not given.
    progress : callable, optional
        Called with one line of text before each claim and one after it.
    workers : int
        Number of processes; 1 runs everything in this one.
    cached : bool
        Whether to take a result that was kept for the same sources and versions: a verification that was interrupted
        goes on where it was.  See `proofs_checks.cache`.
    keep : bool, optional
        Whether to keep the results that pass; as `cached` unless given.

    Raises
    ------
    InputError
        If a label is not in the ledger, or `workers` is no positive integer.
    """
    wanted = _known([labels] if isinstance(labels, str) else labels)
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError("workers", workers, "is no number of processes", "give an integer such as 2")
    start = time.perf_counter()
    say = progress or (lambda text: None)
    keep = cached if keep is None else keep
    sources = cache.Sources()
    keys = {label: sources.key(label) for label in wanted} if cached or keep else {}
    results: dict[str, ClaimResult] = {}
    for label in wanted if cached else ():
        kept = cache.load(label, keys[label])
        if kept is not None:
            results[label] = kept
    known = tuple(results)
    for result in _examined([label for label in wanted if label not in results], workers, say):
        results[result.label] = result
        if keep and cache.Sources().key(result.label) == keys[result.label]:  # no file has changed meanwhile
            cache.keep(result, keys[result.label])
        say(f"{result.label} {result.verdict} ({result.level}), {result.seconds:.1f} s")
    return Report(tuple(results[label] for label in wanted), time.perf_counter() - start, known)


def examine(subject: Study) -> ClaimResult:
    """Run the checks of one claim, then its mutants."""
    evidence = tuple(run(check) for check in subject.checks)
    return _result(subject.label, evidence, tuple(attack(mutant) for mutant in subject.mutants))


def examine_label(label: str) -> ClaimResult:
    """Run the checks and mutants of the claim with this label; without a study, or with a broken one, it is open."""
    if label not in STUDIES:
        return _result(label)
    try:
        return examine(study(label))
    except (Exception, SystemExit) as error:  # one broken study must not hide the verdicts on the other claims
        return _result(label, (_stopped(f"its study stopped by {type(error).__name__}: {error}"),))


def _examined(labels: list[str], workers: int, say: Callable[[str], None]) -> Iterator[ClaimResult]:
    if workers == 1 or len(labels) < 2:
        for label in labels:
            say(f"{label} {LEDGER[label].name} ...")
            yield examine_label(label)
        return
    say(f"{len(labels)} claims on {workers} processes ...")
    for label, outcome in examine_elsewhere(labels, workers):
        yield outcome if isinstance(outcome, ClaimResult) else _result(label, (_stopped(outcome),))


def _stopped(reason: str) -> Evidence:
    """Return the evidence that a check did not come back."""
    return Evidence("the checks of the claim", "", "", Level.SEARCH, 0, 0, 0.0, undecided=reason, tools=())


def _result(label: str, evidence: tuple = (), mutants: tuple = ()) -> ClaimResult:
    claim = LEDGER[label]
    return ClaimResult(label, claim.name, claim.statement, evidence, mutants, claim.guarded)


def _known(labels: Iterable[str] | None) -> list[str]:
    if labels is None:
        return list(LEDGER)
    asked = []
    for label in labels:
        if not isinstance(label, str) or label.strip().upper() not in LEDGER:
            raise InputError("claims", label, "is not a claim of the ledger", f"known claims: {', '.join(LEDGER)}")
        asked.append(label.strip().upper())
    return [label for label in LEDGER if label in asked]
