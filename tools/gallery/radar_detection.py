"""Chance that a radar with the open figures of PAVE PAWS detects an echo, by range and size."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.earth import SPEED_OF_LIGHT_M_S
from forewarn.sensors.detection import CASES, Swerling, detection_probability, required_snr
from forewarn.sensors.radar import detection_range_m, energy_to_noise
from tools.gallery import style

Array = NDArray[np.float64]

# US National Research Council (2005), report 11205; power, temperature and loss as often quoted.
FREQUENCY_HZ, PULSE_S, PEAK_POWER_W = 435e6, 16e-3, 582e3
GAIN, NOISE_TEMPERATURE_K, LOSS = 10**3.79, 450.0, 10**0.8
FALSE_ALARM_PROBABILITY = 1e-6
CLAIMED_RANGE_M, CLAIMED_CROSS_SECTION_M2 = 5_556e3, 10.0  # 3,000 nautical miles
WANTED = 0.9

_LINES: dict[Swerling, tuple[str, str, Any]] = {
    0: ("steady (case 0)", style.INK, style.SOLID),
    3: ("fades a little (case 3)", style.GREEN, style.DASHED),
    1: ("fades (case 1)", style.VERMILION, style.DASH_DOTTED),
}


class Numbers(NamedTuple):
    """Chances by range (n,) [m] and cross section (m,) [m2], and the reach for nine in ten.

    ``fading_map`` (m, n) is case 1, ``claimed`` (n,) by case an echo of 10 m2, ``reach_m`` (m,) by
    case the range at which an echo is found with the chance `WANTED`.
    """

    range_m: Array
    cross_section_m2: Array
    fading_map: Array
    claimed: dict[Swerling, Array]
    reach_m: dict[Swerling, Array]

    def claimed_reach_m(self, case: Swerling) -> float:
        """Range [m] at which an echo of 10 m2 is found with the chance `WANTED`."""
        return float(np.interp(CLAIMED_CROSS_SECTION_M2, self.cross_section_m2, self.reach_m[case]))


def signal_to_noise(range_m: Array, cross_section_m2: Array | float) -> Array:
    """Signal-to-noise ratio of one pulse straight ahead of a face."""
    return energy_to_noise(
        PEAK_POWER_W * PULSE_S,
        SPEED_OF_LIGHT_M_S / FREQUENCY_HZ,
        range_m,
        cross_section_m2,
        gain=GAIN,
        noise_temperature_k=NOISE_TEMPERATURE_K,
        loss=LOSS,
    )


def numbers() -> Numbers:
    """One pulse, one chance of false alarm in a million, echoes of 0.01 to 100 m2."""
    range_m = np.arange(500e3, 8_000e3 + 1.0, 50e3)
    cross_section_m2 = np.geomspace(0.01, 100.0, 81)
    ratio = signal_to_noise(range_m, cross_section_m2[:, None])
    claimed = signal_to_noise(range_m, CLAIMED_CROSS_SECTION_M2)
    unit_range_m = float(signal_to_noise(np.array(1.0), 1.0)) ** 0.25
    needed = {case: required_snr(WANTED, FALSE_ALARM_PROBABILITY, case) for case in CASES}
    return Numbers(
        range_m=range_m,
        cross_section_m2=cross_section_m2,
        fading_map=detection_probability(ratio, FALSE_ALARM_PROBABILITY, 1),
        claimed={
            case: detection_probability(claimed, FALSE_ALARM_PROBABILITY, case) for case in CASES
        },
        reach_m={
            case: detection_range_m(unit_range_m, cross_section_m2, snr)
            for case, snr in needed.items()
        },
    )


def draw(figure: Figure) -> None:
    """One echo by range on the left; range and cross section on the right."""
    found = numbers()
    steady, fading = (1e-3 * found.claimed_reach_m(case) for case in (0, 1))
    style.headline(
        figure,
        f"A steady echo of 10 m² is found nine times in ten at {round(steady, -2):,.0f} km, one"
        f" that\nfades only at {round(fading, -2):,.0f} km: fading costs {1 - fading / steady:.0%}"
        " of the range",
        "One pulse of 16 ms from a radar with the open figures of PAVE PAWS, straight ahead, one"
        " false alarm in a million.\nA search looks often: what one look misses another finds.",
        "Radar: US National Research Council, report 11205 (2005); 582 kW, 450 K and 8 dB as often"
        " quoted, from memory. Chances: Swerling (1954),\nMeyer and Mayer (1973). Cross sections"
        " are round figures, no real object's.  Drawn by tools/gallery/radar_detection.py.",
    )
    _claim(style.panel(figure, (0.085, 0.165, 0.40, 0.575), "An echo of 10 m²"), found)
    _map(style.panel(figure, (0.575, 0.165, 0.40, 0.575), "Any echo; lines: 9 in 10"), found)


def _claim(axes: Axes, found: Numbers) -> None:
    for case, (words, color, dash) in _LINES.items():
        axes.plot(1e-3 * found.range_m, found.claimed[case], color=color, ls=dash, label=words)
        axes.plot(1e-3 * found.claimed_reach_m(case), WANTED, "o", ms=5, color=color, mec="w")
    axes.axhline(WANTED, color=style.QUIET, lw=0.8)
    axes.text(620, WANTED - 0.015, "9 in 10", size=8.5, va="top", color=style.QUIET)
    claimed_km = 1e-3 * CLAIMED_RANGE_M
    axes.plot([claimed_km, claimed_km], [0.0, 1.0], color=style.BLUE, lw=1.2, ls=style.DOTTED)
    words = "3,000 nautical\nmiles, as claimed"
    style.label(axes, claimed_km - 90, 0.05, words, style.BLUE, ha="right")
    axes.legend(loc="lower left", frameon=False, handlelength=2.8, bbox_to_anchor=(0.0, 0.2))
    axes.set(ylim=(0.0, 1.02), ylabel="chance to detect")
    _by_range(axes)


def _map(axes: Axes, found: Numbers) -> None:
    shades, tints = [0.1, 0.5, 0.9, 1.0], ["#fbe9dc", "#f5cfb3", "#ecac82"]
    range_km = 1e-3 * found.range_m
    axes.contourf(range_km, found.cross_section_m2, found.fading_map, shades, colors=tints)
    for case, (_, color, dash) in _LINES.items():
        axes.plot(1e-3 * found.reach_m[case], found.cross_section_m2, color=color, ls=dash)
    claim = (1e-3 * CLAIMED_RANGE_M, CLAIMED_CROSS_SECTION_M2)
    axes.plot(*claim, "o", ms=7, color=style.BLUE, mec="w")
    style.leader(axes, "the claim", (7_300, 4.0), claim, color=style.BLUE, ha="center")
    key = axes.inset_axes((0.50, 0.13, 0.44, 0.045))
    for i, (tint, least) in enumerate(zip(tints, shades, strict=False)):
        key.axvspan(i, i + 1, color=tint, lw=0)
        key.text(i, -0.35, f"{least:.0%}", size=8.0, ha="center", va="top")
    key.text(0.0, 1.3, "chance for an echo that fades", size=8.0)
    key.set(xlim=(0, 3), ylim=(0, 1))
    key.set_axis_off()
    axes.set(yscale="log", ylim=(0.01, 100.0), ylabel="cross section, m²")
    axes.set_yticks([0.01, 0.1, 1.0, 10.0, 100.0], ["0.01", "0.1", "1", "10", "100"])
    _by_range(axes)


def _by_range(axes: Axes) -> None:
    axes.set(xlim=(500, 8_000), xlabel="range, km")
    axes.set_xticks([2_000, 4_000, 6_000, 8_000], ["2,000", "4,000", "6,000", "8,000"])
