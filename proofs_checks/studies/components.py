"""V6: on a network a coalition is worth the sum of its connected components, and so are payoffs (Myerson 1977).

Proved in `component_steps`; here the graph-restricted game v/g is built from a game of independent
symbols, on every network of at most four agents up to their names, and its payoffs are computed by brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations
from typing import Any

from sympy import Expr, Integer, Symbol, expand

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import shapley
from proofs_checks.oracles.networks import Link, Network, networks
from proofs_checks.steps import proof
from proofs_checks.studies.component_steps import efficiency_steps, fairness_steps, own_component_steps
from proofs_checks.verdict import Certificate, Level

PARTITION = "the components of a coalition partition it"
RESTRICTED = "a coalition is worth the sum of its components"
COMPONENT = "K is a component of C"
ENDS = "i and j are the ends of the deleted link"
LOCAL = "v(S) depends on S and the links inside it only"


@dataclass(frozen=True)
class Case:
    """A network, whether worth is restricted to it, and the agents or the link in question.

    Without `local`, deleting the link may change the worth of every coalition.
    """

    network: Network
    restricted: bool
    who: tuple[int, ...]
    link: Link | None = None
    local: bool = True

    @property
    def agents(self) -> int:
        """Number of agents."""
        return self.network.n

    @property
    def mask(self) -> int:
        """`who` as a bit mask."""
        return sum(1 << i for i in self.who)

    @property
    def kind(self) -> tuple[Any, ...]:
        """The same for cases that differ in the names of the agents only."""
        n, heard = self.network.n, self.network.heard
        orders = permutations(range(n))
        whole = self.restricted, self.local, n
        return whole + min(
            (
                tuple(sorted(order[i] for i in self.who)),
                tuple(sorted((order[i], order[j]) for i, j in heard)),
                tuple(sorted(order[i] for i in self.link or ())),
            )
            for order in orders
        )

    def game(self, network: Network) -> list[Expr]:
        """Return the game that is played on the network, from independent symbols: w for what the cut may change."""
        ends = sum(1 << i for i in self.link or ())
        v: list[Expr] = [Integer(0)]
        for S in range(1, 1 << network.n):
            changed = network != self.network and (not self.local or S & ends == ends)
            v.append(Symbol(f"{'w' if changed else 'v'}{S}", real=True))
        return network.restricted(v) if self.restricted else v

    def __str__(self) -> str:
        what = "" if self.restricted else ", v in place of v/g"
        what += "" if self.local else ", every worth changes with the link"
        people = ", ".join(str(i + 1) for i in self.who)
        cut = f", link {self.link[0] + 1}–{self.link[1] + 1}" if self.link else ""
        return f"{self.network}{what}, agents {people}{cut}"


Play = Callable[[Case, Network], list[Expr]]
Sides = Callable[[Case, Play], tuple[Expr, Expr]]


def played(case: Case, network: Network) -> list[Expr]:
    """Return the game that is played on a network."""
    return case.game(network)


def own_component(case: Case, play: Play) -> tuple[Expr, Expr]:
    """Return what the agent is paid in C, and in its own component alone."""
    return shapley(play(case, case.network), case.who[0]), _paid_in(case, _component(case))


def equal_share(case: Case, play: Play) -> tuple[Expr, Expr]:
    """Return what the agent is paid in C, and v(K)/|K|: a mutant."""
    K = _component(case)
    return shapley(play(case, case.network), case.who[0]), case.game(case.network)[K] / K.bit_count()


def without_network(case: Case, play: Play) -> tuple[Expr, Expr]:
    """Return what the agent is paid in C, and in all of C as if everyone were linked: a mutant."""
    unrestricted = Case(case.network, False, case.who)
    return shapley(play(case, case.network), case.who[0]), shapley(unrestricted.game(case.network), case.who[0])


def _component(case: Case) -> int:
    everyone = (1 << case.network.n) - 1
    return next(K for K in sorted(case.network.components(everyone), reverse=True) if K >> case.who[0] & 1)


def _paid_in(case: Case, K: int) -> Expr:
    """Return the Shapley value of the agent in the game on the members of K."""
    members = [i for i in range(case.network.n) if K >> i & 1]
    game = case.game(case.network)
    inside = [game[sum(1 << i for b, i in enumerate(members) if S >> b & 1)] for S in range(1 << len(members))]
    return shapley(inside, members.index(case.who[0]))


def efficiency(case: Case, play: Play) -> tuple[Expr, Expr]:
    """Return the sum of the payoffs of `who`, and their worth together."""
    game = play(case, case.network)
    return sum((shapley(game, i) for i in case.who), Integer(0)), Symbol(f"v{case.mask}", real=True)


def efficiency_of_all(case: Case, play: Play) -> tuple[Expr, Expr]:
    """Return the sum of the payoffs of `who`, and the worth of C: a mutant."""
    return efficiency(case, play)[0], case.game(case.network)[-1]


def fairness(case: Case, play: Play, ratio: int = 1) -> tuple[Expr, Expr]:
    """Return by how much the payoffs of two agents change when the link is deleted, the second times `ratio`."""
    assert case.link is not None
    linked, cut = play(case, case.network), play(case, case.network.without(case.link))
    changes = [shapley(linked, i) - shapley(cut, i) for i in case.who]
    return changes[0], ratio * changes[1]


def _once(cases: Iterator[Case]) -> Iterator[Case]:
    """Yield the cases once up to the names of the agents."""
    seen = set()
    for case in cases:
        if case.kind not in seen:
            seen.add(case.kind)
            yield case


def _agents() -> Iterator[Case]:
    for network in networks():
        for restricted in (True, False):
            yield from (Case(network, restricted, (i,)) for i in range(network.n))


def _sets() -> Iterator[Case]:
    for network in networks():
        for restricted in (True, False):
            for size in range(1, network.n + 1):
                yield from (Case(network, restricted, who) for who in combinations(range(network.n), size))


def _links() -> Iterator[Case]:
    for network in networks():
        for link in network.links:
            for pair in combinations(range(network.n), 2):
                yield Case(network, True, pair, link)
            yield Case(network, True, link, link, local=False)


def _check(part: str, instances: Callable[[], Iterator[Case]], sides: Sides) -> Check[Case]:
    def gap(case: Case) -> Expr:
        left, right = sides(case, played)
        return expand(left - right)

    def point(case: Case) -> dict[str, int]:
        """Return a game in which one coalition is worth 1, and the two sides differ."""
        difference = gap(case).free_symbols
        first = min(difference, key=lambda x: (int(str(x)[1:]), str(x)))
        left, right = sides(case, played)
        names = sorted(left.free_symbols | right.free_symbols, key=lambda x: (int(str(x)[1:]), str(x)))
        return {str(x): int(x == first) for x in names}

    def holds(case: Case) -> str | None:
        if gap(case) == 0:
            return None
        at = point(case)
        (one,) = (name for name, x in at.items() if x)
        numbers = [side.subs({Symbol(name, real=True): x for name, x in at.items()}) for side in sides(case, played)]
        members = "".join(str(i + 1) for i in range(case.network.n) if int(one[1:]) >> i & 1)
        when = " once the link is deleted" * (one[0] == "w")
        return f"v({members}) = 1{when} and 0 otherwise: {numbers[0]} is not {numbers[1]}"

    def certify(case: Case, holds: bool) -> Certificate | None:
        connected = len(case.network.components(2**case.network.n - 1)) == 1
        if holds and part == "own component" and connected:
            return None  # K is C: both sides are the same text
        if not holds:
            left, right = sides(case, played)
            return value(f"{left} == {right}", point(case), note=f"{part}: {case}")
        definitions: dict[Expr, Expr] = {}

        def named(case: Case, network: Network) -> list[Expr]:
            """Return names for the values of the game, and keep what each is in v."""
            prefix = "u" if network == case.network else "c"
            names = [Symbol(f"{prefix}{S}", real=True) for S in range(1, 1 << network.n)]
            definitions.update(zip(names, case.game(network)[1:], strict=True))
            return [Integer(0), *names]

        left, right = sides(case, named)
        gap_of_names = expand(left - right)
        given = [
            (f"value {name}, by components", name - x, "= 0", gap_of_names.coeff(name))
            for name, x in definitions.items()
            if gap_of_names.has(name)
        ]
        return combination(gap_of_names, "= 0", given, f"{part}: {case}")

    return Check(
        what=f"{part}: brute force on the graph-restricted game of independent symbols",
        scope="all games on all networks of at most 4 agents",
        level=Level.SYMBOLIC,
        instances=lambda: _once(instances()),
        conclusion=holds,
        hypotheses={
            PARTITION: lambda case: case.network.partitioned,
            RESTRICTED: lambda case: case.restricted,
            COMPONENT: lambda case: part != "efficiency" or case.mask in case.network.components(2**case.network.n - 1),
            ENDS: lambda case: case.link is None or case.link == case.who,
            LOCAL: lambda case: case.local,
        },
        part=part,
        certify=certify,
    )


def v6() -> Study:
    """Return the checks of V6."""
    scope = "all games, all networks of any size"
    own, whole = _check("own component", _agents, own_component), _check("efficiency", _sets, efficiency)
    fair = _check("fairness", _links, fairness)
    return Study(
        "V6",
        (
            proof("agents outside the component are null players", scope, own_component_steps, part="own component"),
            proof("efficiency inside the component", scope, efficiency_steps, part="efficiency"),
            proof("v/g − v/(g∖ij) treats i and j alike", scope, fairness_steps, part="fairness"),
            own,
            whole,
            fair,
        ),
        (
            Mutant("components overlap at a one-way link", whole.dropping(PARTITION), PARTITION),
            Mutant("v in place of v/g", whole.dropping(RESTRICTED), RESTRICTED),
            Mutant("v in place of v/g: agents of other components matter", own.dropping(RESTRICTED), RESTRICTED),
            Mutant("any subset K of C", whole.dropping(COMPONENT), COMPONENT),
            Mutant("a link between others", fair.dropping(ENDS), ENDS),
            Mutant("a worth that the link changes from outside", fair.dropping(LOCAL), LOCAL),
            Mutant("v(K)/|K|", _check("own component", _agents, equal_share), "the Shapley value in the own component"),
            Mutant("all of C counts", _check("own component", _agents, without_network), "K as the own component"),
            Mutant(
                "payoffs in K sum to the worth of C",
                _check("efficiency", _sets, efficiency_of_all),
                "v(K) as the sum over K",
            ),
            Mutant(
                "j changes twice as much",
                _check("fairness", _links, partial(fairness, ratio=2)),
                "1 as the ratio of the changes",
            ),
            Mutant(
                "j changes the other way",
                _check("fairness", _links, partial(fairness, ratio=-1)),
                "1 as the ratio of the changes",
            ),
        ),
    )
