"""Schedules: who moves next, and where.

| schedule | mover | move |
|---|---|---|
| random | uniform among the agents with an admissible move | uniform among its admissible moves |
| best response | the same | of greatest net gain Δ - κ |
| round robin | the next such agent in the order of their numbers | of greatest net gain |
| largest gain | | of greatest net gain of all agents' |
| logit | uniform among all agents | staying or an accepted move, P ∝ exp((Δ - κ)/temperature), exp(0) for staying |

Of equal moves the first counts: of agents by number, of coalitions as listed, founding alone last.

References: Blume, "The statistical mechanics of strategic interaction", Games Econ. Behav. 5:387, 1993 (logit).
"""

from __future__ import annotations

from dataclasses import dataclass

from numerics.kernels import codes
from numerics.validation import number
from theory.errors import InputError

SCHEDULES = {
    "random": codes.RANDOM, "best response": codes.BEST_RESPONSE, "round robin": codes.ROUND_ROBIN,
    "largest gain": codes.LARGEST_GAIN,
}  # fmt: skip


@dataclass(frozen=True)
class Logit:
    """Noisy choice: an agent's chance of a move grows with its net gain over `temperature` > 0."""

    temperature: float

    def __post_init__(self) -> None:
        temperature = number(self.temperature, "schedule.temperature", "give a temperature such as 0.01")
        if temperature <= 0:
            advice = 'give a temperature such as 0.01, or use the schedule "best response"'
            raise InputError("schedule.temperature", self.temperature, "is not positive", advice)
        object.__setattr__(self, "temperature", temperature)


Schedule = str | Logit


def logit(temperature: float) -> Logit:
    """Return the noisy schedule: staying or an accepted move with probability ∝ exp((Δ - κ)/temperature)."""
    return Logit(temperature)


def schedule_code(schedule: object) -> tuple[int, float]:
    """Return a schedule as kernels take it: its code and temperature (0 unless it is noisy)."""
    if isinstance(schedule, Logit):
        return codes.LOGIT, schedule.temperature
    name = schedule[:40].replace("-", " ").replace("_", " ").lower() if isinstance(schedule, str) else None
    if name not in SCHEDULES:
        choices = f"use one of {', '.join(map(repr, SCHEDULES))} or logit(temperature)"
        raise InputError("schedule", schedule, "is not a schedule", choices)
    return SCHEDULES[name], 0.0
