"""The units that files are written in, known by the ending of a field's name, and their SI values.

A file says ``range_km: 2700``; the record says ``range_m = 2_700_000.0``. The ending of the name
is the only place where a unit is stated, so the two cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec


class Unit(msgspec.Struct, frozen=True):
    """A unit of the files: the ending of its SI name, and the conversion to it."""

    si_suffix: str
    words: str
    to_si: Callable[[float], float]


def _as_it_is(value: float) -> float:
    return value


def _times(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


def _over(divisor: float) -> Callable[[float], float]:
    # Dividing by an exact power of ten rounds once; multiplying by 1e-3 would round twice.
    return lambda value: value / divisor


def _ratio_from_db(value_db: float) -> float:
    return float(10.0 ** (value_db / 10.0))


_UNITS = {
    "_deg": Unit("_rad", "degrees", math.radians),
    "_mrad": Unit("_rad", "milliradians", _over(1e3)),
    "_urad": Unit("_rad", "microradians", _over(1e6)),
    "_rad": Unit("_rad", "radians", _as_it_is),
    "_km": Unit("_m", "kilometres", _times(1e3)),
    "_m": Unit("_m", "metres", _as_it_is),
    "_m2": Unit("_m2", "square metres", _as_it_is),
    "_ms": Unit("_s", "milliseconds", _over(1e3)),
    "_us": Unit("_s", "microseconds", _over(1e6)),
    "_s": Unit("_s", "seconds", _as_it_is),
    "_m_s": Unit("_m_s", "metres per second", _as_it_is),
    "_km_s": Unit("_m_s", "kilometres per second", _times(1e3)),
    "_kw": Unit("_w", "kilowatts", _times(1e3)),
    "_w": Unit("_w", "watts", _as_it_is),
    "_w_sr": Unit("_w_sr", "watts per steradian", _as_it_is),
    "_kw_sr": Unit("_w_sr", "kilowatts per steradian", _times(1e3)),
    "_w_m2": Unit("_w_m2", "watts per square metre", _as_it_is),
    "_pw_m2": Unit("_w_m2", "picowatts per square metre", _over(1e12)),
    "_kg": Unit("_kg", "kilograms", _as_it_is),
    "_kg_m2": Unit("_kg_m2", "kilograms per square metre", _as_it_is),
    "_kn": Unit("_n", "kilonewtons", _times(1e3)),
    "_n": Unit("_n", "newtons", _as_it_is),
    "_k": Unit("_k", "kelvins", _as_it_is),
    "_hz": Unit("_hz", "hertz", _as_it_is),
    "_mhz": Unit("_hz", "megahertz", _times(1e6)),
    "_db": Unit("", "decibels", _ratio_from_db),
    "_tecu": Unit("_per_m2", "10^16 electrons per square metre", _times(1e16)),
    "_percent": Unit("_fraction", "per cent", _over(100.0)),
    "_rev_day": Unit("_rad_s", "revolutions per day", _times(2.0 * math.pi / 86_400.0)),
    "_utc": Unit("_tai_ns", "UTC, as text with its zone", _as_it_is),
}


def suffix_of(name: str) -> str:
    """Return the unit ending of a field's name, the longest that fits, or an empty text."""
    fitting = [suffix for suffix in _UNITS if name.endswith(suffix)]
    return max(fitting, key=len, default="")


def stem_of(name: str) -> str:
    """Return a field's name without its unit."""
    return name.removesuffix(suffix_of(name))


def unit_of(name: str) -> Unit | None:
    """Return the unit that a field's name ends in, or None."""
    return _UNITS.get(suffix_of(name))


def si_name(name: str) -> str:
    """Return the name of the record's field: ``range_km`` becomes ``range_m``."""
    unit = unit_of(name)
    return name if unit is None else stem_of(name) + unit.si_suffix
