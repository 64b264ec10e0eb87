"""The page about the karate club says what comes out."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "karate_club.md"


def test_the_page_says_what_comes_out():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted >= 6
    assert found.failed == 0
