"""T3: the closed-form spectra of the families, by exact power sums.

The eigenvalues of a matrix of size n, with multiplicities, are determined by the traces of its first n powers
(Newton's identities).  The traces come from the matrix; the power sums of the closed forms, cosines included,
from exact arithmetic with roots of unity.  For every n the proof is in `eigenvectors`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr, Rational, Symbol, cos, pi

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.cyclotomic import CosineNumber, power_sum
from proofs_checks.oracles.matrices import Matrix, product, trace
from proofs_checks.steps import proof
from proofs_checks.studies.eigenvectors import eigenvector_steps
from proofs_checks.studies.families import (
    BY_NAME,
    FAMILIES,
    FAMILY,
    ONE,
    OUTSIDE,
    Family,
    Member,
    Values,
    constant,
    cosines,
    hypercube,
    members,
    one,
)
from proofs_checks.studies.written import dot
from proofs_checks.verdict import Certificate, Level

SCOPE = f"the {len(FAMILIES)} families, n ≥ 2 for walks (rings: n ≥ 3), n − 1 + w > 0, all ε, a, h"


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
    def claimed(member: Member) -> list[CosineNumber]:
        return (values or member.family.values)(member.n, member.h)

    def certify(member: Member, holds: bool) -> Certificate | None:
        W, numbers = member.family.matrix(member.n, member.h), claimed(member)
        if holds or any(x.b for x in numbers):
            return None
        flat = [x for row in W for x in row]
        columns = [x for column in zip(*W, strict=True) for x in column]
        for p, trace_of_power in ((1, " + ".join(str(W[i][i]) for i in range(member.n))), (2, dot(flat, columns))):
            total = " + ".join(f"({x.a})**{p}" for x in numbers)
            if trace(W if p == 1 else product(W, W)) != power_sum(numbers, p):
                return value(f"{trace_of_power} == {total}", note=f"tr W^{p} = Σ λ^{p}")
        return None

    return Check(
        what="traces of powers against power sums of the closed form",
        scope=f"{len(FAMILIES)} families, n ≤ 6 (hypercube: 8), h in {{1/2, 2/3, 1}}",
        level=Level.EXACT,
        instances=lambda: members(families),
        conclusion=lambda member: _compare(member.family.matrix(member.n, member.h), claimed(member)),
        hypotheses={FAMILY: lambda member: member.family in FAMILIES},
        certify=certify,
        tools=(),
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
        for formula, times, index in spectra.spectrum(name).eigenvalues:
            at = {symbol: numbers[symbol.name] for symbol in (formula + times).free_symbols if symbol.name in numbers}
            if index is None:
                found += [_read(formula, at)] * int(times.subs(at))
                continue
            first, last = (int(bound.subs({x: numbers[x.name] for x in bound.free_symbols})) for bound in index[1:])
            for r in range(first, last + 1):
                here = {**at, index[0]: Rational(r)}
                found += [_read(formula, here)] * int(times.subs(here))
        return found

    return values


def _read(formula: Expr, at: dict[Symbol, Rational]) -> CosineNumber:
    cosines = formula.atoms(cos)
    if not cosines:
        return CosineNumber(Fraction(str(formula.subs(at))))
    (cosine,) = cosines
    x = Symbol("x")
    linear = formula.subs(cosine, x).subs(at)
    rest, factor = linear.subs(x, 0), linear.subs(x, 1) - linear.subs(x, 0)
    return CosineNumber(Fraction(str(rest)), Fraction(str(factor)), Fraction(str(cosine.args[0].subs(at) / (2 * pi))))


def _derived_check() -> Check[Member]:
    def holds(member: Member) -> str | None:
        claimed = sorted(derived(member.family)(member.n, member.h))
        W = member.family.matrix(member.n, member.h)
        return _compare(W, claimed)

    return Check(
        what="the spectra of theory.spectra against traces of powers",
        scope=f"{len(NAMES)} families, n ≤ 5, h = 2/3",
        level=Level.EXACT,
        instances=lambda: (
            x for x in members(tuple(f for f in FAMILIES if f.name in NAMES)) if x.n <= 5 and x.h == Fraction(2, 3)
        ),
        conclusion=holds,
    )


def _mutant(target: str, description: str, name: str, values: Values) -> Mutant:
    return Mutant(description, _power_sums((BY_NAME[name],), values), target)


def _two(first: Callable[[int, Fraction], Fraction], rest: Callable[[int, Fraction], Fraction]) -> Values:
    """Return one eigenvalue `first` and n − 1 eigenvalues `rest`."""
    return constant((first, lambda n: 1), (rest, lambda n: n - 1))


def t3() -> Study:
    """Return the checks of T3."""
    lazy = BY_NAME["lazy uniform"].values
    bipartite = "complete bipartite, two agents on one side"
    doubled = proof("", "", lambda: eigenvector_steps(lambda z: (z**2 + 1 / z**2) / 2))
    return Study(
        "T3",
        (
            proof("eigenvectors, entry by entry", SCOPE, eigenvector_steps),
            _power_sums((*FAMILIES, OUTSIDE)),
            _derived_check(),
        ),
        (
            Mutant("a path with a loop at one end", _power_sums((OUTSIDE,)).dropping(FAMILY), FAMILY),
            Mutant("cos 2θ in the proof", doubled, "2πj/n in the ring"),
            _mutant("0 for uniform influence", "uniform: 1/n", "uniform", _two(one, lambda n, h: ONE / n)),
            _mutant(
                "1 − ε for lazy uniform influence", "lazy: 1 − 2ε", "lazy uniform", _two(one, lambda n, h: 1 - 2 * h)
            ),
            _mutant("1 − hn/(n−1) for the complete network", "complete: 1 − h", "complete", lazy),
            _mutant(
                "w − 1 over n − 1 + w for self-weight w",
                "self-weight: 1/(n−1+w)",
                "complete with self-weight h",
                _two(one, lambda n, h: 1 / (n - 1 + h)),
            ),
            _mutant("0 for rank one", "rank one: 1/n", "rank one", _two(one, lambda n, h: ONE / n)),
            _mutant("2πj/n in the ring", "ring: cos(πj/n)", "ring", cosines(lambda j, n: Fraction(j, 2 * n))),
            _mutant("πj/(n−1) in the path", "path: cos(πj/n)", "path", cosines(lambda j, n: Fraction(j, 2 * n))),
            _mutant("πj/(n−1) in the path", "path: cos(2πj/n)", "path", cosines(lambda j, n: Fraction(j, n))),
            _mutant("1 − 2h in bipartite networks", "star: 1 − h, n − 1 times", "star", lazy),
            _mutant("1 − 2h in bipartite networks", "bipartite: 1 − h, n − 1 times", bipartite, lazy),
            _mutant("1 − 2hj/d in the hypercube", "hypercube: 1 − hj/d", "hypercube", hypercube(1)),
            _mutant(
                "C(d, j) as the multiplicity in the hypercube",
                "hypercube: d twice, a wrong multiplicity",
                "hypercube",
                lambda n, h: [CosineNumber(1 - 2 * h * S.bit_length() / (n.bit_length() - 1)) for S in range(n)],
            ),
        ),
    )
