from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from backtest.errors import ArtefactError, InputError, WorkspaceError
from backtest.report import DEFAULT_FIGURES, FIGURES, build
from backtest.report.figures import png
from backtest.report.numbers import read_run

from .runs import STORIES


@pytest.fixture
def folder(folders: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(folders["one_asset"], tmp_path / "run"))


def size(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_writes_the_page_and_four_pictures(folder: Path) -> None:
    written = build(folder)
    assert written == [folder / "report.html", *(folder / "figures" / f"{name}.png" for name in DEFAULT_FIGURES)]
    assert all(path.stat().st_size > 5_000 for path in written)
    assert not list(folder.rglob("*.part"))


def test_some_all_or_no_pictures(folder: Path) -> None:
    assert build(folder, html=False, figures=["trading"]) == [folder / "figures" / "trading.png"]
    assert build(folder, figures=()) == [folder / "report.html"]
    assert len(build(folder, html=False, figures="all")) == len(FIGURES)


def test_building_again_replaces(folder: Path) -> None:
    (page,) = build(folder, figures=())
    first = page.read_bytes()
    page.write_bytes(b"old")
    build(folder, figures=())
    assert page.read_bytes() == first


def test_unknown_figure(folder: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'equity'"):
        build(folder, figures=["equty"])
    assert not (folder / "report.html").exists()


def test_no_run_folder(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="not a whole run folder"):
        build(tmp_path)


def test_what_cannot_be_written_is_one_error(folder: Path) -> None:
    (folder / "figures").write_text("in the way")
    with pytest.raises(ArtefactError, match=r"equity\.png: cannot be written"):
        build(folder, html=False)
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize("story", list(STORIES))
def test_every_story_has_every_picture(folders: dict[str, Path], story: str) -> None:
    run = read_run(folders[story])
    for make in FIGURES.values():
        figure = make(run)
        assert figure.get_dpi() == 200
        figure.set_dpi(40)  # a fifth of the work
        width, height = size(png(figure))
        assert width == 360
        assert 30 < height < 500


def test_pictures_have_twice_the_usual_resolution(folder: Path) -> None:
    (path,) = build(folder, html=False, figures=["yearly"])
    assert size(path.read_bytes()) == (1800, 840)


def test_the_same_run_makes_the_same_bytes(folder: Path) -> None:
    run = read_run(folder)
    assert png(FIGURES["equity"](run)) == png(FIGURES["equity"](run))


def test_a_page_alone_loads_no_matplotlib_and_pictures_no_pyplot(folder: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom backtest.report import build\n"
        f"folder = Path({str(folder)!r})\nbuild(folder, figures=())\nassert 'matplotlib' not in sys.modules\n"
        "build(folder, html=False)\nassert 'matplotlib' in sys.modules\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root, timeout=60)
