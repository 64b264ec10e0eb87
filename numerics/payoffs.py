"""Payoffs: the Aumann-Drèze value of every agent at the model's current opinions.

    AD_i(C) = Σ_{S ⊆ C∖i} |S|!(k-1-|S|)!/k! (v(S∪i) - v(S)),   k = |C|.

Every payoff says how it was computed:

- exact: from the definition, by the table of all 2^k subsets (k ≤ 20; 16 on a network, 12 under general influence
  or stubbornness on a network); on a graph, component by component (V6);
- closed form: all members agree; polynomial φ, g(s) = s and equal influence (V3 for quadratic φ, in any dimension);
  or one agent among others that agree (V5), as long as its sum over members is evaluated term by term;
- interpolated: V5 with φ replaced by its interpolant on the range of the opinions, with a bound of the error;
- sampled: the mean over random orders of arrival, each with its reverse, with a standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.coefficients import quadratic_coefficients
from numerics.influence import General, Network
from numerics.kernels import codes
from numerics.kernels import moves as kernel
from numerics.kernels.closed_forms import quadratic_structure_payoffs
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, is_one_coalition, labels_of
from numerics.validation import integer
from theory.errors import InputError

MAX_SAMPLES = 10_000_000  # minutes for a coalition of a few members

METHODS = ("exact", "closed form", "interpolated", "sampled")  # by the kernel's number


@dataclass(frozen=True, eq=False)
class Payoffs:
    """Payoffs, and how far they can be trusted.

    Attributes
    ----------
    values : (n,) Aumann-Drèze value of every agent, in units of performance × scale.
    method : for each coalition "exact", "closed form", "interpolated" or "sampled".
    error : (n,) 0 for exact and closed forms (up to rounding, see `numerics.ties`), a bound of the error for
        interpolated payoffs, the standard error for sampled ones.
    """

    values: NDArray[np.float64]
    method: list[str]
    error: NDArray[np.float64]


def payoffs(model: Model, structure: Structure, samples: int = 1000, seed: int = 0) -> Payoffs:
    """Return the payoff of each agent, how it was computed, and its error.

    Parameters
    ----------
    model : Model with concrete opinions.
    structure : coalitions as lists, or one label per agent.
    samples : pairs of random orders for coalitions that have neither a closed form nor a table; 0 to refuse them.
    seed : of the random orders.

    Raises
    ------
    InputError
        If samples is 0 and a coalition is too large for the table of its subsets.

    Notes
    -----
    O(k) for each coalition of k agents where a closed form applies, O(2^k) for a table, O(k samples) for sampling
    (O(edges samples) on a network).

    References
    ----------
    Shapley 1953; Aumann and Drèze 1974; Myerson 1977 (networks); Castro, Gómez and Tejada 2009 (sampling).

    Examples
    --------
    >>> found = payoffs(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]])
    >>> found.values.tolist(), found.method
    ([0.25, -0.75, -25.0], ['closed form', 'exact'])
    """
    samples, seed = check_samples(samples), integer(seed, "seed", "seed", 0)
    if model.has_quadratic_closed_form and model.dimension == 1:
        return _quadratic_payoffs(model, structure)
    labels = labels_of(structure, model.n_agents)
    n, K = model.n_agents, int(labels.max()) + 1
    out, error, methods = np.empty(n), np.empty(n), np.empty(K, dtype=np.int64)
    x = np.array(concrete_opinions(model)).reshape(n, model.dimension)
    sizes = np.unique(np.bincount(labels))
    game = model.game_arrays(samples, seed, sizes=sizes)
    check_status(kernel.payoffs(x, labels, K, game, model.graph_arrays(), out, error, methods), model)
    return Payoffs(out, [METHODS[m] for m in methods], error)


def _quadratic_payoffs(model: Model, structure: Structure) -> Payoffs:
    """Return the payoffs for quadratic φ, g(s) = s and equal influence: all coalitions in a few passes."""
    n, phi = model.n_agents, model.compiled
    x = concrete_opinions(model).reshape(n)
    if is_one_coalition(structure, n):  # labels that nobody reads
        labels, sizes = np.zeros(0, dtype=np.int64), np.array([n])
    else:
        labels = labels_of(structure, n)
        sizes = np.bincount(labels)
    out = np.empty(n)
    if not quadratic_structure_payoffs(x, labels, sizes, out, phi.coefficients, phi.centre, quadratic_coefficients(n)):
        check_status(codes.NOT_FINITE, model)
    if model.slow_share > 0:  # members are paid for their own opinion while consensus takes time
        out = model.slow_share * phi(x) + (1 - model.slow_share) * out
    method = [METHODS[codes.EXACT if size == 1 else codes.CLOSED_FORM] for size in sizes.tolist()]
    return Payoffs(out, method, np.zeros(n))


def aumann_dreze_value(model: Model, structure: Structure) -> NDArray[np.float64]:
    """Return the payoff of each agent, (n,), without estimates: those of `payoffs` with samples = 0.

    Raises
    ------
    InputError
        If a coalition has no closed form and is too large for the table of its subsets.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="-u**2")
    >>> aumann_dreze_value(model, [[0, 1], [2]]).tolist()
    [0.25, -0.75, -25.0]
    """
    return payoffs(model, structure, samples=0).values


def coalition_values(model: Model, structure: Structure) -> NDArray[np.float64]:
    """Return v(C; x) of every coalition, in the order given; their sum is the surplus.

    Examples
    --------
    >>> coalition_values(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]]).tolist()
    [-0.5, -25.0]
    """
    from numerics.consensus import consensus_of_coalitions

    labels = labels_of(structure, model.n_agents)
    if model.is_graph or model.is_stubborn:
        values = _values_of_components(model, labels)
    else:
        sizes = np.bincount(labels).astype(np.float64)
        weights: NDArray[np.float64] = np.bincount(labels, model.weights).astype(np.float64)
        values = model.scale_program(sizes, weights) * _performance(model, consensus_of_coalitions(model, labels))
        if model.slow_share > 0:  # members are paid for their own opinion while consensus takes time
            own = np.bincount(labels, _performance(model, concrete_opinions(model)))
            values = model.slow_share * own + (1 - model.slow_share) * values
    check_status(codes.DONE if np.all(np.isfinite(values)) else codes.NOT_FINITE, model)
    return values


def _performance(model: Model, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """φ at every opinion, (m,) or (m, d)."""
    return model.compiled(x.reshape(-1) if model.dimension == 1 else x)


def _values_of_components(model: Model, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Σ_K g(|K|) mean_{i∈K} φ(z_i) of every coalition, K its connected components."""
    from numerics.consensus import tactical_limit

    parts = labels
    if isinstance(model.influence, (Network, General)):
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        graph, n = model.influence, model.n_agents
        rows = np.repeat(np.arange(n), np.diff(graph.indptr))
        inside = labels[rows] == labels[graph.indices]
        links = csr_array((np.ones(int(inside.sum())), (rows[inside], graph.indices[inside])), shape=(n, n))
        parts = connected_components(links, directed=True, connection="weak")[1]
    sizes = np.bincount(parts).astype(np.float64)
    limit = tactical_limit(model, labels)
    mean = np.bincount(parts, _performance(model, limit)) / sizes
    weights: NDArray[np.float64] = np.bincount(parts, model.weights).astype(np.float64)
    home = np.empty(len(sizes), dtype=np.int64)
    home[parts] = labels
    return np.bincount(home, model.scale_program(sizes, weights) * mean).astype(np.float64)


