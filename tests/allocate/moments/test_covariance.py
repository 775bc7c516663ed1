"""Covariance estimators against their formulas written out as loops, and where data are few, alike or odd."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate.moments import COVARIANCES, Covariance
from backtest.allocate.moments.covariance.denoised import Denoised
from backtest.allocate.moments.covariance.ewma import EwmaCovariance
from backtest.allocate.moments.covariance.factor import Factor
from backtest.allocate.moments.covariance.gerber import Gerber
from backtest.allocate.moments.covariance.ledoit_wolf import LedoitWolf
from backtest.allocate.moments.covariance.oas import Oas
from backtest.allocate.moments.covariance.random_matrix import density, edge, noise_variance
from backtest.allocate.moments.covariance.sample import SampleCovariance
from backtest.errors import AllocationError
from backtest.types import Floats
from tests.allocate.moments.data import apart, factor_returns

VARIANTS: list[Covariance] = [
    *(kind() for kind in COVARIANCES.values()),
    EwmaCovariance(half_life=5.0, demean=False),
    LedoitWolf(target="constant_correlation"),
    Oas(formula="scikit_learn"),
    Gerber(variant="gs0"),
    Gerber(variant="gs2"),
    Denoised(noise="one"),
    Factor(n_factors=2),
]

all_variants = pytest.mark.parametrize("estimator", VARIANTS, ids=str)


@all_variants
@pytest.mark.parametrize(("n", "k"), [(60, 5), (10, 20), (2, 3), (30, 1)])
def test_symmetric_finite_and_no_negative_variance(estimator: Covariance, n: int, k: int) -> None:
    matrix = estimator.estimate(factor_returns(n, k)).matrix
    assert matrix.shape == (k, k)
    assert np.isfinite(matrix).all()
    np.testing.assert_array_equal(matrix, matrix.T)
    assert (matrix.diagonal() > 0.0).all()
    if not (isinstance(estimator, Gerber) and estimator.variant == "gs0"):
        assert np.linalg.eigvalsh(matrix)[0] >= -1e-14 * np.trace(matrix)


@all_variants
def test_twice_the_returns_are_four_times_the_covariance(estimator: Covariance) -> None:
    returns = factor_returns(60, 5)
    assert apart(estimator.estimate(2.0 * returns).matrix, 4.0 * estimator.estimate(returns).matrix) < 1e-12


@all_variants
def test_the_order_of_assets_does_not_matter(estimator: Covariance) -> None:
    returns, order = factor_returns(60, 5), np.array([3, 0, 4, 2, 1])
    permuted = estimator.estimate(np.ascontiguousarray(returns[:, order])).matrix
    assert apart(permuted, estimator.estimate(returns).matrix[np.ix_(order, order)]) < 1e-11


@all_variants
def test_a_copy_of_an_asset_covaries_as_the_asset(estimator: Covariance) -> None:
    """Shrinkage towards something that knows no copies, and components, may part them; variances stay alike."""
    returns = factor_returns(60, 4)
    matrix = estimator.estimate(np.column_stack([returns, returns[:, 0]])).matrix
    np.testing.assert_allclose(matrix[0, 0], matrix[4, 4], rtol=1e-12)
    np.testing.assert_allclose(matrix[0, 1:4], matrix[4, 1:4], rtol=1e-7, atol=1e-12)


@all_variants
def test_the_returns_are_left_alone_and_the_bits_are_the_same_again(estimator: Covariance) -> None:
    returns = factor_returns(60, 5)
    before = returns.copy()
    first = estimator.estimate(returns).matrix
    np.testing.assert_array_equal(returns, before)
    np.testing.assert_array_equal(first, estimator.estimate(returns).matrix)


@pytest.mark.parametrize("kind", [SampleCovariance, EwmaCovariance, Denoised, Factor, Gerber])
def test_estimators_that_keep_sample_variances(kind: type[Covariance]) -> None:
    returns = factor_returns(60, 5)
    estimator = EwmaCovariance(half_life=1e9) if kind is EwmaCovariance else kind()
    variances = estimator.estimate(returns).matrix.diagonal()
    np.testing.assert_allclose(variances, returns.var(axis=0, ddof=1), rtol=1e-7)


def test_ewma_written_out() -> None:
    returns = factor_returns(12, 3)
    raw = [0.5 ** ((11 - t) / 4.0) for t in range(12)]
    u = [weight / sum(raw) for weight in raw]
    mean = sum(u[t] * returns[t] for t in range(12))
    about = sum(u[t] * np.outer(returns[t] - mean, returns[t] - mean) for t in range(12))
    expected = about / (1.0 - sum(weight**2 for weight in u))
    assert apart(EwmaCovariance(half_life=4.0).estimate(returns).matrix, expected) < 1e-13
    from_zero = sum(u[t] * np.outer(returns[t], returns[t]) for t in range(12))
    assert apart(EwmaCovariance(half_life=4.0, demean=False).estimate(returns).matrix, from_zero) < 1e-13


def test_riskmetrics_recursion() -> None:
    """RiskMetrics (1996): Σₜ = λ Σₜ₋₁ + (1 − λ) r rᵀ, λ = 0.94; begun long ago it is the weighted sum."""
    returns = factor_returns(700, 2)
    matrix = np.zeros((2, 2))
    for row in returns:
        matrix = 0.94 * matrix + 0.06 * np.outer(row, row)
    half_life = np.log(0.5) / np.log(0.94)
    assert half_life == pytest.approx(11.2, abs=0.01)
    assert apart(EwmaCovariance(half_life=half_life, demean=False).estimate(returns).matrix, matrix) < 1e-12


def test_ledoit_wolf_identity_written_out() -> None:
    """Lemma 3.2 to 3.4 of Ledoit and Wolf (2004): b² = min(d², mean ‖xxᵀ − S‖² / n)."""
    returns = factor_returns(40, 4)
    n, k = returns.shape
    x = returns - returns.mean(axis=0)
    s = x.T @ x / n
    m = np.trace(s) / k
    d2 = ((s - m * np.eye(k)) ** 2).sum() / k
    b2 = min(d2, sum(((np.outer(row, row) - s) ** 2).sum() / k for row in x) / n**2)
    estimate = LedoitWolf().estimate(returns)
    assert estimate.notes["shrinkage"] == pytest.approx(b2 / d2, rel=1e-11)
    assert apart(estimate.matrix, b2 / d2 * m * np.eye(k) + (1.0 - b2 / d2) * s) < 1e-13


def test_ledoit_wolf_constant_correlation_written_out() -> None:
    """Appendices A and B of Ledoit and Wolf (2004), "Honey, I shrunk the sample covariance matrix", term by term."""
    y = factor_returns(40, 4, seed=5)
    t, n = y.shape
    y = y - y.mean(axis=0)
    s = y.T @ y / t
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    r = np.mean([s[i, j] / np.sqrt(s[i, i] * s[j, j]) for i, j in pairs])
    f = np.array([[s[i, i] if i == j else r * np.sqrt(s[i, i] * s[j, j]) for j in range(n)] for i in range(n)])
    pi = sum(np.mean((y[:, i] * y[:, j] - s[i, j]) ** 2) for i in range(n) for j in range(n))

    def theta(i: int, j: int, a: int) -> float:
        return float(np.mean((y[:, a] ** 2 - s[a, a]) * (y[:, i] * y[:, j] - s[i, j])))

    rho = sum(np.mean((y[:, i] ** 2 - s[i, i]) ** 2) for i in range(n)) + sum(
        r / 2 * (np.sqrt(s[j, j] / s[i, i]) * theta(i, j, i) + np.sqrt(s[i, i] / s[j, j]) * theta(i, j, j))
        for i, j in pairs
    )
    delta = max(0.0, min((pi - rho) / ((f - s) ** 2).sum() / t, 1.0))
    assert 0.05 < delta < 0.95
    estimate = LedoitWolf(target="constant_correlation").estimate(factor_returns(40, 4, seed=5))
    assert estimate.notes["shrinkage"] == pytest.approx(delta, rel=1e-11)
    assert apart(estimate.matrix, delta * f + (1.0 - delta) * s) < 1e-13


def test_shrinkage_of_one_asset_or_a_perfect_target_is_none() -> None:
    one = factor_returns(30, 1)
    for estimator in (LedoitWolf(), LedoitWolf(target="constant_correlation"), Oas()):
        estimate = estimator.estimate(one)
        assert estimate.notes["shrinkage"] == 0.0
        np.testing.assert_allclose(estimate.matrix, [[one.var()]], rtol=1e-13)
    two = LedoitWolf(target="constant_correlation").estimate(factor_returns(30, 2))
    assert two.notes["shrinkage"] == 0.0  # two assets have one correlation


@pytest.mark.parametrize("estimator", [LedoitWolf(), Oas(), Oas(formula="scikit_learn")], ids=str)
def test_the_smallest_eigenvalue_is_known_with_fewer_returns_than_assets(estimator: Covariance) -> None:
    estimate = estimator.estimate(factor_returns(20, 30))
    assert estimate.smallest == pytest.approx(np.linalg.eigvalsh(estimate.matrix)[0], rel=1e-9)
    assert estimator.estimate(factor_returns(60, 30)).smallest is None


def test_shrinkage_fades_with_data_and_is_nearer_to_the_truth() -> None:
    """The point of it: with few returns the shrunk matrix is nearer to the covariance that made them, on average."""
    rng = np.random.default_rng(11)
    truth = 0.1 * np.ones((30, 30)) + 0.9 * np.eye(30)
    root = np.linalg.cholesky(truth)
    draws = [rng.normal(0.0, 1.0, (40, 30)) @ root.T for _ in range(20)]
    many = rng.normal(0.0, 1.0, (20_000, 30)) @ root.T
    plain = np.mean([np.linalg.norm(SampleCovariance().estimate(few).matrix - truth) for few in draws])
    for estimator in (LedoitWolf(), LedoitWolf(target="constant_correlation"), Oas()):
        error = np.mean([np.linalg.norm(estimator.estimate(few).matrix - truth) for few in draws])
        assert error < 0.8 * plain
    assert LedoitWolf().estimate(many).notes["shrinkage"] < 0.02


def test_oas_paper_and_scikit_learn_meet_for_many_assets() -> None:
    returns = factor_returns(100, 80)
    paper, other = (Oas(formula=name).estimate(returns).notes["shrinkage"] for name in ("paper", "scikit_learn"))
    assert paper == pytest.approx(other, rel=0.02)
    assert paper != other


@pytest.mark.parametrize("variant", ["gs0", "gs1", "gs2"])
def test_gerber_written_out(variant: str) -> None:
    returns = factor_returns(50, 3, seed=2)
    limit = 0.5 * returns.std(axis=0)
    up, down = returns >= limit, returns <= -limit
    counts = {
        (a, b): sum(bool(x and y) for x, y in zip(one, other, strict=True))
        for (a, one) in (("U0", up[:, 0]), ("D0", down[:, 0]))
        for (b, other) in (("U1", up[:, 1]), ("D1", down[:, 1]))
    }
    both = counts["U0", "U1"] + counts["D0", "D1"] - counts["U0", "D1"] - counts["D0", "U1"]
    pierced = up | down
    if variant == "gs0":
        divisor = float((pierced[:, 0] & pierced[:, 1]).sum())
    elif variant == "gs1":
        divisor = float((pierced[:, 0] | pierced[:, 1]).sum())
    else:
        divisor = float(np.sqrt(pierced[:, 0].sum() * pierced[:, 1].sum()))
    deviation = returns.std(axis=0, ddof=1)
    matrix = Gerber.model_validate({"variant": variant}).estimate(returns).matrix
    assert matrix[0, 1] == pytest.approx(both / divisor * deviation[0] * deviation[1], rel=1e-13)


def test_gerber_looks_at_no_size_beyond_the_threshold() -> None:
    """One crash, ten times as deep, moves the sample correlation and not the count (volatilities apart)."""
    returns = factor_returns(100, 2, seed=4)
    crash = returns.copy()
    crash[50] = [-0.2, -0.2]
    deeper = crash.copy()
    deeper[50] = [-0.201, -0.2]
    statistic = [m[0, 1] / np.sqrt(m[0, 0] * m[1, 1]) for m in (Gerber().estimate(x).matrix for x in (crash, deeper))]
    assert statistic[0] == pytest.approx(statistic[1], rel=1e-12)


def test_factor_is_the_sample_with_all_factors_and_lacks_rank_otherwise() -> None:
    returns = factor_returns(100, 6, factors=2)
    whole = Factor(n_factors=10).estimate(returns)
    assert whole.notes["n_factors"] == 6.0
    assert apart(whole.matrix, SampleCovariance().estimate(returns).matrix) < 1e-13
    volatility = returns.std(axis=0, ddof=1)
    correlation = Factor(n_factors=1).estimate(returns).matrix / np.outer(volatility, volatility)
    # One factor: every off-diagonal 2 × 2 minor of the correlation is 0 (Spearman's tetrads).
    assert correlation[0, 1] * correlation[2, 3] == pytest.approx(correlation[0, 3] * correlation[2, 1], rel=1e-12)


@pytest.mark.parametrize("factors", [1, 2, 3])
def test_planted_factors_are_counted(factors: int) -> None:
    rng = np.random.default_rng(7)
    loadings = np.kron(np.eye(factors), np.ones((1, 12)))  # a factor drives twelve assets of its own
    returns = rng.normal(0, 0.01, (500, factors)) @ loadings + rng.normal(0, 0.01, (500, 12 * factors))
    assert Factor().estimate(returns).notes["n_factors"] == factors
    assert Denoised().estimate(returns).notes["n_factors"] == factors


def test_noise_has_no_factor_and_becomes_a_diagonal() -> None:
    returns = np.random.default_rng(8).normal(0, 0.01, (2000, 40))
    estimate = Denoised(noise="one").estimate(returns)
    volatility = returns.std(axis=0, ddof=1)
    assert estimate.notes["n_factors"] <= 1.0
    correlation = estimate.matrix / np.outer(volatility, volatility)
    assert np.abs(correlation - np.eye(40)).max() < 0.06
    assert Factor().estimate(returns).notes["n_factors"] == 1.0


def test_detoned_takes_the_market_away() -> None:
    returns = factor_returns(500, 10)
    matrix = Denoised(detoned=True).estimate(returns).matrix
    values = np.linalg.eigvalsh(matrix)
    assert abs(values[0]) < 1e-12 * values[-1]
    np.testing.assert_allclose(matrix.diagonal(), returns.var(axis=0, ddof=1), rtol=1e-12)


def test_detoned_of_one_asset_says_that_nothing_is_left() -> None:
    with pytest.raises(AllocationError, match="detoned leaves nothing"):
        Denoised(detoned=True).estimate(factor_returns(60, 1))


@pytest.mark.parametrize(("ratio", "mass"), [(0.1, 1.0), (0.5, 1.0), (2.0, 0.5)])
def test_marchenko_pastur_density_has_its_mass_and_mean(ratio: float, mass: float) -> None:
    """With more assets than returns, the rest of the mass is at 0; the mean is the variance in any case."""
    low, high = 0.7 * (1 - np.sqrt(ratio)) ** 2, edge(ratio, 0.7)
    points = np.linspace(low, high, 200_001)
    law = density(points, ratio, 0.7)
    step = points[1] - points[0]
    assert law.sum() * step == pytest.approx(mass, rel=1e-4)
    assert (law * points).sum() * step == pytest.approx(0.7, rel=1e-4)


@pytest.mark.parametrize("variance", [0.35, 0.6, 0.9])
def test_the_variance_of_noise_is_found(variance: float) -> None:
    """Eigenvalues placed at the quantiles of a law lead back to its variance."""
    points = np.linspace(variance * (1 - np.sqrt(0.25)) ** 2, edge(0.25, variance), 20_001)[1:-1]
    mass = np.cumsum(density(points, 0.25, variance))
    values: Floats = np.interp((np.arange(400) + 0.5) / 400 * mass[-1], mass, points)
    assert noise_variance(values, 0.25, 0.02) == pytest.approx(variance, abs=0.01)


def test_a_half_life_of_almost_nothing_is_refused() -> None:
    with pytest.raises(AllocationError, match=r"a half-life of 0\.01 returns leaves the last one with all the weight"):
        EwmaCovariance(half_life=0.01).estimate(np.random.default_rng(0).normal(0.0, 0.01, (50, 3)))
