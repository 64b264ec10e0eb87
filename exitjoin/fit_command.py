"""`exitjoin fit`: from a team's log to a scenario that diagnose and simulate take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from exitjoin.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from numerics.fitting.fit import InfluenceFit
    from numerics.fitting.fitted_scenario import FittedScenario
    from numerics.fitting.observations import Observations

FIT = """Fit who listens to whom to a log of answers, and write a scenario that goes on from where it ended.  The log is
a CSV file: wide, a row for each agent with a column for each round (--rounds response_1,response_2), or long, a row
for each answer (--round and --value).  An empty cell, NA or nan is a missing answer."""

LEAST_BYTES = 5  # of a number of a file's matrix of influence: "0.0, "


def add_fit(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    command = commands.add_parser("fit", help="fit influence to a log, and write a scenario", description=FIT)
    add = command.add_argument
    add("opinions", metavar="OPINIONS.csv")
    add("--group", metavar="COLUMN", help="who answered together (default: group, or everybody without such a column)")
    add("--agent", metavar="COLUMN", default="agent", help="name of the agent (default: %(default)s)")
    add("--rounds", metavar="A,B,C", help="wide: columns of the rounds, in order; long: the rounds, in order")
    add("--round", metavar="COLUMN", help="long: which round it was")
    add("--value", metavar="COLUMN", default="opinion", help="long: the answer (default: %(default)s)")
    add("--item", metavar="COLUMN", help="what was answered, if there were several questions")
    add("--truth", metavar="COLUMN", help="the right answer; best opinion of the scenario")
    add("--network", metavar="EDGES.csv", help="who may listen to whom: columns of group and agent, and hears")
    add("--not-stubborn", action="store_true", help="nobody holds on to a first answer")
    add("--regularisation", metavar="X", type=float, help="transitions that the typical agent counts as "
        "(default: chosen by held-out transitions)")  # fmt: skip
    add("--bootstrap", metavar="N", type=int, default=200, help="copies behind the intervals (default: %(default)s)")
    add("--confidence", metavar="P", type=float, default=0.95, help="of the intervals (default: %(default)s)")
    add("--seed", metavar="N", type=int, default=0, help="of the bootstrap (default: %(default)s)")
    add("--out", metavar="FILE", help="write a scenario to FILE, as TOML")
    add("--about", metavar="ITEM", help="the item that the scenario's opinions are about (default: all)")
    add("--only", metavar="GROUP,GROUP", help="groups that the scenario is about; all are fitted (default: all)")
    add("--switching-cost", metavar="X", type=float,
        help="of the scenario, in units of the variance of first answers (default: 0)")  # fmt: skip
    add("--json", metavar="FILE", help="write the fit with all its intervals to FILE")
    command.set_defaults(run=_fit)


def _fit(options: argparse.Namespace) -> int:
    from exitjoin.fitting import fit_as_dict, fit_as_text, read_list, scenario_as_text
    from exitjoin.output_paths import check_outputs
    from numerics.files import write_json
    from numerics.fitting.fit import fit_influence
    from numerics.fitting.fitted_scenario import chosen_groups
    from numerics.fitting.listeners import read_listeners
    from numerics.fitting.reading import read_opinions
    from numerics.validation import number
    from theory.errors import InputError

    inputs = {"opinions": options.opinions, "the edges of the network": options.network}
    check_outputs(inputs, {"out": options.out, "json": options.json})
    rounds = None if options.rounds is None else read_list(options.rounds, "rounds")
    only = None if options.only is None else read_list(options.only, "only")
    for name in ("about", "only", "switching_cost"):
        if options.out is None and getattr(options, name) is not None:
            raise InputError(name, getattr(options, name), "is about a scenario", "name its file (--out FILE)")
    cost = number(options.switching_cost or 0.0, "switching_cost")
    observations = read_opinions(
        options.opinions, options.group, options.agent, rounds, options.round, options.value, options.item,
        options.truth,
    )  # fmt: skip
    chosen = chosen_groups(observations, only, options.about)
    network = None
    if options.network is not None:
        network = read_listeners(options.network, observations, options.group, options.agent)
    with Progress() as progress:
        progress("fitting")
        fit = fit_influence(
            observations, network, not options.not_stubborn, options.regularisation, options.bootstrap,
            options.confidence, options.seed,
        )  # fmt: skip
    print(fit_as_text(observations, fit), flush=True)  # kept whatever becomes of the scenario
    made = failure = None
    if options.out is not None:
        try:
            made = _scenario(options, observations, fit, chosen, cost)
        except InputError as error:
            failure = error
    if made is not None:
        print(f"\n{scenario_as_text(made)}")
    if options.json is not None:
        print(f"wrote {write_json(options.json, fit_as_dict(observations, fit, made), field='json')}")
    if failure is not None:
        raise failure
    if made is not None:
        print(f"wrote {_save(options, made, fit)}")
    return 0


def _scenario(
    options: argparse.Namespace, observations: Observations, fit: InfluenceFit, chosen: list[int], cost: float
) -> FittedScenario:
    from pathlib import Path

    from exitjoin.summary import count
    from numerics.fitting.columns import name_in_words
    from numerics.fitting.fitted_scenario import fitted_scenario
    from numerics.scenario import MAX_BYTES
    from theory.errors import InputError

    groups = [observations.groups[g] for g in chosen]
    n = sum(group.n_agents for group in groups)
    if LEAST_BYTES * n**2 > MAX_BYTES:
        problem = f"of {n} agents would take a file of more than the {MAX_BYTES} bytes that are read"
        raise InputError("scenario", options.out, problem, CHOOSE)
    title = f"Fitted to {name_in_words(Path(options.opinions).name, 60)}: "
    title += f"{count(len(groups), 'group')}, {count(n, 'agent')}"
    names = None if options.only is None else [group.name for group in groups]
    return fitted_scenario(observations, fit, options.about, cost, title, names)


CHOOSE = "choose groups that it is about (--only GROUP,GROUP); all of them are fitted"


def _save(options: argparse.Namespace, made: FittedScenario, fit: InfluenceFit) -> Path:
    from numerics.scenario_text import save_scenario
    from theory.errors import InputError

    try:
        return save_scenario(made.scenario, options.out, [*made.comments, "", fit.scores.verdict])
    except InputError as error:
        if error.field != "scenario":
            raise
        raise InputError("scenario", options.out, error.problem, CHOOSE) from None
