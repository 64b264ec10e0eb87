"""From a fit to a scenario: what `diagnose` and `simulate` need beyond who listened to whom.

A log shows who listened to whom inside of the groups as they were.  To ask what happens if somebody moves, a scenario
needs three things more, and this is how they are chosen:

- *Attention to strangers.*  An agent that meets somebody it was never seen with gives them what it gives a groupmate
  on average, m_i = mean_{j≠i in its group} W_ij.  Rows are divided by their sum inside of every coalition, so that in
  the observed groups influence is exactly the fitted W.  An agent seen alone is taken for the mean of all others.
- *What is aimed at.*  φ(u) = -(u-θ)²/σ², θ the truth where the log has it and otherwise the mean first answer, σ² the
  variance of the first answers (`numerics.fitting.units`).  Opinions about several items are rows of coordinates, and φ
  the mean of this over the items.
- *Where it starts.*  Opinions are the last answers; what stubborn agents hold on to are the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.expressions import FloatArray
from numerics.fitting.columns import name_in_words
from numerics.fitting.fit import GroupFit, InfluenceFit
from numerics.fitting.observations import Group, Observations
from numerics.fitting.units import units_of
from numerics.influence import general
from numerics.model import MAX_GENERAL_TABLE, Model
from numerics.scenario import Scenario
from theory.errors import InputError

MAX_ITEMS = 12  # coordinates of a scenario's opinions: with more, thresholds of every one of them take minutes
LEAST_SELF_WEIGHT = 1e-3  # of the own opinion, so that opinions have a limit; far below what a log can tell from 0
LEAST_STUBBORNNESS = 1e-3  # likewise; and anything above 0, be it rounding, decides where opinions end
ROUNDING = 1e-9  # of weights
SAMPLES = 100  # pairs of random orders: payoffs of large coalitions to a tenth of their spread
LISTED = 600  # characters of names in an error


@dataclass(frozen=True, eq=False)
class FittedScenario:
    """A scenario made from a log.

    Attributes
    ----------
    scenario : Scenario
    agents : for each agent of the scenario, its group and its name.
    items : what the coordinates of opinions are about.
    notes : what was chosen or assumed to make it, a sentence each.
    """

    scenario: Scenario
    agents: tuple[tuple[str, str], ...]
    items: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def comments(self) -> list[str]:
        """What a file says above the scenario: who is who, what was chosen."""
        lines = ["Agents:", *(f"  {i}  {name} of {group}" for i, (group, name) in enumerate(self.agents))]
        if len(self.items) > 1:
            lines += ["Coordinates:", *(f"  u{k}  {item}" for k, item in enumerate(self.items, 1))]
        return [*lines, "", *self.notes]


def fitted_scenario(
    observations: Observations,
    fit: InfluenceFit,
    about: str | None = None,
    switching_cost: float = 0.0,
    title: str = "",
    only: Sequence[str] | None = None,
) -> FittedScenario:
    """Return a scenario that goes on from where the observed groups ended.

    Parameters
    ----------
    observations : Observations, with at most 12 items that all groups answered, unless `about` names one.
    fit : influence fitted to them by `fit_influence`.
    about : the item that opinions are about; all that are common to the groups unless given.
    switching_cost : κ, in units of the variance of first answers.
    title : of the scenario.
    only : names of the groups that the scenario is about; all unless given.

    Returns
    -------
    FittedScenario
        Agents are those of the first group, then of the second, …; the structure is the groups.  It does not depend on
        the unit of the answers: with all answers and truths of an item in another one, gains are the same.

    Raises
    ------
    InputError
        If no item is common to all groups, there are too many, a group never answered one, or has another name.

    Notes
    -----
    O(n²) for n agents.  See `numerics.fitting.fitted_scenario` for what is assumed, and `notes` for what applied.

    Examples
    --------
    >>> from numerics.fitting.fit import fit_influence
    >>> x = np.array([[0.0, 1.0], [0.25, 0.75], [0.375, 0.75], [0.46875, 0.75]])
    >>> log = Observations((Group("pair", ("Ann", "Bob"), x[None], [0.5], ("q",)),), ("1", "2", "3", "4"))
    >>> made = fitted_scenario(log, fit_influence(log, regularisation=0, bootstrap=0), switching_cost=0.1)
    >>> made.scenario.model.opinions.tolist(), made.scenario.model.performance, made.scenario.run["structure"]
    ([0.46875, 0.75], -4*(u - 1/2)**2, [[0, 1]])
    """
    chosen = chosen_groups(observations, only)
    groups, fits = tuple(observations.groups[g] for g in chosen), tuple(fit.groups[g] for g in chosen)
    items = _items(groups, about)
    last, first, notes = _ends(groups, items)
    units = units_of(groups, items, first)
    W, listening = _influence(fits, fit.groups)
    size = np.array([group.n_agents for group in groups])
    structure = np.split(np.arange(size.sum()), np.cumsum(size)[:-1])
    stubbornness = np.concatenate([group.stubbornness for group in fits])
    slight = stubbornness < LEAST_STUBBORNNESS
    if (stubbornness[slight] > ROUNDING).any():
        notes.append(f"Stubbornness below {LEAST_STUBBORNNESS:g} is taken for none.")
    stubbornness[slight] = 0.0
    zero, unit = (np.repeat(part, size, axis=0) for part in (units.zero, units.unit))
    opinions, innate = ((x - zero) / unit for x in (last, first))
    if len(items) == 1:
        opinions, innate = opinions[:, 0], innate[:, 0]
    model = Model(
        opinions,
        units.performance,
        switching_cost,
        influence=general(W),
        stubbornness=stubbornness,
        innate_opinions=innate if stubbornness.any() else None,
    )
    run: dict[str, Any] = {"seed": 0, "structure": [part.tolist() for part in structure]}
    left_out = [item for item in dict.fromkeys(i for group in groups for i in group.items) if item not in items]
    if left_out and about is None:
        notes.append(f"Left out, as not all groups were asked: {listed(left_out)}.")
    if len(groups) < len(observations.groups):
        names = listed([group.name for group in groups])
        notes.append(f"About {names} only; influence was fitted to all {len(observations.groups)} groups.")
    if model.n_agents > MAX_GENERAL_TABLE:
        run["samples"] = SAMPLES
        notes.append(
            f"Payoffs of coalitions of more than {MAX_GENERAL_TABLE} members are estimated from {SAMPLES} pairs of "
            "random orders."
        )
    agents = tuple((group.name, agent) for group in groups for agent in group.agents)
    return FittedScenario(
        Scenario(model, title, run, (float(switching_cost),)), agents, items, (*units.notes, *listening, *notes)
    )


def chosen_groups(observations: Observations, only: Sequence[str] | None, about: str | None = None) -> list[int]:
    """Return the numbers of the groups that a scenario is about, in their order.

    Raises
    ------
    InputError
        If a name is that of no group or there twice, or `about` is given and no item that all of them answered.
    """
    names = [group.name for group in observations.groups]
    if only is None:
        chosen = list(range(len(names)))
    else:
        if not isinstance(only, (list, tuple)) or not only:
            raise InputError("only", only, "is no list of groups", f"name some of {listed(names)}")
        for k, name in enumerate(only):
            if name not in names or name in only[:k]:
                problem = "is named twice" if name in names else "is no group"
                raise InputError("only", name, problem, f"name some of {listed(names)}")
        chosen = sorted(names.index(name) for name in only)
    if about is not None:
        _items(tuple(observations.groups[g] for g in chosen), about)
    return chosen


def _items(groups: tuple[Group, ...], about: str | None) -> tuple[str, ...]:
    others = [set(group.items) for group in groups[1:]]
    common = [item for item in groups[0].items if all(item in other for other in others)]
    if about is not None:
        if about not in common:
            advice = f"use one of {listed(common)}" if common else "choose groups that share an item (--only)"
            raise InputError("about", about, "is no item that all groups answered", advice)
        return (about,)
    if not common:
        advice = "choose groups that share one (--only A,B,C)"
        raise InputError("about", None, "cannot be chosen: no item was answered by all groups", advice)
    if len(common) > MAX_ITEMS:
        problem = f"is missing: {len(common)} items are more coordinates than the {MAX_ITEMS} that opinions may have"
        raise InputError("about", None, problem, f"choose one item (--about ITEM): {listed(common)}")
    return tuple(common)


def listed(names: Sequence[str]) -> str:
    """Names on one line, each cut if it is long, and how many more there are.

    Examples
    --------
    >>> listed(["rain", "snow"]), listed([f"question {k}" for k in range(1000)])[-31:]
    ('rain, snow', 'question 47, and 952 more names')
    """
    shown: list[str] = []
    for k, name in enumerate(names):
        shown.append(name_in_words(name))
        if sum(map(len, shown)) + 2 * k > LISTED and k + 1 < len(names):
            return f"{', '.join(shown)}, and {len(names) - k - 1} more names"
    return ", ".join(shown)


def _ends(groups: tuple[Group, ...], items: tuple[str, ...]) -> tuple[FloatArray, FloatArray, list[str]]:
    """Last and first answers, (n, items) each, and a note on those that were not given."""
    last: list[FloatArray] = []
    first: list[FloatArray] = []
    late = filled = 0
    for group in groups:
        x = group.opinions[[group.items.index(item) for item in items]]  # items × rounds × agents
        there = ~np.isnan(x)
        for i in np.flatnonzero(~there.any(axis=(1, 2))):
            problem = f"was never answered by group {name_in_words(group.name)}"
            advice = "choose another item (--about), or other groups (--only)"
            raise InputError("about", items[i], problem, advice)
        rounds = x.shape[1]
        begins, ends = there.argmax(axis=1), rounds - 1 - there[:, ::-1].argmax(axis=1)
        never = ~there.any(axis=1)
        late += int((~there[:, 0] & ~never).sum())
        filled += int(never.sum())
        for places, out in ((begins, first), (ends, last)):
            taken = np.take_along_axis(x, places[:, None], axis=1)[:, 0]
            answered = np.where(never, 0.0, taken).sum(axis=1) / (~never).sum(axis=1)
            out.append(np.where(never, answered[:, None], taken).T)
    notes = []
    if late:
        notes.append(f"{late} first answers are missing: the first that was given stands for them.")
    if filled:
        notes.append(f"{filled} times an agent never answered an item: the mean of its group stands for it.")
    return np.concatenate(last), np.concatenate(first), notes


def _influence(fits: tuple[GroupFit, ...], observed: tuple[GroupFit, ...]) -> tuple[FloatArray, list[str]]:
    """Row-stochastic W among the agents of `fits`, with the fitted one inside of the groups, and notes on it.

    Agents seen alone are taken for the mean of all that were `observed` together.
    """
    size = np.array([len(group.agents) for group in fits])
    n, start = int(size.sum()), np.concatenate([[0], np.cumsum(size)])
    own = np.ones(n)  # weight on itself, and on a groupmate on average
    mate = np.full(n, np.nan)
    raised = []
    W = np.full((n, n), np.nan)
    for group, at in zip(fits, start, strict=False):
        k = len(group.agents)
        inside = group.influence.copy()
        for i in np.flatnonzero(np.diag(inside) < LEAST_SELF_WEIGHT):
            inside[i] *= (1 - LEAST_SELF_WEIGHT) / (1 - inside[i, i])
            inside[i, i] = LEAST_SELF_WEIGHT
            raised.append(f"{name_in_words(group.agents[i])} of {name_in_words(group.name)}")
        W[at : at + k, at : at + k] = inside
        own[at : at + k] = np.diag(inside)
        if k > 1:
            mate[at : at + k] = (1 - np.diag(inside)) / (k - 1)
    alone: NDArray[np.int64] = np.flatnonzero(np.isnan(mate))
    together = [np.diag(group.influence) for group in observed if len(group.agents) > 1]
    if together:
        size_of = np.repeat([len(part) for part in together], [len(part) for part in together])
        keeps = np.concatenate(together).clip(LEAST_SELF_WEIGHT)
        mate[alone], W[alone, alone] = ((1 - keeps) / (size_of - 1)).mean(), keeps.mean()
    else:
        mate[alone] = W[alone, alone] = 1.0
    W = np.where(np.isnan(W), mate[:, None], W)
    notes = []
    if len(fits) > 1:
        notes.append(
            "Who was never in one group: an agent gives a stranger the weight that it gives a groupmate on average. "
            "In the groups as they were, influence is the fitted one."
        )
    if len(alone) and n > 1:
        who = "the mean of the others stands for them" if together else "they are taken to weigh everybody alike"
        notes.append(f"{len(alone)} agents were seen alone: {who}.")
    if raised:
        notes.append(
            f"Weight on themselves raised to {LEAST_SELF_WEIGHT:g}, so that opinions have a limit: {listed(raised)}."
        )
    return W / W.sum(axis=1, keepdims=True), notes
