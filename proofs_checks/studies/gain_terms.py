"""Terms of a gain: what an entrant adds behind incumbents of weight w, less what it was paid before.

    t(w) = (w + a) φ(c + aδ/(w+a)) − w φ(c) − a φ(c+δ),    a the entrant's weight; under uniform influence a = 1, w = s.

The gain is the mean of t over the orders in which the members may arrive, or over s = 0..m under uniform influence
(V5), since an agent among others that agree with it is paid a φ(c+δ) (V4).  Whatever bounds each term bounds the gain.
The steps below are shared by S2, S3, S5, S6, S10 and S11.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from proofs_checks.steps import Given, Step

c, delta = Symbol("c", real=True), Symbol("delta", real=True)
m = Symbol("m", integer=True, nonnegative=True)  # inductions start before 0 incumbents
s = Symbol("s", integer=True, nonnegative=True)
AT_C, AT_ENTRANT, AT_MEAN = (Symbol(name, real=True) for name in ("φ(c)", "φ(c+δ)", "φ(mean)"))
GAIN, AFTER, BEFORE, ALONE = (Symbol(name, real=True) for name in ("Δ", "paid after", "paid before", "paid alone"))
ADDED = Symbol("sum of what it adds", real=True)  # Σ_{s=0}^m of what the entrant adds
TERMS = Symbol("sum of terms", real=True)  # Σ_{s=0}^m t(s)
MERGED = Symbol("mean", real=True)


def term(w: Expr, a: Expr | int = 1) -> Expr:
    """Return t(w)."""
    return (w + a) * AT_MEAN - w * AT_C - a * AT_ENTRANT


def share(w: Expr, a: Expr | int = 1) -> Expr:
    """Return λ = w/(w+a), the weight of c in the consensus with the entrant."""
    return w / (w + a)


def mixture_steps(w: Expr, a: Expr | int = 1) -> Iterator[Step]:
    """Yield that the consensus with the entrant is a mixture of c and c + δ, so Jensen's inequality applies."""
    own = share(w, a)
    agreed = Given("the consensus: (w+a) mean = w c + a (c+δ)", (w + a) * MERGED - w * c - a * (c + delta))
    yield Step(
        "the consensus with the entrant is λc + (1−λ)(c+δ), λ = w/(w+a)",
        MERGED - own * c - (1 - own) * (c + delta),
        given=(Given(agreed.name, agreed.expression, "= 0", 1 / (w + a)),),
    )
    yield Step("λ ≥ 0", own, ">= 0")
    yield Step("λ < 1", 1 - own, "> 0")


def jensen(w: Expr, a: Expr | int = 1, sign: int = 1, square: Expr | int = 0) -> Given:
    """Return Jensen's inequality for ψ(u) = φ(u) + square·u², concave (sign 1) or convex (−1), times w + a."""
    own = share(w, a)
    mean = own * c + (1 - own) * (c + delta)
    bracket = AT_MEAN - own * AT_C - (1 - own) * AT_ENTRANT
    bracket += square * (mean**2 - own * c**2 - (1 - own) * (c + delta) ** 2)
    shape = "concave: ψ(mean) ≥ λψ(c) + (1−λ)ψ(c+δ)" if sign > 0 else "convex: ψ(mean) ≤ λψ(c) + (1−λ)ψ(c+δ)"
    name = "φ is " + shape.replace("ψ", "φ") if square == 0 else "ψ is " + shape
    return Given(name, sign * bracket, ">= 0", w + a)


def stay_step() -> Step:
    """Return what the agent was paid among k members that agree with it."""
    k = Symbol("k", integer=True, positive=True)
    shared = Given(
        "V4: k equal members share k φ(c+δ), so k (paid before) = k φ(c+δ)", k * (BEFORE - AT_ENTRANT), "= 0", 1 / k
    )
    return Step("before it was paid φ(c+δ)", BEFORE - AT_ENTRANT, given=(shared,), bound={BEFORE: AT_ENTRANT})


def gain_given(multiplier: Expr | int = 1) -> tuple[Given, ...]:
    """Return that the gain is the mean of the terms: (m+1)Δ − Σ t(s) = 0, times a multiplier."""
    return (
        Given("Δ = paid after − paid before", GAIN - AFTER + BEFORE, "= 0", (m + 1) * multiplier),
        Given("V5: (m+1)(paid after) = Σ of what it adds", (m + 1) * AFTER - ADDED, "= 0", multiplier),
        Given("V4: before it was paid φ(c+δ)", BEFORE - AT_ENTRANT, "= 0", -(m + 1) * multiplier),
        Given("Σ t(s) = Σ of what it adds − (m+1) φ(c+δ)", TERMS - ADDED + (m + 1) * AT_ENTRANT, "= 0", -multiplier),
    )


def founding_step() -> Step:
    """Return that founding alone gains 0."""
    return Step(
        "founding alone gains 0",
        GAIN,
        given=(
            Given("Δ = paid alone − paid before", GAIN - ALONE + BEFORE),
            Given("one agent is worth 1·φ(c+δ)", ALONE - AT_ENTRANT),
            Given("V4: before it was paid φ(c+δ)", BEFORE - AT_ENTRANT, "= 0", -1),
        ),
        bound={GAIN: ALONE - BEFORE, ALONE: AT_ENTRANT, BEFORE: AT_ENTRANT},
    )


def mean_steps(sign: int = 1) -> Iterator[Step]:
    """Yield that the gain has the sign of its terms: the sum of the terms by induction, then the mean."""
    name = "≥ 0" if sign > 0 else "≤ 0"
    first, longer = Symbol("sum of no terms", real=True), Symbol("sum with the next term", real=True)
    added = Symbol("t", real=True)
    yield Step(f"the sum of no terms is {name}", sign * first, ">= 0", given=(Given("it is 0", first, "= 0", sign),))
    yield Step(
        f"one more term keeps the sum {name}",
        sign * longer,
        ">= 0",
        given=(
            Given("longer sum = sum + t", longer - TERMS - added, "= 0", sign),
            Given(f"induction: sum {name}", sign * TERMS, ">= 0"),
            Given(f"each term {name}", sign * added, ">= 0"),
        ),
    )
    yield stay_step()
    yield Step(
        f"the gain is the mean of the terms: Δ {name}",
        sign * GAIN,
        ">= 0",
        given=(*gain_given(sign / (m + 1)), Given(f"Σ t(s) {name}", sign * TERMS, ">= 0", 1 / (m + 1))),
    )
    yield founding_step()


def sign_steps(sign: int, w: Expr = s, a: Expr | int = 1) -> Iterator[Step]:
    """Yield S2: gains are ≥ 0 for concave φ (sign 1) and ≤ 0 for convex φ (−1), for every number of incumbents."""
    yield from mixture_steps(w, a)
    name = "≥ 0" if sign > 0 else "≤ 0"
    yield Step(
        f"each term is {name}: (w+a) times Jensen's inequality", sign * term(w, a), ">= 0", given=(jensen(w, a, sign),)
    )
    yield from mean_steps(sign)
