"""Launch point, time and azimuth: a batch posterior over ascent families.

Each family's ascent (``missiles.families``) is fitted to the first lines of sight by
Levenberg-Marquardt on the log posterior; sensor biases are integrated out in closed form (they make
the looks of one telescope correlated). The Gaussian at each family's mode weighs by its Laplace
evidence (MacKay, Information Theory, Inference, and Learning Algorithms, 2003, section 27), and the
mixture is reported with its first two moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels import filter as filter_kernel
from forewarn.kernels.flight import ascend, ascent_offsets, height_m
from forewarn.missiles.families import FAMILIES, RISE_S, AscentFamily
from forewarn.tracking.live import LiveTrack
from forewarn.tracking.looks import Biases, Look

Array = NDArray[np.float64]

WINDOW_S = 60.0  # looks later than this after the first say little about the pad
MODEL_ERROR_M = 150.0  # how far a real ascent strays from any member of a family, one sigma
_MOST_LOOKS = 48
_PRIOR_GROUND_M = 200e3
_PRIOR_TIME_S = 120.0
_PRIOR_AZIMUTH_RAD = 10.0
_STEPS = np.array((100.0, 100.0, 0.1, 1e-3, 1e-4, 1e-4, 1e-3, 1e-3))
_ITERATIONS = 12


@dataclass(frozen=True, slots=True, eq=False)
class LaunchFit:
    """Posterior of (north m, east m, time s, azimuth rad) about a reference, families merged.

    ``looks`` is how many lines of sight it rests on; ``complete`` that its time window is over;
    ``modes`` are the fitted parameters by family.
    """

    reference_latitude_rad: float
    reference_longitude_rad: float
    reference_tai_ns: int
    mean: Array
    covariance: Array
    looks: int
    complete: bool
    modes: tuple[Array, ...]
    family_weights: tuple[float, ...]

    @property
    def latitude_rad(self) -> float:
        """Latitude of the mean launch point."""
        return self.reference_latitude_rad + float(self.mean[0]) / MEAN_RADIUS_M

    @property
    def longitude_rad(self) -> float:
        """Longitude of the mean launch point."""
        scale = MEAN_RADIUS_M * math.cos(self.reference_latitude_rad)
        return self.reference_longitude_rad + float(self.mean[1]) / scale

    @property
    def time_tai_ns(self) -> int:
        """Mean launch instant."""
        return self.reference_tai_ns + round(float(self.mean[2]) * SECOND_NS)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """The looks of one fit, whitened: times [s] after the reference, geometry, Cholesky factor."""

    latitude_rad: float
    longitude_rad: float
    times_s: Array
    geometry: Array
    whitener: Array


def launch_fit(track: LiveTrack, biases: Biases, previous: LaunchFit | None) -> LaunchFit | None:
    """Fit the launch of a track from its first minute of lines of sight; None without any.

    ``previous`` (of the same track) gives the reference and the starting point.
    """
    looks = _window(track)
    if len(looks) < 3:
        return None
    if previous is None:
        p = track.before(track.base.tai_ns).body()[0][:3]
        latitude, longitude, _ = geodetic_from_ecef(p)
        reference_ns = looks[0].seen_tai_ns
    else:
        latitude = previous.reference_latitude_rad
        longitude = previous.reference_longitude_rad
        reference_ns = previous.reference_tai_ns
    batch = _batch(looks, latitude, longitude, reference_ns, biases)
    azimuth, height = _heading(track)
    fits = []
    for index, family in enumerate(FAMILIES):
        start = (
            previous.modes[index]
            if previous is not None
            else _guess(family, height, azimuth, batch)
        )
        fits.append(_fit(batch, family, start))
    newest = max(k.seen_tai_ns for k in track.launch_looks)
    complete = newest > looks[0].seen_tai_ns + int(WINDOW_S * SECOND_NS)
    return _merge(fits, batch, reference_ns, (len(looks), complete))


def _window(track: LiveTrack) -> list[Look]:
    looks = sorted(track.launch_looks, key=lambda k: (k.seen_tai_ns, k.measurement_id))
    if not looks:
        return []
    limit = looks[0].seen_tai_ns + int(WINDOW_S * SECOND_NS)
    looks = [k for k in looks if k.seen_tai_ns <= limit]
    if len(looks) > _MOST_LOOKS:
        keep = np.unique(np.linspace(0, len(looks) - 1, _MOST_LOOKS).astype(int))
        looks = [looks[int(i)] for i in keep]
    return looks


def _batch(
    looks: list[Look], latitude: float, longitude: float, reference_ns: int, biases: Biases
) -> _Batch:
    n = len(looks)
    geometry = np.array([k.geometry[0:4] for k in looks])
    times = np.array([(k.seen_tai_ns - reference_ns) / SECOND_NS for k in looks])
    covariance = np.zeros((2 * n, 2 * n))
    height = 20e3
    for i, a in enumerate(looks):
        reach = float(np.linalg.norm(a.geometry[0])) - MEAN_RADIUS_M - height
        own = float(a.geometry[6, 0]) ** 2 + (MODEL_ERROR_M / reach) ** 2
        covariance[2 * i, 2 * i] = covariance[2 * i + 1, 2 * i + 1] = own
        bias = float(biases.sigmas[int(a.geometry[7, 1]) - filter_kernel.BODY]) ** 2
        for j, b in enumerate(looks):
            if a.sensor_id == b.sensor_id:
                covariance[2 * i, 2 * j] += bias
                covariance[2 * i + 1, 2 * j + 1] += bias
    whitener = np.linalg.inv(np.linalg.cholesky(covariance))
    return _Batch(latitude, longitude, times, geometry, whitener)


def _heading(track: LiveTrack) -> tuple[float, float]:
    """Azimuth [rad] in which the track moves now, and height [m] of its first posterior."""
    mean, _ = track.latest.body()
    latitude, longitude, _ = geodetic_from_ecef(mean[:3])
    east, north, _ = enu_axes(latitude, longitude) @ mean[3:]
    first, _ = track.base.body()
    return math.atan2(east, north), height_m(first[0], first[1], first[2])


def _prior(family: AscentFamily) -> tuple[Array, Array]:
    logs = (
        family.thrust_acceleration_m_s2,
        family.exhaust_velocity_m_s,
        family.tip_over_rad,
        family.drag_area_per_mass_m2_kg,
    )
    mean = np.array([0.0, 0.0, 0.0, 0.0] + [math.log(m) for m, _ in logs])
    sigma = np.array(
        [_PRIOR_GROUND_M, _PRIOR_GROUND_M, _PRIOR_TIME_S, _PRIOR_AZIMUTH_RAD] + [s for _, s in logs]
    )
    return mean, sigma


def _theta(phi: Array, batch: _Batch) -> Array:
    scale = MEAN_RADIUS_M * math.cos(batch.latitude_rad)
    return np.array(
        (
            batch.latitude_rad + phi[0] / MEAN_RADIUS_M,
            batch.longitude_rad + phi[1] / scale,
            0.0,
            phi[3],
            math.exp(min(phi[4], 4.5)),
            math.exp(phi[5]),
            math.exp(min(phi[6], 0.0)),
            math.exp(phi[7]),
        )
    )


def _guess(family: AscentFamily, height: float, azimuth: float, batch: _Batch) -> Array:
    """The family's median ascent, ignited so that it is at the first look's height when seen."""
    phi = _prior(family)[0]
    phi[3] = azimuth
    times = np.arange(0.0, 200.0, 1.0)
    states = np.empty((len(times), 6))
    ascend(_theta(phi, batch), RISE_S, times, states, np.empty((11, 6)))
    heights = np.array([height_m(s[0], s[1], s[2]) for s in states])
    above = np.nonzero(heights >= height)[0]
    phi[2] = -float(times[above[0]]) if len(above) else -60.0
    return phi


def _residuals(phi: Array, batch: _Batch, mean: Array, sigma: Array) -> Array:
    z = np.empty(2 * len(batch.times_s))
    ascent_offsets(_theta(phi, batch), RISE_S, batch.times_s - phi[2], batch.geometry, z)
    return np.concatenate((batch.whitener @ z, (phi - mean) / sigma))


def _fit(batch: _Batch, family: AscentFamily, start: Array) -> tuple[Array, Array, float]:
    """Mode (8,), covariance (8, 8) and log evidence of one family (up to a shared constant)."""
    mean, sigma = _prior(family)
    mean[3] = start[3]  # azimuth has no prior to speak of: centre the weak one where it is
    phi = start.copy()
    r = _residuals(phi, batch, mean, sigma)
    cost = float(r @ r)
    damping = 1e-3
    jacobian = _jacobian(phi, r, batch, mean, sigma)
    for _ in range(_ITERATIONS):
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -(jacobian.T @ r))
        trial = phi + step
        r_trial = _residuals(trial, batch, mean, sigma)
        cost_trial = float(r_trial @ r_trial)
        if cost_trial < cost:
            gained = cost - cost_trial
            phi, r, cost = trial, r_trial, cost_trial
            jacobian = _jacobian(phi, r, batch, mean, sigma)
            damping *= 0.2
            if gained < 1e-2:
                break
        else:
            damping *= 10.0
            if damping > 1e6:
                break
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    evidence = (
        -0.5 * cost + 0.5 * float(np.linalg.slogdet(covariance)[1]) - float(np.sum(np.log(sigma)))
    )
    return phi, covariance, evidence


def _jacobian(phi: Array, r: Array, batch: _Batch, mean: Array, sigma: Array) -> Array:
    columns = []
    for i, step in enumerate(_STEPS):
        moved = phi.copy()
        moved[i] += step
        columns.append((_residuals(moved, batch, mean, sigma) - r) / step)
    return np.stack(columns, axis=1)


def _merge(
    fits: list[tuple[Array, Array, float]],
    batch: _Batch,
    reference_ns: int,
    extent: tuple[int, bool],
) -> LaunchFit:
    evidence = np.array([f[2] for f in fits])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    anchor = float(fits[int(np.argmax(weights))][0][3])
    means = np.array([f[0][:4] for f in fits])
    means[:, 3] = anchor + (means[:, 3] - anchor + math.pi) % (2.0 * math.pi) - math.pi
    mean = weights @ means
    covariance = np.zeros((4, 4))
    for weight, m, f in zip(weights, means, fits, strict=True):
        d = m - mean
        covariance += weight * (f[1][:4, :4] + np.outer(d, d))
    return LaunchFit(
        batch.latitude_rad,
        batch.longitude_rad,
        reference_ns,
        mean,
        covariance,
        *extent,
        tuple(f[0] for f in fits),
        tuple(float(w) for w in weights),
    )
