"""What an account cannot hold, and what it has to say: whatever asks for debt, shorts, or either for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtest.allocate import AllocationChoice, Constraints
from backtest.allocate.constraints.region import NEAR
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.names import Keys, placed
from backtest.costs import FUNDING_TO_WRITE, TO_WRITE, Account, Costs, Financing
from backtest.costs.presets import PERPETUAL

MOST_NET = 1.0


class Beyond(NamedTuple):
    """Something that an account does not allow, and where it was asked for."""

    keys: Keys
    message: str
    allowed: str | None = None


def unpaid(account: Account, financing: Financing, costs: Costs | None = None) -> Iterator[Beyond]:
    """Return what an account must pay for and nobody has written, and perpetual futures that it cannot hold."""
    said = financing.missing(account)
    if said:
        yield Beyond(("financing",), said, TO_WRITE)
    if financing.are_funded and not account.is_margin:
        yield Beyond(("financing",), "funding is for perpetual futures, which are held on margin", FUNDING_TO_WRITE)
    if costs is not None and costs.preset in PERPETUAL and not financing.are_funded:
        said = f"{costs.preset} is for perpetual futures, and nothing says their funding"
        yield Beyond(("costs",), said, FUNDING_TO_WRITE)


def beyond_rules(account: Account, rules: Constraints) -> Iterator[Beyond]:
    """Return each constraint that lets weights be what the account cannot hold."""
    if not account.is_margin and not rules.long_only:
        yield Beyond(("constraints", "long_only"), "a cash account holds no shorts", "true, or account: margin")
    low, high = (0.0, 0.0) if rules.net is None else rules.net_range
    size = max(abs(low), abs(high))
    if size > account.most_gross + NEAR:
        if account.is_margin:
            yield Beyond(("constraints", "net"), f"{size:g} of the equity is too much: {account.limit}")
        else:
            said = f"a cash account cannot borrow, and {size:g} of the equity is more than all of it"
            yield Beyond(("constraints", "net"), said, "at most 1, or account: margin")
    if account.is_margin and rules.gross is not None and rules.gross > account.most_gross + NEAR:
        yield Beyond(("constraints", "gross"), f"{rules.gross:g} of the equity is too much: {account.limit}")


def beyond_weights(account: Account, rules: Constraints, choice: AllocationChoice) -> Iterator[Beyond]:
    """Return each method that is written with weights that the account, or the constraints beside it, do not allow."""
    for keys, method in placed(("allocation",), choice):
        said = _beyond(account, rules, method.weights) if isinstance(method, Fixed) else ""
        if said:
            yield Beyond(keys, said)


def _beyond(account: Account, rules: Constraints, weights: dict[str, float]) -> str:
    net, gross = sum(weights.values()), sum(map(abs, weights.values()))
    symbol, least = min(weights.items(), key=lambda item: item[1])
    short = f"fixed weight {least:g} of {symbol} is a short position"
    if least < 0.0 and not account.is_margin:
        return f"{short}, which a cash account cannot hold"
    if not account.is_margin and net > MOST_NET + NEAR:
        return f"the weights add up to {net:g}, which a cash account cannot hold (at most 1)"
    if gross > account.most_gross + NEAR:
        return f"the sizes of the weights add up to {gross:g}: {account.limit}"
    if least < 0.0 and rules.long_only:
        return f"{short}, and constraints.long_only is true"
    most = max(MOST_NET, rules.net_range[1])
    if net > most + NEAR:
        return f"the weights add up to {net:g}, and constraints.net is {most:g}: write net: {net:g} there"
    return ""
