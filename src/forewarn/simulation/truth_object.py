"""One object in flight, as it really flies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import geodetic_from_ecef
from forewarn.missiles.trajectory import Trajectory
from forewarn.sensors.sight import height_m
from forewarn.simulation.path import Path

Array = NDArray[np.float64]
Instants = NDArray[np.int64]


class ObjectKind(str, Enum):
    """What a flying object is."""

    VEHICLE = "vehicle"
    PART = "part"
    DECAY = "decay"


@dataclass(frozen=True, slots=True, eq=False)
class TruthObject:
    """One object in flight, from its first instant until it is down or its record ends.

    A vehicle bears the name of its launch; what came off it has a ``part_name`` too.
    """

    launch_id: str
    vehicle_class: str
    source: str
    launch_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float
    trajectory: Trajectory
    kind: ObjectKind = ObjectKind.VEHICLE
    part_name: str = ""

    @property
    def object_id(self) -> str:
        """Its name among all objects of the run."""
        return f"{self.launch_id}/{self.part_name}" if self.part_name else self.launch_id

    @property
    def end_tai_ns(self) -> int:
        """The instant of the last state: at the ground, or where the record ends."""
        return self._instant(float(self.trajectory.times_s[-1]))

    @property
    def burnout_tai_ns(self) -> int:
        """The end of the last burn."""
        return self._instant(self.trajectory.burnout_s)

    @property
    def impact_rad(self) -> tuple[float, float] | None:
        """Latitude and longitude [rad] where it came down, or None if it did not."""
        if not self.trajectory.came_down:
            return None
        latitude_rad, longitude_rad, _ = geodetic_from_ecef(self.trajectory.position_ecef_m[-1])
        return float(latitude_rad), float(longitude_rad)

    @property
    def apogee_m(self) -> float:
        """Greatest height above WGS 84 among its states."""
        return float(np.max(height_m(self.trajectory.position_ecef_m)))

    def cloud_break_tai_ns(self, cloud_top_m: float | Array) -> int | None:
        """Return the first instant above the cloud, or None if it stays below.

        The top is one for all places, or that under each state of its path (n,).
        """
        clear_m = height_m(self.trajectory.position_ecef_m) - cloud_top_m
        above = np.flatnonzero(clear_m >= 0.0)
        if len(above) == 0:
            return None
        i = int(above[0])
        if i == 0:
            return self.launch_tai_ns
        share = clear_m[i - 1] / (clear_m[i - 1] - clear_m[i])
        times_s = self.trajectory.times_s
        return self._instant(float(times_s[i - 1] + share * (times_s[i] - times_s[i - 1])))

    def states_ecef(self, time_tai_ns: Instants) -> tuple[Array, Array, Array]:
        """Position [m], velocity [m/s] (k, 3) and plume intensity [W/sr] (k,) at instants (k,).

        Outside its flight the nearest end is returned, with no intensity; see ``flying``.
        """
        time_s = (time_tai_ns - self.launch_tai_ns) / SECOND_NS
        flown = self.trajectory
        position, velocity = Path(
            flown.times_s, flown.position_ecef_m, flown.velocity_ecef_m_s
        ).states(time_s)
        # A plume goes on and off at once: between two samples it is as bright as at the later one.
        later = np.minimum(np.searchsorted(flown.times_s, time_s), len(flown.times_s) - 1)
        brightness = np.where(self.flying(time_tai_ns), flown.intensity_w_sr[later], 0.0)
        return position, velocity, brightness

    def flying(self, time_tai_ns: Instants) -> NDArray[np.bool_]:
        """Say at which instants it is in flight."""
        during: NDArray[np.bool_] = (time_tai_ns >= self.launch_tai_ns) & (
            time_tai_ns <= self.end_tai_ns
        )
        return during

    def _instant(self, time_s: float) -> int:
        return self.launch_tai_ns + round(time_s * SECOND_NS)
