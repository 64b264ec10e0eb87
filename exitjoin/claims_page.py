"""The claims on the page: a table in which each claim unfolds to its derivation, certificates and counterexamples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from figures.registry import FIGURES
from proofs_checks.certificates import printed

if TYPE_CHECKING:
    from proofs_checks.report import Report

LONGEST = 600  # characters of a certificate that are shown; its file has all
MOST = 40  # certificates of a piece that are shown


def claims_table(report: Report, certificates: str) -> Iterable[str]:
    """Yield the table of claims as HTML.

    Parameters
    ----------
    report : Report
    certificates : str
        The folder, relative to the page, that holds the certificate files.
    """
    data = report.to_dict()
    yield f"<p>{escape(report.text().splitlines()[-1])}. Levels of evidence:</p><ul>"
    for level, meaning in data["levels"].items():
        yield f"<li><b>{escape(level)}</b>: {escape(meaning)}</li>"
    yield (
        "</ul><p>Each claim unfolds. The files of certificates are re-checked by a program of its own that uses the "
        f"standard library only: <code>python -m proofs_checks.recheck {escape(certificates)}</code>.</p>"
    )
    yield "<table><tr><th>Claim</th><th>Statement</th><th>Verdict</th><th>Level</th><th>Holds for</th></tr>"
    for claim in data["claims"]:
        verdict = claim["verdict"]
        unfolded = "".join(_unfolded(claim, certificates))
        yield f'<tr id="{claim["label"]}"><td><b>{claim["label"]}</b></td>'
        yield f"<td>{escape(claim['statement'])}{unfolded}</td>"
        yield f'<td class="{verdict}">{verdict}</td><td>{claim["level"]}</td>'
        yield f"<td>{escape(claim['scope'] or claim['reason'])}</td></tr>"
    yield "</table>"


def _unfolded(claim: Mapping[str, Any], certificates: str) -> Iterable[str]:
    refuted = sum(mutant["refuted"] for mutant in claim["mutants"])
    yield f"<details><summary>derivation; {refuted} of {len(claim['mutants'])} mutants refuted</summary>"
    hypotheses = "; ".join(f"{h['words']}" for h in claim["hypotheses"])
    yield f"<p>Hypotheses: {escape(hypotheses)}.<br>Conclusion: {escape(claim['conclusion']['words'])}.<br>"
    yield f"Reference: {escape(claim['reference'])}.<br>"
    shown = [name for name, entry in FIGURES.items() if re.search(rf"\b{claim['label']}\b", entry.caption)]
    if shown:
        yield "Figure: " + ", ".join(f'<a href="#figure-{name}">{escape(FIGURES[name].title)}</a>' for name in shown)
        yield ".<br>"
    yield f'All certificates: <a href="{certificates}/{claim["label"]}.json">{claim["label"]}.json</a>.</p><ul>'
    for piece in claim["evidence"]:
        yield from _piece(piece)
    yield "</ul><p>Damaged, the claim is false:</p><ul>"
    for mutant in claim["mutants"]:
        outcome = f"refuted by {mutant['counterexample']}" if mutant["refuted"] else "SURVIVED"
        damaged = f" <i>({escape(mutant['target'])})</i>" if mutant["target"] else " <i>(the proof)</i>"
        yield f"<li>{escape(mutant['description'])}{damaged} — {escape(outcome)}{_listed(mutant['certificates'])}</li>"
    yield "</ul></details>"


def _piece(piece: Mapping[str, Any]) -> Iterable[str]:
    found = f"; counterexample: {piece['counterexample']}" if piece["counterexample"] else ""
    checked = f"{piece['level']}, {piece['instances']} instances, {piece['seconds']:.2f} s"
    scope = f" — {piece['scope']}" if piece["scope"] else ""
    yield f"<li>{escape(piece['what'])}{escape(scope)} ({checked}){escape(found)}"
    yield _listed(piece["certificates"])
    yield "</li>"


def _listed(certificates: Iterable[Mapping[str, Any]]) -> str:
    """Return certificates as an ordered list, what cannot be re-checked left out."""
    items = []
    shown = [certificate for certificate in certificates if certificate["kind"] != "enumeration"]
    for certificate in shown[:MOST]:
        text = printed(certificate)
        short = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
        note = f"{certificate['note']}: " if certificate.get("note") else ""
        items.append(f"<li>{escape(note)}<code>{escape(short)}</code></li>")
    if len(shown) > MOST:
        items.append(f"<li>… and {len(shown) - MOST} more in the file</li>")
    return f"<ol>{''.join(items)}</ol>" if items else ""
