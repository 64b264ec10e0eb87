"""What verification writes: tables, LaTeX, and certificates that a program of its own re-checks."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from proofs_checks import recheck
from proofs_checks.archive import write_certificates
from proofs_checks.latex import words
from proofs_checks.registry import study
from proofs_checks.verify import verify
from theory.claims import LEDGER
from theory.errors import InputError


@pytest.fixture(scope="module")
def report():
    return verify(["T4", "S1", "S13"], cached=True)


def test_mutants_are_listed_with_what_they_damage_and_their_counterexample(report):
    text = report.mutants_text()
    assert max(map(len, text.splitlines())) <= 120
    flat = " ".join(text.split())
    for result in report.results:
        for mutant in result.mutants:
            assert " ".join(f"✗ {mutant.description} [{mutant.target or 'the proof'}]".split()) in flat
            assert " ".join(mutant.counterexample.split()) in flat


def test_latex_is_ascii_with_balanced_braces(report):
    table = report.latex()
    assert table.isascii()
    assert table.count("{") == table.count("}")
    assert table.count(r" \\") == len(report.results) + 1
    assert all(re.search(rf"^{r.label} & \$", table, re.MULTILINE) for r in report.results)


@pytest.mark.parametrize("label", LEDGER)
def test_every_claim_can_be_set_in_latex(label):
    claim = LEDGER[label]
    texts = [claim.statement, claim.conclusion, *claim.guarded, *(check.scope for check in study(label).checks)]
    for text in texts:
        written = words(text)
        assert written.isascii()
        assert "[U+" not in written, f"{text!r}: no LaTeX for a character"
        assert written.count("$") % 2 == 0
    for formula in (claim.latex, *(hypothesis.latex for hypothesis in claim.hypotheses)):
        assert formula.strip()
        assert formula.isascii()
        assert "$" not in formula
        assert formula.count("{") - formula.count(r"\{") == formula.count("}") - formula.count(r"\}")


def test_certificates_are_written_and_rechecked(report, tmp_path):
    paths = write_certificates(report, tmp_path / "certificates")
    assert [path.name for path in paths] == ["T4.json", "S1.json", "S13.json"]
    program = Path(recheck.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(tmp_path / "certificates")],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(paths[1].read_text())
    damaged = next(c for piece in data["pieces"] for c in piece["certificates"] if c["kind"] == "combination")
    damaged["conclusion"] += " + 1"
    paths[1].write_text(json.dumps(data))
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(tmp_path / "certificates")],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "S1" in done.stdout + done.stderr


def test_a_folder_for_certificates_that_is_a_file_is_refused(report, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        write_certificates(report, tmp_path / "file")
