"""The command line.  Every command imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from exitjoin import __version__
from exitjoin.fit_command import add_fit
from exitjoin.progress import Progress
from exitjoin.sweep_command import add_sweep
from theory.errors import ExitjoinError

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

DERIVE = """Derive gains, stability conditions, acceptance and bounds.  EXPR is arithmetic (+ - * / **, constant
exponents) in u (performance) or s (scale), with the parameters b, theta, sigma, gamma and the functions exp, log,
sqrt, sin, cos, tanh, abs."""
VERIFY = """Verify the claims of the ledger.  A result is kept until a source or a package that it depends on changes,
so an interrupted verification goes on where it was.  Exit code 1 if a claim is refuted, a check is vacuous or
undecided, or a mutant survives."""
SIMULATE = """Simulate one run and print its outcome.  help(exitjoin.load_scenario) shows every key of a scenario."""
FIGURES = """Draw figures: NAME.pdf, NAME.png, and NAME.csv with the numbers drawn.  What is simulated for a phase
diagram is kept: an interrupted command goes on where it was, and a second one draws from what is there."""

DIAGNOSE = """Diagnose one team: its margins, the nearest threshold in every parameter, the nearest opinions that break
it, what follows when an agent leaves, how often it comes back after a push, and the cheapest payments that hold it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 a claim is refuted, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # φ on a terminal that cannot show it
    options = _parser().parse_args(_join_expressions(sys.argv[1:] if arguments is None else arguments))
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except ExitjoinError as error:
        print(f"exitjoin: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt as stop:
        print(f"exitjoin: interrupted{f'; {stop}' if str(stop) else ''}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe went away, as in `exitjoin derive | head`
        _silence_output()
        return OK
    except OSError as error:  # a full disk behind standard output
        _silence_output()
        print(f"exitjoin: output: cannot be written ({(error.strerror or 'error').lower()})", file=sys.stderr)
        return BAD_INPUT


def _silence_output() -> None:
    """Send what is still to be written nowhere, so that the interpreter does not fail on it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _join_expressions(arguments: Sequence[str]) -> list[str]:
    """Write ``--performance EXPR`` as ``--performance=EXPR``: argparse takes "-u**2" for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--performance", "--scale"):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="exitjoin",
        description="Derive, compute, certify and draw the stability of coalitions on top of consensus.",
    )
    parser.add_argument("--version", action="version", version=f"exitjoin {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser(
        "derive", help="derive stability conditions and critical cost, as text or LaTeX", description=DERIVE
    )
    command.add_argument(
        "--performance", metavar="EXPR", default="b - (u - theta)**2", help="φ(u) (default: %(default)s)"
    )
    command.add_argument("--scale", metavar="EXPR", default="s", help="g(s) (default: %(default)s)")
    command.add_argument("--latex", metavar="FILE", help="write the conditions as LaTeX to FILE")
    command.add_argument(
        "--interval", nargs=2, type=float, metavar=("LO", "HI"), help="range of opinions for the bounds (default: all)"
    )
    command.set_defaults(run=_derive)

    command = commands.add_parser("simulate", help="simulate one run of a scenario", description=SIMULATE)
    command.add_argument("scenario", metavar="SCENARIO.toml")
    command.add_argument("--seed", metavar="N", type=int, help="seed (default: the scenario's)")
    command.add_argument("--out", metavar="FILE", help="write the run with its trajectory to FILE, as JSON")
    command.set_defaults(run=_simulate)

    command = commands.add_parser(
        "diagnose", help="how fragile a team is, what breaks it and what would hold it", description=DIAGNOSE
    )
    command.add_argument("scenario", metavar="SCENARIO.toml")
    command.add_argument("--structure", metavar='"0 1 2 | 3 4"', help="the team (default: the scenario's)")
    command.add_argument("--seed", metavar="N", type=int, help="seed of the runs (default: the scenario's, or 0)")
    command.add_argument("--runs", metavar="N", type=int, default=200, help="runs of each kind (default: %(default)s)")
    command.add_argument("--json", metavar="FILE", help="write all of it to FILE")
    command.add_argument("--out", metavar="DIR", help="write diagnosis.txt, diagnosis.json and figures to DIR")
    command.set_defaults(run=_diagnose)

    add_fit(commands)
    add_sweep(commands)

    command = commands.add_parser("verify", help="verify the claims: verdicts, evidence, mutants", description=VERIFY)
    command.add_argument("labels", metavar="LABEL", nargs="*", help="claims such as S1 (default: all)")
    command.add_argument("--mutants", action="store_true", help="list every mutant with its counterexample")
    command.add_argument("--json", metavar="FILE", help="write verdicts, evidence and mutants to FILE")
    command.add_argument("--latex", metavar="FILE", help="write the verdicts to FILE, as a table for an appendix")
    command.add_argument("--certificates", metavar="DIR", help="write the certificates to DIR, a file for each claim")
    command.add_argument("--fresh", action="store_true", help="run everything again, whatever is kept")
    command.add_argument(
        "--workers", metavar="N", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)"
    )
    command.set_defaults(run=_verify)

    command = commands.add_parser("figures", help="draw the figures, with the data of each", description=FIGURES)
    command.add_argument("names", metavar="NAME", nargs="*", help="figures to draw (default: all)")
    command.add_argument("--out", metavar="DIR", default="out/figures", help="folder (default: %(default)s)")
    command.add_argument("--data", metavar="DIR", help="keep simulated data in DIR (default: the folder data in --out)")
    command.set_defaults(run=_figures)

    command = commands.add_parser("paper", help="all of it, and report.html that shows it on one page")
    command.add_argument("--out", metavar="DIR", default="out/paper", help="folder (default: %(default)s)")
    command.set_defaults(run=_paper)
    return parser


