"""Convex quadratic programs by a primal active-set method that keeps a Cholesky factor of the free variables.

Minimise ½wᵀHw + cᵀw + Σ costs, H = Q + diag(ridge). Each of the K variables has sorted `points` (its bounds, and the
kinks of its cost between them) and is either *at* point j (`place` 2j) or *free* between points s and s + 1 (`place`
2s + 1). Row r is Σ coef[r, s, i] · (wᵢ − anchor[r, i]) in [low, high], with a coefficient for each piece s, so that
sums of |wᵢ − anchor| are rows like others; `working` says which rows are held at their lower (−1) or upper (1) end.

From a feasible start each step goes to the minimum on the free variables and working rows, stops at the first point or
row in the way, and otherwise lets go of what holds back most. When many steps have no length, Bland's rule (smallest
number first) takes over, under which no working set comes twice. Sources: Gill, Murray and Wright (1981), "Practical
optimization", chapter 5; Bland (1977), "New finite pivoting rules for the simplex method".
"""

import numpy as np

from backtest.kernels._jit import kernel, part

DONE = 0
OUT_OF_STEPS = 1

NOISE = 1e-14  # relative size of a gradient that is rounding
DEPENDENT = 1e-22  # square of what is left of a working row beside the others, for it to have a multiplier
PIVOT = 1e-13  # relative to the diagonal: smaller squared pivots are raised to this
STILL = 1e-13  # a step shorter than this is none
PATIENCE = 20  # steps without length before Bland's rule


