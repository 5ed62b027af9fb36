"""Fly a generic vehicle: vertical rise, tip-over, gravity turn through all stages, fall.

Thrust follows the air-relative velocity after the tip-over (zero angle of attack), as in Li and
Jilkov, Survey of maneuvering target tracking, part II: ballistic target models, Proc. SPIE 4473
(2001), section 4. Stages that fall away are not followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.kernels import flight as kernel
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle

Array = NDArray[np.float64]

BOOST_SPACING_S = 0.5
COAST_SPACING_S = 2.0
WANDER_SPACING_S = 2.0
STEADY_BELOW_M_S = 200.0  # slower, a gravity turn would amplify any slant by g / v each second
_LONGEST_FLIGHT_S = 5400.0
_GROUND_SLACK_M = 1.0  # heights on the pad are exact to less


@dataclass(frozen=True, slots=True)
class _Burn:
    """Constant thrust, in the letters of `forewarn.kernels.flight.boost_step`."""

    a0: float
    ve: float
    k: float
    loss: float

    def after(self, burnt_s: float) -> _Burn:
        """The rest of the burn, of a lighter vehicle."""
        mass_fraction = 1.0 - self.a0 * burnt_s / self.ve
        return _Burn(self.a0 / mass_fraction, self.ve, self.k / mass_fraction, self.loss)


_NO_THRUST = _Burn(0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class _Record:
    """States as they are flown: blocks (n, 6) with their times and the plume's intensity."""

    blocks: list[Array] = field(default_factory=list)
    times_s: list[Array] = field(default_factory=list)
    intensities_w_sr: list[Array] = field(default_factory=list)
    clock_s: float = 0.0

    def add(self, states: Array, since_s: Array, intensity_w_sr: float) -> None:
        """Append a block whose first state is the last one of the block before."""
        first = 1 if self.blocks else 0
        self.blocks.append(states[first:])
        self.times_s.append((self.clock_s + since_s)[first:])
        self.intensities_w_sr.append(np.full(len(states) - first, intensity_w_sr))

    def burn(
        self, x: Array, burn: _Burn, duration_s: float, intensity_w_sr: float, *, up: Array | None
    ) -> None:
        """Burn x (6,) in place for a duration, held vertical by ``up``, and append its states."""
        rows = max(2, int(np.ceil(duration_s / BOOST_SPACING_S)) + 1)
        states, work = np.zeros((rows, 6)), np.empty((7, 6))
        a0, ve, k, loss = burn.a0, burn.ve, burn.k, burn.loss
        if up is None:
            kernel.record_burn(x, a0, ve, k, loss, duration_s, states, work)
        else:
            kernel.record_rise(x, up, np.array((a0, ve, k, loss)), duration_s, states, work)
        self.add(states, np.linspace(0.0, duration_s, rows), intensity_w_sr)
        self.clock_s += duration_s

    def fall(self, x: Array, inverse_beta: float, ground_m: float) -> bool:
        """Coast x (6,) in place to the ground, append its states and say whether it came down.

        On numerical trouble x is not a number.
        """
        states = np.zeros((int(_LONGEST_FLIGHT_S / COAST_SPACING_S), 6))
        rows, flown_s = kernel.record_coast(
            x, inverse_beta, COAST_SPACING_S, ground_m, states, np.empty((7, 6))
        )
        if flown_s < 0.0:
            x[:] = np.nan
        self.add(states[:rows], np.minimum(np.arange(rows) * COAST_SPACING_S, flown_s), 0.0)
        self.clock_s += flown_s
        return rows < len(states)

    def cut(self, ground_m: float) -> bool:
        """End the record where it goes below the ground, and say whether it does."""
        path, times = np.concatenate(self.blocks), np.concatenate(self.times_s)
        heights_m = np.array([kernel.height_m(p[0], p[1], p[2]) for p in path])
        below = np.flatnonzero(heights_m < ground_m - _GROUND_SLACK_M)
        if len(below) == 0:
            return False
        i = int(below[0])
        share = (heights_m[i - 1] - ground_m) / (heights_m[i - 1] - heights_m[i])
        path[i] = path[i - 1] + share * (path[i] - path[i - 1])
        times[i] = times[i - 1] + share * (times[i] - times[i - 1])
        self.blocks, self.times_s = [path[: i + 1]], [times[: i + 1]]
        self.intensities_w_sr = [np.concatenate(self.intensities_w_sr)[: i + 1]]
        self.clock_s = float(times[i])
        return True


