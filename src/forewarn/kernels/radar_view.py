"""What a radar sees of very many points: views of states, and when satellites cross its search.

Letters: p, v position and velocity [m, m/s, ecef]; s position of the site [m, ecef]; R rows are the
east, north and up axes of the site [3 x 3]; d = p - s; r = |d|; h the time between nodes [s].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import radar_from_ecef

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_HIGHEST_SINE = 0.97  # above 76 degrees the azimuth of what passes turns too fast to bound
_LEAST_RANGE_M = 1e3


@kernel
def view_all(p: Array, v: Array, s: Array, R: Array, z: Array) -> None:
    """Write `radar_from_ecef` of each state p[n, 3], v[n, 3] into z[n, 4]."""
    x = np.empty(6)
    for i in range(p.shape[0]):
        x[:3] = p[i]
        x[3:] = v[i]
        radar_from_ecef(x, s, R, z[i])


@kernel
def arc_states(arcs: Array, which: Indices, t: Array, h: float, p: Array, v: Array) -> None:
    """Write positions and velocities p[n, 3], v[n, 3] on arcs, t[n] seconds after their first node.

    arcs[m, 4, 3] hold position and velocity at the first node, then at the second, h later;
    which[n] names the arc. Between the nodes the path is Hermite's cubic, with an error of
    h^4/384 of the fourth derivative (2 cm for a low satellite and h = 30 s); beyond them the cubic
    goes on, with t^2 (t - h)^2 / 24 of it (0.2 m at half a step beyond).
    """
    for n in range(which.shape[0]):
        a = arcs[which[n]]
        u = t[n] / h
        w = 1.0 - u
        for c in range(3):
            p0, v0, p1, v1 = a[0, c], a[1, c], a[2, c], a[3, c]
            p[n, c] = (
                p0 * ((1.0 + 2.0 * u) * w * w)
                + v0 * (h * u * w * w)
                + p1 * (u * u * (3.0 - 2.0 * u))
                - v1 * (h * u * u * w)
            )
            v[n, c] = (
                (p1 - p0) * (6.0 * u * w / h)
                + v0 * (1.0 - 4.0 * u + 3.0 * u * u)
                + v1 * (3.0 * u * u - 2.0 * u)
            )


@kernel
def crossings(
    p: Array,
    v: Array,
    h: float,
    site: Array,
    sector: Array,
    band: Array,
    reach: Array,
    out: Indices,
) -> int:
    """Find every step between nodes in which an object may be inside a band of elevation.

    p[n, k, 3], v[n, k, 3] are objects at nodes h apart; NaN marks an object that is not there.
    site[4, 3] is s, then R. sector[2] is the middle azimuth [rad, clockwise from north] and the
    half width. band[3] is the least and greatest elevation [rad], and by how long [s] a look may
    be before or after the step. reach[n] is the greatest range [m] of interest.
    Writes (object, first node) into the rows of out[m, 2] while there are rows; returns how many
    there were. None is missed: with w = |v| / r, elevation moves by at most w a second, and leaves
    the straight line between nodes by at most w^2 h^2 / 4.
    """
    low, high, lead = math.sin(band[0]), math.sin(band[1]), band[2]
    found = 0
    for i in range(p.shape[0]):
        r0, sine0, azimuth0 = -1.0, 0.0, 0.0
        for k in range(p.shape[1]):
            dx = p[i, k, 0] - site[0, 0]
            dy = p[i, k, 1] - site[0, 1]
            dz = p[i, k, 2] - site[0, 2]
            r1 = math.sqrt(dx * dx + dy * dy + dz * dz)
            sine1 = (site[3, 0] * dx + site[3, 1] * dy + site[3, 2] * dz) / r1
            azimuth1 = 0.0
            near = False
            if k > 0:
                speed = math.sqrt(v[i, k, 0] ** 2 + v[i, k, 1] ** 2 + v[i, k, 2] ** 2)
                nearest = 0.5 * (r0 + r1 - speed * (h + 2.0 * lead))
                if nearest <= reach[i]:  # false where a number is missing
                    w = speed / max(nearest, _LEAST_RANGE_M)
                    slack = w * lead + 0.25 * (w * h) ** 2
                    near = min(sine0, sine1) - slack <= high and max(sine0, sine1) + slack >= low
            if near:
                azimuth1 = _off_azimuth(dx, dy, dz, site, sector[0])
                e = p[i, k - 1] - site[0]
                azimuth0 = _off_azimuth(e[0], e[1], e[2], site, sector[0])
                top = max(sine0, sine1) + slack
                if top < _HIGHEST_SINE:
                    slack_a = w * (h + lead) / math.sqrt(1.0 - top * top)
                    near = min(azimuth0, azimuth1) <= sector[1] + slack_a
            if near:
                if found < out.shape[0]:
                    out[found, 0] = i
                    out[found, 1] = k - 1
                found += 1
            r0, sine0 = r1, sine1
    return found


@kernel
def _off_azimuth(dx: float, dy: float, dz: float, site: Array, middle: float) -> float:
    """Return how far the azimuth of d is from the middle one [rad, 0 to pi]."""
    east = site[1, 0] * dx + site[1, 1] * dy + site[1, 2] * dz
    north = site[2, 0] * dx + site[2, 1] * dy + site[2, 2] * dz
    off = abs(math.atan2(east, north) - middle) % (2.0 * math.pi)
    return min(off, 2.0 * math.pi - off)