@kernel
def descend(Q, c, ridge, points, last, costs, coef, anchor, limits, w, place, working, factor, n_ready, steps):
    """Move `w`, `place` and `working` to the optimum; return (status, steps taken).

    Q (K, K), c, ridge (K,), points (K, P), last (K,) number of the last point, costs (S, K) slope of the cost in each
    piece, coef (M, S, K), anchor (M, K), limits (2, M). `factor` (K, K) holds the upper Cholesky factor of the first
    `n_ready` free variables in their order, or anything when that is 0.
    """
    n, m = w.shape[0], coef.shape[0]
    free, held, banned = np.empty(n, np.int64), np.empty(m, np.int64), np.zeros(n + m, np.int64)
    gradient, d, back, deviation, column = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    A, Z, S = np.empty((m, n)), np.empty((m, n)), np.empty((m, m))
    y, b, value = np.zeros(m), np.empty(m), np.empty(m)
    n_free, n_ready = _start(Q, ridge, place, free, deviation), min(n_ready, n)
    fresh, arrived, idle, just = True, False, 0, -1
    for step in range(steps):
        bland = idle > PATIENCE
        if fresh:
            _gradient(Q, c, ridge, w, gradient)
            _values(coef, anchor, w, place, last, value)
            fresh = False
        if arrived:
            arrived = False
            out, ahead = _release(
                c, costs, coef, limits, w, place, last, working, gradient, deviation, y, banned, bland
            )
            if out < 0:
                return DONE, step
            if out < n:
                place[out] += ahead
                free[n_free] = out
                n_free += 1
            else:
                working[out - n] = 0
            just = out
        while n_ready < n_free:
            _append(Q, ridge, factor, free, n_ready, column)
            n_ready += 1
        n_held = _gather(coef, place, working, free, n_free, held, A)
        _direction(gradient, costs, place, free, n_free, held, n_held, A, Z, S, factor, limits, working, value, y, d, b)
        for _ in range(2):
            _refine(A, Z, S, factor, value, limits, working, held, n_held, n_free, d, b, back)
        length, hit, side = _ratio(points, coef, limits, w, place, working, value, free, n_free, n_held, d, bland)
        _move(Q, ridge, coef, w, gradient, place, value, free, n_free, d, length)
        if length * _largest(d, n_free) > STILL:
            idle = 0
            for k in range(n + m):
                banned[k] = 0
        else:
            idle += 1
            _ban(banned, free, n_free, n, hit, just)
        just = -1
        if hit < 0:
            fresh = arrived = True
        elif hit < n_free:
            i = free[hit]
            place[i] += side
            w[i] = points[i, place[i] // 2]
            _delete(factor, free, n_free, hit)
            n_free -= 1
            n_ready -= 1
        else:
            working[hit - n_free] = side
    return OUT_OF_STEPS, steps


@part
def _start(Q, ridge, place, free, deviation):
    """List the free variables; return how many there are."""
    n_free = 0
    for i in range(place.shape[0]):
        deviation[i] = np.sqrt(Q[i, i] + ridge[i])
        if place[i] & 1 == 1:
            free[n_free] = i
            n_free += 1
    return n_free


@part
def _gradient(Q, c, ridge, w, gradient):
    for i in range(w.shape[0]):
        gradient[i] = c[i] + ridge[i] * w[i]
    for i in range(w.shape[0]):
        if w[i] != 0.0:
            _add(gradient, w[i], Q, i)


@part
def _add(gradient, step, Q, i):
    for j in range(gradient.shape[0]):
        gradient[j] += step * Q[i, j]


@part
def _values(coef, anchor, w, place, last, value):
    """Value of each row; at a kink both pieces give the same."""
    for r in range(value.shape[0]):
        total = 0.0
        for i in range(w.shape[0]):
            s = place[i] // 2
            if place[i] & 1 == 0 and s == last[i] and s > 0:
                s -= 1
            total += coef[r, s, i] * (w[i] - anchor[r, i])
        value[r] = total


@part
def _gather(coef, place, working, free, n_free, held, A):
    """Collect the working rows on the free variables."""
    n_held = 0
    for r in range(working.shape[0]):
        if working[r] != 0:
            held[n_held] = r
            for k in range(n_free):
                i = free[k]
                A[n_held, k] = coef[r, place[i] // 2, i]
            n_held += 1
    return n_held


@part
def _direction(gradient, costs, place, free, n_free, held, n_held, A, Z, S, factor, limits, working, value, y, d, b):
    """Solve for the step `d` of the free variables to their minimum, and the multipliers `y` of the working rows."""
    for k in range(n_free):
        i = free[k]
        d[k] = gradient[i] + costs[place[i] // 2, i]
    _forward(factor, d, n_free)
    _orthogonal(A, Z, S, factor, n_held, n_free)
    for r in range(y.shape[0]):
        y[r] = 0.0
    for a in range(n_held):
        b[a] = value[held[a]] - _end(limits, working, held[a])
    _lower(S, b, n_held)
    for a in range(n_held):
        if S[a, a] < np.inf:
            for k in range(n_free):
                b[a] -= Z[a, k] * d[k]
            for k in range(n_free):
                d[k] += b[a] * Z[a, k]
    for a in range(n_held - 1, -1, -1):
        for e in range(a + 1, n_held):
            b[a] -= S[e, a] * b[e]
        b[a] /= S[a, a]
        y[held[a]] = b[a]
    for k in range(n_free):
        d[k] = -d[k]
    _backward(factor, d, n_free)


@part
def _orthogonal(A, Z, S, factor, n_held, n_free):
    """Turn the rows R⁻ᵀa into orthonormal ones Z, by Gram and Schmidt twice; S holds the lower triangle that undoes it.

    Never their products: with an asset of no variance those are numbers of 17 orders of magnitude.
    """
    for a in range(n_held):
        for k in range(n_free):
            Z[a, k] = A[a, k]
        _forward(factor, Z[a], n_free)
        size = 0.0
        for k in range(n_free):
            size += Z[a, k] * Z[a, k]
        for e in range(a):
            S[a, e] = 0.0
        for _ in range(2):
            for e in range(a):
                along = 0.0
                for k in range(n_free):
                    along += Z[e, k] * Z[a, k]
                S[a, e] += along
                for k in range(n_free):
                    Z[a, k] -= along * Z[e, k]
        rest = 0.0
        for k in range(n_free):
            rest += Z[a, k] * Z[a, k]
        S[a, a] = np.sqrt(rest) if rest > DEPENDENT * size else np.inf
        for k in range(n_free):
            Z[a, k] /= S[a, a]


@part
def _end(limits, working, r):
    """Where a working row is held."""
    return limits[1, r] if working[r] > 0 else limits[0, r]


@part
def _lower(S, b, m):
    """Solve Sx = b in place, S a lower triangle; 0 for dependent rows."""
    for a in range(m):
        for k in range(a):
            b[a] -= S[a, k] * b[k]
        b[a] /= S[a, a]


@part
def _refine(A, Z, S, factor, value, limits, working, held, n_held, n_free, d, b, step):
    """Bring the step back onto the working rows, which an ill-conditioned factor leaves."""
    for a in range(n_held):
        b[a] = _end(limits, working, held[a]) - value[held[a]]
        for k in range(n_free):
            b[a] -= A[a, k] * d[k]
    _lower(S, b, n_held)
    for k in range(n_free):
        step[k] = 0.0
        for a in range(n_held):
            step[k] += b[a] * Z[a, k]
    _backward(factor, step, n_free)
    for k in range(n_free):
        d[k] += step[k]


@part
def _largest(d, n_free):
    """Size of the largest part of a step."""
    size = 0.0
    for k in range(n_free):
        size = max(size, abs(d[k]))
    return size


@part
def _ratio(points, coef, limits, w, place, working, value, free, n_free, n_held, d, bland):
    """How far along `d`, at most 1, and what stops it: (length, free variable or n_free + row or −1, end of it)."""
    length, hit, side, best = 1.0, -1, 0, 0.0
    size = _largest(d, n_free)
    if size <= STILL or n_free <= n_held:
        return length, hit, side
    for k in range(n_free):
        i = free[k]
        if abs(d[k]) <= 1e-15 * size:
            continue
        ahead = 1 if d[k] > 0.0 else -1
        end = points[i, place[i] // 2 + 1] if ahead > 0 else points[i, place[i] // 2]
        room = max(0.0, (end - w[i]) / d[k])
        tie = room == length and hit >= 0
        if room < length or (tie and (i < free[hit] if bland else abs(d[k]) > best)):
            length, hit, side, best = room, k, ahead, abs(d[k])
    for r in range(working.shape[0]):
        if working[r] != 0:
            continue
        slope, weight = 0.0, 0.0
        for k in range(n_free):
            i = free[k]
            slope += coef[r, place[i] // 2, i] * d[k]
            weight += abs(coef[r, place[i] // 2, i] * d[k])
        if abs(slope) <= 1e-12 * weight:
            continue
        end = limits[1, r] if slope > 0.0 else limits[0, r]
        room = max(0.0, (end - value[r]) / slope)
        if room < length:
            length, hit, side = room, n_free + r, 1 if slope > 0.0 else -1
    return length, hit, side


@part
def _ban(banned, free, n_free, n, hit, just):
    """Keep what was let go of and came straight back: its multiplier was rounding."""
    back = free[hit] if hit < n_free else n + hit - n_free
    if back == just:
        banned[back] = 1


@part
def _move(Q, ridge, coef, w, gradient, place, value, free, n_free, d, length):
    """Take the step: weights, gradient and values of rows."""
    if length == 0.0:
        return
    for k in range(n_free):
        i, step = free[k], length * d[k]
        w[i] += step
        _add(gradient, step, Q, i)
        gradient[i] += step * ridge[i]
        for r in range(value.shape[0]):
            value[r] += step * coef[r, place[i] // 2, i]


@part
def _release(c, costs, coef, limits, w, place, last, working, gradient, deviation, y, banned, bland):
    """What to let go of at a minimum: (variable or K + row, to which side), or −1 when the point is optimal."""
    n, m = w.shape[0], y.shape[0]
    risk = 0.0
    for i in range(n):
        risk += deviation[i] * abs(w[i])
    out, direction, worst, largest = -1, 0, 0.0, 0.0
    for i in range(n):
        if place[i] & 1 == 1 or banned[i] or last[i] == 0:
            continue
        j = place[i] // 2
        for ahead in (1, -1):
            s = j if ahead > 0 else j - 1
            if s < 0 or s >= last[i]:
                continue
            slope, noise = gradient[i] + costs[s, i], deviation[i] * risk + abs(c[i]) + abs(costs[s, i])
            for r in range(m):
                slope += y[r] * coef[r, s, i]
                noise += abs(y[r] * coef[r, s, i])
            gain = -slope * ahead
            largest = max(largest, noise)
            if gain > NOISE * noise and gain > worst and not (bland and out >= 0):
                out, direction, worst = i, ahead, gain
    if bland and out >= 0:
        return out, direction
    for r in range(m):
        if working[r] == 0 or banned[n + r] or limits[0, r] == limits[1, r]:
            continue
        size = 0.0
        for i in range(n):
            size = max(size, abs(coef[r, 0, i]))
        gain = -y[r] * working[r] * size
        if gain > NOISE * largest and gain > worst and not (bland and out >= 0):
            out, direction, worst = n + r, 0, gain
    return out, direction


@part
def _forward(factor, b, n):
    """Solve Rᵀx = b in place; rows of R are contiguous."""
    for k in range(n):
        b[k] /= factor[k, k]
        step = b[k]
        if step != 0.0:
            for j in range(k + 1, n):
                b[j] -= step * factor[k, j]


@part
def _backward(factor, b, n):
    """Solve Rx = b in place."""
    for k in range(n - 1, -1, -1):
        total = b[k]
        for j in range(k + 1, n):
            total -= factor[k, j] * b[j]
        b[k] = total / factor[k, k]


@part
def _append(Q, ridge, factor, free, k, column):
    """Add the k-th free variable to the factor of those before it; `column` is scratch."""
    i = free[k]
    for j in range(k):
        column[j] = Q[i, free[j]]
    _forward(factor, column, k)
    pivot = Q[i, i] + ridge[i]
    least = max(PIVOT * pivot, 1e-300)
    for j in range(k):
        factor[j, k] = column[j]
        pivot -= column[j] * column[j]
    factor[k, k] = np.sqrt(max(pivot, least))


@part
def _delete(factor, free, n_free, k):
    """Remove the k-th of the free variables from the factor: a column less, then rotations back to a triangle."""
    for j in range(k, n_free - 1):
        free[j] = free[j + 1]
    for r in range(n_free):
        for j in range(max(k, r - 1), n_free - 1):
            factor[r, j] = factor[r, j + 1]
    for r in range(k, n_free - 1):
        a, b = factor[r, r], factor[r + 1, r]
        size = np.hypot(a, b)
        cosine, sine = a / size, b / size
        for j in range(r, n_free - 1):
            upper, lower = factor[r, j], factor[r + 1, j]
            factor[r, j] = cosine * upper + sine * lower
            factor[r + 1, j] = cosine * lower - sine * upper
