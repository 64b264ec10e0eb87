"""The sign of a polynomial in one variable on an interval, decided exactly and with a certificate.

    p = s² · (u-a)^i (b-u)^j · r,   r > 0 on [a, b],   r = Σ_k b_k C(N,k) (u-a)^k (b-u)^(N-k) / (b-a)^N

The square s² takes the zeros inside the interval, i, j ∈ {0, 1} those at its ends.  For N large enough the Bernstein
coefficients b_k of what is left are positive (Bernstein 1915), and each term is a square times hypotheses.  Where that
takes too high a degree, because r has complex roots near the interval, squares are made of its roots.
"""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any, TypeAlias

from flint import fmpq, fmpq_poly
from sympy import Expr, Poly, Rational, Symbol, symbols

from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.half_line import on_half_line
from proofs_checks.ladder.polynomials import Beyond
from proofs_checks.ladder.polynomials import Poly as Polynomial
from proofs_checks.ladder.squares import Term, certified
from proofs_checks.ladder.statements import Statement, compare, read
from proofs_checks.ladder.sums_of_squares import certify
from theory.errors import InputError

RUNG = "interval"
RAISED = 12  # degrees of Bernstein bases that are tried beyond the polynomial's
SMALLEST = 200  # a positive polynomial is shown to be at least 2^-200

Piece = tuple[fmpq, fmpq_poly, tuple[int, int]]  # weight · square² · (u-a)^i (b-u)^j with i, j ≤ 1

Number: TypeAlias = int | Fraction | Rational


def positive_on(
    polynomial: Expr, low: Number | None, high: Number | None, relation: str = "> 0", seconds: float = 10.0
) -> Attempt:
    """Decide whether a polynomial in one variable is positive, or non-negative, on an interval.

    Parameters
    ----------
    polynomial : sympy expression with rational coefficients in one symbol.
    low, high : ends of the closed interval, low < high; None for an unbounded one.
    relation : "> 0" or ">= 0".
    seconds : of wall-clock time for certificates.

    Returns
    -------
    Attempt
        "proved" with a certificate of kind "squares" whose hypotheses are u - low ≥ 0 and high - u ≥ 0; "refuted" at a
        rational point; "gave up" if the only zeros that spoil "> 0" are irrational, or time runs out.

    Raises
    ------
    InputError
        For more symbols than one, ends in the wrong order, or a relation or time that makes no sense.

    Examples
    --------
    >>> u = symbols("u", real=True)
    >>> positive_on(u**3 - 3 * u + 3, -2, 2).outcome
    'proved'
    >>> positive_on(u**2 - u, 0, 2, ">= 0").counterexample
    {'u': 1/2}
    """
    start = time.perf_counter()
    u = _variable(polynomial)
    a, b = (None if end is None else _end(end) for end in (low, high))
    if a is not None and b is not None and not a < b:
        raise InputError("high", high, f"is not above {low}", "give low < high")
    if relation not in (">= 0", "> 0"):
        raise InputError("relation", relation, "is no inequality", 'use ">= 0" or "> 0"')
    if not seconds > 0:
        raise InputError("seconds", seconds, "leaves no time", "give a positive number of seconds")
    given = [(f"{u} >= {a}", u - a, ">= 0")] if a is not None else []
    given += [(f"{u} <= {b}", b - u, ">= 0")] if b is not None else []
    plain = symbols(u.name, real=True)  # signs of the symbol are not what the interval says
    try:
        given = [(name, e.xreplace({u: plain}), r) for name, e, r in given]
        statement = read(polynomial.xreplace({u: plain}), relation, given)
    except Beyond as problem:
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=str(problem))
    if statement.legend or not statement.conclusion.denominator.is_constant():
        note = f"{polynomial} is no polynomial with rational coefficients"
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=note)
    p = statement.conclusion.numerator
    if p.is_constant() or a is None or b is None:
        return certify(polynomial.xreplace({u: plain}), relation, given, seconds=seconds)
    return _decided(statement, _dense(p), a, b, start, seconds)


