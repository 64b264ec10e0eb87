"""A second solver, cvc5, in a process of its own: its own time limit is not always kept, a process can be ended.

The file is run by its path and reads a sentence in SMT-LIB from the standard input: it imports nothing but cvc5.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Literal

START = 1.0  # seconds that a process may take to start, beside its time limit


def available() -> bool:
    """Return whether cvc5 is installed: it is optional.

    Examples
    --------
    >>> isinstance(available(), bool)
    True
    """
    return find_spec("cvc5") is not None


def answer(sentence: str, seconds: float) -> Literal["sat", "unsat", "unknown"]:
    """Return what cvc5 says of a sentence in SMT-LIB within a time limit; "unknown" if it says nothing.

    Parameters
    ----------
    sentence : declarations, assertions and (check-sat)
    seconds : wall-clock time; the process is ended one second later at the latest

    Examples
    --------
    >>> answer("(declare-fun x () Real)(assert (< (* x x) 0.0))(check-sat)", 5.0) if available() else "unsat"
    'unsat'
    """
    command = [sys.executable, __file__, str(max(1, int(1000 * seconds)))]
    try:
        done = subprocess.run(command, input=sentence, capture_output=True, text=True, timeout=seconds + START)
    except subprocess.TimeoutExpired:
        return "unknown"
    said = done.stdout.split()
    return "unsat" if said == ["unsat"] else "sat" if said == ["sat"] else "unknown"


def _main() -> None:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", sys.argv[1])
    parser = cvc5.InputParser(solver)
    logic = "QF_NIRA" if "Int" in (text := sys.stdin.read()) else "QF_NRA"
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, f"(set-logic {logic})\n{text}", "sentence")
    while not (command := parser.nextCommand()).isNull():
        print(command.invoke(solver, parser.getSymbolManager()), end="")


if __name__ == "__main__":
    _main()
