"""S7, in the long run: E V(t) stays between positive multiples of ρ_n^t V(0), from every start, for every n ≥ 3.

ρ = ρ_n is the spectral radius of the linear law of the mean squares.  That law is a positive operator, so its dual has
an eigenvector Y ≠ 0 in the cone (Krein and Rutman): a form Y_π ≥ 0 of the opinions for each structure π that no shift
of all opinions changes, with E Y(t) = ρ^t Y(0).  Averaged over the names of the agents it is still one.

Suppose Y = 0 at some state with V > 0.  Then Y = 0 wherever moves lead from there.  They lead to everyone alone; then
to all but one agent i with x_i ≠ x̄ in one coalition, V > 0; then to everyone alone again, opinions δ e_i up to a shift.
So e_iᵀ Y e_i = 0 for everyone alone, for every i by symmetry, and Y ≥ 0 vanishes there altogether.  From there agents
that agree merge into any structure, opinions as before: Y = 0 everywhere, a contradiction.  So Y > 0 where V > 0, and
by compactness c V ≤ Y ≤ C V with 0 < c ≤ C.

ρ ≤ 1 − 1/(2n) by E V(1) ≤ (1 − 1/(2n)) V(0); and ρ > 0 for n ≥ 3, as from sizes (n−1, 1) an agent can found its own
coalition and rejoin.  For n = 2 one move ends all disagreement: ρ_2 = 0, E V(t) = 0 for t ≥ 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Rational, Symbol

from proofs_checks.steps import Given, Step

HALF = Rational(1, 2)


def limit_steps() -> Iterator[Step]:
    """Yield ρ_2 = 0; for n ≥ 3 the two bounds of E V(t) by ρ^t V(0), and 0 < ρ; and ρ ≤ 1 − 1/(2n)."""
    yield from _pair_steps()
    yield from _vanishing_steps()
    yield from _form_steps()
    yield from _between_steps()
    yield from _rate_steps()


def _pair_steps() -> Iterator[Step]:
    """Yield that two agents agree after one move, if not before it."""
    x, y, joint, after = (Symbol(name, real=True) for name in ("x_1", "x_2", "c'", "V'"))
    yield Step(
        "n = 2, at different opinions: each can but join the other, then V = 0, so E V(t) = 0 for t ≥ 1, and ρ_2 = 0",
        after,
        given=(
            Given("V' is taken at c' of both", after - ((joint - (x + y) / 2) ** 2 + (joint - (x + y) / 2) ** 2)),
            Given("2 c' = x_1 + x_2", 2 * joint - (x + y), "= 0", joint - (x + y) / 2),
        ),
    )


def _vanishing_steps() -> Iterator[Step]:
    """Yield that zeros of Y spread, and where the moves lead."""
    chance, staying, others, j = (Symbol(name, positive=True) for name in ("p", "k−1", "n−1", "j"))
    rho = Symbol("rho", nonnegative=True)
    Y, after, rest = (Symbol(name, real=True) for name in ("Y", "Y'", "rest"))
    yield Step(
        "Y' ≥ 0 where a move of chance p leads is 0 if Y = 0 before it",
        -after,
        ">= 0",
        given=(
            Given("E Y(1) = ρ Y: Y is an eigenvector", chance * after + rest - rho * Y, "= 0", -1 / chance),
            Given("Y = 0 before the move", Y, "= 0", -rho / chance),
            Given("Y ≥ 0 after the other moves", rest, ">= 0", 1 / chance),
        ),
    )
    c, left, x, mean, out, sum_of = (Symbol(name, real=True) for name in ("c", "c'", "x_i", "x̄", "o", "Σ"))
    yield Step(
        "founding alone, again and again, leads to everyone alone, opinions as before: k − 1 of k agents stay at c",
        left - c,
        given=(
            Given("k agents at c, one of whom leaves at c", staying * left + c - (staying + 1) * c, "= 0", 1 / staying),
        ),
    )
    yield Step(
        "the others merge one by one: the first alone is the mean of one",
        out - sum_of,
        given=(Given("o = x, the first", out - x), Given("Σ = x", sum_of - x, "= 0", -1)),
    )
    yield Step(
        "and j of them being at their mean o, so are j + 1",
        (j + 1) * left - (sum_of + x),
        given=(
            Given("the entrant counts as one of j + 1", (j + 1) * left - (j * out + x)),
            Given("j o = Σ, so far", j * out - sum_of),
        ),
    )
    yield Step(
        "all but i in one coalition, V > 0: it is not at x_i unless x_i = x̄",
        (out - x) ** 2,
        "> 0",
        given=(
            Given("x_i ≠ x̄ for some i, as V > 0", (mean - x) ** 2, "> 0", ((others + 1) / others) ** 2),
            Given(
                "n x̄ is the sum of all opinions",
                (others + 1) * mean - x - others * out,
                "= 0",
                -(others * (out - x) + (others + 1) * (mean - x)) / others**2,
            ),
        ),
    )


def _form_steps() -> Iterator[Step]:
    """Yield that a symmetric form Y ≥ 0 of everyone alone that vanishes at δ e_i + a is 0."""
    own, other, cross, row, total, a = (
        Symbol(name, real=True) for name in ("Y_ii", "Y_jj", "Y_ij", "Σ_j Y_ij", "ΣΣ Y_ij", "a")
    )
    gap = Symbol("delta", positive=True)
    yield Step(
        "e_iᵀ Y e_i = 0 if Y vanishes at δ e_i + a, δ > 0 (or at minus that), all others at a",
        own,
        given=(
            Given("Y = 0 at δ e_i + a", gap**2 * own + 2 * gap * a * row + a**2 * total, "= 0", 1 / gap**2),
            Given("no shift changes Y: rows add up to 0", row, "= 0", -2 * a / gap),
            Given("and so do all entries", total, "= 0", -((a / gap) ** 2)),
        ),
    )
    for sign, relation, place in ((1, "≥", "e_i + e_j"), (-1, "≤", "e_i − e_j")):
        yield Step(
            f"Y_ij {relation} 0 for i ≠ j; both, so Y = 0 for everyone alone",
            sign * cross,
            ">= 0",
            given=(
                Given(f"Y ≥ 0 at {place}", own + 2 * sign * cross + other, ">= 0", HALF),
                Given("e_iᵀ Y e_i = 0", own, "= 0", -HALF),
                Given("e_jᵀ Y e_j = 0, agents being alike", other, "= 0", -HALF),
            ),
        )


def _between_steps() -> Iterator[Step]:
    """Yield E Y(t) = ρ^t Y(0), and E V(t) between multiples of ρ^t V(0)."""
    rho, power, V0, V = (Symbol(name, nonnegative=True) for name in ("rho", "ρ^t", "V(0)", "V"))
    least, most = (Symbol(name, positive=True) for name in ("c", "C"))
    Y0, Y, after = (Symbol(name, real=True) for name in ("Y(0)", "Y", "Y'"))
    known = Y - power * Y0
    yield Step(
        "E Y(t) = ρ^t Y(0) for t = 0",
        known,
        given=(Given("Y is Y(0)", Y - Y0), Given("ρ^0 = 1", power - 1, "= 0", -Y0)),
    )
    yield Step(
        "E Y(t) = ρ^t Y(0) gives E Y(t+1) = ρ^(t+1) Y(0)",
        after - rho * power * Y0,
        given=(Given("E Y(t+1) = ρ E Y(t)", after - rho * Y), Given("E Y(t) = ρ^t Y(0)", known, "= 0", rho)),
    )
    bounds = "c V ≤ Y, as Y > 0 where V > 0", "Y ≤ C V, as Y = 0 where V = 0"
    yield Step(
        "E V(t) ≤ (C/c) ρ^t V(0)",
        most / least * power * V0 - V,
        ">= 0",
        given=(
            Given("E Y(t) = ρ^t Y(0)", known, "= 0", -1 / least),
            Given(bounds[0], Y - least * V, ">= 0", 1 / least),
            Given(bounds[1] + ", at the start", most * V0 - Y0, ">= 0", power / least),
        ),
    )
    yield Step(
        "E V(t) ≥ (c/C) ρ^t V(0): with ρ, V(0) > 0 the limit of (E V(t))^(1/t) is ρ",
        V - least / most * power * V0,
        ">= 0",
        given=(
            Given("E Y(t) = ρ^t Y(0)", known, "= 0", 1 / most),
            Given(bounds[1], most * V - Y, ">= 0", 1 / most),
            Given(bounds[0] + ", at the start", Y0 - least * V0, ">= 0", power / most),
        ),
    )


def _rate_steps() -> Iterator[Step]:
    """Yield ρ ≤ 1 − 1/(2n), and E V(2k) ≥ s^k V(0) with s > 0, so that ρ² ≥ s."""
    n, rho, V, top = (Symbol(name, positive=True) for name in ("n", "rho", "V", "max Y/V"))
    Y, after_Y, after_V = (Symbol(name, real=True) for name in ("Y", "Y'", "V'"))
    yield Step(
        "ρ ≤ 1 − 1/(2n), seen at a state where Y/V is greatest",
        1 - 1 / (2 * n) - rho,
        ">= 0",
        given=(
            Given("E Y(1) = ρ Y", after_Y - rho * Y, "= 0", 1 / (top * V)),
            Given("Y = max(Y/V)·V here", Y - top * V, "= 0", rho / (top * V)),
            Given("Y ≤ max(Y/V)·V after the move", top * after_V - after_Y, ">= 0", 1 / (top * V)),
            Given("E V(1) ≤ (1 − 1/(2n)) V", (1 - 1 / (2 * n)) * V - after_V, ">= 0", 1 / V),
        ),
    )
    agents = 3 + Symbol("n−3", nonnegative=True)
    leave, rejoin, s = (Symbol(name, real=True) for name in ("leave", "rejoin", "s"))
    back, further, power, start = (Symbol(name, nonnegative=True) for name in ("P", "P'", "s^k", "V(0)"))
    yield Step(
        "sizes (n−1, 1): one of n − 1 agents leaves and rejoins, by a chance s > 0",
        s,
        "> 0",
        given=(
            Given("s = leave·rejoin", s - leave * rejoin),
            Given(
                "each of n − 1 agents has 2 targets, one is being alone",
                leave - (agents - 1) / (2 * agents),
                "= 0",
                rejoin,
            ),
            Given("then there are 2 coalitions to join", rejoin - 1 / (2 * agents), "= 0", (agents - 1) / (2 * agents)),
        ),
    )
    yield Step(
        "the chance P to be where the start was after 2k moves is ≥ s^k for k = 0",
        back - power,
        ">= 0",
        given=(Given("P = 1", back - 1), Given("s^0 = 1", power - 1, "= 0", -1)),
    )
    positive = Symbol("s", positive=True)
    yield Step(
        "and then for k + 1",
        further - positive * power,
        ">= 0",
        given=(
            Given("being there again: P' ≥ s P", further - positive * back, ">= 0"),
            Given("P ≥ s^k, so far", back - power, ">= 0", positive),
        ),
    )
    yield Step(
        "so E V(2k) ≥ s^k V(0), and ρ ≥ √s > 0",
        after_V - power * start,
        ">= 0",
        given=(
            Given("V is V(0) there and ≥ 0 elsewhere", after_V - back * start, ">= 0"),
            Given("P ≥ s^k", back - power, ">= 0", start),
        ),
    )
