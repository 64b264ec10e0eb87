"""Steps of S4: tactical steps do not raise V, moves lower it by more than 2κ/L, and it is not below 0.

Weighted influence A[i,j] = a_j > 0, V = Σ a_i (x_i − x̄)²; uniform influence is a_i = 1.  Acceptance and schedule only
choose among the moves that pay, so nothing depends on them; a schedule that also makes moves that do not pay, as logit
does, is excluded by hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.drop_steps import DROP, A, L
from proofs_checks.studies.gain_terms import GAIN, MERGED


def averaging_steps() -> Iterator[Step]:
    """Yield what tactical steps do under weighted influence: nobody leaves the interval, and V does not rise."""
    high, low, mean = Symbol("highest opinion", real=True), Symbol("lowest opinion", real=True), Symbol("x̄", real=True)
    weight, total = Symbol("next weight", positive=True), Symbol("weight so far", nonnegative=True)
    sums, x = Symbol("Σ a x so far", real=True), Symbol("next x", real=True)
    for sign, end, name in ((1, high, "≤ the highest"), (-1, low, "≥ the lowest")):
        yield Step(
            f"a weighted sum over no opinions is {name} times the weight",
            sign * (end * total - sums),
            ">= 0",
            given=(Given("no weight", total, "= 0", sign * end), Given("no sum", sums, "= 0", -sign)),
        )
        yield Step(
            f"a weighted sum of opinions is {name} times the weight, if so for one fewer",
            sign * (end * (total + weight) - sums - weight * x),
            ">= 0",
            given=(
                Given("induction", sign * (end * total - sums), ">= 0"),
                Given(f"the next opinion is {name}", sign * (end - x), ">= 0", weight),
            ),
        )
        yield Step(
            f"so the consensus is {name} opinion before",
            sign * (end - MERGED),
            ">= 0",
            given=(
                Given("by induction", sign * (end * A - sums), ">= 0", 1 / A),
                Given("the consensus: Σ a·c = Σ a x", A * MERGED - sums, "= 0", -sign / A),
            ),
        )
    again = Symbol("consensus again", real=True)
    equal = Given("the mean of equal opinions", A * again - A * MERGED, "= 0", 1 / A)
    yield Step("a second tactical step changes nothing", again - MERGED, given=(equal,))
    everyone, later, everything = Symbol("Σ a", positive=True), Symbol("x̄ after", real=True), Symbol("Σ a x", real=True)
    yield Step(
        "averaging keeps x̄",
        later - mean,
        given=(
            Given("Σ a·x̄ = Σ a x", everyone * mean - everything, "= 0", -1 / everyone),
            Given(
                "after it, c in place of the members",
                everyone * later - everything + sums - A * MERGED,
                "= 0",
                1 / everyone,
            ),
            Given("the consensus: Σ a·c = Σ a x", A * MERGED - sums, "= 0", 1 / everyone),
        ),
    )
    lost, longer, off, shifted = (
        Symbol(t, real=True) for t in ("lost", "lost with the next", "Σ a (x−c)", "Σ a (x−c) next")
    )
    away = Symbol("x−c", real=True)
    yield Step(
        "Σ a (x−x̄)² − a (c−x̄)² ≥ 2(c−x̄) Σ a (x−c) over no members",
        lost - 2 * (MERGED - mean) * off,
        ">= 0",
        given=(
            Given("no terms: the left side is 0", lost),
            Given("no terms: Σ a (x−c) = 0", off, "= 0", -2 * (MERGED - mean)),
        ),
    )
    yield Step(
        "Σ a (x−x̄)² − a (c−x̄)² ≥ 2(c−x̄) Σ a (x−c), if so for one member fewer",
        longer - 2 * (MERGED - mean) * shifted,
        ">= 0",
        given=(
            Given(
                "with the next member",
                longer - lost - weight * ((MERGED + away - mean) ** 2 - (MERGED - mean) ** 2),
            ),
            Given("and the next deviation", shifted - off - weight * away, "= 0", -2 * (MERGED - mean)),
            Given("induction", lost - 2 * (MERGED - mean) * off, ">= 0"),
        ),
    )
    yield Step(
        "averaging in a coalition does not raise V",
        lost,
        ">= 0",
        given=(
            Given("by induction", lost - 2 * (MERGED - mean) * off, ">= 0"),
            Given("c is the mean: Σ a (x−c) = 0", off, "= 0", 2 * (MERGED - mean)),
        ),
    )
    before, after, earlier = (Symbol(t, real=True) for t in ("V(x(0))", "V after averaging", "V before this coalition"))
    yield Step(
        "before the first coalition averages V is not above V(x(0))",
        before - earlier,
        ">= 0",
        given=(Given("nothing has changed: V = V(x(0))", earlier - before, "= 0", -1),),
    )
    yield Step(
        "averaging in one coalition after the other does not raise V",
        before - after,
        ">= 0",
        given=(
            Given("induction: V(x(0)) ≥ V before this coalition", before - earlier, ">= 0"),
            Given("this coalition lowers V by what is lost", earlier - after - lost, "= 0"),
            Given("not below 0", lost, ">= 0"),
        ),
    )


def stop_steps(share: Expr | int = 2) -> Iterator[Step]:
    """Yield S3 summed over the moves: N moves are at most L V(x(0))/(2κ), and fewer unless L V(x(0)) = 0."""
    N = Symbol("N", integer=True, nonnegative=True)
    kappa, cost = Symbol("kappa", positive=True), Symbol("cost of the move", real=True)
    start, now, then = (Symbol(name, real=True) for name in ("V(x(0))", "V", "V next"))
    yield Step(
        "founding alone gains 0 and removes 0",
        L / 2 * DROP - GAIN,
        given=(
            Given("nobody's opinion changes", DROP, "= 0", L / 2),
            Given("it is paid a φ(c+δ) before and after", GAIN, "= 0", -1),
        ),
    )
    yield Step(
        "a move is paid for: (L/2)(V_before − V_after) > κ",
        L / 2 * DROP - kappa,
        "> 0",
        given=(
            Given("S3: Δ ≤ (L/2)(V_before − V_after)", L / 2 * DROP - GAIN, ">= 0"),
            Given("the hypothesis that only moves that pay are made: Δ > its cost", GAIN - cost, "> 0"),
            Given("its cost is at least κ", cost - kappa, ">= 0"),
        ),
    )
    yield Step(
        "after 0 moves κN ≤ (L/2)(V(x(0)) − V)",
        L / 2 * (start - now),
        ">= 0",
        given=(Given("averaging does not raise V", start - now, ">= 0", L / 2),),
    )
    yield Step(
        "after N + 1 moves κ(N+1) < (L/2)(V(x(0)) − V)",
        L / 2 * (start - then) - kappa * (N + 1),
        "> 0",
        given=(
            Given("induction: κN ≤ (L/2)(V(x(0)) − V)", L / 2 * (start - now) - kappa * N, ">= 0"),
            Given("the move lowers V", now - then - DROP, "= 0", L / 2),
            Given("the move is paid for", L / 2 * DROP - kappa, "> 0"),
        ),
    )
    yield Step(
        "so N < L V(x(0))/(2κ) once there is a move",
        L * start / (share * kappa) - N,
        "> 0",
        given=(
            Given("κN < (L/2)(V(x(0)) − V)", L / 2 * (start - now) - kappa * N, "> 0", 1 / kappa),
            Given("V ≥ 0", now, ">= 0", L / (2 * kappa)),
        ),
    )
    none = Given("V(x(0)) ≥ 0", start, ">= 0", L / (share * kappa))
    yield Step("no moves are at most L V(x(0))/(2κ)", L * start / (share * kappa), ">= 0", given=(none,))
    yield Step(
        "no moves are fewer than L V(x(0))/(2κ) unless L V(x(0)) = 0",
        L * start / (share * kappa),
        "> 0",
        given=(Given("L V(x(0)) ≠ 0, so > 0", L * start, "> 0", 1 / (share * kappa)),),
    )
