"""LaTeX: the verdicts as a table, in characters that every LaTeX can read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from proofs_checks.verdict import ClaimResult
from theory.claims import LEDGER

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "varepsilon", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "Λ": "Lambda", "π": "pi", "ρ": "rho", "σ": "sigma", "Σ": "Sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ℓ": "ell", "ν": "nu", "μ": "mu", "η": "eta", "ω": "omega", "Π": "Pi",
}  # fmt: skip
_SIGNS = {
    "≥": "geq", "≤": "leq", "≠": "neq", "∈": "in", "∉": "notin", "∪": "cup", "∩": "cap", "∅": "emptyset",
    "⊆": "subseteq", "∣": "mid", "⇔": "Leftrightarrow",
    "·": "cdot", "×": "times", "→": "to", "↦": "mapsto", "∖": "setminus", "±": "pm", "⇒": "Rightarrow", "∞": "infty",
    "√": "surd", "…": "dots", "‖": "|", "≈": "approx", "≻": "succ", "⪰": "succeq", "½": "tfrac12", "⌊": "lfloor",
    "⌋": "rfloor",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵀⁿⁱ⁺⁻", "0123456789Tni+-")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙ", "0123456789ijkn")
_PLAIN = {"−": "$-$", "–": "--", "—": "---", "è": r"\`e", "é": r"\'e", "\3": r"$\bar x$", "′": "$'$"}
_COMMANDS = {
    "_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
    "<": "$<$", ">": "$>$", "|": "$|$", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def table(results: Iterable[ClaimResult]) -> str:
    """Return a longtable of the claims: conclusion, scope, verdict, level, mutants and seconds.

    Parameters
    ----------
    results : iterable of ClaimResult
    """
    lines = [
        r"% needs \usepackage{amsmath,amssymb,longtable}",
        r"\begin{longtable}{@{}lp{0.4\textwidth}p{0.25\textwidth}lllr@{}}",
        r"Claim & Conclusion & Holds for & Verdict & Evidence & Mutants & s \\ \hline \endhead",
    ]
    for r in results:
        refuted = f"{len(r.mutants) - len(r.survivors)}/{len(r.mutants)}"
        formula = f"${LEDGER[r.label].latex}$"
        cells = (
            r.label,
            formula,
            words(r.scope or r.reason),
            str(r.verdict),
            str(r.level),
            refuted,
            f"{r.seconds:.1f}",
        )
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\end{longtable}"])


def words(text: str) -> str:
    """Return text as LaTeX in ASCII: letters and signs of mathematics become commands.

    Examples
    --------
    >>> print(words("all n ≥ 2, φ'' ≤ −ℓ, x_i²"))
    all n $\\geq$ 2, $\\varphi$'' $\\leq$ $-$$\\ell$, x\\_i$^{2}$
    """
    text = text.replace("x̄", "\3")
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹ᵀⁿⁱ⁺⁻]+", lambda run: f"\1^{run[0].translate(_RAISED)}\2", text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙ]+", lambda run: f"\1_{run[0].translate(_LOWERED)}\2", text)
    written = "".join(_character(x) for x in text)
    return re.sub("\1\\\\?([_^])(?:{})?(.*?)\2", r"$\1{\2}$", written)


def _character(x: str) -> str:
    if x in _GREEK:
        return f"$\\{_GREEK[x]}$"
    if x in _SIGNS:
        return f"$\\{_SIGNS[x]}$"
    if x in _PLAIN:
        return _PLAIN[x]
    if x in _COMMANDS:
        return _COMMANDS[x]
    return x if x.isascii() else f"[U+{ord(x):04X}]"
