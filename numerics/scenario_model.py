"""The model of a scenario: from a file's table to a `Model`, and back.

`read_model` and `model_as_data` are inverse to each other.  `numerics.scenario.load_scenario` shows every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from numerics.acceptance import Adaptive, Aggregate, BoundedConfidence, Capacity, Majority, Open, Unanimous
from numerics.costs import (
    PerAgent,
    PerCoalition,
    PerPair,
    SwitchingCost,
    per_agent,
    per_coalition,
    per_pair,
    switching_cost,
)
from numerics.influence import AdaptiveLazy, General, Lazy, Network, Uniform, Weighted, general, network
from numerics.model import Model
from numerics.opinions import Normal
from numerics.scenario_choices import Kind, check_keys, choice_as_data, named, read_choice
from numerics.validation import MAX_WEIGHT, is_integer, number
from theory.errors import InputError
from theory.exposition import text

KEYS = (
    "opinions", "performance", "switching_cost", "scale", "influence", "acceptance", "stubbornness",
    "innate_opinions", "discount",
)  # fmt: skip
_OPINIONS = {
    "normal": Kind(Normal, '{distribution = "normal", agents = 10}', ("agents",), ("mean", "sd", "dimension")),
}
_ACCEPTANCE = {
    "open": Kind(Open, '"open"'),
    "unanimous": Kind(Unanimous, '{rule = "unanimous", threshold = 0.01}', optional=("threshold",)),
    "majority": Kind(Majority, '{rule = "majority"}', optional=("threshold",)),
    "aggregate": Kind(Aggregate, '{rule = "aggregate"}', optional=("threshold",)),
    "bounded confidence": Kind(BoundedConfidence, '{rule = "bounded confidence", radius = 0.5}', ("radius",)),
    "capacity": Kind(Capacity, '{rule = "capacity", members = 5}', ("members",)),
    "adaptive": Kind(
        Adaptive,
        '{rule = "adaptive", of = "unanimous", threshold = "0.01*entries"}',
        ("of", "threshold"),
        ("memory",),
        attributes={"of": "rule"},
    ),
}
_TERMS = {"per_agent": (PerAgent, per_agent), "per_coalition": (PerCoalition, per_coalition),
          "per_pair": (PerPair, per_pair)}  # fmt: skip
_COST = "give a number such as 0.05, or a table such as {base = 0.01, exit = 0.02}"
_TERM = "give a number, {per_agent = [...]}, {per_coalition = [...]} or {per_pair = [[...]]}"


def read_model(table: Mapping[str, Any]) -> Model:
    """Return the model that the table [model] of a scenario describes.

    Raises
    ------
    InputError
        Naming the key as the file writes it, such as "model.acceptance.rule".

    Examples
    --------
    >>> table = {"opinions": [0.1, -1.2, 0.7], "performance": "-u**2", "influence": {"family": "lazy", "rate": 0.5}}
    >>> read_model(table).influence
    Lazy(rate=0.5)
    """
    check_keys(table, KEYS, "model.", required=("opinions", "performance"))
    opinions = table["opinions"]
    if isinstance(opinions, dict):
        opinions = read_choice(opinions, "model.opinions", "distribution", _OPINIONS)
    with named("model.{}".format):
        model = Model(opinions, table["performance"])  # which says how many agents there are
    rest = {key: value for key, value in table.items() if key not in ("opinions", "performance")}
    if "switching_cost" in rest:
        rest["switching_cost"] = _read_cost(rest["switching_cost"])
    if "influence" in rest:
        rest["influence"] = read_choice(rest["influence"], "model.influence", "family", _influence(model.n_agents))
    if "acceptance" in rest:
        rest["acceptance"] = read_choice(rest["acceptance"], "model.acceptance", "rule", _ACCEPTANCE)
    with named("model.{}".format):
        return model.replace(**rest) if rest else model


def model_as_data(model: Model) -> dict[str, Any]:
    """Return what the table [model] of a scenario says for a model, as data for JSON: text, numbers, lists and tables.

    Left out is what says nothing: stubbornness 0, and innate opinions and discount that are not given.

    Notes
    -----
    O(n + edges), but O(n²) for general influence.

    Examples
    --------
    >>> data = model_as_data(Model(opinions=[0.1, -1.2, 0.7], performance="-u**2", acceptance="majority"))
    >>> data["performance"], data["influence"], data["acceptance"]
    ('-u**2', 'uniform', {'rule': 'majority', 'threshold': 0.0})
    """
    drawn = isinstance(model.opinions, Normal)
    data = {
        "opinions": choice_as_data(model.opinions, "distribution", _OPINIONS) if drawn else _list(model.opinions),
        "performance": text(model.performance),
        "switching_cost": _cost_as_data(model.switching_cost),
        "scale": text(model.scale),
        "influence": choice_as_data(model.influence, "family", _influence(model.n_agents)),
        "acceptance": choice_as_data(model.acceptance, "rule", _ACCEPTANCE),
    }
    if model.is_stubborn:
        data["stubbornness"] = _list(model.stubbornness)
    if model.innate_opinions is not None:
        data["innate_opinions"] = _list(model.innate_opinions)
    if model.discount is not None:
        data["discount"] = model.discount
    return data


def _list(values: Any) -> Any:
    return np.asarray(values).tolist()


# Influence


def _influence(n_agents: int) -> dict[str, Kind]:
    return {
        "uniform": Kind(Uniform, '"uniform"'),
        "lazy": Kind(Lazy, '{family = "lazy", rate = 0.5}', ("rate",)),
        "adaptive lazy": Kind(
            AdaptiveLazy,
            '{family = "adaptive lazy", rate = "0.1 + 0.8*exp(-exits)", memory = 0.9}',
            ("rate",),
            ("memory", "lowest"),
        ),
        "weighted": Kind(Weighted, '{family = "weighted", weights = [1, 2, 1]}', ("weights",)),
        "network": Kind(
            Network,
            '{family = "network", edges = [[0, 1], [1, 2, 0.5]]}',
            optional=("edges", "matrix", "self_weight"),
            attributes={"matrix": "graph"},
            read=partial(_read_network, n_agents),
            write=_network_as_data,
        ),
        "general": Kind(
            General,
            '{family = "general", matrix = [[1, 0], [0.5, 0.5]]}',
            ("matrix",),
            attributes={"matrix": "W"},
            read=general,
            write=_general_as_data,
        ),
    }


def _read_network(n_agents: int, edges: object = None, graph: object = None, **self_weight: Any) -> Network:
    if (edges is None) == (graph is None):
        problem = "is missing" if edges is None else "are given beside a matrix"
        advice = "give edges = [[0, 1], [1, 2, 0.5]], or matrix = [[...], ...]"
        raise InputError("influence.edges", edges, problem, advice)
    if edges is None:
        return network(graph, **self_weight)
    with named(lambda name: name.replace(".graph", ".edges")):
        return network(_adjacency(edges, n_agents), **self_weight)


def _adjacency(edges: object, n_agents: int) -> Any:
    """The sparse symmetric matrix of a list of edges [agent, agent] or [agent, agent, weight]."""
    from scipy.sparse import coo_array

    advice = f"give [i, j], or [i, j, weight] with a weight above 0, for two of the agents 0..{n_agents - 1}"
    if not isinstance(edges, list):
        raise InputError("influence.edges", edges, "is not a list of edges", "give [[0, 1], [1, 2, 0.5]]")
    weights: dict[tuple[int, int], float] = {}
    for number_of_edge, edge in enumerate(edges):
        field = f"influence.edges[{number_of_edge}]"
        if not isinstance(edge, list) or len(edge) not in (2, 3):
            raise InputError(field, edge, "is not an edge", advice)
        if not all(is_integer(agent) and 0 <= agent < n_agents for agent in edge[:2]):
            raise InputError(field, edge, "is not an edge between agents", advice)
        weight = number(edge[2], field, advice) if len(edge) == 3 else 1.0
        if not 1 / MAX_WEIGHT <= weight <= MAX_WEIGHT:
            raise InputError(field, edge, f"has a weight that is not from {1 / MAX_WEIGHT:g} to {MAX_WEIGHT:g}", advice)
        i, j = sorted(edge[:2])
        if (i, j) in weights:
            raise InputError(field, edge, "is there already", "list every edge once: it is mutual")
        weights[i, j] = weight
    pairs = np.array(list(weights), dtype=np.int64).reshape(-1, 2)
    data, away = np.array(list(weights.values())), pairs[:, 0] != pairs[:, 1]
    rows = np.concatenate([pairs[:, 0], pairs[away, 1]])
    columns = np.concatenate([pairs[:, 1], pairs[away, 0]])
    return coo_array((np.concatenate([data, data[away]]), (rows, columns)), shape=(n_agents, n_agents)).tocsr()


def _network_as_data(graph: Network) -> dict[str, Any]:
    """Every edge once; the weights of agents on themselves as one number if they are equal, as loops otherwise."""
    rows = np.repeat(np.arange(graph.n_agents), np.diff(graph.indptr))
    loops = graph.data[rows == graph.indices]
    equal = bool((loops == loops[0]).all())
    kept = rows < graph.indices if equal else rows <= graph.indices
    entries = zip(rows[kept].tolist(), graph.indices[kept].tolist(), graph.data[kept].tolist(), strict=True)
    edges = [[i, j] if weight == 1 else [i, j, weight] for i, j, weight in entries]
    return {"edges": edges, "self_weight": float(loops[0])} if equal else {"edges": edges}


def _general_as_data(graph: General) -> dict[str, Any]:
    matrix = np.zeros((graph.n_agents, graph.n_agents))
    matrix[np.repeat(np.arange(graph.n_agents), np.diff(graph.indptr)), graph.indices] = graph.data
    return {"matrix": matrix.tolist()}


# Switching cost


def _read_cost(given: object) -> float | SwitchingCost:
    field = "model.switching_cost"
    if not isinstance(given, dict):
        return number(given, field, _COST)
    check_keys(given, ("base", "exit", "entry", "bonus", "between"), f"{field}.")
    arguments = dict(given)
    for name in ("exit", "entry", "bonus"):
        if name in given:
            arguments[name] = _read_term(given[name], f"{field}.{name}")
    with named("model.{}".format):
        return switching_cost(**arguments)


def _read_term(given: object, field: str) -> Any:
    if not isinstance(given, dict):
        return number(given, field, _TERM)
    if len(given) != 1 or not given.keys() <= _TERMS.keys():
        raise InputError(field, given, "is not a cost", _TERM)
    ((name, values),) = given.items()
    with named(lambda name: f"{field}.{name}"):
        return _TERMS[name][1](values)


def _cost_as_data(cost: float | SwitchingCost) -> Any:
    if not isinstance(cost, SwitchingCost):
        return cost
    data: dict[str, Any] = {"base": cost.base}
    for name in ("exit", "entry", "bonus"):
        term = getattr(cost, name)
        if isinstance(term, (PerAgent, PerCoalition, PerPair)):
            kind = next(kind for kind, (made, _) in _TERMS.items() if isinstance(term, made))
            data[name] = {kind: _list(term.values)}
        elif term != 0:
            data[name] = term
    if cost.between.size:
        data["between"] = _list(cost.between)
    return data
