"""S8: critical costs of `theory.gain` for any scale, against every move, and what they are made of."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Add, Expr, Integer, Max, Pow, Symbol, exp, oo, sqrt

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.derivations.payoffs import SCOPE, Joining, cached, joining
from proofs_checks.oracles.dynamics import State, critical_cost, members
from proofs_checks.studies.instances import states
from proofs_checks.studies.performances import DOUBLE_WELL, SHIFTED_PARABOLA, Polynomial


@dataclass(frozen=True)
class Rest:
    """A state, a performance function and a scale."""

    state: State
    performance: Polynomial
    phi: str
    scale: str

    def critical(self) -> Fraction | None:
        """Return the largest gain of any move, by brute force."""
        found: Fraction | None = critical_cost(self.state, self.performance, SCALES[self.scale])
        return found

    def __str__(self) -> str:
        return f"{self.phi}, g = {self.scale}, {self.state}"


SCALES: dict[str, Callable[[int], Fraction | int]] = {
    "s": members,
    "s**2": lambda s: s * s,
    "1/s": lambda s: Fraction(1, s),
    "2*a": lambda s: 2 * s,
}


def _rests() -> Iterator[Rest]:
    functions = ((SHIFTED_PARABOLA, "1 - (u - 1/2)**2"), (DOUBLE_WELL, "-(u**2 - 1)**2"))
    choices = itertools.cycle(product(SCALES, functions))
    for state, (scale, (performance, phi)) in zip(
        itertools.islice(states((1, 2, 3, 4), (0, 1, -2)), 0, None, 4), choices, strict=False
    ):
        yield Rest(state, performance, phi, scale)


def _critical() -> Check[Rest]:
    from theory.gain import structure_critical_cost

    def derived(rest: Rest) -> Fraction | None:
        consensus, sizes = [rational(c) for c, _ in rest.state], [k for _, k in rest.state]
        value = structure_critical_cost(consensus, sizes, rest.phi, rest.scale)
        return None if value == -oo else number(value)

    return compared(
        "structure_critical_cost of theory.gain, any scale, against brute force",
        f"every fourth state of n ≤ 4 agents at 0, 1, -2, a parabola or a double well, {len(SCALES)} scales in turn",
        _rests,
        derived,
        Rest.critical,
    )


def _refusals() -> Check[tuple[int, ...]]:
    """A coalition has one member or more, and every coalition has a consensus."""
    from theory.errors import InputError
    from theory.gain import structure_critical_cost

    def refused(sizes: tuple[int, ...]) -> bool:
        try:
            structure_critical_cost([0, 1], sizes, "-u**2")
        except InputError:
            return True
        return False

    return compared(
        "structure_critical_cost of theory.gain refuses what is no structure",
        "two consensus values, up to 3 sizes from 0 to 2",
        lambda: (sizes for n in range(4) for sizes in product((0, 1, 2), repeat=n)),
        refused,
        lambda sizes: len(sizes) != 2 or 0 in sizes,
    )


def _largest() -> Check[tuple[Expr, ...]]:
    """Numbers that are no rationals are compared as well, and expressions left to a Max."""
    from theory.gain import largest

    x, y = Symbol("x", real=True), Symbol("y", real=True)
    near = Add(sqrt(2), -Pow(Integer(10), -30))
    ordered = ((sqrt(2), near, Integer(1)), (exp(1), sqrt(7), -sqrt(2)), (sqrt(3), sqrt(2), exp(-1), Integer(-5)))
    cases = [turned for case in ordered for turned in (case, case[::-1], case[1:] + case[:1])]
    best = {frozenset(case): case[0] for case in ordered} | {frozenset((x, y)): Max(x, y), frozenset(): -oo}
    rationals = [tuple(Integer(v) for v in case) for case in product((-2, 0, 1, 3), repeat=3)]
    best.update({frozenset(case): max(case) for case in rationals})
    return compared(
        "largest of theory.gain",
        "tuples of three integers, of square roots and powers of e, and of symbols",
        lambda: [(), (x, y), *rationals, *cases],
        lambda values: largest(values),
        lambda values: best[frozenset(values)],
    )


def _barriers() -> Check[Joining]:
    from theory import gain
    from theory.symbols import kappa

    formula, threshold = cached(gain.barrier), cached(gain.critical_cost)
    cost = Fraction(1, 3)
    return compared(
        "barrier and critical_cost of theory.gain against brute force",
        SCOPE + ", κ = 1/3",
        lambda: joining(scales=3),
        lambda x: (x.at(formula(x).subs(kappa, rational(cost))), x.at(threshold(x))),
        lambda x: (cost - x.gain(), x.gain()),
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S8."""
    return (_critical(), _refusals(), _largest(), _barriers())