def check_samples(samples: object) -> int:
    """Return a number of pairs of random orders: 0 for none, otherwise at least 2, as a standard error takes two."""
    count = integer(samples, "samples", "samples", 0, MAX_SAMPLES)
    if count == 1:
        raise InputError("samples", samples, "gives no standard error", "give 2 or more, or 0 for no estimates")
    return count


def check_status(status: int, model: Model) -> None:
    """Turn the status of a kernel into an error that says what to do."""
    if status == codes.TOO_LARGE:
        reasons = []
        if model.is_weighted or model.is_graph:
            reasons.append(f"{type(model.influence).__name__.lower()} influence")
        if model.is_stubborn:
            reasons.append("stubbornness")
        why = ", ".join(reasons) or f"performance {model.performance} with scale {model.scale}"
        limit = model.largest_table
        raise InputError(
            "opinions",
            f"{model.n_agents} agents",
            f"make a coalition of more than {limit} whose payoffs need all 2^k subsets ({why})",
            f"estimate them with samples=1000, keep coalitions to {limit} members with capacity({limit}), "
            "or use a polynomial performance with scale s and uniform influence",
        )
    if status == codes.NOT_CONVERGED:
        raise InputError(
            "influence",
            type(model.influence).__name__,
            "takes more than 100000 steps to bring a large coalition to its limit",
            "give it more weight between its parts, or use a finite number of tactical_steps",
        )
    if status == codes.NO_THRESHOLD:
        raise InputError(
            "acceptance.threshold",
            str(getattr(model.acceptance, "threshold", model.acceptance)),
            "is not a number at some point of the run",
            "use an expression that is real for all counts, steps and sizes",
        )
    if status == codes.NO_RATE:
        raise InputError(
            "influence.rate",
            str(getattr(model.influence, "rate", model.influence)),
            "is not a number at some point of the run",
            "use an expression that is real for all counts, steps and sizes",
        )
    if status == codes.NOT_FINITE:
        _check_scale_of_subsets(model)
        raise InputError(
            "performance",
            str(model.performance),
            "is not finite at an opinion that a coalition reaches",
            "use one that is finite between the smallest and the largest opinion",
        )


def _check_scale_of_subsets(model: Model) -> None:
    """Say so if it is the scale that is not finite, for a total weight between the extremes."""
    if not model.is_weighted or model.n_agents > model.largest_table:
        return
    sizes, totals = np.zeros(1), np.zeros(1)
    for weight in model.weights:
        sizes, totals = np.concatenate([sizes, sizes + 1]), np.concatenate([totals, totals + weight])
    values = model.scale_program(sizes[1:], totals[1:])
    for i in np.flatnonzero(~np.isfinite(values)):
        raise InputError(
            "scale",
            str(model.scale),
            f"is not finite for {sizes[i + 1]:.0f} members of total weight {totals[i + 1]:g}",
            "change the expression",
        )