def _decided(
    statement: Statement, p: fmpq_poly, low: Rational, high: Rational, start: float, seconds: float
) -> Attempt:
    name, relation = statement.names[0], statement.conclusion.relation
    point, touched = _failing(p, low, high, relation)
    if point is not None:
        if not statement.fails({name: point}):
            raise AssertionError("a counterexample is none")
        return Attempt(RUNG, "refuted", counterexample={name: point}, seconds=time.perf_counter() - start)
    if touched:
        note = "it is zero at an irrational point of the interval, and nowhere negative"
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=note)
    strict = relation == "> 0"
    square, ends, rest = (fmpq_poly([1]), (0, 0), p) if strict else _factored(p, low, high)
    found = _bernstein(rest, low, high, strict) or _from_roots(rest, low, high, strict, start + seconds)
    if found is None:
        note = f"no certificate up to degree {rest.degree() + RAISED}, nor from its roots within {seconds:g} s"
        return Attempt(RUNG, "gave up", seconds=time.perf_counter() - start, note=note)
    terms = _terms(statement, square, ends, found)
    certificate = certified(statement, statement.given, statement.context.constant(1), terms)
    return Attempt(RUNG, "proved", certificate, seconds=time.perf_counter() - start)


def _failing(p: fmpq_poly, low: Rational, high: Rational, relation: str) -> tuple[Rational | None, bool]:
    """A rational point at which it fails, and whether it only fails at irrational ones."""
    x = symbols("x")
    exact = Poly([Rational(int(a.p), int(a.q)) for a in reversed(p.coeffs())], x)
    roots = exact.intervals(inf=low, sup=high)  # isolating; those of rational roots may be points
    rational = [Rational(int(r.p), int(r.q)) for r, _ in p.roots()]
    cuts = sorted(c for c in {low, high, *(e for pair, _ in roots for e in pair), *rational} if low <= c <= high)
    tests = cuts + [(a + b) / 2 for a, b in pairwise(cuts)]
    for point in sorted(tests, key=lambda r: (r.q, abs(r.p))):
        if not compare(exact.eval(point), relation):
            return _simpler(exact, point, cuts, relation), False
    return None, relation == "> 0" and exact.count_roots(low, high) > 0


