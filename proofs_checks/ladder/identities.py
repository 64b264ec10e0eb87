"""Identities and signs: what follows by expanding, after equations are solved and bounds are shifted to zero.

An equation among the hypotheses that is linear in a variable eliminates it; a hypothesis e ≥ 0 that is linear in a
variable x replaces x by what makes e a new non-negative variable (y ≥ x: y = x + p).  If then every coefficient is
non-negative, and real variables appear to even powers only, the conclusion is a sum of terms

    weight · square² · Π hypotheses,

which is a certificate.  That is enough, but not necessary; it is the cheapest rung of the ladder.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import sympy
from sympy import Expr, Integer, Poly, Symbol, cancel, expand, fraction, together

from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.shifts import Given, by_shifts, sign_of, signs_of

TOOLS = {"sympy": sympy.__version__}


def certify(conclusion: Expr, relation: str, given: Sequence[Given] = (), seconds: float = 5.0) -> Attempt:
    """Prove a relation by eliminating equations, shifting variables by their bounds, and expanding.

    Parameters
    ----------
    conclusion : rational in symbols, whose assumptions positive and nonnegative are used
    relation : "= 0", ">= 0" or "> 0"
    given : hypotheses (name, expression, relation)
    seconds : time limit

    Returns
    -------
    Attempt; its certificate is of kind "combination" or "squares", or "steps" with several of them

    Notes
    -----
    Cost: an expansion for each substitution, of which at most 150 are tried.

    Examples
    --------
    >>> x, y = Symbol("x", nonnegative=True), Symbol("y", real=True)
    >>> certify(y**2 - x**2, ">= 0", [("x <= y", y - x, ">= 0")]).certificate["terms"][0]["given"]
    [0, 0]
    """
    start = time.perf_counter()
    rest, used = _eliminated(conclusion, given)
    found: Certificate | None = None
    if relation == "= 0":
        found = _combination(conclusion, relation, used) if rest == 0 else None
    elif sign_of(rest, relation == "> 0"):
        found = _combination(conclusion, relation, used)
    else:
        inequalities = [g for g in given if g[2] != "= 0"]
        pieces = _rational(rest, relation, inequalities, start + seconds)
        if pieces is not None:
            link = [_link(conclusion, rest, used)] if used else []
            found = pieces[0]
            if link or len(pieces) > 1:
                found = composite("steps", [*link, *pieces], f"{conclusion} {relation}")
    elapsed = time.perf_counter() - start
    if found is not None:
        return Attempt("identities and signs", "proved", found, seconds=elapsed, tools=TOOLS)
    why = "does not expand to zero" if relation == "= 0" else "its coefficients do not show the sign"
    return Attempt("identities and signs", "gave up", seconds=elapsed, note=why, tools=TOOLS)


def composite(how: str, certificates: Iterable[Certificate], note: str = "") -> Certificate:
    """Return the certificate that consists of others, all of which must hold.

    Parameters
    ----------
    how : in which way they make a whole, for the reader: "induction", "cases", "steps" or "counterexample"
    certificates : the parts
    note : what they show together

    Examples
    --------
    >>> composite("steps", [])["kind"]
    'induction'
    """
    return {"kind": "induction", "joined": how, "note": note, "certificates": list(certificates)}


def identity(text: str, note: str = "") -> Certificate:
    """Return the certificate that an expression, given as text so that nothing is simplified, vanishes identically.

    Examples
    --------
    >>> identity("(x + 1)**2 - x**2 - 2*x - 1")["relation"]
    '= 0'
    """
    plain: Certificate = {"kind": "combination", "conclusion": text, "relation": "= 0", "signs": {}, "given": []}
    return plain | {"note": note}


def _eliminated(conclusion: Expr, given: Sequence[Given]) -> tuple[Expr, list[tuple[Given, Expr]]]:
    """Return what is left of the conclusion, and multipliers: conclusion = Σ multiplier·equation + rest."""
    rest = cancel(together(conclusion))
    used: list[tuple[Given, Expr]] = []
    taken: list[Symbol] = []
    for item in given:
        if item[2] != "= 0":
            continue
        equation = fraction(together(item[1]))[0]
        for x in sorted(equation.free_symbols & rest.free_symbols, key=str):
            if x in taken or not equation.is_polynomial(x) or Poly(equation, x).degree() != 1:
                continue
            slope, constant = Poly(equation, x).all_coeffs()
            if any(y in slope.free_symbols or y in constant.free_symbols for y in taken):
                continue
            if not (sign_of(slope, True) or sign_of(-slope, True)):
                continue  # the multiplier divides by it
            without = cancel(together(rest.subs(x, -constant / slope)))
            multiplier = cancel(together((rest - without) / item[1]))
            used, rest = [*used, (item, multiplier)], without
            taken.append(x)
            break
    return rest, used


def _rational(rest: Expr, relation: str, given: Sequence[Given], end: float) -> list[Certificate] | None:
    """Return certificates of the sign of a quotient."""
    numerator, denominator = (expand(e) for e in fraction(together(rest)))
    if sign_of(-denominator, True):
        numerator, denominator = -numerator, -denominator
    one = denominator.is_Rational
    if one:
        numerator, denominator = expand(numerator / denominator), Integer(1)
    bottom = None if one else by_shifts(denominator, "> 0", given, end)
    if not one and bottom is None:
        return None
    top = by_shifts(numerator, relation, given, end)
    if top is None:
        return None
    if bottom is None:
        return [top]
    return [identity(f"({rest})*({denominator}) - ({numerator})", "the numerator"), bottom, top]


def _plain(kind: str, conclusion: Expr, relation: str) -> Certificate:
    return {
        "kind": kind, "conclusion": str(conclusion), "relation": relation, "signs": signs_of(conclusion.free_symbols)
    }  # fmt: skip


def _combination(conclusion: Expr, relation: str, used: Sequence[tuple[Given, Expr]]) -> Certificate:
    multipliers = [
        {"name": name, "expression": str(e), "relation": r, "multiplier": str(m)} for (name, e, r), m in used
    ]
    return _plain("combination", conclusion, relation) | {"given": multipliers}


def _link(conclusion: Expr, rest: Expr, used: Sequence[tuple[Given, Expr]]) -> Certificate:
    whole = _combination(conclusion, "= 0", used)
    return whole | {"conclusion": f"({conclusion}) - ({rest})", "note": "what the equations leave"}
