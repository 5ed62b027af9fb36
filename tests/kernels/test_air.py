"""The air against the printed tables of the U.S. Standard Atmosphere 1976."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.kernels.air import (
    PRESSURE_SCALE_M,
    density_kg_m3,
    layer_density_kg_m3,
    layer_sound_m_s,
    layer_state,
    speed_of_sound_m_s,
)

# NOAA-S/T 76-1562, table I, by geometric height: kilometres, kg/m3, as printed.
BELOW_86_KM = [
    (0, 1.2250),
    (5, 7.3643e-1),
    (10, 4.1351e-1),
    (11, 3.6480e-1),
    (20, 8.8910e-2),
    (25, 4.0084e-2),
    (30, 1.8410e-2),
    (32, 1.3555e-2),
    (40, 3.9957e-3),
    (45, 1.9663e-3),
    (50, 1.0269e-3),
    (55, 5.6810e-4),
    (60, 3.0968e-4),
    (65, 1.6321e-4),
    (70, 8.2829e-5),
    (75, 3.9921e-5),
    (80, 1.8458e-5),
    (85, 8.2196e-6),
]
# The same document, bases of the layers of table 4: geometric kilometres, kg/m3.
LAYER_BASES = [
    (11.019, 3.6392e-1),
    (20.063, 8.8035e-2),
    (32.162, 1.3225e-2),
    (47.350, 1.4275e-3),
    (51.413, 8.6160e-4),
    (71.802, 6.4211e-5),
]
FROM_86_KM = [
    (86, 6.958e-6),
    (90, 3.416e-6),
    (100, 5.604e-7),
    (110, 9.708e-8),
    (120, 2.222e-8),
    (150, 2.076e-9),
    (200, 2.541e-10),
    (500, 5.215e-13),
    (1000, 3.561e-15),
]
# Rows of table I that the code does not hold.
BETWEEN = [(170, 7.815e-10), (190, 3.581e-10), (220, 1.367e-10), (350, 7.014e-12), (450, 1.184e-12)]
LAST_DIGIT = 6e-5  # five digits are printed


@pytest.mark.parametrize(("height_km", "printed"), BELOW_86_KM)
def test_the_printed_rows_below_86_km(height_km: int, printed: float) -> None:
    """Within the last digit, by the layer equations and by the spline."""
    assert layer_density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=LAST_DIGIT)
    assert density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=LAST_DIGIT)


@pytest.mark.parametrize(("height_km", "printed"), LAYER_BASES)
def test_the_bases_of_the_layers(height_km: float, printed: float) -> None:
    """There the temperature has a kink, which the spline rounds by up to 0.2 %."""
    assert layer_density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=1.5e-4)
    assert density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=2e-3)


@pytest.mark.parametrize(("height_km", "printed"), FROM_86_KM)
def test_the_printed_rows_from_86_km(height_km: int, printed: float) -> None:
    """The rows that the code holds come back."""
    assert density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=1e-12)


@pytest.mark.parametrize(("height_km", "printed"), BETWEEN)
def test_rows_that_the_code_does_not_hold(height_km: int, printed: float) -> None:
    """Between the rows held it is within 5 %, where the air no longer matters."""
    assert density_kg_m3(1e3 * height_km) == pytest.approx(printed, rel=0.05)


def test_the_two_parts_meet_at_86_km() -> None:
    """The layer equations end where table I goes on."""
    assert layer_density_kg_m3(86e3) == pytest.approx(6.958e-6, rel=LAST_DIGIT)


def _slope(height_m: float, step_m: float) -> float:
    """Derivative of ln(density) [1/m], on one side."""
    there, here = density_kg_m3(height_m + step_m), density_kg_m3(height_m)
    return (math.log(there) - math.log(here)) / step_m


@pytest.mark.parametrize("height_km", [11, 32, 47, 51, 71, 85, 86, 87, 91, 110, 120])
def test_the_slope_is_continuous(height_km: int) -> None:
    """A table read piece by piece jumps by 6 % of its slope at 86 km; this one does not."""
    height_m = 1e3 * height_km
    before, after = _slope(height_m, -1.0), _slope(height_m, 1.0)
    assert abs(after - before) < 1e-3 * abs(before)


def test_the_air_only_thins() -> None:
    """Above the ground density falls with height, everywhere."""
    densities = [density_kg_m3(z) for z in np.arange(0.0, 1_000_001.0, 250.0)]
    assert np.all(np.diff(densities) < 0.0)


def test_outside_the_table() -> None:
    """Below sea level the air is as at sea level; above 1,000 km there is none."""
    assert density_kg_m3(-500.0) == density_kg_m3(0.0)
    assert density_kg_m3(1_000_001.0) == 0.0


@pytest.mark.parametrize(
    ("height_km", "printed"),
    [  # table III, by geometric height: kilometres, m/s, as printed
        (0, 340.29),
        (5, 320.55),
        (10, 299.53),
        (20, 295.07),
        (30, 301.71),
        (40, 317.19),
        (50, 329.80),
        (60, 315.07),
        (70, 297.06),
        (80, 282.54),
    ],
)
def test_the_printed_speeds_of_sound(height_km: int, printed: float) -> None:
    """The layers to the last printed digit, the spline within a part in two thousand."""
    assert layer_sound_m_s(1000.0 * height_km) == pytest.approx(printed, abs=0.01)
    assert speed_of_sound_m_s(1000.0 * height_km) == pytest.approx(printed, rel=5e-4)


def test_the_speed_of_sound_is_held_where_the_standard_ends() -> None:
    """Below the ground and above 86 km it stays, without a step."""
    assert speed_of_sound_m_s(-500.0) == speed_of_sound_m_s(0.0)
    assert speed_of_sound_m_s(400e3) == pytest.approx(speed_of_sound_m_s(85_999.0), abs=1e-2)
    heights = np.arange(0.0, 90e3, 10.0)
    values = np.array([speed_of_sound_m_s(h) for h in heights])
    exact = np.array([layer_sound_m_s(h) for h in heights])
    # The spline rounds off the kinks between layers, within 1 km of them.
    assert np.abs(values - exact).max() < 0.4


@pytest.mark.parametrize(
    ("height_km", "printed_mb"),
    [  # table I, by geometric height: kilometres, millibars, as printed
        (0, 1013.25),
        (5, 540.48),
        (10, 264.99),
        (20, 55.293),
        (30, 11.970),
        (50, 0.79779),
    ],
)
def test_the_printed_pressures(height_km: int, printed_mb: float) -> None:
    """The layers to a part in two thousand; by `PRESSURE_SCALE_M` within 3 % of sea level's."""
    height_m = 1000.0 * height_km
    assert layer_state(height_m)[1] / 100.0 == pytest.approx(printed_mb, rel=5e-4)
    assert math.exp(-height_m / PRESSURE_SCALE_M) == pytest.approx(printed_mb / 1013.25, abs=0.03)
