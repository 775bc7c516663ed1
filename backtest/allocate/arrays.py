"""Arrays in the one form that the kernels are compiled for: C-contiguous and read-only."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def frozen(array: Floats) -> Floats:
    """Return a read-only view; a copy only where the layout is another."""
    view = np.ascontiguousarray(array, np.float64).view()
    view.flags.writeable = False
    return view


def frozen_symmetric(Q: Floats) -> Floats:
    """Return a read-only view of a symmetric matrix, for which neither layout needs a copy."""
    return frozen(Q.T if Q.flags.f_contiguous else Q)
