"""Quadratic programs and ratios over bounds and one row, all in one call: for few assets, where Python would be slow.

Minimise ½wᵀQw − λ aᵀw, lower ≤ w ≤ upper, low ≤ rᵀw ≤ high; for the best ratio aᵀw / √(wᵀQw) the price λ is sought
too. From a guess of what binds (`place`: 0 at the lower bound, 1 free, 2 at the upper one; `working`: −1, 0, 1 as in
`active_set`) the exact minimum on the free variables is computed, everything that is wrong there is exchanged, and so
on until nothing is. Source: the primal-dual active-set method of Hintermüller, Ito and Kunisch (2003).

It need not end, and only an answer that is unique beyond doubt is given: the free variables have a sound Cholesky
factor, and nothing binds by accident. Its bits depend on nothing but what binds. Everything else is for the caller.
"""

import numpy as np

from backtest.kernels._jit import kernel, part

ROUNDS = 24
FOUND = 1


@kernel
def bounded(Q, rules, limits, seek, guessed, place, w, tolerances):
    """Write the best weights to `w` and what binds to `place` (K + 1,), the row last; that holds a guess, if `guessed`.

    Return (1 when found; rounds; worst slope that would gain, relative; variance; gain aᵀw). `rules` (4, K): lower,
    upper, r, a; `limits` (2,); λ is 1, or sought. `tolerances`: slope that is rounding, slope that is weak, miss of the
    row that is rounding, distance that is dust, and the share of its variance that must be left of each free variable.
    """
    n = w.shape[0]
    free, factor = np.empty(n, np.int64), np.empty((n, n))
    solved, force = np.empty((3, n)), np.empty(n)
    kkt, variance, gain, price = np.inf, 0.0, 0.0, 1.0
    _relax(rules, limits, place, guessed)
    if not guessed:
        price = _guess(Q, rules, limits, seek, place, w, force)
    for k in range(ROUNDS):
        n_free = _fixed(rules, place, free, w)
        _risk(Q, rules, w, force)
        if n_free == 0 and place[n] != 0 and _freed(rules, limits, price, place, w, force):
            continue
        if n_free == 0 or not _factorise(Q, free, n_free, factor, tolerances[4]):
            return 0, k, kkt, variance, gain
        y, slope = _spread(rules, limits, place, free, n_free, factor, force, w, solved)
        if not np.isfinite(y):
            return 0, k, kkt, variance, gain
        sound = True
        for phase in range(3):  # one place where risk is computed: each of them is compiled anew
            if phase == 0 and not seek:
                continue
            if phase == 1:
                for j in range(n_free):
                    w[free[j]] += price * solved[1, j]
                y += price * slope
            if phase == 2:
                y += _refine(rules, limits, place, free, n_free, factor, force, price, y, w, solved)
            variance, gain = _risk(Q, rules, w, force)
            if phase == 0:
                sound = gain > 0.0 and variance > 0.0
                price = variance / gain if sound else price
        kkt, wrong, strict = _exchange(Q, rules, limits, force, price, y, w, place, tolerances)
        if not wrong:
            return int(sound and strict), k + 1, kkt, variance, gain
    return 0, ROUNDS, kkt, variance, gain


@part
def _relax(rules, limits, place, guessed):
    """Take away upper bounds that the row implies, as 1 of weights that add up to 1: both would bind at once."""
    n, long = place.shape[0] - 1, True
    for i in range(n):
        long = long and rules[0, i] >= 0.0 and rules[2, i] > 0.0
    for i in range(n):
        if long and rules[1, i] * rules[2, i] >= limits[1] and rules[0, i] < rules[1, i]:
            rules[1, i] = np.inf
            place[i] = min(place[i], 1) if guessed else 0


