"""Linear inequalities in exact rational arithmetic: optimal values, infeasibility, and what inequalities imply.

    optimal      A x ≥ b,  y ≥ 0,  yᵀA = c,  yᵀb = c·x        (weak duality)
    infeasible   y ≥ 0,  yᵀA = 0,  yᵀb > 0                    (Farkas 1902)
    implied      conclusion = Σ y_i given_i + rest,  rest ≥ 0

The exact simplex method decides; a solver in floating point only proposes where it starts.  An implication that fails
is refuted at an exact point.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from sympy import Expr, Rational

from numerics.programs.exact_lp import solve_exactly
from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.implications import Row, affine, multipliers_of, proposed, violation
from proofs_checks.ladder.polynomials import Beyond, has_sign, parsed, total_degree
from proofs_checks.ladder.statements import Part, Statement, read
from theory.errors import InputError

RUNG = "linear"

Number: TypeAlias = int | Fraction | Rational
_ONE, _ZERO = Fraction(1), Fraction(0)


def certify(
    A: Sequence[Sequence[Number]],
    b: Sequence[Number],
    c: Sequence[Number],
    equal: Sequence[bool] | None = None,
) -> Attempt:
    """Solve min c·x subject to A x ≥ b (A x = b in the rows marked equal), x free, with an exact certificate.

    Parameters
    ----------
    A, b, c : rational numbers: integers, Fractions or sympy Rationals.
    equal : one truth value for each row; all False unless given.

    Returns
    -------
    Attempt
        "proved" with a certificate of kind "linear", its "sense" either "optimal" or "infeasible"; "gave up" if c·x
        has no lower bound.

    Raises
    ------
    InputError
        If the sizes do not fit, or a number is not rational.

    Examples
    --------
    The least x + y with x + 2y ≥ 2 and 2x + y ≥ 2:

    >>> found = certify([[1, 2], [2, 1]], [2, 2], [1, 1])
    >>> found.certificate["x"], found.certificate["y"]
    (['2/3', '2/3'], ['1/3', '1/3'])
    """
    start = time.perf_counter()
    cost = [_fraction("c", x) for x in c]
    right = [_fraction("b", x) for x in b]
    matrix = [[_fraction("A", x) for x in row] for row in A]
    marks = [False] * len(right) if equal is None else [bool(x) for x in equal]
    if len(matrix) != len(right) or len(marks) != len(right) or any(len(row) != len(cost) for row in matrix):
        shape = f"{len(matrix)} rows, {len(right)} right sides, {len(marks)} marks, {len(cost)} costs"
        raise InputError("A", shape, "do not fit", "give one row of len(c) numbers for each entry of b")
    rows = _standard(matrix, marks)
    columns = dict.fromkeys(_columns(matrix, marks, len(cost)), _ZERO)
    feasible = solve_exactly(rows, right, {j: (v,) for j, v in columns.items()}, proposed(rows, right, columns))
    if not feasible.is_feasible:
        y = [price if mark else max(price, _ZERO) for price, mark in zip(feasible.prices, marks, strict=True)]
        return _linear(start, "infeasible", matrix, right, cost, marks, [], y)
    if not _has_dual(matrix, marks, cost):
        note = "the least value is -∞: no multipliers y ≥ 0 have yᵀA = c"
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=note)
    for j, v in enumerate(cost):
        columns["+", j], columns["-", j] = v, -v
    best = solve_exactly(rows, right, {j: (v,) for j, v in columns.items()}, proposed(rows, right, columns))
    x = [best.values.get(("+", j), _ZERO) - best.values.get(("-", j), _ZERO) for j in range(len(cost))]
    return _linear(start, "optimal", matrix, right, cost, marks, x, best.prices)


def implied(
    conclusion: Expr, relation: str = ">= 0", given: Iterable[Any] = (), signs: Mapping[Any, str] | None = None
) -> Attempt:
    """Decide whether linear hypotheses imply a linear conclusion.

    conclusion = Σ y_i given_i + rest,   y_i ≥ 0 (free for equations),   rest ≥ 0

    Parameters
    ----------
    conclusion : sympy expression, linear in its symbols with rational coefficients.
    relation : "= 0", ">= 0" or "> 0".
    given, signs : hypotheses as in `sums_of_squares.certify`, all linear.

    Returns
    -------
    Attempt
        "proved" with a certificate of kind "combination" with constant multipliers; "refuted" at an exact point;
        "gave up" if the statement is not linear, its symbols are not just real numbers, or it holds for want of a
        point at which the hypotheses do.

    Raises
    ------
    InputError
        For a relation, hypothesis or sign that makes no sense.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> found = implied(x + y - 2, ">= 0", [(x - 1, ">= 0"), (y - 1, ">= 0")])
    >>> [item["multiplier"] for item in found.certificate["given"]]
    ['1', '1']
    >>> implied(x - y, ">= 0", [(x - 1, ">= 0")]).counterexample
    {'x': 1, 'y': 2}
    """
    start = time.perf_counter()
    try:
        statement = read(conclusion, relation, given, signs)
        parts = (*statement.given, *statement.sign_parts())
        for part in (statement.conclusion, *parts):
            if not part.denominator.is_constant() or total_degree(part.numerator) > 1:
                raise Beyond(f"{part.text} is not linear")
    except Beyond as problem:
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=str(problem))
    rows = [affine(part.numerator) for part in parts]
    aim = affine(statement.conclusion.numerator)
    multipliers = multipliers_of(aim, rows, [part.relation for part in parts], relation)
    if multipliers is not None:
        certificate = combined(statement, [(p, str(y)) for p, y in zip(parts, multipliers, strict=True) if y])
        if not is_combination(certificate, statement):
            raise AssertionError("a certificate does not add up")
        return Attempt(RUNG, "proved", certificate, seconds=time.perf_counter() - start)
    point = violation(statement, aim, rows, [part.relation for part in parts], relation)
    seconds = time.perf_counter() - start
    if point is not None and statement.fails(point):
        return Attempt(RUNG, "refuted", counterexample=point, seconds=seconds)
    if point is not None:
        note = f"no combination of the hypotheses; it fails at {point}, but not all symbols are free real numbers"
    elif relation == "= 0":
        note = "no combination of equations gives it; inequalities hold it from both sides, or contradict each other"
    else:
        note = "the hypotheses contradict each other"
    return Attempt(RUNG, "gave up", seconds=seconds, note=note)


def combined(statement: Statement, used: Iterable[tuple[Part, str]]) -> Certificate:
    """Return the certificate of kind "combination" from hypotheses and their multipliers; signs need no mention."""
    found: Certificate = {
        "kind": "combination",
        "conclusion": statement.conclusion.text,
        "relation": statement.conclusion.relation,
        "signs": dict(statement.signs),
        "given": [
            {"name": part.name, "expression": part.text, "relation": part.relation, "multiplier": multiplier}
            for part, multiplier in used
            if not part.name.startswith("sign of ")
        ],
    }
    return found | ({"legend": dict(statement.legend)} if statement.legend else {})


def is_combination(certificate: Certificate, statement: Statement) -> bool:
    """Return whether a certificate of kind "combination" holds, from its texts: rest = 0, or signs by coefficients."""
    total, strict = f"({certificate['conclusion']})", certificate["relation"] == ">= 0"
    for item in certificate["given"]:
        p, q = parsed(item["multiplier"], statement.context)
        positive = has_sign(q, statement.signs, strict=True)
        if item["relation"] != "= 0" and not (positive and has_sign(p, statement.signs, strict=False)):
            return False
        strict |= item["relation"] == "> 0" and has_sign(p, statement.signs, strict=True)
        total += f" - ({item['multiplier']})*({item['expression']})"
    p, q = parsed(total, statement.context)
    if certificate["relation"] == "= 0":
        return bool(p == 0) and all(item["relation"] == "= 0" for item in certificate["given"])
    strict |= has_sign(p, statement.signs, strict=True)
    return strict and has_sign(p, statement.signs, strict=False) and has_sign(q, statement.signs, strict=True)


def _standard(matrix: list[list[Fraction]], equal: list[bool]) -> list[Row]:
    """Rows of A(x⁺ - x⁻) - s = b."""
    found = []
    for k, (row, mark) in enumerate(zip(matrix, equal, strict=True)):
        line: Row = {}
        for j, a in enumerate(row):
            line["+", j], line["-", j] = a, -a
        found.append(line if mark else line | {("s", k): -_ONE})
    return found


def _columns(matrix: list[list[Fraction]], equal: list[bool], n: int) -> list[Any]:
    return [(s, j) for j in range(n) for s in "+-"] + [("s", k) for k in range(len(matrix)) if not equal[k]]


def _has_dual(matrix: list[list[Fraction]], equal: list[bool], cost: list[Fraction]) -> bool:
    """Whether yᵀA = c has a solution with y ≥ 0 on inequalities."""
    rows: list[Row] = [
        {(k, s): s * row[j] for k, row in enumerate(matrix) for s in ((1, -1) if equal[k] else (1,))}
        for j in range(len(cost))
    ]
    columns = {(k, s): (0,) for k in range(len(matrix)) for s in ((1, -1) if equal[k] else (1,))}
    return solve_exactly(rows, cost, columns).is_feasible if columns else not any(cost)


def _linear(
    start: float,
    sense: str,
    matrix: list[list[Fraction]],
    right: list[Fraction],
    cost: list[Fraction],
    equal: list[bool],
    x: list[Fraction],
    y: list[Fraction],
) -> Attempt:
    """Check the certificate by multiplying out, and return it."""
    n = len(cost)
    product = [sum((y[k] * row[j] for k, row in enumerate(matrix)), _ZERO) for j in range(n)]
    value = sum((p * q for p, q in zip(y, right, strict=True)), _ZERO)
    sound = all(mark or p >= 0 for p, mark in zip(y, equal, strict=True))
    if sense == "infeasible":
        sound = sound and not any(product) and value > 0
    else:
        left = [sum((a * v for a, v in zip(row, x, strict=True)), _ZERO) for row in matrix]
        holds = all(l == r if mark else l >= r for l, r, mark in zip(left, right, equal, strict=True))
        sound = (
            sound and holds and product == cost and value == sum((a * v for a, v in zip(cost, x, strict=True)), _ZERO)
        )
    if not sound:
        raise AssertionError("a certificate does not multiply out")
    certificate: Certificate = {"kind": "linear", "sense": sense, "A": [[str(a) for a in row] for row in matrix]}
    certificate |= {"b": [str(v) for v in right], "c": [str(v) for v in cost], "equal": list(equal)}
    certificate |= {"x": [str(v) for v in x], "y": [str(v) for v in y]}
    return Attempt(RUNG, "proved", certificate, seconds=time.perf_counter() - start)


def _fraction(field: str, number: object) -> Fraction:
    if isinstance(number, bool) or not isinstance(number, int | Fraction | Rational):
        raise InputError(field, number, "is not a rational number", "give integers, Fractions or sympy Rationals")
    return Fraction(number.numerator, number.denominator)
