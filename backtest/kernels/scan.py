"""Looking over prices once: which rows are dense, and is anything impossible."""

from backtest.kernels._jit import kernel, part

LARGEST = 1.7976931348623157e308


@kernel
def scan_field(values, close, complete):
    """Mark rows in which every price of `values` is positive and finite.

    Return the flat index of the first cell that is neither such a price nor NaN, or that is one where `close` is not;
    −1 when there is none.
    """
    return _scan_rows(values, close, complete, 0, values.shape[0])


@kernel
def copy_field(columns, values, close, complete):
    """Copy `columns` `(N, T)` into `values` `(T, N)`, and look it over on the way, as `scan_field` does.

    Row by row: 500 loads that do not wait for each other keep more of the memory busy than tiles of 8 to 64 cells do,
    which took up to three times as long on data that had left the cache. What was copied is still in it when it is
    looked over: 0.9 ms for 500 × 2,520 prices, against 1.1 ms for numpy's copy and `scan_field` after it.
    """
    rows = values.shape[0]
    bad = -1
    for t in range(rows):
        for i in range(values.shape[1]):
            values[t, i] = columns[i, t]
        found = _scan_rows(values, close, complete, t, t + 1)
        if bad < 0:
            bad = found
    return bad


@part
def _scan_rows(values, close, complete, first, stop):
    n = values.shape[1]
    bad = -1
    for t in range(first, stop):
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
