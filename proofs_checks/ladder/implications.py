"""The two linear programs of an implication between linear inequalities: multipliers that prove it, points that do not.

    conclusion = Σ y_i given_i + rest,  y ≥ 0, rest ≥ 0         or         given_i(x) ≥ 0 for all i, conclusion(x) < 0

One of them has a solution (Farkas 1902; Motzkin 1936 with strict inequalities), unless the hypotheses contradict each
other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Rational

from numerics.programs.exact_lp import solve_exactly
from proofs_checks.ladder.polynomials import Poly
from proofs_checks.ladder.statements import Statement

Row = dict[Any, Fraction]
_ONE, _ZERO = Fraction(1), Fraction(0)


def multipliers_of(aim: Row, rows: list[Row], relations: list[str], relation: str) -> list[Fraction] | None:
    """Return multipliers that give the conclusion; for a strict one, with a positive rest or strict hypothesis."""
    names = sorted({name for row in (aim, *rows) for name in row if name})
    columns: dict[Any, tuple[int]] = {}
    equations: dict[Any, Row] = {name: {} for name in (*names, "")}
    for k, (row, how) in enumerate(zip(rows, relations, strict=True)):
        if how != "= 0" and relation == "= 0":
            continue
        for sign in (1, -1) if how == "= 0" else (1,):
            columns[k, sign] = (0,)
            for name, a in row.items():
                equations[name][k, sign] = sign * a
    if relation != "= 0":
        columns["rest"] = (0,)
        equations[""]["rest"] = _ONE
    right = [aim.get(name, _ZERO) for name in equations]
    system = list(equations.values())
    if relation == "> 0":  # at least 1 - lack of what is strict, lack as small as possible
        strict = [column for column in columns if column == "rest" or relations[column[0]] == "> 0"]
        columns |= {"lack": (1,), "more": (0,)}
        system.append(dict.fromkeys(strict, _ONE) | {"lack": _ONE, "more": -_ONE})
        right.append(_ONE)
    found = solve_exactly(
        system, right, columns, proposed(system, right, {j: Fraction(v[0]) for j, v in columns.items()})
    )
    if not found.is_feasible or found.values.get("lack", _ZERO) >= 1:
        return None
    return [found.values.get((k, 1), _ZERO) - found.values.get((k, -1), _ZERO) for k in range(len(rows))]


def violation(
    statement: Statement, aim: Row, rows: list[Row], relations: list[str], relation: str
) -> dict[str, Rational] | None:
    """Return an exact point at which the hypotheses hold and the conclusion does not, None if there is none."""
    if relation == "= 0":
        minus = {name: -a for name, a in aim.items()}
        return violation(statement, aim, rows, relations, ">= 0") or violation(
            statement, minus, rows, relations, ">= 0"
        )
    negative = {name: -a for name, a in aim.items()}
    system: list[Row] = []
    right: list[Fraction] = []
    columns: dict[Any, tuple[int]] = {(s, name): (0,) for name in statement.names for s in "+-"}
    columns |= {"room": (0,), "lack": (1,)}
    hypotheses = [*zip(rows, relations, strict=True), (negative, "> 0" if relation == ">= 0" else ">= 0")]
    for k, (row, how) in enumerate(hypotheses):  # row ≥ 0, or row ≥ room
        line: Row = {(s, name): a if s == "+" else -a for name, a in row.items() if name for s in "+-"}
        if how != "= 0":
            columns["slack", k] = (0,)
            line["slack", k] = -_ONE
        if how == "> 0":
            line["room"] = -_ONE
        system.append(line)
        right.append(-row.get("", _ZERO))
    system.append({"room": _ONE, "lack": _ONE})
    right.append(_ONE)
    found = solve_exactly(
        system, right, columns, proposed(system, right, {j: Fraction(v[0]) for j, v in columns.items()})
    )
    if not found.is_feasible or found.values.get("room", _ZERO) <= 0:
        return None
    values = {
        name: found.values.get(("+", name), _ZERO) - found.values.get(("-", name), _ZERO) for name in statement.names
    }
    return {name: Rational(x.numerator, x.denominator) for name, x in values.items()}


def affine(p: Poly) -> Row:
    """Return the coefficients of a linear polynomial by name, the constant under the empty name."""
    names, found = p.context().names(), {}
    for powers, a in p.to_dict().items():
        name = next((name for name, e in zip(names, powers, strict=True) if e), "")
        found[name] = Fraction(int(a.p), int(a.q))
    return found


def proposed(rows: Sequence[Row], right: Sequence[Fraction], costs: Mapping[Any, Fraction]) -> list[Any]:
    """Return columns that are positive at a vertex found in floating point, the largest first; none if it fails."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    columns = list(costs)
    number = {column: j for j, column in enumerate(columns)}
    entries = [(r, number[j], float(a)) for r, row in enumerate(rows) for j, a in row.items()]
    if not entries or len(columns) < 30:  # too small to be worth it
        return []
    r, j, a = zip(*entries, strict=True)
    matrix = csr_array((a, (r, j)), shape=(len(rows), len(columns)))
    b, c = [float(x) for x in right], [float(costs[column]) for column in columns]
    found = linprog(c, A_eq=matrix, b_eq=b, bounds=(0, None), method="highs-ds")
    if found.x is None:
        return []
    return [columns[k] for k in np.argsort(-found.x, kind="stable") if found.x[k] > 1e-9]
