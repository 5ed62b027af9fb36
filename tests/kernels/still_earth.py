"""Flights over an Earth that is a sphere and does not turn. Run with NUMBA_DISABLE_JIT=1.

Compiled kernels have their constants built in; as plain Python they take those set here. Prints
JSON: per range of the table, seconds to the ground, apogee and range flown; and a burn without
gravity.
"""

from __future__ import annotations

import json
import math
import sys

import numpy as np

from forewarn.kernels import flight

RADIUS_M, MU = 6_371e3, 3.986_004_4e14


def flown(range_m: float) -> tuple[float, float, float]:
    """Seconds, apogee [m] and range [m] of the flight of least energy over a range."""
    psi = range_m / RADIUS_M
    half = math.sin(psi / 2.0)
    speed = math.sqrt(2.0 * MU / RADIUS_M * half / (1.0 + half))
    steep = (math.pi - psi) / 4.0
    x, work = np.zeros(6), np.empty((7, 6))
    x[0] = RADIUS_M
    x[3:5] = speed * math.sin(steep), speed * math.cos(steep)
    start = x.copy()
    taken_s = flight.fall(x, 0.0, 0.0, 5400.0, work)
    angle = math.atan2(x[1], x[0]) % (2.0 * math.pi)
    for _ in range(100):  # half way it is on top
        flight.coast_step(start, 0.0, 0.005 * taken_s, work)
    return taken_s, flight.height_m(start[0], start[1], start[2]), angle * RADIUS_M


def burnt() -> tuple[float, float]:
    """Gain of speed and way [m/s, m] of a burn of 100 s without gravity: a0 20 m/s2, ve 2,800."""
    x, work = np.array((7e6, 0.0, 0.0, 0.0, 1000.0, 0.0)), np.empty((7, 6))
    for i in range(200):
        flight.boost_step(x, 20.0, 2800.0, 0.0, 0.5 * i, 0.5, work)
    return float(x[4]) - 1000.0, float(x[1])


def main() -> None:
    """Still the Earth, fly, print."""
    vars(flight).update(J2=0.0, J3=0.0, J4=0.0, OMEGA=0.0, RE=RADIUS_M, RP=RADIUS_M, MU=MU)
    ranges_km = (300, 500, 1000, 2000, 3000, 5000, 8000, 10000, 12000, 13000)
    flights = {str(r): flown(1e3 * r) for r in ranges_km}
    vars(flight).update(MU=0.0)
    sys.stdout.write(json.dumps({"flights": flights, "burn": burnt()}))


if __name__ == "__main__":
    main()
