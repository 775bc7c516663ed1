"""Buy once, then leave alone."""

from backtest import Strategy


class BuyAndHold(Strategy):
    """Buy by the configured allocation method at the first decision, and never trade again."""

    def initial_state(self, symbols):  # noqa: ARG002
        return {"bought": False}

    def decide(self, ctx):
        if ctx.state.bought:
            return None
        ctx.state.bought = True
        return ctx.allocate()
