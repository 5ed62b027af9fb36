"""Satellites that do not fly just as their public elements say.

Each is off by an error of its own: along its orbit, growing with the age of the elements, and by
a little in shape and plane. Sizes follow published comparisons of such elements with precise orbits
(T. Kelso, AAS 07-127, 2007; T. Flohrer et al., AMOS 2008; from memory, soft), with some objects
much worse than others. What the estimator believes of these errors is its own, and not this.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2
from forewarn.orbits import Elements
from forewarn.simulation.streams import keyed_stream

Array = NDArray[np.float64]

_ALONG_M = 400.0
_ALONG_A_DAY_M = 1_000.0
_SHAPE_M = 100.0  # of the eccentricity's two components, times the axis
_PLANE_M = 120.0
_ECCENTRIC = 0.1
_ECCENTRIC_RATIO = 5.0  # shapes of eccentric orbits are known so much worse
_WORSE = 0.5  # sigma of the natural logarithm of an object's own size of error
_DAY_S = 86_400.0
_LEAST_SINE = 0.02  # the node of an orbit over the equator means nothing
_DRAWS = 8


def flown_elements(
    published: tuple[Elements, ...], *, ratio: float, seed: int
) -> tuple[Elements, ...]:
    """Return what really flies: each object off its elements, by ``ratio`` times the usual errors.

    Seed and catalogue number decide each object's. A ratio of zero returns what was given.
    """
    if ratio == 0.0 or not published:
        return published
    numbers = np.array([e.catalogue_number for e in published], dtype=np.int64)
    keyed = keyed_stream(seed, "element errors")
    normals = ndtri(keyed.uniforms(numbers, np.zeros_like(numbers), _DRAWS))
    sizes = ratio * np.exp(_WORSE * normals[:, 0])
    return tuple(
        _off(each, size, errors)
        for each, size, errors in zip(published, sizes.tolist(), normals[:, 1:], strict=True)
    )


def _off(elements: Elements, size: float, normals: Array) -> Elements:
    along, drift, shape_x, shape_y, tilt, turn = (size * normals[:6]).tolist()
    axis_m = math.cbrt(GRAVITATIONAL_PARAMETER_M3_S2 / elements.mean_motion_rad_s**2)
    shape = _SHAPE_M / axis_m
    if elements.eccentricity >= _ECCENTRIC:
        shape *= _ECCENTRIC_RATIO
    perigee_rad = elements.argument_of_perigee_rad
    x = elements.eccentricity * math.cos(perigee_rad) + shape * shape_x
    y = elements.eccentricity * math.sin(perigee_rad) + shape * shape_y
    moved_rad = math.atan2(y, x)
    sine = max(abs(math.sin(elements.inclination_rad)), _LEAST_SINE)
    node_rad = _PLANE_M / axis_m * turn / sine
    # The angle from the node stays but for the error along the orbit.
    anomaly_rad = elements.mean_anomaly_rad + perigee_rad - moved_rad + _ALONG_M / axis_m * along
    tilted_rad = elements.inclination_rad + _PLANE_M / axis_m * tilt
    return msgspec.structs.replace(
        elements,
        eccentricity=math.hypot(x, y),
        argument_of_perigee_rad=moved_rad % (2.0 * math.pi),
        mean_anomaly_rad=(anomaly_rad - node_rad * math.cos(tilted_rad)) % (2.0 * math.pi),
        inclination_rad=abs(tilted_rad),
        right_ascension_rad=(elements.right_ascension_rad + node_rad) % (2.0 * math.pi),
        mean_motion_rad_s=elements.mean_motion_rad_s + _ALONG_A_DAY_M / axis_m / _DAY_S * drift,
        origin=f"{elements.origin}; as flown",
    )
