"""What one trade costs."""

from backtest.kernels._jit import part


@part
def commission(value, quantity, rate, per_share, minimum, per_trade):
    """Money charged by the broker for a fill of `value` ≥ 0 (money) and `quantity` ≥ 0 (units)."""
    return max(minimum, rate * value + per_share * quantity + per_trade)


@part
def trade_cost(value, unit_rate, spread_rate, minimum, per_trade):
    """Whole cost of trading `value` ≥ 0 (money), with the per-share part already folded into `unit_rate`."""
    if value == 0.0:
        return 0.0
    return max(minimum, unit_rate * value + per_trade) + spread_rate * value
