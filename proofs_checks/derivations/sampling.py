"""V3: payoffs of `theory.sampling` for polynomial φ and any opinions, and what they are made of, against counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product
from math import comb, prod

from sympy import Integer

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.derivations.payoffs import POLYNOMIALS, Joining
from proofs_checks.oracles.games import coalition_game, shapley
from proofs_checks.studies.instances import partitions

Shape = tuple[int, ...]
OPINIONS = tuple(Fraction(x) for x in (2, -1, "1/2", 3, 0, "-5/3"))
SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (1, 1), (2, 1), (2, 2), (1, 1, 1), (3, 1, 1), (2, 2, 1), (1, 1, 1, 1))
DEGREES = range(6)


def monomial(shape: Shape, values: tuple[Fraction, ...]) -> Fraction:
    """Return Σ over distinct agents of y_{i1}^λ1 … y_{ib}^λb."""
    choices = permutations(values, len(shape))
    return sum(
        (prod((y**e for y, e in zip(choice, shape, strict=True)), start=Fraction(1)) for choice in choices), Fraction(0)
    )


def power(values: tuple[Fraction, ...], exponent: int) -> Fraction:
    """Return Σ y_i^exponent."""
    return sum((y**exponent for y in values), Fraction(0))


def value(degree: int, opinions: tuple[Fraction, ...], agent: int) -> Fraction:
    """Return the Shapley value of S ↦ Y_S^p/|S|^(p-1), by brute force."""
    found: Fraction = shapley(coalition_game(opinions, lambda u: u**degree), agent)
    return found


# --- What the closed forms are made of ----------------------------------------------------------------------------


def _inclusion() -> Check[tuple[int, int, int]]:
    from theory import symbols
    from theory.sampling import inclusion_probability

    def counted(x: tuple[int, int, int]) -> Fraction:
        k, s, b = x
        subsets = list(combinations(range(k - 1), s))
        return Fraction(sum(set(range(b)) <= set(S) for S in subsets), len(subsets))

    return compared(
        "inclusion_probability of theory.sampling against counting",
        "b of s of k - 1 agents, k ≤ 6",
        lambda: ((k, s, b) for k in range(1, 7) for s in range(k) for b in range(k)),
        lambda x: number(inclusion_probability(x[2]).subs({symbols.k: x[0], symbols.r: x[1]})),
        counted,
        show=lambda x: f"k = {x[0]}, s = {x[1]}, b = {x[2]}",
    )


def _set_partitions() -> Check[int]:
    from theory.sampling import set_partitions_by_type

    def counted(power: int) -> Counter[Shape]:
        blocks = (tuple(sorted(map(len, found), reverse=True)) for found in partitions(range(power)))
        return Counter(blocks)

    return compared(
        "set_partitions_by_type of theory.sampling against all set partitions",
        "powers up to 6",
        lambda: range(7),
        lambda power: Counter(dict(set_partitions_by_type(power))),
        counted,
    )


def _monomials() -> Check[tuple[Shape, int]]:
    from theory import sampling

    def derived(x: tuple[Shape, int]) -> tuple[Fraction, Fraction, Fraction]:
        shape, agents = x
        values = OPINIONS[:agents]
        sums = sampling.augmented_monomial(shape, lambda e: rational(power(values, e)))
        terms = sampling.power_sum_products(shape)
        alone = sampling.products_of_others(shape)
        every = sum(
            (n * prod((power(values, e) for e in mu), start=Fraction(1)) for mu, n in terms.items()), Fraction(0)
        )
        others = Fraction(0)
        for (own, mu), n in alone.items():
            others += n * values[0] ** own * prod((power(values, e) for e in mu), start=Fraction(1))
        return number(Integer(1) * sums), every, others

    def expected(x: tuple[Shape, int]) -> tuple[Fraction, Fraction, Fraction]:
        values = OPINIONS[: x[1]]
        return monomial(x[0], values), monomial(x[0], values), monomial(x[0], values[1:])

    return compared(
        "augmented_monomial, power_sum_products and products_of_others of theory.sampling against sums over agents",
        f"{len(SHAPES)} shapes, at most 5 agents",
        lambda: product(SHAPES, (1, 3, 5)),
        derived,
        expected,
        show=lambda x: f"λ = {x[0]}, {x[1]} agents",
    )


# --- The value ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """The first of k agents, and a power p."""

    degree: int
    k: int

    @property
    def opinions(self) -> tuple[Fraction, ...]:
        """The opinions of all k agents."""
        return OPINIONS[: self.k]

    def paid(self) -> Fraction:
        """Return its Shapley value in S ↦ Y_S^p/|S|^(p-1)."""
        return value(self.degree, self.opinions, 0)

    def __str__(self) -> str:
        return f"p = {self.degree}, k = {self.k}"


def _members(least: int = 0) -> Iterator[Member]:
    for k, degree in product(range(1, 7), DEGREES):
        if degree >= least:
            yield Member(degree, k)


def _closed() -> Check[Member]:
    """The terms with their coefficients, each times its sum over the others."""
    from theory.sampling import polynomial_value

    def derived(case: Member) -> Fraction:
        own, *others = case.opinions
        total = Fraction(0)
        for term in polynomial_value(case.degree):
            if term.power < 0 or term.power + sum(term.partition) != case.degree:
                raise ArithmeticError(f"a term of another degree: {term}")
            coefficient = number(Integer(1) * term.coefficient_at(case.k))
            if len(others) < len(term.partition) and coefficient != 0:
                raise ArithmeticError(f"a coefficient for more others than there are: {term}")
            total += coefficient * own**term.power * monomial(term.partition, tuple(others))
        return total

    return compared(
        "polynomial_value of theory.sampling against brute force",
        "powers up to 5, at most 6 agents",
        _members,
        derived,
        Member.paid,
    )


def _summed() -> Check[Member]:
    """The same from `member_terms` and `coefficient_summand`, which compiled code adds up."""
    from theory import symbols
    from theory.sampling import coefficient_summand, member_terms

    def coefficient(degree: int, own: int, blocks: int, k: int) -> Fraction:
        summand = coefficient_summand(degree, own, blocks)
        first = 1 if own == 0 else 0
        found = (summand.subs({symbols.k: k, symbols.r: r}) for r in range(first, k))
        return sum((number(x) for x in found), Fraction(0))

    def derived(case: Member) -> Fraction:
        known = {
            (own, blocks): coefficient(case.degree, own, blocks, case.k)
            for term in member_terms(case.degree)
            for own, blocks, _ in term.parts
        }
        total = Fraction(0)
        for term in member_terms(case.degree):
            if term.power < 0 or term.power + sum(term.partition) != case.degree:
                raise ArithmeticError(f"a term of another degree: {term}")
            weight = sum((count * known[own, blocks] for own, blocks, count in term.parts), Fraction(0))
            sums = prod((power(case.opinions, e) for e in term.partition), start=Fraction(1))
            total += weight * case.opinions[0] ** term.power * sums
        return total

    return compared(
        "member_terms and coefficient_summand of theory.sampling against brute force",
        "powers from 2 to 5, at most 6 agents, more than the power",
        lambda: (case for case in _members(2) if case.k > case.degree),
        derived,
        Member.paid,
    )


def _summands() -> Check[tuple[int, int, int, int]]:
    """What a number s of others contributes, by the definition."""
    from theory import symbols
    from theory.sampling import coefficient_summand

    def expected(x: tuple[int, int, int, int]) -> Fraction:
        degree, own, blocks, s = x
        subsets = list(combinations(range(OTHERS), s))
        chance = Fraction(sum(set(range(blocks)) <= set(S) for S in subsets), len(subsets))
        bracket = comb(degree, own) * Fraction(s + 1) ** (1 - degree)
        return chance * (bracket - (Fraction(s) ** (1 - degree) if own == 0 else 0)) / (OTHERS + 1)

    return compared(
        "coefficient_summand of theory.sampling against the definition",
        "powers from 2 to 4, k = 6",
        lambda: (
            (p, own, b, s) for p in (2, 3, 4) for own in range(p + 1) for b in range(p - own + 1) for s in (1, 2, 5)
        ),
        lambda x: number(coefficient_summand(*x[:3]).subs({symbols.k: OTHERS + 1, symbols.r: x[3]})),
        expected,
        show=lambda x: f"p = {x[0]}, own power {x[1]}, {x[2]} blocks, s = {x[3]}",
    )


OTHERS = 5


def _payoffs() -> Check[tuple[int, int, int]]:
    from theory.sampling import polynomial_payoff

    def case(x: tuple[int, int, int]) -> Joining:
        return Joining(POLYNOMIALS[x[0]], 0, 1, 1)

    return compared(
        "polynomial_payoff of theory.sampling against brute force",
        f"{len(POLYNOMIALS)} polynomials of degree ≤ 5, at most 5 agents, the first and the last",
        lambda: ((p, k, i) for p in range(len(POLYNOMIALS)) for k in (1, 2, 3, 5) for i in {0, k - 1}),
        lambda x: number(polynomial_payoff([rational(y) for y in OPINIONS[: x[1]]], x[2], case(x).text[0])),
        lambda x: case(x).paid(OPINIONS[: x[1]], x[2]),
        show=lambda x: f"φ = {case(x).text[0]}, {x[1]} agents, agent {x[2]}",
    )


def _quadratic() -> Check[int]:
    """The coefficients of y², yt, q and t², for a given size and for any."""
    from theory import symbols
    from theory.sampling import quadratic_coefficients

    y, t, q = symbols.y, symbols.t, symbols.q

    def derived(k: int) -> list[Fraction]:
        own, *others = OPINIONS[:k]
        at = {y: rational(own), t: rational(sum(others, Fraction(0))), q: rational(power(tuple(others), 2))}
        found = [quadratic_coefficients(k)]
        if k >= 3:
            found.append({key: c.subs(symbols.k, k).doit() for key, c in quadratic_coefficients().items()})
        return [number(sum((key.subs(at) * c for key, c in one.items()), Integer(0))) for one in found]

    return compared(
        "quadratic_coefficients of theory.sampling against brute force",
        "k ≤ 6",
        lambda: range(1, 7),
        derived,
        lambda k: [value(2, OPINIONS[:k], 0)] * (2 if k >= 3 else 1),
        show=lambda k: f"k = {k}",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of V3."""
    return (
        _inclusion(),
        _set_partitions(),
        _monomials(),
        _closed(),
        _summed(),
        _summands(),
        _payoffs(),
        _quadratic(),
    )
