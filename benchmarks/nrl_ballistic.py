"""Two ballistic targets 50 m apart in range: our tracker against the published JPDAF and GNN-JPDAF.

    python -m benchmarks.nrl_ballistic [--runs 100]

The scenario of `demoBallisticScenario` in the Tracker Component Library (D. F. Crouse, Naval
Research Laboratory; public domain; github USNavalResearchLaboratory/TrackerComponentLibrary at
1ab8fecb): a flight of least energy over the North Pacific under gravity with J2, seen by a radar in
the Aleutians above 10 degrees, 100 scans, range 10 m and angles 0.1 degrees, detection 0.8, clutter
1e-2 per m rad^2 within 50 km and 2 degrees; the second target is the first, 50 m farther away.
Tracks start from two looks each, correctly associated, and both targets are there to the end.

The published method is written here from the literature, not copied: joint probabilistic data
association (Fortmann, Bar-Shalom, Scheffe, IEEE J. Oceanic Eng. 8(3), 1983) and its sister that
takes the best assignment and the JPDAF's spread about it (Drummond, SPIE 3809, 1999), on
measurements converted to Cartesian ones, as that program does. Mean and covariance are predicted by
cubature for all methods alike. Velocity at the start is the difference of two places corrected for
gravity, for which that program solves Lambert's problem: over one scan the two differ by 0.1 m/s
where the error is 600 m/s.

Score: GOSPA, p = 2, alpha = 2, of the ranges (c = 100 m: what the two differ in; across, the beam
is kilometres wide) and of the places (c = 10 km).
"""

from __future__ import annotations

import argparse
import functools
import itertools
import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from benchmarks.gospa import interval, squared_gospa
from forewarn import earth
from forewarn.frames import enu_axes
from forewarn.frames.geodetic import ecef_from_geodetic
from forewarn.tracking.hypotheses import (
    Intensity,
    Limits,
    MultiHypothesis,
    balanced,
    by_cubature,
    estimates,
)

Array = NDArray[np.float64]

SCANS, SEEN, APART_M, SEED = 100, 0.8, 50.0, 1980
CLUTTER_PER_M_RAD2, REACH_M, REACH_RAD = 1e-2, 50e3, math.radians(2.0)
SIGMAS = np.array([10.0, math.radians(0.1), math.radians(0.1)])
LEAST_ELEVATION_RAD = math.radians(10.0)
CUTOFFS_M = (100.0, 10e3)
_START_RAD = (math.radians(39.61693), math.radians(134.54975))
_END_RAD = (math.radians(40.56751), math.radians(-159.53953))
_RADAR_RAD = (math.radians(51.86310), math.radians(-177.98669))
RADAR_ECEF_M = ecef_from_geodetic(*_RADAR_RAD, 0.0)
AXES = enu_axes(*_RADAR_RAD)
_NONE = Intensity(np.zeros(0), np.zeros((0, 6)), np.zeros((0, 6, 6)))


def acceleration(states: Array) -> Array:
    """Gravity with J2, Coriolis and centrifugal terms of states (..., 6) in the rotating frame."""
    r, v = states[..., :3], states[..., 3:]
    square = np.sum(r * r, axis=-1, keepdims=True)
    tilt = 5.0 * r[..., 2:] ** 2 / square
    bulge = 1.5 * earth.J2 * earth.SEMI_MAJOR_AXIS_M**2 / square
    factors = np.concatenate([1.0 - tilt, 1.0 - tilt, 3.0 - tilt], axis=-1)
    pull = -earth.GRAVITATIONAL_PARAMETER_M3_S2 / square**1.5 * r * (1.0 + bulge * factors)
    w = earth.ROTATION_RATE_RAD_S
    pull[..., 0] += 2.0 * w * v[..., 1] + w * w * r[..., 0]
    pull[..., 1] += -2.0 * w * v[..., 0] + w * w * r[..., 1]
    return np.asarray(pull)


def slope(states: Array) -> Array:
    """Time derivative of states (..., 6)."""
    return np.concatenate([states[..., 3:], acceleration(states)], axis=-1)


def moved(states: Array, dt_s: float, *, steps: int = 2) -> Array:
    """States after ``dt_s`` by the classical Runge-Kutta method."""
    h = dt_s / steps
    for _ in range(steps):
        a = slope(states)
        b = slope(states + 0.5 * h * a)
        c = slope(states + 0.5 * h * b)
        d = slope(states + h * c)
        states = states + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return states


