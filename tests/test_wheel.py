"""The wheel, built from the sdist, works where there is no clone: `init`, `data sample`, `run`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from made import REPOSITORY

pytestmark = pytest.mark.slow


def checked(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from the files of the repository, and the wheel from the sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation")
    checked(*build, "--sdist", "--outdir", folder, REPOSITORY, cwd=folder)
    (archive,) = folder.glob("barwake-*.tar.gz")
    shutil.unpack_archive(archive, folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    checked(*build, "--wheel", "--outdir", folder, source, cwd=folder)
    (built,) = folder.glob("barwake-*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on comes from the one that runs the tests."""
    root = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(root, with_pip=False)
    packages = next(root.glob("lib/python*/site-packages"))
    shutil.unpack_archive(wheel, packages, format="zip")
    here = Path(sysconfig.get_paths()["purelib"])
    for package in here.iterdir():  # links, not a path: an editable install of the clone must not come along
        if "barwake" not in package.name and not (packages / package.name).exists() and package.suffix != ".pth":
            (packages / package.name).symlink_to(package)
    return root / "bin"


def test_the_wheel_holds_what_a_workspace_starts_with(wheel: Path) -> None:
    listed = checked(sys.executable, "-m", "zipfile", "-l", wheel, cwd=wheel.parent)
    for name in (
        "backtest/py.typed",
        "backtest/workspace/examples/configs/quickstart.yaml",
        "backtest/workspace/examples/configs/schema.json",
        "backtest/workspace/examples/strategies/momentum.py",
        "backtest/market/us20/manifest.json",
    ):
        assert name in listed
    assert "tests/" not in listed
    assert "/_try" not in listed


def test_from_nothing_to_a_report(scripts: Path, tmp_path: Path) -> None:
    script = "import backtest, sys; print(backtest.__file__); from backtest.cli import main; main()"
    backtest = (scripts / "python", "-I", "-c", script)
    said = checked(*backtest, "init", tmp_path / "mine", cwd=tmp_path)
    assert str(REPOSITORY) not in said.splitlines()[0]
    place = tmp_path / "mine"
    checked(*backtest, "data", "sample", cwd=place)
    folder = Path(checked(*backtest, "run", "configs/quickstart.yaml", cwd=place).splitlines()[-1])
    assert folder.parent == place / "reports"
    assert (folder / "report.html").is_file()
    assert (folder / "figures" / "equity.png").is_file()
