"""T3: the closed-form spectra of the families, by exact power sums.

The eigenvalues of a matrix of size n, with multiplicities, are determined by the traces of its first n powers
(Newton's identities).  The traces come from the matrix; the power sums of the closed forms, cosines included,
from exact arithmetic with roots of unity.  For every n, eigenvectors are verified entry by entry.

Walks are lazy: with the probability h an agent listens to a uniformly random neighbour, else to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import matrix_text
from proofs_checks.oracles.cyclotomic import CosineNumber, power_sum
from proofs_checks.oracles.matrices import Matrix, product, trace
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

ONE, ZERO = Fraction(1), Fraction(0)
Values = Callable[[int, Fraction], list[CosineNumber]]


@dataclass(frozen=True)
class Family:
    """A family: the sizes, who listens to whom (or the matrix itself), and the closed form of the spectrum."""

    name: str
    sizes: tuple[int, ...]
    matrix: Callable[[int, Fraction], Matrix]
    values: Values


def walk(neighbours: Callable[[int, int], set[int]]) -> Callable[[int, Fraction], Matrix]:
    """Return the lazy walk on a graph, given the neighbours of agent i among n."""

    def matrix(n: int, h: Fraction) -> Matrix:
        rows = []
        for i in range(n):
            near = neighbours(n, i)
            rows.append(tuple((1 - h if i == j else ZERO) + (h / len(near) if j in near else ZERO) for j in range(n)))
        return tuple(rows)

    return matrix


def _lazy_uniform(n: int, h: Fraction) -> Matrix:
    return tuple(tuple((1 - h if i == j else ZERO) + h / n for j in range(n)) for i in range(n))


def _rank_one(n: int, h: Fraction) -> Matrix:
    weights = [h + j for j in range(n)]
    return (tuple(a / sum(weights) for a in weights),) * n


def _constant(*runs: tuple[Callable[[int, Fraction], Fraction], Callable[[int], int]]) -> Values:
    """Return rational eigenvalues: pairs of a value and its multiplicity."""
    return lambda n, h: [CosineNumber(value(n, h)) for value, count in runs for _ in range(count(n))]


def _cosines(turn: Callable[[int, int], Fraction]) -> Values:
    """Return 1 − h + h cos(2π turn(j, n)), j = 0..n−1."""
    return lambda n, h: [CosineNumber(1 - h, h, turn(j, n)) for j in range(n)]


def _hypercube(step: int = 2) -> Values:
    """Return 1 − 2hj/d with multiplicity C(d, j): one eigenvalue per subset of the d dimensions."""

    def values(n: int, h: Fraction) -> list[CosineNumber]:
        d = n.bit_length() - 1
        return [CosineNumber(1 - step * h * S.bit_count() / d) for S in range(n)]

    return values


def _one(n: int, h: Fraction) -> Fraction:
    return ONE


BIPARTITE = _constant((_one, lambda n: 1), (lambda n, h: 1 - 2 * h, lambda n: 1), (lambda n, h: 1 - h, lambda n: n - 2))
FAMILIES = (
    Family(
        "uniform",
        tuple(range(1, 9)),
        lambda n, h: _lazy_uniform(n, ONE),
        _constant((_one, lambda n: 1), (lambda n, h: ZERO, lambda n: n - 1)),
    ),
    Family(
        "lazy uniform",
        tuple(range(1, 9)),
        _lazy_uniform,
        _constant((_one, lambda n: 1), (lambda n, h: 1 - h, lambda n: n - 1)),
    ),
    Family(
        "complete",
        tuple(range(2, 9)),
        walk(lambda n, i: set(range(n)) - {i}),
        _constant((_one, lambda n: 1), (lambda n, h: 1 - h * n / (n - 1), lambda n: n - 1)),
    ),
    Family(
        "ring", tuple(range(3, 9)), walk(lambda n, i: {(i - 1) % n, (i + 1) % n}), _cosines(lambda j, n: Fraction(j, n))
    ),
    Family(
        "path",
        tuple(range(2, 9)),
        walk(lambda n, i: {i - 1, i + 1} & set(range(n))),
        _cosines(lambda j, n: Fraction(j, 2 * (n - 1))),
    ),
    Family("star", tuple(range(2, 9)), walk(lambda n, i: set(range(1, n)) if i == 0 else {0}), BIPARTITE),
    Family(
        "complete bipartite, two agents on one side",
        tuple(range(3, 9)),
        walk(lambda n, i: set(range(2, n)) if i < 2 else {0, 1}),
        BIPARTITE,
    ),
    Family("hypercube", (2, 4, 8), walk(lambda n, i: {i ^ 1 << d for d in range(n.bit_length() - 1)}), _hypercube()),
    Family(
        "rank one", tuple(range(1, 9)), _rank_one, _constant((_one, lambda n: 1), (lambda n, h: ZERO, lambda n: n - 1))
    ),
)
BY_NAME = {family.name: family for family in FAMILIES}
RATES = (Fraction(1, 2), Fraction(1), Fraction(2, 3))


@dataclass(frozen=True)
class Member:
    """One matrix of a family."""

    family: Family
    n: int
    h: Fraction

    def __str__(self) -> str:
        return f"{self.family.name}, n = {self.n}, h = {self.h}, {matrix_text(self.family.matrix(self.n, self.h))}"


def members(families: tuple[Family, ...]) -> Iterator[Member]:
    """Yield every member of the families, smallest first."""
    for n in range(1, 9):
        for family in families:
            if n in family.sizes:
                for h in RATES:
                    yield Member(family, n, h)


def steps(ring: Callable[[Expr], Expr] = lambda z: (z + 1 / z) / 2) -> Iterator[Step]:
    """Yield W v = λ v entry by entry for n independent vectors v of each family, for any n.

    P is the walk without laziness: W = (1−h) I + h P has the eigenvalues 1 − h + hμ.  Cosines enter as
    cos(kθ) = (z^k + z^{−k})/2 with z = e^{iθ}.
    """
    h, n = Symbol("h", positive=True), Symbol("n", positive=True)
    mu = Symbol("mu", real=True)
    yield Step("W v = (1 − h + hμ) v if P v = μ v", (1 - h) + h * mu - (1 - h + h * mu))
    weight, total = Symbol("a_k", positive=True), Symbol("Σ a", positive=True)
    yield Step("rank one, uniform: W² = W, so μ is 0 or 1, and 1 once, as tr W = Σ a_k/Σa = 1", total / total - 1)
    yield Step("rank one: Σ_k W_ik W_kj = W_ij", total / total * weight / total - weight / total)
    yield Step("complete: P = (J − I)/(n−1), J has n once: μ = 1", (n - 1) / (n - 1) - 1)
    lazy = 1 - h + h * (0 - 1) / (n - 1)
    yield Step("complete: and 0 with multiplicity n − 1: 1 − hn/(n−1)", lazy - (1 - h * n / (n - 1)))
    z, power = Symbol("z", positive=True), Symbol("z^k", positive=True)
    yield Step(
        "ring: (z^{k−1} + z^{k+1})/2 = cos θ z^k, periodic if z^n = 1", (power / z + power * z) / 2 - ring(z) * power
    )
    cosine = (power + 1 / power) / 2
    before, after = (power / z + z / power) / 2, (power * z + 1 / (power * z)) / 2
    yield Step("path, inside: (cos (k−1)θ + cos (k+1)θ)/2 = cos θ cos kθ", (before + after) / 2 - ring(z) * cosine)
    yield Step("path, first agent: cos θ = cos θ cos 0", (z + 1 / z) / 2 - ring(z))
    for end in (1, -1):  # z^{n−1} = ±1 for θ = πj/(n−1); n distinct cosines, so n eigenvalues
        last = before.subs(power, end) - ring(z) * cosine.subs(power, end)
        yield Step(f"path, last agent, z^(n−1) = {end}: cos (n−2)θ = cos θ cos (n−1)θ", last)
    q, sign = Symbol("q", positive=True), Symbol("v", real=True)
    yield Step("bipartite: v on one side and −v on the other has μ = −1", q * (-sign) / q + sign)
    yield Step(
        "bipartite: sum 0 on each side has μ = 0; 1 + 1 + (p−1) + (q−1) vectors", 1 + 1 + (n - 1) + (q - 1) - n - q
    )
    d, j = Symbol("d", positive=True), Symbol("j", nonnegative=True)
    flips = ((d - j) - j) / d
    yield Step(
        "hypercube: of d flips j change the sign of a character: 1 − 2hj/d", 1 - h + h * flips - (1 - 2 * h * j / d)
    )


def _power_sums(families: tuple[Family, ...], values: Values | None = None) -> Check[Member]:
    def holds(member: Member) -> str | None:
        W = member.family.matrix(member.n, member.h)
        claimed = (values or member.family.values)(member.n, member.h)
        if len(claimed) != member.n:
            return f"{len(claimed)} eigenvalues"
        P = W
        for p in range(1, member.n + 1):
            expected = power_sum(claimed, p)
            if trace(P) != expected:
                return f"tr(W^{p}) = {trace(P)}, the closed form gives {expected or 'an irrational number'}"
            P = product(P, W)
        return None

    return Check(
        what="traces of powers against power sums of the closed form",
        scope=f"{len(FAMILIES)} families, n ≤ 8, h in {{1/2, 2/3, 1}}",
        level=Level.EXACT,
        instances=lambda: members(families),
        conclusion=holds,
    )


def _mutant(description: str, name: str, values: Values) -> Mutant:
    return Mutant(description, _power_sums((BY_NAME[name],), values))


def t3() -> Study:
    """Return the checks of T3."""
    return Study(
        "T3",
        (
            proof("eigenvectors, entry by entry", f"the {len(FAMILIES)} families, all n and h", steps),
            _power_sums(FAMILIES),
        ),
        (
            Mutant("cos 2θ in the proof", proof("", "", lambda: steps(lambda z: (z**2 + 1 / z**2) / 2))),
            _mutant("path: cos(πj/n)", "path", _cosines(lambda j, n: Fraction(j, 2 * n))),
            _mutant("path: the formula of the ring", "path", _cosines(lambda j, n: Fraction(j, n))),
            _mutant("ring: cos(πj/n)", "ring", _cosines(lambda j, n: Fraction(j, 2 * n))),
            _mutant("complete: 1 − h", "complete", BY_NAME["lazy uniform"].values),
            _mutant("star: 1 − h with multiplicity n − 1", "star", BY_NAME["lazy uniform"].values),
            _mutant("hypercube: 1 − hj/d", "hypercube", _hypercube(1)),
            _mutant(
                "lazy uniform: 1 − 2h",
                "lazy uniform",
                _constant((_one, lambda n: 1), (lambda n, h: 1 - 2 * h, lambda n: n - 1)),
            ),
        ),
    )
