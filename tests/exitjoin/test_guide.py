"""The guide in docs/: its commands run, its links lead somewhere, and its table of claims is the ledger.

The Python examples are doctests of their own (`pytest --doctest-glob='*.md' docs`).
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from exitjoin.cli import _parser, main
from theory.claims import LEDGER

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(exitjoin|python) .*$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)\)")


def commands(page):
    """The commands of a page; what stands behind # is how long they take."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [match.group() for language, block in blocks if not language for match in COMMAND.finditer(block)]


def run(command):
    program, *arguments = shlex.split(command, comments=True)
    if program == "exitjoin":
        return main(arguments)
    return subprocess.run([sys.executable, *arguments], check=False, stdout=subprocess.DEVNULL).returncode


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_run(page, tmp_path, monkeypatch, capsys):
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        if "#" not in command:
            assert run(command) == 0, f"{command}\n{capsys.readouterr().err}"


def test_the_readme_fits_as_the_guide_does():
    """Whose command runs; but for how much is computed and where it is written."""
    lines = [
        next(line for line in commands(ROOT / page) if " fit " in line) for page in ("README.md", "docs/diagnosing.md")
    ]
    readme, guide = (vars(_parser().parse_args(shlex.split(line)[1:])) for line in lines)
    differ = {name for name in readme if readme[name] != guide[name]}
    assert differ <= {"bootstrap", "out"}


def test_commands_that_take_long_are_understood():
    long = [command for page in PAGES for command in commands(page) if "#" in command]
    assert len(long) == 3
    for command in long:
        _, *arguments = shlex.split(command, comments=True)
        assert _parser().parse_args(arguments).command == arguments[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_every_page_is_in_the_index():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert {page.name for page in PAGES} - set(LINK.findall(index)) == {"README.md"}


def test_the_table_of_claims_is_the_ledger():
    rows = re.findall(r"^\| ([STV][^|]*) \|", (ROOT / "docs/model.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [label for row in rows for label in row.split(", ")] == list(LEDGER)
