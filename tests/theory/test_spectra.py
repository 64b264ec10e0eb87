"""Derived spectra against the exact characteristic polynomials of written-out matrices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sympy import Expr, Matrix, Rational, Symbol, expand

from theory import influence
from theory.consensus import slem
from theory.errors import InputError
from theory.spectra import FAMILIES, spectrum

H = Rational(2, 5)

CASES: list[tuple[str, dict[str, Expr], Callable[[], Matrix]]] = []
for _n in range(1, 8):
    CASES.append(("uniform", {"n": _n}, lambda n=_n: influence.uniform(n)))
    CASES.append(("lazy_uniform", {"n": _n, "eps": H}, lambda n=_n: influence.lazy_uniform(n, H)))
    CASES.append(("rank_one", {"n": _n}, lambda n=_n: influence.weighted(range(1, n + 1))))
for _n in range(2, 8):
    for _h in (H, Rational(1)):
        CASES.append(("path", {"n": _n, "h": _h}, lambda n=_n, h=_h: influence.lazy_walk(influence.path_graph(n), h)))
        CASES.append(("star", {"n": _n, "h": _h}, lambda n=_n, h=_h: influence.lazy_walk(influence.star_graph(n), h)))
        CASES.append(
            (
                "complete_graph",
                {"n": _n, "h": _h},
                lambda n=_n, h=_h: influence.lazy_walk(influence.complete_graph(n), h),
            )
        )
        if _n >= 3:
            CASES.append(
                ("ring", {"n": _n, "h": _h}, lambda n=_n, h=_h: influence.lazy_walk(influence.ring_graph(n), h))
            )
    for _w in (Rational(0), Rational(1, 2), Rational(3)):
        CASES.append(("complete", {"n": _n, "w": _w}, lambda n=_n, w=_w: influence.complete(n, w)))
for _p, _q in [(1, 1), (1, 3), (2, 2), (3, 4)]:
    CASES.append(
        (
            "complete_bipartite",
            {"p": _p, "q": _q, "h": H},
            lambda p=_p, q=_q: influence.lazy_walk(influence.complete_bipartite_graph(p, q), H),
        )
    )
for _d in (1, 2, 3):
    CASES.append(("hypercube", {"d": _d, "h": H}, lambda d=_d: influence.lazy_walk(influence.hypercube_graph(d), H)))


@pytest.mark.parametrize(("family", "parameters", "matrix"), CASES)
def test_spectrum_is_that_of_the_matrix(family: str, parameters: dict[str, Expr], matrix: Callable[[], Matrix]) -> None:
    derived, W = spectrum(family), matrix()
    values = derived.values(**parameters)
    assert len(values) == W.rows
    x = Symbol("x")
    product = Rational(1)
    for value in values:
        product *= x - value
    difference = expand(product - W.charpoly(x).as_expr()).evalf(40)  # cosines of rational angles: compare to 40 digits
    assert all(abs(coefficient) < 1e-30 for coefficient in difference.as_coefficients_dict().values())
    modulus = derived.slem_value(**parameters)
    assert abs((modulus - slem(W)).evalf(30)) < 1e-25
    sizes = [parameters[name] for name in derived.parameters[: len(derived.slem_from)]]
    if all(size >= least for size, least in zip(sizes, derived.slem_from, strict=True)):
        from theory.spectra import _SYMBOLS

        stated = derived.slem.subs({_SYMBOLS[name]: value for name, value in parameters.items()})
        assert abs((stated - modulus).evalf(30)) < 1e-25


def test_every_family_is_tested() -> None:
    assert {family for family, _, _ in CASES} == set(FAMILIES)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_rates_may_stay_symbols(family: str) -> None:
    derived = spectrum(family)
    sizes = dict.fromkeys(derived.parameters[: len(derived.least)], 3)
    rates = {name: Symbol(name, positive=True) for name in derived.parameters[len(derived.least) :]}
    values = derived.values(**sizes, **rates)
    assert len(values) == (8 if family == "hypercube" else 6 if family == "complete_bipartite" else 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: spectrum("torus"),
        lambda: spectrum("ring").values(n=2),
        lambda: spectrum("ring").values(),
        lambda: spectrum("ring").values(n=5, w=1),
        lambda: spectrum("ring").values(n=5, h=0),
        lambda: spectrum("lazy_uniform").values(n=5, eps=2),
        lambda: spectrum("uniform").values(n=1.5),
        lambda: spectrum("uniform").values(n=10**9),
        lambda: spectrum("ring").slem_value(n=5, h=Symbol("h", positive=True)),
    ],
)
def test_bad_input_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]
