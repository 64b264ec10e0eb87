"""One consensus step on a network: `ej.degroot_step` beside NDlib's Friedkin-Johnsen model without stubbornness.

NDlib has no coalitions, so this compares its nearest part only: with stubbornness 0 and a loop at every node, an
iteration of `FJModel` puts every node at the mean of itself and its neighbours, which is a DeGroot step.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import exitjoin as ej
from benchmarks.timing import MissingTool, Row, compare, same_numbers

try:
    import networkx as nx
    from ndlib.models.ModelConfig import Configuration
    from ndlib.models.opinions import FJModel
except ModuleNotFoundError as error:  # the name is ndlib's, or that of a package that it needs and does not install
    raise MissingTool("ndlib" if error.name in (None, "ndlib") else f"ndlib (which needs {error.name})") from error

AGENTS = 10_000


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    graph = nx.watts_strogatz_graph(AGENTS, 10, 0.1, seed=1)
    graph.add_edges_from((i, i) for i in range(AGENTS))
    x = np.random.default_rng(1).random(AGENTS)
    theirs = _ndlib_model(graph, x)
    model = ej.Model(opinions=x, performance="-u**2", influence=ej.network(graph))
    everyone = np.zeros(AGENTS, dtype=np.int64)

    theirs.iteration(node_status=False)
    found = np.array([theirs.status[i] for i in range(AGENTS)])
    same_numbers("opinions after a step", ej.degroot_step(model, everyone, x), found, 1e-12)
    return {
        "one DeGroot step, network of 10,000": compare(
            lambda: [ej.degroot_step(model, everyone, x) for _ in range(20)],
            lambda: theirs.iteration(node_status=False),
            names=("ej.degroot_step", "NDlib FJModel, stubbornness 0"),
            operations=(20, 1),
            check="same opinions after a step, up to 1e-12",
            warm=True,
        )
    }


def _ndlib_model(graph: Any, x: np.ndarray) -> Any:
    model = FJModel(graph)
    configuration = Configuration()
    for node in graph.nodes:
        configuration.add_node_configuration("stubbornness", node, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for infected nodes, which this model has not
        model.set_initial_status(configuration)
    model.iteration(node_status=False)  # number 0, which does nothing
    model.status = dict(enumerate(x.tolist()))
    model.initial_status = model.status.copy()
    return model
