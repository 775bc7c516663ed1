"""Finding strategies: `strategy: NAME` is `strategies/NAME.py`, mounted in the package `backtest_workspace`."""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType

from pydantic.errors import PydanticUserError

from backtest.errors import StrategyError, WorkspaceError, unknown
from backtest.strategy.base import Strategy

PACKAGE = "backtest_workspace"


def mount(folder: Path) -> None:
    """Make the files of `folder` importable as `backtest_workspace.NAME`, as they are now.

    Modules of another workspace are forgotten, and so is everything when a file has changed: a run that was made from
    code that is no longer there could not be explained.
    """
    state = _state(folder)
    mounted = sys.modules.get(PACKAGE)
    if mounted is not None and mounted.__dict__.get("__state__") == state:
        return
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(PACKAGE + ".")]:
        del sys.modules[name]
    importlib.invalidate_caches()  # the import system remembers which files a folder had
    package = ModuleType(PACKAGE, "The strategies of this workspace.")
    package.__path__ = [str(folder)]
    package.__dict__["__state__"] = state
    sys.modules[PACKAGE] = package


def _state(folder: Path) -> tuple[str, list[tuple[str, int, int]]]:
    """The folder and what tells one version of its files from another."""
    files = [(file.name, file.stat()) for file in sorted(folder.glob("**/*.py"))]
    return str(folder), [(name, about.st_mtime_ns, about.st_size) for name, about in files]


def list_strategies(folder: Path) -> list[str]:
    """Names of the strategies in `folder`; files that start with an underscore are helpers."""
    return sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))


def load_strategy(name: str, folder: Path) -> type[Strategy]:
    """Import `folder/NAME.py` and return the one strategy class that it defines."""
    known = list_strategies(folder) if folder.is_dir() else []
    if name not in known:
        raise WorkspaceError(f"{unknown('strategy', name, known)} (looked in {folder})")
    mount(folder)
    module = _import(name, folder / f"{name}.py")
    found = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Strategy) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(value.__name__ for value in found) or "none"
        raise StrategyError(f"{folder / f'{name}.py'}: expected one class that inherits from Strategy; found {names}")
    strategy: type[Strategy] = found[0]
    if strategy.decide is Strategy.decide and not strategy.prepares:
        raise StrategyError(f"{folder / f'{name}.py'}: {strategy.__name__} defines neither decide() nor prepare()")
    if strategy.decide is not Strategy.decide and strategy.prepares:
        raise StrategyError(
            f"{folder / f'{name}.py'}: {strategy.__name__} defines both decide() and prepare(); "
            "one of them would never be asked"
        )
    return strategy


def _import(name: str, file: Path) -> ModuleType:
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except PydanticUserError as error:
        said = error.message.partition("; if ")[0]
        raise StrategyError(f"{file}: {said} (parameters are typed fields: `lookback: int = 126`)") from error
    except (Exception, SystemExit) as error:  # whatever the user's module raises while it is imported
        raise StrategyError(f"{file}:{user_line(error, file) or 1}: {type(error).__name__}: {error}") from error


def source_of(strategy: type[Strategy]) -> Path:
    """Return the file of a strategy's class; `?` for one that was made at a prompt or in a notebook."""
    try:
        return Path(inspect.getsourcefile(strategy) or "?")
    except (TypeError, OSError):
        return Path("?")


def user_line(error: BaseException, file: Path) -> int | None:
    """The last line of `file` that an error passed through; for a syntax error, where it is; None when neither."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno or 1
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return lines[-1] if lines else None
