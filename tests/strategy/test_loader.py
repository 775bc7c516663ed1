"""Finding strategies by the name of their file, and what is said when one cannot be used."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from backtest.errors import StrategyError, WorkspaceError
from backtest.strategy import list_strategies, load_strategy, mount

GOOD = """
    from backtest import Strategy

    class {name}(Strategy):
        lookback: int = {lookback}

        def decide(self, ctx):
            return None
"""

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "strategies"


@pytest.fixture
def write(folder: Path) -> Write:
    def write_file(name: str, text: str = GOOD, to: Path = folder, **values: object) -> Path:
        to.mkdir(exist_ok=True)
        file = to / f"{name}.py"
        file.write_text(dedent(text).format(**{"name": "Mine", "lookback": 5, **values}), encoding="utf-8")
        return file

    return write_file


def refused(name: str, folder: Path, said: str) -> None:
    with pytest.raises(StrategyError) as caught:
        load_strategy(name, folder)
    assert said in str(caught.value)


def test_a_strategy_is_found_by_the_name_of_its_file(folder: Path, write: Write) -> None:
    write("mine")
    strategy = load_strategy("mine", folder)
    assert strategy.__name__ == "Mine"
    assert strategy.__module__ == "backtest_workspace.mine"
    assert strategy().lookback == 5


def test_a_missing_one_names_the_nearest(folder: Path, write: Write) -> None:
    write("momentum")
    write("_helpers", "")
    with pytest.raises(WorkspaceError, match="unknown strategy 'momentun'; known: momentum; did you mean 'momentum'"):
        load_strategy("momentun", folder)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="known: none exist yet"):
        load_strategy("mine", tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../mine", "_helpers", ""])
def test_only_strategies_can_be_named(folder: Path, write: Write, name: str) -> None:
    write("mine")
    write("_helpers")
    write("mine", to=folder.parent)
    with pytest.raises(WorkspaceError, match="unknown strategy"):
        load_strategy(name, folder)


def test_two_classes_in_one_file(folder: Path, write: Write) -> None:
    write("both", GOOD + "\n    class Other({name}):\n        pass\n")
    refused("both", folder, "both.py: expected one class that inherits from Strategy; found Mine, Other")


def test_no_class_in_a_file(folder: Path, write: Write) -> None:
    write("none", "from backtest import Strategy\n")
    refused("none", folder, "found none")


def test_neither_decide_nor_prepare(folder: Path, write: Write) -> None:
    file = write("idle", "from backtest import Strategy\n\nclass Idle(Strategy):\n    pass\n")
    refused("idle", folder, f"{file}: Idle defines neither decide() nor prepare()")


def test_a_syntax_error_has_its_line(folder: Path, write: Write) -> None:
    file = write("wrong", "x = 1\n\ndef broken(:\n    pass\n")
    refused("wrong", folder, f"{file}:3: SyntaxError")


def test_an_import_error_has_its_line(folder: Path, write: Write) -> None:
    file = write("wrong", "x = 1\nimport not_there_at_all\n")
    refused("wrong", folder, f"{file}:2: ModuleNotFoundError: No module named 'not_there_at_all'")


def test_an_error_in_a_helper_is_told_with_the_line_that_asked_for_it(folder: Path, write: Write) -> None:
    write("_helpers", "value = 1 / 0\n")
    file = write("wrong", "from backtest import Strategy\nfrom ._helpers import value\n")
    refused("wrong", folder, f"{file}:2: ZeroDivisionError: division by zero")


def test_a_script_that_exits_is_an_error_like_any_other(folder: Path, write: Write) -> None:
    file = write("script", "import sys\nsys.exit(0)\n")
    refused("script", folder, f"{file}:2: SystemExit")


def test_an_untyped_field_says_how_to_write_it(folder: Path, write: Write) -> None:
    file = write("untyped", "from backtest import Strategy\n\nclass Untyped(Strategy):\n    lookback = 5\n")
    refused("untyped", folder, str(file))
    refused("untyped", folder, "`lookback: int = 126`")
    with pytest.raises(StrategyError) as caught:
        load_strategy("untyped", folder)
    assert "model_config" not in str(caught.value)  # how pydantic would have it ignored is no help


def test_helpers_and_other_strategies_can_be_imported(folder: Path, write: Write) -> None:
    write("_helpers", "FIVE = 5\n")
    write("base")
    write(
        "mine",
        """
        from ._helpers import FIVE
        from .base import Mine as Base

        class Mine(Base):
            lookback: int = FIVE + 1
        """,
    )
    assert load_strategy("mine", folder)().lookback == 6
    assert list_strategies(folder) == ["base", "mine"]


def test_two_workspaces_one_after_the_other(tmp_path: Path, write: Write) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, lookback in ((here, 11), (there, 222)):
        write("_shared", "LOOKBACK = {lookback}\n", folder, lookback=lookback)
        write("mine", "from ._shared import LOOKBACK\n" + dedent(GOOD), folder, lookback="LOOKBACK")
    assert load_strategy("mine", here)().lookback == 11
    assert load_strategy("mine", there)().lookback == 222
    assert load_strategy("mine", here)().lookback == 11


def test_a_changed_file_is_read_again(folder: Path, write: Write) -> None:
    """In a notebook, a run after an edit is a run of the edited strategy; helpers count too."""
    write("_shared", "LOOKBACK = 1\n")
    write("mine", "from ._shared import LOOKBACK\n" + dedent(GOOD), lookback="LOOKBACK")
    first = load_strategy("mine", folder)
    assert load_strategy("mine", folder) is first
    write("_shared", "LOOKBACK = 1 + 1\n")
    assert load_strategy("mine", folder)().lookback == 2


def test_a_file_that_was_just_written_is_found(folder: Path, write: Write) -> None:
    write("first")
    load_strategy("first", folder)
    write("second", lookback=6)
    assert load_strategy("second", folder)().lookback == 6


def test_an_instance_can_be_pickled_where_the_workspace_is_mounted(folder: Path, write: Write) -> None:
    write("mine")
    strategy = load_strategy("mine", folder)(lookback=9)
    kept = pickle.dumps(strategy)
    mount(folder)
    again = pickle.loads(kept)
    assert again == strategy
    assert type(again) is type(strategy)
    with pytest.raises(StrategyError, match="cannot be set"):
        again.lookback = 3
