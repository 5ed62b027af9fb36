"""Random meteoroids against the table of fireballs that satellites have seen."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import numpy as np
import pytest

from forewarn.epoch import DAY_NS, SECOND_NS
from forewarn.missiles.bolide import KILOTON_J, Entries, Meteoroid, enter
from forewarn.records import InfraredMeasurement
from forewarn.simulation.bolides import LEAST_ENERGY_J, falling, meteoroids, random_falls
from forewarn.simulation.clutter import Clutter, Fall
from tests.simulation.extracts import columns, known
from tests.simulation.scenes import SCANNER, STARER, START, infrared_of, run, scans_of, scene

FIREBALLS = "fireballs/fireballs.csv"
SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


@cache
def bodies() -> tuple[Meteoroid, ...]:
    """Six hundred of them."""
    return meteoroids(600, np.random.default_rng(11))


@cache
def entries() -> Entries:
    """Their falls."""
    return enter(bodies())


def test_as_many_as_satellites_report() -> None:
    """30 a year: the mean over 300 years within 5 standard errors, spread as Poisson's."""
    year = (0, round(365.25 * DAY_NS))
    counts = [len(random_falls(30.0, seed=seed, span_tai_ns=year)) for seed in range(300)]
    assert float(np.mean(counts)) == pytest.approx(30.0, abs=5.0 * math.sqrt(30.0 / 300))
    assert float(np.var(counts)) == pytest.approx(30.0, rel=0.4)


def test_thirty_a_year_are_those_above_a_tenth_of_a_kiloton() -> None:
    """3.7 E^-0.90 a year (Brown et al., 2002) is 29.4 at 0.1 kt."""
    yearly = 3.7 * (LEAST_ENERGY_J / KILOTON_J) ** -0.90
    assert yearly == pytest.approx(30.0, rel=0.03)


def test_energies_fall_off_as_in_the_table() -> None:
    """The slope of the law, by maximum likelihood: that of the table above 0.2 kt, 0.92 of 0.9."""
    energy = np.array([m.energy_j for m in bodies()]) / KILOTON_J
    observed = known(FIREBALLS, "energy_kt")
    slopes = [
        1.0 / float(np.mean(np.log(sample[sample > least] / least)))
        for sample, least in ((energy, 0.1), (observed, 0.2))
    ]
    error = slopes[1] * math.sqrt(1.0 / 600 + 1.0 / np.sum(observed > 0.2))
    assert slopes[0] == pytest.approx(slopes[1], abs=4.0 * error)
    assert energy.min() >= 0.1


def test_heights_of_peak_brightness_are_those_of_the_table() -> None:
    """Quantiles to 75 % within 4 km, and nearly all between the table's least and most.

    One in twenty of the table peaks above 60 km, where no stony body of this size breaks apart:
    ours end 11 km lower there.
    """
    peaks_km = entries().height_m[np.argmax(entries().power_w, axis=0)] / 1e3
    found, observed = (
        np.quantile(x, SHARES) for x in (peaks_km, known(FIREBALLS, "peak_height_km"))
    )
    np.testing.assert_allclose(found[:4], observed[:4], atol=4.0)
    assert abs(found[4] - observed[4]) < 11.0
    assert np.mean((peaks_km > 14.0) & (peaks_km < 74.0)) > 0.98


def test_speeds_and_angles_are_those_of_the_table() -> None:
    """Quantiles of speed within 1.5 km/s; of angle within 7 degrees."""
    speed = np.array([m.speed_m_s for m in bodies()]) / 1e3
    angle = np.degrees([m.entry_angle_rad for m in bodies()])
    for sample, key, within in ((speed, "speed_km_s", 1.5), (angle, "entry_angle_deg", 7.0)):
        found, observed = (np.quantile(x, SHARES) for x in (sample, known(FIREBALLS, key)))
        np.testing.assert_allclose(found, observed, atol=within)


def test_light_over_energy_is_that_of_the_table() -> None:
    """The median share of the energy that the table gives as light, within a tenth."""
    table = columns(FIREBALLS)
    observed = np.nanmedian(table["light_j"] / (table["energy_kt"] * KILOTON_J))
    steps = np.diff(entries().time_s, axis=0)
    power = 0.5 * (entries().power_w[1:] + entries().power_w[:-1])
    light = np.sum(power * steps, axis=0)
    energy = np.array([m.energy_j for m in bodies()])
    assert float(np.median(light / energy)) == pytest.approx(float(observed), rel=0.1)


def test_they_are_brief_and_come_down() -> None:
    """Shining above a hundredth of their peak: 19 of 20 for under 11 s, half for under 4 s."""
    bright = entries().power_w > 0.01 * np.max(entries().power_w, axis=0)
    lasts = [float(np.ptp(entries().time_s[rows, n])) for n, rows in enumerate(bright.T)]
    assert float(np.quantile(lasts, 0.95)) < 11.0
    assert 1.0 < float(np.median(lasts)) < 4.0


BOLIDE = Fall(
    fall_id="F",
    time_tai_ns=START + 60 * SECOND_NS,
    latitude_rad=math.radians(40.0),
    longitude_rad=math.radians(135.0),
    azimuth_rad=math.radians(90.0),
    meteoroid=Meteoroid(
        mass_kg=2.0 * KILOTON_J / 18e3**2, speed_m_s=18e3, entry_angle_rad=math.radians(30.0)
    ),
)


def seen(*falls: Fall, per_year: float = 0.0) -> dict[str, list[InfraredMeasurement]]:
    """What a scanner and a starer make of them, without noise of other kinds."""
    sky = scene(SCANNER, STARER, duration_s=200.0, launches=(), cloud_top_m=0.0)
    clutter = Clutter(falls=falls, bolides_per_year=per_year)
    simulation = run(msgspec.structs.replace(sky, clutter=clutter))
    return {
        name: [m for _, m in infrared_of(scans_of(simulation, name))] for name in ("SCAN", "STARE")
    }


def test_a_fireball_of_a_kiloton_dazzles_for_seconds() -> None:
    """Seen once or twice by a scanner, in some frames by a starer, brighter than any plume."""
    found = seen(BOLIDE)
    assert 1 <= len(found["SCAN"]) <= 2
    times = [(m.seen_tai_ns - BOLIDE.time_tai_ns) / SECOND_NS for m in found["STARE"]]
    assert 2 <= len(times) <= 6
    assert 0.0 <= min(times) <= max(times) < 12.0
    # A black body of 6,000 K sends 0.9 % of its light at 2.6 to 2.8 um; a kiloton's peak of light
    # is 1e11 to 1e12 W, into 4 pi: 1e8 to 1e9 W/sr, against 1e5 to 1e6 of a large plume.
    intensity = max(m.irradiance_w_m2 for m in found["STARE"]) * 37.6e6**2
    assert 2e7 < intensity < 2e9


def test_random_falls_are_seen_and_no_bolides_are_none() -> None:
    """One in 16 s, Earth over, light up the telescopes; none of them leaves them dark."""
    assert seen() == {"SCAN": [], "STARE": []}
    found = seen(per_year=2e6)
    assert len(found["SCAN"]) + len(found["STARE"]) > 0


def test_each_fall_has_its_own_name() -> None:
    """Falls of one run do not share their noise."""
    falls = random_falls(5e4, seed=1, span_tai_ns=(0, 3_600 * SECOND_NS))
    assert len({flier.name for flier in falling(falls)}) == len(falls) > 3