@dataclass(frozen=True, slots=True)
class Ballistic:
    """Free fall with white acceleration of density ``noise_m2_s3``; nothing ends."""

    noise_m2_s3: float

    def predict(self, means: Array, covariances: Array, dt_s: float) -> tuple[Array, Array]:
        """Cubature of third degree (Arasaratnam, Haykin, IEEE TAC 54(6), 2009)."""
        if not len(means):
            return means, covariances
        L = math.sqrt(6.0) * np.linalg.cholesky(covariances)
        away = np.concatenate([L, -L], axis=2).transpose(0, 2, 1)
        points = moved(means[:, None] + away, dt_s)
        mean = points.mean(axis=1)
        off = points - mean[:, None]
        covariance = np.einsum("kpi,kpj->kij", off, off) / 12.0
        q = np.array([[dt_s**3 / 3.0, dt_s**2 / 2.0], [dt_s**2 / 2.0, dt_s]])
        return mean, covariance + self.noise_m2_s3 * np.kron(q, np.eye(3))

    def survival(self, dt_s: float) -> float:
        """Certain."""
        del dt_s
        return 1.0


@dataclass(frozen=True, slots=True)
class Radar:
    """Range, azimuth from north, elevation."""

    def measured(self, states: Array) -> Array:
        """Measurements (..., 3) of states (..., 6)."""
        e, n, u = np.moveaxis((states[..., :3] - RADAR_ECEF_M) @ AXES.T, -1, 0)
        flat = np.hypot(e, n)
        return np.stack([np.hypot(flat, u), np.arctan2(e, n), np.arctan2(u, flat)], axis=-1)

    def expected(self, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
        """Measurement and covariances, by cubature."""
        return by_cubature(self, means, covariances)

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Differences, the azimuth's wrapped."""
        away = measurements - expected
        away[..., 1] = (away[..., 1] + math.pi) % (2.0 * math.pi) - math.pi
        return away

    def noise(self, measurements: Array) -> Array:
        """One covariance for all."""
        del measurements
        return np.diag(SIGMAS**2)[None]

    def detection(self, means: Array) -> Array:
        """The same everywhere."""
        return np.full(len(means), SEEN)

    def clutter(self, measurements: Array) -> Array:
        """The same everywhere."""
        return np.full(len(measurements), CLUTTER_PER_M_RAD2)

    def points(self, measurements: Array) -> None:
        """None: no target is to be found that was not known."""
        del measurements


RADAR = Radar()


def far(states: Array) -> Array:
    """Ranges (k, 1)."""
    return RADAR.measured(states)[:, :1]


@functools.cache
def flight() -> tuple[float, Array]:
    """Seconds between scans, and the first target's states [scan, 6]."""
    start = ecef_from_geodetic(*_START_RAD, 0.0)
    end = ecef_from_geodetic(*_END_RAD, 0.0)
    velocity, lasts_s = _least_energy(start, end)
    flown = solve_ivp(
        lambda _, x: slope(x), (0.0, 1.25 * lasts_s), np.concatenate([start, velocity]),
        method="DOP853", rtol=1e-11, atol=1e-6, dense_output=True,
    )  # fmt: skip
    times = np.linspace(0.0, 1.25 * lasts_s, 20_001)
    high = RADAR.measured(flown.sol(times).T)[:, 2] > LEAST_ELEVATION_RAD
    times = np.linspace(times[high][0], times[high][-1], SCANS)
    return float(times[1] - times[0]), flown.sol(times).T


def _least_energy(start: Array, end: Array) -> tuple[Array, float]:
    """Velocity and duration of the ellipse of least energy (Bate, Mueller, White, 1971, 5.3)."""
    r1, r2 = np.linalg.norm(start), np.linalg.norm(end)
    cosine = float(start @ end / (r1 * r2))
    chord = float(np.linalg.norm(end - start))
    half = 0.5 * (r1 + r2 + chord)
    p = r1 * r2 / chord * (1.0 - cosine)
    lag = 2.0 * math.asin(math.sqrt((half - chord) / half))
    lasts_s = math.sqrt((half / 2.0) ** 3 / earth.GRAVITATIONAL_PARAMETER_M3_S2) * (
        math.pi - lag + math.sin(lag)
    )
    along = end - (1.0 - r2 / p * (1.0 - cosine)) * start
    sine = math.sqrt(1.0 - cosine**2)
    return math.sqrt(earth.GRAVITATIONAL_PARAMETER_M3_S2 * p) / (r1 * r2 * sine) * along, lasts_s


def places(measurements: Array) -> Array:
    """Earth-fixed places of (range, azimuth, elevation) (..., 3)."""
    far, azimuth, elevation = np.moveaxis(measurements, -1, 0)
    flat = far * np.cos(elevation)
    enu = np.stack(
        [flat * np.sin(azimuth), flat * np.cos(azimuth), far * np.sin(elevation)], axis=-1
    )
    return np.asarray(RADAR_ECEF_M + enu @ AXES)


def converted(measurements: Array) -> tuple[Array, Array]:
    """Measurements (j, 3) as places and covariances, by cubature of third degree."""
    away = math.sqrt(3.0) * np.concatenate([np.diag(SIGMAS), -np.diag(SIGMAS)])
    points = places(measurements[:, None] + away)
    mean = points.mean(axis=1)
    off = points - mean[:, None]
    return mean, np.einsum("jpi,jpk->jik", off, off) / 6.0


def started(first: Array, second: Array, dt_s: float) -> Intensity:
    """Tracks after two looks (2, 3) each at two targets, sure to exist."""
    (r1, C1), (r2, C2) = converted(first), converted(second)
    means = np.concatenate([r2, (r2 - r1) / dt_s], axis=1)
    means[:, 3:] += 0.5 * dt_s * acceleration(means)
    covariances = np.zeros((len(r2), 6, 6))
    covariances[:, :3, :3] = C2
    covariances[:, :3, 3:] = covariances[:, 3:, :3] = C2 / dt_s
    covariances[:, 3:, 3:] = (C1 + C2) / dt_s**2
    return Intensity(np.ones(len(r2)), means, covariances)


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """The published trackers: every joint association of one scan, then one Gaussian a target."""

    motion: Ballistic
    nearest: bool

    def step(self, tracks: Intensity, dt_s: float, scan: Array) -> Intensity:
        """Predict, weigh all joint events, and collapse."""
        means, covariances = self.motion.predict(tracks.means, tracks.covariances, dt_s)
        if not len(scan):
            return Intensity(tracks.weights, means, covariances)
        ratio, after, spread = self._alone(means, covariances, scan)
        options = range(len(scan) + 1)  # the last: missed
        events = [
            (ratio[0, a] * ratio[1, b], a, b)
            for a, b in itertools.product(options, options)
            if a != b or a == len(scan)
        ]
        chosen = max(events)[1:]
        shares = np.zeros(ratio.shape)
        for weight, a, b in events:
            shares[0, a] += weight
            shares[1, b] += weight
        shares /= shares.sum(axis=1, keepdims=True)
        found = []
        for i in (0, 1):
            mean = after[i, chosen[i]] if self.nearest else shares[i] @ after[i]
            off = after[i] - mean
            found.append((mean, np.einsum("j,jab->ab", shares[i], spread[i])
                          + np.einsum("j,ja,jb->ab", shares[i], off, off)))  # fmt: skip
        return Intensity(
            tracks.weights, np.array([m for m, _ in found]), np.array([c for _, c in found])
        )

    def _alone(self, means: Array, covariances: Array, scan: Array) -> tuple[Array, Array, Array]:
        """Likelihood ratio to clutter, mean and covariance of each target with each measurement."""
        z, R = converted(scan)
        far, elevation = scan[:, 0], scan[:, 2]
        density = CLUTTER_PER_M_RAD2 / (far**2 * np.cos(elevation))  # per cubic metre
        S = covariances[:, None, :3, :3] + R[None]
        v = z[None] - means[:, None, :3]
        inverse = np.linalg.inv(S)
        d2 = np.einsum("ijm,ijmn,ijn->ij", v, inverse, v)
        norm = np.sqrt(np.linalg.det(2.0 * math.pi * S))
        ratio = SEEN * np.exp(-0.5 * d2) / norm / density
        K = covariances[:, None, :, :3] @ inverse
        after = means[:, None] + np.einsum("ijnm,ijm->ijn", K, v)
        spread = covariances[:, None] - K @ covariances[:, None, :3, :]
        return (
            np.concatenate([ratio, np.full((2, 1), 1.0 - SEEN)], axis=1),
            np.concatenate([after, means[:, None]], axis=1),
            np.concatenate([spread, covariances[:, None]], axis=1),
        )


def drawn(number: int, states: Array) -> tuple[Array, list[Array]]:
    """True measurements [scan, target, 3] and what the radar reports of them in run ``number``."""
    rng = np.random.default_rng((SEED, number))
    exact = RADAR.measured(states)
    true = np.stack([exact, exact + np.array([APART_M, 0.0, 0.0])], axis=1)
    volume = 2.0 * REACH_M * (2.0 * REACH_RAD) ** 2
    reach = np.array([REACH_M, REACH_RAD, REACH_RAD])
    reported = []
    for k, now in enumerate(true):
        seen = (rng.random(2) < SEEN) | (k < 4)  # as that program: the first four are seen
        clutter = now[0] + reach * rng.uniform(
            -1.0, 1.0, (rng.poisson(CLUTTER_PER_M_RAD2 * volume), 3)
        )
        scan = np.concatenate([now[seen], clutter if k >= 2 else clutter[:0]])
        reported.append(scan + SIGMAS * rng.standard_normal(scan.shape))
    return true, reported


def run(number: int, limits: Limits | None = None) -> dict[str, Array]:
    """Squared GOSPA [scan, (ranges, places), part] of run ``number``, by method."""
    dt_s, states = flight()
    true, reported = drawn(number, states)
    motion = Ballistic((0.75 * 1e-2) ** 2 / dt_s)
    known = started(reported[0], reported[1], dt_s)
    several, guess = (
        MultiHypothesis(motion, _NONE, chosen)
        for chosen in (limits or Limits(), Limits(hypotheses=1))
    )
    believed, guessed = several.start(known=known), guess.start(known=known)
    joint, nearest = known, known
    scores: dict[str, list[Array]] = {}
    for k in range(2, SCANS):
        joint = Joint(motion, nearest=False).step(joint, dt_s, reported[k])
        nearest = Joint(motion, nearest=True).step(nearest, dt_s, reported[k])
        believed = several.step(believed, dt_s, reported[k], RADAR)
        guessed = guess.step(guessed, dt_s, reported[k], RADAR)
        for name, found in (
            ("JPDAF", joint.means),
            ("GNN-JPDAF", nearest.means),
            ("one hypothesis", estimates(guessed).means),
            ("ours, likeliest", estimates(believed).means),
            ("ours", balanced(believed, far, CUTOFFS_M[0]).means),
        ):
            scores.setdefault(name, []).append(_scored(true[k], found))
    return {name: np.array(rows) for name, rows in scores.items()}


def _scored(true: Array, found: Array) -> Array:
    return np.array(
        [
            squared_gospa(true[:, :1], far(found), CUTOFFS_M[0]),
            squared_gospa(places(true), found[:, :3], CUTOFFS_M[1]),
        ]
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    asked = parser.parse_args()
    began = time.process_time()
    runs = [run(number) for number in range(asked.runs)]
    spent_s = time.process_time() - began
    print(
        f"{asked.runs} runs; {1e3 * spent_s / asked.runs / (SCANS - 2):.1f} ms a scan, all methods"
    )
    print("| | GOSPA of ranges, m | parts (location, missed, false) | GOSPA of places, m |")
    print("| --- | --- | --- | --- |")
    base = _per_run(runs, "JPDAF", 0), _per_run(runs, "GNN-JPDAF", 0)
    for name in runs[0]:
        ranges, half = interval(_per_run(runs, name, 0))
        parts = np.sqrt(np.mean([r[name][:, 0] for r in runs], axis=(0, 1)))
        where, where_half = interval(_per_run(runs, name, 1))
        print(
            f"| {name} | {ranges:.2f} ± {half:.2f} | "
            + ", ".join(f"{part:.2f}" for part in parts)
            + f" | {where:.0f} ± {where_half:.0f} |"
        )
    for name, theirs in zip(("JPDAF", "GNN-JPDAF"), base, strict=True):
        mean, half = interval(_per_run(runs, "ours", 0) - theirs)
        print(f"ours less {name}, ranges, run by run: {mean:+.2f} ± {half:.2f} m (95 %)")


def _per_run(runs: list[dict[str, Array]], name: str, metric: int) -> Array:
    """Mean GOSPA of each run."""
    return np.array([np.sqrt(r[name][:, metric].sum(axis=1)).mean() for r in runs])


if __name__ == "__main__":
    main()
