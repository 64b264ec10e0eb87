"""Cases: a sentence becomes relations between rational functions, which the exact rungs can prove.

- |f|, min and max split into cases, each with its sign as a hypothesis; a square root r of f is r ≥ 0 with r² = f.
- A harmonic number becomes a symbol under the bounds that `induction.facts` proves.
- Where the sign of a denominator does not follow from its coefficients, N/D R 0 becomes N·D R 0, given D² > 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Abs, Expr, Max, Min, Symbol, expand, fraction, together

from proofs_checks.ladder.attempt import Certificate
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.ladder.identities import identity
from proofs_checks.ladder.induction import base_of, bounds, facts, spelled, symbol_of, without_harmonic
from proofs_checks.ladder.polynomials import Beyond
from proofs_checks.ladder.shifts import Given, sign_of

MAX_CASES = 24


@dataclass(frozen=True)
class Case:
    """One case of a sentence.

    Attributes
    ----------
    name : what distinguishes it; empty if it is the only one
    conclusion, relation : what is to be proved; "= 0", ">= 0", "> 0" or "!= 0"
    given : hypotheses (name, expression, relation), those that define the case included
    links : certificates that the relations are what the sentence says, after denominators were cleared
    legend : what symbols stand for that are not variables
    """

    name: str
    conclusion: Expr
    relation: str
    given: tuple[Given, ...]
    links: tuple[Certificate, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()


def hypotheses_of(sentence: Sentence) -> list[Given]:
    """Return the hypotheses of a sentence, with the bounds of variables that their symbols do not know.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("m integer >= 2")
    >>> hypotheses_of(Sentence(V, (), parse_relations("m >= 1", V)[0]))
    [('m >= 2', m - 2, '>= 0')]
    """
    given: list[Given] = []
    for v in sentence.variables:
        if v.least is not None and (v.integer or not v.bound_is_sign) and v.least != 0:
            given.append((f"{v.name} {'>' if v.strict else '>='} {v.least}", v.symbol - v.least, _sign(v.strict)))
    return given + [(h.text, h.expression, h.sign) for h in sentence.hypotheses]


def with_symbols(sentence: Sentence) -> tuple[Expr, list[Given], dict[str, str], list[Certificate]]:
    """Return conclusion and hypotheses with a symbol for each harmonic number, its legend, and what proves its bounds.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("m integer >= 1")
    >>> with_symbols(Sentence(V, (), parse_relations("H(m + 1) > 1", V)[0]))[0]
    H_m - 1 + 1/(m + 1)
    """
    given = hypotheses_of(sentence)
    conclusion = sentence.conclusion.expression
    replaced = without_harmonic([conclusion, *(e for _, e, _ in given)])
    given = [(name, e.xreplace(replaced), r) for name, e, r in given]
    legend, orders = {}, set()
    for atom in replaced:
        base, order = base_of(atom), int(atom.args[1]) if len(atom.args) > 1 else 1
        known = facts(base, order)
        given += [fact for fact in known if fact not in given]
        legend[str(symbol_of(base, order))] = f"H({base})" if order == 1 else f"H({base}, {order})"
        orders |= {order} if known else set()
    return conclusion.xreplace(replaced), given, legend, [bounds(order) for order in sorted(orders)]


def cases(sentence: Sentence) -> list[Case]:
    """Return the cases of a sentence: it holds if each of them does.

    Raises
    ------
    Beyond
        If there are more than 24.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real")
    >>> [(case.name, case.conclusion) for case in cases(Sentence(V, (), parse_relations("abs(x) >= x", V)[0]))]
    [('x >= 0', 0), ('x <= 0', -2*x)]
    """
    conclusion, given, legend, proofs = with_symbols(sentence)
    open_cases: list[tuple[list[str], Expr, list[Given]]] = [([], conclusion, given)]
    done = []
    while open_cases:
        names, e, known = open_cases.pop(0)
        kink = _innermost([e, *(g for _, g, _ in known)])
        if kink is None:
            done.append(_cleared(" and ".join(names), e, sentence.conclusion.sign, known, proofs, legend))
            continue
        for name, value, more in _branches(kink):
            swap = {kink: value}
            inside = [(n, g.xreplace(swap), r) for n, g, r in known]
            open_cases.append(([*names, name] if name else names, e.xreplace(swap), [*inside, *more]))
        if len(open_cases) + len(done) > MAX_CASES:
            raise Beyond(f"abs, min and max make more than {MAX_CASES} cases")
    return done


def _branches(kink: Expr) -> list[tuple[str, Expr, list[Given]]]:
    """Return (name, value, hypotheses) of each way to resolve |f|, min, max or a root."""
    if isinstance(kink, Abs):
        f = kink.args[0]
        return [
            (f"{f} >= 0", f, [(f"{f} >= 0", f, ">= 0")]),
            (f"{f} <= 0", -f, [(f"{f} <= 0", -f, ">= 0")]),
        ]
    if kink.is_Pow:
        root = Symbol(f"root_{spelled(kink.base)}", nonnegative=True)
        power = root ** int(2 * kink.exp)
        return [("", power, [(f"r**2 == {kink.base}", root**2 - kink.base, "= 0")])]
    found = []
    for f in kink.args:
        sign = 1 if isinstance(kink, Max) else -1
        others = [g for g in kink.args if g != f]
        word = ">=" if sign == 1 else "<="
        found.append((f"{f} = {kink}", f, [(f"{f} {word} {g}", sign * (f - g), ">= 0") for g in others]))
    return found


def _innermost(expressions: Sequence[Expr]) -> Expr | None:
    found = {k for e in expressions for k in e.atoms(Abs, Max, Min)}
    found |= {p for e in expressions for p in e.find(lambda p: p.is_Pow and not p.exp.is_Integer)}
    return min(found, key=lambda k: (k.count_ops(), str(k)), default=None)


def _cleared(
    name: str, e: Expr, relation: str, given: Sequence[Given], proofs: Sequence[Certificate], legend: dict[str, str]
) -> Case:
    """Return the case with denominators of unknown sign cleared."""
    links: list[Certificate] = list(proofs)
    bottoms: list[Expr] = []
    conclusion = _polynomial(e, links, bottoms)
    known: list[Given] = []
    for text, g, r in given:
        value = _polynomial(g, links, bottoms)
        known.append((f"({text})", value**2, "> 0") if r == "!= 0" else (text, value, r))
    known += [(f"{q} is not 0", expand(q**2), "> 0") for i, q in enumerate(bottoms) if q not in bottoms[:i]]
    kept = [item for item in known if item[1].free_symbols]  # what is left of "0 <= 1" says nothing
    return Case(name, conclusion, relation, tuple(kept), tuple(links), tuple(legend.items()))


def _polynomial(e: Expr, links: list[Certificate], bottoms: list[Expr]) -> Expr:
    p, q = fraction(together(e))
    if sign_of(q, True) or sign_of(-q, True):
        return e
    links.append(identity(f"({e})*({q})**2 - ({p})*({q})", "multiplied by the square of its denominator"))
    bottoms.append(q)
    return expand(p * q)


def _sign(strict: bool) -> str:
    return "> 0" if strict else ">= 0"
