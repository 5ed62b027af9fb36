"""The turning Earth and the satellites above it, at many instants of a run at little cost.

Exact states are computed every 30 s and carried between: the Earth by its rotation about its axis
(polar motion and precession stand still for 30 s to 1e-8 rad), satellites by cubic interpolation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import ROTATION_RATE_RAD_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.orbits import Elements, Satellite
from forewarn.simulation.path import Path

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_STEP_NS = 30 * SECOND_NS


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """The frame of a run between two instants; build it with `sky_between`."""

    node_tai_ns: Instants
    matrices: Array
    orientation: EarthOrientation

    def gcrf_to_ecef(self, time_tai_ns: Instants) -> Array:
        """Return rotation matrices (k, 3, 3) at instants (k,)."""
        i = np.searchsorted(self.node_tai_ns, time_tai_ns, side="right") - 1
        i = np.clip(i, 0, len(self.node_tai_ns) - 1)
        angle = ROTATION_RATE_RAD_S * (time_tai_ns - self.node_tai_ns[i]) / SECOND_NS
        cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
        base = self.matrices[i]
        result = base.copy()
        result[:, 0] = cosine * base[:, 0] + sine * base[:, 1]
        result[:, 1] = cosine * base[:, 1] - sine * base[:, 0]
        return result

    def satellite_path(self, elements: Elements) -> Path:
        """Return the path of a satellite in gcrf, times in seconds since the first node."""
        satellite = Satellite(elements)
        states = [satellite.state_gcrf(int(t), self.orientation) for t in self.node_tai_ns]
        return Path(
            times_s=(self.node_tai_ns - self.node_tai_ns[0]) / SECOND_NS,
            points=np.array([position for position, _ in states]),
            rates=np.array([velocity for _, velocity in states]),
        )

    def since_first_node_s(self, time_tai_ns: Instants) -> Array:
        """Return the time [s] that `satellite_path` counts in."""
        elapsed: Array = (time_tai_ns - self.node_tai_ns[0]) / SECOND_NS
        return elapsed


def sky_between(start_tai_ns: int, end_tai_ns: int, orientation: EarthOrientation) -> Sky:
    """Return the frame for instants from ``start_tai_ns`` to ``end_tai_ns``."""
    count = (end_tai_ns - start_tai_ns) // _STEP_NS + 2
    nodes = start_tai_ns + _STEP_NS * np.arange(count, dtype=np.int64)
    matrices = np.array([gcrf_to_ecef_matrix(int(t), orientation) for t in nodes])
    return Sky(node_tai_ns=nodes, matrices=matrices, orientation=orientation)


def rotate(matrices: Array, vectors: Array) -> Array:
    """Return each matrix (k, 3, 3) times its vector (k, 3)."""
    turned: Array = np.einsum("kij,kj->ki", matrices, vectors)
    return turned


def rotate_back(matrices: Array, vectors: Array) -> Array:
    """Return each transposed matrix (k, 3, 3) times its vector (k, 3)."""
    turned: Array = np.einsum("kji,kj->ki", matrices, vectors)
    return turned
