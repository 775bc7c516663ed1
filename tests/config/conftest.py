"""A workspace with a few strategies, and ways to write configurations into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import load
from backtest.errors import ConfigError

STRATEGIES = {
    "allocate": """
from backtest.strategy import Strategy
class Allocate(Strategy):
    def decide(self, ctx):
        return ctx.allocate()
""",
    "momentum": """
from datetime import date
from typing import Literal
from pydantic import Field
from backtest.strategy import Strategy
class Momentum(Strategy):
    lookback: int = Field(default=126, ge=2)
    top: int = 5
    tilt: float = 0.5
    weighting: Literal["equal", "rank"] = "equal"
    since: date = date(2000, 1, 1)
    ladder: tuple[float, ...] = (0.1, 0.2)
    @property
    def history_rows(self):
        return self.lookback + 1
    def decide(self, ctx):
        return None
""",
    "crossing": """
from pydantic import model_validator
from backtest.strategy import Strategy
class Crossing(Strategy):
    fast: int
    slow: int
    @model_validator(mode="after")
    def _fast_is_faster(self):
        if self.fast >= self.slow:
            raise ValueError(f"fast ({self.fast}) must be less than slow ({self.slow})")
        return self
    def decide(self, ctx):
        return None
""",
    "broken": "from backtest.strategy import Strategy\nx = = 1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The workspace."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "configs").mkdir()
    for name, source in STRATEGIES.items():
        (tmp_path / "strategies" / f"{name}.py").write_text(source, encoding="utf-8")
    return tmp_path


@pytest.fixture
def write(root: Path) -> Callable[..., Path]:
    """Write a file into configs/ and return its path."""

    def write_file(text: str | bytes, name: str = "run.yaml") -> Path:
        path = root / "configs" / name
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return path

    return write_file


@pytest.fixture
def complaints(root: Path, write: Callable[..., Path]) -> Callable[..., list[str]]:
    """Load what must not load, and return every problem as the user sees it, without the folder of the file."""

    def load_wrong(text: str | bytes, *overrides: str) -> list[str]:
        path = write(text)
        with pytest.raises(ConfigError) as caught:
            load(path, root, overrides)
        lines = [str(problem) for problem in caught.value.problems]
        return [line.replace(f"{path.parent}/", "").replace(str(root), "ROOT") for line in lines]

    return load_wrong
