"""Scenarios as text: the TOML file that says what a scenario says.  `numerics.scenario.load_scenario` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from numerics.costs import SwitchingCost
from numerics.files import write_whole
from numerics.partitions import labels_of, members_of
from numerics.scenario import MAX_BYTES, Scenario, parse_scenario, schedule_as_data
from numerics.scenario_model import model_as_data
from numerics.validation import is_integer
from theory.errors import InputError

DEFAULT_RUNS = Scenario.__dataclass_fields__["runs"].default


def save_scenario(scenario: Scenario, path: str | Path, comments: Sequence[str] = ()) -> Path:
    """Write a scenario to a file that `load_scenario` reads: the same model, runs and experiment, to the last bit.

    Only rows of general influence may change in their last digit: they are divided by their sum whenever they are read.

    Parameters
    ----------
    scenario : Scenario
    path : path of the TOML file, replaced if it is there.
    comments : lines to write above it, each behind a #.

    Raises
    ------
    InputError
        If the file cannot be written, would be larger than what `load_scenario` takes, or a seed is no integer.

    Notes
    -----
    O(n + edges), but O(n²) for general influence.

    Examples
    --------
    >>> from numerics.model import Model
    >>> print(scenario_as_toml(Scenario(Model([0.1, -1.2], "-u**2"), "A pair", {"structure": [[0, 1]]})))
    title = "A pair"
    <BLANKLINE>
    [model]
    opinions = [0.1, -1.2]
    performance = "-u**2"
    switching_cost = 0.0
    scale = "s"
    influence = "uniform"
    acceptance = "open"
    <BLANKLINE>
    [run]
    structure = [
        [0, 1],
    ]
    <BLANKLINE>
    """
    header = "".join(f"# {_one_line(line)}".rstrip() + "\n" for comment in comments for line in comment.split("\n"))
    text = header + ("\n" if header else "") + scenario_as_toml(scenario)
    if (size := len(text.encode())) > MAX_BYTES:
        problem = f"would take a file of {size} bytes, more than the {MAX_BYTES} that are read"
        raise InputError("scenario", str(path), problem, "use a network, whose edges are listed, or fewer agents")
    parse_scenario(text, str(path))  # what is written can be read
    return write_whole(path, text)


def scenario_as_toml(scenario: Scenario) -> str:
    """Return the text of a scenario file, without comments; see `save_scenario`."""
    import tomli_w

    data: dict[str, Any] = {"title": scenario.title} if scenario.title else {}
    data["model"] = model_as_data(scenario.model)
    if run := _run_as_data(scenario):
        data["run"] = run
    if experiment := _experiment_as_data(scenario):
        data["experiment"] = experiment
    return "".join(_rows_on_one_line(tomli_w.dumps(data)))


def _run_as_data(scenario: Scenario) -> dict[str, Any]:
    run: dict[str, Any] = {}
    for key, value in scenario.run.items():
        if value is None:  # a fresh seed, or singletons: what leaving it out says
            continue
        if key == "seed" and not is_integer(value):
            raise InputError("run.seed", value, "cannot be written to a file", "give an integer")
        if key == "structure":
            value = members_of(labels_of(value, scenario.model.n_agents))
        run[key] = schedule_as_data(value) if key == "schedule" else _plain(value)
    return run


def _experiment_as_data(scenario: Scenario) -> dict[str, Any]:
    """The keys of [experiment] that say something: other costs than the model's own, another number of runs."""
    cost = scenario.model.switching_cost
    own = () if isinstance(cost, SwitchingCost) else (cost,)
    data: dict[str, Any] = {}
    if scenario.switching_costs and tuple(scenario.switching_costs) != own:
        data["switching_costs"] = [_plain(cost) for cost in scenario.switching_costs]
    if scenario.runs != DEFAULT_RUNS:
        data["runs"] = _plain(scenario.runs)
    return data


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _rows_on_one_line(text: str) -> Iterator[str]:
    """TOML with one entry of an array on each line, as innermost arrays on one line each.

    A line of the writer ends with an opening bracket if an array begins there, and only then: its strings end with a
    quote.  Hence what is joined here is what it wrote, but for white space between the entries.
    """
    held: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.rstrip().endswith("["):
            yield from held
            held = [line]
        elif held:
            held.append(line)
            if line.strip() in ("]", "],"):
                entries = " ".join(entry.strip() for entry in held[1:-1]).removesuffix(",")
                yield f"{held[0].rstrip()}{entries}{line.strip()}\n"
                held = []
        else:
            yield line
    yield from held


def _one_line(text: str) -> str:
    """Text as a comment may hold it: without control characters."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
