"""What tests of the workspace share."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.workspace.trials import Register


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """An empty register in a folder of its own."""
    return Register(tmp_path)
