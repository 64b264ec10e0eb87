"""report.html: everything on one page that needs no other file, no script and no network.

Formulas are MathML, figures are embedded.  Nothing is computed here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sympy import Expr
from sympy.printing.mathml import MathMLPresentationPrinter

from exitjoin import __version__
from exitjoin.claims_page import claims_table
from figures.registry import FIGURES

if TYPE_CHECKING:
    from exitjoin.experiment import CostRow
    from proofs_checks.report import Report
    from theory.stability import Conditions

CERTIFICATES = "certificates"  # the folder beside the page

_STYLE = """
body { font: 16px/1.5 Georgia, "Times New Roman", serif; color: #111; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #999; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid #ddd; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; } figcaption { font-size: 0.9rem; }
table.formulas td { padding: 0.45rem 0.8rem 0.45rem 0; } table.formulas td:first-child { width: 16rem; }
td.proved, td.refuted, td.open { white-space: nowrap; } .refuted, .open { font-weight: bold; }
.refuted::before { content: "✗ "; } .proved::before { content: "✓ "; }
summary { cursor: pointer; } details { font-size: 0.85rem; } code { font-size: 0.8rem; overflow-wrap: anywhere; }
@media print { details { display: none; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""

_MODEL = """
<p>Agents hold opinions <i>x<sub>i</sub></i> and form coalitions. Inside a coalition <i>C</i> a fast DeGroot process
<i>x</i>(<i>t</i>+1) = <i>W</i>(π) <i>x</i>(<i>t</i>) leads to a consensus <i>c<sub>C</sub></i>. A coalition is worth
<i>v</i>(<i>C</i>; <i>x</i>) = <i>g</i>(|<i>C</i>|) φ(<i>c<sub>C</sub></i>), and its members are paid their
Aumann-Drèze value, the Shapley value of the game inside the coalition. An agent moves to another coalition, or founds
one alone, when its gain Δ exceeds the switching cost κ and the coalition accepts. A joint equilibrium is a pair
(<i>x</i>, π) with <i>x</i> = <i>W</i>(π)<i>x</i> and no such move. This is a reconstruction of the model of Q. Zhu,
<i>Multiscale Exit-Join Dynamics: Tactical Consensus and Strategic Coalition Formation</i>, arXiv:2606.26139, from its
abstract and published summaries.</p>
"""


def render_page(
    conditions: Mapping[str, Conditions], experiment: Mapping[str, list[CostRow]], folder: Path, report: Report
) -> str:
    """Return the page; figures are read from `folder`, where `figures.writing.make_figures` has put them."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Exit-join dynamics: report</title><style>{_STYLE}</style></head><body>",
        "<h1>Exit-join dynamics: conditions, verdicts, experiment, figures</h1>",
        _MODEL,
        "<h2>Stability conditions</h2>",
        *_conditions(conditions),
        "<h2>Claims</h2>",
        *claims_table(report, CERTIFICATES),
        "<h2>Experiment</h2>",
        *_experiment(experiment),
        "<h2>Figures</h2>",
        *_figures(folder),
        f"<p><small>exitjoin {__version__}; {_versions(report)}.</small></p>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _conditions(conditions: Mapping[str, Conditions]) -> Iterable[str]:
    yield "<p>Derived from the definitions; the same derivation answers for any other performance and scale.</p>"
    for name, derived in conditions.items():
        yield f'<h3>{escape(name.replace("_", " ").capitalize())}</h3><table class="formulas">'
        for heading, rows in derived.sections():
            yield f'<tr><th colspan="2">{escape(heading)}</th></tr>'
            for row in rows:
                yield f"<tr><td>{escape(row.label)}</td><td>{_math(row.formula, row.relation)}</td></tr>"
        yield "</table><p><small>" + " ".join(escape(note) for note in derived.assumptions)
        yield f' As text and LaTeX: <a href="conditions_{name}.txt">conditions_{name}.txt</a>, '
        yield f'<a href="conditions_{name}.tex">conditions_{name}.tex</a>.</small></p>'


class _Printer(MathMLPresentationPrinter):
    """MathML with harmonic numbers as H_n and H_n^(p)."""

    def _print_harmonic(self, expression: Expr) -> Any:
        size, *order = (self._print(x) for x in expression.args)
        node = self.dom.createElement("msubsup" if order else "msub")
        node.appendChild(self._word("mi", "H"))
        node.appendChild(size)
        if order:
            row = self.dom.createElement("mrow")
            for part in (self._word("mo", "("), order[0], self._word("mo", ")")):
                row.appendChild(part)
            node.appendChild(row)
        return node

    def _word(self, tag: str, text: str) -> Any:
        element = self.dom.createElement(tag)
        element.appendChild(self.dom.createTextNode(text))
        return element


def _math(formula: Any, relation: str = "") -> str:
    sign = {"=": "<mo>=</mo>", "<=": "<mo>&le;</mo>"}.get(relation, "")
    body = _Printer().doprint(formula).replace("&ExponentialE;", "e")
    return f'<math displaystyle="true">{sign}{body}</math>'


def _experiment(experiment: Mapping[str, list[CostRow]]) -> Iterable[str]:
    headings = (
        "switching cost κ", "share of runs at a joint equilibrium", "moves (median)", "terminal spread (median)",
        "coalitions (median)", "surplus (mean)",
    )  # fmt: skip
    for title, rows in experiment.items():
        yield f"<h3>{escape(title)}</h3><table><tr>"
        yield from (f'<th class="number">{escape(heading)}</th>' for heading in headings)
        yield "</tr>"
        for row in rows:
            cells = (
                f"{row.switching_cost:g}", f"{row.at_equilibrium:.1%}", f"{row.moves:g}", f"{row.spread:.3g}",
                f"{row.n_coalitions:g}", f"{row.surplus:.3f}",
            )  # fmt: skip
            yield "<tr>" + "".join(f'<td class="number">{cell}</td>' for cell in cells) + "</tr>"
        yield "</table>"


def _figures(folder: Path) -> Iterable[str]:
    for name, entry in FIGURES.items():
        picture = base64.b64encode((folder / f"{name}.png").read_bytes()).decode("ascii")
        yield f'<figure id="figure-{name}"><img alt="{escape(entry.title)}" src="data:image/png;base64,{picture}">'
        yield f"<figcaption><b>{escape(entry.title)}.</b> {escape(entry.caption)}"
        yield f' <a href="{name}.pdf">PDF</a>, <a href="{name}.csv">data</a>.</figcaption></figure>'


def _versions(report: Report) -> str:
    return ", ".join(
        f"{name} {version}" for name, version in report.to_dict()["versions"].items() if name != "exitjoin"
    )
