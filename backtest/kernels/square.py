"""Looking over a symmetric matrix: is every entry a number, is it symmetric, and how far do its eigenvalues reach."""

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.kernels.lanes import dot

LARGEST = 1.7976931348623157e308


@kernel
def look_over(matrix):
    """Return the flat index of the first entry that is not finite (−1: none), where the two entries of a pair are the
    furthest apart and by how much, and the largest entry, absolute. One pass instead of six.
    """
    n = matrix.shape[0]
    bad, place, apart, largest = -1, 0, 0.0, 0.0
    for i in range(n):
        for j in range(i, n):
            one, other = matrix[i, j], matrix[j, i]
            if not (abs(one) <= LARGEST and abs(other) <= LARGEST):
                first = i * n + j if not abs(one) <= LARGEST else j * n + i
                bad = first if bad < 0 else min(bad, first)
            elif abs(one - other) > apart:
                apart, place = abs(one - other), i * n + j
            largest = max(largest, abs(one), abs(other))
    return bad, place, apart, largest


@kernel
def extremes(matrix, factor, steps):
    """Return about the smallest and the largest eigenvalue: Rayleigh's quotients after steps of (inverse) iteration.

    `factor` is the upper Cholesky factor; with no rows, the smallest is not asked for, and is 0. The start is one that
    no symmetry makes orthogonal to the vector that is sought.
    """
    n = matrix.shape[0]
    vector, product = np.empty(n), np.empty(n)
    found = np.zeros(2)
    for which in range(2):
        if which == 0 and factor.shape[0] == 0:
            continue
        for i in range(n):
            vector[i] = 1.0 + 0.5 * np.cos(float(i) * float(i))
        for _ in range(steps):
            if which == 0:
                _solve(factor, vector)
            else:
                _times(matrix, vector, product)
                vector[:] = product
            length = np.sqrt(dot(vector, vector))
            for i in range(n):
                vector[i] /= length
        _times(matrix, vector, product)
        found[which] = dot(vector, product)
    return found[0], found[1]


@part
def _times(matrix, vector, product):
    """Write Mv by the rows of the symmetric M, four at a time: with one the memory is what is waited for."""
    n = vector.shape[0]
    product[:] = 0.0
    i = 0
    while i + 4 <= n:
        s, t, u, v = vector[i], vector[i + 1], vector[i + 2], vector[i + 3]
        for j in range(n):
            both = s * matrix[i, j] + t * matrix[i + 1, j]
            product[j] += both + (u * matrix[i + 2, j] + v * matrix[i + 3, j])
        i += 4
    while i < n:
        s = vector[i]
        for j in range(n):
            product[j] += s * matrix[i, j]
        i += 1


@part
def _solve(factor, b):
    """Solve RᵀRx = b in place."""
    n = b.shape[0]
    for k in range(n):
        b[k] /= factor[k, k]
        step = b[k]
        for j in range(k + 1, n):
            b[j] -= step * factor[k, j]
    for k in range(n - 1, -1, -1):
        b[k] = (b[k] - dot(factor[k, k + 1 :], b[k + 1 :])) / factor[k, k]
