"""What the tests of all phase diagrams share: cells around one boundary, and what a wrong boundary must break."""

from __future__ import annotations

import numpy as np

from figures.phase_cells import Axis


def one(value):
    """A single cell."""
    return Axis(np.array([value * 0.99, value * 1.01]) if value > 0 else np.array([value, 0.0]), np.array([value]))


def around(value, cells=10):
    """Cells of 1 % of a value, from 5 % below it to 5 % above."""
    shares = np.linspace(0.95, 1.05, 2 * cells + 1)
    return Axis(value * shares[::2], value * shares[1::2])


def broken(checks):
    """The statements that do not hold somewhere."""
    return [check.statement for check in checks if check.exceptions]


def notices(module, data, move):
    """Whether both sides of the boundary of a first move are checked, and a boundary 2 % off is noticed either way."""
    words = f"joining {move.size} over a gap of {move.gap:.4g} is"
    sides = [check for check in module.checks(data) if check.statement.startswith(words)]
    assert len(sides) == 2
    assert all(check.cells > 0 for check in sides)
    assert broken(module.checks(data)) == []
    return all(
        any(statement.startswith(words) for statement in broken(module.checks(data, shift))) for shift in (0.98, 1.02)
    )
