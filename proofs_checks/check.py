"""Checks: a conclusion tried on every instance that satisfies the hypotheses, smallest instance first.

A proof is a check as well: its instances are the steps of the proof (see `proofs_checks.steps`).  A mutant
is the same check with a hypothesis dropped or a conclusion changed, and it must be refuted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from proofs_checks import recheck
from proofs_checks.smallest import size_of
from proofs_checks.verdict import Certificate, Evidence, Level, MutantResult

I = TypeVar("I")
PATIENCE = 0.1  # seconds in which a smaller counterexample is looked for once there is one


class Undecided(Exception):
    """Raised by a conclusion that can neither confirm nor refute an instance."""


@dataclass(frozen=True)
class Check(Generic[I]):
    """A conclusion, the hypotheses it needs, and the instances to try it on.

    Parameters
    ----------
    what : str
        What is compared with what.
    scope : str
        The range of the quantifiers, in words; this is what a verdict may claim.
    level : Level
        How far the evidence reaches if the conclusion holds throughout.
    instances : callable
        Returns the instances, smallest first, *including* some that violate a hypothesis.
    conclusion : callable
        Returns None where the conclusion holds and a description of the failure where it does not.
    hypotheses : mapping from name to predicate
        An instance is checked when all hold.
    show : callable
        Prints an instance, exactly.
    part : str
        The part of the claim that is checked.
    certify : callable, optional
        Given an instance and whether the conclusion holds there, returns a certificate of that, or None; see
        `proofs_checks.recheck` for the kinds.
    tools : tuple of str
        The packages that the check relies on beside Python.
    """

    what: str
    scope: str
    level: Level
    instances: Callable[[], Iterable[I]]
    conclusion: Callable[[I], str | None]
    hypotheses: Mapping[str, Callable[[I], bool]] = field(default_factory=dict)
    show: Callable[[I], str] = str
    part: str = ""
    certify: Callable[[I, bool], Certificate | None] | None = None
    tools: tuple[str, ...] = ("sympy",)

    def dropping(self, name: str) -> Check[I]:
        """Return the check without the hypothesis `name`, on the instances that violate it."""
        dropped = self.hypotheses[name]
        rest: dict[str, Callable[[I], bool]] = {key: test for key, test in self.hypotheses.items() if key != name}
        rest[f"not: {name}"] = lambda instance: not dropped(instance)
        return replace(self, hypotheses=rest)

    def concluding(self, conclusion: Callable[[I], str | None]) -> Check[I]:
        """Return the check with another conclusion."""
        return replace(self, conclusion=conclusion)


@dataclass(frozen=True)
class Mutant:
    """A damaged claim: what was changed, which hypothesis or constant that was, and the check that must refute it.

    `target` is the name of the hypothesis or constant as the ledger has it; empty for damage to a proof alone.
    """

    description: str
    check: Check
    target: str = ""


@dataclass(frozen=True)
class Study:
    """The checks of one claim and the mutants that show that they can fail."""

    label: str
    checks: tuple[Check, ...]
    mutants: tuple[Mutant, ...]


def run(check: Check[I], patience: float = 0.0) -> Evidence:
    """Try the conclusion on every admitted instance and stop at a failure.

    A check that stops on an error of its own counts as undecided, so that one broken piece does not hide the
    verdicts on the other claims; so do a certificate that `proofs_checks.recheck` rejects, and a proof without one.

    Parameters
    ----------
    check : Check
    patience : float
        Seconds for which more instances are tried after a failure, to report the smallest that fails.
    """
    start = time.perf_counter()
    tried: _Tried[I] = _Tried()
    counterexample: str | None = None
    undecided: str | None = None
    try:
        try:
            _try_all(check, patience, tried)
        except Exception:
            if not tried.failures:  # one failure decides, whatever stopped the search for a smaller one
                raise
        if tried.failures:
            instance, failure = tried.failures[-1]
            counterexample = f"{check.show(instance)}: {failure}"
            tried.certificates = list(filter(None, [check.certify(instance, False)])) if check.certify else []
        elif check.level is not Level.PROOF and not tried.certificates:
            tried.certificates = [{"kind": "enumeration", "range": check.scope, "instances": tried.checked}]
        _recheck(check, tried)
    except Undecided as reason:
        counterexample, undecided = None, f"{check.what}: {reason}"
    except (Exception, SystemExit) as error:
        counterexample, undecided = None, f"{check.what}: stopped by {type(error).__name__}: {error}"
    return Evidence(
        what=check.what,
        scope=check.scope,
        part=check.part,
        level=check.level,
        instances=tried.checked,
        excluded=tried.excluded,
        seconds=time.perf_counter() - start,
        counterexample=counterexample,
        undecided=undecided,
        certificates=tuple(tried.certificates),
        tools=check.tools,
    )


@dataclass
class _Tried(Generic[I]):
    """What has come out so far; the last of the failures is the smallest."""

    checked: int = 0
    excluded: int = 0
    failures: list[tuple[I, str]] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)


def _try_all(check: Check[I], patience: float, tried: _Tried[I]) -> None:
    deadline = float("inf")
    for instance in check.instances():
        if time.perf_counter() > deadline:
            return
        if not all(test(instance) for test in check.hypotheses.values()):
            tried.excluded += 1
            continue
        tried.checked += 1
        failure = check.conclusion(instance)
        if failure is None:
            if check.certify and not tried.failures:
                tried.certificates += filter(None, [check.certify(instance, True)])
        elif not tried.failures or size_of(instance) < size_of(tried.failures[-1][0]):
            deadline = min(deadline, time.perf_counter() + patience)
            tried.failures.append((instance, failure))


def _recheck(check: Check[I], tried: _Tried[I]) -> None:
    """Have every certificate re-checked by the program that knows nothing of the project."""
    for certificate in tried.certificates:
        try:
            recheck.check(dict(certificate))
        except Exception as error:
            name = certificate.get("note") or certificate.get("kind")
            raise Undecided(f"its certificate '{name}' does not pass the re-checker: {error}") from error
    if check.level is Level.PROOF and tried.checked and not tried.certificates and not tried.failures:
        raise Undecided("a proof that leaves no certificate")


def attack(mutant: Mutant) -> MutantResult:
    """Run the check of a mutant; anything but a concrete counterexample means that it survived."""
    evidence = run(mutant.check, PATIENCE)
    refutation = evidence.certificates if evidence.counterexample is not None else ()
    return MutantResult(mutant.description, mutant.target, evidence.counterexample, evidence.seconds, refutation)
