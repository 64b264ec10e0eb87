"""Archive: the certificates of a verification as files, one for each claim, for `proofs_checks.recheck`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numerics.files import make_folder, write_json
from proofs_checks.report import Report
from proofs_checks.verdict import ClaimResult


def write_certificates(report: Report, folder: str | Path) -> list[Path]:
    """Write ``LABEL.json`` for each claim into a folder; return the paths.

    Parameters
    ----------
    report : Report
    folder : path
        Made if it is not there.

    Raises
    ------
    InputError
        If the folder or a file cannot be written.
    """
    where = make_folder(folder, field="certificates")
    return [write_json(where / f"{r.label}.json", certificate_file(r), field="certificates") for r in report.results]


def certificate_file(result: ClaimResult) -> dict[str, Any]:
    """Return what the file of a claim holds: the certificates of its evidence and of its counterexamples."""
    pieces = [
        {
            "what": piece.what,
            "part": piece.part,
            "scope": piece.scope,
            "level": str(piece.level),
            "certificates": list(piece.certificates),
        }
        for piece in result.evidence
    ]
    counterexamples = [
        {
            "mutant": mutant.description,
            "damages": mutant.target,
            "counterexample": mutant.counterexample,
            "certificates": list(mutant.certificates),
        }
        for mutant in result.mutants
    ]
    return {
        "claim": result.label,
        "statement": result.statement,
        "verdict": str(result.verdict),
        "pieces": pieces,
        "counterexamples": counterexamples,
    }
