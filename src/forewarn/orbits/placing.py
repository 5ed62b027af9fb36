"""Element sets placed over the turning Earth: notional satellites, and history's at another date.

These are for scenarios and studies. Places are kept by Greenwich mean sidereal time with UT1
taken as UTC (at most 0.9 s, 0.004 degrees apart). Mean motions that keep a ground track come from
the secular rates of J2 (Kozai, Astronomical Journal 64, 1959; Kozai's mean motion, as SGP4 takes
it, is the rate of the mean anomaly).
"""

from __future__ import annotations

import math
from typing import Literal

import erfa
import msgspec

from forewarn.epoch import utc_julian_date, utc_text_from_tai_ns
from forewarn.orbits.elements import Elements

# WGS 72, the constants of SGP4 (AIAA 2006-6753, table 1).
_GRAVITATIONAL_PARAMETER_M3_S2 = 3.986008e14
_EARTH_RADIUS_M = 6_378_135.0
_J2 = 1.082616e-3

_SIDEREAL_RATE_RAD_S = 7.292115855e-5  # d(GMST)/d(UT1) at J2000: Aoki et al., A&A 105, 1982
_CRITICAL_INCLINATION_RAD = math.acos(math.sqrt(0.2))  # the perigee of a Molniya orbit stays
_MOLNIYA_ECCENTRICITY = 0.72


def perigee_height_m(elements: Elements) -> float:
    """Return the height [m] of the mean orbit's perigee above the equator's radius."""
    axis_m = _semi_major_axis_m(elements.mean_motion_rad_s)
    return axis_m * (1.0 - elements.eccentricity) - _EARTH_RADIUS_M


def notional(
    name: str,
    epoch_tai_ns: int,
    *,
    semi_major_axis_m: float,
    eccentricity: float,
    inclination_rad: float,
    right_ascension_rad: float,
    argument_of_perigee_rad: float,
    mean_anomaly_rad: float,
    catalogue_number: int = 0,
) -> Elements:
    """Return the elements of a satellite that does not exist, from classical mean values.

    No drag. Raises ValueError for an orbit that is not an ellipse clear of the Earth.
    """
    if not 0.0 <= eccentricity < 1.0:
        raise ValueError(f"{name!r} has eccentricity {eccentricity}: it runs from 0 to below 1")
    lowest_m = semi_major_axis_m * (1.0 - eccentricity) - _EARTH_RADIUS_M
    if not lowest_m > 0.0:
        raise ValueError(
            f"{name!r} has its perigee {lowest_m:.0f} m above the equator's radius: "
            "raise semi_major_axis_m or lower eccentricity"
        )
    return Elements(
        object_name=name,
        catalogue_number=catalogue_number,
        epoch_tai_ns=epoch_tai_ns,
        inclination_rad=inclination_rad,
        right_ascension_rad=right_ascension_rad % (2.0 * math.pi),
        eccentricity=eccentricity,
        argument_of_perigee_rad=argument_of_perigee_rad % (2.0 * math.pi),
        mean_anomaly_rad=mean_anomaly_rad % (2.0 * math.pi),
        mean_motion_rad_s=math.sqrt(_GRAVITATIONAL_PARAMETER_M3_S2 / semi_major_axis_m**3),
        bstar_per_earth_radius=0.0,
        origin="notional",
    )


def geostationary(name: str, longitude_rad: float, epoch_tai_ns: int) -> Elements:
    """Return a notional satellite that stays over the equator at a longitude (east positive).

    It keeps the longitude to 0.1 degrees for a day and more; nothing keeps its station for ever.
    """
    # Mean longitude = node + perigee + mean anomaly; at zero inclination and eccentricity the
    # first two together advance by 3/2 J2 (R/a)^2 n.
    semi_major_axis_m = _semi_major_axis_m(_SIDEREAL_RATE_RAD_S)
    advance = 1.5 * _J2 * (_EARTH_RADIUS_M / semi_major_axis_m) ** 2
    return notional(
        name,
        epoch_tai_ns,
        semi_major_axis_m=_semi_major_axis_m(_SIDEREAL_RATE_RAD_S / (1.0 + advance)),
        eccentricity=0.0,
        inclination_rad=0.0,
        right_ascension_rad=0.0,
        argument_of_perigee_rad=0.0,
        mean_anomaly_rad=longitude_rad + _sidereal_angle_rad(epoch_tai_ns),
    )


