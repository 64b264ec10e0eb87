"""`exitjoin fit`: from the shipped log to a scenario that the other commands take."""

import json
from pathlib import Path

import pytest

import exitjoin as ej
from exitjoin.cli import main
from exitjoin.fitting import read_list

LOG = str(Path(__file__).parents[2] / "scenarios" / "debate_log.csv")
COLUMNS = ["--group", "group", "--agent", "subject", "--rounds", "response_1,response_2,response_3"]
FEW = ["--bootstrap", "20", "--regularisation", "1"]


def test_from_a_log_to_a_diagnosis(tmp_path, capsys):
    scenario, data = tmp_path / "team.toml", tmp_path / "fit.json"
    arguments = ["fit", LOG, *COLUMNS, *FEW, "--truth", "truth", "--item", "question", "--about", "strike"]
    assert main([*arguments, "--switching-cost", "2", "--out", str(scenario), "--json", str(data)]) == 0
    out = capsys.readouterr().out
    assert "4 groups, 16 agents, rounds response_1, response_2, response_3" in out
    assert "regularisation λ = 1, given" in out
    assert "against nobody moves" in out
    assert "gives a stranger the weight that it gives a groupmate on average" in out
    assert f"wrote {scenario}" in out
    assert "-0.0" not in out
    fit = json.loads(data.read_text(encoding="utf-8"))
    assert [group["group"] for group in fit["groups"]] == ["north", "south", "east", "west"]
    assert fit["scores"]["verdict"] in out
    assert fit["groups"][1]["used"] == [12, 12, 12]
    made = ej.load_scenario(scenario)
    assert made.title == "Fitted to debate_log.csv: 4 groups, 16 agents"
    assert "# Performance is in units of the variance of first answers" in scenario.read_text(encoding="utf-8")

    assert main(["simulate", str(scenario)]) == 0
    assert "outcome: joint equilibrium" in capsys.readouterr().out
    assert main(["diagnose", str(scenario), "--runs", "2"]) == 0
    out = capsys.readouterr().out
    assert "STABLE" in out
    assert "back to this team in" in out
    assert "the same team after a random push" in out


