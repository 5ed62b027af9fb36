"""How many whole flights a second, and how far from the truth they land.

    python -m benchmarks.flights

A notional three-stage vehicle that flies 10,000 km, dispersed so that flights differ, from
ignition through re-entry to the ground. Speed: medians of repeats, by the wall clock and by the
processor's (threads included), on one and two workers; machines are shared and noisy, so quote
both. Truth: `reference`, an integration apart from the kernels. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn import earth
from forewarn.frames import enu_axes
from forewarn.frames.geodetic import ecef_from_geodetic
from forewarn.kernels.air import PRESSURE_SCALE_M, density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.missiles.many import Boosters, Flights, Outcome, fly_many
from forewarn.missiles.vehicle import Stage, Vehicle

Array = NDArray[np.float64]

SEED = 20_240_501
SPACE_M = 100e3


def _stage(
    thrust_n: float, loss: float, burn_s: float, propellant_kg: float, **rest: float
) -> Stage:
    return Stage(
        thrust_n=thrust_n,
        sea_level_loss=loss,
        burn_s=burn_s,
        propellant_kg=propellant_kg,
        intensity_w_sr=0.0,
        **rest,
    )


# Round numbers that close on 10,000 km: exhaust velocities and mass fractions in the open bands
# of solids (Sutton and Biblarz, Rocket Propulsion Elements, 9th ed., table 13-1). No real design.
NOTIONAL = Vehicle(
    vehicle_id="notional_three_stage",
    vehicle_class="intercontinental_range",
    stages=(
        _stage(880e3, 0.12, 62.0, 21_000.0, structure_kg=2_200.0, drag_area_m2=0.8),
        _stage(310e3, 0.0, 62.0, 6_860.0, structure_kg=700.0, drag_area_m2=0.43),
        _stage(90e3, 0.0, 63.5, 2_010.0, structure_kg=250.0, drag_area_m2=0.31),
    ),
    payload_kg=850.0,
    ballistic_coefficient_kg_m2=6_000.0,
    radar_cross_section_m2=0.1,
    vertical_rise_s=4.0,
    kick_rad=0.185,
    coast_s=2.0,
    source="notional",
)


@dataclass(frozen=True, slots=True, eq=False)
class Launches:
    """Dispersed vehicles and their sites, one row each; heights are of the sites."""

    boosters: Boosters
    latitude_rad: Array
    longitude_rad: Array
    height_m: Array
    azimuth_rad: Array

    def fly(self, workers: int = 1) -> Flights:
        """All of them."""
        return fly_many(
            self.boosters,
            latitude_rad=self.latitude_rad,
            longitude_rad=self.longitude_rad,
            height_m=self.height_m,
            azimuth_rad=self.azimuth_rad,
            workers=workers,
        )


def launches(count: int, seed: int = SEED) -> Launches:
    """`NOTIONAL`, dispersed by some per cent in all that it is, from anywhere in any direction."""
    rng = np.random.default_rng(seed)

    def spread(values: Array, share: float) -> Array:
        return np.asarray(values * (1.0 + share * rng.uniform(-1.0, 1.0, values.shape)))

    b = Boosters.of([NOTIONAL] * count)
    dispersed = replace(
        b,
        thrust_acceleration_m_s2=spread(b.thrust_acceleration_m_s2, 0.01),
        exhaust_speed_m_s=spread(b.exhaust_speed_m_s, 0.006),
        burn_s=spread(b.burn_s, 0.01),
        drag_area_per_mass_m2_kg=spread(b.drag_area_per_mass_m2_kg, 0.1),
        vertical_rise_s=spread(b.vertical_rise_s, 0.1),
        kick_rad=spread(b.kick_rad, 0.06),
        coast_s=spread(b.coast_s, 0.3),
        inverse_beta_m2_kg=spread(b.inverse_beta_m2_kg, 0.3),
    )
    return Launches(
        dispersed,
        latitude_rad=rng.uniform(-1.2, 1.2, count),
        longitude_rad=rng.uniform(-math.pi, math.pi, count),
        height_m=rng.uniform(0.0, 1_500.0, count),
        azimuth_rad=rng.uniform(0.0, 2.0 * math.pi, count),
    )


def height_m(p: Array) -> float:
    """Height [m] along the geocentric radius above WGS 84."""
    a, b = earth.SEMI_MAJOR_AXIS_M, earth.SEMI_MINOR_AXIS_M
    r = float(np.linalg.norm(p))
    level, axial = math.hypot(p[0], p[1]) / r, p[2] / r
    return r - a * b / math.hypot(b * level, a * axial)


def gravity_m_s2(p: Array) -> Array:
    """Attraction (3,) at p: Vallado, Fundamentals of Astrodynamics, 4th ed., section 8.7.1."""
    mu, a = earth.GRAVITATIONAL_PARAMETER_M3_S2, earth.SEMI_MAJOR_AXIS_M
    x, y, z = (float(c) for c in p)
    r = math.sqrt(x * x + y * y + z * z)
    s = z * z / (r * r)
    j2 = -1.5 * earth.J2 * mu * a**2 / r**5
    j3 = -2.5 * earth.J3 * mu * a**3 / r**7
    j4 = 1.875 * earth.J4 * mu * a**4 / r**7
    level = -mu / r**3 + j2 * (1 - 5 * s) + j3 * z * (3 - 7 * s) + j4 * (1 - 14 * s + 21 * s * s)
    axial = (
        (-mu / r**3 + j2 * (3 - 5 * s)) * z
        + j3 * (6 * z * z - 7 * z * z * s - 0.6 * r * r)
        + j4 * z * (5 - 70 / 3 * s + 21 * s * s)
    )
    return np.array((level * x, level * y, axial))


def motion(x: Array, along_m_s2: float, drag_area_per_mass: float) -> Array:
    """d(x)/dt (6,) under thrust along the velocity, drag, gravity and the turning frame."""
    p, v = x[:3], x[3:]
    speed, height = float(np.linalg.norm(v)), height_m(p)
    factor = drag_factor(speed / speed_of_sound_m_s(height))
    drag = 0.5 * density_kg_m3(height) * speed * speed * drag_area_per_mass * factor
    w = earth.ROTATION_RATE_RAD_S
    turning = np.array((2.0 * w * v[1] + w * w * p[0], -2.0 * w * v[0] + w * w * p[1], 0.0))
    return np.concatenate((v, gravity_m_s2(p) + turning + (along_m_s2 - drag) / speed * v))


@dataclass(slots=True)
class Truth:
    """What the reference says of one flight; seconds since ignition."""

    end: Array
    end_s: float
    burnout: Array
    burnout_s: float
    apogee_m: float
    apogee_s: float
    up_s: float
    down_s: float


def _powered(b: Boosters, i: int, stage: int) -> Callable[[float, Array], Array]:
    a0, ve = b.thrust_acceleration_m_s2[i, stage], b.exhaust_speed_m_s[i, stage]
    k, loss = b.drag_area_per_mass_m2_kg[i, stage], b.sea_level_loss[i, stage]

    def rate(t: float, x: Array) -> Array:
        left = 1.0 - a0 * t / ve
        lost = loss * math.exp(-max(height_m(x[:3]), 0.0) / PRESSURE_SCALE_M)
        return motion(x, a0 * (1.0 - lost) / left, k / left)

    return rate


def _climb(x: Array) -> float:
    """Rate of `height_m` by a difference along the velocity."""
    return (height_m(x[:3] + 0.01 * x[3:]) - height_m(x[:3] - 0.01 * x[3:])) / 0.02


def reference(flown: Launches, i: int) -> Truth:
    """Flight i by scipy's DOP853 at 1e-12, leg by leg, in steps that no kink can hide in."""
    b = flown.boosters
    ground = float(flown.height_m[i])
    latitude, longitude = float(flown.latitude_rad[i]), float(flown.longitude_rad[i])
    east, north, up = enu_axes(latitude, longitude)
    azimuth, kick = float(flown.azimuth_rad[i]), float(b.kick_rad[i])
    downrange = math.sin(azimuth) * east + math.cos(azimuth) * north
    x = np.concatenate((ecef_from_geodetic(latitude, longitude, ground), up))
    clock, crossings = 0.0, {"up": math.nan, "down": math.nan, "apogee": math.nan}
    top = 0.0

    def space(_: float, x: Array) -> float:
        return height_m(x[:3]) - SPACE_M

    def apogee(_: float, x: Array) -> float:
        return _climb(x)

    def down(_: float, x: Array) -> float:
        return height_m(x[:3]) - ground

    apogee.direction = down.direction = -1.0  # type: ignore[attr-defined]
    down.terminal = True  # type: ignore[attr-defined]

    def fly(
        rate: Callable[[float, Array], Array], span: tuple[float, float], step_s: float
    ) -> None:
        nonlocal x, clock, top
        events = (space, apogee, down) if step_s > 1.0 else (space, apogee)
        done = solve_ivp(
            rate, span, x, method="DOP853", rtol=1e-12, atol=1e-9, max_step=step_s, events=events
        )
        for t, state in zip(done.t_events[0], done.y_events[0], strict=True):
            crossings["up" if _climb(state) > 0.0 else "down"] = clock + t - span[0]
        for t, state in zip(done.t_events[1], done.y_events[1], strict=True):
            if height_m(state[:3]) > top:
                top, crossings["apogee"] = height_m(state[:3]), clock + t - span[0]
        x, clock = done.y[:, -1].copy(), clock + float(done.t[-1]) - span[0]

    first, rise_s = _powered(b, i, 0), float(b.vertical_rise_s[i])

    def rise(t: float, x: Array) -> Array:
        rate = first(t, x)
        return np.concatenate((rate[:3], (rate[3:] @ up) * up))

    fly(rise, (0.0, rise_s), 0.5)
    x[3:] = np.linalg.norm(x[3:]) * (math.cos(kick) * up + math.sin(kick) * downrange)
    fly(first, (rise_s, float(b.burn_s[i, 0])), 0.5)
    for stage in (1, 2):
        k = float(b.drag_area_per_mass_m2_kg[i, stage])
        fly(lambda _, x, k=k: motion(x, 0.0, k), (0.0, float(b.coast_s[i])), 0.5)
        fly(_powered(b, i, stage), (0.0, float(b.burn_s[i, stage])), 0.5)
    burnout, burnout_s = x.copy(), clock
    beta = float(b.inverse_beta_m2_kg[i])
    fly(lambda _, x: motion(x, 0.0, beta), (0.0, 7_200.0), 5.0)
    return Truth(
        x, clock, burnout, burnout_s, top, crossings["apogee"], crossings["up"], crossings["down"]
    )


