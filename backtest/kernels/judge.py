"""Whether a point of an active-set method is the best one; arrays as of `active_set.descend`."""

import numpy as np

from backtest.kernels._jit import kernel, part


@kernel
def judge(Q, c, ridge, points, last, costs, coef, anchor, limits, w, y, place, working, better, exact, tolerances):
    """Look at every variable and row once; return (worst slope that would gain, relative; whether all rules are obeyed;
    whether nothing binds by accident).

    `better` and `exact` (K + M,) are written: the places of the K variables, then the working of the M rows. In
    `better` what is outside is put at its end and what would gain is let go; in `exact` what is at an end to within
    dust is there, and every row that is tight works. `tolerances`: slope that is rounding, slope that is weak, miss of
    a row that is rounding, distance that is dust.
    """
    n, m = w.shape[0], y.shape[0]
    optimal, weak, outside, dust = tolerances[0], tolerances[1], tolerances[2], tolerances[3]
    clean = np.empty(n)
    feasible = _variables(points, w, place, better, exact, clean, dust)
    if not _rows(coef, anchor, limits, last, w, y, place, working, better, exact, outside):
        feasible = False
    gradient = np.empty(n)
    for i in range(n):
        gradient[i] = c[i] + ridge[i] * clean[i]
    risk = 0.0
    for i in range(n):
        if clean[i] != 0.0:
            for j in range(n):
                gradient[j] += clean[i] * Q[i, j]
            risk += np.sqrt(max(Q[i, i], 0.0)) * abs(clean[i])
    scale, most = 0.0, 0.0
    for i in range(n):
        noise = np.sqrt(max(Q[i, i], 0.0)) * risk + abs(c[i])
        most = max(most, noise)
        if clean[i] != 0.0:
            scale = max(scale, noise)
    if risk == 0.0:
        scale = most
    if scale == 0.0:
        scale = 1.0
    worst = 0.0
    for r in range(m):
        if limits[0, r] != limits[1, r] and y[r] * working[r] < 0.0:
            for i in range(n):
                worst = max(worst, abs(y[r] * coef[r, 0, i]) / scale)
    strict = True
    for i in range(n):
        j = place[i] // 2
        for ahead in (1, -1):
            s = j if place[i] & 1 == 1 or ahead > 0 else j - 1
            if s < 0 or s >= last[i]:
                continue
            slope = gradient[i] + costs[s, i]
            for r in range(m):
                slope += y[r] * coef[r, s, i]
            gain = -ahead * slope / scale
            worst = max(worst, gain)
            if place[i] & 1 == 0:
                if gain > -weak:
                    strict = False
                if gain > optimal:
                    better[i] = place[i] + ahead
    return worst, feasible, strict


@part
def _variables(points, w, place, better, exact, clean, dust):
    """Put free variables that left their piece at the end where they left it; return whether none did."""
    feasible = True
    for i in range(w.shape[0]):
        better[i] = exact[i] = place[i]
        clean[i] = w[i]
        if place[i] & 1 == 0:
            continue
        low, high = points[i, place[i] // 2], points[i, place[i] // 2 + 1]
        if w[i] < low - dust:
            better[i] -= 1
            feasible = False
        elif w[i] > high + dust:
            better[i] += 1
            feasible = False
        elif w[i] <= low + dust:
            exact[i] -= 1
            clean[i] = low
        elif w[i] >= high - dust:
            exact[i] += 1
            clean[i] = high
    return feasible


@part
def _rows(coef, anchor, limits, last, w, y, place, working, better, exact, outside):
    """Make rows that are missed work, and let go of those that push the wrong way; return whether none is missed."""
    n = w.shape[0]
    feasible = True
    for r in range(y.shape[0]):
        value, size, largest = 0.0, 0.0, 0.0
        for i in range(n):
            s = min(place[i] // 2, max(last[i] - 1, 0))
            value += coef[r, s, i] * (w[i] - anchor[r, i])
            size += abs(coef[r, s, i] * (w[i] - anchor[r, i]))
            largest = max(largest, abs(coef[r, s, i]))
        size = max(size, largest)  # as if the weights were of the order of 1
        low, high = limits[0, r], limits[1, r]
        room = outside * size
        better[n + r] = working[r]
        if working[r] != 0 and low != high and y[r] * working[r] < 0.0:
            better[n + r] = 0
        if value < low - room or value > high + room:
            feasible = False
            if working[r] == 0:
                better[n + r] = -1 if value < low else 1
        near = 1e-12 * size
        exact[n + r] = 1 if abs(value - high) <= near else -1 if abs(value - low) <= near else 0
    return feasible
