"""The law of the coupled dynamics with random moves, from the definitions: every agent, every move, every outcome.

Uniform influence.  A *position* is a structure with the opinions of all agents, after averaging.  One slow step: an
agent, uniform among those with an admissible move, makes one of them, uniform; then every coalition averages.
`admissible_law` decides by payoffs (Shapley values over all subsets) what is admissible; `free_law` admits all.

Two ways to E V(t): all positions with their chances (`expected_disagreement`), and the linear law of the mean squares
E[(c_C − c_D)²; structure], structure by structure, agents with names (`lifted_matrix`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

from proofs_checks.oracles.dynamics import Phi, scatter
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.oracles.matrices import Matrix

Structure = tuple[tuple[int, ...], ...]
Opinions = tuple[Fraction, ...]
Law = Callable[[Structure, Opinions], Iterator[tuple[Structure, Fraction]]]
Target = tuple[int, ...]  # a coalition, or () for being alone
Choices = dict[int, list[Target]]
Accepts = Callable[[Structure, Target], bool]
PairClass = tuple[tuple[int, ...], tuple[int, int]]  # sizes of a structure, sizes of two of its coalitions
Draw = Callable[[Structure, Choices], Iterator[tuple[int, Target, Fraction]]]


def averaged(structure: Structure, opinions: Sequence[Fraction]) -> Opinions:
    """Return the opinions once every coalition has averaged its own."""
    result = list(opinions)
    for C in structure:
        mean = sum((opinions[i] for i in C), Fraction(0)) / len(C)
        for i in C:
            result[i] = mean
    return tuple(result)


def moved(structure: Structure, agent: int, target: Target) -> Structure:
    """Return the structure after an agent has joined a coalition, or founded one alone: target ()."""
    kept = [tuple(i for i in C if i != agent) for C in structure if target != C]
    return tuple(sorted((*(C for C in kept if C), tuple(sorted((*target, agent))))))


def targets(structure: Structure, agent: int) -> list[Target]:
    """Return where an agent can go: the other coalitions, and () for being alone unless it is."""
    own = next(C for C in structure if agent in C)
    return [C for C in structure if own != C] + ([()] if len(own) > 1 else [])


def uniform(structure: Structure, choices: Choices) -> Iterator[tuple[int, Target, Fraction]]:
    """Draw an agent, then one of its moves."""
    for agent, there in choices.items():
        for target in there:
            yield agent, target, Fraction(1, len(choices) * len(there))


def by_coalition(structure: Structure, choices: Choices) -> Iterator[tuple[int, Target, Fraction]]:
    """Draw a coalition, then one of its agents, then one of its moves."""
    groups = [[agent for agent in C if agent in choices] for C in structure]
    drawn = [group for group in groups if group]
    for group in drawn:
        for agent in group:
            for target in choices[agent]:
                yield agent, target, Fraction(1, len(drawn) * len(group) * len(choices[agent]))


def alone_first(structure: Structure, choices: Choices) -> Iterator[tuple[int, Target, Fraction]]:
    """Draw an agent, which founds its own coalition if it may, and makes one of its other moves if not."""
    yield from uniform(structure, {agent: [()] if () in there else there for agent, there in choices.items()})


def anyone(structure: Structure, target: Target) -> bool:
    """Accept every entrant."""
    return True


def free_law(structure: Structure, opinions: Opinions, draw: Draw = uniform) -> Iterator[tuple[Structure, Fraction]]:
    """Yield the next structures and their chances when every move is admissible."""
    choices = {agent: targets(structure, agent) for agent in range(len(opinions))}
    for agent, target, chance in draw(structure, choices):
        yield moved(structure, agent, target), chance


def admissible_moves(
    structure: Structure, opinions: Opinions, performance: Phi, cost: Fraction, accepts: Accepts = anyone
) -> Choices:
    """Return the agents with an admissible move, and where they may go: gains more than `cost`, accepted."""

    def paid(coalition: Target, agent: int) -> Fraction:
        value = aumann_dreze(tuple(opinions[i] for i in coalition), coalition.index(agent), performance)
        return Fraction(value)

    choices = {}
    for agent in range(len(opinions)):
        staying = paid(next(C for C in structure if agent in C), agent)
        admitted = [
            target
            for target in targets(structure, agent)
            if paid((*target, agent), agent) - staying > cost and accepts(structure, target)
        ]
        if admitted:
            choices[agent] = admitted
    return choices


def admissible_law(performance: Phi, cost: Fraction, accepts: Accepts = anyone) -> Law:
    """Return the law of the dynamics: a random admissible move, rest if there is none."""

    def law(structure: Structure, opinions: Opinions) -> Iterator[tuple[Structure, Fraction]]:
        choices = admissible_moves(structure, opinions, performance, cost, accepts)
        if not choices:
            yield structure, Fraction(1)
        for agent, target, chance in uniform(structure, choices):
            yield moved(structure, agent, target), chance

    return law


def expected_disagreement(
    structure: Sequence[Sequence[int]], opinions: Sequence[Fraction], steps: int, law: Law = free_law
) -> list[Fraction]:
    """Return E V(t), t = 0 .. steps, from all positions that can be reached; V(0) after the first averaging.

    Examples
    --------
    >>> x = (Fraction(0), Fraction(0), Fraction(3))
    >>> [str(V) for V in expected_disagreement(((0,), (1,), (2,)), x, 2)]
    ['6', '3', '5/4']
    """
    structure = _listed(structure)
    chances = {(structure, averaged(structure, opinions)): Fraction(1)}
    path = []
    for step in range(steps + 1):
        path.append(sum((chance * scatter(x) for (_, x), chance in chances.items()), Fraction(0)))
        if step == steps:
            break
        following: dict[tuple[Structure, Opinions], Fraction] = {}
        for (before, x), chance in chances.items():
            for after, share in law(before, x):
                position = after, averaged(after, x)
                following[position] = following.get(position, Fraction(0)) + chance * share
        chances = following
    return path


def structures(n: int) -> list[Structure]:
    """Return every structure of n agents that moves reach from all alone: all of them."""
    nobody = (Fraction(0),) * n
    found: list[Structure] = [tuple((i,) for i in range(n))]
    for structure in found:
        found.extend(after for after in dict.fromkeys(s for s, _ in free_law(structure, nobody)) if after not in found)
    return found


def coordinates(n: int) -> list[tuple[Structure, int, int]]:
    """Return the coordinates of `lifted_matrix`: each structure with each pair of its coalitions, by their places."""
    return [(structure, i, j) for structure in structures(n) for i, j in combinations(range(len(structure)), 2)]


def lifted_matrix(n: int) -> Matrix:
    """Return the matrix that takes E[(c_C − c_D)²; structure] to the same after one move, agents with names.

    The new consensus of a coalition is Σ w c over the old coalitions, w the shares of its members that come from them;
    and a square of a combination whose weights add up to 0 is ``(Σ w c)² = −Σ_{a<b} w_a w_b (c_a − c_b)²``.
    """
    place = {known: index for index, known in enumerate(coordinates(n))}
    rows = [[Fraction(0)] * len(place) for _ in place]
    nobody = (Fraction(0),) * n
    for before in structures(n):
        for after, chance in free_law(before, nobody):
            shares = [[Fraction(len(set(D) & set(C)), len(D)) for C in before] for D in after]
            for i, j in combinations(range(len(after)), 2):
                w = [x - y for x, y in zip(shares[i], shares[j], strict=True)]
                for a, b in combinations(range(len(before)), 2):
                    rows[place[after, i, j]][place[before, a, b]] -= chance * w[a] * w[b]
    return tuple(map(tuple, rows))


@lru_cache(maxsize=32)
def class_matrix(n: int, draw: Draw = uniform) -> tuple[tuple[PairClass, ...], Matrix]:
    """Return the classes (sizes, pair of sizes), and the matrix of `lifted_matrix` between sums over classes.

    Agents being alike, one structure stands for all of the same sizes, one pair of coalitions for all in its class; a
    `draw` has to treat them alike too.
    """
    place: dict[PairClass, int] = {}
    columns: list[list[Fraction]] = []
    nobody = (Fraction(0),) * n
    starts = {}
    for structure in structures_by_sizes(n):
        for i, j in combinations(range(len(structure)), 2):
            known = _class(structure, i, j)
            if known not in place:
                place[known] = len(place)
                starts[known] = structure, i, j
    for before, a, b in starts.values():
        column = [Fraction(0)] * len(place)
        for after, chance in free_law(before, nobody, draw):
            w = [Fraction(len(set(D) & set(before[a])), len(D)) for D in after]
            v = [Fraction(len(set(D) & set(before[b])), len(D)) for D in after]
            for i, j in combinations(range(len(after)), 2):
                column[place[_class(after, i, j)]] -= chance * (w[i] - w[j]) * (v[i] - v[j])
        columns.append(column)
    return tuple(place), tuple(zip(*columns, strict=True))


def class_path(structure: Structure, opinions: Sequence[Fraction], steps: int) -> list[Fraction]:
    """Return E V(t), t = 0 .. steps, by `class_matrix`.

    Examples
    --------
    >>> x = (Fraction(0), Fraction(0), Fraction(3))
    >>> [str(V) for V in class_path(((0,), (1,), (2,)), x, 3)]
    ['6', '3', '5/4', '29/48']
    """
    n, x = len(opinions), averaged(structure, opinions)
    classes, matrix = class_matrix(n)
    state = dict.fromkeys(classes, Fraction(0))
    for i, j in combinations(range(len(structure)), 2):
        state[_class(structure, i, j)] += (x[structure[i][0]] - x[structure[j][0]]) ** 2
    q, path = list(state.values()), []
    for _ in range(steps + 1):
        path.append(sum((Fraction(a * b, n) * s for (_, (a, b)), s in zip(classes, q, strict=True)), Fraction(0)))
        q = [sum((a * s for a, s in zip(row, q, strict=True) if a), Fraction(0)) for row in matrix]
    return path


def structures_by_sizes(n: int) -> list[Structure]:
    """Return one structure of each sizes that moves reach from all alone."""
    waiting: list[Structure] = [tuple((i,) for i in range(n))]
    found = {(1,) * n}
    for structure in waiting:
        for after, _ in free_law(structure, (Fraction(0),) * n):
            sizes = tuple(sorted(map(len, after), reverse=True))
            if sizes not in found:
                found.add(sizes)
                waiting.append(after)
    return waiting


def _class(structure: Structure, i: int, j: int) -> PairClass:
    sizes = tuple(sorted(map(len, structure), reverse=True))
    a, b = sorted((len(structure[i]), len(structure[j])))
    return sizes, (a, b)


def lifted_path(structure: Sequence[Sequence[int]], opinions: Sequence[Fraction], steps: int) -> list[Fraction]:
    """Return E V(t), t = 0 .. steps, by `lifted_matrix`.

    Examples
    --------
    >>> x = (Fraction(0), Fraction(0), Fraction(3))
    >>> [str(V) for V in lifted_path(((0,), (1,), (2,)), x, 3)]
    ['6', '3', '5/4', '29/48']
    """
    n, structure = len(opinions), _listed(structure)
    known, x = coordinates(n), averaged(structure, opinions)
    state = [(x[pi[i][0]] - x[pi[j][0]]) ** 2 if pi == structure else Fraction(0) for pi, i, j in known]
    weights = [Fraction(len(pi[i]) * len(pi[j]), n) for pi, i, j in known]
    columns = [[(i, v) for i, v in enumerate(column) if v] for column in zip(*lifted_matrix(n), strict=True)]
    path = []
    for _ in range(steps + 1):
        path.append(sum((w * q for w, q in zip(weights, state, strict=True)), Fraction(0)))
        following = [Fraction(0)] * len(state)
        for q, column in zip(state, columns, strict=True):
            for i, value in column:
                following[i] += value * q
        state = following
    return path


def _listed(structure: Sequence[Sequence[int]]) -> Structure:
    """Return the structure as positions know it: members and coalitions in order."""
    return tuple(sorted(tuple(sorted(C)) for C in structure))
