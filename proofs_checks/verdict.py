"""Verdicts: what the evidence for a claim amounts to, and nothing more.

A verdict is *proved*, *refuted* or *open*; there is no fourth.  A proved claim carries the level and the
scope of its evidence: which instances it speaks about.  A claim may have several parts (an equality and a
rate, say): a part is as strong as its strongest piece of evidence, the claim as strong as its weakest part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from typing import Any

Certificate = Mapping[str, Any]  # plain data with a "kind"; see `proofs_checks.recheck`


class Verdict(StrEnum):
    """What is known of a claim."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


class Level(IntEnum):
    """How far a piece of evidence reaches, from the weakest."""

    SEARCH = 1
    EXACT = 2
    ENCLOSURE = 3
    SOLVER = 4
    SYMBOLIC = 5
    PROOF = 6

    @property
    def meaning(self) -> str:
        """What the level says, in words."""
        return _MEANINGS[self]

    def __str__(self) -> str:
        return self.name.lower()


_MEANINGS = {
    Level.SEARCH: "search in floating point: no counterexample found, nothing proved",
    Level.EXACT: "every instance of a finite range, in exact arithmetic",
    Level.ENCLOSURE: "rational enclosure of a spectrum, for each member of a stated family",
    Level.SOLVER: "a decision procedure said so, and found its false twin false; nothing to re-check",
    Level.SYMBOLIC: "exact certificate: all real values, sizes up to a bound",
    Level.PROOF: "exact certificates for all instances: every algebraic step can be re-checked",
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
    certificates : tuple of mappings
        What can be re-checked without the program that found it, as `proofs_checks.recheck` reads it.
    tools : tuple of str
        The packages that the piece relies on beside Python.
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
    certificates: tuple[Certificate, ...] = ()
    tools: tuple[str, ...] = ("sympy",)

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
    """A damaged claim, and the smallest counterexample that the same check found against it.

    `counterexample` is None when the mutant survived: then the check cannot tell it from the claim.  `target` is
    the hypothesis or the constant of the claim that was damaged.
    """

    description: str
    target: str
    counterexample: str | None
    seconds: float
    certificates: tuple[Certificate, ...] = ()

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
    guarded : tuple of str
        The hypotheses and constants of the claim, each of which needs a mutant.
    """

    label: str
    name: str
    statement: str
    evidence: tuple[Evidence, ...]
    mutants: tuple[MutantResult, ...] = ()
    guarded: tuple[str, ...] = ()

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
    def unguarded(self) -> tuple[str, ...]:
        """Hypotheses and constants of the claim that no mutant damages."""
        targets = {mutant.target for mutant in self.mutants}
        return tuple(name for name in self.guarded if name not in targets)

    @property
    def unwitnessed(self) -> bool:
        """Whether no check has met a concrete instance: steps of a proof do not show that the hypotheses can hold."""
        return not any(e.instances > 0 and e.level is not Level.PROOF for e in self.evidence)

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
        mutant, of which there is one for each hypothesis and constant; open otherwise."""
        if self.counterexample is not None:
            return Verdict.REFUTED
        if not self.sound or self.level is Level.SEARCH:
            return Verdict.OPEN
        return Verdict.PROVED

    @property
    def broken(self) -> bool:
        """Whether the check cannot be trusted: a mutant survived, or one is missing."""
        return not self.mutants or bool(self.survivors) or bool(self.unguarded)

    @property
    def sound(self) -> bool:
        """Whether verification may pass: not refuted, not vacuous, not undecided, every mutant there and refuted."""
        found = self.counterexample is not None
        return not (found or self.vacuous or self.unwitnessed or self.undecided or self.broken)

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
        if self.unwitnessed:
            return "vacuous: no check on concrete instances shows that the hypotheses can hold"
        if not self.mutants:
            return "broken check: no mutant"
        if self.unguarded:
            return f"broken check: no mutant damages '{self.unguarded[0]}'"
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


_LIMITS = {
    Level.SYMBOLIC: "sizes bounded: ",
    Level.SOLVER: "by a solver: ",
    Level.ENCLOSURE: "enclosed: ",
    Level.EXACT: "finite range only: ",
    Level.SEARCH: "not proved, sampled: ",
}


def result_to_data(result: ClaimResult) -> dict[str, Any]:
    """Return a result as plain data that JSON can hold."""
    data = asdict(result)
    for piece in data["evidence"]:
        piece["level"] = str(piece["level"])
    return data


def result_from_data(data: Mapping[str, Any]) -> ClaimResult:
    """Return the result that `result_to_data` wrote."""
    evidence = [
        Evidence(
            **{
                **piece,
                "level": Level[piece["level"].upper()],
                "certificates": tuple(piece["certificates"]),
                "tools": tuple(piece["tools"]),
            }
        )
        for piece in data["evidence"]
    ]
    mutants = [MutantResult(**{**m, "certificates": tuple(m["certificates"])}) for m in data["mutants"]]
    rest = {name: data[name] for name in ("label", "name", "statement")}
    return ClaimResult(**rest, evidence=tuple(evidence), mutants=tuple(mutants), guarded=tuple(data["guarded"]))
