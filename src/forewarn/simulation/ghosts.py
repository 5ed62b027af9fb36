"""Launches that were never made: flown like real ones, for the sensors that invent them alone.

All that shapes a real sighting (cloud, noise, fading, track looks) so shapes a false one too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forewarn.epoch import SECOND_NS
from forewarn.simulation.faults import GhostLaunches
from forewarn.simulation.launches import launched
from forewarn.simulation.scenario import Dispersion, FlownLaunch, Scenario
from forewarn.simulation.truth_object import TruthObject


def turned(target: TruthObject, angle_rad: float, delay_ns: int, launch_id: str) -> TruthObject:
    """Return the same flight elsewhere: later, and turned about the Earth's axis to the east.

    Exact: gravity of zonal terms, the ellipsoid and the air turn into themselves.
    """
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    matrix = np.array(((cosine, -sine, 0.0), (sine, cosine, 0.0), (0.0, 0.0, 1.0)))
    path = target.trajectory
    return replace(
        target,
        launch_id=launch_id,
        launch_tai_ns=target.launch_tai_ns + delay_ns,
        longitude_rad=float((target.longitude_rad + angle_rad + np.pi) % (2.0 * np.pi) - np.pi),
        trajectory=replace(
            path,
            position_ecef_m=path.position_ecef_m @ matrix.T,
            velocity_ecef_m_s=path.velocity_ecef_m_s @ matrix.T,
        ),
    )


def ghosts(
    fault: GhostLaunches, names: tuple[str, ...], scenario: Scenario
) -> tuple[TruthObject, ...]:
    """Return the launches that a fault of a scenario invents; ``names`` begin their ids.

    Raises ShapingError when the vehicle cannot reach the range and apogee stated.
    """
    name = "/".join(names)
    launch = FlownLaunch(
        launch_id=name,
        time_tai_ns=scenario.start_tai_ns if fault.from_tai_ns is None else fault.from_tai_ns,
        latitude_rad=fault.latitude_rad,
        longitude_rad=fault.longitude_rad,
        height_m=fault.height_m,
        azimuth_rad=fault.azimuth_rad,
        vehicle=fault.vehicle,
        range_m=fault.range_m,
        apogee_m=fault.apogee_m,
        dispersion=Dispersion(),
    )
    first = launched(launch, seed=scenario.seed)[0]
    interval_ns = round(fault.interval_s * SECOND_NS)
    launches = (
        turned(first, i * fault.spacing_rad, i * interval_ns, f"{name}/{i}")
        for i in range(fault.number)
    )
    cut = (_cut(launch, fault.until_tai_ns) for launch in launches)
    return tuple(launch for launch in cut if launch is not None)


def _cut(target: TruthObject, until_tai_ns: int | None) -> TruthObject | None:
    """Return the flight with its end at an instant, or None if less than two states are left."""
    if until_tai_ns is None:
        return target
    path = target.trajectory
    left_s = (until_tai_ns - target.launch_tai_ns) / SECOND_NS
    kept = int(np.searchsorted(path.times_s, left_s, side="left"))
    if kept < 2 or kept == len(path.times_s):
        return target if kept >= 2 else None
    return replace(
        target,
        trajectory=replace(
            path,
            times_s=path.times_s[:kept],
            position_ecef_m=path.position_ecef_m[:kept],
            velocity_ecef_m_s=path.velocity_ecef_m_s[:kept],
            intensity_w_sr=path.intensity_w_sr[:kept],
            burnout_s=min(path.burnout_s, float(path.times_s[kept - 1])),
            came_down=False,
        ),
    )
