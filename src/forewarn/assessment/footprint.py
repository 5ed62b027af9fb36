"""Where a glider can go: an equilibrium glide with a bank that nobody knows beforehand.

With lift against weight less the centrifugal part, W = g (1 - (v/v_c)^2), and a bank phi,

    ds/dv = -v cos(phi) (L/D) / W,     d(heading)/dv = -(L/D) sin(phi) / v

(Eggers, Allen and Neice, NACA Report 1382, 1957, their equilibrium glide; used for boost-glide
vehicles by Acton, Science and Global Security 23 (2015) 191, and by Tracy and Wright, ibid. 28
(2020) 135). Without bank the range is R (L/D) / 2 ln((1 - v1^2/v_c^2) / (1 - v0^2/v_c^2)). A fall
from space is first levelled out, which leaves exp(-gamma / (L/D)) of the speed (half of a skip,
ibid.). A lift over drag of 2.6 is the open figure for HTV-2 (Acton; from memory, soft), and how the
bank is chosen is the glider's own business: any constant bank, any speed at which it comes down.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from forewarn.assessment.ground import GroundPoints
from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M
from forewarn.frames import enu_axes

Array = NDArray[np.float64]

LIFT_TO_DRAG = (2.6, 0.25)  # median and one sigma of the logarithm; soft
MOST_BANK_RAD = math.radians(60.0)  # more of a turn costs more range than it gains
GLIDE_HEIGHT_M = 40e3  # 30 to 50 km, from memory, soft
_CIRCULAR_M_S = math.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / (MEAN_RADIUS_M + GLIDE_HEIGHT_M))
_GRAVITY_M_S2 = _CIRCULAR_M_S**2 / (MEAN_RADIUS_M + GLIDE_HEIGHT_M)
_END_M_S = 1_000.0  # below this it dives, within some tens of kilometres
_FASTEST = 0.97  # of circular speed: beyond, weight is nothing and the glide has no end
_CELLS = 10
_DIVE_S = 60.0


@functools.lru_cache(maxsize=4)
def _draws(count: int) -> Array:
    """Normal score of the lift, bank in units of the most, share of the way: rows of (3, count)."""
    u = qmc.Sobol(3, scramble=True, seed=20100422).random(count).T
    score = norm.ppf(np.clip(u[0], 1e-4, 1.0 - 1e-4))
    return np.stack((score, 2.0 * u[1] - 1.0, u[2]))


def glide_points(
    position_ecef_m: Array, velocity_ecef_m_s: Array, *, fall_rad: float, count: int = 64
) -> GroundPoints:
    """Ground points of a glide from a state (3,), (3,) on, with every bank and length alike.

    ``fall_rad`` is how steeply it comes in before it levels out, 0 if it glides already. The speed
    is that over the ground: the air turns with the Earth, gravity does not, which is neglected.
    """
    score, bank_share, way_share = _draws(count)
    lift = LIFT_TO_DRAG[0] * np.exp(LIFT_TO_DRAG[1] * score)
    bank = MOST_BANK_RAD * bank_share
    up = position_ecef_m / np.linalg.norm(position_ecef_m)
    level = velocity_ecef_m_s - (velocity_ecef_m_s @ up) * up
    along = float(np.linalg.norm(level))
    ahead = level / along if along > 1.0 else _northward(position_ecef_m)
    fast = float(np.linalg.norm(velocity_ecef_m_s))
    v = np.minimum(fast * np.exp(-fall_rad / lift), _FASTEST * _CIRCULAR_M_S)
    end = np.minimum(np.full(count, _END_M_S), v)
    # A share of the way that is left: the logarithm below is linear in the way flown.
    whole = np.log((1.0 - (end / _CIRCULAR_M_S) ** 2) / (1.0 - (v / _CIRCULAR_M_S) ** 2))
    place = np.tile(up[:, None], count)
    heading = np.tile(ahead[:, None], count)
    reach = 0.5 * MEAN_RADIUS_M * lift * np.cos(bank)  # metres for each unit of the logarithm
    ds = reach * whole * way_share / _CELLS
    arc = ds / MEAN_RADIUS_M
    cos_arc, sin_arc = np.cos(arc), np.sin(arc)
    turning = lift * np.sin(bank)
    after_s = np.full(count, _DIVE_S)
    for _ in range(_CELLS):
        w = 1.0 - (v / _CIRCULAR_M_S) ** 2
        v_next2 = 1.0 - w * np.exp(ds / reach)
        v_next = _CIRCULAR_M_S * np.sqrt(np.maximum(v_next2, (_END_M_S / _CIRCULAR_M_S) ** 2))
        mean_v = 0.5 * (v + v_next)
        turn = turning * np.log(v / v_next)
        heading = heading * np.cos(turn) + _cross(heading, place) * np.sin(turn)
        place, heading = (
            place * cos_arc + heading * sin_arc,
            heading * cos_arc - place * sin_arc,
        )
        after_s = after_s + ds / mean_v
        v = v_next
    return GroundPoints(
        latitude_rad=np.arcsin(np.clip(place[2], -1.0, 1.0)),
        longitude_rad=np.arctan2(place[1], place[0]),
        after_s=after_s,
        weight=np.full(count, 1.0 / count),
        stays_up=0.0,
    )


def _cross(a: Array, b: Array) -> Array:
    """Cross products of columns (3, n)."""
    return np.stack(
        (
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        )
    )


def _northward(position_ecef_m: Array) -> Array:
    """North at a place: a heading for what has none."""
    latitude_rad = math.asin(position_ecef_m[2] / float(np.linalg.norm(position_ecef_m)))
    longitude_rad = math.atan2(position_ecef_m[1], position_ecef_m[0])
    return np.asarray(enu_axes(latitude_rad, longitude_rad)[1])
