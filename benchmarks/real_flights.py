"""Published flights flown by generic vehicles: does a published range and apogee give the time?

    python -m benchmarks.real_flights

Flights, times and sources are those of ``tests/vectors/missile_tests/real_flights.csv``. For each
flight a generic vehicle of its class is shaped to the published range and apogee; printed are its
time against each published one, and the excess of both over the engine-free arc beside the band
that ``forewarn claim`` ships. A claim that no flight backs (*claimed as ...* in the table) is not
flown.

Several times published of one flight are one flight: its error is the mean of theirs. The excess
flown is over the arc of the apogee and range that were flown, as the band was learned.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.claim_band import claim_of, real_flights
from forewarn.formats.claim import JudgedClaim, RealFlight
from forewarn.formats.vehicles import load_vehicles
from forewarn.missiles import kepler
from forewarn.missiles.shaping import ground_range_m, highest_point_m, shaped_flight
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Vehicle
from forewarn.studies.claim import judge
from forewarn.studies.claim_band import Excess, excess_at, shipped_band

VEHICLES = Path(__file__).parents[1] / "scenarios" / "vehicles" / "generic.yaml"
_SOUNDING = "sounding_four_stage"
_VEHICLE_IDS = {
    "Black Brant XII": _SOUNDING,
    "Hwasong-12": "intermediate_liquid",
    "Hwasong-14": "lofted_test_liquid",
    "Hwasong-15": "lofted_test_liquid",
    "Hwasong-17": "lofted_test_liquid",
    "the same by Japan": "lofted_test_liquid",
    "Hwasong-18": "lofted_test_solid",
    "Hwasong-19": "lofted_test_solid",
}
_PAYLOADS_KG = {"2017-05-14": 500.0}  # with its own 700 kg the vehicle falls 25 km short of that
_KOREA_RAD = (math.radians(39.3), math.radians(125.7), math.radians(72.0))
_ANDOYA_RAD = (math.radians(69.3), math.radians(16.0), math.radians(355.0))


@dataclass(frozen=True, slots=True)
class Row:
    """A real flight: its times as published, and what the generic vehicle made of it."""

    published: tuple[RealFlight, ...]
    vehicle_id: str
    flown_s: float
    arc: kepler.Arc
    band: Excess

    @property
    def errors(self) -> tuple[float, ...]:
        """Time flown over each published one, less one."""
        return tuple(self.flown_s / p.time_s - 1.0 for p in self.published)

    @property
    def error_fraction(self) -> float:
        """Mean size of the errors: a flight has one vote, however many published its time."""
        return statistics.fmean(abs(error) for error in self.errors)

    @property
    def excess_s(self) -> float:
        """What the time flown has over the arc."""
        return self.flown_s - self.arc.time_s

    @property
    def inside(self) -> bool:
        """Whether the excess flown lies in the band."""
        return self.band.shortest_s <= self.excess_s <= self.band.longest_s

    @property
    def to_2021(self) -> bool:
        """Whether it flew by then; later flights taught the band nothing."""
        return all(p.use != "test" for p in self.published)

    @property
    def lofted(self) -> bool:
        """Whether it rose higher than it came far."""
        return self.published[0].apogee_m > self.published[0].range_m


def claimed_only(published: RealFlight) -> bool:
    """Whether a row of the table is a claim that no flight backs."""
    return published.flight.startswith("claimed as ")


def by_flight(published: Iterable[RealFlight]) -> list[tuple[RealFlight, ...]]:
    """The real flights in order of date, each with all its published times."""
    real = sorted((p for p in published if not claimed_only(p)), key=lambda p: p.date)
    flights = [tuple(same) for _, same in itertools.groupby(real, key=lambda p: p.date)]
    for same in flights:
        arcs = {(p.flight, p.apogee_m, p.range_m) for p in same}
        assert len(arcs) == 1, f"{same[0].date}: two flights of one day, or two arcs of one flight"
    return flights


def shaped(published: RealFlight, vehicle: Vehicle) -> Trajectory:
    """The vehicle's flight of a published range and apogee."""
    if published.date in _PAYLOADS_KG:
        vehicle = msgspec.structs.replace(vehicle, payload_kg=_PAYLOADS_KG[published.date])
    sounding = vehicle.vehicle_id == _SOUNDING
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
    return flown


