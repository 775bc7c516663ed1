"""Each picture looks as it did, and would not if what it shows were different."""

from __future__ import annotations

import io
import typing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from backtest.config.model import Figure, Report
from backtest.report import DEFAULT_FIGURES, FIGURES
from backtest.report.content.falls import Fall, falls
from backtest.report.figures.canvas import broken
from backtest.report.figures.encode import encode
from backtest.report.figures.underwater import Foot, placed, underwater
from backtest.report.numbers import RunNumbers, read_run
from backtest.report.scales import Scale
from backtest.report.words import percent

from .runs import PICTURED, write_run
from .small import difference, kept, shrunk

ALIKE = 0.15
"""Share of the ink. Another matplotlib moves letters and edges: by up to 0.117 between 3.9 and 3.11, for which the
pictures were made. `python -m tests.report.make_pictures` makes them again."""


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> RunNumbers:
    return read_run(write_run(tmp_path_factory.mktemp("pictured") / "run", PICTURED))


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_picture_looks_as_it_did(pictured: RunNumbers, name: str) -> None:
    assert difference(shrunk(name, pictured), kept(name)) < ALIKE


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "bridge"])
def test_a_picture_of_another_run_looks_different(folders: dict[str, Path], name: str) -> None:
    assert difference(shrunk(name, read_run(folders["one_asset"])), kept(name)) > 1.5 * ALIKE


def test_small_changes_are_seen(pictured: RunNumbers) -> None:
    assert difference(shrunk("yearly", replace(pictured, benchmark=None)), kept("yearly")) > ALIKE
    upside_down = replace(pictured, weights=pictured.weights[:, ::-1])
    assert difference(shrunk("weights", upside_down), kept("weights")) > ALIKE
    assert pictured.bridge is not None
    dear = pictured.bridge.assign(annual=[0.3, -0.1, -0.05, -0.05, 0.0, 0.1])
    assert difference(shrunk("bridge", replace(pictured, bridge=dear)), kept("bridge")) > ALIKE


def fall(depth: float, back: int | None = 3) -> Fall:
    return Fall(depth, 1, 2, back, 30.0, 90.0)


def test_every_fall_that_is_tinted_is_named(plain: RunNumbers) -> None:
    said = [text.get_text() for text in underwater(plain).findobj(Text)]
    told = [any(text.startswith(f"{percent(each.depth)}, ") for text in said) for each in falls(plain, 5).deepest]
    assert told == [True] * 5


def test_names_of_falls_keep_clear_of_curves_and_of_each_other() -> None:
    x = np.linspace(0.0, 1.0, 401)
    flat = Foot(x, np.full(x.size, -0.01), Scale(-0.4, 0.0, (0.0,)))
    (alone,) = placed([(0.3, fall(-0.2))], flat)
    assert (alone.middle, alone.left > 0.3) == (-0.2, True)  # beside its valley, where there is more room
    (late,) = placed([(0.97, fall(-0.2, None))], flat)
    assert (late.middle, late.right < 0.97) == (-0.2, True)
    assert late.text.endswith(" so far")
    two = placed([(0.30, fall(-0.2)), (0.32, fall(-0.201)), (0.31, fall(-0.199))], flat)
    assert not any(one.meets(other) for one in two for other in two if one is not other)
    deep = replace(flat, lowest=np.where(abs(x - 0.3) < 0.25, -0.25, -0.01))
    (moved,) = placed([(0.3, fall(-0.2))], deep)
    assert moved.middle + moved.half <= -0.25
    (stuck,) = placed([(0.3, fall(-0.2))], replace(flat, lowest=np.full(x.size, -0.4)))
    assert stuck.middle == -0.2  # no room anywhere


def test_the_configuration_names_every_picture() -> None:
    assert typing.get_args(Figure) == tuple(FIGURES)
    assert Report().figures == DEFAULT_FIGURES


def test_the_documentation_lists_every_picture() -> None:
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    rows = page.partition("## Pictures")[2]
    assert [name for name in FIGURES if f"`{name}`" not in rows] == []


def test_a_file_holds_the_pixels() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (7, 11, 3), dtype=np.uint8)
    picture = Image.open(io.BytesIO(encode(pixels)))
    picture.load()  # checks the sums
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), pixels)


def test_a_legend_breaks_where_there_is_no_room_and_shortens_names() -> None:
    entries = [(f"SYMBOL{k:02d}", "#000") for k in range(30)]
    lines = broken(entries, wide=8.0)
    assert [entry for line in lines for entry in line] == entries
    assert len(lines) > 2
    ((first, _),) = broken([("x" * 200, "#000")])[0]
    assert len(first) < 70
    assert first.endswith("…")
