"""S1, S4: what `theory.stability.derive` collects, formula by formula, at numbers; and how text becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Integer, oo

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.derivations.payoffs import Joining, joining
from proofs_checks.verdict import Level

F = Fraction


def _conditions() -> Check[Joining]:
    """Gains, and on which side of them a structure is stable or an entrant accepted."""
    from theory import stability, symbols

    known = {}
    margin = F(1, 100)

    def derived(case: Joining) -> list[object]:
        if case.text not in known:
            known[case.text] = stability.derive(*case.text)
        found = known[case.text]
        cost = F(1, 3)
        values = (
            found.gain,
            found.critical_cost,
            found.barrier.subs(symbols.kappa, rational(cost)),
            found.incumbents_gain,
            found.founding_gain,
            found.size_gain,
        )
        said = []
        for relation, name, gain in (
            (found.stability, symbols.kappa, case.gain()),
            (found.founding_stability, symbols.kappa, case.founding()),
            (found.acceptance, symbols.alpha, case.incumbents()),
        ):
            for threshold in (gain - margin, gain, gain + margin):
                less, more = (side.subs(name, rational(threshold)) for side in (relation.lts, relation.gts))
                said.append(case.at(less) <= case.at(more))
        return [*(case.at(value) for value in values), *said]

    def expected(case: Joining) -> list[object]:
        gain, founding = case.gain(), case.founding()
        agreed = case.agreed()
        values = [gain, gain, F(1, 3) - gain, case.incumbents(), founding, agreed]
        return [*values, *[False, True, True] * 2, *[True, True, False]]

    def cases() -> Iterator[Joining]:
        for case in joining(scales=3):
            if len(case.coefficients) in (3, 4) and (case.m, case.k) in ((1, 3), (2, 2)):
                yield case

    return compared(
        "gains and conditions of theory.stability.derive against brute force",
        "2 polynomials, 3 scales, m ≤ 2, |C| ≤ 3, costs and thresholds around the gains",
        cases,
        derived,
        expected,
    )


# --- S3, S4, S5 in `derive` ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bounded:
    """A performance function, a scale, an interval, and the L and ℓ of φ'' there; None where there is no bound."""

    phi: str
    scale: str
    ends: tuple[int, int] | None
    L: Fraction | None
    ell: Fraction | None
    ratio: int = 1
    moves: bool = True
    upper: bool = True
    spread: bool = False

    def __str__(self) -> str:
        return f"φ = {self.phi}, g = {self.scale}, opinions in {self.ends or 'the whole line'}"


def _bounded() -> Iterator[Bounded]:
    yield Bounded("-u**2", "s", None, F(2), F(2), spread=True)
    yield Bounded("-3*u**2", "2*s", (-1, 2), F(6), F(6), 2, spread=True)
    yield Bounded("-u**4", "s", (1, 2), F(48), F(12), spread=True)
    yield Bounded("-(u**2 - 1)**2", "3*a", (-1, 1), F(8), F(-4), 3)
    yield Bounded("u**3", "s", (-1, 2), F(6), F(-12))
    yield Bounded("u**2", "s", None, F(-2), F(-2), upper=False)
    yield Bounded("u**3", "s", (0, 1), F(0), F(-6), upper=False)
    yield Bounded("-u**2", "s**2", None, F(2), F(2), moves=False, upper=False)
    yield Bounded("-u**2", "-s", None, F(2), F(2), moves=False, upper=False)
    yield Bounded("-u**4", "s", None, None, F(0), moves=False, upper=False)


def _bounds(case: Bounded) -> str | None:
    from theory import stability, symbols

    ends = (-oo, oo) if case.ends is None else case.ends
    given = () if case.ends is None else case.ends
    found = stability.derive(case.phi, case.scale, *given)
    bend = found.curvature
    L, ell = (oo if case.L is None else rational(case.L)), None if case.ell is None else rational(case.ell)
    if bend is None or bend.L != L or bend.ell != ell:
        return f"the curvature is {bend}"
    if found.interval != ends:
        return f"the interval is {found.interval}"
    at = {symbols.m: 3, symbols.delta: 2, symbols.V: 5, symbols.kappa: Integer(7)}
    factor = F(case.ratio) * max(case.L or F(0), F(0))
    expected = (
        factor * F(1, 2) * 4 * F(3, 4) if case.upper else None,
        factor * 5 / 14 if case.moves else None,
        8 * F(7) / (case.ratio * case.ell) if case.spread and case.ell else None,
    )
    derived = (found.gain_bound, found.move_bound, None if found.spread_bound is None else found.spread_bound**2)
    numbers = tuple(None if value is None else number(Integer(1) * value.subs(at)) for value in derived)
    if numbers != expected:
        return f"the bounds are {numbers}, not {expected}"
    where = "on the whole line" if case.ends is None else f"[{case.ends[0]}, {case.ends[1]}]"
    said = " ".join(found.assumptions)
    return None if not case.moves or where in said else "the assumptions do not say for which opinions"


def _refused(case: tuple[str, object, object]) -> str | None:
    """An interval that is none is refused, a φ without curvature is not: it only has no bounds."""
    from theory.errors import InputError
    from theory.stability import derive

    phi, lo, hi = case
    try:
        found = derive(phi, "s", lo, hi)
    except InputError:
        return None if phi == "u**2" else "refused"
    if phi == "u**2":
        return "not refused"
    return None if found.curvature is None and found.move_bound is None else f"the curvature is {found.curvature}"


# --- Text -----------------------------------------------------------------------------------------------------------

TEXTS: tuple[tuple[str, Callable[[Fraction], Fraction]], ...] = (
    ("-u**2", lambda u: -(u**2)),
    ("+u - -3", lambda u: u + 3),
    ("2 - u*3 + 4/u", lambda u: 2 - 3 * u + 4 / u),
    ("(1 - u)/(1 + u)**2 - u/2*3", lambda u: (1 - u) / (1 + u) ** 2 - u / 2 * 3),
    ("0.125*u**3 - 1.5e1", lambda u: u**3 / 8 - 15),
    ("u**-2 + abs(u - 9)", lambda u: u**-2 + abs(u - 9)),
    ("2**3*u - 10/4", lambda u: 8 * u - F(5, 2)),
    ("u**2**2", lambda u: u**4),
)


def _read(case: tuple[str, Callable[[Fraction], Fraction]]) -> str | None:
    from theory import symbols
    from theory.performance import performance_expression

    found = performance_expression(case[0])
    for u in (F(1), F(2), F(-3), F(5, 2)):
        if u == -1:
            continue
        value = number(Integer(1) * found.subs(symbols.u, rational(u)))
        if value != case[1](u):
            return f"at u = {u} it is {case[1](u)}, theory reads {value}"
    return None


def _powers() -> Check[str]:
    """A parameter as an exponent, in a scale and in a performance function."""
    from theory import symbols
    from theory.performance import performance_expression
    from theory.value import scale_expression

    def derived(case: str) -> Fraction:
        read = scale_expression if "s" in case else performance_expression
        return number(read(case).subs({symbols.s: 3, symbols.u: 3, symbols.gamma: 2, symbols.theta: 5}))

    expected = {"s**gamma": F(9), "4 - u**gamma": F(-5), "theta*u**gamma/2": F(45, 2)}
    return compared(
        "performance_expression and scale_expression with parameters, at numbers",
        f"{len(expected)} expressions",
        lambda: expected,
        derived,
        lambda case: expected[case],
    )


def _standard() -> Check[tuple[str, Fraction]]:
    from theory import symbols
    from theory.performance import STANDARD

    at = {symbols.b: 2, symbols.theta: Integer(1) / 3, symbols.sigma: Integer(3) / 2}

    def derived(case: tuple[str, Fraction]) -> Fraction | Expr:
        value = STANDARD[case[0]].subs(at).subs(symbols.u, rational(case[1]))
        return number(value if case[0] != "gaussian" else -value.args[0] if value.args else Integer(0))

    def expected(case: tuple[str, Fraction]) -> Fraction:
        name, u = case
        square = (u - F(1, 3)) ** 2
        return {"quadratic": 2 - square, "gaussian": square / 2 / F(9, 4), "double_well": -((u * u - 1) ** 2)}[name]

    return compared(
        "the standard performance functions of theory.performance",
        "3 functions, 4 opinions; of the Gaussian its exponent",
        lambda: ((name, u) for name in ("quadratic", "gaussian", "double_well") for u in (F(0), F(1), F(-2), F(1, 2))),
        derived,
        expected,
        show=lambda case: f"{case[0]} at {case[1]}",
    )


def _texts() -> tuple[Check, ...]:
    read = Check(
        what="performance_expression of theory.performance against the same function of rationals",
        scope=f"{len(TEXTS)} expressions, 4 opinions",
        level=Level.EXACT,
        instances=lambda: TEXTS,
        conclusion=_read,
        show=lambda case: case[0],
    )
    return (read, _powers(), _standard())


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S1, S4 or V4."""
    if label == "S1":
        return (_conditions(),)
    if label == "V4":
        return _texts()
    return (
        Check("bounds of theory.stability.derive at numbers", "10 performances", Level.EXACT, _bounded, _bounds),
        Check(
            what="which intervals theory.stability.derive refuses",
            scope="2 empty intervals, 2 functions without curvature",
            level=Level.EXACT,
            instances=lambda: (("u**2", 2, 1), ("u**2", 1, 1), ("exp(sin(u))", -oo, oo), ("abs(u)", -1, 1)),
            conclusion=_refused,
        ),
    )
