"""The diagnosis of a team on the command line: what it says, what it writes, how it fails."""

import json
import math
from pathlib import Path

import pytest

from exitjoin.cli import main
from exitjoin.diagnosis import read_structure
from theory.errors import InputError

TEAM = """
title = "two camps"
[model]
opinions = [0.0, 0.2, -0.4, 1.0, 1.3, 0.9]
performance = "-u**2"
switching_cost = {cost}
{more}
"""
CAMPS = "0 1 2 | 3 4 5"


@pytest.fixture
def scenario(tmp_path: Path):
    def write(cost: str = "0.8", more: str = "") -> str:
        path = tmp_path / "team.toml"
        path.write_text(TEAM.format(cost=cost, more=more), encoding="utf-8")
        return str(path)

    return write


def test_a_stable_team(scenario, capsys):
    assert main(["diagnose", scenario(), "--structure", CAMPS, "--runs", "100"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("two camps\nteam: 0 1 2 | 3 4 5, coalitions at consensus")
    assert "STABLE with margin 0.184537" in out
    assert "switching_cost" in out
    assert "0.615463" in out
    assert "nearest breaking opinions: 0.194469 away" in out
    assert "nothing needs to be paid" in out
    assert "HiGHS" not in out.splitlines()[0]


def test_a_team_that_breaks(scenario, capsys):
    assert main(["diagnose", scenario("0.5"), "--structure", CAMPS, "--runs", "100"]) == 0
    out = capsys.readouterr().out
    assert "NOT STABLE: agent" in out
    assert "becomes stable: agent" in out
    assert "a subsidy of 0.692778" in out
    assert "to agents for staying: " in out


def test_what_acceptance_holds_back_is_said(scenario, capsys):
    path = scenario("0.5", 'acceptance = {rule = "capacity", members = 3}')
    assert main(["diagnose", path, "--structure", CAMPS, "--runs", "20"]) == 0
    out = capsys.readouterr().out
    assert "STABLE with margin" in out
    assert "6 moves would pay but are refused" in out
    assert "acceptance.members" in out


def test_files_hold_all_of_it(scenario, tmp_path, capsys):
    data, folder = tmp_path / "d.json", tmp_path / "out"
    arguments = [
        "diagnose",
        scenario(),
        "--structure",
        CAMPS,
        "--runs",
        "50",
        "--json",
        str(data),
        "--out",
        str(folder),
    ]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found == json.loads((folder / "diagnosis.json").read_text(encoding="utf-8"))
    assert (folder / "diagnosis.txt").read_text(encoding="utf-8") in printed
    assert {path.suffix for path in folder.iterdir()} >= {".txt", ".json", ".png", ".pdf", ".csv"}
    assert found["structure"] == [[0, 1, 2], [3, 4, 5]]
    assert found["stable"] is True
    assert found["margin"] == pytest.approx(0.8 - found["critical_cost"])
    assert len(found["agents"]) == 6
    assert found["thresholds"]["theta"]["threshold"] is None
    nearest = found["radius"]["opinions"]
    assert math.dist(nearest, found["opinions"]) == pytest.approx(found["radius"]["radius"])
    assert found["radius"]["lower"] <= found["radius"]["radius"]
    assert found["basin"]["chances"][0] == 1.0


def test_the_structure_may_come_from_the_scenario(scenario, capsys):
    path = scenario(more="[run]\nstructure = [[0, 1, 2], [3, 4, 5]]\nseed = 3\n")
    assert main(["diagnose", path, "--runs", "20"]) == 0
    assert "team: 0 1 2 | 3 4 5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "structure: "),
        (["--structure", "0 1 | 2 x"], "structure: 'x' is not the number of an agent"),
        (["--structure", "0 1 | 2 -3"], "structure: '-3' is not the number"),
        (["--structure", ""], "structure"),
        (["--structure", "0 1 2 ||3 4 5"], "structure[1]"),
        (["--structure", "0 1 2 | 3 4"], "structure: "),
        (["--structure", "0 1 2 | 3 4 99"], "structure[1]: 99 is not an agent"),
        (["--structure", CAMPS, "--runs", "0"], "runs: "),
        (["--structure", CAMPS, "--seed", "-1"], "seed: "),
        (["--structure", CAMPS, "--runs", "5", "--json", "/no/such/folder/x.json"], "json: "),
        (["--structure", CAMPS, "--runs", "5", "--out", "/dev/null/x"], "out: "),
    ],
)
def test_bad_input_is_one_line(scenario, arguments, words, capsys):
    assert main(["diagnose", scenario(), *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(f"exitjoin: {words}")


def test_structures_are_read_as_people_write_them():
    assert read_structure("0,1 2|3") == [[0, 1, 2], [3]]
    with pytest.raises(InputError, match="bars between them"):
        read_structure("0 1; 2")
