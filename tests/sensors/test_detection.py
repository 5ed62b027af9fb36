"""Detection against independent integrals, drawn echoes, and what must hold for any receiver."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import gamma, ks_1samp, ncx2

from forewarn.sensors.detection import (
    CASES,
    Swerling,
    detection_probability,
    echo_power,
    fading,
    false_alarm_probability,
    required_snr,
    threshold,
)

Array = NDArray[np.float64]
PULSES = (1, 2, 3, 7, 30)


def ratio(db: float) -> float:
    """A power ratio from decibels."""
    return float(10.0 ** (0.1 * db))


def integral(snr: float, false_alarm: float, swerling: int, pulses: int) -> float:
    """Average the Marcum Q function over the chi-square law of the cross section, by quadrature."""
    level = gamma.isf(false_alarm, pulses)
    degrees = {1: 2, 3: 4}[swerling]

    def integrand(factor: float) -> float:
        steady = ncx2.sf(2.0 * level, 2 * pulses, 2.0 * pulses * snr * factor)
        return float(steady * gamma.pdf(factor, degrees / 2, scale=2 / degrees))

    middle = min(level / (pulses * snr), 20.0)
    edges = [*(middle * np.arange(8.0) / 4.0), *np.geomspace(2.0 * middle, 80.0, 8)]
    return sum(quad(integrand, a, b, epsabs=1e-12)[0] for a, b in pairwise(edges))


def draw(snr: float, swerling: Swerling, pulses: int, number: int) -> Array:
    """Draw sums of pulses from a seed."""
    generator = np.random.default_rng(1960)
    factor = fading(generator.standard_exponential((number, 2)), swerling)
    spare = generator.standard_gamma(pulses - 1, number)
    return echo_power(
        np.full(number, pulses * snr), factor, generator.standard_normal((number, 2)), spare
    )


@pytest.mark.parametrize("pulses", PULSES)
@pytest.mark.parametrize("swerling", [1, 3])
@pytest.mark.parametrize("snr_db", [-6.0, 8.0, 22.0])
def test_fading_echoes_against_quadrature(swerling: Swerling, pulses: int, snr_db: float) -> None:
    """The closed forms equal the integral of Q over the law of the cross section, to 1e-9."""
    for false_alarm in (1e-12, 1e-4):
        found = float(detection_probability(np.array(ratio(snr_db)), false_alarm, swerling, pulses))
        expected = integral(ratio(snr_db), false_alarm, swerling, pulses)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("pulses", PULSES)
def test_a_steady_echo_against_another_library(pulses: int) -> None:
    """Boost's non-central chi-square, as scipy.stats has it."""
    snr = np.geomspace(1e-3, 1e3, 25)
    found = detection_probability(snr, 1e-6, 0, pulses)
    expected = ncx2.sf(2.0 * gamma.isf(1e-6, pulses), 2 * pulses, 2.0 * pulses * snr)
    assert found == pytest.approx(expected, rel=1e-8)


def test_published_single_pulse_forms() -> None:
    """Pfa^(1/(1+S)) for case 1; (1 + 2TS/(2+S)^2) exp(-2T/(2+S)) for case 3 (Meyer, Mayer)."""
    snr, level = np.geomspace(0.01, 1e4, 30), math.log(1e8)
    first = detection_probability(snr, 1e-8, 1)
    assert first == pytest.approx(1e-8 ** (1.0 / (1.0 + snr)), rel=1e-12)
    third = (1.0 + 2.0 * level * snr / (2.0 + snr) ** 2) * np.exp(-2.0 * level / (2.0 + snr))
    assert detection_probability(snr, 1e-8, 3) == pytest.approx(third, rel=1e-12)


@pytest.mark.parametrize("pulses", [1, 2, 10])
@pytest.mark.parametrize("swerling", CASES)
def test_as_many_drawn_echoes_pass_as_are_forecast(swerling: Swerling, pulses: int) -> None:
    """200,000 draws, seeded: the share above the threshold within four standard errors."""
    number, false_alarm = 200_000, 1e-4
    for snr_db in (3.0, 10.0):
        power = draw(ratio(snr_db), swerling, pulses, number)
        expected = float(
            detection_probability(np.array(ratio(snr_db)), false_alarm, swerling, pulses)
        )
        share = float(np.mean(power > threshold(false_alarm, pulses)))
        assert share == pytest.approx(
            expected, abs=4.0 * math.sqrt(max(expected * (1.0 - expected), 1e-5) / number)
        )


