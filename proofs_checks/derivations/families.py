"""T3: the matrices of `theory.influence` against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import Matrix, Rational

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational

Rows = tuple[tuple[Fraction, ...], ...]
F = Fraction


def rows_of(W: Matrix) -> Rows:
    """Return a matrix of sympy as rows of fractions."""
    return tuple(tuple(number(entry) for entry in row) for row in W.tolist())


def to_sympy(W: Rows) -> list[list[Rational]]:
    """Return rows of fractions as numbers of sympy."""
    return [[rational(x) for x in row] for row in W]


def normalised(A: Callable[[int, int], Fraction | int], n: int) -> Rows:
    """Return the matrix with entries A(i, j), every row divided by its sum."""
    rows = [[F(A(i, j)) for j in range(n)] for i in range(n)]
    return tuple(tuple(x / sum(row, F(0)) for x in row) for row in rows)


def lazy(W: Rows, rate: Fraction) -> Rows:
    """Return (1-h) I + h W."""
    return tuple(tuple(rate * x + (1 - rate) * (i == j) for j, x in enumerate(row)) for i, row in enumerate(W))


NETWORKS: dict[str, tuple[Callable[[int], set[frozenset[int]]], Callable[[int], int], int]] = {
    # edges, number of agents, and least parameter
    "ring_graph": (lambda n: {frozenset((i, (i + 1) % n)) for i in range(n)}, lambda n: n, 3),
    "path_graph": (lambda n: {frozenset((i, i + 1)) for i in range(n - 1)}, lambda n: n, 2),
    "star_graph": (lambda n: {frozenset((0, i)) for i in range(1, n)}, lambda n: n, 2),
    "complete_graph": (lambda n: {frozenset((i, j)) for i in range(n) for j in range(i)}, lambda n: n, 2),
    "hypercube_graph": (
        lambda d: {frozenset((i, i ^ (1 << bit))) for i in range(2**d) for bit in range(d)},
        lambda d: 2**d,
        1,
    ),
}


def _networks() -> Check[tuple[str, int]]:
    from theory import influence

    def derived(case: tuple[str, int]) -> list[Any]:
        name, n = case
        adjacency = getattr(influence, name)(n)
        walks = [rows_of(influence.lazy_walk(adjacency, rational(h))) for h in RATES]
        return [rows_of(adjacency), rows_of(influence.lazy_walk(adjacency)), *walks]

    def expected(case: tuple[str, int]) -> list[Any]:
        edges, agents, _ = NETWORKS[case[0]]
        joined, size = edges(case[1]), agents(case[1])

        def entry(i: int, j: int) -> int:
            return int(frozenset((i, j)) in joined and i != j)

        adjacency = tuple(tuple(F(entry(i, j)) for j in range(size)) for i in range(size))
        walk = normalised(entry, size)
        return [adjacency, walk, *(lazy(walk, h) for h in RATES)]

    return compared(
        "networks and lazy walks of theory.influence against their edges",
        f"{len(NETWORKS)} networks of at most 8 agents, h in {{1/2, 2/3, 1}}",
        lambda: ((name, n) for name in NETWORKS for n in range(NETWORKS[name][2], 4 if "cube" in name else 7)),
        derived,
        expected,
        show=lambda case: f"{case[0]}({case[1]})",
    )


RATES = (F(1, 2), F(2, 3), F(1))


def _families() -> Check[int]:
    from theory import influence

    a = (F(2), F(1), F(1, 3), F(5), F(1, 2), F(3))

    def derived(n: int) -> list[Rows]:
        sides = [rows_of(influence.complete_bipartite_graph(p, n - p)) for p in range(1, n)]
        return [
            rows_of(influence.uniform(n)),
            *(rows_of(influence.lazy_uniform(n, rational(h))) for h in RATES),
            rows_of(influence.weighted([rational(x) for x in a[:n]])),
            *(rows_of(influence.complete(n, rational(w))) for w in (F(1, 2), F(3), *([F(0)] if n > 1 else []))),
            *sides,
        ]

    def expected(n: int) -> list[Rows]:
        mean = normalised(lambda i, j: 1, n)
        ones = [tuple(tuple(F((i < p) != (j < p)) for j in range(n)) for i in range(n)) for p in range(1, n)]
        selves = (F(1, 2), F(3), *([F(0)] if n > 1 else []))
        return [
            mean,
            *(lazy(mean, h) for h in RATES),
            normalised(lambda i, j: a[j], n),
            *(normalised(lambda i, j, w=w: w if i == j else 1, n) for w in selves),  # type: ignore[misc]
            *ones,
        ]

    return compared(
        "families of theory.influence against their definitions",
        "n ≤ 6",
        lambda: range(1, 7),
        derived,
        expected,
        show=lambda n: f"n = {n}",
    )


def _refused() -> Check[str]:
    """Below its least size a network is refused; families need one agent, and whole numbers."""
    from theory import influence
    from theory.errors import InputError

    calls: dict[str, Callable[[], object]] = {
        f"{name}({least - 1})": lambda name=name, least=least: getattr(influence, name)(least - 1)  # type: ignore[misc]
        for name, (_, _, least) in NETWORKS.items()
    }
    calls["uniform(0)"] = lambda: influence.uniform(0)
    calls["complete(0, 1)"] = lambda: influence.complete(0, 1)
    calls["complete_bipartite_graph(0, 2)"] = lambda: influence.complete_bipartite_graph(0, 2)
    calls["complete_bipartite_graph(2, 0)"] = lambda: influence.complete_bipartite_graph(2, 0)

    def refused(name: str) -> bool:
        try:
            calls[name]()
        except InputError:
            return True
        return False

    return compared(
        "theory.influence refuses sizes for which there is no network",
        f"{len(calls)} calls",
        lambda: calls,
        refused,
        lambda name: True,
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of T3."""
    return (_networks(), _families(), _refused())
