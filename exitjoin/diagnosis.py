"""The fragility of a team as text for a person and as plain data for a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from exitjoin import __version__
from exitjoin.summary import cost_in_words, count, finite, point
from numerics.fragility import Fragility, PricedMove
from numerics.moves import Move
from numerics.scenario import Scenario
from numerics.scenario_model import model_as_data
from theory.errors import InputError

SHOWN_ENDS = 3  # of a cascade


def read_structure(given: str) -> list[list[int]]:
    """Return the coalitions written as "0 1 2 | 3 4".

    Raises
    ------
    InputError
        If an entry is not a whole number.

    Examples
    --------
    >>> read_structure("0 1 2 | 3 4")
    [[0, 1, 2], [3, 4]]
    """
    coalitions = []
    for part in given.split("|"):
        entries = part.replace(",", " ").split()
        wrong = [entry for entry in entries if not (entry.isascii() and entry.isdigit() and len(entry) < 10)]
        if wrong:
            advice = 'write the agents of each coalition and bars between them, as "0 1 2 | 3 4"'
            raise InputError("structure", wrong[0], "is not the number of an agent", advice)
        coalitions.append([int(entry) for entry in entries])
    return coalitions


def diagnosis_as_text(scenario: Scenario, found: Fragility) -> str:
    """Return the diagnosis as a table a person can act on."""
    model = found.model
    lines = [scenario.title] if scenario.title else []
    lines += [
        f"team: {' | '.join(map(_members, found.structure))}, coalitions at consensus, surplus {found.surplus:.6g}",
        f"switching cost κ = {cost_in_words(model.switching_cost)}",
        _verdict(found),
        *(["gains of large coalitions are estimates, from random orders"] if found.estimated else []),
        "",
        *_agents(found),
        "",
        *([*thresholds, ""] if (thresholds := _thresholds(found)) else []),
        *_radius(found),
        *_cascade(found),
        *_basin(found),
        *_transfers(found),
    ]
    lines += [f"not computed: {name}: {reason}" for name, reason in found.omitted.items()]
    return "\n".join(lines)


def diagnosis_as_dict(scenario: Scenario, found: Fragility) -> dict[str, Any]:
    """Return the diagnosis as JSON-able data; what is not finite becomes null."""
    radius, cascade, transfers = found.radius, found.cascade, found.transfers
    return {
        "title": scenario.title,
        "exitjoin": __version__,
        "model": model_as_data(found.model),
        "structure": found.structure,
        "opinions": found.opinions.tolist(),
        "surplus": found.surplus,
        "stable": found.stable,
        "margin": finite(found.margin),
        "critical_cost": finite(found.critical_cost),
        "binding": _move_as_data(found.binding),
        "agents": [
            {"agent": i, "margin": finite(float(found.margins[i])), "move": _move_as_data(move)}
            for i, move in enumerate(found.agents)
        ],
        "moves_refused": found.refused,
        "estimated": found.estimated,
        "thresholds": {
            name: {
                "now": near.at,
                "threshold": finite(near.value),
                "error": near.error,
                "distance": finite(near.distance),
                "side": near.side,
                "moves": [_move_as_data(move) for move in near.binding],
            }
            for name, near in found.thresholds.items()
        },
        "radius": None
        if radius is None
        else {
            "radius": finite(radius.radius),
            "lower": finite(radius.lower),
            "upper": finite(radius.upper),
            "opinions": None if radius.opinions is None else radius.opinions.tolist(),
            "move": _move_as_data(radius.move),
            "status": radius.status,
            "guarantee": radius.guarantee,
        },
        "cascade": None
        if cascade is None
        else {
            "structure": cascade.structure,
            "returned": cascade.returned,
            "ends": [{"structure": end, "share": share} for end, share in cascade.ends],
            "settled": cascade.settled,
            "mean_moves": cascade.mean_moves,
            "mean_surplus": cascade.mean_surplus,
        },
        "basin": None
        if found.basin is None
        else {
            "sizes": found.basin.sizes.tolist(),
            "chances": found.basin.chances.tolist(),
            "intervals": found.basin.intervals.tolist(),
            "runs": found.basin.runs,
        },
        "transfers": None
        if transfers is None
        else {
            "status": transfers.status,
            "subsidy": finite(transfers.subsidy),
            "bonuses": [finite(x) for x in transfers.bonuses.tolist()],
            "transfers": [finite(x) for x in transfers.transfers.tolist()],
            "message": transfers.message,
            "guarantee": transfers.guarantee,
        },
        "omitted": found.omitted,
    }


def _members(coalition: Sequence[int]) -> str:
    return " ".join(map(str, coalition))


def _gain(found: Fragility, value: float) -> str:
    """A gain, or 0 where it is a tie with it."""
    return f"{0.0 if abs(value) <= found.tolerance else value:.6g}"


def _verdict(found: Fragility) -> str:
    if found.binding is None:
        return "STABLE at any cost: nobody has a move that would be accepted"
    move = found.binding
    gain = _gain(found, move.gain)
    if found.stable:
        line = f"STABLE with margin {found.margin:.6g}: the next to go is agent {move.agent}, who gains {gain} "
        line += f"if it {move.goal}, and pays {move.cost:.6g}"
    else:
        line = f"NOT STABLE: agent {move.agent} {move.goal}, gains {gain} and pays {move.cost:.6g}"
    if found.refused:
        line += f"; {count(found.refused, 'move')} would pay but {'is' if found.refused == 1 else 'are'} refused"
    return line


def _agents(found: Fragility) -> list[str]:
    rows = [("agent", "in", "opinion", "margin", "best accepted move", "gain", "cost")]
    for i, move in enumerate(found.agents):
        home = next(c for c in found.structure if i in c)
        marked = "*" if found.binding is not None and found.binding.agent == i else ""
        last = ("none", "", "") if move is None else (move.goal, _gain(found, move.gain), f"{move.cost:.6g}")
        rows.append((f"{i}{marked}", _members(home), point(found.opinions[i]), f"{found.margins[i]:.6g}", *last))
    return _table(rows)


def _thresholds(found: Fragility) -> list[str]:
    rows = [("parameter", "now", "threshold", "distance", "there")]
    ordered = sorted(found.thresholds.items(), key=lambda item: item[0].startswith("opinions"))
    none = [name for name, near in ordered if not math.isfinite(near.value)]
    for name, near in ordered:
        if name not in none:
            there = f"{'breaks' if near.stable else 'becomes stable'}: {near.binding[0]}" if near.binding else ""
            rows.append((name, f"{near.at:.6g}", f"{near.value:.6g}", f"{near.distance:.6g}", there))
    lines = _table(rows) if len(rows) > 1 else []
    return [*lines, f"no threshold in the range searched: {', '.join(none)}"] if none else lines


def _radius(found: Fragility) -> list[str]:
    radius = found.radius
    if radius is None:
        return []
    if radius.opinions is None or radius.move is None:
        return [f"nearest breaking opinions: none found ({radius.status}; {radius.guarantee})"]
    if radius.radius == 0:
        return ["no change of opinions is needed to break it"]
    bounds = "" if radius.status == "optimal" else f", at least {radius.lower:.6g}"
    changes = (radius.opinions - found.varied).reshape(len(found.opinions), -1)
    most = [i for i in range(len(changes)) if np.abs(changes[i]).max() > 1e-9 * np.abs(changes).max()]
    shifts = ", ".join(f"{i}: {'+' if changes[i][0] > 0 else ''}{point(changes[i])}" for i in most[:12])
    mover = f"agent {radius.move.agent} {radius.move.goal}"
    return [
        f"nearest breaking opinions: {radius.radius:.6g} away{bounds}, where {mover}",
        f"  guarantee: {radius.guarantee}",
        f"  changes by agent: {shifts}{', …' if len(most) > 12 else ''}",
    ]


def _cascade(found: Fragility) -> list[str]:
    cascade = found.cascade
    if cascade is None or found.binding is None:
        return []
    lines = [
        f"if agent {found.binding.agent} {found.binding.goal}: {cascade.mean_moves:.3g} further moves on average, "
        f"surplus {cascade.mean_surplus:.6g}, back to this team in {cascade.returned:.1%} of the runs"
    ]
    for structure, share in cascade.ends[:SHOWN_ENDS]:
        lines.append(f"  {share:6.1%}  {' | '.join(map(_members, structure))}")
    if len(cascade.ends) > SHOWN_ENDS:
        rest = sum(share for _, share in cascade.ends[SHOWN_ENDS:])
        lines.append(f"  {rest:6.1%}  {count(len(cascade.ends) - SHOWN_ENDS, 'other structure')}")
    return lines


def _basin(found: Fragility) -> list[str]:
    basin = found.basin
    if basin is None:
        return []
    shown = [
        f"{size:.4g}: {chance:.0%} ({low:.0%} to {high:.0%})"
        for size, chance, (low, high) in zip(basin.sizes, basin.chances, basin.intervals, strict=True)
    ]
    about = f"length: chance, 95 % interval from {basin.runs} runs"
    return [f"the same team after a random push of opinions ({about}):", f"  {', '.join(shown)}"]


def _transfers(found: Fragility) -> list[str]:
    transfers = found.transfers
    if transfers is None:
        return []
    lines = [f"cheapest payments that hold it: {transfers.message}"]
    if transfers.status == "optimal" and transfers.subsidy > 0:
        paid = [f"{i}: {x:.6g}" for i, x in enumerate(transfers.payments.tolist()) if abs(x) > 0]
        lines.append(f"  to agents for staying: {', '.join(paid)}")
    return lines


def _move_as_data(move: Move | None) -> dict[str, Any] | None:
    if move is None:
        return None
    data = {"agent": move.agent, "source": list(move.source), "target": list(move.target)}
    if isinstance(move, PricedMove):
        return data | {"gain": move.gain, "cost": move.cost, "barrier": move.barrier}
    return data


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
