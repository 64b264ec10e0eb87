"""The command line: what it prints, what it writes, how it fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from exitjoin.cli import main

SCENARIOS = Path(__file__).parents[2] / "scenarios"
THREE = str(SCENARIOS / "three_agents.toml")


def test_derive_prints_conditions_and_answers_for_another_performance(capsys):
    assert main(["derive"]) == 0
    quadratic = capsys.readouterr().out
    assert "harmonic" in quadratic or "H" in quadratic
    assert main(["derive", "--performance", "-(u**2 - 1)**2"]) == 0
    assert capsys.readouterr().out != quadratic


def test_derive_writes_latex(tmp_path, capsys):
    path = tmp_path / "conditions.tex"
    assert main(["derive", "--latex", str(path)]) == 0
    assert "\\begin{equation" in path.read_text(encoding="utf-8")
    assert str(path) in capsys.readouterr().out


def test_simulate_prints_the_outcome(capsys):
    assert main(["simulate", THREE]) == 0
    out = capsys.readouterr().out
    assert "outcome: joint equilibrium after 1 move in 1 step" in out
    assert "regime: polarization" in out


def test_simulate_writes_the_run_and_the_seed_decides_it(tmp_path):
    a, b, c = (tmp_path / name for name in ("a.json", "b.json", "c.json"))
    scenario = str(SCENARIOS / "published_unimodal.toml")
    for path, seed in ((a, "1"), (b, "1"), (c, "2")):
        assert main(["simulate", scenario, "--seed", seed, "--out", str(path)]) == 0
    assert a.read_bytes() == b.read_bytes() != c.read_bytes()
    data = json.loads(a.read_text(encoding="utf-8"))
    assert data["joint_equilibrium"] is True
    assert len(data["trajectory"]["spread"]) == data["steps"] + 1
    assert sorted(x for coalition in data["structure"] for x in coalition) == list(range(10))


def test_a_run_written_to_a_file_says_how_to_make_it_again(tmp_path):
    from numerics.scenario import parse_scenario

    path = tmp_path / "run.json"
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(
        """[model]
opinions = {distribution = "normal", agents = 5}
performance = "exp(1)*u - abs(u)**2"
scale = "a"
influence = {family = "weighted", weights = [1, 2, 0.5, 3, 1]}
acceptance = {rule = "unanimous", threshold = 0.01}
"""
    )
    assert main(["simulate", str(scenario), "--out", str(path)]) == 0
    data = json.loads(path.read_text(encoding="utf-8"))
    model = data["model"]
    lines = ["[model]", f"opinions = {model['opinions']}", f"switching_cost = {model['switching_cost']}"]
    lines += [f'performance = "{model["performance"]}"', f'scale = "{model["scale"]}"']
    lines += [f"influence = {{family = 'weighted', weights = {model['influence']['weights']}}}"]
    lines += [f"acceptance = {{rule = 'unanimous', threshold = {model['acceptance']['threshold']}}}"]
    lines += ["[run]", f"seed = {data['run']['seed']}"]
    again = parse_scenario("\n".join(lines))
    assert again.model.performance == parse_scenario(scenario.read_text()).model.performance
    assert again.simulate().initial_opinions.tolist() == model["opinions"]


def test_members_that_do_not_agree_yet_are_shown_so(tmp_path, capsys):
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(
        """[model]
