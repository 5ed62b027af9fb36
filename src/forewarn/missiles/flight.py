"""Fly a generic vehicle: vertical rise, tip-over, gravity turn through all stages, fall or glide.

Thrust follows the velocity over the ground after the tip-over (zero angle of attack in still air),
as in Li and Jilkov, Survey of maneuvering target tracking, part II: ballistic target models, Proc.
SPIE 4473 (2001), section 4. The integration is `forewarn.kernels.trajectory`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import trajectory as kernel
from forewarn.kernels.flight import launch_state
from forewarn.missiles.environment import EARTH, Environment
from forewarn.missiles.phases import Happening, Phase, phases_of
from forewarn.missiles.trajectory import FlightEvent, FlightEventKind, FlightStatus, Trajectory
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

BOOST_SPACING_S = 0.5
COAST_SPACING_S = 2.0
WANDER_SPACING_S = kernel.WANDER_SPACING_S
LONGEST_FALL_S = 5400.0
_TOLERANCE = 5e-10  # of one step: a flight of 10,000 km ends within 1 m of one at 1e-12
_SKETCH_TOLERANCE = 1e-7
_MOST_EVENTS = 200  # a skipping glider passes few, an orbit four a turn
_LEAST_SPEED_M_S = 1.0  # on the pad, where thrust needs a direction to follow

_STATUS = {
    kernel.NOT_FINITE: (
        FlightStatus.NOT_FINITE,
        "it is not finite; look for a zero or nan in the vehicle or its site",
    ),
    kernel.STEP_TOO_SMALL: (
        FlightStatus.STEP_TOO_SMALL,
        "no step is small enough; look for a drag area or a thrust beyond all reason",
    ),
    kernel.TOO_MANY_STEPS: (
        FlightStatus.TOO_MANY_STEPS,
        "it takes too many steps; fly a shorter time, or look for a value beyond all reason",
    ),
    kernel.RECORD_FULL: (
        FlightStatus.RECORD_FULL,
        f"more than {_MOST_EVENTS} things happen; fly a shorter time",
    ),
}
_KINDS = {
    kernel.APOGEE: FlightEventKind.APOGEE,
    kernel.RISES_THROUGH: FlightEventKind.ENTERS_SPACE,
    kernel.FALLS_THROUGH: FlightEventKind.LEAVES_SPACE,
    kernel.GROUND: FlightEventKind.GROUND,
}


def fly(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    wander: Array | None = None,
    fails_at_s: float | None = None,
    environment: Environment = EARTH,
    longest_fall_s: float = LONGEST_FALL_S,
) -> Trajectory:
    """Fly ``vehicle`` from a site until it is down at the site's height, or for so long a fall.

    Azimuth is clockwise from north. ``wander`` (n, 2) is how the thrust strays from the ideal
    every `WANDER_SPACING_S` since ignition, growing to its full size between once and twice
    200 m/s: by a fraction of itself, and upward by an angle [rad] in the plane of flight. The last
    row holds on. ``fails_at_s``: the thrust ends then for good, and the rest falls in one piece. A
    vehicle that comes down while it burns ends there. A flight that fails numerically is returned
    as far as it got, and says so. Raises ValueError when the vehicle cannot lift itself.
    """
    phases = phases_of(vehicle, fails_at_s=fails_at_s, longest_fall_s=longest_fall_s)
    spacings_s = [COAST_SPACING_S if p.is_coast else BOOST_SPACING_S for p in phases]
    x, axes = _pad(latitude_rad, longitude_rad, height_m, azimuth_rad, environment)
    return _flown(
        x,
        phases,
        spacings_s,
        _flight(environment, height_m, _TOLERANCE, wander, axes),
        radar_cross_section_m2=vehicle.radar_cross_section_m2,
    )


def sketch(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    wander: Array | None = None,
    environment: Environment = EARTH,
) -> Trajectory:
    """Return a flight as `fly` does, states at its events alone, some metres off: for searching."""
    phases = phases_of(vehicle, longest_fall_s=LONGEST_FALL_S)
    x, axes = _pad(latitude_rad, longitude_rad, height_m, azimuth_rad, environment)
    return _flown(
        x,
        phases,
        [math.inf] * len(phases),
        _flight(environment, height_m, _SKETCH_TOLERANCE, wander, axes),
        radar_cross_section_m2=vehicle.radar_cross_section_m2,
    )


def fall(
    position_ecef_m: Array,
    velocity_ecef_m_s: Array,
    *,
    ballistic_coefficient_kg_m2: float,
    radar_cross_section_m2: float,
    ground_m: float = 0.0,
    environment: Environment = EARTH,
    longest_fall_s: float = LONGEST_FALL_S,
) -> Trajectory:
    """Return the fall of a body without thrust or lift, down to a height, or for so long.

    An infinite ballistic coefficient, mass / (hypersonic drag coefficient x area), is no drag.
    Failure is as in `fly`.
    """
    phase = Phase(longest_fall_s, 1.0, 1.0 / ballistic_coefficient_kg_m2, is_coast=True)
    return _flown(
        np.concatenate((position_ecef_m, velocity_ecef_m_s)),
        (phase,),
        [COAST_SPACING_S],
        _flight(environment, ground_m, _TOLERANCE, None, np.zeros((2, 3))),
        radar_cross_section_m2=radar_cross_section_m2,
    )


def _pad(
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    environment: Environment,
) -> tuple[Array, Array]:
    """State (6,) at the start, and the axes up and downrange (2, 3)."""
    x, axes = np.zeros(6), np.zeros((2, 3))
    launch_state(latitude_rad, longitude_rad, height_m, azimuth_rad, x, axes)
    a, b = environment.semi_major_axis_m, environment.semi_minor_axis_m
    up = axes[0]
    # Vallado, 4th ed., eq. 3-7: the normal's length to the axis, in the ellipsoid flown over.
    n = a / math.sqrt(1.0 - (1.0 - (b / a) ** 2) * up[2] ** 2)
    x[:3] = (n + height_m) * up[0], (n + height_m) * up[1], (n * (b / a) ** 2 + height_m) * up[2]
    x[3:] = _LEAST_SPEED_M_S * up
    return x, axes


def _flight(
    environment: Environment, ground_m: float, tolerance: float, wander: Array | None, axes: Array
) -> kernel.Flight:
    """A flight without phases or record yet."""
    return kernel.Flight(
        phases=np.zeros((0, kernel.PHASE_COLUMNS)),
        earth=environment.earth_row(),
        wind=environment.wind_rows(),
        wander=np.zeros((0, 2)) if wander is None else np.ascontiguousarray(wander),
        axes=axes,
        ground_m=ground_m,
        tolerance=tolerance,
        rows=np.zeros((0, 8)),
        events=np.zeros((_MOST_EVENTS, kernel.EVENT_COLUMNS)),
    )


def _flown(
    x: Array,
    phases: tuple[Phase, ...],
    spacings_s: Sequence[float],
    flight: kernel.Flight,
    *,
    radar_cross_section_m2: float,
) -> Trajectory:
    """Fly x (6,) through the phases and put the record into words."""
    ends_s = np.array([phase.end_s for phase in phases])
    samples = np.maximum(np.diff(ends_s, prepend=0.0), 0.0) / np.array(spacings_s)
    # A phase that stops at a height leaves its time to the next.
    most = int(np.ceil(samples.sum() + (len(phases) - 1) * samples[-1])) + 4 * len(phases)
    flight = flight._replace(
        phases=np.array([p.row(s) for p, s in zip(phases, spacings_s, strict=True)]),
        rows=np.empty((most + _MOST_EVENTS, 8)),
    )
    status, row_count, event_count = kernel.fly(x, flight, kernel.work_space())
    rows = flight.rows[:row_count]
    events = _events(flight, event_count, phases)
    how, reason = _STATUS.get(status, (FlightStatus.COMPLETE, ""))
    return Trajectory(
        times_s=rows[:, 0].copy(),
        position_ecef_m=rows[:, 1:4].copy(),
        velocity_ecef_m_s=rows[:, 4:7].copy(),
        intensity_w_sr=np.array([p.intensity_w_sr for p in phases])[rows[:, 7].astype(np.int64)],
        radar_cross_section_m2=radar_cross_section_m2,
        burnout_s=_burnout_s(rows, phases),
        came_down=status == kernel.DOWN,
        status=how,
        reason=reason,
        events=events,
    )


def _burnout_s(rows: Array, phases: tuple[Phase, ...]) -> float:
    """The last instant at which anything burnt."""
    burns = np.array([phase.thrust_n > 0.0 for phase in phases])[rows[:, 7].astype(np.int64)]
    return float(rows[burns, 0][-1]) if burns.any() else 0.0


def _events(
    flight: kernel.Flight, count: int, phases: tuple[Phase, ...]
) -> tuple[FlightEvent, ...]:
    """The events in words; the end of a phase is what ends with it and what begins after it."""
    found = [
        FlightEvent(kind, stage, 0.0, flight.rows[0, 1:4].copy(), flight.rows[0, 4:7].copy())
        for kind, stage in phases[0].begins
    ]
    for row in flight.events[:count]:
        phase = int(row[1])
        happenings: tuple[Happening, ...]
        if row[0] != kernel.PHASE_END:
            happenings = ((_KINDS[int(row[0])], None),)
        elif phase + 1 < len(phases):
            happenings = phases[phase].ends + phases[phase + 1].begins
        else:
            happenings = phases[phase].ends
        found += [
            FlightEvent(kind, stage, float(row[2]), row[3:6].copy(), row[6:9].copy())
            for kind, stage in happenings
        ]
    return tuple(found)
