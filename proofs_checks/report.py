"""Report: what verification found, as a table to read and as data to keep."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import Any

from proofs_checks.latex import table
from proofs_checks.verdict import ClaimResult, Evidence, Level, MutantResult, Verdict
from proofs_checks.versions import versions
from theory.claims import LEDGER

WIDTHS = (5, 49, 7, 9, 32, 7, 5)  # with the gaps, 120 columns
HEADINGS = ("claim", "name", "verdict", "level", "scope", "mutants", "s")


@dataclass(frozen=True)
class Report:
    """The results of a verification.

    Parameters
    ----------
    results : tuple of ClaimResult
    seconds : float
        Wall-clock time of the whole run.
    kept : tuple of str
        The labels whose result was kept from an earlier run on the same sources.
    """

    results: tuple[ClaimResult, ...]
    seconds: float
    kept: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is refuted, vacuous, undecided or broken."""
        return bool(self.results) and all(result.sound for result in self.results)

    def __getitem__(self, label: str) -> ClaimResult:
        """Return the result of the claim with this label."""
        return next(result for result in self.results if result.label == label)

    def text(self) -> str:
        """Return a table of at most 120 columns, with a reason below every claim that is not proved."""
        lines = [_row(HEADINGS), _row(tuple("-" * width for width in WIDTHS))]
        for r in self.results:
            refuted = f"{len(r.mutants) - len(r.survivors)}/{len(r.mutants)}"
            level = str(r.level) if r.verdict is Verdict.PROVED else "-"
            lines.append(_row((r.label, r.name, str(r.verdict), level, r.scope or "-", refuted, f"{r.seconds:.1f}")))
            if r.reason:
                lines.append(textwrap.fill(r.reason, 120, initial_indent="      ! ", subsequent_indent="        "))
        lines += ["", *self._legend(), self._summary()]
        return "\n".join(lines)

    def _legend(self) -> list[str]:
        used = sorted({r.level for r in self.results if r.verdict is Verdict.PROVED}, reverse=True)
        return [f"{level!s:10} {level.meaning}" for level in used]

    def _summary(self) -> str:
        counts = ", ".join(
            f"{sum(r.verdict is verdict for r in self.results)} {verdict}"
            for verdict in Verdict
            if any(r.verdict is verdict for r in self.results)
        )
        mutants = [mutant for r in self.results for mutant in r.mutants]
        killed = sum(mutant.refuted for mutant in mutants)
        outcome = "verification passed" if self.ok else "VERIFICATION FAILED"
        kept = f" ({len(self.kept)} kept from an earlier run)" if self.kept else ""
        return f"{outcome}: {counts}; {killed} of {len(mutants)} mutants refuted; {self.seconds:.1f} s{kept}"

    def mutants_text(self) -> str:
        """Return every mutant with what it damages and the counterexample that refutes it, claim by claim."""
        lines = []
        for r in self.results:
            lines += ["", f"{r.label} {r.name}"]
            for mutant in r.mutants:
                damaged = f" [{mutant.target}]" if mutant.target else " [the proof]"
                outcome = mutant.counterexample if mutant.refuted else "SURVIVED"
                lines += _folded(f"{'✗' if mutant.refuted else '!'} {mutant.description}{damaged}", "  ")
                lines += _folded(str(outcome), "      ")
        return "\n".join([*lines[1:], "", self._summary()])

    def latex(self) -> str:
        """Return the verdicts as a table for the appendix of a paper; see `proofs_checks.latex`."""
        return table(self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold."""
        return {
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "kept": list(self.kept),
            "versions": versions(),
            "levels": {str(level): level.meaning for level in Level},
            "claims": [_claim_data(result) for result in self.results],
        }


def _claim_data(result: ClaimResult) -> dict[str, Any]:
    claim = LEDGER[result.label]
    return {
        "label": result.label,
        "name": result.name,
        "statement": result.statement,
        "hypotheses": [asdict(hypothesis) for hypothesis in claim.hypotheses],
        "conclusion": {"words": claim.conclusion, "latex": claim.latex},
        "constants": list(claim.constants),
        "reference": claim.reference,
        "verdict": str(result.verdict),
        "level": str(result.level),
        "scope": result.scope,
        "reason": result.reason,
        "vacuous": result.vacuous,
        "counterexample": result.counterexample,
        "seconds": round(result.seconds, 3),
        "evidence": [_evidence_data(piece) for piece in result.evidence],
        "mutants": [_mutant_data(mutant) for mutant in result.mutants],
    }


def _evidence_data(piece: Evidence) -> dict[str, Any]:
    return asdict(piece) | {"level": str(piece.level), "holds": piece.holds, "seconds": round(piece.seconds, 3)}


def _mutant_data(mutant: MutantResult) -> dict[str, Any]:
    return asdict(mutant) | {"refuted": mutant.refuted, "seconds": round(mutant.seconds, 3)}


def _folded(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 120, initial_indent=indent, subsequent_indent=f"{indent}  ")


def _row(cells: tuple[str, ...]) -> str:
    """Return the cells side by side, each wrapped into its column."""
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    height = max(len(column) for column in columns)
    rows = []
    for line in range(height):
        pieces = [
            (column[line] if line < len(column) else "").ljust(width)
            for column, width in zip(columns, WIDTHS, strict=True)
        ]
        rows.append(" ".join(pieces).rstrip())
    return "\n".join(rows)
