"""What lines of sight and echoes say of an ascent: whitened, biases and model error integrated out.

A sensor's constant bias makes its looks correlated, and so does the way a real ascent strays from
every member of a family. Both are normal, so that the likelihood of the looks given an ascent is
one normal density with a full covariance, whose Cholesky factor whitens the offsets:

    R = N + B + E S E^T

N: noise; B: biases shared by the looks of one sensor; S: covariance of the straying [m2] between
instants, s_l^2 exp(-|dt| / tau) + s_f^2 at equal ones; E: offsets per metre of displacement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.kernels.ascents import white_offsets
from forewarn.tracking.looks import LEAST_REACH_M, Look, echo_points

Array = NDArray[np.float64]

# How a real ascent strays from any member of a family: a part that lasts (throttling, steering; its
# size is the family's) and a part new with every look, a share of it. See docs/design/0002.
LASTING_FOR_S = 20.0
FRESH_SHARE = 0.25
_SEEN_HEIGHT_M = 20e3  # of a plume in its first minute, near enough for the scale of an angle


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Looks of one fit about a reference place and instant, oldest first.

    ``times_s`` (m,) after the reference, ``kinds`` (m,), ``geometry`` (m, 8, 3) as of
    ``kernels.filter.expect``; ``whitener`` (k, k) takes the k offsets of
    `kernels.ascents.look_offsets` to unit covariance; ``log_scale`` is the log density at offsets
    of nothing.
    """

    latitude_rad: float
    longitude_rad: float
    reference_tai_ns: int
    times_s: Array
    kinds: NDArray[np.int64]
    geometry: Array
    whitener: Array
    log_scale: float

    @property
    def offset_count(self) -> int:
        """How many numbers were measured."""
        return len(self.whitener)

    def offsets_from(self, states_ecef: Array) -> Array:
        """Whitened offsets (k,) from where something was at each look; states (m, 6)."""
        z = np.empty((1, self.offset_count))
        white_offsets(states_ecef[None], self.kinds, self.geometry, self.whitener, z)
        return np.asarray(z[0])


def evidence_of(
    looks: list[Look],
    *,
    latitude_rad: float,
    longitude_rad: float,
    reference_tai_ns: int,
    straying_m: float,
    jitter_m: float = 0.0,
) -> Evidence | None:
    """The evidence of looks, sorted by time; None if their numbers are no evidence.

    ``straying_m`` is the model error: 0 for a source that does exactly what is supposed.
    ``jitter_m`` is how far the middle of its light leaps from look to look beside that.
    """
    times_s = np.array([(k.seen_tai_ns - reference_tai_ns) / SECOND_NS for k in looks])
    kinds = np.array([k.kind for k in looks], dtype=np.int64)
    geometry = np.array([k.geometry for k in looks])
    slopes, owner = _slopes(kinds, geometry)
    lag_s = np.abs(times_s[:, None] - times_s[None, :])
    shared = np.exp(-lag_s / LASTING_FOR_S) + FRESH_SHARE**2 * np.eye(len(looks))
    shared = straying_m**2 * shared + jitter_m**2 * np.eye(len(looks))
    covariance = shared[np.ix_(owner, owner)] * (slopes @ slopes.T)
    covariance += _noise_and_bias(looks, kinds, geometry, owner)
    try:
        lower = np.linalg.cholesky(covariance)
        whitener = np.asarray(np.linalg.inv(lower), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    log_scale = -float(np.sum(np.log(np.diagonal(lower))))
    log_scale -= 0.5 * len(lower) * math.log(2.0 * math.pi)
    if not (math.isfinite(log_scale) and np.isfinite(whitener).all()):
        return None
    return Evidence(
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        reference_tai_ns=reference_tai_ns,
        times_s=times_s,
        kinds=kinds,
        geometry=geometry,
        whitener=whitener,
        log_scale=log_scale,
    )


def _slopes(kinds: NDArray[np.int64], geometry: Array) -> tuple[Array, NDArray[np.int64]]:
    """Offsets per metre of displacement (k, 3), and the look (k,) that each offset is of.

    A range rate feels a displacement through the pace at which it comes and goes.
    """
    rows: list[Array] = []
    owner: list[int] = []
    reach_m = np.linalg.norm(geometry[:, 0], axis=1) - MEAN_RADIUS_M - _SEEN_HEIGHT_M
    reach_m = np.maximum(reach_m, LEAST_REACH_M)
    for i, (kind, g) in enumerate(zip(kinds, geometry, strict=True)):
        if kind == kernel.LINE_OF_SIGHT:
            rows.append(g[2:4] / reach_m[i])
            owner += [i, i]
        else:
            away = echo_points(g[None])[0][0] - g[0]
            range_m = max(float(np.linalg.norm(away)), 1.0)
            u = away / range_m
            east, north, up = g[1:4]
            level_m = max(math.hypot(float(east @ away), float(north @ away)), 1.0)
            azimuth = (float(north @ away) * east - float(east @ away) * north) / level_m**2
            elevation = (up - float(up @ u) * u) / level_m
            rows.append(np.stack((u, azimuth, elevation, u / LASTING_FOR_S)))
            owner += [i] * 4
    return np.concatenate(rows), np.array(owner)


def _noise_and_bias(
    looks: list[Look], kinds: NDArray[np.int64], geometry: Array, owner: NDArray[np.int64]
) -> Array:
    """Covariance (k, k) of noise, and of the biases that looks of one sensor share."""
    noise: list[float] = []
    bias: list[float] = []
    part: list[int] = []
    for look, kind, g in zip(looks, kinds, geometry, strict=True):
        if kind == kernel.LINE_OF_SIGHT:
            noise += [float(g[6, 0])] * 2
            bias += [look.bias_sigma_rad] * 2
            part += [0, 1]
        else:
            noise += [float(g[6, 0]), float(g[6, 1]), float(g[6, 2]), float(g[7, 0])]
            # A look tells no bias of its range; its noise stands for it (radars: alike in size).
            bias += [float(g[6, 0]), look.bias_sigma_rad, look.bias_sigma_rad, 0.0]
            part += [2, 3, 4, 5]
    names = {name: i for i, name in enumerate(sorted({k.sensor_id for k in looks}))}
    sensor = np.array([names[k.sensor_id] for k in looks])[owner]
    alike = (sensor[:, None] == sensor[None, :]) & (np.array(part)[:, None] == np.array(part))
    both = np.outer(bias, bias) * alike
    return np.asarray(np.diag(np.square(noise)) + both, dtype=np.float64)