def _simpler(exact: Poly, point: Rational, cuts: list[Rational], relation: str) -> Rational:
    """A point of small denominator beside a failing one, if it fails too."""
    near = [e for e in cuts if e < point][-1:] + [e for e in cuts if e > point][:1]
    low, high = min([*near, point]), max([*near, point])
    for denominator in range(1, int(point.q)):
        first = -(-low * denominator // 1)
        for numerator in range(int(first), min(int(high * denominator // 1), int(first) + 8) + 1):
            candidate = Rational(numerator, denominator)
            if not compare(exact.eval(candidate), relation):
                return candidate
        if denominator > 64:
            break
    return point


def _factored(p: fmpq_poly, low: Rational, high: Rational) -> tuple[fmpq_poly, tuple[int, int], fmpq_poly]:
    """s, (i, j) and r of p = s² (u-a)^i (b-u)^j r, all zeros on the interval in the first two."""
    square = fmpq_poly([1])
    for factor, k in p.factor_squarefree()[1]:
        square *= factor ** (k // 2)
    rest = p // (square * square)
    ends = []
    for line in (fmpq_poly([-_flint(low), 1]), fmpq_poly([_flint(high), -1])):
        divisible = rest % line == 0
        ends.append(int(divisible))
        rest = rest // line if divisible else rest
    return square, (ends[0], ends[1]), rest


def _bernstein(p: fmpq_poly, low: Rational, high: Rational, strict: bool) -> list[Piece] | None:
    """The terms of the first Bernstein basis in which a positive polynomial has positive coefficients."""
    a = p(fmpq_poly([_flint(low), _flint(high - low)])).coeffs()
    for degree in range(len(a) - 1, len(a) + RAISED):
        b = [
            sum((a[k] * fmpq(comb(j, k), comb(degree, k)) for k in range(min(j + 1, len(a)))), fmpq(0))
            for j in range(degree + 1)
        ]
        least = min(b) if strict else fmpq(0)
        if min(b) > 0:
            scale = _flint(high - low) ** degree
            found = [((b[k] - least) * comb(degree, k) / scale, (k, degree - k)) for k in range(degree + 1)]
            return [*_constant(least), *_products(found, low, high)]
    return None


def _from_roots(p: fmpq_poly, low: Rational, high: Rational, strict: bool, deadline: float) -> list[Piece] | None:
    """The terms of p((a + bs)/(1 + s)) · (1 + s)^N on s ≥ 0, back on the interval."""
    degree = p.degree() + p.degree() % 2
    a, b, one = _flint(low), _flint(high), fmpq_poly([1, 1])
    for k in range(2, SMALLEST) if strict else (0,):
        least = fmpq(1, 2) ** k if strict else fmpq(0)
        rest = p - least
        if strict and _failing(rest, low, high, "> 0") != (None, False):
            continue
        powers = enumerate(rest.coeffs())
        on_line = sum((c * fmpq_poly([a, b]) ** e * one ** (degree - e) for e, c in powers), fmpq_poly([0]))
        found = on_half_line(on_line, deadline)
        if found is None:
            return None
        scale, half = (b - a) ** degree, degree // 2
        lines = fmpq_poly([-a, 1]), fmpq_poly([b, -1])

        def back(q: fmpq_poly, top: int, lines: tuple[fmpq_poly, fmpq_poly] = lines) -> fmpq_poly:
            terms = (c * lines[0] ** e * lines[1] ** (top - e) for e, c in enumerate(q.coeffs()))
            return sum(terms, fmpq_poly([0]))

        weights = [(w / scale, (i, degree - i)) for i, w in enumerate(found.weights)]
        squares = [(found.scale / scale, back(found.even, half), (0, 0))]
        squares += [(found.scale / scale, back(found.odd, half - 1), (1, 1))] if half else []
        return [*_constant(least), *squares, *_products(weights, low, high)]
    return None


def _constant(least: fmpq) -> list[Piece]:
    """What a strict sign rests on."""
    return [(least, fmpq_poly([1]), (0, 0))] if least else []


def _products(found: list[tuple[fmpq, tuple[int, int]]], low: Rational, high: Rational) -> list[Piece]:
    """The terms weight · (u-a)^i (b-u)^j, their even parts as squares."""
    lines = fmpq_poly([-_flint(low), 1]), fmpq_poly([_flint(high), -1])
    return [(w, lines[0] ** (i // 2) * lines[1] ** (j // 2), (i % 2, j % 2)) for w, (i, j) in found]


def _terms(statement: Statement, square: fmpq_poly, ends: tuple[int, int], pieces: list[Piece]) -> list[Term]:
    """The terms of the whole: times a square, and times the zeros at the ends."""
    u, lines = statement.context.gens()[0], [_dense(part.numerator) for part in statement.given]
    terms = []
    for weight, root, powers in pieces:
        own, given = square * root, []
        for k in (0, 1):
            power = powers[k] + ends[k]
            own = own * lines[k] ** (power // 2)
            given += [k] * (power % 2)
        if weight != 0 and own != 0:
            polynomial = sum((c * u**e for e, c in enumerate(own.coeffs())), statement.context.constant(0))
            terms.append(Term(weight, polynomial, tuple(given)))
    return terms


def _dense(p: Polynomial) -> fmpq_poly:
    by_power = {int(powers[0]): a for powers, a in p.to_dict().items()}
    return fmpq_poly([by_power.get(k, fmpq(0)) for k in range(max(by_power, default=0) + 1)])


def _variable(polynomial: Any) -> Symbol:
    if not isinstance(polynomial, Expr) or len(polynomial.free_symbols) > 1:
        raise InputError("polynomial", polynomial, "is not in one variable", "give an expression such as 1 + u - u**2")
    return next(iter(polynomial.free_symbols), symbols("u"))


def _end(end: object) -> Rational:
    if isinstance(end, bool) or not isinstance(end, int | Fraction | Rational):
        raise InputError("low, high", end, "is not a rational number", "give integers, Fractions or sympy Rationals")
    return Rational(end.numerator, end.denominator)


def _flint(number: Rational) -> fmpq:
    return fmpq(int(number.p), int(number.q))
