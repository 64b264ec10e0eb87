"""T1: consensus of one coalition at its Perron weights; proved in `convergence`.

T4, the weights of a symmetric network, is in `degrees`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from itertools import combinations
from operator import or_

from sympy import Matrix as SymbolicMatrix
from sympy import Rational

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.matrices import (
    Matrix,
    Vector,
    characteristic_polynomial,
    deflated,
    difference,
    is_primitive,
    is_stochastic,
    left_fixed_vectors,
    left_weights,
    power,
    roots_within,
)
from proofs_checks.steps import proof
from proofs_checks.studies.convergence import consensus_steps
from proofs_checks.studies.degrees import t4
from proofs_checks.studies.instances import matrix_text, pattern_matrices
from proofs_checks.studies.written import column_statement, is_first_of_its_names
from proofs_checks.verdict import Certificate, Level

__all__ = ["t1", "t4"]

Weights = Callable[[Matrix], Vector]
STOCHASTIC, PRIMITIVE = "W is row-stochastic", "W is primitive"


def _patterns() -> Iterator[Matrix]:
    yield from (((Fraction(2),),), ((Fraction(1, 2),),))  # not stochastic
    for n in (1, 2, 3):
        yield from filter(is_first_of_its_names, pattern_matrices(n))
    yield ((Fraction(1), Fraction(1)), (Fraction(1), Fraction(0)))  # not stochastic


def equal_weights(W: Matrix) -> Vector:
    """Return 1/n for every agent, a mutant of the Perron weights."""
    return (Fraction(1, len(W)),) * len(W)


def _consensus(weights: Weights, scale: int = 1) -> Callable[[Matrix], str | None]:
    def holds(W: Matrix) -> str | None:
        n, w = len(W), weights(W)
        if column_statement(w, W):
            return "wᵀW is not wᵀ"
        fixed = len(left_fixed_vectors(W))
        if fixed != 1:
            return f"{fixed or 'no'} independent w with wᵀW = wᵀ"
        if min(w) <= 0:
            return "a weight is not positive"
        limit = (tuple(scale * x for x in w),) * n
        rest = difference(W, limit)
        for t in (1, 2, 3):
            if power(rest, t) != difference(power(W, t), limit):
                return f"(W − {scale}·1wᵀ)^{t} is not W^{t} − {scale}·1wᵀ"
        quotient = deflated(characteristic_polynomial(W), Fraction(1))
        if characteristic_polynomial(rest) != (*quotient, Fraction(0)):
            return "the spectrum of W − 1wᵀ is not that of W with one 1 replaced by 0"
        if not roots_within(quotient, Fraction(1), strict=True):
            return "slem = 1"
        positive = power(W, (n - 1) ** 2 + 1)
        ratio = 1 - n * min(map(min, positive))
        for q in (1, 2, 3):
            worst = max(abs(x) for row in difference(power(positive, q), limit) for x in row)
            if worst > ratio**q:
                return f"after {q * ((n - 1) ** 2 + 1)} steps the distance from the limit is {worst} > {ratio**q}"
        return None

    return holds


def _converges(weights: Weights = left_weights, scale: int = 1) -> Check[Matrix]:
    def certify(W: Matrix, holds: bool) -> Certificate | None:
        if holds:
            return None
        statement = column_statement(weights(W), W)
        if statement:
            return value(statement, note="a column of wᵀW = wᵀ")
        if len(W) == 1 and W[0][0] != 1:
            return value(f"1*{W[0][0]} == 1", note="wᵀW = wᵀ for the only w of sum 1")
        if len(W) == 1 and scale != 1:
            return value(f"(1 - {scale})**2 == 1**2 - {scale}", note="W = [1]: (W − 1wᵀ)² = W² − 1wᵀ")
        return _apart(W) if is_stochastic(W) and not is_primitive(W) else None

    return Check(
        what="exact Perron vector, powers, distance from the limit and characteristic polynomial",
        scope="every 0/1 pattern, rows divided by their sums, n ≤ 3, up to the names of the agents",
        level=Level.EXACT,
        instances=_patterns,
        conclusion=_consensus(weights, scale),
        hypotheses={STOCHASTIC: is_stochastic, PRIMITIVE: is_primitive},
        show=matrix_text,
        certify=certify,
        tools=(),
    )


def _apart(W: Matrix) -> Certificate | None:
    """Return two groups whose members hear only their own, or each other's, group in turn: they never agree."""
    heard = [sum(1 << k for k, x in enumerate(row) if x) for row in W]

    def image(S: int) -> int:
        return reduce(or_, (heard[i] for i in range(len(W)) if S >> i & 1))

    for first, second in combinations(range(1, 1 << len(W)), 2):
        S, T = first, second
        word: list[int] = []
        while not S & T and len(word) < 4 ** len(W):
            S, T = image(S), image(T)
            word.append(0)
            if {S, T} == {first, second}:
                pattern = [[int(x > 0) for x in row] for row in W]
                return {"kind": "cycle", "patterns": [pattern], "word": word, "pair": [first, second]}
    return None