def measure() -> list[Row]:
    """Fly every real flight of the table."""
    vehicles = load_vehicles(VEHICLES)
    rows = []
    for same in by_flight(real_flights()):
        vehicle_id = _VEHICLE_IDS[same[0].flight]
        flown = shaped(same[0], vehicles[vehicle_id])
        arc = kepler.arc(highest_point_m(flown), ground_range_m(flown))
        band = excess_at(shipped_band(), arc)
        assert band is not None, f"{same[0].date}: an arc that the band does not know"
        rows.append(Row(same, vehicle_id, float(flown.times_s[-1]), arc, band))
    return rows


def verdicts(row: Row) -> list[JudgedClaim]:
    """What ``forewarn claim`` says of each published time, allowing for its rounding."""
    return [judge(claim_of(p)) for p in row.published]


def report(rows: list[Row]) -> str:
    """A plain-text table, the errors of all together, and how lofted flights lie in the band."""
    lines = [
        (
            f"{'':31s} {'range':>6s} {'apogee':>7s}  {'time, s':>15s} {'error':>6s}  "
            f"{'excess over the arc, s':>24s}"
        ),
        (
            f"{'flight':10s} {'vehicle':20s} {'km':>6s} {'km':>7s}  {'published':>9s} "
            f"{'flown':>5s} {'%':>6s}  {'band':>11s} {'flown':>6s} {'in':>3s} {'published':>9s}"
        ),
    ]
    lines += [line for row in rows for line in _lines(row)]
    lines += [_errors("to 2021", [r for r in rows if r.to_2021]), _errors("in all", rows)]
    lofted = [r for r in rows if r.lofted]
    held = [j for r in lofted for j in verdicts(r)]
    lines.append(
        f"lofted, higher than far: {sum(r.inside for r in lofted)} of {len(lofted)} flown and "
        f"{sum(j.verdict == 'consistent' and not j.by_error_only for j in held)} of {len(held)} "
        "published excesses lie in their band"
    )
    claims = [p for p in real_flights() if claimed_only(p)]
    lines.append("not flown, claims that no flight backs (excess over the arc as published):")
    for claim in claims:
        judged = judge(claim_of(claim))
        lines.append(
            f"  {claim.date}, {claim.flight}: {claim.time_s:.0f} s, {judged.excess_s:+.0f} s: "
            f"{judged.verdict}"
        )
    return "\n".join(lines)


def _lines(row: Row) -> list[str]:
    """One line for each published time."""
    lines = []
    for published, error, judged in zip(row.published, row.errors, verdicts(row), strict=True):
        by_error = ", by its error only" if judged.by_error_only else ""
        lines.append(
            f"{published.date:10s} {row.vehicle_id:20s} {published.range_m / 1e3:6.0f} "
            f"{published.apogee_m / 1e3:7.1f}  {published.time_s:9.0f} {row.flown_s:5.0f} "
            f"{100.0 * error:+6.1f}  {row.band.shortest_s:4.0f} to {row.band.longest_s:3.0f} "
            f"{row.excess_s:+6.0f} {'yes' if row.inside else 'no':>3s} {judged.excess_s:+9.0f}, "
            f"{judged.verdict}{by_error}"
        )
    return lines


def _errors(which: str, rows: list[Row]) -> str:
    errors = [100.0 * row.error_fraction for row in rows]
    inside = sum(row.inside for row in rows)
    return (
        f"{len(rows)} flights {which}: median error of the time {statistics.median(errors):.1f} %, "
        f"worst {max(errors):.1f} %; excess flown in the band: {inside}"
    )


if __name__ == "__main__":
    print(report(measure()))
