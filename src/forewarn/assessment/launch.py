"""Launch point, time and azimuth: a batch posterior over ascent families.

Each family's ascent (``missiles.families``) is fitted to the first lines of sight by
Levenberg-Marquardt on the log posterior; sensor biases are integrated out in closed form (they make
the looks of one telescope correlated). The Gaussian at each family's mode weighs by its Laplace
evidence (MacKay, Information Theory, Inference, and Learning Algorithms, 2003, section 27), and the
mixture is reported with its first two moments.

phi (8,): north and east [m] of a reference place, ignition [s] after a reference instant, azimuth
[rad], and the logarithms of the four parameters of `AscentFamily`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels.flight import ascend, ascent_offsets, height_m
from forewarn.missiles.families import FAMILIES, RISE_S, AscentFamily
from forewarn.tracking.live import LAUNCH_WINDOW_S, LiveTrack
from forewarn.tracking.looks import LEAST_REACH_M, Look

Array = NDArray[np.float64]

# How far a real ascent strays from any member of a family, one sigma: a part that lasts
# (throttling, steering) and a part new with every look. See docs/design/0002.
LASTING_ERROR_M = 200.0
LASTING_FOR_S = 20.0
FRESH_ERROR_M = 50.0
_LEAST_LOOKS = 3
_MOST_LOOKS = 48
_GROWTH = 1.15  # a launch is fitted anew when its lines of sight have grown by this much
_PRIOR_GROUND_M = 200e3
_PRIOR_TIME_S = 120.0
_PRIOR_AZIMUTH_RAD = 10.0
_STEPS = np.array((100.0, 100.0, 0.1, 1e-3, 1e-4, 1e-4, 1e-3, 1e-3))
_ITERATIONS = 12
_LONGEST_ASCENT_S = 900.0
_LOG_SPAN_SIGMAS = 8.0
_LOG_MOST = np.array((4.5, math.inf, 0.0, math.inf))  # 90 m/s2, and a tip-over of one radian
_SEEN_HEIGHT_M = 20e3  # of a plume in its first minute, near enough for the scale of an angle


@dataclass(frozen=True, slots=True, eq=False)
class LaunchFit:
    """Posterior of (north m, east m, time s, azimuth rad) about a reference, families merged.

    ``available`` is how many lines of sight there were to choose from; ``complete`` that the time
    window of the fit is over. ``modes`` are the fitted parameters by family, None without a fit.
    """

    reference_latitude_rad: float
    reference_longitude_rad: float
    reference_tai_ns: int
    mean: Array
    covariance: Array
    available: int
    complete: bool
    modes: tuple[Array | None, ...]

    @property
    def latitude_rad(self) -> float:
        """Latitude of the mean launch point."""
        latitude_rad = self.reference_latitude_rad + float(self.mean[0]) / MEAN_RADIUS_M
        return min(max(latitude_rad, -0.5 * math.pi), 0.5 * math.pi)

    @property
    def longitude_rad(self) -> float:
        """Longitude of the mean launch point, -pi to pi."""
        turn_rad = float(self.mean[1]) / _parallel_radius_m(self.reference_latitude_rad)
        return math.remainder(self.reference_longitude_rad + turn_rad, 2.0 * math.pi)

    @property
    def time_tai_ns(self) -> int:
        """Mean launch instant."""
        return self.reference_tai_ns + round(float(self.mean[2]) * SECOND_NS)

    def is_current(self, track: LiveTrack) -> bool:
        """Whether a new fit of the track would tell little more."""
        if self.complete or len(track.launch_looks) <= self.available:
            return True
        return not _is_complete(track) and len(track.launch_looks) < self.available * _GROWTH


def _parallel_radius_m(latitude_rad: float) -> float:
    return MEAN_RADIUS_M * max(math.cos(latitude_rad), 1e-2)


def _is_complete(track: LiveTrack) -> bool:
    """Whether the window of lines of sight that a launch is fitted to is over."""
    first_tai_ns = min(look.seen_tai_ns for look in track.launch_looks)
    return track.last_thrust_tai_ns > first_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """The looks of one fit, whitened: times [s] after the reference, geometry, Cholesky factor."""

    latitude_rad: float
    longitude_rad: float
    reference_tai_ns: int
    times_s: Array
    geometry: Array
    whitener: Array


def launch_fit(track: LiveTrack, previous: LaunchFit | None) -> LaunchFit | None:
    """Fit the launch of a track from its first minute of lines of sight.

    ``previous`` (of the same track) gives the reference and the starting point. Returns None
    without three lines of sight, and when no ascent of any family can be fitted to them.
    """
    looks = _window(track)
    if len(looks) < _LEAST_LOOKS:
        return None
    first_ecef_m = track.known_at(looks[0].seen_tai_ns).body()[0][:3]
    if previous is None:
        latitude_rad, longitude_rad, _ = geodetic_from_ecef(first_ecef_m)
        reference_tai_ns = looks[0].seen_tai_ns
    else:
        latitude_rad = previous.reference_latitude_rad
        longitude_rad = previous.reference_longitude_rad
        reference_tai_ns = previous.reference_tai_ns
    batch = _batch(looks, latitude_rad, longitude_rad, reference_tai_ns)
    if batch is None:
        return None
    fits: list[_Fit | None] = []
    for index, family in enumerate(FAMILIES):
        start = previous.modes[index] if previous is not None else None
        if start is None:
            start = _guess(family, height_m(*first_ecef_m), _heading_rad(track), batch)
        fits.append(_fit(batch, family, start))
    return _merge(fits, batch, track)


def _window(track: LiveTrack) -> list[Look]:
    """The lines of sight of the track's first minute, oldest first, thinned if they are many."""
    looks = sorted(track.launch_looks, key=lambda k: (k.seen_tai_ns, k.order))
    if not looks:
        return []
    limit = looks[0].seen_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)
    looks = [k for k in looks if k.seen_tai_ns <= limit]
    if len(looks) > _MOST_LOOKS:
        keep = np.unique(np.linspace(0, len(looks) - 1, _MOST_LOOKS).astype(int))
        looks = [looks[int(i)] for i in keep]
    return looks


