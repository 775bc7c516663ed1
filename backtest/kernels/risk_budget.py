"""Risk budgeting by cyclical coordinate descent."""

import numpy as np

from backtest.kernels._jit import kernel
from backtest.types import Floats


@kernel
def descend(S: Floats, b: Floats, x: Floats, g: Floats, most: int, tolerance: float) -> int:
    """Minimise ½ xᵀSx − Σ bᵢ log xᵢ over x ≥ 0, in place; at the solution xᵢ (Sx)ᵢ = bᵢ.

    `S` `(K, K)` covariance, read-only; `b` `(K,)` budgets of at least 0 that add up to 1, read-only; `x` `(K,)` the
    start, above 0, and `g` `(K,)`, which must be S x. An asset whose budget is 0 ends with x = 0 or without marginal
    risk. Return the number of sweeps, at most `most`; the largest |xᵢ gᵢ − bᵢ| is then at most `tolerance`, if ever.

    Each step solves its coordinate exactly. The gradient is kept up to date a row of S at a time, which vectorises
    where a dot product would not. After each sweep x is scaled to xᵀSx = 1: the one direction in which descent is
    slow when all assets rise and fall together.
    """
    n = b.shape[0]
    for sweep in range(most):
        for i in range(n):
            others = g[i] - S[i, i] * x[i]
            root = np.sqrt(others * others + 4.0 * S[i, i] * b[i])
            # Two forms of one root: each avoids a difference of nearly equal numbers on its side.
            new = 2.0 * b[i] / (root + others) if others > 0.0 else (root - others) / (2.0 * S[i, i])
            step = new - x[i]
            x[i] = new
            for j in range(n):
                g[j] += step * S[i, j]
        total = 0.0
        for i in range(n):
            total += x[i] * g[i]
        if not total > 0.0:  # a mix without risk: there is no minimum
            return most
        scale = 1.0 / np.sqrt(total)
        worst = 0.0
        for i in range(n):
            x[i] *= scale
            g[i] *= scale
            worst = max(worst, abs(x[i] * g[i] - b[i]))
        if worst <= tolerance:
            return sweep + 1
    return most


@kernel
def descend_within(
    S: Floats, b: Floats, bounds: Floats, x: Floats, g: Floats, level: float, most: int, tolerance: float
) -> int:
    """Minimise ½ xᵀSx − level · Σ bᵢ log xᵢ over bounds[0] ≤ x ≤ bounds[1], in place, as `descend` does.

    At the solution xᵢ (Sx)ᵢ = level · bᵢ between the bounds, at least that on a lower and at most that on an upper one.
    Return the number of sweeps; if less than `most`, each of these holds to within `tolerance` × `level`.
    """
    n = b.shape[0]
    for sweep in range(most):
        for i in range(n):
            others = g[i] - S[i, i] * x[i]
            aim = level * b[i]
            root = np.sqrt(others * others + 4.0 * S[i, i] * aim)
            new = 2.0 * aim / (root + others) if others > 0.0 else (root - others) / (2.0 * S[i, i])
            new = min(max(new, bounds[0, i]), bounds[1, i])
            step = new - x[i]
            if step != 0.0:
                x[i] = new
                for j in range(n):
                    g[j] += step * S[i, j]
        worst = 0.0
        for i in range(n):
            excess = x[i] * g[i] - level * b[i]
            if x[i] <= bounds[0, i]:
                excess = min(excess, 0.0)
            if x[i] >= bounds[1, i]:
                excess = max(excess, 0.0)
            worst = max(worst, abs(excess))
        if worst <= tolerance * level:
            return sweep + 1
    return most