def accuracy(count: int) -> str:
    """Distance of impacts from the reference, as one line."""
    flown = launches(count)
    flights = flown.fly()
    assert np.all(flights.outcome == Outcome.DOWN)
    truths = [reference(flown, i) for i in range(count)]
    miss = np.linalg.norm(
        flights.end_position_ecef_m - np.array([t.end[:3] for t in truths]), axis=1
    )
    late = np.abs(flights.end_s - np.array([t.end_s for t in truths]))
    worst, most, middle = np.max(miss), np.quantile(miss, 0.99), np.median(miss)
    return (
        f"impact against DOP853 at 1e-12, {count} flights: worst {worst:.3f} m, "
        f"99th percentile {most:.3f} m, median {middle:.3f} m; latest {1e3 * np.max(late):.2f} ms"
    )


def speed(count: int, repeats: int, workers: int) -> tuple[float, float]:
    """Flights a second by the wall clock and by the processor's, medians."""
    flown = launches(count)
    flown.fly(workers)
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        flown.fly(workers)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return count / statistics.median(walls), count / statistics.median(cpus)


def report(count: int, repeats: int, checked: int) -> str:
    """The measurement as text."""
    flown = launches(count)
    flights = flown.fly()
    start = ecef_from_geodetic(flown.latitude_rad, flown.longitude_rad, flown.height_m)
    end = flights.end_position_ecef_m
    lengths = np.linalg.norm(start, axis=1) * np.linalg.norm(end, axis=1)
    ranges_km = earth.MEAN_RADIUS_M / 1e3 * np.arccos(np.sum(start * end, axis=1) / lengths)
    span = f"{np.min(ranges_km):.0f} to {np.max(ranges_km):.0f} km, mean {np.mean(ranges_km):.0f}"
    steps = np.mean(flights.step_count)
    lines = [f"{count} three-stage flights of {span}, {steps:.0f} steps each"]
    for workers in (1, 2):
        wall, cpu = speed(count, repeats, workers)
        lines.append(
            f"{workers} worker{'s' if workers > 1 else ' '}  {wall:7.0f} flights/s by the wall, "
            f"{cpu:7.0f} a processor second"
        )
    if checked:
        lines.append(accuracy(checked))
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flights", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--checked", type=int, default=48)
    options = parser.parse_args()
    print(report(options.flights, options.repeats, options.checked))


if __name__ == "__main__":
    main()
