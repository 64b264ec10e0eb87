"""Run with the Python of an environment that has only the wheel: does the installed package work?"""

import subprocess
import sys
import tempfile
from pathlib import Path

import exitjoin as ej


def main() -> None:
    """Import from the wheel, compute a payoff, run the command line on a packaged scenario."""
    home = Path(ej.__file__).resolve().parent
    assert "site-packages" in home.parts, f"not the installed package: {home}"
    model = ej.Model(opinions=[0.0, 1.0], performance="-u**2")
    assert ej.aumann_dreze_value(model, [[0, 1]]).tolist() == [0.25, -0.75]
    assert ej.packaged_scenario("published_unimodal").simulate().outcome == "joint equilibrium"
    command = Path(sys.executable).with_name("exitjoin")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([command, "verify", "S1"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([command, "derive", "--latex", f"{folder}/a.tex"], check=True, stdout=subprocess.DEVNULL)
        assert "\\Delta" in Path(folder, "a.tex").read_text(encoding="utf-8")
        subprocess.run([command, "figures", "barriers", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        assert Path(folder, "barriers.pdf").stat().st_size > 1000
    print(f"exitjoin {ej.__version__} works from its wheel")


if __name__ == "__main__":
    main()
