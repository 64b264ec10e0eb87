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

from sympy import Expr, Rational, Symbol, cos, pi

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


def _self_weighted(n: int, h: Fraction) -> Matrix:
    return tuple(tuple((h if i == j else ONE) / (n - 1 + h) for j in range(n)) for i in range(n))


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
        "complete with self-weight h",
        tuple(range(2, 9)),
        _self_weighted,
        _constant((_one, lambda n: 1), (lambda n, h: (h - 1) / (n - 1 + h), lambda n: n - 1)),
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
    yield Step("complete with self-weight h: (J + (h−1) I)/(n−1+h), J = n", (n + h - 1) / (n - 1 + h) - 1)
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


def _compare(W: Matrix, claimed: list[CosineNumber]) -> str | None:
    """Return None if the claimed numbers are the spectrum of W, the first trace that differs otherwise."""
    if len(claimed) != len(W):
        return f"{len(claimed)} eigenvalues claimed"
    P = W
    for p in range(1, len(W) + 1):
        total = power_sum(claimed, p)
        if trace(P) != total:
            return f"tr(W^{p}) = {trace(P)}, the closed form gives {'an irrational number' if total is None else total}"
        P = product(P, W)
    return None


def _power_sums(families: tuple[Family, ...], values: Values | None = None) -> Check[Member]:
    def holds(member: Member) -> str | None:
        W = member.family.matrix(member.n, member.h)
        claimed = (values or member.family.values)(member.n, member.h)
        return _compare(W, claimed)

    return Check(
        what="traces of powers against power sums of the closed form",
        scope=f"{len(FAMILIES)} families, n ≤ 8, h in {{1/2, 2/3, 1}}",
        level=Level.EXACT,
        instances=lambda: members(families),
        conclusion=holds,
    )


# the family's name in `theory.spectra`, and its parameters there for n agents and the rate h
NAMES: dict[str, tuple[str, Callable[[int, Fraction], dict[str, Rational]]]] = {
    "uniform": ("uniform", lambda n, h: {"n": Rational(n)}),
    "lazy uniform": ("lazy_uniform", lambda n, h: {"n": Rational(n), "epsilon": Rational(str(h))}),
    "complete": ("complete_graph", lambda n, h: {"n": Rational(n), "h": Rational(str(h))}),
    "complete with self-weight h": ("complete", lambda n, h: {"n": Rational(n), "w": Rational(str(h))}),
    "ring": ("ring", lambda n, h: {"n": Rational(n), "h": Rational(str(h))}),
    "path": ("path", lambda n, h: {"n": Rational(n), "h": Rational(str(h))}),
    "star": ("star", lambda n, h: {"n": Rational(n), "h": Rational(str(h))}),
    "complete bipartite, two agents on one side": (
        "complete_bipartite",
        lambda n, h: {"p": Rational(2), "q": Rational(n - 2), "h": Rational(str(h))},
    ),
    "hypercube": ("hypercube", lambda n, h: {"d": Rational(n.bit_length() - 1), "h": Rational(str(h))}),
    "rank one": ("rank_one", lambda n, h: {"n": Rational(n)}),
}


def derived(family: Family) -> Values:
    """Return the eigenvalues that `theory` derives for a family.

    A cosine is read off the formula before sympy evaluates it, so that it stays an exact angle.
    """

    def values(n: int, h: Fraction) -> list[CosineNumber]:
        from theory import spectra

        name, parameters = NAMES[family.name]
        numbers = parameters(n, h)
        found = []
        for value, times, index in spectra.spectrum(name).eigenvalues:
            at = {symbol: numbers[symbol.name] for symbol in (value + times).free_symbols if symbol.name in numbers}
            if index is None:
                found += [_read(value, at)] * int(times.subs(at))
                continue
            first, last = (int(bound.subs({x: numbers[x.name] for x in bound.free_symbols})) for bound in index[1:])
            for r in range(first, last + 1):
                here = {**at, index[0]: Rational(r)}
                found += [_read(value, here)] * int(times.subs(here))
        return found

    return values


def _read(value: Expr, at: dict[Symbol, Rational]) -> CosineNumber:
    cosines = value.atoms(cos)
    if not cosines:
        return CosineNumber(Fraction(str(value.subs(at))))
    (cosine,) = cosines
    x = Symbol("x")
    linear = value.subs(cosine, x).subs(at)
    rest, factor = linear.subs(x, 0), linear.subs(x, 1) - linear.subs(x, 0)
    return CosineNumber(Fraction(str(rest)), Fraction(str(factor)), Fraction(str(cosine.args[0].subs(at) / (2 * pi))))


def _derived_check() -> Check[Member]:
    def holds(member: Member) -> str | None:
        claimed = sorted(derived(member.family)(member.n, member.h))
        W = member.family.matrix(member.n, member.h)
        return _compare(W, claimed)

    return Check(
        what="the spectra of theory.spectra against traces of powers",
        scope=f"{len(NAMES)} families, n ≤ 6, h in {{1/2, 2/3, 1}}",
        level=Level.EXACT,
        instances=lambda: (x for x in members(tuple(f for f in FAMILIES if f.name in NAMES)) if x.n <= 6),
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
            _derived_check(),
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
