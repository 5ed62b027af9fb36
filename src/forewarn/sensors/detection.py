"""Detection of an echo in noise: threshold, chance to detect, and draws of what is received.

The receiver adds n pulses after a square-law detector; powers are over mean noise, so noise alone
gives a gamma variable of shape n. S is the mean signal-to-noise ratio of one pulse, T the
threshold on the sum. Cases: 0, an echo that does not fade; 1, one that fades from look to look,
exponential (chi-square of 2 degrees); 3, the same with 4 degrees, which fades less. In cases 1 and
3 all pulses of a look fade together.

Sources: [S54] P. Swerling, Probability of Detection for Fluctuating Targets, RAND RM-1217 (1954);
[MM73] D. Meyer, H. Mayer, Radar Target Detection (1973); [RH] M. Skolnik (ed.), Radar Handbook,
3rd ed. (2008), chapter 2. The sums of cases 1 and 3 are exact: by the Laplace transforms of [S54],
(1+s)^-(n-1) (1+(1+nS)s)^-1 and (1+s)^-(n-2) (1+(1+nS/2)s)^-2, each is a gamma variable of noise
plus one or two exponentials of the echo, and the convolution is an incomplete gamma function.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chndtr, gammainc, gammaincc, gammainccinv, gammaln, hyp1f1

Array = NDArray[np.float64]
Swerling = Literal[0, 1, 3]
CASES: tuple[Swerling, ...] = (0, 1, 3)

_SURELY_SEEN_SNR = 1e6  # a steady echo of this ratio; the series of scipy ends not far above
_WEAKEST_LN_SNR = -30.0
_STRONGEST_LN_SNR = 60.0


def false_alarm_probability(threshold: float, pulses: int = 1) -> float:
    """Chance that the noise of n pulses alone exceeds the threshold: exp(-T) for one pulse."""
    return float(gammaincc(pulses, threshold))


def threshold(false_alarm_probability: float, pulses: int = 1) -> float:
    """Threshold on the sum of n pulses, over mean noise, for a false alarm probability."""
    return float(gammainccinv(pulses, false_alarm_probability))


def resolution_cells_per_s(beams_per_s: float, listening_s: float, bandwidth_hz: float) -> float:
    """How many independent range cells a search tests in a second: beams x listening x bandwidth.

    Each is one chance of a false alarm: times the false alarm probability, the rate of alarms.
    """
    return beams_per_s * listening_s * bandwidth_hz


def detection_probability(
    snr: Array, false_alarm_probability: float, swerling: Swerling, pulses: int = 1
) -> Array:
    """Chance to detect an echo whose mean signal-to-noise ratio in one pulse is ``snr`` (...).

    ``pulses`` are added non-coherently; multiply ``snr`` for coherent ones. Raises ValueError for
    a case other than 0, 1 and 3, for no pulses, and for a false alarm probability outside (0, 1).
    """
    _check(false_alarm_probability, swerling, pulses)
    level = threshold(false_alarm_probability, pulses)
    total = pulses * np.asarray(snr, dtype=np.float64)
    if swerling == 0:
        # Twice the sum of powers is a non-central chi-square of 2n degrees (Marcum's Q for n = 1).
        bounded = np.minimum(total, _SURELY_SEEN_SNR * pulses)
        found = 1.0 - chndtr(2.0 * level, 2.0 * pulses, 2.0 * bounded)
    elif swerling == 1:
        found = _one_exponential(total, level, pulses)
    else:
        found = _two_exponentials(total, level, pulses)
    probability: Array = np.clip(found, 0.0, 1.0)
    return probability


def required_snr(
    detection_probability: float,
    false_alarm_probability: float,
    swerling: Swerling,
    pulses: int = 1,
) -> float:
    """Signal-to-noise ratio in one pulse that gives a chance to detect: the inverse of the above.

    Raises ValueError for a chance that no echo gives: one that is not between the false alarm
    probability and 1.
    """
    _check(false_alarm_probability, swerling, pulses)
    wanted = detection_probability
    if not false_alarm_probability < wanted < 1.0:
        raise ValueError(
            f"detection_probability = {wanted:.6g} must lie between the false alarm probability, "
            f"{false_alarm_probability:.3g}, which noise alone gives, and 1, which no echo gives"
        )

    def excess(ln_snr: float) -> float:
        snr = np.array(math.exp(ln_snr))
        return float(_chance(snr, false_alarm_probability, swerling, pulses)) - wanted

    return math.exp(brentq(excess, _WEAKEST_LN_SNR, _STRONGEST_LN_SNR, xtol=1e-12))


_chance = detection_probability  # under a name that no argument hides


def fading(exponentials: Array, swerling: Swerling) -> Array:
    """Cross section over its mean (...) in one look, from standard exponential draws (..., 2).

    One for case 0, the first draw for case 1, the mean of both for case 3.
    """
    if swerling == 0:
        return np.ones(exponentials.shape[:-1])
    factor: Array = exponentials[..., 0] if swerling == 1 else exponentials.mean(axis=-1)
    return factor


def echo_power(snr: Array, factor: Array, normals: Array, spare: Array | float = 0.0) -> Array:
    """Power over mean noise (...) of an echo and the noise it is received in.

    ``snr`` (...) is the mean ratio of one pulse, ``factor`` (...) the ``fading`` of this look and
    ``normals`` (..., 2) standard normal draws: noise in phase with the echo and across it. For the
    sum of n pulses pass n times ``snr``, and in ``spare`` draws from a gamma law of shape n - 1:
    noise is the same in every direction of the n-pulse space, so all signal can lie on one axis.
    """
    along = np.sqrt(2.0 * snr * factor) + normals[..., 0]
    power: Array = 0.5 * (along**2 + normals[..., 1] ** 2) + spare
    return power


def _check(false_alarm_probability: float, swerling: int, pulses: int) -> None:
    if swerling not in CASES:
        raise ValueError(
            f"swerling = {swerling}: use 0 (steady), 1 (fades, exponential) or 3 (fades less)"
        )
    if pulses < 1:
        raise ValueError(f"pulses = {pulses}: at least one is needed")
    if not 0.0 < false_alarm_probability < 1.0:
        raise ValueError(
            f"false_alarm_probability = {false_alarm_probability:.6g} must lie between 0 and 1; "
            "radars use 1e-12 to 1e-3"
        )


def _one_exponential(total: Array, level: float, pulses: int) -> Array:
    """Chance of gamma(n - 1) + (1 + nS) exponential > T; ``total`` is nS."""
    noise = pulses - 1
    # gammaincc(0, T) is not the 0 that the sum of no noise has.
    alone = gammaincc(noise, level) if noise else 0.0
    chance: Array = alone + np.exp(_ln_tilted(noise, total, level) - level / (1.0 + total))
    return chance


def _two_exponentials(total: Array, level: float, pulses: int) -> Array:
    """Chance of gamma(n - 2) + (1 + nS/2) (two exponentials) > T; ``total`` is nS."""
    half = 0.5 * total
    mean = 1.0 + half
    steps = level / mean
    if pulses == 1:  # [MM73]: one exponential with weight 1 / mean, else two
        single: Array = np.exp(-steps) * (1.0 + half / mean * steps)
        return single
    noise = pulses - 2
    chance: Array = (1.0 + steps) * np.exp(_ln_tilted(noise, half, level) - steps)
    if noise:
        chance -= noise / mean * np.exp(_ln_tilted(noise + 1, half, level) - steps)
        chance += gammaincc(noise, level)
    return chance


def _ln_tilted(m: int, signal: Array, level: float) -> Array:
    """Logarithm of q^-m P(m, qT) with q = s / (1 + s) and P the lower incomplete gamma ratio.

    For qT < m by the series of Kummer's function, which needs no division by q.
    """
    q = signal / (1.0 + signal)
    x = q * level
    if m == 0:
        return np.zeros_like(x)
    low = np.minimum(x, m)
    series = m * math.log(level) - low - gammaln(m + 1.0) + np.log(hyp1f1(1.0, m + 1.0, low))
    high = np.where(x < m, 1.0, q)
    direct = np.log(gammainc(m, np.maximum(x, m))) - m * np.log(high)
    ln_tilted: Array = np.where(x < m, series, direct)
    return ln_tilted
