"""Launch and impact against the information bound, by class of vehicle and by coverage.

    python -m benchmarks.bounds --seeds 20

One generic vehicle of each class is launched from a place that all of a coverage's sensors could
see, over and over: azimuth, range, thrust and the straying of thrust and pitch differ from seed to
seed. Printed are the median error and its ratio to the posterior Cramer-Rao bound from exactly the
looks taken (`forewarn.studies.bounds`), 1 being as good as can be, at the first confirmation, 30 s
and 60 s after it, at burn-out and 60 s after that. A run without an estimate then is counted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import msgspec

from benchmarks.runs import SCENARIOS
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import EarthOrientation
from forewarn.missiles.vehicle import Vehicle
from forewarn.simulation.scenario import Dispersion, FlownLaunch, Scenario
from forewarn.studies.bounds_study import LaunchStudy, ScenarioError, study
from forewarn.studies.bounds_words import HEADINGS, amount

MOMENTS = ("first confirmation", "+ 30 s", "+ 60 s", "burn-out", "burn-out + 60 s")
QUANTITIES = ("launch_place_m", "impact_place_m")
_STARTS_S = 60  # before the launch: every telescope has looked at the empty place
_ENDS_S = 70  # after burn-out, and no sooner than this long after the launch:
_LEAST_S = 240
_WIDE = 20
_EVERY_S = 1e6  # the curve between the moments is of no use here


@dataclass(frozen=True, slots=True)
class Flight:
    """A class of vehicle and how one of it flies: place [deg], azimuth [deg], range, apogee [m].

    Without a range it flies to orbit. ``payload_ratio`` is how much of its payload it carries.
    """

    vehicle_class: str
    vehicle_id: str
    place_deg: tuple[float, float]
    azimuth_deg: float
    range_m: float | None
    apogee_m: float | None
    payload_ratio: float = 1.0


FLIGHTS = (
    Flight("short", "short_range_liquid", (39.6, 130.5), 115.0, 240e3, 70e3),
    Flight("medium", "medium_range_liquid", (40.0, 129.0), 95.0, 1_200e3, 330e3),
    Flight("intermediate", "intermediate_liquid", (39.3, 125.7), 72.0, 2_700e3, 550e3),
    Flight("intercontinental", "intercontinental_liquid", (40.0, 128.0), 45.0, 8_000e3, 1_250e3),
    Flight("space", "space_launch_two_stage", (39.6, 128.0), 90.0, None, None, 0.7),
)
COVERAGES = {
    "stereo": ("GEO-MID-SCAN", "GEO-MID-STARE", "GEO-EAST-SCAN", "GEO-EAST-STARE"),
    "mono": ("GEO-MID-SCAN", "GEO-MID-STARE"),
    "radar only": ("RADAR-WEST", "RADAR-NORTH", "RADAR-EAST"),
    "all": (),
}
"""Sensors of the shipped Pacific network; none named is all of them."""

SPREAD = Dispersion(
    thrust_fraction=0.04,
    range_m=0.0,
    apogee_m=0.0,
    azimuth_rad=math.radians(4.0),
    intensity_fraction=0.2,
    ballistic_coefficient_fraction=0.3,
    throttle_wander_fraction=0.05,
    steering_wander_rad=math.radians(1.0),
)
"""One sigma from seed to seed; range and apogee stray by 3 % besides."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one class under one coverage; ``trouble`` where it could not be flown."""

    vehicle_class: str
    coverage: str
    found: LaunchStudy | None
    trouble: str = ""


def scenario(flight: Flight, coverage: str) -> Scenario:
    """Return one launch of a class under the sensors of a coverage."""
    base = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
    vehicle = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")[flight.vehicle_id]
    vehicle = msgspec.structs.replace(vehicle, payload_kg=vehicle.payload_kg * flight.payload_ratio)
    named = COVERAGES[coverage]
    sensors = tuple(s for s in base.network.sensors if not named or s.sensor_id in named)
    lasts_s = _STARTS_S + max(round(vehicle.powered_s) + _ENDS_S, _LEAST_S)
    return msgspec.structs.replace(
        base,
        scenario_id=f"{flight.vehicle_class}-{coverage}".replace(" ", "-"),
        end_tai_ns=base.start_tai_ns + lasts_s * SECOND_NS,
        network=msgspec.structs.replace(base.network, sensors=sensors),
        launches=(_launch(flight, vehicle, base.start_tai_ns + _STARTS_S * SECOND_NS),),
    )