@pytest.mark.parametrize("swerling", CASES)
@pytest.mark.parametrize("pulses", [1, 5])
def test_the_whole_law_of_drawn_powers(swerling: Swerling, pulses: int) -> None:
    """Kolmogorov-Smirnov against the probability of detection read as a distribution."""

    def below(levels: Array) -> Array:
        alarms = gamma.sf(levels, pulses)
        chances = [detection_probability(np.array(4.0), a, swerling, pulses) for a in alarms]
        return 1.0 - np.array(chances)

    power = np.sort(draw(4.0, swerling, pulses, 2_000))
    power = power[gamma.sf(power, pulses) > 1e-290]
    assert ks_1samp(power, below).pvalue > 0.001


def test_no_echo_is_found_as_often_as_a_false_alarm() -> None:
    """A signal-to-noise ratio of zero gives exactly the false alarm probability."""
    for swerling in CASES:
        for pulses in (*PULSES, 1000):
            found = detection_probability(np.array(0.0), 1e-6, swerling, pulses)
            assert float(found) == pytest.approx(1e-6, rel=1e-6)


def test_extremes_stay_probabilities() -> None:
    """From no echo to an absurd one, one to a thousand pulses: rising, within 0 and 1."""
    snr = np.concatenate(([0.0], np.geomspace(1e-12, 1e20, 200)))
    for swerling in CASES:
        for pulses in (1, 2, 30, 1000):
            found = detection_probability(snr, 1e-9, swerling, pulses)
            assert np.all(np.diff(found) >= -1e-13)
            assert found[-1] == pytest.approx(1.0, abs=1e-8)
            assert np.all((found >= 0.0) & (found <= 1.0))


def test_required_snr_is_the_inverse() -> None:
    """Put back, it gives the wanted chance, for every case and number of pulses."""
    for swerling in CASES:
        for pulses in PULSES:
            for wanted in (1e-3, 0.5, 0.9, 0.999):
                snr = np.array(required_snr(wanted, 1e-6, swerling, pulses))
                found = float(detection_probability(snr, 1e-6, swerling, pulses))
                assert found == pytest.approx(wanted, rel=1e-9)


def test_adding_pulses_without_phase_gains_less_than_with() -> None:
    """Ten pulses gain between sqrt(10) and 10, the bounds of non-coherent addition."""
    gain = required_snr(0.9, 1e-6, 0) / required_snr(0.9, 1e-6, 0, 10)
    assert math.sqrt(10.0) < gain < 10.0


def test_fading_costs_most_where_certainty_is_wanted() -> None:
    """At 90 % case 1 needs more than case 3, and that more than a steady echo; at 20 % less."""
    needs = [required_snr(0.9, 1e-6, case) for case in (0, 3, 1)]
    assert needs == sorted(needs)
    weak = [required_snr(0.2, 1e-6, case) for case in (0, 3, 1)]
    assert weak[2] < weak[0]


def test_the_threshold_sets_the_false_alarm_probability() -> None:
    """Noise power is exponential: ln(1e6) is passed once in a million; n pulses, gamma of n."""
    assert false_alarm_probability(math.log(1e6)) == pytest.approx(1e-6)
    assert threshold(1e-6) == pytest.approx(math.log(1e6))
    for pulses in PULSES:
        assert false_alarm_probability(threshold(1e-9, pulses), pulses) == pytest.approx(1e-9)
        assert threshold(1e-9, pulses) == pytest.approx(gamma.isf(1e-9, pulses), rel=1e-9)


@pytest.mark.parametrize("swerling", [1, 3])
def test_mean_cross_section_is_kept(swerling: Swerling) -> None:
    """Fading has mean one and variance 1 (case 1) or 1/2 (case 3)."""
    factor = fading(np.random.default_rng(2).standard_exponential((400_000, 2)), swerling)
    assert factor.mean() == pytest.approx(1.0, abs=0.01)
    assert factor.var() == pytest.approx({1: 1.0, 3: 0.5}[swerling], rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "lesson"),
    [
        ({"swerling": 2}, "swerling = 2: use 0"),
        ({"pulses": 0}, "pulses = 0: at least one"),
        ({"false_alarm_probability": 0.0}, "must lie between 0 and 1"),
        ({"detection_probability": 1.0}, "no echo gives"),
        ({"detection_probability": 1e-7}, "noise alone gives"),
    ],
)
def test_impossible_wishes_are_explained(arguments: dict[str, Any], lesson: str) -> None:
    """Each names the value and its bound."""
    wish = {"detection_probability": 0.9, "false_alarm_probability": 1e-6, "swerling": 0}
    with pytest.raises(ValueError, match=lesson):
        required_snr(**{**wish, **arguments})
