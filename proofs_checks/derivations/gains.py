"""V5, S1, S9: gains of `theory` for any polynomial φ and any scale, against brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from sympy import Expr, Integer

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number
from proofs_checks.derivations.payoffs import SCOPE, Joining, cached, joining


def _gains() -> tuple[Check[Joining], ...]:
    from theory import gain, two_types

    symbolic = cached(gain.gain)
    known: dict[tuple[tuple[str, str], int], Expr] = {}

    def concrete(case: Joining) -> Fraction:
        key = case.text, case.m
        if key not in known:
            known[key] = gain.gain(*case.text, m=case.m)
        return case.at(known[key])

    polynomial = cached(lambda phi, scale: two_types.polynomial_gain(phi))
    return (
        compared(
            "gain of theory.gain against brute force",
            SCOPE,
            joining,
            lambda x: x.at(symbolic(x)),
            Joining.gain,
        ),
        compared(
            "gain of theory.gain for a given m, founding included, against brute force",
            SCOPE.replace("m ≤ 4", "0 ≤ m ≤ 4"),
            lambda: joining(least=0),
            concrete,
            Joining.gain,
        ),
        compared(
            "polynomial_gain of theory.two_types against brute force",
            SCOPE,
            lambda: joining(scales=1),
            lambda x: x.at(polynomial(x)),
            Joining.gain,
        ),
    )


def _taylor() -> Check[Joining]:
    from theory import two_types
    from theory.performance import performance_expression

    def derived(case: Joining) -> Fraction:
        found = two_types.taylor_coefficients(performance_expression(case.text[0]))
        total = sum((value * case_delta**order for order, value in found.items()), Integer(0))
        return case.at(total)

    from theory.symbols import delta as case_delta

    return compared(
        "taylor_coefficients of theory.two_types add up to φ(c + δ)",
        SCOPE.split(",")[0],
        lambda: joining(scales=1),
        derived,
        lambda x: x.performance(x.c + x.delta),
    )


def _sums() -> Check[tuple[int, int]]:
    from theory.harmonic_sums import power_sum

    return compared(
        "power_sum of theory.harmonic_sums against the sum",
        "exponents from -3 to 4, at most 6 terms",
        lambda: product(range(-3, 5), range(7)),
        lambda x: number(power_sum(x[0], Integer(x[1])).doit()),
        lambda x: sum((Fraction(j) ** x[0] for j in range(1, x[1] + 1)), Fraction(0)),
        show=lambda x: f"exponent {x[0]}, {x[1]} terms",
    )


def _weights() -> Check[tuple[int, int]]:
    from theory import symbols
    from theory.two_types import two_type_weight

    def expected(x: tuple[int, int]) -> Fraction:
        order, m = x
        # the entrant's part of order r is Σ_j j·j^-r/(m+1), less the incumbents' for order 0, less its payoff before
        paid = sum((Fraction(j) ** (1 - order) for j in range(1, m + 2)), Fraction(0))
        paid -= sum(range(1, m + 1)) if order == 0 else 0
        return paid / (m + 1) - 1

    return compared(
        "two_type_weight of theory.two_types against the sum",
        "orders 0 to 5, m ≤ 5",
        lambda: product(range(6), range(1, 6)),
        lambda x: number(Integer(1) * two_type_weight(x[0]).subs(symbols.m, x[1]).doit()),
        expected,
        show=lambda x: f"order {x[0]}, m = {x[1]}",
    )


def _founding() -> Check[Joining]:
    from theory import gain

    formula = cached(gain.founding_gain)
    return compared(
        "founding_gain of theory.gain, any scale, against brute force",
        SCOPE.replace("m ≤ 4", "m = 0"),
        lambda: (x for x in joining(least=0) if x.m == 0),
        lambda x: x.at(formula(x)),
        Joining.gain,
    )


def _incumbents() -> Check[Joining]:
    from theory import gain

    formula = cached(gain.incumbents_gain)
    return compared(
        "incumbents_gain of theory.gain, any polynomial φ and scale, against brute force",
        SCOPE,
        joining,
        lambda x: x.at(formula(x)),
        Joining.incumbents,
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of V5, S1 or S9."""
    if label == "V5":
        return (*_gains(), _taylor(), _sums(), _weights())
    return (_founding(),) if label == "S1" else (_incumbents(),)
