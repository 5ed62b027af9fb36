"""Where the Sun and the Moon stand, seen from the Earth's centre, in the GCRF.

The Sun is minus the heliocentric Earth of ERFA's ``epv00`` (VSOP2000 shortened: within 11 km of
JPL DE405 from 1900 to 2100), the Moon is ERFA's ``moon98`` (Meeus, Astronomical Algorithms, 2nd
edition, chapter 47: 2.9 arcseconds root mean square and 18 at worst against ELP/MPP02). Both are
apparent places: the relative position one light time earlier, which is light time and annual
aberration together. What remains for a place on the ground is parallax, which
``range_azimuth_elevation`` takes into account, aberration by the Earth's turning (0.3 arcseconds)
and refraction.

Instants are one ``int`` or an array (k,) of TAI nanoseconds; negative ones lie before 1970.
"""

from __future__ import annotations

import erfa
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import ASTRONOMICAL_UNIT_M, SPEED_OF_LIGHT_M_S
from forewarn.epoch import DAY_NS, tt_julian_date

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_LIGHT_DAYS_PER_M = 1.0 / (SPEED_OF_LIGHT_M_S * 86_400.0)


def sun_gcrf_m(tai_ns: int | Instants) -> Array:
    """Return the apparent position [m] of the Sun: (3,) of one instant, (k, 3) of an array."""
    day, fraction = _tt(tai_ns)
    late_m = _sun_geometric_m(day, fraction)
    return _sun_geometric_m(day, fraction - _light_days(late_m))


def moon_gcrf_m(tai_ns: int | Instants) -> Array:
    """Return the apparent position [m] of the Moon: (3,) of one instant, (k, 3) of an array."""
    day, fraction = _tt(tai_ns)
    late_m = _moon_geometric_m(day, fraction)
    return _moon_geometric_m(day, fraction - _light_days(late_m))


def _sun_geometric_m(day: float, fraction: Array) -> Array:
    earth, _ = erfa.epv00(day, fraction)
    position_gcrf_m: Array = -ASTRONOMICAL_UNIT_M * earth["p"]
    return position_gcrf_m


def _moon_geometric_m(day: float, fraction: Array) -> Array:
    position_gcrf_m: Array = ASTRONOMICAL_UNIT_M * erfa.moon98(day, fraction)["p"]
    return position_gcrf_m


def _light_days(position_gcrf_m: Array) -> Array:
    range_m: Array = np.sqrt(np.sum(position_gcrf_m * position_gcrf_m, axis=-1))
    return range_m * _LIGHT_DAYS_PER_M


def _tt(tai_ns: int | Instants) -> tuple[float, Array]:
    """Return one day boundary of Terrestrial Time and the days since then, exact to 0.1 ms."""
    instants = np.asarray(tai_ns, dtype=np.int64)
    first = int(instants.flat[0]) if instants.size else 0
    day, fraction = tt_julian_date(first)
    return day, fraction + (instants - first) / DAY_NS
