"""The proof of V6, for every game v and every network g of any size, from the axioms of the Shapley value (V4).

The worth v(S) may depend on the links inside S, as the consensus of S does.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Symbol

from proofs_checks.steps import Given, Step


def _positive(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, positive=True) for name in names)


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def own_component_steps() -> Iterator[Step]:
    """Yield that agent i of component K is paid in C what it is paid in K alone."""
    with_i, without, own_with, own, rest = _real("v/g(S+i)", "v/g(S)", "v/g(S∩K+i)", "v/g(S∩K)", "v/g(S∖K)")
    yield Step(
        "i adds to S what it adds to S ∩ K: no link joins K to the rest, so S is split into S ∩ K and S ∖ K",
        (with_i - without) - (own_with - own),
        given=(
            Given("the components of S + i partition it: v/g is their sum", with_i - own_with - rest),
            Given("the components of S partition it: v/g is their sum", without - own - rest, "= 0", -1),
        ),
    )
    s, r, here, more, fewer = _positive("s", "k−s", "w_{k+1}(s)", "w_{k+1}(s+1)", "w_k(s)")
    orders, longer, chosen, added, left, less = _positive("k!", "(k+1)!", "s!", "(s+1)!", "(k−s)!", "(k−s−1)!")
    yield Step(
        "w_{k+1}(s) + w_{k+1}(s+1) = w_k(s)",
        here + more - fewer,
        given=(
            Given("w_{k+1}(s) (k+1)! = s!(k−s)!", here * longer - chosen * left, "= 0", 1 / longer),
            Given("w_{k+1}(s+1) (k+1)! = (s+1)!(k−s−1)!", more * longer - added * less, "= 0", 1 / longer),
            Given("w_k(s) k! = s!(k−s−1)!", fewer * orders - chosen * less, "= 0", -1 / orders),
            Given("(k−s)! = (k−s)(k−s−1)!", left - r * less, "= 0", chosen / longer),
            Given("(s+1)! = (s+1) s!", added - (s + 1) * chosen, "= 0", less / longer),
            Given("(k+1)! = (k+1) k!", longer - (s + r + 1) * orders, "= 0", -chosen * less / (longer * orders)),
        ),
    )
    larger, smaller, adds, adds_too = _real(
        "AD_i among k+1 so far", "AD_i among k so far", "i adds to S", "i adds to S+o"
    )
    yield Step(
        "an agent o outside K changes nothing, one more S without i and o",
        (larger + here * adds + more * adds_too) - (smaller + fewer * adds),
        given=(
            Given("for the coalitions so far", larger - smaller),
            Given("i adds the same to S + o as to S", adds_too - adds, "= 0", more),
            Given("the weights", here + more - fewer, "= 0", adds),
        ),
    )


def efficiency_steps() -> Iterator[Step]:
    """Yield Σ_{i∈K} AD_i(C) = v(K)."""
    inside, alone, paid, paid_alone, whole, worth = _real(
        "Σ AD_i(C)", "Σ AD_i(K)", "AD_i(C)", "AD_i(K)", "v/g(K)", "v(K)"
    )
    yield Step(
        "Σ_{i∈K} AD_i(C) = Σ_{i∈K} AD_i(K), one more agent of K",
        (inside + paid) - (alone + paid_alone),
        given=(
            Given("for the agents so far", inside - alone),
            Given("paid in its own component", paid - paid_alone),
        ),
    )
    yield Step(
        "Σ_{i∈K} AD_i(C) = v(K)",
        inside - worth,
        given=(
            Given("the sum", inside - alone),
            Given("efficiency on K (V4)", alone - whole),
            Given("K is a component of C: it is its own only component", whole - worth),
        ),
    )


def fairness_steps() -> Iterator[Step]:
    """Yield that the game u = v/g − v/(g∖ij) pays i and j alike."""
    w, w1 = _positive("w(s)", "w(s+1)")
    first, second = _real("AD_i(u) so far", "AD_j(u) so far")
    u, ui, uj, uij, before, after = _real("u(S)", "u(S+i)", "u(S+j)", "u(S+i+j)", "v/g(S+i)", "v/(g∖ij)(S+i)")
    yield Step(
        "u(S + i) = 0 for S without j: the link ij joins no two members (and u(S + j) = 0 for S without i)",
        ui,
        given=(
            Given("u = v/g − v/(g∖ij)", ui - before + after),
            Given("S + i has the same links, so the same components and worth, without ij", before - after),
        ),
    )
    yield Step(
        "AD_i(u) = AD_j(u), one more S without i and j",
        (first + w * (ui - u) + w1 * (uij - uj)) - (second + w * (uj - u) + w1 * (uij - ui)),
        given=(
            Given("for the coalitions so far", first - second),
            Given("u(S + i) = 0", ui, "= 0", w + w1),
            Given("u(S + j) = 0", uj, "= 0", -w - w1),
        ),
    )
    of_i, of_j, with_i, with_j, cut_i, cut_j = _real(
        "AD_i(u)", "AD_j(u)", "AD_i(v/g)", "AD_j(v/g)", "AD_i(v/(g∖ij))", "AD_j(v/(g∖ij))"
    )
    yield Step(
        "deleting ij changes what i and j are paid by the same amount",
        (with_i - cut_i) - (with_j - cut_j),
        given=(
            Given("additivity (V4) for i", with_i - cut_i - of_i),
            Given("additivity (V4) for j", with_j - cut_j - of_j, "= 0", -1),
            Given("AD_i(u) = AD_j(u)", of_i - of_j),
        ),
    )