def fly(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    wander: Array | None = None,
) -> Trajectory:
    """Fly ``vehicle`` from a site until it is down at the site's height, or for 90 minutes of fall.

    Azimuth is clockwise from north. ``wander`` (n, 2) is how the thrust strays from
    the ideal every `WANDER_SPACING_S` since ignition, growing to its full size between once and
    twice `STEADY_BELOW_M_S`: by a fraction of itself, and upward by an angle [rad] in the plane
    of flight. The last row holds on. A vehicle that comes down while it burns ends there. Raises
    ValueError when it cannot lift itself or a number is not finite.
    """
    x, axes = np.zeros(6), np.zeros((2, 3))
    kernel.launch_state(latitude_rad, longitude_rad, height_m, azimuth_rad, x, axes)
    record = _Record()
    for index, stage in enumerate(vehicle.stages):
        burn = _burn(vehicle, index)
        burn_s = stage.burn_s
        if index == 0:
            rise_s = min(vehicle.vertical_rise_s, burn_s)
            record.burn(x, burn, rise_s, stage.intensity_w_sr, up=axes[0])
            kernel.kick(x, axes[0], axes[1], vehicle.kick_rad)
            burn, burn_s = burn.after(rise_s), burn_s - rise_s
        if wander is None:
            record.burn(x, burn, burn_s, stage.intensity_w_sr, up=None)
        else:
            _burn_straying(
                record, x, burn, stage=msgspec.structs.replace(stage, burn_s=burn_s), wander=wander
            )
        if index + 1 < len(vehicle.stages) and vehicle.coast_s > 0.0:
            record.burn(x, _NO_THRUST, vehicle.coast_s, 0.0, up=None)
    came_down = record.cut(height_m)
    burnout_s = record.clock_s
    if not came_down:
        came_down = record.fall(x, 1.0 / vehicle.ballistic_coefficient_kg_m2, height_m)
    if not np.isfinite(x).all():
        raise ValueError(
            f"vehicle {vehicle.vehicle_id!r}: its flight from latitude {latitude_rad} rad, "
            f"longitude {longitude_rad} rad is not finite; look for a zero or nan in the vehicle "
            "or its site"
        )
    path = np.concatenate(record.blocks)
    return Trajectory(
        times_s=np.concatenate(record.times_s),
        position_ecef_m=path[:, :3].copy(),
        velocity_ecef_m_s=path[:, 3:].copy(),
        intensity_w_sr=np.concatenate(record.intensities_w_sr),
        radar_cross_section_m2=vehicle.radar_cross_section_m2,
        burnout_s=burnout_s,
        came_down=came_down,
    )


def _burn_straying(record: _Record, x: Array, burn: _Burn, *, stage: Stage, wander: Array) -> None:
    """Burn x (6,) in place through ``stage.burn_s``, in pieces after each of which it strays."""
    burnt_s = 0.0
    while burnt_s < stage.burn_s - 1e-9:
        piece_s = min(WANDER_SPACING_S, stage.burn_s - burnt_s)
        now = burn.after(burnt_s)
        row = wander[min(int(record.clock_s / WANDER_SPACING_S), len(wander) - 1)]
        record.burn(x, now, piece_s, stage.intensity_w_sr, up=None)
        speed = float(np.linalg.norm(x[3:]))
        share = min(max(speed / STEADY_BELOW_M_S - 1.0, 0.0), 1.0)
        along = x[3:] / speed
        upward = x[:3] - (x[:3] @ along) * along
        stray = row[0] * along + row[1] * upward / max(float(np.linalg.norm(upward)), 1e-9)
        x[3:] += share * now.a0 * piece_s * stray
        record.blocks[-1][-1] = x  # what flies on is what is recorded
        burnt_s += piece_s


def _burn(vehicle: Vehicle, index: int) -> _Burn:
    """The burn of one stage, from its ignition."""
    stage = vehicle.stages[index]
    mass_kg = vehicle.payload_kg + sum(
        s.propellant_kg + s.structure_kg for s in vehicle.stages[index:]
    )
    a0 = stage.thrust_n / mass_kg
    if index == 0 and a0 * (1.0 - stage.sea_level_loss) <= STANDARD_GRAVITY_M_S2:
        raise ValueError(
            f"vehicle {vehicle.vehicle_id!r}: stage 1 thrust {stage.thrust_n:.0f} N does not "
            f"lift {mass_kg:.0f} kg; raise the thrust or lower the mass"
        )
    ve = stage.thrust_n * stage.burn_s / stage.propellant_kg
    return _Burn(a0, ve, stage.drag_area_m2 / mass_kg, stage.sea_level_loss)