Rate = Callable[[Fraction, int], Fraction]


def _distance(rate: Rate, written: str) -> Check[tuple[Fraction, int]]:
    """The rate on two agents that listen to each other with weight a: W^t x has the spread |1 − 2a|^t."""

    def holds(instance: tuple[Fraction, int]) -> str | None:
        a, t = instance
        x = power(((1 - a, a), (a, 1 - a)), t)
        left = abs(x[0][0] - x[1][0])
        return None if left == rate(a, t) else f"the spread is {left}, not {rate(a, t)}"

    def certify(instance: tuple[Fraction, int], holds: bool) -> Certificate:
        a, t = instance
        first, second = "1", "0"
        for _ in range(t):
            first, second = f"((1 - a)*{first} + a*{second})", f"(a*{first} + (1 - a)*{second})"
        note = "the spread of two agents after t steps from (1, 0)"
        return value(f"abs({first} - {second}) == {written}", {"a": a, "t": t}, holds, note)

    weights = (Fraction(1, 3), Fraction(2, 3), Fraction(1, 4), Fraction(3, 4))
    return Check(
        what="the spread of two agents against slem^t",
        scope="n = 2, four weights, t ≤ 3",
        level=Level.EXACT,
        instances=lambda: ((a, t) for t in (1, 2, 3) for a in weights),
        conclusion=holds,
        show=lambda x: f"W = [{1 - x[0]} {x[0]}; {x[0]} {1 - x[0]}], t = {x[1]}",
        certify=certify,
        tools=(),
    )


def _theory_weights() -> Check[Matrix]:
    """The Perron weights of `theory` on the patterns of two and three agents."""

    def holds(W: Matrix) -> str | None:
        from theory import consensus

        rational = SymbolicMatrix([[Rational(str(x)) for x in row] for row in W])
        found = tuple(Fraction(str(x)) for x in consensus.perron_weights(rational))
        return None if found == left_weights(W) else f"theory has {found}, Gauss-Jordan {left_weights(W)}"

    def some() -> Iterator[Matrix]:
        yield from pattern_matrices(2)
        yield from (W for index, W in enumerate(filter(is_first_of_its_names, pattern_matrices(3))) if index % 3 == 0)

    return Check(
        what="perron_weights of theory.consensus against Gauss-Jordan",
        scope="0/1 patterns, n = 2 and every third of n = 3",
        level=Level.EXACT,
        instances=some,
        conclusion=holds,
        hypotheses={PRIMITIVE: is_primitive},
        show=matrix_text,
    )


def t1() -> Study:
    """Return the checks of T1."""
    exact = _converges()
    return Study(
        "T1",
        (
            proof("a positive power contracts; the powers of W − 1wᵀ", "all primitive stochastic W", consensus_steps),
            exact,
            _distance(lambda a, t: abs(1 - 2 * a) ** t, "abs(1 - 2*a)**t"),
            _theory_weights(),
        ),
        (
            Mutant("W need not be row-stochastic", exact.dropping(STOCHASTIC), STOCHASTIC),
            Mutant("W need not be primitive", exact.dropping(PRIMITIVE), PRIMITIVE),
            Mutant("equal weights 1/n", _converges(equal_weights), "w as the left eigenvector"),
            Mutant("2·1wᵀ in place of 1wᵀ", _converges(scale=2), "1 as the factor of 1wᵀ"),
            Mutant("2·1wᵀ in place of 1wᵀ in the proof", proof("", "", lambda: consensus_steps(2))),
            Mutant(
                "the second eigenvalue without its modulus",
                _distance(lambda a, t: (1 - 2 * a) ** t, "(1 - 2*a)**t"),
                "the modulus in slem",
            ),
            Mutant(
                "the rate 1 − slem",
                _distance(lambda a, t: (1 - abs(1 - 2 * a)) ** t, "(1 - abs(1 - 2*a))**t"),
                "slem as the rate",
            ),
            Mutant(
                "slem^(t+1)",
                _distance(lambda a, t: abs(1 - 2 * a) ** (t + 1), "abs(1 - 2*a)**(t + 1)"),
                "t as the exponent of slem",
            ),
        ),
    )
