"""What a physical event can be: the one place where every decoder has its ranges checked.

A codec proves the shape of a record; these functions ask whether the numbers can be true of the
world. They return a sentence about the first thing wrong, or None.
"""

from __future__ import annotations

import math
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from forewarn.records import (
    OPERATOR_ACTIONS,
    VEHICLE_CLASSES,
    Beams,
    Cone,
    Event,
    InfraredMeasurement,
    Measurement,
    Notice,
    OperatorAction,
    RadarMeasurement,
    Scan,
    Sector,
    SensorStatus,
    Unreadable,
)

# A sensor's clock may run ahead of ours, so a scan may seem to arrive before it was made.
CLOCK_TOLERANCE_NS = 5_000_000_000
# One nanosecond count past either end would not fit the 64 bits of journals and arrays.
_EARLIEST_TAI_NS = 0
LATEST_TAI_NS = 2**63 - 1
_LONGEST_SCAN_NS = 3_600_000_000_000
_LONGEST_TEXT = 2_000
_FARTHEST_M = 1e9
_FASTEST_M_S = 1e5
_MOST_BEAMS = 100_000  # in one scan
_UNIT_TOLERANCE = 1e-6
_HALF_TURN_RAD = math.pi
_TURN_RAD = 2.0 * math.pi
# A multiple of pi may be rounded up on its way through another program.
_ANGLE_TOLERANCE_RAD = 1e-9

Check = tuple[str, float, float, float]

# What lies strictly inside these is in range, whatever the rounding of its bounds.
_INFRARED_SPAN = {
    "right_ascension_rad": (-_HALF_TURN_RAD, _TURN_RAD),
    "declination_rad": (-_HALF_TURN_RAD / 2.0, _HALF_TURN_RAD / 2.0),
    "irradiance_w_m2": (0.0, 1e4),
    "snr": (0.0, 1e15),
}
_RADAR_SPAN = {
    "range_m": (0.0, _FARTHEST_M),
    "azimuth_rad": (-_HALF_TURN_RAD, _TURN_RAD),
    "elevation_rad": (-_HALF_TURN_RAD / 2.0, _HALF_TURN_RAD / 2.0),
    "range_rate_m_s": (-_FASTEST_M_S, _FASTEST_M_S),
    "snr": (0.0, 1e15),
}


def _first_outside(checks: tuple[Check, ...]) -> str | None:
    for name, value, least, most in checks:
        if not least <= value <= most:
            return f"{name} = {value:.9g} is outside {least:.9g} to {most:.9g}"
    return None


def _angle(name: str, value_rad: float, least_rad: float, most_rad: float) -> Check:
    return (name, value_rad, least_rad - _ANGLE_TOLERANCE_RAD, most_rad + _ANGLE_TOLERANCE_RAD)


def _instant(name: str, value_tai_ns: int) -> str | None:
    if not _EARLIEST_TAI_NS <= value_tai_ns <= LATEST_TAI_NS:
        return f"{name} = {value_tai_ns} is not nanoseconds of TAI since 1970"
    return None


def _text(name: str, value: str) -> str | None:
    if not 1 <= len(value) <= _LONGEST_TEXT:
        return f"{name} has {len(value)} characters: 1 to {_LONGEST_TEXT} are allowed"
    return None


def measurement_problem(measurement: Measurement) -> str | None:
    """Return what cannot be true of one measurement, or None."""
    if isinstance(measurement, InfraredMeasurement):
        outside = _first_outside(
            (
                _angle(
                    "right_ascension_rad",
                    measurement.right_ascension_rad,
                    -_HALF_TURN_RAD,
                    _TURN_RAD,
                ),
                _angle(
                    "declination_rad",
                    measurement.declination_rad,
                    -_HALF_TURN_RAD / 2.0,
                    _HALF_TURN_RAD / 2.0,
                ),
                ("irradiance_w_m2", measurement.irradiance_w_m2, 0.0, 1e4),
                ("snr", measurement.snr, 0.0, 1e15),
            )
        )
    else:
        outside = _radar_problem(measurement)
    return (
        outside
        or _text("measurement_id", measurement.measurement_id)
        or _instant("seen_tai_ns", measurement.seen_tai_ns)
    )


def _radar_problem(measurement: RadarMeasurement) -> str | None:
    if measurement.range_m <= 0.0:
        return f"range_m = {measurement.range_m:.9g} must be more than 0"
    quarter_rad = _HALF_TURN_RAD / 2.0
    return _first_outside(
        (
            ("range_m", measurement.range_m, 0.0, _FARTHEST_M),
            _angle("azimuth_rad", measurement.azimuth_rad, -_HALF_TURN_RAD, _TURN_RAD),
            _angle("elevation_rad", measurement.elevation_rad, -quarter_rad, quarter_rad),
            ("range_rate_m_s", measurement.range_rate_m_s, -_FASTEST_M_S, _FASTEST_M_S),
            ("snr", measurement.snr, 0.0, 1e15),
        )
    )


