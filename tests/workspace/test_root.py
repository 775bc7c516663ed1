"""Finding a workspace, making one, finding a run in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.errors import WorkspaceError
from backtest.workspace import find_workspace
from backtest.workspace.find import RUN_OR_STUDY, find_run
from backtest.workspace.template import make_workspace

MARKER = "[tool.backtest]\n"


def test_the_nearest_above(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    (inner / "configs").mkdir(parents=True)
    (tmp_path / "outer" / "pyproject.toml").write_text(MARKER)
    assert find_workspace(inner / "configs" / "x.yaml").root == tmp_path / "outer"
    (inner / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert find_workspace(inner).root == tmp_path / "outer"
    (inner / "pyproject.toml").write_text(MARKER)
    place = find_workspace(inner / "configs" / "x.yaml")
    assert place.root == inner
    assert (place.strategies, place.data) == (inner / "strategies", inner / "data")
    assert (place.configs, place.reports) == (inner / "configs", inner / "reports")


def test_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no workspace here or above.*`backtest init DIR`.*--workspace"):
        find_workspace(tmp_path)


def test_a_given_one_is_not_searched_above(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(MARKER)
    (tmp_path / "sub").mkdir()
    assert find_workspace(Path("/"), tmp_path).root == tmp_path
    with pytest.raises(WorkspaceError, match="sub: not a workspace"):
        find_workspace(tmp_path, tmp_path / "sub")


@pytest.mark.parametrize("content", [b"[tool.backtest\n", b"\xff\xfe"])
def test_a_broken_marker_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"pyproject\.toml: cannot be read"):
        find_workspace(tmp_path)


def test_a_made_workspace_is_found_and_filled(tmp_path: Path) -> None:
    make_workspace(tmp_path / "mine")
    place = find_workspace(tmp_path / "mine")
    assert (place.strategies / "momentum.py").is_file()
    assert (place.configs / "quickstart.yaml").is_file()
    assert (place.configs / "schema.json").is_file()
    assert place.data.is_dir()
    assert place.reports.is_dir()
    assert "reports/*" in (place.root / ".gitignore").read_text()


@pytest.mark.parametrize("make", ["file", "full"])
def test_only_an_empty_directory_becomes_one(tmp_path: Path, make: str) -> None:
    target = tmp_path / "mine"
    if make == "file":
        target.write_text("")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("")
    with pytest.raises(WorkspaceError, match="mine: "):
        make_workspace(target)
    assert make == "file" or [file.name for file in target.iterdir()] == ["notes.txt"]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(MARKER)
    for name in ("20200101T000000Z-a-1", "20210101T000000Z-b-2", ".partial-1-20220101T000000Z-c-3", "notes"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        if name != "notes":
            (tmp_path / "reports" / name / "manifest.json").write_text("{}")
    return tmp_path / "reports"


def test_a_run_by_path_by_name_and_the_latest(reports: Path) -> None:
    first = reports / "20200101T000000Z-a-1"
    assert find_run(str(first), None) == first
    assert find_run(first.name, reports.parent) == first
    assert find_run("latest", reports.parent) == reports / "20210101T000000Z-b-2"


def test_a_run_by_the_beginning_of_its_name(reports: Path) -> None:
    assert find_run("2020", reports.parent) == reports / "20200101T000000Z-a-1"
    assert find_run("20210101T000000Z-b", reports.parent) == reports / "20210101T000000Z-b-2"
    with pytest.raises(WorkspaceError, match=r"'20' begins the names of 2 runs: 20200101T000000Z-a-1, 2021"):
        find_run("20", reports.parent)


def test_what_a_folder_that_is_no_run_is(reports: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"notes: not the folder of a run; it has no manifest\.json$"):
        find_run("notes", reports.parent)
    (reports / "notes" / "comparison.json").write_text("{}")
    (reports / "notes" / "runs" / "hrp").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match=r"notes: a comparison, not a run; the runs in it: runs/hrp$"):
        find_run(str(reports / "notes"), reports.parent)
    assert find_run("notes", reports.parent, RUN_OR_STUDY) == reports / "notes"


@pytest.mark.parametrize("name", ["20200101T000000Z-a-2", ".partial-1-20220101T000000Z-c-3"])
def test_what_is_no_run(reports: Path, name: str) -> None:
    with pytest.raises(
        WorkspaceError, match=r"unknown run .*; known: 20200101T000000Z-a-1, 20210101T000000Z-b-2, latest"
    ):
        find_run(name, reports.parent)


def test_no_runs_yet(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(MARKER)
    with pytest.raises(WorkspaceError, match="no runs there yet"):
        find_run("latest", tmp_path)
