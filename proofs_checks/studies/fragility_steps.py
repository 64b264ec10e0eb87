"""The proof of S14: Cauchy-Schwarz bounds the change from below, and the change along the gap attains the bound.

A change e of the opinions moves the gap by L = a·e, a = 1/|C| on C and −1/|D| on D, so ‖e‖² ≥ L²/‖a‖²; by S1 the move
pays iff the gap exceeds δ*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Add, Expr, Mul, Symbol, harmonic

from proofs_checks.steps import Given, Relation, Step

m = Symbol("m", integer=True, positive=True)
k = Symbol("k", positive=True)
H, A = Symbol("H", positive=True), Symbol("‖a‖²", positive=True)
factor = Symbol("1−H/(m+1)", positive=True)
star, far, near = Symbol("δ*", nonnegative=True), Symbol("|δ'|", positive=True), Symbol("|δ|", nonnegative=True)
gain, kappa = Symbol("Δ", real=True), Symbol("kappa", nonnegative=True)

Norm = Callable[[Expr, Expr], Expr]
S1 = Given("S1: the gain at the gap δ'", gain - factor * far**2)
COST = Given("δ* = √(κ/(1 − H_{m+1}/(m+1)))", kappa - factor * star**2)


def stated_norm(left: Expr, joined: Expr) -> Expr:
    """Return ‖a‖² = 1/|C| + 1/|D|."""
    return 1 / left + 1 / joined


def lower_steps(norm: Norm = stated_norm) -> Iterator[Step]:
    """Yield that every change that makes the move pay is longer than the radius."""
    yield from _factor()
    yield from _gap(norm)
    yield from _cauchy_schwarz()
    yield Step("κ ≥ 0: a move that pays has a gap δ' ≠ 0", gain, "> 0", given=(_given("Δ > κ", gain - kappa, "> 0"),))
    pays = _given("Δ > κ", gain - kappa, "> 0", 1 / (factor * (far + star)))
    yield Step(
        "a move that pays has |δ'| > δ*",
        far - star,
        "> 0",
        given=(_times(S1, -1 / (factor * (far + star))), _times(COST, 1 / (factor * (far + star))), pays),
    )
    sign, gap, moved, change = (Symbol(name, real=True) for name in ("sign of δ'", "δ", "δ'", "L"))
    length = Symbol("|L|", positive=True)
    yield Step(
        "|L| ≥ |δ'| − |δ|",
        length - (far - near),
        ">= 0",
        given=(
            _given("δ' = δ + L", moved - gap - change, "= 0", -sign),
            _given("|δ'| = ±δ'", far - sign * moved, "= 0", -1),
            _given("|δ| ≥ ±δ", near - sign * gap, ">= 0"),
            _given("|L| ≥ ±L", length - sign * change, ">= 0"),
        ),
    )
    missing, squares = Symbol("δ*−|δ|", nonnegative=True), Symbol("‖e‖²", nonnegative=True)
    defined = _given("δ* ≥ |δ|", missing - (star - near))
    yield Step(
        "so |L| > δ* − |δ| ≥ 0",
        length - missing,
        "> 0",
        given=(
            _times(defined, -1),
            _given("|L| ≥ |δ'| − |δ|", length - (far - near), ">= 0"),
            _given("|δ'| > δ*", far - star, "> 0"),
        ),
    )
    yield Step(
        "‖e‖² > (δ* − |δ|)²/(1/|C| + 1/|D|); so no change of that norm, or of a smaller one, gains more than κ",
        squares - missing**2 / A,
        "> 0",
        given=(
            _given("Cauchy-Schwarz", A * squares - change**2, ">= 0", 1 / A),
            _given("|L|² = L²", length**2 - change**2, "= 0", -1 / A),
            _given("|L| > δ* − |δ|", length - missing, "> 0", (length + missing) / A),
        ),
    )


def _factor() -> Iterator[Step]:
    yield Step("H_2 < 2", 2 - harmonic(2), "> 0")
    hypothesis = _given("induction: H_{m+1} < m + 1", m + 1 - H, "> 0")
    yield Step("H_{m+2} < m + 2", m + 2 - (H + 1 / (m + 2)), "> 0", {H: harmonic(m + 1)}, (hypothesis,))
    below = _given("H_{m+1} < m + 1", m + 1 - H, "> 0", 1 / (m + 1))
    yield Step("1 − H_{m+1}/(m+1) > 0", 1 - H / (m + 1), "> 0", {H: harmonic(m + 1)}, (below,))


def _gap(norm: Norm) -> Iterator[Step]:
    """The change of the gap is a·e, and ‖a‖²."""
    before, after, total, change = (Symbol(x, real=True) for x in ("c_C", "c_C'", "Σx over C", "Σe over C"))
    yield Step(
        "the consensus of C changes by Σe/|C|; so does that of D",
        after - before - change / k,
        given=(
            _given("consensus after the change", k * after - (total + change), "= 0", 1 / k),
            _given("consensus before it", k * before - total, "= 0", -1 / k),
        ),
    )
    joined, joined_after, other = (Symbol(x, real=True) for x in ("c_D", "c_D'", "Σe over D"))
    gap, moved, L = (Symbol(x, real=True) for x in ("δ", "δ'", "L"))
    yield Step(
        "δ' = δ + a·e",
        moved - gap - L,
        given=(
            _given("δ' = c_C' − c_D'", moved - (after - joined_after)),
            _given("δ = c_C − c_D", gap - (before - joined), "= 0", -1),
            _given("c_C' = c_C + Σe/|C|", after - before - change / k),
            _given("c_D' = c_D + Σe/|D|", joined_after - joined - other / m, "= 0", -1),
            _given("a·e = Σe/|C| − Σe/|D|", L - (change / k - other / m), "= 0", -1),
        ),
    )
    yield Step(
        "‖a‖² = |C| (1/|C|)² + |D| (1/|D|)²",
        norm(k, m),
        right=Add(Mul(k, k**-2, evaluate=False), Mul(m, m**-2, evaluate=False)),
    )


def _cauchy_schwarz() -> Iterator[Step]:
    """‖a‖²‖e‖² − (a·e)² = ‖a‖² ‖e − λa‖² with λ = a·e/‖a‖², agent by agent."""
    rest, squares, line, weights = (Symbol(x, real=True) for x in ("Σ(e−λa)²", "Σe²", "Σae", "Σa²"))
    e, a, scale, own = (Symbol(x, real=True) for x in ("e", "a", "λ", "e−λa"))
    sums = rest - (squares - 2 * scale * line + scale**2 * weights)
    hypothesis = _given("induction: Σ(e−λa)² = Σe² − 2λΣae + λ²Σa²", sums)
    more = {rest: rest + (e - scale * a) ** 2, squares: squares + e**2, line: line + a * e, weights: weights + a**2}
    first = {rest: (e - scale * a) ** 2, squares: e**2, line: a * e, weights: a**2}
    yield Step("one agent: (e−λa)² = e² − 2λae + λ²a²", sums.xreplace(first))
    yield Step("the same with one more agent", sums.xreplace(more), given=(hypothesis,))
    positive = _given("induction: Σ(e−λa)² ≥ 0", rest, ">= 0")
    left = _given("the rest of the next agent", own - (e - scale * a), "= 0", -(own + e - scale * a))
    yield Step("Σ(e−λa)² ≥ 0", rest + (e - scale * a) ** 2, ">= 0", given=(positive, left))
    L, total = Symbol("L", real=True), Symbol("‖e‖²", nonnegative=True)
    whole = rest - (total - 2 * scale * L + scale**2 * A)
    yield Step(
        "‖a‖²‖e‖² ≥ (a·e)²",
        A * total - L**2,
        ">= 0",
        given=(
            _given("Σ(e−λa)² ≥ 0", rest, ">= 0", A),
            _given("Σ(e−λa)² = ‖e‖² − 2λ a·e + λ²‖a‖²", whole, "= 0", -A),
            _given("λ = a·e/‖a‖²", scale * A - L, "= 0", L - scale * A),
        ),
    )


def attained_steps(norm: Norm = stated_norm) -> Iterator[Step]:
    """Yield the change along a: its length, the gain there, and that any more makes the move pay."""
    z, more = Symbol("z", nonnegative=True), Symbol("z−(δ*−|δ|)", positive=True)
    N, length = norm(k, m), Symbol("‖e‖²", real=True)
    squares = k * (z / (k * N)) ** 2 + m * (z / (m * N)) ** 2
    along = _given("e = ± z a/‖a‖²", length - squares)
    yield Step("e = ± z a/‖a‖² has the length z/‖a‖", length - z**2 / N, "= 0", {length: squares}, (along,))
    sign, gap, moved, L = (Symbol(x, real=True) for x in ("sign of δ", "δ", "δ'", "a·e"))
    over_C, over_D = sign * z / (k * N), -sign * z / (m * N)  # e on C and on D
    sums = _given("a·e = Σe/|C| − Σe/|D|, e = ± z a/‖a‖²", L - (k * over_C / k - m * over_D / m))
    yield Step("its a·e is ± z", L, "= 0", {L: k * over_C / k - m * over_D / m}, (sums,), sign * z)
    unit = _given("a sign", sign**2 - 1, "= 0", z)
    yield Step(
        "with the sign of δ it moves |δ| to |δ| + z",
        sign * moved - (near + z),
        given=(
            _given("δ' = δ + a·e", moved - gap - L, "= 0", sign),
            _given("a·e = ± z", L - sign * z, "= 0", sign),
            _given("|δ| = ±δ", near - sign * gap, "= 0", -1),
            unit,
        ),
    )
    reached = _given("|δ'| = |δ| + z", far - near - z)
    exact = _given("z = δ* − |δ|", z - (star - near))
    square = factor * (far + star)
    yield Step(
        "z = δ* − |δ|: the gain is κ",
        gain - kappa,
        given=(S1, _times(COST, -1), _times(reached, square), _times(exact, square)),
    )
    beyond = _given("z above δ* − |δ|", more - (z - (star - near)), "= 0", -square)
    yield Step(
        "z > δ* − |δ|: the move pays, so no greater radius is a lower bound",
        gain - kappa,
        "> 0",
        given=(S1, _times(COST, -1), _times(reached, square), beyond),
    )
    already = Symbol("|δ|−δ*", positive=True)
    yield Step(
        "|δ| > δ*: the move pays without a change",
        gain - kappa,
        "> 0",
        given=(
            S1,
            _times(COST, -1),
            _given("no change", far - near, "= 0", square),
            _given("|δ| > δ*", already - (near - star), "= 0", -square),
        ),
    )


def _given(name: str, expression: Expr, relation: Relation = "= 0", multiplier: Expr | int = 1) -> Given:
    return Given(name, expression, relation, multiplier)


def _times(given: Given, multiplier: Expr | int) -> Given:
    return Given(given.name, given.expression, given.relation, multiplier)
