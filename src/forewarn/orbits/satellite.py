"""A satellite: its elements, propagated by SGP4, in the frame one asks for.

The theory is the reference one (Vallado, Crawford, Hujsak, Kelso, "Revisiting Spacetrack Report
#3", AIAA 2006-6753) in the package ``sgp4``, with the WGS 72 constants that element sets are
fitted with, and in improved mode. Time since epoch is counted in SI seconds, so that a leap
second between the two moves nothing.
"""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS, WGS72, Satrec

from forewarn.epoch import SECOND_NS, utc_julian_date, utc_text_from_tai_ns
from forewarn.frames import EarthOrientation, ecef_state_from_teme, gcrf_state_from_teme
from forewarn.orbits.elements import Elements

Array = NDArray[np.float64]

_MINUTE_NS = 60 * SECOND_NS
_JULIAN_DATE_1949_12_31 = 2_433_281.5  # SGP4 counts its epoch in days from there
_IMPROVED_MODE = "i"


class PropagationError(ValueError):
    """SGP4 has no position to give: the orbit has decayed or left what the theory can describe.

    ``code`` is SGP4's (1 to 6); ``object_name``, ``epoch_tai_ns`` and ``tai_ns`` say of what, when.
    """

    def __init__(self, elements: Elements, tai_ns: int, code: int) -> None:
        self.code = code
        self.object_name = elements.object_name
        self.epoch_tai_ns = elements.epoch_tai_ns
        self.tai_ns = tai_ns
        since_min = (tai_ns - elements.epoch_tai_ns) / _MINUTE_NS
        super().__init__(
            f"SGP4 cannot propagate {elements.object_name!r} (catalogue number "
            f"{elements.catalogue_number}) to {since_min:.1f} min from its epoch "
            f"{utc_text_from_tai_ns(elements.epoch_tai_ns, 0)}: "
            f"{SGP4_ERRORS.get(code, 'unknown error')} (code {code}); "
            "use an element set whose epoch is nearer, or drop the object if it has decayed"
        )


def sgp4_record(elements: Elements) -> Satrec:
    """Return an element set as the package ``sgp4`` propagates it."""
    midnight, fraction = utc_julian_date(elements.epoch_tai_ns)
    record = Satrec()
    record.sgp4init(
        WGS72,
        _IMPROVED_MODE,
        0,  # the catalogue number plays no part, and this field cannot hold nine digits
        # Only sidereal time, Moon and Sun follow from it; rounded (40 us) as in the reference.
        midnight + fraction - _JULIAN_DATE_1949_12_31,
        elements.bstar_per_earth_radius,
        0.0,  # the derivatives of mean motion are not used by SGP4
        0.0,
        elements.eccentricity,
        elements.argument_of_perigee_rad,
        elements.inclination_rad,
        elements.mean_anomaly_rad,
        elements.mean_motion_rad_s * 60.0,
        elements.right_ascension_rad,
    )
    return record


@final
class Satellite:
    """An element set made ready for propagation. Asking for a state changes nothing."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self._satrec = sgp4_record(elements)

    def __reduce__(self) -> tuple[type[Satellite], tuple[Elements]]:
        """Travel between processes as the elements alone."""
        return Satellite, (self.elements,)

    def state_teme(self, tai_ns: int) -> tuple[Array, Array]:
        """Return position [m] and velocity [m/s] in SGP4's own frame, each [3].

        Raises PropagationError where SGP4 has no position.
        """
        minutes = (tai_ns - self.elements.epoch_tai_ns) / _MINUTE_NS
        code, position_km, velocity_km_s = self._satrec.sgp4_tsince(minutes)
        if code:
            raise PropagationError(self.elements, tai_ns, code)
        return np.array(position_km) * 1e3, np.array(velocity_km_s) * 1e3

    def state_gcrf(self, tai_ns: int, orientation: EarthOrientation) -> tuple[Array, Array]:
        """Return position [m] and velocity [m/s] in the GCRF, each [3].

        Raises PropagationError, and ValueError outside the dates of ``orientation``.
        """
        return gcrf_state_from_teme(tai_ns, orientation, *self.state_teme(tai_ns))

    def state_ecef(self, tai_ns: int, orientation: EarthOrientation) -> tuple[Array, Array]:
        """Return position [m] and velocity [m/s] in the rotating Earth, each [3].

        Raises PropagationError, and ValueError outside the dates of ``orientation``.
        """
        return ecef_state_from_teme(tai_ns, orientation, *self.state_teme(tai_ns))
