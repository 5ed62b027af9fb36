"""Published flights flown by generic vehicles: does a published range and apogee give the time?

    python -m benchmarks.real_flights

For each flight a generic vehicle of its class is shaped to the published range and apogee; printed
are its time of flight, its error against the published one, and the excess of both over the arc
without engine between the same ground points (Bate, Mueller and White, Fundamentals of
Astrodynamics, 1971, section 6.2). A real flight must exceed it by its slow boost, 30 to 300 s.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from pathlib import Path

import msgspec

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M
from forewarn.formats.vehicles import load_vehicles
from forewarn.missiles.shaping import shaped_flight

VEHICLES = Path(__file__).parents[1] / "scenarios" / "vehicles" / "generic.yaml"
BOOST_EXCESS_S = (30.0, 300.0)
_KOREA_RAD = (math.radians(39.3), math.radians(125.7), math.radians(72.0))
_ANDOYA_RAD = (math.radians(69.3), math.radians(16.0), math.radians(355.0))


@dataclass(frozen=True, slots=True)
class Published:
    """A flight as it was published, and the generic vehicle of its class.

    ``payload_kg`` stands in for the vehicle's own.
    """

    name: str
    vehicle_id: str
    range_m: float
    apogee_m: float
    time_s: float
    source: str
    payload_kg: float | None = None


_LIQUID, _SOLID = "lofted_test_liquid", "lofted_test_solid"
PUBLISHED = (
    Published("2017-05-14", "intermediate_liquid", 787e3, 2_111.5e3, 1_800, "press", 500.0),
    Published("2017-07-04", _LIQUID, 933e3, 2_802e3, 2_220, "37 min: Pacific Command"),
    Published("2017-07-28", _LIQUID, 998e3, 3_724.9e3, 2_832, "KCNA, from memory"),
    Published("2017-08-29", "intermediate_liquid", 2_700e3, 550e3, 840, "press, Japan"),
    Published("2017-09-15", "intermediate_liquid", 3_700e3, 800e3, 1_140, "nippon.com"),
    Published("2017-11-29", _LIQUID, 950e3, 4_475e3, 3_180, "KCNA by press"),
    Published("2022-03-24", _LIQUID, 1_080e3, 6_200e3, 4_260, "71 min: Japan, ministry"),
    Published("2022-10-04", "intermediate_liquid", 4_600e3, 970e3, 1_320, "CNN, Japan"),
    Published("2022-11-18", _LIQUID, 999.2e3, 6_040.9e3, 4_135, "KCNA by TASS"),
    Published("2023-02-18", _LIQUID, 989e3, 5_768.5e3, 4_015, "KCNA, in part from memory"),
    Published("2023-03-16", _LIQUID, 1_000.2e3, 6_045e3, 4_151, "KCNA, from memory"),
    Published("2023-07-12", _SOLID, 1_001.2e3, 6_648.4e3, 4_491, "KCNA, from memory"),
    Published("2023-12-18", _SOLID, 1_002.3e3, 6_518.2e3, 4_415, "KCNA, from memory"),
    Published("2024-10-31", _SOLID, 1_001.2e3, 7_687.5e3, 5_156, "KCNA by Chosun"),
    Published("1995-01-25", "sounding_four_stage", 1_050e3, 1_453e3, 1_440, "Chicago Tribune"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the generic vehicle made of a published flight."""

    published: Published
    flown_s: float
    arc_s: float

    @property
    def error_fraction(self) -> float:
        """Time flown over the published one, less one."""
        return self.flown_s / self.published.time_s - 1.0


def arc_s(range_m: float, apogee_m: float) -> float:
    """Seconds along the ellipse from the ground over an apogee and back: no engine, no air."""
    r, top = MEAN_RADIUS_M, MEAN_RADIUS_M + apogee_m
    anomaly = math.pi - range_m / MEAN_RADIUS_M / 2.0
    e = (top - r) / (top + r * math.cos(anomaly))
    a = top / (1.0 + e)
    eccentric = 2.0 * math.atan(math.sqrt((1.0 - e) / (1.0 + e)) * math.tan(anomaly / 2.0))
    mean = eccentric - e * math.sin(eccentric)
    return 2.0 * (math.pi - mean) * math.sqrt(a**3 / GRAVITATIONAL_PARAMETER_M3_S2)


def measure() -> list[Row]:
    """Fly every published flight."""
    vehicles = load_vehicles(VEHICLES)
    rows = []
    for published in PUBLISHED:
        vehicle = vehicles[published.vehicle_id]
        if published.payload_kg is not None:
            vehicle = msgspec.structs.replace(vehicle, payload_kg=published.payload_kg)
        sounding = published.vehicle_id == "sounding_four_stage"
        latitude_rad, longitude_rad, azimuth_rad = _ANDOYA_RAD if sounding else _KOREA_RAD
        _, flown = shaped_flight(
            vehicle,
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
            height_m=0.0,
            azimuth_rad=azimuth_rad,
            range_m=published.range_m,
            apogee_m=published.apogee_m,
        )
        arc = arc_s(published.range_m, published.apogee_m)
        rows.append(Row(published, float(flown.times_s[-1]), arc))
    return rows


def report(rows: list[Row]) -> str:
    """A plain-text table, and the error of all together."""
    lines = [
        (
            f"{'flight':11s} {'vehicle':20s} {'range km':>9s} {'apogee km':>10s} "
            f"{'published s':>12s} {'flown s':>8s} {'error %':>8s} {'excess s':>9s} "
            f"{'published':>10s}  source"
        )
    ]
    for row in rows:
        p = row.published
        lines.append(
            f"{p.name:11s} {p.vehicle_id:20s} {p.range_m / 1e3:9.0f} {p.apogee_m / 1e3:10.1f} "
            f"{p.time_s:12.0f} {row.flown_s:8.0f} {100.0 * row.error_fraction:8.1f} "
            f"{row.flown_s - row.arc_s:+9.0f} {p.time_s - row.arc_s:+10.0f}  {p.source}"
        )
    errors = [100.0 * abs(row.error_fraction) for row in rows]
    lines.append(
        f"time of flight over {len(rows)} published flights: median error "
        f"{statistics.median(errors):.1f} %, worst {max(errors):.1f} %"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(measure()))