def molniya(name: str, apogee_longitude_rad: float, apogee_tai_ns: int) -> Elements:
    """Return a notional satellite in a 12-hour, highly inclined, eccentric orbit.

    At ``apogee_tai_ns``, its epoch, it stands at its northern apogee over the longitude (east
    positive); it returns there every second revolution. Constellations stagger the apogee times.
    """
    rate_rad_s = 2.0 * _SIDEREAL_RATE_RAD_S
    parameter_m = _semi_major_axis_m(rate_rad_s) * (1.0 - _MOLNIYA_ECCENTRICITY**2)
    # The node's drift by J2 is made up for: two revolutions a day of the node, not of the stars.
    node_drift_rad_s = (
        -1.5
        * _J2
        * (_EARTH_RADIUS_M / parameter_m) ** 2
        * rate_rad_s
        * math.cos(_CRITICAL_INCLINATION_RAD)
    )
    return notional(
        name,
        apogee_tai_ns,
        semi_major_axis_m=_semi_major_axis_m(rate_rad_s - 2.0 * node_drift_rad_s),
        eccentricity=_MOLNIYA_ECCENTRICITY,
        inclination_rad=_CRITICAL_INCLINATION_RAD,
        # Apogee is a quarter turn after the node when perigee is three quarters after it.
        right_ascension_rad=apogee_longitude_rad
        + _sidereal_angle_rad(apogee_tai_ns)
        - 0.5 * math.pi,
        argument_of_perigee_rad=1.5 * math.pi,
        mean_anomaly_rad=math.pi,
    )


def reepoch(
    elements: Elements,
    tai_ns: int,
    *,
    keep: Literal["earth_fixed", "inertial"] = "earth_fixed",
    mean_anomaly_rad: float | None = None,
) -> Elements:
    """Return a historical element set moved to another date, and marked so in ``origin``.

    With ``keep="earth_fixed"`` the node turns by the difference in sidereal time, so that at the
    new epoch the satellite stands over the same place as at the old; with ``"inertial"`` the orbit
    stays as it is among the stars. A ``mean_anomaly_rad`` puts the satellite elsewhere on
    its orbit, to phase a constellation. Where Moon and Sun matter (periods above 225 minutes),
    their places differ between the dates and the point moves by some hundredths of a degree (tenths
    where a satellite is fast, near the perigee of a Molniya orbit).
    """
    node_rad = elements.right_ascension_rad
    changed = "node kept among the stars"
    if keep == "earth_fixed":
        node_rad += _sidereal_angle_rad(tai_ns) - _sidereal_angle_rad(elements.epoch_tai_ns)
        changed = "node shifted to keep the ground track"
    if mean_anomaly_rad is None:
        mean_anomaly_rad = elements.mean_anomaly_rad
    else:
        changed += ", mean anomaly chosen"
    old_date = utc_text_from_tai_ns(elements.epoch_tai_ns)[:10]
    return msgspec.structs.replace(
        elements,
        epoch_tai_ns=tai_ns,
        right_ascension_rad=node_rad % (2.0 * math.pi),
        mean_anomaly_rad=mean_anomaly_rad % (2.0 * math.pi),
        origin=f"{elements.origin}; re-epoched from {old_date}, {changed}",
    )


def _semi_major_axis_m(mean_motion_rad_s: float) -> float:
    """Return the axis of Kepler's third law."""
    return math.cbrt(_GRAVITATIONAL_PARAMETER_M3_S2 / mean_motion_rad_s**2)


def _sidereal_angle_rad(tai_ns: int) -> float:
    """Return Greenwich mean sidereal time (IAU 1982, as in TEME), with UT1 taken as UTC."""
    return float(erfa.gmst82(*utc_julian_date(tai_ns)))
