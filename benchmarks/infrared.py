"""How fast telescopes look: 24 satellites, 300 flights, ten minutes, on one core.

    python -m benchmarks.infrared

Seconds of simulated time for each second of processor time, for scanners and starers by halves:
with one cloud top and false alarms only; with random clouds, pixels and Sun exclusion; and with
shipped fires and flares, lightning, meteoroids and glints as well. The flights are one flight,
turned about the Earth's axis; flying them is not counted.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace

import msgspec
import numpy as np

from benchmarks.runs import SCENARIOS
from forewarn.epoch import SECOND_NS
from forewarn.formats.hot_spots import load_hot_spots
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.orbits import Elements, geostationary, molniya
from forewarn.sensors.network import InfraredSensor
from forewarn.simulation.clutter import Clutter, Glints, Lightning
from forewarn.simulation.infrared_looks import infrared_scans
from forewarn.simulation.sky import sky_between
from forewarn.simulation.surroundings import surroundings
from forewarn.simulation.truth import Truth, TruthObject, make_truth
from forewarn.simulation.weather import Weather, cloud_field

SATELLITES, OBJECTS, SPAN_S = 24, 300, 600
SHIPPED = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
SPAN_TAI_NS = (SHIPPED.start_tai_ns, SHIPPED.start_tai_ns + SPAN_S * SECOND_NS)
WEATHER = Weather(cover_fraction=0.6, mean_top_m=7e3, top_sigma_m=2e3, correlation_m=200e3)
FULL = {"pixel_rad": 30e-6, "sun_exclusion_rad": math.radians(3.0)}


def turned(flown: TruthObject, number: int) -> TruthObject:
    """The flight from another meridian, lifting off within the first four minutes."""
    angle = 2.0 * math.pi * number / OBJECTS
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    path = replace(
        flown.trajectory,
        position_ecef_m=flown.trajectory.position_ecef_m @ turn,
        velocity_ecef_m_s=flown.trajectory.velocity_ecef_m_s @ turn,
    )
    start = SPAN_TAI_NS[0] + number % 240 * SECOND_NS
    return replace(flown, launch_id=f"{number}", launch_tai_ns=start, trajectory=path)


def telescopes(**changes: float) -> list[tuple[InfraredSensor, Elements]]:
    """A scanner or a starer on each of 24 satellites, two of three of them geostationary."""
    shipped = {s.sensor_id: s for s in SHIPPED.network.sensors if isinstance(s, InfraredSensor)}
    found = []
    for i in range(SATELLITES):
        name, longitude = f"SAT-{i:02d}", math.radians(15.0 * i - 180.0)
        if i % 3:
            elements = geostationary(name, longitude, SPAN_TAI_NS[0])
        else:
            apogee = SPAN_TAI_NS[0] + i * 600 * SECOND_NS
            elements = molniya(name, apogee_longitude_rad=longitude, apogee_tai_ns=apogee)
        base = shipped["GEO-MID-SCAN" if i % 2 else "GEO-MID-STARE"]
        aim = {} if i % 2 else {"stare_at_rad": (0.6, longitude)}
        names = {"sensor_id": f"IR-{i:02d}", "satellite_id": name}
        found.append((msgspec.structs.replace(base, **names, **aim, **changes), elements))
    return found


def scenes() -> dict[str, tuple[Truth, list[tuple[InfraredSensor, Elements]]]]:
    """The three scenes, each with its telescopes."""
    truth = make_truth(SHIPPED, seed=1)
    bare = replace(truth, objects=tuple(turned(truth.objects[0], i) for i in range(OBJECTS)))
    clouds = cloud_field(WEATHER, seed=1)
    spots = [
        spot
        for name in ("fires-2022-02-27.csv", "flares-north-sea.csv")
        for spot in load_hot_spots(SCENARIOS / "clutter" / name)
    ]
    clutter = Clutter(
        hot_spots=tuple(spots), lightning=Lightning(), bolides_per_year=30.0, glints=Glints()
    )
    around = surroundings(clutter, clouds, seed=1, span_tai_ns=SPAN_TAI_NS)
    return {
        "one cloud top": (bare, telescopes()),
        "random clouds, pixels, Sun": (replace(bare, clouds=clouds), telescopes(**FULL)),
        "and all clutter": (
            replace(bare, clouds=clouds, surroundings=around),
            telescopes(**FULL),
        ),
    }


def ratio(truth: Truth, sensors: list[tuple[InfraredSensor, Elements]]) -> tuple[float, int]:
    """Simulated over processor time of all looks, and how many measurements they made."""
    began = time.process_time()
    sky = sky_between(*SPAN_TAI_NS, EarthOrientation.from_iers())
    count = 0
    for sensor, elements in sensors:
        scans = infrared_scans(sensor, elements, sky=sky, truth=truth, span_tai_ns=SPAN_TAI_NS)
        count += sum(len(scan.measurements) for scan in scans)
    return SPAN_S / (time.process_time() - began), count


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats: int = parser.parse_args().repeats
    for name, (truth, sensors) in scenes().items():
        ratio(truth, sensors)
        found = sorted(ratio(truth, sensors) for _ in range(repeats))
        middle, count = found[len(found) // 2]
        spread = f"{found[0][0]:.0f} to {found[-1][0]:.0f}"
        print(f"{name:28} {middle:6.0f} x real time ({spread}), {count:,} measurements")


if __name__ == "__main__":
    main()
