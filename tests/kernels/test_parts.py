"""Compiling leaves the process as it was."""

import gc

import pytest

from backtest.kernels._parts import RARELY, seldom_collected


def test_the_collector_works_as_before_once_something_was_compiled() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold() == RARELY
        with seldom_collected():
            pass
        assert gc.get_threshold() == RARELY
    assert gc.get_threshold() == before


def test_it_does_so_when_compiling_fails() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no"), seldom_collected():
        raise ValueError("no")
    assert gc.get_threshold() == before
