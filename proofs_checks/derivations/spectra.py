"""T3: `Spectrum` of `theory.spectra` at numbers: values with multiplicity, the slem, and the sizes they exist for.

The traces of powers determine the eigenvalues of a written-out matrix; the slem is the largest modulus after one 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Integer, Rational

from proofs_checks.check import Check
from proofs_checks.derivations.compare import rational
from proofs_checks.derivations.curvature import as_fraction
from proofs_checks.derivations.families import NETWORKS, Rows, lazy, normalised
from proofs_checks.oracles.matrices import product, trace
from proofs_checks.verdict import Level

F = Fraction
CLOSE = F(1, 10**30)
RATES = (F(2, 3), F(1))
SELVES = (F(0), F(1, 2), F(3))


@dataclass(frozen=True)
class Member:
    """A family, its parameters by name, and the matrix they stand for."""

    family: str
    parameters: tuple[tuple[str, Fraction], ...]
    matrix: Rows

    def given(self) -> dict[str, Rational]:
        """Return the parameters as numbers of sympy."""
        return {name: rational(value) for name, value in self.parameters}

    def __str__(self) -> str:
        return f"{self.family}, {', '.join(f'{name} = {value}' for name, value in self.parameters)}"


def _walk(name: str, n: int) -> Rows:
    edges, agents, _ = NETWORKS[name]
    joined = edges(n)
    return normalised(lambda i, j: int(frozenset((i, j)) in joined and i != j), agents(n))


def _members() -> Iterator[Member]:
    for n in range(1, 7):
        mean = normalised(lambda i, j: 1, n)
        size = ("n", F(n))
        yield Member("uniform", (size,), mean)
        yield Member("rank_one", (size,), normalised(lambda i, j: j * j + 1, n))
        for h in RATES:
            yield Member("lazy_uniform", (size, ("eps", h)), lazy(mean, h))
        if n >= 2:
            for w in SELVES:
                yield Member("complete", (size, ("w", w)), normalised(lambda i, j, w=w: w if i == j else 1, n))  # type: ignore[misc]
        for family in ("ring_graph", "path_graph", "star_graph", "complete_graph"):
            if n >= NETWORKS[family][2]:
                name = family if family == "complete_graph" else family.removesuffix("_graph")
                for h in RATES:
                    yield Member(name, (size, ("h", h)), lazy(_walk(family, n), h))
        for p in range(1, n):
            sides = (("p", F(p)), ("q", F(n - p)), ("h", F(2, 3)))
            both = normalised(lambda i, j, p=p: int((i < p) != (j < p)), n)  # type: ignore[misc]
            yield Member("complete_bipartite", sides, lazy(both, F(2, 3)))
    for d in (1, 2, 3):
        for h in RATES:
            yield Member("hypercube", (("d", F(d)), ("h", h)), lazy(_walk("hypercube_graph", d), h))


def _values(member: Member) -> str | None:
    """Compare the list of values with the traces, and the two forms of the slem with its moduli."""
    from theory.spectra import _SYMBOLS, spectrum

    derived, W = spectrum(member.family), member.matrix
    values = [as_fraction(value) for value in derived.values(**member.given())]
    if len(values) != len(W):
        return f"{len(values)} eigenvalues"
    P = W
    for p in range(1, len(W) + 1):
        gap = abs(sum((value**p for value in values), F(0)) - trace(P))
        if gap > CLOSE:
            return f"Σ λ^{p} is off by {float(gap):.3g}"
        P = product(P, W)
    moduli = sorted((abs(value) for value in values), reverse=True)
    second = moduli[1] if len(moduli) > 1 else F(0)
    if abs(as_fraction(Integer(1) * derived.slem_value(**member.given())) - second) > CLOSE:
        return f"slem_value is not {float(second)}"
    sizes = [value for name, value in member.parameters if name in ("n", "p", "q", "d")]
    if all(size >= least for size, least in zip(sizes, derived.slem_from, strict=True)):
        at = {_SYMBOLS[name]: value for name, value in member.given().items()}
        stated = as_fraction(Integer(1) * derived.slem.subs(at).doit())
        if abs(stated - second) > CLOSE:
            return f"the slem is {float(second)}, the formula says {float(stated)}"
    return None


# from which sizes on the formula of the slem holds in each family: below, eigenvalues are missing
FROM: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {  # least sizes, and those from which the formula holds
    "uniform": ((1,), (2,)),
    "lazy_uniform": ((1,), (2,)),
    "complete": ((2,), (2,)),
    "rank_one": ((1,), (2,)),
    "complete_graph": ((2,), (2,)),
    "ring": ((3,), (3,)),
    "path": ((2,), (2,)),
    "star": ((2,), (3,)),
    "complete_bipartite": ((1, 1), (1, 2)),
    "hypercube": ((1,), (1,)),
}


def _sizes(family: str) -> str | None:
    """A size below the least is refused, the least is not; rates default to 1, and unknown names are refused."""
    from theory.errors import InputError
    from theory.spectra import spectrum

    derived, (least, holds) = spectrum(family), FROM[family]
    if derived.slem_from != holds:
        return f"the formula of the slem is said to hold from {derived.slem_from} on"
    names = derived.parameters[: len(least)]
    rates = derived.parameters[len(least) :]
    at_least = dict(zip(names, least, strict=True))
    whole = {**at_least, **dict.fromkeys(rates, 1)}
    if derived.values(**at_least) != derived.values(**whole):
        return "a rate does not default to 1"
    for refused in (
        *({**at_least, name: at_least[name] - 1} for name in names),
        {name: at_least[name] for name in names[1:]},
        {**at_least, "torus": 1},
        *({**at_least, rate: -1} for rate in rates),
    ):
        try:
            derived.values(**refused)
        except InputError:
            continue
        return f"{refused} is accepted"
    return None


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of T3."""
    made: tuple[tuple[str, str, Callable[[], object], Callable], ...] = (
        (
            "values and slem of theory.spectra against traces of powers",
            "10 families, at most 8 agents",
            _members,
            _values,
        ),
        ("sizes of the families of theory.spectra", "10 families", lambda: FROM, _sizes),
    )
    return tuple(
        Check(what, scope, Level.EXACT, instances, conclusion)  # type: ignore[arg-type]
        for what, scope, instances, conclusion in made
    )
