"""T5: independent random influence brings agents together if and only if its mean does.

With positive diagonals a product has the positive entries of each of its factors, so a word in which every matrix
occurs n − 1 times is positive where the (n−1)-th power of E[W] is.  If E[W] has one closed class, it is scrambling, and
as it occurs again and again with a probability p > 0 in each block, spreads die out.  Otherwise E[W] has two closed
classes (|λ₂| = 1), which no W(t) ever connects: opinions 0 on one and 1 on the other stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from sympy import Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.matrices import Matrix, characteristic_polynomial, deflated, roots_within
from proofs_checks.oracles.products import all_products, is_scrambling, is_sia
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.letters import Letters, cycle, sets
from proofs_checks.verdict import Certificate, Level


def scrambling_steps() -> Iterator[Step]:
    """Yield why one closed class of E[W] means a word that contracts, and |λ₂| < 1."""
    entry, first, second = (Symbol(name, positive=True) for name in ("U_ik", "V_kj", "U_ik V_kj"))
    whole, rest = Symbol("(UV)_ij", nonnegative=True), Symbol("other terms", nonnegative=True)
    yield Step(
        "(UV)_ij > 0 if U_ik > 0 and V_kj > 0: with k = j or k = i and positive diagonals, positive entries stay; so a "
        "word with every matrix n − 1 times in turn has, link by link, all paths of E[W] of n − 1 links",
        whole,
        "> 0",
        given=(
            Given("(UV)_ij = Σ_k U_ik V_kj", whole - second - rest, "= 0", 1),
            Given("the term of k", second - entry * first, "= 0", 1),
        ),
    )
    tau, least, others = (Symbol(name, nonnegative=True) for name in ("τ", "ε", "Σ other minima"))
    yield Step(
        "one closed class: an agent to whom such paths lead from everyone, a positive column: τ ≤ 1 − ε",
        1 - least - tau,
        ">= 0",
        given=(Given("T2: τ is 1 − the least overlap of two rows", 1 - tau - (least + others), "= 0", 1),),
    )
    lam, room = Symbol("|λ₂|^(n−1)", nonnegative=True), Symbol("ε of E[W]^(n−1)", positive=True)
    yield Step(
        "then |λ₂(E[W])| < 1",
        1 - lam,
        "> 0",
        given=(
            Given("T2: slem(E[W]^(n−1)) ≤ τ", tau - lam, ">= 0"),
            Given("the same positive column: τ ≤ 1 − ε", 1 - room - tau, ">= 0"),
        ),
    )


def chance_steps(sign: int = 1) -> Iterator[Step]:
    """Yield why spreads die out if one word contracts."""
    p, least, rest = Symbol("p", positive=True), Symbol("ε", positive=True), Symbol("1−p", nonnegative=True)
    of_block, before, whole, bound = (
        Symbol(name, nonnegative=True) for name in ("E τ(block)", "E τ of q blocks", "E τ of q+1 blocks", "b^q")
    )
    room = Symbol("1−pε", nonnegative=True)
    yield Step(
        "the word is a block with the same probability p > 0 each time, τ ≤ 1 − ε then and ≤ 1 otherwise: "
        "E τ(block) ≤ 1 − p ε",
        1 - p * least - of_block,
        ">= 0",
        given=(
            Given("E τ(block) ≤ p (1 − ε) + (1−p)", p * (1 - least) + rest - of_block, ">= 0", 1),
            Given("the probabilities add up to 1", p + rest - 1, "= 0", -1),
        ),
    )
    yield Step(
        "blocks are independent, so E τ of q + 1 blocks ≤ (1 − p ε)^(q+1): it is summable, and τ → 0 almost surely "
        "(Markov, Borel and Cantelli)",
        sign * (bound * room - whole),
        ">= 0",
        given=(
            Given("T2 and independence: E τ(UV) ≤ E τ(U) E τ(V)", before * of_block - whole, ">= 0", 1),
            Given("induction", bound - before, ">= 0", room),
            Given("one block", room - of_block, ">= 0", before),
        ),
    )


def apart_steps() -> Iterator[Step]:
    """Yield why two closed classes of E[W] never meet, and |λ₂| = 1."""
    inside, image, x = Symbol("Σ_S W_ij", nonnegative=True), Symbol("(Wx)_i", real=True), Symbol("x on S", real=True)
    yield Step(
        "two closed classes: agents of S listen to S only, for every W(t), so equal opinions on S stay",
        image - x,
        given=(
            Given("E[W_ij] = 0 and W_ij ≥ 0 outside S: the row sums to 1 on S", inside - 1, "= 0", x),
            Given("(Wx)_i = Σ_S W_ij x", image - inside * x, "= 0", 1),
        ),
    )
    gap, on_s, on_t = (Symbol(name, real=True) for name in ("spread", "opinion on S", "opinion on T"))
    yield Step(
        "the spread stays 1 for W(t) and for E[W]: neither agrees, and |λ₂(E[W])| is not below 1",
        gap - 1,
        ">= 0",
        given=(
            Given("the spread is at least the difference", gap - (on_s - on_t), ">= 0"),
            Given("opinions on S stay 1", on_s - 1),
            Given("opinions on T stay 0", on_t, "= 0", -1),
        ),
    )


def mean(letters: Letters) -> Matrix:
    """Return E[W] when each matrix of the set has the same chance."""
    share = Fraction(1, len(letters.patterns))
    matrices, n = letters.matrices, letters.agents
    return tuple(tuple(share * sum((W[i][j] for W in matrices), Fraction(0)) for j in range(n)) for i in range(n))


def contracts(W: Matrix, radius: Fraction = Fraction(1)) -> bool:
    """Return whether all eigenvalues but one 1 are below `radius` in modulus."""
    return roots_within(deflated(characteristic_polynomial(W), Fraction(1)), radius, strict=True)


def agrees_almost_surely(letters: Letters) -> bool:
    """Return whether some finite product is scrambling: it occurs again and again; if none is, τ = 1 for ever."""
    return any(map(is_scrambling, all_products(letters.patterns)))


def agrees_if_repeated(letters: Letters) -> bool:
    """Return whether W(0) = W(1) = … leads to agreement whichever matrix it is."""
    return all(is_sia(A) for A in letters.patterns)


def agrees_if_rarer(letters: Letters) -> bool:
    """Return whether opinions agree if the last matrix has the chance 2^−(t+1) at time t, otherwise it is the first.

    The last one occurs finitely often, and not at all with a probability of at least (1/2)(3/4)(1 − 1/4) > 0.
    """
    return is_sia(letters.patterns[0])


def _repeated(letters: Letters, holds: bool) -> Certificate | None:
    """Return the cycle of one matrix of the set: repeated for ever, it never leads to agreement."""
    stuck = [A for A in letters.patterns if not is_sia(A)]
    return None if holds or not stuck else cycle(Letters((stuck[0],)))


def _criterion(
    criterion: Callable[[Letters], bool] = lambda letters: contracts(mean(letters)),
    agrees: Callable[[Letters], bool] = agrees_almost_surely,
) -> Check[Letters]:
    def holds(letters: Letters) -> str | None:
        expected, found = criterion(letters), agrees(letters)
        return None if expected == found else f"the criterion says {expected}, agreement: {found}"

    def instances() -> Iterator[Letters]:
        yield from sets(1)
        yield from sets(2)
        yield from sets(3, diagonal=True, every=3)

    return Check(
        what="|λ₂| of E[W] by the Jury conditions against scrambling products",
        scope="n ≤ 2: every set of at most two patterns, n = 3: every pattern, one pair in three; equal chances",
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        hypotheses={
            "positive diagonals": lambda letters: all(row >> i & 1 for A in letters.patterns for i, row in enumerate(A))
        },
        certify=_repeated if agrees is agrees_if_repeated else None,
    )


def t5() -> Study:
    """Return the checks of T5."""
    exact = _criterion()
    scope = "all n, all finite sets with positive diagonals, all chances"
    half = Fraction(1, 2)
    return Study(
        "T5",
        (
            proof("a scrambling word from one closed class", scope, scrambling_steps),
            proof("it occurs again and again", scope, chance_steps),
            proof("two closed classes", scope, apart_steps),
            exact,
        ),
        (
            Mutant("without positive diagonals", exact.dropping("positive diagonals"), "positive diagonals"),
            Mutant("W(t) = W(0) for all t", _criterion(agrees=agrees_if_repeated), "W(t) are independent"),
            Mutant(
                "the last matrix is drawn ever more rarely",
                _criterion(agrees=agrees_if_rarer),
                "W(t) are identically distributed",
            ),
            Mutant(
                "every matrix alone contracts", _criterion(lambda x: all(map(contracts, x.matrices))), "the mean E[W]"
            ),
            Mutant("|λ₂| < 1/2", _criterion(lambda x: contracts(mean(x), half)), "1 as the bound of |λ₂|"),
            Mutant("the opposite sign in the proof", proof("", "", lambda: chance_steps(-1))),
        ),
    )
