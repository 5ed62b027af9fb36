"""A whole flight by another integrator and other code: slow, plain, to compare with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn import earth
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.kernels.air import PRESSURE_SCALE_M, density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.missiles.vehicle import Vehicle
from tests.kernels.equations import motion
from tests.missiles.vehicles import Site

Array = NDArray[np.float64]

STRICT = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-9}


def height_m(x: Array) -> float:
    """Height above the ellipsoid along the radius, as the kernels define it."""
    r = float(np.linalg.norm(x[:3]))
    sine = x[2] / r
    a, b = earth.SEMI_MAJOR_AXIS_M, earth.SEMI_MINOR_AXIS_M
    return r - 1.0 / math.sqrt((1.0 - sine**2) / a**2 + sine**2 / b**2)


def slope(x: Array, thrust_n: float, loss: float, mass_kg: float, area_m2: float) -> Array:
    """d(x)/dt (6,) under thrust along the velocity, and drag by Mach number."""
    height = height_m(x)
    mach = float(np.linalg.norm(x[3:])) / speed_of_sound_m_s(height)
    speed = float(np.linalg.norm(x[3:]))
    drag = 0.5 * density_kg_m3(height) * speed**2 * area_m2 * drag_factor(mach)
    along = thrust_n * (1.0 - loss * math.exp(-max(height, 0.0) / PRESSURE_SCALE_M)) - drag
    return motion(x, along / mass_kg, 0.0)


def tip_over(vehicle: Vehicle, site: Site) -> Array:
    """The state (6,) at the end of the vertical rise, just tipped over."""
    east, north, up = enu_axes(site["latitude_rad"], site["longitude_rad"])
    pad = ecef_from_geodetic(site["latitude_rad"], site["longitude_rad"], site["height_m"])
    first = vehicle.stages[0]
    flow = first.propellant_kg / first.burn_s

    def held(t: float, state: Array) -> Array:
        mass_kg = vehicle.lift_off_kg - flow * t
        moved = slope(state, first.thrust_n, first.sea_level_loss, mass_kg, first.drag_area_m2)
        return np.concatenate((moved[:3], (moved[3:] @ up) * up))

    start = np.concatenate((pad, up))
    x = np.asarray(solve_ivp(held, (0.0, vehicle.vertical_rise_s), start, **STRICT).y[:, -1])
    azimuth, kick = site["azimuth_rad"], vehicle.kick_rad
    downrange = math.sin(azimuth) * east + math.cos(azimuth) * north
    x[3:] = np.linalg.norm(x[3:]) * (math.cos(kick) * up + math.sin(kick) * downrange)
    return x


def burn_out(vehicle: Vehicle, site: Site) -> tuple[float, Array]:
    """The end of the last burn: time since ignition, state (6,)."""
    x, begun_s = tip_over(vehicle, site), vehicle.vertical_rise_s
    left_kg, clock_s = vehicle.lift_off_kg, 0.0
    for index, stage in enumerate(vehicle.stages):
        flow = stage.propellant_kg / stage.burn_s
        pause_s = stage.coast_s + (vehicle.coast_s if index else 0.0)
        if pause_s:
            x = _run(clock_s, clock_s + pause_s, x, (0.0, 0.0, left_kg, stage.drag_area_m2), 0.0)
        clock_s += pause_s
        load = (stage.thrust_n, stage.sea_level_loss, left_kg + flow * clock_s, stage.drag_area_m2)
        ends_s = clock_s + stage.burn_s
        shed_s = vehicle.shroud_jettison_s if vehicle.shroud_kg else math.inf
        begin_s = max(clock_s, begun_s)
        if begin_s < shed_s < ends_s:
            x = _run(begin_s, shed_s, x, load, flow)
            load = (load[0], load[1], load[2] - vehicle.shroud_kg, load[3])
            left_kg -= vehicle.shroud_kg
            begin_s = shed_s
        x = _run(begin_s, ends_s, x, load, flow)
        clock_s = ends_s
        left_kg -= stage.propellant_kg + stage.structure_kg
    return clock_s, x


def impact(vehicle: Vehicle, clock_s: float, x: Array, ground_m: float) -> tuple[float, Array]:
    """Where and when the payload comes down, from burn-out."""

    def down(_: float, state: Array) -> float:
        return height_m(state) - ground_m

    down.terminal = True  # type: ignore[attr-defined]
    down.direction = -1.0  # type: ignore[attr-defined]
    area_m2 = vehicle.payload_kg / vehicle.ballistic_coefficient_kg_m2
    flown = solve_ivp(
        lambda _, state: slope(state, 0.0, 0.0, vehicle.payload_kg, area_m2),
        (clock_s, clock_s + 7200.0),
        x,
        events=down,
        **STRICT,
    )
    return float(flown.t_events[0][0]), np.asarray(flown.y_events[0][0])


def _run(
    begin_s: float, end_s: float, x: Array, load: tuple[float, float, float, float], flow: float
) -> Array:
    """Integrate through one burn or pause; ``load[2]`` is the mass drawn back to 0 s."""
    thrust_n, loss, mass_kg, area_m2 = load
    return np.asarray(
        solve_ivp(
            lambda t, state: slope(state, thrust_n, loss, mass_kg - flow * t, area_m2),
            (begin_s, end_s),
            x,
            **STRICT,
        ).y[:, -1]
    )
