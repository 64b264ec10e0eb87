"""An experiment: what a range of switching costs does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from numerics.ensemble import ensemble
from numerics.scenario import Scenario


@dataclass(frozen=True)
class CostRow:
    """What the runs at one switching cost came to: medians, unless said otherwise."""

    switching_cost: float
    at_equilibrium: float  # share of the runs
    moves: float
    spread: float
    n_coalitions: float
    surplus: float  # mean


def vary_cost(scenario: Scenario) -> list[CostRow]:
    """Run the scenario's ensemble at each of its switching costs, from the same opinions; seed 0 unless given."""
    arguments = {"seed": 0, **scenario.run}
    rows = []
    for cost in scenario.switching_costs:
        many = ensemble(scenario.model.replace(switching_cost=cost), scenario.runs, **arguments)
        rows.append(
            CostRow(
                switching_cost=cost,
                at_equilibrium=float(np.mean(many.outcome == "joint equilibrium")),
                moves=float(np.median(many.moves)),
                spread=float(np.median(many.spread)),
                n_coalitions=float(np.median(many.n_coalitions)),
                surplus=float(np.mean(many.surplus)),
            )
        )
    return rows


def rows_as_data(rows: list[CostRow]) -> list[dict[str, Any]]:
    """Return the rows as plain data for a file."""
    return [asdict(row) for row in rows]
