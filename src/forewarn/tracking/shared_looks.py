"""A track's looks, as `forewarn.tracking.trust` compares them between sensors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import filter as kernel
from forewarn.kernels.measure import line_of_sight_offset
from forewarn.sensors.radar import RadarModel
from forewarn.tracking.looks import Look
from forewarn.tracking.trust import SharedLook

Array = NDArray[np.float64]

WEAK_INFORMATION = np.diag(np.array((50e3,) * 3 + (2e3,) * 3) ** -2.0)
"""What is held to be known (6, 6) of a track without the looks that are compared: 50 km, 2 km/s."""


def shared_look(look: Look, state_ecef: Array, bias: Array, model: RadarModel | None) -> SharedLook:
    """Return a look against where its track was foretold (6,), less its sensor's mean bias.

    ``bias`` is (range, azimuth, elevation) of a radar, whose ``model`` is given, or the two angles
    of a telescope, without. Looks to be compared are to be of one track at about one time, each
    with ``state_ecef`` moved to its own instant.
    """
    g = look.geometry
    if look.kind == kernel.RADAR:
        assert model is not None
        measured = np.array((*g[4], g[5, 0]))
        offset = model.residual(measured, model.predict(state_ecef, measured))
        offset[:3] -= bias
        sigma = np.array((*g[6], g[7, 0]))
        by_state = model.jacobian(state_ecef, measured)
        return SharedLook(look.sensor_id, offset, by_state, np.eye(4)[:, :3], np.diag(sigma**2))
    z = np.empty(2)
    line_of_sight_offset(state_ecef, g[0], g[1], g[2:4], z)
    along_m = float(g[1] @ (state_ecef[:3] - g[0]))
    by_state = np.zeros((2, 6))
    by_state[:, :3] = (g[2:4] - z[:, None] * g[1]) / along_m
    noise = g[6, 0] ** 2 * np.eye(2)
    return SharedLook(look.sensor_id, -z - bias, by_state, np.eye(2), noise)
