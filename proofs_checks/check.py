"""Checks: a conclusion tried on every instance that satisfies the hypotheses, smallest instance first.

A proof is a check as well: its instances are the steps of the proof (see `proofs_checks.steps`).  A mutant
is the same check with a hypothesis dropped or a conclusion changed, and it must be refuted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from proofs_checks.verdict import Evidence, Level, MutantResult

I = TypeVar("I")


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
    """

    what: str
    scope: str
    level: Level
    instances: Callable[[], Iterable[I]]
    conclusion: Callable[[I], str | None]
    hypotheses: Mapping[str, Callable[[I], bool]] = field(default_factory=dict)
    show: Callable[[I], str] = str
    part: str = ""

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
    """A damaged claim: what was changed, and the check that must refute it."""

    description: str
    check: Check


@dataclass(frozen=True)
class Study:
    """The checks of one claim and the mutants that show that they can fail."""

    label: str
    checks: tuple[Check, ...]
    mutants: tuple[Mutant, ...]


def run(check: Check[I]) -> Evidence:
    """Try the conclusion on every admitted instance and stop at the first failure.

    A check that stops on an error of its own counts as undecided, so that one broken piece does not
    hide the verdicts on the other claims.
    """
    start = time.perf_counter()
    checked = excluded = 0
    counterexample: str | None = None
    undecided: str | None = None
    try:
        for instance in check.instances():
            if not all(test(instance) for test in check.hypotheses.values()):
                excluded += 1
                continue
            checked += 1
            failure = check.conclusion(instance)
            if failure is not None:
                counterexample = f"{check.show(instance)}: {failure}"
                break
    except Undecided as reason:
        undecided = f"{check.what}: {reason}"
    except Exception as error:
        undecided = f"{check.what}: stopped by {type(error).__name__}: {error}"
    return Evidence(
        what=check.what,
        scope=check.scope,
        part=check.part,
        level=check.level,
        instances=checked,
        excluded=excluded,
        seconds=time.perf_counter() - start,
        counterexample=counterexample,
        undecided=undecided,
    )


def attack(mutant: Mutant) -> MutantResult:
    """Run the check of a mutant; anything but a concrete counterexample means that it survived."""
    evidence = run(mutant.check)
    return MutantResult(mutant.description, evidence.counterexample, evidence.seconds)
