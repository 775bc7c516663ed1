"""What slows the garbage collector down for a while leaves the process as it was."""

import gc

import pytest

from backtest.seldom import RARELY, collected_seldom


def test_the_collector_works_as_before_once_something_was_compiled() -> None:
    before = gc.get_threshold()
    with collected_seldom():
        assert gc.get_threshold() == RARELY
        with collected_seldom():
            pass
        assert gc.get_threshold() == RARELY
    assert gc.get_threshold() == before


def test_it_does_so_when_compiling_fails() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no"), collected_seldom():
        raise ValueError("no")
    assert gc.get_threshold() == before
