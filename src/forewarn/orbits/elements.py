"""Mean elements of an Earth satellite in the SGP4 theory (TEME of epoch), as data."""

from __future__ import annotations

import msgspec


class Elements(msgspec.Struct, frozen=True, kw_only=True):
    """Brouwer mean elements as SGP4 takes them.

    ``origin`` says where they come from and what was changed.
    """

    object_name: str
    catalogue_number: int
    epoch_tai_ns: int
    inclination_rad: float
    right_ascension_rad: float
    eccentricity: float
    argument_of_perigee_rad: float
    mean_anomaly_rad: float
    mean_motion_rad_s: float
    bstar_per_earth_radius: float
    origin: str
