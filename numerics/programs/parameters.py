"""One parameter of a model by its name: its value, the model at another value, and how gains depend on it.

| name | meaning | gains and incumbents' gains are |
|---|---|---|
| switching_cost | the base of κ | constant |
| acceptance.threshold, .radius, .members | α, r, capacity of a rule that does not adapt | constant |
| influence.rate | ε of lazy influence | rational of degree 2 with a discount (S12), constant without |
| discount | ρ | rational of degree 1 |
| opinions[i], opinions[i][k] | one opinion, or coordinate k of it | polynomial if φ is |
| theta, theta[k] | φ0(u - θ): the model as it stands has θ = 0 | polynomial if φ is |

Consensus, with stubborn agents and on networks too, is linear in the opinions, and payoffs are sums of φ at such
points: of the degree of φ in one opinion.  As influence is an average, φ0(u - θ) at the opinions x is φ0 at x - θ.
With a discount payoffs are linear in β = (1-ρ)/(1-ρ(1-ε)²), and times its denominator they are polynomials.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Poly, PolynomialError

from numerics.acceptance import Capacity, capacity
from numerics.coefficients import slow_share_weight
from numerics.costs import base_of, with_base
from numerics.influence import AdaptiveLazy, Lazy, Uniform, lazy
from numerics.interpolation import choose_nodes
from numerics.kernels.ties import TIE
from numerics.model import Model
from numerics.opinions import concrete_opinions
from theory import symbols
from theory.errors import InputError

FloatArray = NDArray[np.float64]

SMALLEST = 1e-9  # rate, and distance of a discount from 1, in default ranges
MAX_DEGREE = 64  # of a polynomial φ
MAX_LOSS = 64  # of accuracy, to an interpolant for all opinions at once
MAX_NODES = 129  # of an interpolant of φ on all opinions there can be; one with a kink has more, or none

_ENTRY = re.compile(r"(opinions|theta)((?:\[\d{1,9}\])*)")
_NAMES = (
    '"switching_cost", "acceptance.threshold", "acceptance.radius", "acceptance.members", "influence.rate", '
    '"discount", "opinions[i]" or "theta"'
)


@dataclass(frozen=True, eq=False)
class Parameter:
    """One parameter of a model; made by `parameter_of`.

    Attributes
    ----------
    name : as it was asked for.
    current : its value in the model.
    least, most : the values that it can have.
    at : the model with another value of it.
    default : (low, high) to look at unless told, or None where that depends on the gains.
    degree : of gains as polynomials in it, times `weight`; None if they are none.
    weight : a positive function of it, None for 1.
    """

    name: str
    current: float
    least: float
    most: float
    at: Callable[[float], Model]
    default: tuple[float, float] | None = None
    degree: int | None = 0
    weight: Callable[[float], float] | None = None

    @property
    def is_level(self) -> bool:
        """Whether gains do not depend on it, but it is what they, or distances and sizes, are compared with."""
        return self.name == "switching_cost" or self.name.startswith("acceptance.")


def parameter_of(model: Model, name: object) -> Parameter:
    """Return the parameter of that name.

    Raises
    ------
    InputError
        If there is none of that name, or the model is not of a kind that has it.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 3.0], performance="-u**2", switching_cost=0.1)
    >>> parameter_of(model, "opinions[2]").at(5.0).opinions.tolist()
    [0.0, 1.0, 5.0]
    >>> parameter_of(model, "switching_cost").current
    0.1
    """
    x = concrete_opinions(model)
    if name == "switching_cost":
        return _cost(model)
    if name in ("acceptance.threshold", "acceptance.radius", "acceptance.members"):
        return _acceptance(model, str(name))
    if name == "influence.rate":
        return _rate(model)
    if name == "discount":
        return _discount(model)
    match = _ENTRY.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise InputError("parameter", name, "is not a parameter", f"use one of {_NAMES}")
    kind, indices = match[1], [int(i) for i in re.findall(r"\d+", match[2])]
    shape = x.shape if kind == "opinions" else x.shape[1:]
    if len(indices) != len(shape) or any(i >= size for i, size in zip(indices, shape, strict=True)):
        example = kind + "".join(f"[{size - 1}]" for size in shape)
        raise InputError("parameter", name, f"is no single entry of {kind}", f'use one up to "{example}"')
    return _opinion(model, str(name), indices) if kind == "opinions" else _theta(model, str(name), indices)


def _cost(model: Model) -> Parameter:
    cost = model.switching_cost
    current = base_of(cost)

    def at(value: float) -> Model:
        return model.replace(switching_cost=with_base(cost, value))

    return Parameter("switching_cost", current, -np.inf, np.inf, at)


def _acceptance(model: Model, name: str) -> Parameter:
    rule = model.acceptance
    if rule.parameter != name:
        advice = f'use "{rule.parameter}"' if rule.parameter else "use another parameter, or a rule that has one number"
        raise InputError("parameter", name, f"is no number of {type(rule).__name__.lower()} acceptance", advice)

    def at(value: float) -> Model:
        if isinstance(rule, Capacity):  # whole numbers, so that what changes between two of them changes halfway
            return model.replace(acceptance=capacity(max(1, round(value))))
        return model.replace(acceptance=type(rule)(value))

    least = {"acceptance.threshold": -np.inf, "acceptance.radius": 0.0, "acceptance.members": 1.0}[name]
    return Parameter(name, float(rule.threshold), least, np.inf, at)


def _rate(model: Model) -> Parameter:
    influence, discount = model.influence, model.discount
    if not isinstance(influence, (Lazy, Uniform)):
        family = "adaptive lazy" if isinstance(influence, AdaptiveLazy) else type(influence).__name__.lower()
        problem = f"is no number of {family} influence"
        raise InputError("parameter", "influence.rate", problem, "use another parameter, or lazy(rate)")
    weight, degree = slow_share_weight(symbols.eps)
    return Parameter(
        "influence.rate",
        influence.rate if isinstance(influence, Lazy) else 1.0,
        float(np.nextafter(0.0, 1.0)),
        1.0,
        lambda value: model.replace(influence=lazy(value)),
        (SMALLEST, 1.0),
        None if model.is_stubborn else 0 if discount is None else degree,
        None if discount is None else lambda value: abs(weight(discount, value)),
    )


def _discount(model: Model) -> Parameter:
    if model.discount is None:
        raise InputError("parameter", "discount", "is not part of the model", "make one with discount=0.9, for example")
    rate = 1.0 - model.keep
    weight, degree = slow_share_weight(symbols.rho)
    return Parameter(
        "discount",
        model.discount,
        0.0,
        float(np.nextafter(1.0, 0.0)),
        lambda value: model.replace(discount=value),
        (0.0, 1.0 - SMALLEST),
        degree,
        lambda value: abs(weight(value, rate)),
    )


def _opinion(model: Model, name: str, indices: list[int]) -> Parameter:
    x = concrete_opinions(model)
    entry = tuple(indices)

    def at(value: float) -> Model:
        changed = np.array(x)
        changed[entry] = value
        return model.replace(opinions=changed)

    column = x if x.ndim == 1 else x[:, indices[1]]
    low, high = float(column.min()), float(column.max())
    width = high - low or max(1.0, abs(low))
    degree = _degree(model, indices[1] if x.ndim == 2 else 0)
    return Parameter(name, float(x[entry]), -np.inf, np.inf, at, (low - width, high + width), degree)


def _theta(model: Model, name: str, indices: list[int]) -> Parameter:
    x = concrete_opinions(model)
    axis = indices[0] if indices else 0
    shift = np.zeros(x.shape[1:])
    shift[tuple(indices)] = 1.0

    def at(value: float) -> Model:
        innate = model.innate - value * shift if model.is_stubborn else None
        return model.replace(opinions=x - value * shift, innate_opinions=innate)

    column = x if x.ndim == 1 else x[:, axis]
    reach = 2.0 * (float(np.ptp(column)) or max(1.0, float(np.abs(column).max())))
    return Parameter(name, 0.0, -np.inf, np.inf, at, (-reach, reach), _degree(model, axis))


def _degree(model: Model, axis: int) -> int | None:
    """Degree of φ in one coordinate, None if it is no polynomial in it, or one of a very high degree."""
    try:
        degree = Poly(model.performance, symbols.coordinates(model.dimension)[axis]).degree()
    except PolynomialError:
        return None
    if degree < 0:  # -∞, of φ = 0
        return 0
    return int(degree) if degree <= MAX_DEGREE else None


def resolved_degree(parameter: Parameter, low: float, high: float, tie: float) -> tuple[int, float] | None:
    """Return a degree at which φ is a polynomial up to ties on all opinions between low and high, and that error.

    Gains are then as near to polynomials of that degree in the parameter, if opinions are linear in it.  None if there
    is no such degree up to 128, or φ is so large somewhere that the error is many times the given size of a tie.
    See `numerics.interpolation.two_type_error` for what is proved and what measured.
    """
    models = parameter.at(low), parameter.at(high)
    phi, d = models[0].compiled, models[0].dimension
    points = np.concatenate([
        opinions.reshape(-1, d)
        for model in models
        for opinions in (concrete_opinions(model), *([model.innate] if model.is_stubborn else []))
    ])  # fmt: skip
    lo, hi = points.min(axis=0), points.max(axis=0)
    if d == 1:
        ends, line = (float(lo[0]), float(hi[0])), np.linspace(lo[0], hi[0], 33)
    else:
        ends, line = (lo, hi), np.concatenate([points, lo + (hi - lo) * np.linspace(0, 1, 33)[:, None]])
    error = TIE * float(np.max(np.abs(phi(line))))
    nodes = choose_nodes(phi, *ends, error, MAX_NODES) if error <= MAX_LOSS * tie else 0
    return (nodes - 1, error) if nodes else None
