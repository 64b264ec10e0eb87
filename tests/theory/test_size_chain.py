"""The chain of coalition sizes against agents counted one by one."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from theory.errors import InputError
from theory.size_chain import Sizes, changed, move_chance, size_chain, size_moves, size_partitions


def counted(sizes: Sizes) -> dict[Sizes, Fraction]:
    """The law of the next sizes, every agent and every target one by one."""
    law: Counter[Sizes] = Counter()
    n = sum(sizes)
    for own, size in enumerate(sizes):
        targets = [D for D in range(len(sizes)) if own != D] + ([len(sizes)] if size > 1 else [])
        for target in targets:
            after = [*sizes, 0]
            after[own] -= 1
            after[target] += 1
            law[tuple(sorted((x for x in after if x), reverse=True))] += Fraction(size, n * len(targets))
    return dict(law)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 9])
def test_transitions_agent_by_agent(n: int) -> None:
    chain = size_chain(n)
    assert set(chain) == set(size_partitions(n))
    for sizes, row in chain.items():
        assert row == counted(sizes)
        assert sum(row.values()) == 1


def test_numbers_of_partitions() -> None:
    assert [len(size_partitions(n)) for n in range(2, 11)] == [2, 3, 5, 7, 11, 15, 22, 30, 42]
    assert all(sum(sizes) == 7 for sizes in size_partitions(7))


def test_moves_between_equal_sizes_are_counted_together() -> None:
    moves = {(move.source, move.target): move.chance for move in size_moves((2, 2))}
    assert moves == {(2, 2): Fraction(1, 2), (2, 0): Fraction(1, 2)}
    assert move_chance((2, 2), 2) == Fraction(1, 4)
    assert changed((2, 2), (2, 2), (1, 3)) == (3, 1)


@pytest.mark.parametrize("n", [1, 0, -3, 31, 2.0, "3", True, None])
def test_numbers_of_agents_out_of_range(n: object) -> None:
    with pytest.raises(InputError, match="n: "):
        size_partitions(n)  # type: ignore[arg-type]