def _launch(flight: Flight, vehicle: Vehicle, time_tai_ns: int) -> FlownLaunch:
    spread = msgspec.structs.replace(SPREAD, thrust_fraction=0.0)  # or it may miss its orbit
    if flight.range_m is not None and flight.apogee_m is not None:
        spread = msgspec.structs.replace(
            SPREAD, range_m=0.03 * flight.range_m, apogee_m=0.03 * flight.apogee_m
        )
    return FlownLaunch(
        launch_id=f"{flight.vehicle_class}-1",
        time_tai_ns=time_tai_ns,
        latitude_rad=math.radians(flight.place_deg[0]),
        longitude_rad=math.radians(flight.place_deg[1]),
        height_m=0.0,
        azimuth_rad=math.radians(flight.azimuth_deg),
        vehicle=vehicle,
        range_m=flight.range_m,
        apogee_m=flight.apogee_m,
        to_orbit=flight.range_m is None,
        dispersion=spread,
    )


def one(flight: Flight, coverage: str, seeds: int) -> Cell:
    """Study one class under one coverage."""
    try:
        found = study(
            scenario(flight, coverage),
            EarthOrientation.from_iers(),
            run_count=seeds,
            every_s=_EVERY_S,
        )
    except ScenarioError as error:
        return Cell(flight.vehicle_class, coverage, None, str(error))
    return Cell(flight.vehicle_class, coverage, found.launches[0])


def measure(seeds: int, workers: int = 2) -> list[Cell]:
    """Study every class under every coverage, in parallel processes, in that order."""
    asked = [(flight, coverage, seeds) for flight in FLIGHTS for coverage in COVERAGES]
    if workers <= 1:
        return [one(*each) for each in asked]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, *zip(*asked, strict=True)))


def report(cells: list[Cell], seeds: int) -> str:
    """Return plain-text tables of the measurement."""
    lines = [
        f"seeds 1 to {seeds} of each: median error, and its ratio to the bound (1 is as good as",
        "can be); in brackets how many runs had an estimate, where not all had; 'none' where none",
        "had, with what was possible; '-' where no run came so far",
    ]
    for quantity in QUANTITIES:
        head = "".join(f"{moment:>{_WIDE}}" for moment in MOMENTS)
        lines += ["", f"{HEADINGS[quantity]:<28}{head}"]
        lines += [_line(cell, quantity) for cell in cells if _has(cell, quantity)]
    lines += [f"{c.vehicle_class}, {c.coverage}: {c.trouble}" for c in cells if c.trouble]
    return "\n".join(lines)


def _has(cell: Cell, quantity: str) -> bool:
    return cell.found is not None and any(quantity in m.scores for m in cell.found.moments)


def _line(cell: Cell, quantity: str) -> str:
    name = f"{cell.vehicle_class}, {cell.coverage}"
    return f"{name:<28}" + "".join(f"{text:>{_WIDE}}" for text in _cells(cell, quantity))


def _cells(cell: Cell, quantity: str) -> Iterator[str]:
    """Yield what stands in a row: error, ratio, and of how many runs if not of all."""
    assert cell.found is not None, "asked only of what was flown"
    moments = {moment.name: moment for moment in cell.found.moments}
    for name in MOMENTS:
        moment = moments.get(name)
        score = moment.scores.get(quantity) if moment else None
        if moment is None or score is None:
            yield "-"
        elif score.error is None or score.ratio is None:
            yield f"none; {amount(quantity, score.bound)}"
        else:
            missing = score.estimate_count < moment.run_count
            some = f" ({score.estimate_count})" if missing else ""
            yield f"{amount(quantity, score.error)} {score.ratio:.2f}{some}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(report(measure(arguments.seeds, arguments.workers), arguments.seeds))


if __name__ == "__main__":
    main()
