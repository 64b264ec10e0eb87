"""Inequalities by combination: conclusion = Σ multiplier · given + rest, multipliers with non-negative coefficients.

In names of known sign a polynomial with non-negative coefficients is non-negative.  Which multipliers of a bounded
degree there are is a linear program in their coefficients, solved exactly (Handelman 1988; Pólya 1928 for the powers of
a sum of positive names that the conclusion may be multiplied by).  This reaches less than sums of squares, in more
variables, and its certificates are easier to read.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from flint import fmpq
from sympy import Expr

from numerics.programs.exact_lp import solve_exactly
from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.implications import proposed
from proofs_checks.ladder.linear import combined, is_combination
from proofs_checks.ladder.polynomials import Beyond, Poly, total_degree, written
from proofs_checks.ladder.shapes import Powers, Symmetry, monomials
from proofs_checks.ladder.small_points import tried
from proofs_checks.ladder.squares import Term, certified
from proofs_checks.ladder.statements import Statement, read
from theory.errors import InputError

RUNG = "combination"
MAX_COLUMNS = 4000
POWERS = 2  # of the sum of positive names

Column = tuple[Any, ...]


def combination(
    conclusion: Expr,
    relation: str = ">= 0",
    given: Iterable[Any] = (),
    signs: Mapping[Any, str] | None = None,
    degree: int = 2,
    seconds: float = 10.0,
) -> Attempt:
    """Prove an inequality as a combination of hypotheses with polynomial multipliers.

    power · conclusion = Σ multiplier · given + rest,   all coefficients of power, multipliers and rest ≥ 0

    Parameters
    ----------
    conclusion, relation, given, signs : as in `sums_of_squares.certify`.
    degree : how far products may go beyond the degree of the conclusion.
    seconds : of wall-clock time; exceeded by one linear program at most.

    Returns
    -------
    Attempt
        "proved" with a certificate of kind "combination", or "squares" if the conclusion had to be multiplied, itself
        multiplied out exactly before it is returned; "refuted" at a small rational point; or "gave up" with the reason.

    Raises
    ------
    InputError
        For a relation, hypothesis, sign, degree or time that makes no sense.

    Examples
    --------
    >>> from sympy import symbols
    >>> H, m = symbols("H m", positive=True)
    >>> found = combination(1 - H / (m + 1), "> 0", [("H is at most m", m - H, ">= 0")])
    >>> found.outcome, found.certificate["given"][0]["multiplier"]
    ('proved', '(1)/(m + 1)')
    """
    start = time.perf_counter()
    if relation not in (">= 0", "> 0"):
        raise InputError("relation", relation, "is no inequality", 'use ">= 0" or "> 0"')
    if not isinstance(degree, int) or degree < 0:
        raise InputError("degree", degree, "is no degree", "give a non-negative integer")
    if not seconds > 0:
        raise InputError("seconds", seconds, "leaves no time", "give a positive number of seconds")
    try:
        statement = read(conclusion, relation, given, signs)
    except Beyond as problem:
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=str(problem))
    point = tried(statement).counterexample
    if point is not None:
        return Attempt(RUNG, "refuted", counterexample=point, seconds=time.perf_counter() - start)
    note = f"no multipliers of degree up to {degree} beyond the conclusion's"
    for power, most in _levels(statement, degree):
        if time.perf_counter() - start > seconds:
            note = f"out of time after {time.perf_counter() - start:.1f} s"
            break
        columns = _columns(statement, power, most)
        if len(columns) > MAX_COLUMNS:
            note = f"{len(columns)} coefficients are more than {MAX_COLUMNS}"
            continue
        multipliers = _solved(statement, power, columns)
        if multipliers is not None:
            certificate = _certificate(statement, power, multipliers)
            return Attempt(RUNG, "proved", certificate, seconds=time.perf_counter() - start)
    return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=note)


def _levels(statement: Statement, degree: int) -> Iterator[tuple[Poly, int]]:
    """Powers to multiply the conclusion by, and degrees, the cheapest first."""
    one, zero = statement.context.constant(1), statement.context.constant(0)
    numerator = statement.conclusion.numerator
    used = [gen for gen, e in zip(statement.context.gens(), numerator.degrees(), strict=True) if e > 0]
    positive = sum((x for x in used if statement.signs.get(str(x)) == "positive"), zero)
    powers = [one, *(positive**r for r in range(1, POWERS + 1) if positive != 0)]
    denominator = one
    for part in statement.given:
        denominator = denominator * (part.denominator // denominator.gcd(part.denominator))
    if not denominator.is_constant():
        powers.insert(1, denominator)
    for power in powers:
        low = total_degree(numerator) + total_degree(power)
        for most in range(low, low + degree + 1):
            yield power, most


def _columns(statement: Statement, power: Poly, most: int) -> dict[Column, Poly]:
    """What each coefficient multiplies: ("rest", monomial), or (k, monomial, sign) for hypothesis k."""
    context, n = statement.context, len(statement.names)
    target = power * statement.conclusion.numerator
    symmetry = Symmetry.of(target, [part.numerator for part in statement.given], n)
    wanted = symmetry.degree(next(iter(target.to_dict()), (0,) * n))
    signed = [name in statement.signs for name in statement.names]
    found: dict[Column, Poly] = {}
    for powers in monomials(n, most):
        if symmetry.degree(powers) == wanted and _is_nonnegative(powers, signed):
            found["rest", powers] = context.from_dict({powers: 1})
    for k, part in enumerate(statement.given):
        lead = next(iter(part.numerator.to_dict()), None)
        for powers in monomials(n, most - total_degree(part.numerator)) if lead else ():
            if symmetry.degree(tuple(a + b for a, b in zip(powers, lead or (), strict=True))) != wanted:
                continue
            product = context.from_dict({powers: 1}) * part.numerator
            if part.relation == "= 0":
                found[k, powers, 1], found[k, powers, -1] = product, -product
            elif _is_nonnegative(powers, signed):
                found[k, powers, 1] = product
    return found


def _is_nonnegative(powers: Powers, signed: list[bool]) -> bool:
    return all(s or e % 2 == 0 for e, s in zip(powers, signed, strict=True))


def _solved(statement: Statement, power: Poly, columns: dict[Column, Poly]) -> dict[int, Poly] | None:
    """The multipliers of the hypotheses, as low and as small as they can be; None if there are none."""
    target = (power * statement.conclusion.numerator).to_dict()
    rows: dict[Powers, dict[Column, Fraction]] = {powers: {} for powers in target}
    for column, product in columns.items():
        for powers, a in product.to_dict().items():
            rows.setdefault(powers, {})[column] = _fraction(a)
    right = [_fraction(target.get(powers, fmpq(0))) for powers in rows]
    system = list(rows.values())
    costs: dict[Column, tuple[int, ...]] = {c: (0, 0 if c[0] == "rest" else 1 + sum(c[1])) for c in columns}
    if statement.conclusion.relation == "> 0":
        strict = [column for column in columns if _is_strict(statement, column)]
        costs |= {("lack",): (1, 0), ("more",): (0, 0)}
        system.append(dict.fromkeys(strict, Fraction(1)) | {("lack",): Fraction(1), ("more",): Fraction(-1)})
        right.append(Fraction(1))
    floats = {column: Fraction(1000 * cost[0] + cost[1]) for column, cost in costs.items()}
    found = solve_exactly(system, right, costs, proposed(system, right, floats))
    if not found.is_feasible or found.values.get(("lack",), 0) >= 1:
        return None
    multipliers: dict[int, Poly] = {}
    for column, value in found.values.items():
        if isinstance(column[0], int):
            term = statement.context.from_dict({column[1]: column[2] * fmpq(value.numerator, value.denominator)})
            multipliers[column[0]] = multipliers.get(column[0], 0) + term
    return {k: p for k, p in sorted(multipliers.items()) if p != 0}


def _is_strict(statement: Statement, column: Column) -> bool:
    """Whether a positive coefficient makes the sum positive."""
    names = statement.names
    positive = all(e == 0 or statement.signs.get(name) == "positive" for name, e in zip(names, column[1], strict=True))
    return positive and (column[0] == "rest" or statement.given[column[0]].relation == "> 0")


def _certificate(statement: Statement, power: Poly, multipliers: dict[int, Poly]) -> Certificate:
    """The certificate, multiplied out: a combination if no common factor has to be left in its rest, squares if so."""
    below = power * statement.conclusion.denominator
    used = []
    for k, p in multipliers.items():
        top = p * statement.given[k].denominator
        common = top.gcd(below)
        used.append((statement.given[k], _ratio(top // common, below // common)))
    certificate = combined(statement, used)
    if is_combination(certificate, statement):
        return certificate
    signs = statement.sign_parts()
    given = (*statement.given, *signs)
    index = {part.text: len(statement.given) + i for i, part in enumerate(signs)}
    rest = statement.conclusion.numerator * power
    terms = []
    for k, p in multipliers.items():
        rest = rest - p * statement.given[k].numerator
        equation = statement.given[k].relation == "= 0"
        terms += [Term(fmpq(1), p, (k,))] if equation else [_term(t, statement, index, (k,)) for t in p.terms()]
    terms += [_term(t, statement, index) for t in rest.terms()]
    return certified(statement, given, power, terms)


def _term(
    term: tuple[Powers, Any], statement: Statement, index: Mapping[str, int], given: tuple[int, ...] = ()
) -> Term:
    """A monomial with a positive coefficient as a square times hypotheses; positive names are all hypotheses."""
    powers, weight = term
    half, signs = [], []
    for name, e in zip(statement.names, powers, strict=True):
        odd = e if statement.signs.get(name) == "positive" else e % 2
        half.append((e - odd) // 2)
        signs += [index[name]] * odd
    return Term(weight, statement.context.from_dict({tuple(half): 1}), (*given, *signs))


def _ratio(top: Poly, below: Poly) -> str:
    if below.is_constant():
        return written(top / below.leading_coefficient())
    return f"({written(top)})/({written(below)})"


def _fraction(number: Any) -> Fraction:
    number = fmpq(number)
    return Fraction(int(number.p), int(number.q))
