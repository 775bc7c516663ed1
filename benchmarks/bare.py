"""The hardware floor: the least any loop can do for a monthly rebalance, with nothing around it.

Sizes each basket at the open it fills on, from the value there, without solving for its own cost, and keeps no record
of any trade: only equity, cash and weights per bar come out. Twice: *sequential* adds strictly from left to right, as a
plain loop does; *lanes* adds in eight fixed lanes, which a processor can run side by side.
"""

import numba
import numpy as np


@numba.njit(error_model="numpy")
def _sequential(q, prices):
    value = 0.0
    for i in range(q.shape[0]):
        value += q[i] * prices[i]
    return value


@numba.njit(error_model="numpy")
def _lanes(q, prices):
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = 0.0
    n = q.shape[0]
    for i in range(0, n - n % 8, 8):
        a0 += q[i] * prices[i]
        a1 += q[i + 1] * prices[i + 1]
        a2 += q[i + 2] * prices[i + 2]
        a3 += q[i + 3] * prices[i + 3]
        a4 += q[i + 4] * prices[i + 4]
        a5 += q[i + 5] * prices[i + 5]
        a6 += q[i + 6] * prices[i + 6]
        a7 += q[i + 7] * prices[i + 7]
    rest = 0.0
    for i in range(n - n % 8, n):
        rest += q[i] * prices[i]
    return ((a0 + a4) + (a1 + a5)) + ((a2 + a6) + (a3 + a7)) + rest


def build_loop(held_value):
    """Make the loop around a way to sum."""

    def loop(open_, close, plan_index, plan, rate, capital):
        rows, n = close.shape
        equity = np.empty(rows)
        cash = np.empty(rows)
        weights = np.empty((rows, n))
        q = np.zeros(n)
        money = capital
        for t in range(rows):
            if t > 0 and plan_index[t - 1] >= 0:
                prices = open_[t]
                value = money + held_value(q, prices)
                w = plan[plan_index[t - 1]]
                for i in range(n):
                    traded = w[i] * value - q[i] * prices[i]
                    money -= traded + rate * abs(traded)
                    q[i] += traded / prices[i]
            equity[t] = money + held_value(q, close[t])
            cash[t] = money
            scale = 1.0 / equity[t]
            for i in range(n):
                weights[t, i] = q[i] * close[t, i] * scale
        return equity, cash, weights

    return numba.njit(error_model="numpy")(loop)


sequential_loop = build_loop(_sequential)
lanes_loop = build_loop(_lanes)
