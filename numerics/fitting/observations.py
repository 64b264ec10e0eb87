"""Observed opinions: groups of agents that answered the same items, round after round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.expressions import FloatArray
from numerics.validation import MAX_SIZE
from theory.errors import InputError


@dataclass(frozen=True, eq=False)
class Group:
    """One group: who was in it and what each of them answered to each item in each round.

    Attributes
    ----------
    name : str
    agents : k names, all different; the same name in another group is another agent.
    opinions : (items, rounds, k) read-only, nan where an answer is missing; at least one item and one agent.
    truth : (items,) read-only, the right answers, nan where unknown.
    items : names of the items, all different.

    Raises
    ------
    InputError
        If the shapes do not fit each other, a name is there twice, or a number is infinite or too large.

    Examples
    --------
    >>> group = Group("jury", ("Ann", "Bob"), np.array([[[0.2, 0.8], [0.4, np.nan]]]), np.array([np.nan]), ("guilt",))
    >>> group.n_agents, group.n_missing
    (2, 1)
    """

    name: str
    agents: tuple[str, ...]
    opinions: FloatArray
    truth: FloatArray
    items: tuple[str, ...]

    def __post_init__(self) -> None:
        put = object.__setattr__
        opinions = _numbers(self.opinions, f"group {self.name}: opinions")
        truth = _numbers(self.truth, f"group {self.name}: truth")
        agents, items = tuple(map(str, self.agents)), tuple(map(str, self.items))
        for what, names in (("agents", agents), ("items", items)):
            if not names or len(set(names)) < len(names):
                problem = "are not names that differ" if names else "are empty"
                raise InputError(f"group {self.name}: {what}", list(names), problem, "give every one its own name")
        if opinions.ndim != 3 or opinions.shape[::2] != (len(items), len(agents)):
            problem = f"is not of shape items × rounds × agents, ({len(items)}, rounds, {len(agents)})"
            raise InputError(f"group {self.name}: opinions", opinions.shape, problem, "give nan for missing answers")
        if truth.shape != (len(items),):
            problem = f"is not one number for each of {len(items)} items"
            raise InputError(f"group {self.name}: truth", truth.shape, problem, "give nan where it is unknown")
        for name, value in (("agents", agents), ("items", items), ("opinions", opinions), ("truth", truth)):
            put(self, name, value)

    @property
    def n_agents(self) -> int:
        """Number k of agents."""
        return len(self.agents)

    @property
    def n_missing(self) -> int:
        """Number of answers that are missing."""
        return int(np.isnan(self.opinions).sum())


@dataclass(frozen=True, eq=False)
class Observations:
    """Groups that were observed over the same rounds.

    Attributes
    ----------
    groups : at least one, with different names; they may differ in size and in their items.
    rounds : names of the rounds, in the order in which they took place.
    """

    groups: tuple[Group, ...]
    rounds: tuple[str, ...]

    def __post_init__(self) -> None:
        put = object.__setattr__
        groups, rounds = tuple(self.groups), tuple(map(str, self.rounds))
        put(self, "groups", groups)
        put(self, "rounds", rounds)
        names = [group.name for group in groups]
        if not names or len(set(names)) < len(names):
            problem = "are not names that differ" if names else "are empty"
            raise InputError("groups", names, problem, "give every group its own name")
        if not rounds or len(set(rounds)) < len(rounds):
            problem = "are not names that differ" if rounds else "are empty"
            raise InputError("rounds", list(rounds), problem, "give every round its own name")
        for group in groups:
            if group.opinions.shape[1] != len(rounds):
                problem = f"is not of shape items × rounds × agents with {len(rounds)} rounds"
                raise InputError(f"group {group.name}: opinions", group.opinions.shape, problem, "give all rounds")

    @property
    def n_agents(self) -> int:
        """Number of agents of all groups together."""
        return sum(group.n_agents for group in self.groups)


def _numbers(given: object, field: str) -> FloatArray:
    """A read-only copy; nan is allowed, infinity is not."""
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(field, given, "is no array of numbers", "give numbers, and nan where one is missing") from None
    if np.isinf(values).any() or (np.abs(values) > MAX_SIZE).any():
        raise InputError(field, given, "has a number that is infinite or too large", f"keep below {MAX_SIZE:g}")
    values.flags.writeable = False
    return values
