"""Every metric of a return series, one function each; `backtest.metrics` shows them."""
