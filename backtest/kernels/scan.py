"""Looking over prices once: which rows are dense, and is anything impossible."""

from backtest.kernels._jit import kernel

LARGEST = 1.7976931348623157e308


@kernel
def scan_field(values, close, complete):
    """Mark rows in which every price of `values` is positive and finite.

    Return the flat index of the first cell that is neither such a price nor NaN, or that is one where `close` is not;
    −1 when there is none.
    """
    rows, n = values.shape
    bad = -1
    for t in range(rows):
        good = 0
        for i in range(n):
            good += (values[t, i] > 0.0) & (values[t, i] <= LARGEST)
        complete[t] = good == n
        if good != n and bad < 0:
            for i in range(n):
                real = values[t, i] > 0.0 and values[t, i] <= LARGEST
                missing = values[t, i] != values[t, i]
                if not (real or missing) or missing != (close[t, i] != close[t, i]):
                    bad = t * n + i
                    break
    return bad
