"""S7: the chain of sizes and the bounds of the rate in `theory`, against the law of all moves of named agents."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import product

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared
from proofs_checks.oracles.mixing import Structure, class_matrix, free_law, structures_by_sizes

AGENTS = (2, 3, 4, 5)


@lru_cache(maxsize=8)
def _ratios(agents: int, weights: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return (Mᵀy)_j / y_j, the classes in the order of `theory.mixing.pair_classes`."""
    from theory.mixing import pair_classes

    classes, M = class_matrix(agents)
    of = dict(zip(pair_classes(agents), weights, strict=True))
    y = [of[known] for known in classes]  # type: ignore[index]
    found = {known: sum((M[i][j] * y[i] for i in range(len(y))), Fraction(0)) / y[j] for j, known in enumerate(classes)}
    return tuple(found[known] for known in of)


def _chances() -> Check[int]:
    """Chances of the next sizes, and of each kind of move, from all moves of named agents."""
    from theory.size_chain import size_chain, size_moves, target_count

    def sizes_of(structure: Structure) -> tuple[int, ...]:
        return tuple(sorted(map(len, structure), reverse=True))

    def kinds(structure: Structure) -> dict[tuple[int, int, tuple[int, ...]], Fraction]:
        """Return the chances by the sizes of the coalition that is left and of that joined, and the sizes after."""
        found: dict[tuple[int, int, tuple[int, ...]], Fraction] = {}
        n = sum(map(len, structure))
        for C in structure:
            others = [len(D) for D in structure if D != C] + ([0] if len(C) > 1 else [])
            for joined in others:
                left = [len(D) for D in structure]
                left.remove(len(C))
                if joined:
                    left.remove(joined)
                after = tuple(sorted([k for k in (*left, len(C) - 1, joined + 1) if k], reverse=True))
                key = (len(C), joined, after)
                found[key] = found.get(key, Fraction(0)) + Fraction(len(C), n * len(others))
        return found

    def derived(agents: int) -> object:
        moves = {
            sizes: {(move.source, move.target, move.after): move.chance for move in size_moves(sizes)}
            for sizes in size_chain(agents)
        }
        counts = {sizes: [target_count(sizes, k) for k in sizes] for sizes in moves}
        return size_chain(agents), moves, counts

    def expected(agents: int) -> object:
        chain: dict[tuple[int, ...], dict[tuple[int, ...], Fraction]] = {}
        moves, counts = {}, {}
        for structure in structures_by_sizes(agents):
            before = sizes_of(structure)
            row = chain.setdefault(before, {})
            for after, chance in free_law(structure, (Fraction(0),) * agents):
                row[sizes_of(after)] = row.get(sizes_of(after), Fraction(0)) + chance
            moves[before] = kinds(structure)
            counts[before] = [len(structure) - 1 + (k > 1) for k in before]
        return chain, moves, counts

    return compared(
        "size_chain and size_moves of theory.size_chain against all moves of named agents",
        "n from 2 to 6",
        lambda: range(2, 7),
        derived,
        expected,
        show=lambda agents: f"n = {agents}",
    )


def _quotients() -> Check[tuple[int, int]]:
    from theory.mixing import pair_classes
    from theory.mixing_bounds import quotients

    def weights(case: tuple[int, int]) -> tuple[Fraction, ...]:
        agents, step = case
        return tuple(Fraction(1 + step * i % 5, 1 + i % 3) for i in range(len(pair_classes(agents))))

    return compared(
        "quotients of theory.mixing_bounds against all moves of named agents",
        "n ≤ 5, three weights each",
        lambda: product(AGENTS, (0, 1, 3)),
        lambda case: quotients(case[0], weights(case)),
        lambda case: _ratios(case[0], weights(case)),
        show=lambda case: f"n = {case[0]}, weights {', '.join(map(str, weights(case)))}",
    )


def _bounds() -> Check[tuple[int, int]]:
    """The bounds are the least and greatest quotient of their weights, and as close as the digits allow."""
    from theory.mixing_bounds import decay_bounds

    def derived(case: tuple[int, int]) -> tuple[object, ...]:
        bounds = decay_bounds(*case)
        close = 0 <= bounds.upper - bounds.lower <= Fraction(100, 10 ** case[1])
        return bounds.lower, bounds.upper, min(bounds.weights) > 0, close

    def expected(case: tuple[int, int]) -> tuple[object, ...]:
        ratios = _ratios(case[0], decay_bounds(*case).weights)
        return min(ratios), max(ratios), True, True

    return compared(
        "decay_bounds of theory.mixing_bounds against all moves of named agents",
        "n ≤ 5, 4 and 9 digits",
        lambda: product(AGENTS, (4, 9)),
        derived,
        expected,
        show=lambda case: f"n = {case[0]}, {case[1]} digits",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S7."""
    return (_chances(), _quotients(), _bounds())
