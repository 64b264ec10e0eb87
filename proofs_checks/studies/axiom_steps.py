"""The proof of V4, for every game on any number k of agents.

The value of agent i is Σ_{S∌i} w(|S|) (v(S∪i) − v(S)), w(s) k! = s!(k−s−1)!.  A game enters linearly: each axiom is
proved for one coalition S at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Symbol

from proofs_checks.steps import Given, Step


def _positive(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, positive=True) for name in names)


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def efficiency_steps() -> Iterator[Step]:
    """Yield that Σ_i AD_i contains v(C) once and every other v(S), S ≠ ∅, not at all."""
    s, r, weight, before = _positive("s", "k−s", "w(s)", "w(s−1)")
    orders, chosen, fewer, rest, less = _positive("k!", "s!", "(s−1)!", "(k−s)!", "(k−s−1)!")

    yield Step(
        "S ≠ ∅, C: the s members of S add v(S) with w(s−1), the k − s others take it off with w(s)",
        s * before - r * weight,
        given=(
            Given("w(s−1) k! = (s−1)!(k−s)!", before * orders - fewer * rest, "= 0", s / orders),
            Given("w(s) k! = s!(k−s−1)!", weight * orders - chosen * less, "= 0", -r / orders),
            Given("s! = s (s−1)!", chosen - s * fewer, "= 0", -r * less / orders),
            Given("(k−s)! = (k−s)(k−s−1)!", rest - r * less, "= 0", s * fewer / orders),
        ),
    )
    k = Symbol("k", positive=True)
    yield Step(
        "C: each of k members adds v(C) with w(k−1): k w(k−1) = 1",
        k * before - 1,
        given=(
            Given("w(k−1) k! = (k−1)! 0!", before * orders - fewer, "= 0", k / orders),
            Given("k! = k (k−1)!", orders - k * fewer, "= 0", -1 / orders),
        ),
    )
    yield Step(
        "∅: each of k members takes off v(∅) with w(0): k w(0) = 1",
        k * weight - 1,
        given=(
            Given("w(0) k! = 0! (k−1)!", weight * orders - fewer, "= 0", k / orders),
            Given("k! = k (k−1)!", orders - k * fewer, "= 0", -1 / orders),
        ),
    )
    total, whole, empty = _real("Σ_i AD_i", "v(C)", "v(∅)")
    yield Step(
        "Σ_i AD_i = v(C)",
        total - whole,
        given=(
            Given("the coefficients", total - whole + empty),
            Given("v(∅) = 0", empty, "= 0", -1),
        ),
    )


def symmetry_steps() -> Iterator[Step]:
    """Yield AD_i − AD_j = 0 for interchangeable agents, one pair S, S ∪ {i, j} of coalitions at a time."""
    w, w1 = _positive("w(s)", "w(s+1)")
    first, second, v, vi, vj, vij = _real("AD_i so far", "AD_j so far", "v(S)", "v(S+i)", "v(S+j)", "v(S+i+j)")
    yield Step(
        "one more S without i and j: i adds to S and to S+j, j to S and to S+i",
        (first + w * (vi - v) + w1 * (vij - vj)) - (second + w * (vj - v) + w1 * (vij - vi)),
        given=(
            Given("for the coalitions so far", first - second),
            Given("i and j are interchangeable: v(S+i) = v(S+j)", vi - vj, "= 0", w + w1),
        ),
    )


def null_player_steps() -> Iterator[Step]:
    """Yield AD_i = 0 for an agent that never adds anything, one coalition at a time."""
    w = Symbol("w(s)", positive=True)
    so_far, v, vi = _real("AD_i so far", "v(S)", "v(S+i)")
    yield Step(
        "one more S without i",
        so_far + w * (vi - v),
        given=(Given("for the coalitions so far", so_far), Given("i adds nothing: v(S+i) = v(S)", vi - v, "= 0", w)),
    )


def additivity_steps() -> Iterator[Step]:
    """Yield AD(u + v) = AD(u) + AD(v), one coalition at a time."""
    w = Symbol("w(s)", positive=True)
    both, of_u, of_v, total, total_i = _real(
        "AD_i(u+v) so far", "AD_i(u) so far", "AD_i(v) so far", "(u+v)(S)", "(u+v)(S+i)"
    )
    u, ui, v, vi = _real("u(S)", "u(S+i)", "v(S)", "v(S+i)")
    yield Step(
        "one more S without i",
        (both + w * (total_i - total)) - (of_u + w * (ui - u)) - (of_v + w * (vi - v)),
        given=(
            Given("for the coalitions so far", both - of_u - of_v),
            Given("(u+v)(S+i) = u(S+i) + v(S+i)", total_i - ui - vi, "= 0", w),
            Given("(u+v)(S) = u(S) + v(S)", total - u - v, "= 0", -w),
        ),
    )
