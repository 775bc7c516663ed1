"""The configured allocation method over the whole universe."""

from backtest import Strategy


class Allocate(Strategy):
    """Hold every symbol that can be traded, weighted by the configured allocation method."""

    def decide(self, ctx):
        return ctx.allocate()
