"""From method, history and constraints to weights: projection, chain of fallbacks, strictness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from backtest.allocate import AllocationChoice, Constraints, History, Method, Weights, answer, wants_returns
from backtest.allocate.answer import recent
from backtest.allocate.choice import MethodChoice
from backtest.allocate.constraints.region import Region
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.methods.min_variance import MinVariance
from backtest.errors import AllocationError, InfeasibleError, InputError
from tests.allocate.constraints.given import history


class Says(Method):
    """Answers with what it was given, or gives up."""

    weights: tuple[float, ...] = ()
    status: str = "ok"
    leaves_cash: bool = False
    wants: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def history_rows(self) -> int:
        return self.wants + 1

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        if not self.weights:
            raise AllocationError("nothing to say")
        assert len(history.returns) == self.wants
        return Weights(np.array(self.weights), self.status, left_out=self.left_out, leaves_cash=self.leaves_cash)


class Solves(Says):
    """Claims to have looked at the constraints."""

    optimises: ClassVar[bool] = True


def test_without_constraints_the_answer_is_the_methods() -> None:
    found = answer(Says(weights=(0.25, 0.75)), history(2))
    np.testing.assert_array_equal(found.weights, [0.25, 0.75])
    assert found.status == "ok"
    assert found.seconds > 0.0


def test_a_method_that_does_not_optimise_is_moved() -> None:
    found = answer(Says(weights=(0.25, 0.75)), history(2), Constraints(max_weight=0.6))
    np.testing.assert_allclose(found.weights, [0.4, 0.6], atol=1e-12)
    assert found.residuals["moved"] == pytest.approx(0.15, abs=1e-12)


def test_a_method_that_optimises_is_only_checked() -> None:
    with pytest.raises(AllocationError, match=r"Solves answered with a weight of 0.75; at most 0.6 is allowed"):
        answer(Solves(weights=(0.25, 0.75)), history(2), Constraints(max_weight=0.6))


def test_a_method_sees_no_more_returns_than_it_wants() -> None:
    answer(Says(weights=(0.5, 0.5), wants=3), history(2, rows=10))
    with pytest.raises(AllocationError, match="Says looks at 11 returns; only 10 exist"):
        answer(Says(weights=(0.5, 0.5), wants=11), history(2, rows=10))


def test_cutting_keeps_the_absolute_rows() -> None:
    cut = recent(replace(history(2, rows=10), first_row=100), 4, "m")
    assert (len(cut.returns), cut.first_row) == (4, 106)
    assert len(recent(history(2, rows=10), 0, "m").returns) == 0


def test_symbols_left_out_are_not_given_weight_by_the_projection() -> None:
    found = answer(Says(weights=(0.9, 0.1, 0.0), left_out=("C",)), history(3), Constraints(max_weight=0.5))
    np.testing.assert_allclose(found.weights, [0.5, 0.5, 0.0], atol=1e-12)
    with pytest.raises(InfeasibleError, match=r"max_weight 0.4 of A, B"):
        answer(Says(weights=(0.9, 0.1, 0.0), left_out=("C",)), history(3), Constraints(max_weight=0.4))


def test_the_first_of_the_chain_that_answers_does() -> None:
    chain = (Says(), "hold", Says(weights=(1.0, 0.0)))
    found = answer(Says(), history(2), None, (Says(), MethodChoice(parameters=EqualWeight()), "hold"))
    np.testing.assert_array_equal(found.weights, [0.5, 0.5])
    assert found.status == "fell back to equal_weight: Says gave up: nothing to say"
    assert found.warnings == ("Says gave up: nothing to say", "Says gave up: nothing to say")
    held = answer(Says(), history(2), None, chain)
    assert held.status == "hold"
    assert np.isnan(held.weights).all()
    assert len(held.warnings) == 2


def test_nothing_is_tried_when_the_method_answers() -> None:
    found = answer(Says(weights=(1.0, 0.0)), history(2), None, (Says(weights=(9.0, 9.0)),))
    assert (found.status, found.warnings) == ("ok", ())


def test_constraints_that_clash_fall_back_too() -> None:
    found = answer(EqualWeight(), history(4), Constraints(max_weight=0.2), ("hold",))
    assert found.status == "hold"
    assert found.warnings[0].startswith("equal_weight gave up: no weights obey all of these at once: max_weight 0.2")


@pytest.mark.parametrize(("chain", "strict"), [((), False), ((), True), (("hold",), True)])
def test_without_a_chain_or_strictly_it_raises(chain: Any, strict: bool) -> None:
    with pytest.raises(AllocationError, match=r"^nothing to say$"):
        answer(Says(), history(2), None, chain, strict)


def test_a_chain_that_ends_says_all_there_was() -> None:
    with pytest.raises(
        AllocationError, match="nothing of the fallback chain gave weights: Says gave up: nothing to say; Says gave"
    ):
        answer(Says(), history(2), None, (Says(),))


def test_a_mistake_of_the_callers_is_no_reason_to_fall_back() -> None:
    with pytest.raises(InputError, match=r"constraints.turnover"):
        answer(EqualWeight(), history(2), Constraints(turnover=0.1), ("hold",))


def test_the_status_of_a_fallback_is_kept_in_the_warnings() -> None:
    found = answer(Says(), history(2), None, (Says(weights=(0.0, 0.0), status="nothing beats cash", leaves_cash=True),))
    assert found.status.startswith("fell back to Says")
    assert "nothing beats cash" in found.warnings


def test_no_symbols_need_no_method() -> None:
    found = answer(Says(), History(np.empty(0, np.str_), np.empty((0, 0))))
    assert (found.status, len(found.weights)) == ("nothing can be traded", 0)


def test_how_many_returns_must_be_at_hand() -> None:
    short, long = InverseVolatility(lookback=20), InverseVolatility(lookback=90)
    assert wants_returns(short, None, ()) == 20
    assert wants_returns(short, None, ("hold", MethodChoice(parameters=long))) == 90
    assert wants_returns(EqualWeight(), Constraints(max_volatility=0.1, risk_lookback=50), ()) == 50
    assert wants_returns(AllocationChoice(parameters=long), Constraints(), ()) == 90


def test_cash_stays_cash_where_the_method_leaves_it() -> None:
    found = answer(Fixed(weights={"A": 0.6, "B": 0.1}), history(3), Constraints(max_weight=0.5))
    np.testing.assert_allclose(found.weights, [0.5, 0.1, 0.0], atol=1e-12)
    whole = answer(Fixed(weights={"A": 0.6, "B": 0.1}), history(3), Constraints(net=1))
    np.testing.assert_allclose(whole.weights.sum(), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    "rules",
    [
        {"max_volatility": 0.15},
        {"tracking_error": {"max": 0.02, "benchmark": "equal_weight"}},
        {"beta": {"min": 0.95, "max": 1.05}},
    ],
)
@pytest.mark.parametrize("method", [EqualWeight(), InverseVolatility(lookback=100), MinVariance(lookback=100)])
def test_rules_on_risk_bind_every_method(method: Method, rules: dict[str, Any]) -> None:
    """Measured here by the plain sample covariance, which is within a few per cent of the shrunk one."""
    returns = history(4, rows=252)
    known = replace(returns, periods_per_year=252.0, returns=returns.returns * [1.0, 1.0, 1.0, 1.5])
    found = answer(method, known, Constraints.model_validate(rules))
    sample = np.cov(known.returns[-method.wants_returns or -252 :].T) * 252.0
    w, b = found.weights, np.full(4, 0.25)
    assert abs(w.sum() - 1.0) < 1e-9
    if "max_volatility" in rules:
        assert np.sqrt(w @ sample @ w) < 0.15 * 1.1
    if "tracking_error" in rules:
        assert np.sqrt((w - b) @ sample @ (w - b)) < 0.02 * 1.1
    if "beta" in rules:
        assert 0.9 < w @ sample @ b / (b @ sample @ b) < 1.1


def test_a_symbol_whose_risk_is_not_known_is_not_held() -> None:
    known = replace(history(4, rows=252), periods_per_year=252.0)
    known.returns[:, 3] = np.nan
    found = answer(EqualWeight(), known, Constraints(max_volatility=0.9))
    np.testing.assert_allclose(found.weights, [1 / 3, 1 / 3, 1 / 3, 0.0], atol=1e-9)
    assert found.warnings == ("without weight for lack of data: D",)


def test_a_cap_on_risk_that_nothing_meets_names_the_least() -> None:
    known = replace(history(4, rows=252), periods_per_year=252.0)
    with pytest.raises(
        InfeasibleError, match=r"no weights obey max_volatility 0.01 beside .* raise max_volatility from 0.01 to"
    ) as caught:
        answer(EqualWeight(), known, Constraints(max_volatility=0.01))
    needed = float(str(caught.value).split(" to ")[-1])
    answer(EqualWeight(), known, Constraints(max_volatility=needed * (1 + 1e-6)))
    with pytest.raises(InfeasibleError):
        answer(EqualWeight(), known, Constraints(max_volatility=needed * 0.999))


def test_a_range_of_beta_that_nothing_meets_is_named() -> None:
    known = replace(history(4, rows=252), periods_per_year=252.0)
    with pytest.raises(InfeasibleError, match="beta of at least 50"):
        answer(EqualWeight(), known, Constraints.model_validate({"beta": {"min": 50}}))


def test_a_rule_on_risk_without_returns_says_so() -> None:
    with pytest.raises(AllocationError, match="a rule on risk needs returns, or a covariance: received 0 returns"):
        answer(EqualWeight(), history(2), Constraints(max_volatility=0.1))
