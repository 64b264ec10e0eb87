"""T6: products of stochastic matrices bring agents together in every order if each of them does.

Supports of products compose, F_{AB}(S) = F_B(F_A(S)).  A cycle of pairs is a word whose square maps each of two
disjoint sets of agents into itself, so its powers never have equal rows.  If a product is not SIA it has two closed
classes, or one with a period: then two disjoint sets are permuted by it for ever, which is a cycle.  Without
cycles a path of pairs has at most as many nodes as there are pairs, (3ⁿ − 2ⁿ⁺¹ + 1)/2; a longer product has no two rows
with disjoint supports: it is scrambling.  The steps below turn that into the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

from sympy import Rational, Symbol

from proofs_checks.certificates import combination
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles import products as oracle
from proofs_checks.oracles.matrices import Matrix, ergodicity_coefficient
from proofs_checks.oracles.matrices import product as matrix_product
from proofs_checks.oracles.products import all_products, image, is_sia
from proofs_checks.steps import proof
from proofs_checks.studies.letters import Letters, cycle, disjoint_pairs, sets
from proofs_checks.studies.product_steps import count_steps, rate_steps
from proofs_checks.verdict import Certificate, Level


def ranks(letters: Letters, longest: float = float("inf")) -> dict[tuple[int, int], int] | None:
    """Return for each pair the number of nodes on the longest path from it, None if the graph has a cycle.

    `longest` limits the cycles that count (a mutant).
    """
    rank: dict[tuple[int, int], int] = {}
    path: list[tuple[int, int]] = []

    def explore(pair: tuple[int, int]) -> int | None:
        if pair in path:
            return None if len(path) - path.index(pair) <= longest else 0
        if pair not in rank:
            path.append(pair)
            best = 0
            for A in letters.patterns:
                S, T = sorted((image(A, pair[0]), image(A, pair[1])))
                further = 0 if S & T else explore((S, T))
                if further is None:
                    return None
                best = max(best, further)
            path.pop()
            rank[pair] = best + 1
        return rank[pair]

    for pair in disjoint_pairs(letters.agents):
        if explore(pair) is None:
            return None
    return rank


def _graph_certificate(letters: Letters, holds: bool) -> Certificate | None:
    """Return ranks without a cycle, or a cycle: the answer of the graph, for some of the sets (the smallest)."""
    if not holds or letters.agents > 2:
        return None
    rank = ranks(letters)
    if rank is None:
        return cycle(letters)
    return {"kind": "ranks", "patterns": letters.table, "ranks": {f"{S} {T}": r for (S, T), r in rank.items()}}


def _graph(longest: float = float("inf"), single: bool = False) -> Check[Letters]:
    """Acyclic if and only if every product is SIA; `single`: every matrix by itself (a mutant)."""

    def holds(letters: Letters) -> str | None:
        every = all(map(is_sia, letters.patterns if single else all_products(letters.patterns)))
        rank = ranks(letters, longest)
        if every != (rank is not None):
            return f"every {'matrix' if single else 'product'} is SIA: {every}; no cycle: {rank is not None}"
        return None

    return Check(
        what="the graph of pairs against all products, pattern by pattern",
        scope="n ≤ 3: every pattern, every pair of them for n = 2, one pair in 60 for n = 3",
        level=Level.EXACT,
        instances=lambda: (*sets(1), *sets(2), *sets(3, every=60)),
        conclusion=holds,
        part="graph",
        certify=_graph_certificate,
    )


@dataclass(frozen=True)
class Sequence:
    """The first k factors of an infinite product."""

    name: str
    letters: Letters
    factors: tuple[Matrix, ...]
    finite: bool = True

    @property
    def agents(self) -> int:
        """n."""
        return self.letters.agents

    def __str__(self) -> str:
        return f"{self.name}, the first {len(self.factors)} factors"


def _slower_and_slower(k: int) -> tuple[Matrix, ...]:
    """Return two agents whose weights on each other fall so fast that τ of the product is (k+2)/(2(k+1))."""
    shares = [Fraction(1, 2 * (t + 1) ** 2) for t in range(1, k + 1)]
    return tuple(((1 - a, a), (a, 1 - a)) for a in shares)


def _sequences() -> Iterator[Sequence]:
    for letters in (*sets(2), *sets(3, every=400)):
        for k in (1, 2, 3, 5):
            for word in islice(product(range(len(letters.patterns)), repeat=k), 8):
                matrices = letters.matrices
                yield Sequence(f"{letters}, word {word}", letters, tuple(matrices[w] for w in word))
    everyone = Letters(((3, 3),))
    for k in (1, 2, 6, 12):
        yield Sequence("two agents with weight 1/(2(t+1)²) on each other", everyone, _slower_and_slower(k), False)


Bound = Callable[[Fraction, int, int], Fraction]


def stated_rate(eps: Fraction, nu: int, k: int) -> Fraction:
    """Return (1 − ε^ν)^⌊k/ν⌋."""
    return (1 - eps**nu) ** (k // nu)


def _contracts(rate: Bound = stated_rate) -> Check[Sequence]:
    def holds(sequence: Sequence) -> str | None:
        whole = sequence.factors[0]
        for factor in sequence.factors[1:]:
            whole = matrix_product(whole, factor)
        if not sequence.finite:  # the least positive entry is 0 in the limit: the rate says nothing, agreement fails
            k, left = len(sequence.factors), ergodicity_coefficient(whole)
            return None if 2 * left <= 1 or left != Fraction(k + 2, 2 * k + 2) else f"τ = {left} > 1/2 after {k}"
        nu = oracle.scrambling_index(sequence.letters.patterns) or 1
        eps = min(x for factor in sequence.factors for row in factor for x in row if x > 0)
        bound, found = rate(eps, nu, len(sequence.factors)), ergodicity_coefficient(whole)
        return None if found <= bound else f"τ = {found} > {bound}, with ε = {eps}, ν = {nu}"

    def infinite(sequence: Sequence, fine: bool) -> Certificate | None:
        if fine or sequence.finite:
            return None
        k = Symbol("k", positive=True)
        note = "τ of the first k factors is (k+2)/(2(k+1)), the product of 1 − 1/(t+1)²: above 1/2 for every k"
        return combination((k + 2) / (2 * (k + 1)), "> 0", note=note, right=Rational(1, 2))

    return Check(
        what="τ of products by multiplication against the rate",
        scope="every set of two agents, some of three, words of up to 5 factors",
        level=Level.EXACT,
        instances=_sequences,
        conclusion=holds,
        hypotheses={
            "the set is finite": lambda s: s.finite,
            "every finite product is SIA": lambda s: all(map(is_sia, all_products(s.letters.patterns))),
        },
        part="rate",
        certify=infinite if rate is stated_rate else None,
    )


def _index(bound: Callable[[int], Fraction]) -> Check[Letters]:
    def holds(letters: Letters) -> str | None:
        from numerics.consensus_sets import is_consensus_set

        nu = oracle.scrambling_index(letters.patterns)
        found = is_consensus_set([[[float(x) for x in row] for row in W] for W in letters.matrices])
        if found.scrambling_index != nu:
            return f"scrambling index {nu}, numerics says {found.scrambling_index}"
        rank = ranks(letters)
        if rank is not None and max(rank.values(), default=1) != nu:
            return f"the longest path has {max(rank.values())} nodes, the scrambling index is {nu}"
        return None if nu is None or nu <= bound(letters.agents) else f"ν = {nu} > {bound(letters.agents)}"

    return Check(
        what="the scrambling index, the longest path of pairs, and numerics.consensus_sets",
        scope="n = 2: every set of at most two patterns, n = 3: some",
        level=Level.EXACT,
        instances=lambda: (*sets(2), *sets(3, every=150)),
        conclusion=holds,
        part="graph",
        tools=("sympy", "numpy"),
    )


def paz(n: int) -> Fraction:
    """Return (3ⁿ − 2ⁿ⁺¹ + 1)/2."""
    return Fraction(3**n - 2 ** (n + 1) + 1, 2)


def _counted() -> Check[int]:
    return Check(
        what="the number of disjoint pairs of nonempty sets, counted",
        scope="n ≤ 6",
        level=Level.EXACT,
        instances=lambda: range(1, 7),
        conclusion=lambda n: (
            None if len(disjoint_pairs(n)) == paz(n) else f"{len(disjoint_pairs(n))} pairs, not {paz(n)}"
        ),
        show=lambda n: f"n = {n}",
        part="count",
    )


def t6() -> Study:
    """Return the checks of T6."""
    rate = _contracts()
    scope = "all n, all finite sets and orders, if products of ν factors are scrambling (graph)"
    return Study(
        "T6",
        (
            proof("scrambling blocks contract", scope, rate_steps, part="rate"),
            proof("the number of pairs", "all n", count_steps, part="count"),
            rate,
            _graph(),
            _index(paz),
            _counted(),
        ),
        (
            Mutant("infinitely many matrices", rate.dropping("the set is finite"), "the set is finite"),
            Mutant(
                "a product is not SIA",
                rate.dropping("every finite product is SIA"),
                "every finite product is SIA",
            ),
            Mutant("every matrix is SIA, not every product", _graph(single=True), "every finite product is SIA"),
            Mutant("ε in place of ε^ν", _contracts(lambda e, nu, k: (1 - e) ** (k // nu)), "ν in ε^ν"),
            Mutant("k in place of ⌊k/ν⌋", _contracts(lambda e, nu, k: (1 - e**nu) ** k), "ν in ⌊k/ν⌋"),
            Mutant("(3ⁿ − 2ⁿ⁺¹)/2", _index(lambda n: paz(n) - Fraction(1, 2)), "(3ⁿ − 2ⁿ⁺¹ + 1)/2"),
            Mutant("loops count, longer cycles do not", _graph(longest=1), "cycles of any length"),
            Mutant("τ ≤ 0 in the proof", proof("", "", lambda: rate_steps(0))),
            Mutant("(3ⁿ − 2ⁿ + 1)/2 in the proof", proof("", "", lambda: count_steps(1))),
        ),
    )
