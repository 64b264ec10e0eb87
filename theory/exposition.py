"""Exposition: formulas as plain text, one a line, and as LaTeX.

Plain text is ASCII.  A performance function or scale is written so that the parser of `theory.expressions` reads it
back; in other formulas H(n) and H(n, p) are harmonic numbers, and sum(term, j = 1 .. n) has no closed form.
"""

from __future__ import annotations

from sympy import Add, Expr
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

MAX_LINE = 110  # characters of LaTeX source beyond which a sum is broken over lines


def text(expression: object) -> str:
    """Return an expression or relation as one line of plain text.

    Examples
    --------
    >>> from sympy import Sum, harmonic
    >>> from theory.symbols import j, k
    >>> text(harmonic(k, 2) + Sum(1 / (j + 1), (j, 1, k)))
    'H(k, 2) + sum(1/(j + 1), j = 1 .. k)'
    """
    return str(_TextPrinter().doprint(expression))


def latex(expression: object) -> str:
    """Return an expression or relation as LaTeX, without delimiters.

    Examples
    --------
    >>> from sympy import harmonic
    >>> from theory.symbols import k
    >>> latex(harmonic(k, 2))
    'H_{k}^{(2)}'
    """
    return str(_LatexPrinter().doprint(expression))


def equation(left: str, right: object, relation: str = "=") -> str:
    """Return a displayed LaTeX equation; a long sum is broken into one line per few terms.

    Parameters
    ----------
    left : LaTeX source of the left-hand side, empty for a relation
    right : expression, or a relation if `left` is empty
    relation : LaTeX source between them
    """
    whole = latex(right)
    if len(whole) > MAX_LINE and isinstance(right, Relational) and isinstance(right.lhs, Add):
        lines = [*_lines(right.lhs), f"{relation_symbol(right)} {latex(right.rhs)}"]
        body = "\\begin{split}\n  & " + " \\\\\n  & ".join(lines) + "\n\\end{split}"
    elif len(whole) > MAX_LINE and isinstance(right, Add):
        lines = _lines(right)
        body = f"\\begin{{split}}\n  {left} {relation}{{}} & {lines[0]}"
        body += "".join(f" \\\\\n  & {line}" for line in lines[1:]) + "\n\\end{split}"
    else:
        body = f"  {left} {relation} {whole}" if left else f"  {whole}"
    return f"\\begin{{equation}}\n{body}\n\\end{{equation}}"


def relation_symbol(relation: Relational) -> str:
    """Return the LaTeX symbol of a relation such as a ≤ b."""
    return {"<=": r"\leq", ">=": r"\geq", "<": "<", ">": ">"}.get(relation.rel_op, relation.rel_op)


def _lines(total: Expr) -> list[str]:
    """Break a sum after every term that would make a line too long."""
    lines: list[str] = []
    for term in total.as_ordered_terms():
        source = latex(term)
        signed = source if source.startswith("-") or not lines else f"+ {source}"
        if lines and len(lines[-1]) + len(signed) <= MAX_LINE:
            lines[-1] += f" {signed}"
        else:
            lines.append(signed)
    return lines


class _TextPrinter(StrPrinter):
    def _print_harmonic(self, expr: Expr) -> str:
        return f"H({', '.join(self._print(x) for x in expr.args)})"

    def _print_Abs(self, expr: Expr) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_Exp1(self, expr: Expr) -> str:
        return "exp(1)"

    def _print_Sum(self, expr: Expr) -> str:
        ranges = (f"{self._print(i)} = {self._print(lo)} .. {self._print(hi)}" for i, lo, hi in expr.limits)
        return f"sum({self._print(expr.function)}, {', '.join(ranges)})"

    def _print_Relational(self, expr: Expr) -> str:
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_And(self, expr: Expr) -> str:
        return " and ".join(self._print(x) for x in expr.args)


class _LatexPrinter(LatexPrinter):
    def _print_harmonic(self, expr: Expr, exp: str | None = None) -> str:
        size, *order = (self._print(x) for x in expr.args)
        source = f"H_{{{size}}}" + (f"^{{({order[0]})}}" if order else "")
        return source if exp is None else f"\\left({source}\\right)^{{{exp}}}"

    def _print_Function(self, expr: Expr, exp: str | None = None) -> str:
        if expr.func.__name__ == "phi":
            source = f"\\varphi{{\\left({self._print(expr.args[0])} \\right)}}"
            return source if exp is None else f"{source}^{{{exp}}}"
        return str(super()._print_Function(expr, exp))