def belongs_problem(scan: Scan, measurement: Measurement) -> str | None:
    """Return why a measurement cannot be part of its scan (sort of sensor, time), or None."""
    infrared = isinstance(measurement, InfraredMeasurement)
    if infrared != isinstance(scan.volume, Cone):
        return "an infrared measurement belongs to a cone and a radar's to a sector"
    earliest = scan.start_tai_ns - CLOCK_TOLERANCE_NS
    latest = scan.end_tai_ns + CLOCK_TOLERANCE_NS
    if not earliest <= measurement.seen_tai_ns <= latest:
        return "seen_tai_ns lies outside the time of its scan"
    return None


def suspects(scan: Scan, measurements: tuple[Measurement, ...]) -> NDArray[np.intp]:
    """Indices (k,) of those measurements in which there may be a problem, found all at once.

    For the others `measurement_problem` and `belongs_problem` are None; for a suspect they may be.
    """
    if not measurements:
        return np.zeros(0, dtype=np.intp)
    kinds = set(map(type, measurements))
    expected = InfraredMeasurement if isinstance(scan.volume, Cone) else RadarMeasurement
    if kinds != {expected}:
        return np.arange(len(measurements))
    span = _INFRARED_SPAN if expected is InfraredMeasurement else _RADAR_SPAN
    count = len(measurements)
    good = np.ones(count, dtype=np.bool_)
    for name, (least, most) in span.items():
        values = np.fromiter(map(attrgetter(name), measurements), np.float64, count)
        good &= (values > least) & (values < most)
    try:
        seen = np.fromiter(map(attrgetter("seen_tai_ns"), measurements), np.int64, count)
    except OverflowError:
        return np.arange(count)
    good &= seen >= max(_EARLIEST_TAI_NS, scan.start_tai_ns - CLOCK_TOLERANCE_NS)
    good &= seen <= scan.end_tai_ns + CLOCK_TOLERANCE_NS
    length = np.fromiter((len(m.measurement_id) for m in measurements), np.int64, count)
    good &= (length >= 1) & (length <= _LONGEST_TEXT)
    return np.flatnonzero(~good)


def event_problem(event: Event) -> str | None:
    """Return what cannot be true of an event, or None. A scan's measurements are not looked at."""
    if isinstance(event, Scan):
        problem = _scan_problem(event)
    elif isinstance(event, Notice):
        problem = _notice_problem(event)
    elif isinstance(event, OperatorAction):
        problem = _action_problem(event)
    elif isinstance(event, SensorStatus):
        problem = _text("sensor_id", event.sensor_id) or _text("status_id", event.status_id)
    elif isinstance(event, Unreadable):
        problem = _text("unreadable_id", event.unreadable_id)
    else:
        problem = _text("tick_id", event.tick_id)
    return problem or _instant("received_tai_ns", event.received_tai_ns)


def _scan_problem(scan: Scan) -> str | None:
    problem = (
        _text("scan_id", scan.scan_id)
        or _text("sensor_id", scan.sensor_id)
        or _instant("start_tai_ns", scan.start_tai_ns)
        or _instant("end_tai_ns", scan.end_tai_ns)
    )
    if problem:
        return problem
    if not 0 <= scan.sequence < 2**63:
        return f"sequence = {scan.sequence} must count up from 0"
    if not scan.start_tai_ns <= scan.end_tai_ns <= scan.start_tai_ns + _LONGEST_SCAN_NS:
        return "end_tai_ns must be at or after start_tai_ns, by an hour at most"
    if scan.received_tai_ns < scan.end_tai_ns - CLOCK_TOLERANCE_NS:
        return "received_tai_ns is before end_tai_ns: check the sensor's clock"
    if not 0.0 < scan.sensitivity < math.inf:
        return f"sensitivity = {scan.sensitivity:.9g} must be more than 0"
    return _volume_problem(scan)


def _volume_problem(scan: Scan) -> str | None:
    if isinstance(scan.volume, Sector | Beams):
        if scan.position_gcrf_m is not None or scan.velocity_gcrf_m_s is not None:
            return "a ground radar's scan has no position or velocity: its site is in the network"
        if isinstance(scan.volume, Beams):
            return _beams_problem(scan, scan.volume)
        return _sector_problem(scan.volume)
    length = math.hypot(*scan.volume.axis_gcrf)
    if not abs(length - 1.0) <= _UNIT_TOLERANCE:
        return f"volume.axis_gcrf has the length {length:.9g}: it must be a unit vector"
    if scan.position_gcrf_m is None or scan.velocity_gcrf_m_s is None:
        return "a satellite's scan needs position_gcrf_m and velocity_gcrf_m_s"
    distance_m = math.hypot(*scan.position_gcrf_m)
    speed_m_s = math.hypot(*scan.velocity_gcrf_m_s)
    return _first_outside(
        (
            _angle("volume.half_angle_rad", scan.volume.half_angle_rad, 0.0, _HALF_TURN_RAD),
            ("length of position_gcrf_m", distance_m, 6.4e6, _FARTHEST_M),
            ("length of velocity_gcrf_m_s", speed_m_s, 0.0, _FASTEST_M_S),
        )
    )


