"""Verdicts: what the evidence for a claim amounts to, and nothing more.

A verdict is *proved*, *refuted* or *open*; there is no fourth.  A proved claim carries the level and the
scope of its evidence: which instances it speaks about.  A claim may have several parts (an equality and a
rate, say): a part is as strong as its strongest piece of evidence, the claim as strong as its weakest part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What is known of a claim."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


class Level(IntEnum):
    """How far a piece of evidence reaches, from the weakest."""

    SEARCH = 1
    EXACT = 2
    SYMBOLIC = 3
    PROOF = 4

    @property
    def meaning(self) -> str:
        """What the level says, in words."""
        return _MEANINGS[self]

    def __str__(self) -> str:
        return self.name.lower()


_MEANINGS = {
    Level.SEARCH: "search in floating point: no counterexample found, nothing proved",
    Level.EXACT: "every instance of a finite range, in exact arithmetic",
    Level.SYMBOLIC: "exact symbolic identity: all real values, sizes up to a bound",
    Level.PROOF: "for all instances: a proof whose algebraic steps a machine verified",
}


@dataclass(frozen=True)
class Evidence:
    """What one check found.

    Parameters
    ----------
    what, scope : str
        What was compared, and over which instances.
    part : str
        The part of the claim it speaks about; empty for a claim with one part.
    level : Level
        How far it reaches if it holds.
    instances : int
        Number of instances that satisfied the hypotheses and were checked.
    excluded : int
        Number of instances that did not satisfy them.
    seconds : float
        Wall-clock time.
    counterexample : str or None
        The first (smallest) instance at which the conclusion fails.
    undecided : str or None
        Why the check could not decide, if so.
    """

    what: str
    scope: str
    part: str
    level: Level
    instances: int
    excluded: int
    seconds: float
    counterexample: str | None = None
    undecided: str | None = None

    @property
    def vacuous(self) -> bool:
        """Whether no instance satisfied the hypotheses: then it is evidence of nothing."""
        return self.instances == 0 and self.undecided is None

    @property
    def holds(self) -> bool:
        """Whether at least one instance was checked and the conclusion held at every one."""
        return not self.vacuous and self.counterexample is None and self.undecided is None


@dataclass(frozen=True)
class MutantResult:
    """A damaged claim, and the counterexample that the same check found against it.

    `counterexample` is None when the mutant survived: then the check cannot tell it from the claim.
    """

    description: str
    counterexample: str | None
    seconds: float

    @property
    def refuted(self) -> bool:
        """Whether a concrete counterexample was found."""
        return self.counterexample is not None


@dataclass(frozen=True)
class ClaimResult:
    """Everything that was found about one claim; the verdict follows from it.

    Parameters
    ----------
    label, name, statement : str
        The claim, as in the ledger.
    evidence : tuple of Evidence
    mutants : tuple of MutantResult
    """

    label: str
    name: str
    statement: str
    evidence: tuple[Evidence, ...]
    mutants: tuple[MutantResult, ...] = field(default=())

    @property
    def counterexample(self) -> str | None:
        """The first counterexample to the claim, if any."""
        return next((e.counterexample for e in self.evidence if e.counterexample is not None), None)

    @property
    def vacuous(self) -> bool:
        """Whether some check met no instance (or there is no check at all)."""
        return not self.evidence or any(e.vacuous for e in self.evidence)

    @property
    def survivors(self) -> tuple[MutantResult, ...]:
        """Mutants that the check failed to refute."""
        return tuple(mutant for mutant in self.mutants if not mutant.refuted)

    @property
    def undecided(self) -> bool:
        """Whether some check could not decide."""
        return any(e.undecided is not None for e in self.evidence)

    @property
    def level(self) -> Level:
        """The level of the weakest part (`Level.SEARCH` when there is no evidence)."""
        return min((e.level for e in self._governing()), default=Level.SEARCH)

    @property
    def verdict(self) -> Verdict:
        """Refuted by any counterexample; proved when every check holds, is not vacuous, is exact, and refutes every
        mutant (of which there is at least one); open otherwise."""
        if self.counterexample is not None:
            return Verdict.REFUTED
        if self.vacuous or self.undecided or self.broken or self.level is Level.SEARCH:
            return Verdict.OPEN
        return Verdict.PROVED

    @property
    def broken(self) -> bool:
        """Whether the check cannot be trusted: a mutant survived, or there is none."""
        return not self.mutants or bool(self.survivors)

    @property
    def sound(self) -> bool:
        """Whether verification may pass: not refuted, not vacuous, not undecided, every mutant refuted."""
        return not (self.counterexample is not None or self.vacuous or self.undecided or self.broken)

    @property
    def scope(self) -> str:
        """The instances for which the claim is proved, part by part; finite evidence says that it is finite.

        Empty unless the verdict is *proved*: a check that did not pass covers nothing.
        """
        if self.verdict is not Verdict.PROVED:
            return ""
        scopes: dict[str, list[str]] = {}
        for piece in self._governing():
            prefix = "" if piece.level is Level.PROOF else _LIMITS[piece.level]
            scopes.setdefault(prefix + piece.scope, []).append(piece.part)
        if len(scopes) == 1:
            return next(iter(scopes))
        return "; ".join(f"{', '.join(filter(None, parts)) or 'claim'}: {scope}" for scope, parts in scopes.items())

    @property
    def reason(self) -> str:
        """Why the verdict is not *proved*; empty when it is."""
        if self.counterexample is not None:
            return self.counterexample
        if not self.evidence:
            return "no check has been written"
        for piece in self.evidence:
            if piece.vacuous:
                return f"vacuous: no instance satisfies the hypotheses of '{piece.what}'"
            if piece.undecided is not None:
                return f"undecided: {piece.undecided}"
        if not self.mutants:
            return "broken check: no mutant"
        if self.survivors:
            return f"broken check: the mutant '{self.survivors[0].description}' survived"
        return "" if self.level > Level.SEARCH else Level.SEARCH.meaning

    @property
    def seconds(self) -> float:
        """Wall-clock time of all checks and mutants."""
        return sum(e.seconds for e in self.evidence) + sum(m.seconds for m in self.mutants)

    def _governing(self) -> list[Evidence]:
        """The strongest piece of evidence of each part."""
        best: dict[str, Evidence] = {}
        for piece in self.evidence:
            if piece.part not in best or piece.level > best[piece.part].level:
                best[piece.part] = piece
        return list(best.values())


_LIMITS = {Level.SYMBOLIC: "sizes bounded: ", Level.EXACT: "finite range only: ", Level.SEARCH: "not proved, sampled: "}
