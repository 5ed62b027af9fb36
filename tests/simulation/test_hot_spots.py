"""Fires and flares: how much of them is in band, and that they stay where they are."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.integrate import quad

from forewarn.epoch import SECOND_NS
from forewarn.formats.hot_spots import load_hot_spots
from forewarn.frames import geodetic_from_ecef
from forewarn.records import InfraredMeasurement, Scan
from forewarn.sensors.infrared import line_of_sight_ecef
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND, Band
from forewarn.simulation.clutter import Clutter, HotSpot
from forewarn.simulation.hot_spots import FLICKER, burning_spots, in_band_per_sr
from tests.simulation.scenes import ORIENTATION, SCANNER, STARER, infrared_of, run, scans_of, scene

CLUTTER = Path(__file__).resolve().parents[2] / "scenarios" / "clutter"
FIRE = HotSpot(
    latitude_rad=math.radians(38.0),
    longitude_rad=math.radians(130.0),
    height_m=5_000.0,
    radiant_power_w=100e6,
    temperature_k=1_100.0,
)


@pytest.mark.parametrize("band", [WATER_BAND, CARBON_DIOXIDE_BAND])
@pytest.mark.parametrize("temperature_k", [1_000.0, 1_200.0, 1_800.0, 6_000.0])
def test_in_band_share_by_the_radiation_integral(band: Band, temperature_k: float) -> None:
    """15/pi^4 times the integral of x^3/(e^x - 1), over x = c2 / (wavelength T), over pi."""
    c2 = 1.438776877e-2  # m K, CODATA 2018
    ends = [
        c2 / (edge * temperature_k)
        for edge in (
            band.wavelength_m + 0.5 * band.width_m,
            band.wavelength_m - 0.5 * band.width_m,
        )
    ]
    share = 15.0 / math.pi**4 * quad(lambda x: x**3 / math.expm1(x), *ends)[0]
    found = math.pi * float(in_band_per_sr(band, temperature_k))
    assert found == pytest.approx(share, rel=1e-6)


def test_published_fractions_of_a_black_body() -> None:
    """F(0-2,800 um K) = 0.2279 and F(0-2,600) = 0.1831, J. R. Howell's table: 0.0448 at 1,000 K."""
    found = math.pi * float(in_band_per_sr(WATER_BAND, 1_000.0))
    assert found == pytest.approx(0.22788 - 0.18312, rel=2e-3)


def seen(*spots: HotSpot, seed: int = 1) -> dict[str, list[tuple[Scan, InfraredMeasurement]]]:
    """What a scanner and a starer report of them in five minutes."""
    bare = scene(SCANNER, STARER, launches=(), cloud_top_m=0.0)
    simulation = run(msgspec.structs.replace(bare, clutter=Clutter(hot_spots=spots)), seed)
    return {name: infrared_of(scans_of(simulation, name)) for name in ("SCAN", "STARE")}


def test_a_fire_on_high_ground_is_seen_at_every_look_in_one_place() -> None:
    """100 MW at 5 km: 1e6 W/sr before the air; all looks, within three sigma of its place."""
    found = seen(FIRE)
    assert len(found["SCAN"]) in (29, 30)
    assert len(found["STARE"]) in (148, 149, 150)
    for scan, measurement in found["STARE"]:
        position, direction = line_of_sight_ecef(scan, measurement, ORIENTATION)
        reach = float(-position @ direction)
        depth = math.sqrt(max(0.0, 6.371e6**2 - float(position @ position) + reach**2))
        latitude, longitude, _ = geodetic_from_ecef(position + direction * (reach - depth))
        assert latitude == pytest.approx(FIRE.latitude_rad, abs=2.5e-3)
        assert longitude == pytest.approx(FIRE.longitude_rad, abs=2.5e-3)


def test_it_is_as_bright_as_the_formula_says() -> None:
    """P L / (s T^4) and the air of the band: 4 % of 100 MW in band into pi, times 0.11 or so."""
    power = float(np.mean([m.irradiance_w_m2 for _, m in seen(FIRE)["STARE"]]))
    before_air = 100e6 * 0.0504 / math.pi
    assert 0.03 < power * 37.5e6**2 / before_air < 0.3


def test_the_air_hides_fires_at_sea_level_in_both_bands() -> None:
    """What makes these bands fit for plumes: half a gigawatt of fire is not seen."""
    low = msgspec.structs.replace(FIRE, height_m=0.0, radiant_power_w=5e8)
    assert seen(low) == {"SCAN": [], "STARE": []}


def test_fires_waver_slowly_by_a_tenth_for_all_alike() -> None:
    """One sigma of a tenth over an hour, a hundredth of it from second to second."""
    spots = burning_spots((FIRE,) * 200, seed=3)
    which = np.repeat(np.arange(200), 60)
    times = np.tile(np.arange(60) * 60 * SECOND_NS, 200)
    now = spots.intensity_w_sr(WATER_BAND, which, times)
    soon = spots.intensity_w_sr(WATER_BAND, which, times + SECOND_NS)
    mean = float(now.mean())
    assert float(now.std()) / mean == pytest.approx(FLICKER, rel=0.1)
    assert float(np.std(soon - now)) / mean < 0.15 * FLICKER
    assert np.all(now <= spots.most_w_sr(WATER_BAND)[which])
    assert mean == pytest.approx(1e8 * float(in_band_per_sr(WATER_BAND, 1_100.0)), rel=0.02)


def test_real_fires_and_flares_ship() -> None:
    """299 fires of a day, their median power 17 MW as of all 19,416; 35 flares in the North Sea."""
    fires = load_hot_spots(CLUTTER / "fires-2022-02-27.csv")
    assert len(fires) == 299
    assert float(np.median([f.radiant_power_w for f in fires])) == pytest.approx(17e6, rel=0.15)
    flares = load_hot_spots(CLUTTER / "flares-north-sea.csv")
    assert len(flares) == 35
    assert all(52.0 < math.degrees(f.latitude_rad) < 62.5 for f in flares)
    assert {f.temperature_k for f in flares} == {1_800.0}


def test_real_fires_of_a_day_hardly_reach_a_telescope() -> None:
    """None of the 299, at sea level, is bright enough through the air of the band."""
    assert len(seen(*load_hot_spots(CLUTTER / "fires-2022-02-27.csv"))["SCAN"]) == 0
