"""Induction: a relation for every integer m ≥ m₀, through the recurrence of harmonic numbers.

    H_{m+1} = H_m + 1/(m+1),       H^(p)_{m+1} = H^(p)_m + 1/(m+1)^p

A harmonic number becomes a symbol that satisfies inequalities proved by the same induction, and nothing else is
known of it.  The step E(m) ≥ 0 ⇒ E(m+1) ≥ 0 is E(m+1) = λ E(m) + rest with λ, rest ≥ 0; what remains is handed to the
rungs that prove inequalities in real symbols.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from sympy import Expr, Integer, Poly, Symbol, cancel, fraction, harmonic, together

from proofs_checks.certificates import value
from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.identities import TOOLS, Given, certify, composite
from proofs_checks.ladder.shifts import sign_of, signs_of

Prover = Callable[[Expr, str, Sequence[Given]], Attempt]

MAX_STEP = 8  # shift of a harmonic number that is written out


def without_harmonic(expressions: Iterable[Expr]) -> dict[harmonic, Expr]:
    """Return what replaces each harmonic number: a real symbol plus the summands that a shift by a constant adds.

    Examples
    --------
    >>> m = Symbol("m", integer=True, positive=True)
    >>> without_harmonic([harmonic(m + 1)])
    {harmonic(m + 1): H_m + 1/(m + 1)}
    """
    found = {}
    for atom in sorted({h for e in expressions for h in e.atoms(harmonic)}, key=str):
        base, shift = _base(atom)
        if abs(shift) > MAX_STEP:
            base, shift = atom.args[0], 0
        found[atom] = symbol_of(base, _order(atom)) + _summands(base, shift, _order(atom))
    return found


def spelled(e: Expr) -> str:
    """Return an expression as part of a name; different expressions have different names.

    Examples
    --------
    >>> x, y = Symbol("x"), Symbol("y")
    >>> spelled(x * y), spelled(Symbol("x_times_y"))
    ('x_times_y', 'x__times__y')
    """
    words = {"+": "_plus_", "-": "_minus_", "*": "_times_", "/": "_over_", "_": "__"}
    return "".join(c if c.isalnum() else words.get(c, f"_{ord(c)}_") for c in str(e).replace(" ", ""))


def symbol_of(argument: Expr, order: int) -> Symbol:
    """Return the symbol that stands for H(argument) of an order.

    Examples
    --------
    >>> symbol_of(2 * Symbol("m", integer=True, positive=True), 1)
    H_2_times_m
    """
    text = spelled(argument)
    sign = {"positive": True} if argument.is_positive else {"real": True}
    return Symbol(f"H{order if order > 1 else ''}_{text}", **sign)


def facts(argument: Expr, order: int) -> list[Given]:
    """Return proved bounds of H(argument), for a positive argument: see `bounds` for the proofs.

    Examples
    --------
    >>> [name for name, *_ in facts(Symbol("m", integer=True, positive=True), 1)]
    ['H(m) >= 1', 'H(m) <= (m + 1)/2', 'H(m) >= 2*m/(m + 1)', 'H(m) <= m']
    """
    if not argument.is_positive:
        return []
    n, h = Symbol("n", integer=True, positive=True), symbol_of(argument, order)
    own = {n: argument, symbol_of(n, order): h}
    rename = f"H({argument}" + (f", {order})" if order > 1 else ")")
    shown = [name.replace("H(n)", rename).replace("n", str(argument)) for name, _ in _bounds(order)]
    if len(str(argument)) > 1:
        shown = [name.replace("H(n)", rename).replace("n", f"({argument})") for name, _ in _bounds(order)]
    return [(name, e.xreplace(own), ">= 0") for name, (_, e) in zip(shown, _bounds(order), strict=True)]


@lru_cache(maxsize=16)
def bounds(order: int) -> Certificate:
    """Return the certificate of the bounds that `facts` uses: each by induction on n, from the recurrence alone.

    Examples
    --------
    >>> len(bounds(1)["certificates"])
    4
    """
    n = Symbol("n", integer=True, positive=True)
    h = symbol_of(n, order)
    proofs = []
    for name, e in _bounds(order):
        after = {n: n + 1, h: h + 1 / (n + 1) ** order}
        base, step = _at(e, n, 1), _step(e, after, ">= 0", [("n >= 1", n - 1, ">= 0")], certify)
        if step is None:
            raise AssertionError(f"no proof of {name}")
        proofs.append(composite("induction", [base, *step], f"{name} for every n >= 1"))
    return composite("steps", proofs, "bounds of harmonic numbers")


def by_induction(
    conclusion: Expr, relation: str, given: Sequence[Given], variable: Symbol, least: int, prove: Prover
) -> Attempt:
    """Prove a relation for every integer value of `variable` from `least` on.

    Parameters
    ----------
    conclusion : rational in symbols and harmonic numbers of integer multiples of `variable` plus constants
    relation : "= 0", ">= 0" or "> 0"
    given : hypotheses; none may mention `variable`, for they must hold for m and m + 1 alike
    variable : symbol of an integer
    least : where the induction starts
    prove : proves relations in real symbols: the base case if other variables remain, and the step

    Examples
    --------
    >>> m = Symbol("m", integer=True, positive=True)
    >>> by_induction(m - harmonic(m), ">= 0", [], m, 1, certify).outcome
    'proved'
    """
    start = time.perf_counter()
    rung = f"induction over {variable}"

    def gave_up(why: str) -> Attempt:
        return Attempt(rung, "gave up", seconds=time.perf_counter() - start, note=why, tools=TOOLS)

    if any(variable in e.free_symbols for _, e, _ in given):
        return gave_up(f"a hypothesis mentions {variable}")
    now = without_harmonic([conclusion])
    if any(variable in atom.args[0].free_symbols and _growth(atom, variable) is None for atom in now):
        return gave_up(f"a harmonic number does not grow with {variable} by integer steps")
    e = together(conclusion.xreplace(now))
    if not (sign_of(fraction(e)[1], True) or sign_of(-fraction(e)[1], True)):
        return gave_up(f"a denominator may vanish for some {variable}, where nothing follows for the next")
    e = cancel(e)
    known = list(given)
    orders = set()
    recurrence: dict[Symbol, Expr] = {variable: variable + 1}
    for atom in now:
        base, order = _base(atom)[0], _order(atom)
        known += [fact for fact in facts(base, order) if fact not in known]
        orders.add(order)
        growth = _growth(atom, variable) or 0
        recurrence[symbol_of(base, order)] = symbol_of(base, order) + _summands(base, growth, order)
    if all(e != variable - least for _, e, _ in known):
        known.append((f"{variable} >= {least}", variable - least, ">= 0"))
    base_case = _base_case(conclusion, relation, given, variable, least, prove)
    if base_case is None:
        return gave_up(f"the base case {variable} = {least} is not proved")
    step = _step(e, recurrence, relation, known, prove)
    if step is None:
        return gave_up(f"the step from {variable} to {variable} + 1 is not proved")
    used = [bounds(order) for order in sorted(orders)]
    legend = {str(symbol_of(_base(a)[0], _order(a))): str(a.func(*_base(a)[:1], *a.args[1:])) for a in now}
    certificate = composite(
        "induction", [base_case, *step, *used], f"{conclusion} {relation} for {variable} >= {least}"
    )
    certificate["legend"] = legend
    return Attempt(rung, "proved", certificate, seconds=time.perf_counter() - start, tools=TOOLS)


def _base_case(
    conclusion: Expr, relation: str, given: Sequence[Given], m: Symbol, least: int, prove: Prover
) -> Certificate | None:
    """Return the certificate of the relation at m = least."""
    first = conclusion.subs(m, least)
    if first.free_symbols:
        now = without_harmonic([first])
        known = [*given, *(fact for atom in now for fact in facts(base_of(atom), _order(atom)))]
        inner = prove(first.xreplace(now), relation, known)
        return {**inner.certificate, "note": f"base case {m} = {least}"} if inner.proved and inner.certificate else None
    true = first == 0 if relation == "= 0" else first >= 0 if relation == ">= 0" else first > 0
    return _at(conclusion, m, least, relation) if true == True else None  # noqa: E712  (sympy's true)


def _at(e: Expr, m: Symbol, least: int, relation: str = ">= 0") -> Certificate:
    """Return the certificate of the value at m = least."""
    named = {symbol_of(m, k): harmonic(m, k) if k > 1 else harmonic(m) for k in range(1, 13)}
    text = str(e.xreplace(named)).replace("harmonic(", "H(")
    return value(f"{text} {'==' if relation == '= 0' else relation[:-2]} 0", {str(m): least}, True, "base case")


def _step(
    now: Expr, recurrence: Mapping[Symbol, Expr], relation: str, known: Sequence[Given], prove: Prover
) -> list[Certificate] | None:
    """Return certificates that E(m) R 0 implies E(m+1) R 0, by E(m+1) = λ E(m) + rest."""
    after = cancel(together(now.subs(recurrence, simultaneous=True)))
    written = _substituted(str(now), {str(x): str(e) for x, e in recurrence.items()})
    for ratio in _ratios(now, after):
        rest = cancel(together(after - ratio * now))
        if relation == "= 0":
            left = None
            if rest != 0:
                continue
        else:
            if not sign_of(ratio, relation == "> 0"):
                continue
            left = prove(rest, ">= 0", known)
            if not left.proved or left.certificate is None:
                continue
        given = [{"name": "the case before", "expression": str(now), "relation": relation, "multiplier": str(ratio)}]
        if rest != 0:
            given.append({"name": "the rest", "expression": str(rest), "relation": ">= 0", "multiplier": "1"})
        symbols = now.free_symbols | after.free_symbols
        step: Certificate = {"kind": "combination", "conclusion": written, "relation": relation, "given": given}
        step |= {"signs": signs_of(symbols), "note": "the next case, from the case before"}
        return (
            [step]
            if left is None or left.certificate is None or rest == 0
            else [{**left.certificate, "note": "the rest"}, step]
        )
    return None


def _substituted(text: str, values: Mapping[str, str]) -> str:
    """Replace names in a text, all at once and without simplifying anything."""
    return re.sub(r"[^\W\d]\w*", lambda name: f"({values[name[0]]})" if name[0] in values else name[0], text)


def _ratios(now: Expr, after: Expr) -> list[Expr]:
    """Return candidates for λ: ratios of the coefficients of one symbol before and after, and 1."""
    found: list[Expr] = []
    for x in sorted(now.free_symbols & after.free_symbols, key=str):
        (p, q), (r, s) = fraction(together(now)), fraction(together(after))
        if not (p.is_polynomial(x) and r.is_polynomial(x) and x not in q.free_symbols | s.free_symbols):
            continue
        first, second = Poly(p, x), Poly(r, x)
        if first.degree() == second.degree() > 0:
            found.append(cancel(together(second.LC() / s / (first.LC() / q))))
    if now != 0:
        found.append(cancel(together(after / now)))
    found.append(Integer(1))
    return [ratio for i, ratio in enumerate(found) if ratio not in found[:i]]


def base_of(atom: harmonic) -> Expr:
    """Return the argument of a harmonic number without its constant.

    Examples
    --------
    >>> base_of(harmonic(Symbol("m", integer=True, positive=True) + 3))
    m
    """
    rest, shift = _base(atom)
    return rest if abs(shift) <= MAX_STEP else atom.args[0]


def _base(atom: harmonic) -> tuple[Expr, int]:
    """Split the argument of a harmonic number into a part without constant and the constant."""
    shift, rest = atom.args[0].as_coeff_Add()
    if shift > 0 and not rest.is_nonnegative:  # H(n + 1) - H(n) = 1/(n + 1) needs H(n) to be defined
        return atom.args[0], 0
    return rest, int(shift)


def _order(atom: harmonic) -> int:
    return int(atom.args[1]) if len(atom.args) > 1 else 1


def _growth(atom: harmonic, m: Symbol) -> int | None:
    """Return by how much the argument grows when m grows by 1, if that is a small non-negative integer."""
    growth = (atom.args[0].subs(m, m + 1) - atom.args[0]).expand()
    return int(growth) if growth.is_Integer and 0 <= growth <= MAX_STEP else None


def _summands(base: Expr, shift: int, order: int) -> Expr:
    """Return H(base + shift) - H(base)."""
    added = sum((1 / (base + j) ** order for j in range(1, shift + 1)), Integer(0))
    return added - sum((1 / (base - j) ** order for j in range(-shift)), Integer(0))


def _bounds(order: int) -> list[tuple[str, Expr]]:
    """Return bounds of H(n), n >= 1, as expressions that are non-negative."""
    n = Symbol("n", integer=True, positive=True)
    h = symbol_of(n, order)
    if order == 1:
        return [
            ("H(n) >= 1", h - 1),
            ("H(n) <= (n + 1)/2", (n + 1) / Integer(2) - h),
            ("H(n) >= 2*n/(n + 1)", h - 2 * n / (n + 1)),
            ("H(n) <= n", n - h),
        ]
    return [("H(n) >= 1", h - 1), ("H(n) <= 2 - 1/n", 2 - 1 / n - h)]