opinions = [0.0, 1.0, 2.0, -1.0]
performance = "-u**2"
switching_cost = 5
influence = {family = "lazy", rate = 0.3}
[run]
structure = [[0, 1], [2, 3]]
tactical_steps = 1
max_steps = 0
"""
    )
    assert main(["simulate", str(scenario)]) == 0
    out = capsys.readouterr().out
    assert "no move is admissible, but members do not agree yet" in out
    assert "0 1  at opinions from 0.15 to 0.85" in out


def test_derive_takes_an_interval(capsys):
    assert main(["derive", "--performance", "-(u**2-1)**2", "--interval", "-1", "1"]) == 0
    out = capsys.readouterr().out
    assert "L with phi'' >= -L" in out
    assert "opinions in [-1" in out


def test_output_that_cannot_be_written_is_one_line():
    command = f"{sys.executable} -m exitjoin simulate {THREE} > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "exitjoin: output: cannot be written (no space left on device)\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["derive", "--performance", "__import__('os').system('x')"], "performance: "),
        (["derive", "--performance", "9**9**9**9"], "performance: "),
        (["derive", "--scale", "u"], "scale: "),
        (["derive", "--scale", "1/(s - 1)"], "scale: '1/(s - 1)' is not finite for a coalition of 1"),
        (["derive", "--scale", "0"], "scale: '0' makes every coalition worth 0"),
        (["derive", "--interval", "2", "1"], "interval"),
        (["simulate", ""], "scenario: '' is not a path"),
        (["simulate", "missing.toml"], "scenario: 'missing.toml' cannot be read"),
        (["simulate", str(SCENARIOS)], "scenario: "),
        (["simulate", THREE, "--seed", "-1"], "seed: -1 is not a seed"),
        (["simulate", THREE, "--out", "/no/such/folder/x.json"], "out: '/no/such/folder/x.json' cannot be written"),
        (["verify", "S99"], "S99"),
        (["figures", "nothing"], "figure"),
        (["figures", "barriers", "--out", THREE], "out"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, words, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("exitjoin: ")
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


def test_usage_errors_exit_with_2():
    with pytest.raises(SystemExit) as caught:
        main(["simulate", THREE, "--seed", "abc"])
    assert caught.value.code == 2


def test_scenario_errors_name_the_key(tmp_path, capsys):
    path = tmp_path / "x.toml"
    path.write_text('[model]\nopinions = [1.0, nan]\nperformance = "-u**2"\n')
    assert main(["simulate", str(path)]) == 2
    assert "opinions[1]: nan is not finite" in capsys.readouterr().err
    path.write_text('[model]\nopinion = [1.0]\nperformance = "-u**2"\n')
    assert main(["simulate", str(path)]) == 2
    assert "model.opinion: [1.0] is an unknown key" in capsys.readouterr().err


def test_verify_writes_json_and_prints_a_table(tmp_path, capsys):
    path = tmp_path / "v.json"
    assert main(["verify", "S1", "V5", "--json", str(path)]) == 0
    assert "S1" in capsys.readouterr().out
    json.loads(path.read_text(encoding="utf-8"))


def test_a_refuted_claim_exits_with_1(monkeypatch, capsys):
    import proofs_checks.verify as module

    class Refuted:
        ok = False

        def text(self):
            return "S1 refuted"

    monkeypatch.setattr(module, "verify", lambda *arguments, **options: Refuted())
    assert main(["verify", "S1"]) == 1


def test_help_and_import_load_nothing_heavy():
    code = (
        "import sys, exitjoin, exitjoin.cli\n"
        "heavy = {'numpy', 'sympy', 'numba', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_loads():
    import exitjoin

    for name in exitjoin.__all__:
        assert getattr(exitjoin, name) is not None
    assert set(exitjoin.__all__) <= set(dir(exitjoin))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = exitjoin.nonsense


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m exitjoin derive | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_verify_writes_certificates_latex_and_lists_mutants(tmp_path, capsys):
    folder, table = tmp_path / "certificates", tmp_path / "claims.tex"
    arguments = ["verify", "S1", "V1", "--mutants", "--certificates", str(folder), "--latex", str(table)]
    assert main([*arguments, "--workers", "1"]) == 0
    printed = capsys.readouterr().out
    assert "H_m in place of H_{m+1}" in printed
    assert sorted(path.name for path in folder.iterdir()) == ["S1.json", "V1.json"]
    assert r"\begin{longtable}" in table.read_text()
    from proofs_checks import recheck

    for path in folder.iterdir():
        for piece in json.loads(path.read_text())["pieces"]:
            for certificate in piece["certificates"]:
                recheck.check(certificate)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (["--workers", "0"], "workers: "),
        (["--certificates", ""], "certificates: "),
        (["--json", ""], "json: "),
        (["--json", "/no/such/folder/x.json"], "json: "),
        (["--latex", "/no/such/folder/x.tex"], "latex: "),
    ],
)
def test_verify_refuses_bad_options(options, field, capsys):
    """One line on standard error; what was found is printed all the same."""
    assert main(["verify", "V1", *options]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"exitjoin: {field}")
    assert captured.err.count("\n") == 1
    assert ("V1" in captured.out) == (field != "workers: ")


def test_the_page_unfolds_each_claim(tmp_path):
    from exitjoin.claims_page import claims_table
    from proofs_checks.verify import verify

    page = "".join(claims_table(verify(["S5", "V1"], cached=True), "certificates"))
    assert 'href="certificates/S5.json"' in page
    assert 'href="#figure-price_of_stability"' in page  # whose caption names S5
    assert "7 in place of 8" in page
    assert page.count("<details>") == page.count("</details>") == 2
    assert page.count("<li>") == page.count("</li>")
    assert page.count("<ol>") == page.count("</ol>") > 2