def _derive(options: argparse.Namespace) -> int:
    from numerics.files import write_whole
    from theory.expressions import parse_performance, parse_scale
    from theory.stability import derive

    performance = parse_performance(options.performance, parameters=True)
    scale = parse_scale(options.scale, parameters=True)
    conditions = derive(performance, scale, *(options.interval or ()))
    if options.latex:
        path = write_whole(options.latex, conditions.as_latex() + "\n", field="latex")
        print(f"wrote {path}")
    else:
        print(conditions.as_text())
    return OK


def _simulate(options: argparse.Namespace) -> int:
    from exitjoin.summary import run_as_dict, run_as_text
    from numerics.files import write_json
    from numerics.scenario import load_scenario

    scenario = load_scenario(options.scenario)
    with Progress() as progress:
        progress("simulating; the first run after an installation compiles for half a minute")
        run = scenario.simulate(options.seed)
    if options.out:
        write_json(options.out, run_as_dict(scenario, run))
    print(run_as_text(scenario, run))
    if options.out:
        print(f"wrote {options.out}")
    return OK


def _diagnose(options: argparse.Namespace) -> int:
    from exitjoin.diagnosis import diagnosis_as_dict, diagnosis_as_text, read_structure
    from numerics.files import make_folder, write_json, write_whole
    from numerics.fragility import fragility
    from numerics.scenario import load_scenario
    from theory.errors import InputError

    scenario = load_scenario(options.scenario)
    structure = scenario.run.get("structure") if options.structure is None else read_structure(options.structure)
    if structure is None:
        advice = 'name the team, as --structure "0 1 2 | 3 4"'
        raise InputError("structure", options.scenario, "has no structure of its own", advice)
    seed = scenario.run.get("seed", 0) if options.seed is None else options.seed
    settings = {key: scenario.run[key] for key in ("schedule", "max_steps", "samples") if key in scenario.run}
    with Progress() as progress:
        progress("diagnosing; the first run after an installation compiles for half a minute")
        found = fragility(scenario.model.drawn(seed), structure, seed, options.runs, **settings, progress=progress)
    report, data = diagnosis_as_text(scenario, found), diagnosis_as_dict(scenario, found)
    paths = []
    if options.json:
        paths.append(write_json(options.json, data, field="json"))
    if options.out:
        from figures.fragility import save_figures

        folder = make_folder(options.out)
        paths += [
            write_whole(folder / "diagnosis.txt", report + "\n"),
            write_json(folder / "diagnosis.json", data),
            *save_figures(found, folder),
        ]
    print(report)
    for path in paths:
        print(f"wrote {path}")
    return OK


def _verify(options: argparse.Namespace) -> int:
    from numerics.files import write_json, write_whole
    from proofs_checks.archive import write_certificates
    from proofs_checks.verify import verify

    with Progress() as progress:
        report = verify(options.labels or None, progress, options.workers, not options.fresh, keep=True)
    print(report.mutants_text() if options.mutants else report.text())
    paths = []
    if options.json is not None:
        paths.append(write_json(options.json, report.to_dict(), field="json"))
    if options.latex is not None:
        paths.append(write_whole(options.latex, report.latex() + "\n", field="latex"))
    if options.certificates is not None:
        paths += write_certificates(report, options.certificates)
    for path in paths:
        print(f"wrote {path}")
    return OK if report.ok else FAILED


def _figures(options: argparse.Namespace) -> int:
    from figures.writing import KEPT, make_figures

    try:
        with Progress() as progress:
            paths = make_figures(options.names or None, Path(options.out), progress, options.data)
    except KeyboardInterrupt:
        kept = options.data or Path(options.out) / KEPT
        going_on = f"the same command draws them again, and goes on with what is simulated already, kept in {kept}"
        raise KeyboardInterrupt(going_on) from None
    for path in paths:
        print(path)
    return OK


def _paper(options: argparse.Namespace) -> int:
    from exitjoin.paper import write_paper

    with Progress() as progress:
        report, path = write_paper(Path(options.out), progress)
    print(report.text())
    print(f"\nwrote {path}")
    return OK if report.ok else FAILED


if __name__ == "__main__":
    sys.exit(main())
