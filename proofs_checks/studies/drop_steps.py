"""Steps of S3: every gain is paid for in disagreement, under weighted influence A[i,j] = a_j > 0.

An entrant of weight a joins incumbents of weight A.  Behind incumbents of weight w, Jensen's inequality for the convex
ψ = φ + (L/2)u² leaves t(w) ≤ (L/2) δ² aw/(a+w), and this grows with w ≤ A: every term, and so their mean Δ, is at most
(L/2) δ² aA/(a+A).  That is L/2 times what the move removes from V = Σ a_i (x_i − x̄)².  Uniform influence is a_i = 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.gain_terms import (
    ADDED,
    AFTER,
    AT_ENTRANT,
    BEFORE,
    GAIN,
    MERGED,
    TERMS,
    c,
    delta,
    jensen,
    mixture_steps,
    term,
)
from proofs_checks.studies.spread_bound import curvature_steps

L = Symbol("L", nonnegative=True)
a, A = Symbol("a", positive=True), Symbol("A", positive=True)
w = Symbol("w", nonnegative=True)
orders = Symbol("orders", positive=True)  # number of orders in which the members may arrive
DROP = Symbol("V_before − V_after", real=True)


def removed(weight: Expr, incumbents: Expr) -> Expr:
    """Return δ² aA/(a+A), what the move removes from V."""
    return delta**2 * weight * incumbents / (weight + incumbents)


def drop_steps() -> Iterator[Step]:
    """Yield what averaging over the new coalition removes from V = Σ a_i (x_i − x̄)²."""
    mean, later, total, others = (Symbol(name, real=True) for name in ("x̄", "x̄ after", "Σ a x", "others' a x"))
    everyone = Symbol("Σ a", positive=True)
    agreed = (a + A) * MERGED - A * c - a * (c + delta)
    yield Step(
        "averaging keeps x̄: a_1 x_1 + ... is as before",
        later - mean,
        given=(
            Given("Σ a·x̄ = Σ a x before", everyone * mean - total, "= 0", -1 / everyone),
            Given(
                "Σ a x before: entrant, incumbents, others",
                total - others - A * c - a * (c + delta),
                "= 0",
                -1 / everyone,
            ),
            Given("Σ a·x̄ = Σ a x after", everyone * later - others - (a + A) * MERGED, "= 0", 1 / everyone),
            Given("the consensus of the new coalition", agreed, "= 0", 1 / everyone),
        ),
    )
    before = A * (c - mean) ** 2 + a * (c + delta - mean) ** 2
    yield Step(
        "so V drops by δ² aA/(a+A), the others' terms unchanged",
        DROP - removed(a, A),
        given=(
            Given("the terms of V that change", DROP - before + (a + A) * (MERGED - mean) ** 2),
            Given(
                "the consensus of the new coalition",
                agreed,
                "= 0",
                -(MERGED + (A * c + a * (c + delta)) / (a + A) - 2 * mean),
            ),
        ),
    )


def bound_steps() -> Iterator[Step]:
    """Yield Δ ≤ (L/2) (V_before − V_after) for all weights and all φ with φ'' ≥ −L."""
    bound = L / 2 * removed(a, A)
    yield from curvature_steps(L, -1)
    yield from mixture_steps(w, a)
    each = L / 2 * removed(a, w)
    yield Step(
        "t(w) ≤ (L/2) δ² aw/(a+w): w + a times Jensen's inequality for ψ",
        each - term(w, a),
        ">= 0",
        given=(jensen(w, a, -1, L / 2),),
    )
    yield Step(
        "aw/(a+w) ≤ aA/(a+A), as w ≤ A",
        bound - each,
        ">= 0",
        given=(
            Given(
                "those before the entrant are incumbents: w ≤ A",
                A - w,
                ">= 0",
                L / 2 * delta**2 * a**2 / ((a + w) * (a + A)),
            ),
        ),
    )
    behind, slack, longer = (
        Symbol("t(w)", real=True),
        Symbol("sum of bound − t", real=True),
        Symbol("longer sum", real=True),
    )
    yield Step(
        "each term is at most the bound",
        bound - behind,
        ">= 0",
        given=(
            Given("t(w) ≤ (L/2) δ² aw/(a+w)", each - behind, ">= 0"),
            Given("aw/(a+w) ≤ aA/(a+A)", bound - each, ">= 0"),
        ),
    )
    yield Step("over no orders the sum of bound − t is ≥ 0", slack, ">= 0", given=(Given("it is 0", slack),))
    yield Step(
        "one more order keeps it ≥ 0",
        longer,
        ">= 0",
        given=(
            Given("longer sum = sum + bound − t", longer - slack - bound + behind),
            Given("induction", slack, ">= 0"),
            Given("each term is at most the bound", bound - behind, ">= 0"),
        ),
    )
    own = Symbol("what it added before", real=True)
    yield Step(
        "before it added a φ(c+δ) in every order, so it was paid that",
        BEFORE - a * AT_ENTRANT,
        given=(
            Given(
                "behind weight w that agrees with it: (w+a)φ(c+δ) − wφ(c+δ)",
                own - (w + a) * AT_ENTRANT + w * AT_ENTRANT,
            ),
            Given("the mean of equal numbers", BEFORE - own),
        ),
    )
    mean = (
        Given("Δ = paid after − paid before", GAIN - AFTER + BEFORE, "= 0", -1),
        Given("Shapley: paid after is the mean over the orders", orders * AFTER - ADDED, "= 0", -1 / orders),
        Given("before it was paid a φ(c+δ)", BEFORE - a * AT_ENTRANT),
        Given("Σ t = Σ of what it adds − orders·a φ(c+δ)", TERMS - ADDED + orders * a * AT_ENTRANT, "= 0", 1 / orders),
    )
    yield Step(
        "Δ ≤ (L/2) δ² aA/(a+A): the mean over the orders",
        bound - GAIN,
        ">= 0",
        given=(*mean, Given("by induction: Σ (bound − t) ≥ 0", orders * bound - TERMS, ">= 0", 1 / orders)),
    )
    yield conclusion_step()


def conclusion_step(share: Expr | int = 2) -> Step:
    """Return Δ ≤ (L/2)(V_before − V_after)."""
    bound = L / 2 * removed(a, A)
    return Step(
        "Δ ≤ (L/2)(V_before − V_after)",
        L / share * DROP - GAIN,
        ">= 0",
        given=(
            Given("Δ ≤ (L/2) δ² aA/(a+A)", bound - GAIN, ">= 0"),
            Given("the move removes δ² aA/(a+A)", DROP - removed(a, A), "= 0", L / 2),
        ),
        bound={GAIN: bound, DROP: removed(a, A)},
    )
