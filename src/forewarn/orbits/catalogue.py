"""A catalogue: tens of thousands of element sets propagated together, by the reference SGP4.

One call of the package's compiled `SatrecArray` moves them all. An object that SGP4 has no
position of (decayed, or outside the theory) is marked by its code and leaves the others alone.
Each object's time since epoch is counted in SI seconds, as in `forewarn.orbits.Satellite`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS, SatrecArray

from forewarn.epoch import DAY_NS
from forewarn.frames import EarthOrientation, ecef_state_from_teme
from forewarn.orbits.elements import Elements
from forewarn.orbits.satellite import sgp4_record

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Codes = NDArray[np.uint8]


@final
class Catalogue:
    """Many element sets made ready for propagation. Asking for states changes nothing."""

    def __init__(self, elements: Sequence[Elements]) -> None:
        self.elements = tuple(elements)
        self._array = SatrecArray([_record(each) for each in self.elements])

    def __len__(self) -> int:
        return len(self.elements)

    def __reduce__(self) -> tuple[type[Catalogue], tuple[tuple[Elements, ...]]]:
        """Travel between processes as the elements alone."""
        return Catalogue, (self.elements,)

    def states_teme(self, time_tai_ns: Instants) -> tuple[Array, Array, Codes]:
        """Return positions [m], velocities [m/s] (n, k, 3), SGP4's codes (n, k) at instants (k,).

        The frame is SGP4's own. A code of zero is good; elsewhere the state is NaN, and
        `reasons` says in words how often which code came.
        """
        days, rest_ns = np.divmod(np.asarray(time_tai_ns, dtype=np.int64), DAY_NS)
        if len(self) == 0:
            nothing = np.empty((0, len(days), 3))
            return nothing, nothing.copy(), np.empty((0, len(days)), dtype=np.uint8)
        codes, position, velocity = self._array.sgp4(days.astype(float), rest_ns / DAY_NS)
        position *= 1e3
        velocity *= 1e3
        bad = codes != 0
        if bad.any():
            position[bad] = np.nan
            velocity[bad] = np.nan
        return position, velocity, codes

    def states_ecef(
        self, time_tai_ns: Instants, orientation: EarthOrientation
    ) -> tuple[Array, Array, Codes]:
        """Return what `states_teme` does, in the rotating Earth.

        Raises ValueError outside the dates of ``orientation``.
        """
        position, velocity, codes = self.states_teme(time_tai_ns)
        for k, instant in enumerate(np.asarray(time_tai_ns).tolist()):
            turn, transport = _turn_and_transport(instant, orientation)
            moved = _times(position[:, k], transport)
            velocity[:, k] = _times(velocity[:, k], turn) + moved
            position[:, k] = _times(position[:, k], turn)
        return position, velocity, codes


def reasons(codes: Codes) -> dict[str, int]:
    """Return how many states are missing for which reason, in SGP4's words; empty if none is."""
    found, number = np.unique(codes[codes != 0], return_counts=True)
    return {
        SGP4_ERRORS.get(code, f"error {code}"): count
        for code, count in zip(found.tolist(), number.tolist(), strict=True)
    }


def _record(elements: Elements) -> object:
    """Return the element set for SGP4, its epoch in days of TAI, so that no leap second counts."""
    record = sgp4_record(elements)
    days, rest_ns = divmod(elements.epoch_tai_ns, DAY_NS)
    record.jdsatepoch = float(days)
    record.jdsatepochF = rest_ns / DAY_NS
    return record


def _turn_and_transport(tai_ns: int, orientation: EarthOrientation) -> tuple[Array, Array]:
    """Return A, B (3, 3): position_ecef = r @ A and velocity_ecef = v @ A + r @ B for rows r, v.

    The change of frame is linear, so the three axes tell it whole.
    """
    still = np.zeros(3)
    images = [ecef_state_from_teme(tai_ns, orientation, axis, still) for axis in np.eye(3)]
    return np.array([p for p, _ in images]), np.array([v for _, v in images])


def _times(rows: Array, matrix: Array) -> Array:
    """Return rows (n, 3) @ matrix (3, 3), each row to the same bits in whatever company.

    A library's matrix product is not so: it adds in another order when there are more rows.
    """
    x, y, z = rows[:, 0, None], rows[:, 1, None], rows[:, 2, None]
    product: Array = x * matrix[0] + y * matrix[1] + z * matrix[2]
    return product