def _sector_problem(sector: Sector) -> str | None:
    quarter_rad = _HALF_TURN_RAD / 2.0
    if sector.elevation_min_rad > sector.elevation_max_rad:
        return "volume.elevation_min_rad is above elevation_max_rad"
    return _first_outside(
        (
            _angle("volume.azimuth_min_rad", sector.azimuth_min_rad, -_TURN_RAD, 2 * _TURN_RAD),
            _angle("volume.azimuth_max_rad", sector.azimuth_max_rad, -_TURN_RAD, 2 * _TURN_RAD),
            _angle("volume.elevation_min_rad", sector.elevation_min_rad, -quarter_rad, quarter_rad),
            _angle("volume.elevation_max_rad", sector.elevation_max_rad, -quarter_rad, quarter_rad),
            ("volume.range_max_m", sector.range_max_m, 1.0, _FARTHEST_M),
        )
    )


def _beams_problem(scan: Scan, beams: Beams) -> str | None:
    count = len(beams.seen_tai_ns)
    if not len(beams.azimuth_rad) == len(beams.elevation_rad) == count:
        return "volume has not as many azimuth_rad and elevation_rad as seen_tai_ns"
    if not 1 <= count <= _MOST_BEAMS:
        return f"volume has {count} beams: 1 to {_MOST_BEAMS} are allowed"
    quarter_rad = _HALF_TURN_RAD / 2.0
    problem = _first_outside(
        (
            _angle("volume.half_width_rad", beams.half_width_rad, 0.0, _HALF_TURN_RAD),
            ("volume.range_max_m", beams.range_max_m, 1.0, _FARTHEST_M),
            *(
                _angle(f"volume.azimuth_rad, {word},", value_rad, -_TURN_RAD, 2 * _TURN_RAD)
                for word, value_rad in _extremes(beams.azimuth_rad)
            ),
            *(
                _angle(f"volume.elevation_rad, {word},", value_rad, -quarter_rad, quarter_rad)
                for word, value_rad in _extremes(beams.elevation_rad)
            ),
        )
    )
    earliest = scan.start_tai_ns - CLOCK_TOLERANCE_NS
    latest = scan.end_tai_ns + CLOCK_TOLERANCE_NS
    if (
        problem is None
        and not earliest <= min(beams.seen_tai_ns) <= max(beams.seen_tai_ns) <= latest
    ):
        return "volume.seen_tai_ns lies outside the time of the scan"
    return problem


def _extremes(values: tuple[float, ...]) -> tuple[tuple[str, float], ...]:
    """The least and the greatest; a value that is no number comes out as both."""
    total = sum(values)
    if math.isnan(total):
        return (("one", math.nan),)
    return (("the least", min(values)), ("the greatest", max(values)))


def _notice_problem(notice: Notice) -> str | None:
    if notice.vehicle_class not in VEHICLE_CLASSES:
        return f"vehicle_class '{notice.vehicle_class[:40]}': use {', '.join(VEHICLE_CLASSES)}"
    if not notice.window_start_tai_ns < notice.window_end_tai_ns:
        return "window_end_tai_ns must be after window_start_tai_ns"
    azimuth_rad = 0.0 if notice.azimuth_rad is None else notice.azimuth_rad
    quarter_rad = _HALF_TURN_RAD / 2.0
    return (
        _first_outside(
            (
                _angle("latitude_rad", notice.latitude_rad, -quarter_rad, quarter_rad),
                _angle("longitude_rad", notice.longitude_rad, -_HALF_TURN_RAD, _TURN_RAD),
                _angle("azimuth_rad", azimuth_rad, -_HALF_TURN_RAD, _TURN_RAD),
                ("radius_m", notice.radius_m, 0.0, 2.1e7),
            )
        )
        or _text("notice_id", notice.notice_id)
        or _text("source", notice.source)
        or _instant("window_start_tai_ns", notice.window_start_tai_ns)
        or _instant("window_end_tai_ns", notice.window_end_tai_ns)
    )


def _action_problem(action: OperatorAction) -> str | None:
    if action.action not in OPERATOR_ACTIONS:
        return f"action '{action.action[:40]}' is not known: use {', '.join(OPERATOR_ACTIONS)}"
    return (
        _text("action_id", action.action_id)
        or _text("operator", action.operator)
        or _text("case_id", action.case_id)
        or _text("reason", action.reason)
    )