def _batch(
    looks: list[Look], latitude_rad: float, longitude_rad: float, reference_tai_ns: int
) -> _Batch | None:
    n = len(looks)
    geometry = np.array([k.geometry[0:4] for k in looks])
    times_s = np.array([(k.seen_tai_ns - reference_tai_ns) / SECOND_NS for k in looks])
    distance_m = np.linalg.norm(geometry[:, 0], axis=1) - MEAN_RADIUS_M - _SEEN_HEIGHT_M
    across = geometry[:, 2:4] / np.maximum(distance_m, LEAST_REACH_M)[:, None, None]
    across = across.reshape(2 * n, 3)  # offsets [rad] per metre of displacement
    lag_s = np.abs(times_s[:, None] - times_s[None, :])
    shared = LASTING_ERROR_M**2 * np.exp(-lag_s / LASTING_FOR_S) + FRESH_ERROR_M**2 * np.eye(n)
    covariance = np.kron(shared, np.ones((2, 2))) * (across @ across.T)
    for i, a in enumerate(looks):
        noise = float(a.geometry[6, 0]) ** 2
        covariance[2 * i, 2 * i] += noise
        covariance[2 * i + 1, 2 * i + 1] += noise
        for j, b in enumerate(looks):
            if a.sensor_id == b.sensor_id:
                covariance[2 * i, 2 * j] += a.bias_sigma_rad**2
                covariance[2 * i + 1, 2 * j + 1] += a.bias_sigma_rad**2
    try:
        whitener = np.asarray(np.linalg.inv(np.linalg.cholesky(covariance)), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return _Batch(latitude_rad, longitude_rad, reference_tai_ns, times_s, geometry, whitener)


def _heading_rad(track: LiveTrack) -> float:
    """Azimuth in which the track moves now."""
    mean, _ = track.latest.body()
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(mean[:3])
    east, north, _ = enu_axes(latitude_rad, longitude_rad) @ mean[3:]
    return math.atan2(east, north)


def _prior(family: AscentFamily) -> tuple[Array, Array]:
    """Mean and one sigma of phi (8,)."""
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


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The fit of one family to a batch: residuals are whitened looks, then whitened prior."""

    batch: _Batch
    mean: Array
    sigma: Array

    def theta(self, phi: Array) -> Array:
        """Parameters of ``kernels.flight.ascend``; a trial that strays far is held back."""
        reach = _LOG_SPAN_SIGMAS * self.sigma[4:]
        most = np.minimum(self.mean[4:] + reach, _LOG_MOST)
        logs = np.clip(phi[4:], self.mean[4:] - reach, most)
        place = (
            self.batch.latitude_rad + phi[0] / MEAN_RADIUS_M,
            self.batch.longitude_rad + phi[1] / _parallel_radius_m(self.batch.latitude_rad),
            0.0,
            phi[3],
        )
        return np.concatenate((place, np.exp(logs)))

    def residuals(self, phi: Array) -> Array:
        z = np.empty(2 * len(self.batch.times_s))
        flown_s = np.minimum(self.batch.times_s - phi[2], _LONGEST_ASCENT_S)
        ascent_offsets(self.theta(phi), RISE_S, flown_s, self.batch.geometry, z)
        return np.concatenate((self.batch.whitener @ z, (phi - self.mean) / self.sigma))

    def jacobian(self, phi: Array, r: Array) -> Array:
        columns = []
        for i, step in enumerate(_STEPS):
            moved = phi.copy()
            moved[i] += step
            columns.append((self.residuals(moved) - r) / step)
        return np.stack(columns, axis=1)


def _guess(family: AscentFamily, first_height_m: float, azimuth_rad: float, batch: _Batch) -> Array:
    """The family's median ascent, ignited so that it is at the first look's height when seen."""
    mean, sigma = _prior(family)
    phi = mean.copy()
    phi[3] = azimuth_rad
    times = np.arange(0.0, 200.0, 1.0)
    states = np.empty((len(times), 6))
    theta = _Problem(batch, mean, sigma).theta(phi)
    ascend(theta, RISE_S, times, states, np.empty((11, 6)))
    heights = np.array([height_m(s[0], s[1], s[2]) for s in states])
    above = np.nonzero(heights >= first_height_m)[0]
    phi[2] = -float(times[above[0]]) if len(above) else -60.0
    return phi


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Mode (8,), covariance (8, 8) and log evidence of one family (up to a shared constant)."""

    mode: Array
    covariance: Array
    evidence: float


def _fit(batch: _Batch, family: AscentFamily, start: Array) -> _Fit | None:
    """Levenberg-Marquardt from ``start``; None if the numbers lead nowhere."""
    mean, sigma = _prior(family)
    mean[3] = start[3]  # azimuth has no prior to speak of: centre the weak one where it is
    problem = _Problem(batch, mean, sigma)
    try:
        phi, cost, jacobian = _descend(problem, start)
        covariance = np.asarray(np.linalg.inv(jacobian.T @ jacobian), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    if not (np.isfinite(phi).all() and np.isfinite(covariance).all()):
        return None
    sign, log_determinant = np.linalg.slogdet(covariance)
    evidence = -0.5 * cost + 0.5 * float(log_determinant) - float(np.sum(np.log(sigma)))
    if sign <= 0.0 or not math.isfinite(evidence):
        return None
    return _Fit(phi, covariance, evidence)


def _descend(problem: _Problem, start: Array) -> tuple[Array, float, Array]:
    """The mode that descent from ``start`` finds, its cost, and the Jacobian there."""
    phi = start.copy()
    r = problem.residuals(phi)
    cost = float(r @ r)
    damping = 1e-3
    jacobian = problem.jacobian(phi, r)
    for _ in range(_ITERATIONS):
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -(jacobian.T @ r))
        trial = phi + step
        r_trial = problem.residuals(trial)
        cost_trial = float(r_trial @ r_trial)
        if cost_trial < cost:
            gained = cost - cost_trial
            phi, r, cost = trial, r_trial, cost_trial
            jacobian = problem.jacobian(phi, r)
            damping *= 0.2
            if gained < 1e-2:
                break
        else:
            damping *= 10.0
            if damping > 1e6:
                break
    return phi, cost, jacobian


def _merge(fits: list[_Fit | None], batch: _Batch, track: LiveTrack) -> LaunchFit | None:
    """First two moments of the mixture of families; None if none was fitted."""
    found = [fit for fit in fits if fit is not None]
    if not found:
        return None
    evidence = np.array([fit.evidence for fit in found])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    anchor_rad = float(found[int(np.argmax(weights))].mode[3])
    means = np.array([fit.mode[:4] for fit in found])
    means[:, 3] = anchor_rad + (means[:, 3] - anchor_rad + math.pi) % (2.0 * math.pi) - math.pi
    mean = weights @ means
    covariance = np.zeros((4, 4))
    for weight, m, fit in zip(weights, means, found, strict=True):
        d = m - mean
        covariance += weight * (fit.covariance[:4, :4] + np.outer(d, d))
    return LaunchFit(
        reference_latitude_rad=batch.latitude_rad,
        reference_longitude_rad=batch.longitude_rad,
        reference_tai_ns=batch.reference_tai_ns,
        mean=mean,
        covariance=covariance,
        available=len(track.launch_looks),
        complete=_is_complete(track),
        modes=tuple(None if fit is None else fit.mode for fit in fits),
    )
