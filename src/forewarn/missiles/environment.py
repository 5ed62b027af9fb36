"""What a flight flies over and through: the Earth as it is, or a simpler one to compare with."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn import earth

Array = NDArray[np.float64]


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An ellipsoid with its zonal gravity, its turn, its air, and the wind in that air.

    ``wind`` holds rows of height [m], ascending, and the wind's speed towards east and towards
    north [m/s]: linear between, held outside.
    """

    gravitational_parameter_m3_s2: float = earth.GRAVITATIONAL_PARAMETER_M3_S2
    semi_major_axis_m: float = earth.SEMI_MAJOR_AXIS_M
    semi_minor_axis_m: float = earth.SEMI_MINOR_AXIS_M
    j2: float = earth.J2
    j3: float = earth.J3
    j4: float = earth.J4
    rotation_rate_rad_s: float = earth.ROTATION_RATE_RAD_S
    has_air: bool = True
    wind: tuple[tuple[float, float, float], ...] = ()

    def earth_row(self) -> Array:
        """Return it (8,) in the columns of `forewarn.kernels.trajectory`."""
        return np.array(
            (
                self.gravitational_parameter_m3_s2,
                self.semi_major_axis_m,
                self.semi_minor_axis_m,
                self.j2,
                self.j3,
                self.j4,
                self.rotation_rate_rad_s,
                float(self.has_air),
            )
        )

    def wind_rows(self) -> Array:
        """Return the wind (k, 3); none is (0, 3)."""
        return np.array(self.wind, dtype=np.float64).reshape(-1, 3)


EARTH = Environment()


def sphere(*, radius_m: float, gravitational_parameter_m3_s2: float) -> Environment:
    """Return a ball that neither turns nor has air: that of textbook arcs."""
    return Environment(
        gravitational_parameter_m3_s2=gravitational_parameter_m3_s2,
        semi_major_axis_m=radius_m,
        semi_minor_axis_m=radius_m,
        j2=0.0,
        j3=0.0,
        j4=0.0,
        rotation_rate_rad_s=0.0,
        has_air=False,
    )
