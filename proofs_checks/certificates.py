"""Certificates: what an exact argument leaves behind, as plain data that `proofs_checks.recheck` checks by itself.

Expressions become text in integers, identifiers and the four operations with integer exponents.  What is not rational
in its symbols (a harmonic number, a value of φ, a power with a symbolic exponent) becomes a name of its own, which is
enough where the argument uses nothing about it but what is given; ``legend`` says what each name stands for.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Dummy, Expr, Function, Pow, Symbol, expand, sympify


class Writer:
    """Writes expressions as text, with one name for each symbol throughout a certificate.

    Examples
    --------
    >>> from sympy import harmonic
    >>> m = Symbol("m", positive=True)
    >>> writer = Writer()
    >>> writer.text(harmonic(m + 1) / m + Symbol("φ(c)") ** 2)
    'x2**2 + x1/m'
    >>> writer.legend
    {'x1': 'harmonic(m + 1)', 'x2': 'φ(c)'}
    """

    def __init__(self) -> None:
        self._names: dict[Expr, Symbol] = {}

    def text(self, expression: Expr | int) -> str:
        """Return the expression as text."""
        atoms = self._rational(sympify(expression, strict=True))
        return str(atoms.xreplace({x: self._name(x) for x in sorted(atoms.free_symbols, key=str)}))

    @property
    def legend(self) -> dict[str, str]:
        """What the names stand for, where they differ from the symbols."""
        return {str(new): str(old) for old, new in self._names.items() if str(new) != str(old)}

    @property
    def signs(self) -> dict[str, str]:
        """The signs that the symbols are known to have."""
        known = {}
        for old, new in self._names.items():
            if old.is_positive:
                known[str(new)] = "positive"
            elif old.is_nonnegative:
                known[str(new)] = "nonnegative"
        return known

    def _rational(self, expression: Expr) -> Expr:
        """Replace everything that is no rational operation by a symbol."""
        if expression.has(Pow):  # x**(γ-1) is x**γ/x
            expression = expression.replace(
                lambda e: e.is_Pow and not e.exp.is_Integer, lambda e: expand(e, power_exp=True, deep=False)
            )
        foreign = expression.atoms(Function) | {p for p in expression.atoms(Pow) if not p.exp.is_Integer}
        outermost = [x for x in foreign if not any(x is not y and y.has(x) for y in foreign)]
        return expression.xreplace({x: self._name(x) for x in sorted(outermost, key=str)})

    def _name(self, atom: Expr) -> Symbol:
        if isinstance(atom, Symbol) and atom in self._names.values():
            return atom
        if atom not in self._names:
            taken = {str(x) for x in self._names.values()}
            wanted = str(atom)
            plain = isinstance(atom, Symbol) and not isinstance(atom, Dummy)
            if not (plain and wanted.isidentifier() and not keyword.iskeyword(wanted) and wanted not in taken):
                wanted = next(f"x{i}" for i in range(1, len(taken) + 2) if f"x{i}" not in taken)
            self._names[atom] = Symbol(wanted)
        return self._names[atom]


def combination(
    conclusion: Expr,
    relation: str,
    given: Iterable[tuple[str, Expr, str, Expr | int]] = (),
    note: str = "",
    right: Expr | int = 0,
) -> dict[str, Any]:
    """Return the certificate that `conclusion` is a combination of what is given, up to what has the sign itself.

    Parameters
    ----------
    conclusion : sympy expression, rational in its symbols
    relation : "= 0", ">= 0" or "> 0"
    given : tuples (name, expression, relation, multiplier)
    note : what it means, for the reader
    right : what is subtracted from `conclusion`, written apart so that it can be seen
    """
    writer = Writer()
    left = writer.text(conclusion)
    whole = left if right == 0 else f"{left} - ({writer.text(right)})"
    found: dict[str, Any] = {"kind": "combination", "note": note, "conclusion": whole, "relation": relation}
    found["given"] = [
        {"name": name, "expression": writer.text(e), "relation": r, "multiplier": writer.text(multiplier)}
        for name, e, r, multiplier in given
    ]
    return found | {"signs": writer.signs, "legend": writer.legend}


def value(statement: str, at: Mapping[str, Any] | None = None, holds: bool = False, note: str = "") -> dict[str, Any]:
    """Return the certificate that a comparison of numbers is true or false.

    Parameters
    ----------
    statement : text with one comparison; besides arithmetic it may use H, abs, max, min, worth and paid
    at : numbers for its names
    holds : whether it is true
    note : what it means, for the reader
    """
    numbers = {name: str(number) for name, number in (at or {}).items()}
    return {"kind": "value", "note": note, "statement": statement, "at": numbers, "expected": holds}


def printed(certificate: Mapping[str, Any]) -> str:
    """Return a certificate as one line for a reader.

    Examples
    --------
    >>> x, p = Symbol("x", real=True), Symbol("p", nonnegative=True)
    >>> printed(combination(x**2 + p, ">= 0"))
    'p + x**2 >= 0, with p nonnegative'
    >>> printed(value("H(m) < 2", {"m": 4}))
    'false: H(m) < 2 at m = 4'
    """
    if certificate["kind"] == "combination":
        parts = [f"{certificate['conclusion']} {certificate['relation']}"]
        parts += [
            f"from {g['expression']} {g['relation']} times {g['multiplier']} ({g['name']})"
            for g in certificate["given"]
        ]
        known = [f"{name} {sign}" for name, sign in certificate["signs"].items()]
        known += [f"{name} = {meaning}" for name, meaning in certificate.get("legend", {}).items()]
        return ", ".join(parts) + (f", with {', '.join(known)}" if known else "")
    if certificate["kind"] == "value":
        at = ", ".join(f"{name} = {number}" for name, number in certificate["at"].items())
        truth = "true" if certificate["expected"] else "false"
        return f"{truth}: {certificate['statement']}" + (f" at {at}" if at else "")
    rest = {key: entry for key, entry in certificate.items() if key not in ("kind", "note")}
    return f"{certificate['kind']}: " + ", ".join(f"{key} {entry}" for key, entry in rest.items())