@part
def _guess(Q, rules, limits, seek, place, w, force):
    """Let those be free whose slope is below the mean at weights in proportion to gain over variance; return the price.

    Of 100 assets about as many as the answer holds: with all of them free at first it took three times as long. Where
    weights may be negative, all are free.
    """
    n, total = w.shape[0], 0.0
    for i in range(n):
        w[i] = max(rules[3, i], 0.0) if seek and rules[0, i] >= 0.0 else rules[3, i] if seek else 1.0
        w[i] /= max(Q[i, i], 1e-300)
        total += abs(w[i])
    for i in range(n):
        w[i] /= max(total, 1e-300)
    variance, gain = _risk(Q, rules, w, force)
    price = 1.0 if not seek else variance / gain if gain > 0.0 else 0.0
    for i in range(n):
        low = rules[0, i] >= 0.0 and force[i] - price * rules[3, i] > variance - price * gain
        place[i] = 0 if low or not rules[0, i] < rules[1, i] else 1
    place[n] = 1 if limits[0] == limits[1] else 0
    return price


@part
def _fixed(rules, place, free, w):
    """Put what is at a bound there, and the rest at 0; list the rest and return how many there are."""
    n_free = 0
    for i in range(w.shape[0]):
        w[i] = 0.0
        if place[i] == 1:
            free[n_free] = i
            n_free += 1
        else:
            w[i] = rules[place[i] // 2, i]
    return n_free


@part
def _freed(rules, limits, price, place, w, force):
    """Let go of what meets the row at the least cost, when everything is at a bound; return whether there is any."""
    lack, least, best = _missing(rules, limits, place, w), np.inf, -1
    for i in range(w.shape[0]):
        slope = force[i] - price * rules[3, i] if lack > 0.0 else price * rules[3, i] - force[i]
        if place[i] == (0 if lack > 0.0 else 2) and rules[0, i] < rules[1, i] and slope < least:
            least, best = slope, i
    if best >= 0 and lack != 0.0:
        place[best] = 1
    return best >= 0 and lack != 0.0


@part
def _factorise(Q, free, n, factor, healthy):
    """Write the upper Cholesky factor of the free variables, row by row; return whether it is sound.

    Four of the rows above are taken off at a time: with one the memory is what is waited for, and it takes twice as
    long.
    """
    for r in range(n):
        i = free[r]
        for j in range(r, n):
            factor[r, j] = Q[i, free[j]]
        k = 0
        while k + 4 <= r:
            s, t, u, v = factor[k, r], factor[k + 1, r], factor[k + 2, r], factor[k + 3, r]
            for j in range(r, n):
                both = s * factor[k, j] + t * factor[k + 1, j]
                factor[r, j] -= both + (u * factor[k + 2, j] + v * factor[k + 3, j])
            k += 4
        while k < r:
            s = factor[k, r]
            for j in range(r, n):
                factor[r, j] -= s * factor[k, j]
            k += 1
        if not factor[r, r] > healthy * Q[i, i]:
            return False
        root = np.sqrt(factor[r, r])
        for j in range(r, n):
            factor[r, j] /= root
    return True


@part
def _solve(factor, b, n):
    """Solve RᵀRx = b in place."""
    for k in range(n):
        b[k] /= factor[k, k]
        step = b[k]
        for j in range(k + 1, n):
            b[j] -= step * factor[k, j]
    for k in range(n - 1, -1, -1):
        total = b[k]
        for j in range(k + 1, n):
            total -= factor[k, j] * b[j]
        b[k] = total / factor[k, k]


@part
def _risk(Q, rules, w, force):
    """Write Qw, by the rows of what is held; return variance and gain."""
    n, variance, gain = w.shape[0], 0.0, 0.0
    for i in range(n):
        force[i] = 0.0
    for i in range(n):
        step = w[i]
        if step != 0.0:
            for j in range(n):
                force[j] += step * Q[i, j]
    for i in range(n):
        variance += w[i] * force[i]
        gain += w[i] * rules[3, i]
    return variance, gain


@part
def _missing(rules, limits, place, w):
    """What the row lacks to its working end."""
    total = limits[1] if place[w.shape[0]] > 0 else limits[0]
    for i in range(w.shape[0]):
        total -= rules[2, i] * w[i]
    return total


@part
def _spread(rules, limits, place, free, n, factor, force, w, solved):
    """Write the free weights at price 0 to `w` and their change with the price to `solved[1]`; return the same of y."""
    for j in range(n):
        i = free[j]
        solved[0, j], solved[1, j], solved[2, j] = force[i], rules[3, i], rules[2, i]
    for s in range(3):
        _solve(factor, solved[s], n)
    y, slope = 0.0, 0.0
    if place[w.shape[0]] != 0:
        size, lack, pull = 0.0, _missing(rules, limits, place, w), 0.0
        for j in range(n):
            r = rules[2, free[j]]
            size += r * solved[2, j]
            lack += r * solved[0, j]
            pull += r * solved[1, j]
        if size == 0.0:
            return np.inf, 0.0
        y, slope = -lack / size, pull / size
    for j in range(n):
        w[free[j]] = -solved[0, j] - y * solved[2, j]
        solved[1, j] -= slope * solved[2, j]
    return y, slope


@part
def _refine(rules, limits, place, free, n, factor, force, price, y, w, solved):
    """Improve the free weights by what is left of their slopes and of the row; return the change of y."""
    for j in range(n):
        i = free[j]
        solved[0, j] = price * rules[3, i] - force[i] - y * rules[2, i]
    _solve(factor, solved[0], n)
    change = 0.0
    if place[w.shape[0]] != 0:
        size, lack = 0.0, _missing(rules, limits, place, w)
        for j in range(n):
            r = rules[2, free[j]]
            size += r * solved[2, j]
            lack -= r * solved[0, j]
        change = -lack / size
    for j in range(n):
        w[free[j]] += solved[0, j] - change * solved[2, j]
    if n == 1 and place[w.shape[0]] != 0:  # what the others leave of the row, without rounding
        w[free[0]] = 0.0
        w[free[0]] = _missing(rules, limits, place, w) / rules[2, free[0]]
    return change


@part
def _exchange(Q, rules, limits, force, price, y, w, place, tolerances):
    """Exchange what is wrong in `place`; return (worst slope that would gain; whether anything was; whether nothing
    binds or is at an end by accident).
    """
    n = w.shape[0]
    optimal, weak, outside, dust = tolerances[0], tolerances[1], tolerances[2], tolerances[3]
    risk, scale, value, size, largest = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        risk += np.sqrt(max(Q[i, i], 0.0)) * abs(w[i])
    for i in range(n):
        if w[i] != 0.0:
            scale = max(scale, np.sqrt(max(Q[i, i], 0.0)) * risk + abs(price * rules[3, i]))
        value += rules[2, i] * w[i]
        size += abs(rules[2, i] * w[i])
        largest = max(largest, abs(rules[2, i]))
    if scale == 0.0:
        return np.inf, False, False
    worst, wrong, strict = 0.0, False, True
    for i in range(n):
        slope = (force[i] - price * rules[3, i] + y * rules[2, i]) / scale
        low, high = rules[0, i], rules[1, i]
        if place[i] == 1:
            worst = max(worst, abs(slope))
            strict = strict and low + dust < w[i] < high - dust
            if not low - dust <= w[i] <= high + dust:
                place[i] = 0 if w[i] < low else 2
                wrong = True
        elif low < high:
            gain = slope if place[i] == 2 else -slope
            worst = max(worst, gain)
            strict = strict and gain < -weak
            if gain > optimal:
                place[i] = 1
                wrong = True
    working, equal = place[n], limits[0] == limits[1]
    if working != 0 and not equal:
        strict = strict and y * working > weak * scale
        if y * working < 0.0:
            place[n] = 0
            wrong = True
    room = outside * max(size, largest)
    if working == 0:
        strict = strict and limits[0] + room < value < limits[1] - room
        if not limits[0] - room <= value <= limits[1] + room:
            place[n] = -1 if value < limits[0] else 1
            wrong = True
    return worst, wrong, strict and worst <= optimal