def test_a_seed_decides_the_intervals_and_a_network_the_zeros(tmp_path, capsys):
    edges = tmp_path / "edges.csv"
    edges.write_text("group,subject,hears\nsouth,Eve,Finn\nsouth,Finn,Eve\n", encoding="utf-8")
    reports = []
    for seed in ("1", "1", "2"):
        arguments = ["fit", LOG, *COLUMNS, *FEW, "--item", "question", "--network", str(edges), "--seed", seed]
        assert main([*arguments, "--about", "rain", "--not-stubborn", "--out", str(tmp_path / "team.toml")]) == 0
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1] != reports[2]
    assert "nobody" in reports[0]  # whom Gus hears
    assert "The truth is not known" in reports[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*COLUMNS], "debate_log.csv line 3, column subject: 'Ada' of group north has answered already, on line 2"),
        ([*COLUMNS[:4]], "rounds: None are missing"),
        (["--rounds", "", *COLUMNS[:4]], "rounds: '' is no list of names"),
        (["--rounds", '"a', *COLUMNS[:4]], "rounds: '\"a' is no list of names (unexpected end of data)"),
        ([*COLUMNS, "--item", "question", "--network", LOG], "debate_log.csv header: 'hears' is no column"),
        ([*COLUMNS, "--item", "question", "--about", "snow"], "about: 'snow' is no item"),
        ([*COLUMNS, "--item", "question", "--bootstrap", "3"], "bootstrap: 3"),
        ([*COLUMNS, "--item", "question", "--switching-cost", "nan"], "switching_cost: nan"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(arguments, message, tmp_path, capsys):
    path = tmp_path / "team.toml"
    defaults = [] if "--bootstrap" in arguments else FEW
    assert main(["fit", LOG, *arguments, *defaults, "--out", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"exitjoin: {message}")
    assert captured.out == ""
    assert not path.exists()


def test_the_report_is_kept_when_the_scenario_cannot_be_made(tmp_path, capsys):
    log, out, data = tmp_path / "log.csv", tmp_path / "team.toml", tmp_path / "fit.json"
    rows = [f"g{g},{a},{0.1 * a + 0.01 * g:g},{0.2 + 0.001 * g:g},0.2\n" for g in range(130) for a in range(3)]
    log.write_text("group,agent,r1,r2,r3\n" + "".join(rows), encoding="utf-8")
    arguments = ["fit", str(log), "--rounds", "r1,r2,r3", "--bootstrap", "0", "--regularisation", "inf"]
    assert main([*arguments, "--out", str(out), "--json", str(data)]) == 2
    captured = capsys.readouterr()
    assert "… and 110 more groups: --json writes them all" in captured.out
    assert len(captured.out.splitlines()) < 110
    assert f"wrote {data}" in captured.out
    assert "of 390 agents would take a file of more than the 750000 bytes" in captured.err
    assert "--only GROUP,GROUP" in captured.err
    assert not out.exists()
    fit = json.loads(data.read_text(encoding="utf-8"))
    assert (fit["regularisation"], fit["scores"]["regularisation"], fit["scenario"]) == ("inf", "inf", None)
    assert [group["answers"] for group in fit["groups"]] == [9] * 130
    assert main([*arguments, "--out", str(out), "--only", "g7,g3"]) == 0
    assert [len(part) for part in ej.load_scenario(out).run["structure"]] == [3, 3]
    assert "About g3, g7 only" in capsys.readouterr().out
    assert main(arguments) == 0
    assert "scenario" not in capsys.readouterr().out


def test_no_file_that_is_read_or_written_is_written_over(tmp_path, capsys):
    log, link, edges = tmp_path / "log.csv", tmp_path / "link.csv", tmp_path / "edges.csv"
    content = "agent,r1,r2\nA,1,2\nB,2,2\n"
    log.write_text(content, encoding="utf-8")
    edges.write_text("agent,hears\nA,B\n", encoding="utf-8")
    link.symlink_to(log)
    (tmp_path / "hard.csv").hardlink_to(log)
    arguments = ["fit", str(log), "--rounds", "r1,r2", "--bootstrap", "0", "--network", str(edges)]
    team = str(tmp_path / "team.toml")
    for outputs, message in [
        (["--out", str(log)], "out: "),
        (["--out", str(link)], "out: "),
        (["--json", str(tmp_path / "hard.csv")], "json: "),
        (["--json", f"{tmp_path}/../{tmp_path.name}/edges.csv"], "json: "),
        (["--out", team, "--json", f"{tmp_path}/./team.toml"], "json: "),
        (["--out", team, "--json", str(tmp_path)], "json: "),
        (["--out", team, "--json", ""], "json: "),
        (["--out", team, "--json", "a\0b"], "json: "),
        (["--out", str(tmp_path / "missing" / "team.toml"), "--json", team], "out: "),
        (["--about", "opinion"], "about: 'opinion' is about a scenario"),
        (["--out", team, "--only", "some"], "only: 'some' is no group"),
    ]:
        assert main([*arguments, *outputs]) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith(f"exitjoin: {message}"), outputs
        assert captured.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edges.csv", "hard.csv", "link.csv", "log.csv"]
    assert log.read_text(encoding="utf-8") == content


def test_names_reach_the_terminal_without_control_characters(tmp_path, capsys):
    log = tmp_path / "log.csv"
    log.write_text('group,agent,r1,r2\ng,"\x1b[31mA",1,2\ng,"two\nlines",2,2\n\x07,C,1,1\n', encoding="utf-8")
    arguments = ["fit", str(log), "--rounds", "r1,r2", "--bootstrap", "20", "--out", str(tmp_path / "team.toml")]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.split("\n"))
    assert "\\x1b[31mA" in out


def test_lists_of_names_may_be_quoted():
    assert read_list('a, b ,"c, d"', "rounds") == ["a", "b", "c, d"]


def test_large_coalitions_on_a_network_are_diagnosed_from_estimates(capsys):
    club = Path(LOG).parent / "karate_club.toml"
    assert main(["diagnose", str(club), "--runs", "2"]) == 0
    out = capsys.readouterr().out
    assert "the next to go is agent 8" in out
    assert "gains of large coalitions are estimates, from random orders" in out
    assert "not computed: radius" in out
    assert "\n\n\n" not in out  # there are no thresholds
