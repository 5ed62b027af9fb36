"""Launch points against the information bound: how near, how honest, from what geometry.

    python -m benchmarks.launch --seeds 40

True vehicles are dispersed members of the generic families, flown by `missiles.flight` with thrust
and pitch that stray: nothing of that does the estimator have. Sites and azimuths are drawn over
the globe, sensors round each site. For each class, geometry and moment: median error of the launch
point, what a perfect estimator could reach (the Bayesian Cramer-Rao bound, van Trees 1968: inverse
of the information of looks, model error and prior, on the estimator's model fitted to looks without
noise), stated sigma, mean squared Mahalanobis distance (2 is expected), how often the stated 90 %
region held the pad, and the same of the launch time (1 is expected).
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.runs import SCENARIOS, wilson
from forewarn.assessment.launch import LaunchFit, fitted, launch_of, window
from forewarn.assessment.launch_arc import Arc, arc_launch
from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import (
    ecef_from_geodetic,
    enu_axes,
    geodetic_from_ecef,
    plane_from_places_m,
)
from forewarn.kernels import filter as kernel
from forewarn.kernels.ascents import white_offsets
from forewarn.kernels.flight import coast_step, height_m
from forewarn.kernels.measure import radar_from_ecef, tangent_axes
from forewarn.missiles.flight import WANDER_SPACING_S, fly
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import SPREAD_PARAMETERS, FamilySpread, Vehicle, dispersed
from forewarn.tracking.looks import Look, echo_points

Array = NDArray[np.float64]

CLASSES = (
    "short_range_liquid",
    "medium_range_liquid",
    "intermediate_liquid",
    "intermediate_solid",
    "intercontinental_liquid",
    "intercontinental_solid",
    "space_launch_two_stage",
)
LACKED = "lofted_test_solid"  # no family of the estimator flies so straight up on so much thrust
MOMENTS_S = (0.0, 30.0, 60.0)  # after the first fit that is possible, and burn-out
SPREAD = FamilySpread(
    thrust_fraction=0.075,
    exhaust_velocity_fraction=0.03,
    propellant_fraction=0.01,
    structure_fraction=0.05,
    payload_fraction=0.15,
    drag_area_fraction=0.3,
    kick_fraction=0.15,
)
WANDER = (0.14, math.radians(3.0))  # thrust, pitch: one sigma, as in the shipped overflight
WANDER_FOR_S = 15.0
CLOUD_TOP_M = 7_000.0
GEOSTATIONARY_M = 42_164e3
NOISE_RAD, BIAS_RAD = 5e-6, 8e-6
REVISIT_S = 10.0
NINETY_PERCENT_D2 = -2.0 * math.log(0.1)
START_TAI_NS = 10**18
RADAR_NOISE = (30.0, 1e-3, 1e-3, 10.0)  # m, rad, rad, m/s
RADAR_BIAS = (20.0, 3e-4, 3e-4)
RADAR_LOWEST_RAD = math.radians(2.0)
RADAR_SEES_S = {"+0 s": 10.0, "+30 s": 40.0, "+60 s": 70.0}  # of the arc, from 10 s after burn-out


@dataclass(frozen=True, slots=True)
class Case:
    """One true flight: its pad, its path, and when its plume is first and last seen."""

    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float
    trajectory: Trajectory
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured of one fit; errors are truth less estimate."""

    vehicle_id: str
    geometry: str
    moment: str
    error_m: float
    sigma_m: float
    bound_m: float
    d2: float
    late_s: float
    late_sigma_s: float
    held_by_draws: bool
    fit_s: float


def flight(vehicle: Vehicle, randomness: np.random.Generator) -> Case | None:
    """A member of a family from anywhere, straying; None if it does not lift off or stays low."""
    spread = msgspec.structs.replace(vehicle, spread=SPREAD)
    member = dispersed(spread, randomness.standard_normal(len(SPREAD_PARAMETERS)))
    latitude_rad = math.asin(randomness.uniform(-0.9, 0.9))
    longitude_rad, azimuth_rad = randomness.uniform(-math.pi, math.pi, 2)
    stray = randomness.standard_normal((300, 2)) * WANDER
    kept = math.exp(-WANDER_SPACING_S / WANDER_FOR_S)
    for i in range(1, len(stray)):
        stray[i] = kept * stray[i - 1] + math.sqrt(1.0 - kept * kept) * stray[i]
    first = member.stages[0]
    if first.thrust_n * (1.0 - first.sea_level_loss) < 1.12 * 9.81 * member.lift_off_kg:
        return None
    flown = fly(
        member,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        height_m=0.0,
        azimuth_rad=azimuth_rad,
        wander=stray,
        longest_fall_s=1_200.0,
    )
    burning = flown.times_s <= flown.burnout_s
    heights = np.array([height_m(*p) for p in flown.position_ecef_m[burning]])
    above = np.nonzero(heights > CLOUD_TOP_M)[0]
    if not len(above) or heights[-1] < 20e3:
        return None
    first_s = float(flown.times_s[above[0]])
    return Case(latitude_rad, longitude_rad, azimuth_rad, flown, first_s, flown.burnout_s)


def sightings(
    case: Case, satellite_longitude_rad: float, name: str, randomness: np.random.Generator
) -> list[Look]:
    """A scanning telescope's lines of sight, with its noise and one constant bias."""
    satellite = GEOSTATIONARY_M * np.array(
        (math.cos(satellite_longitude_rad), math.sin(satellite_longitude_rad), 0.0)
    )
    bias_rad = BIAS_RAD * randomness.standard_normal(2)
    looks = []
    for seen_s in np.arange(
        case.first_s + randomness.uniform(0.0, REVISIT_S), case.last_s, REVISIT_S
    ):
        position, _ = case.trajectory.state_ecef_at(float(seen_s))
        g = np.zeros((8, 3))
        g[0] = satellite
        u = (position - satellite) / np.linalg.norm(position - satellite)
        tangent_axes(u, g[2:4])
        u = u + (bias_rad + NOISE_RAD * randomness.standard_normal(2)) @ g[2:4]
        g[1] = u / np.linalg.norm(u)
        tangent_axes(g[1], g[2:4])
        g[6] = NOISE_RAD
        looks.append(look(name, float(seen_s), kernel.LINE_OF_SIGHT, g, BIAS_RAD))
    return looks


def echoes(
    case: Case, name: str, span_s: tuple[float, float], randomness: np.random.Generator
) -> list[Look]:
    """A radar's echoes, one a second while the object is 2 degrees up, with noise and biases.

    It stands 300 to 900 km from where the object is in the middle of that time, anywhere round.
    """
    middle, _ = case.trajectory.state_ecef_at(0.5 * sum(span_s))
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(middle)
    away_rad = randomness.uniform(300e3, 900e3) / MEAN_RADIUS_M
    bearing_rad = randomness.uniform(-math.pi, math.pi)
    latitude_rad = min(max(latitude_rad + away_rad * math.cos(bearing_rad), -1.4), 1.4)
    longitude_rad += away_rad * math.sin(bearing_rad) / math.cos(latitude_rad)
    site = ecef_from_geodetic(latitude_rad, longitude_rad, 0.0)
    axes = enu_axes(latitude_rad, longitude_rad)
    bias = np.array((*RADAR_BIAS, 0.0)) * randomness.standard_normal(4)
    looks = []
    for seen_s in np.arange(span_s[0], span_s[1], 1.0):
        state = np.concatenate(case.trajectory.state_ecef_at(float(seen_s)))
        z = np.empty(4)
        radar_from_ecef(state, site, axes, z)
        if z[2] < RADAR_LOWEST_RAD:
            continue
        sigma = np.array(RADAR_NOISE)
        sigma[1] /= max(math.cos(z[2]), 1e-3)
        z += bias + sigma * randomness.standard_normal(4)
        g = np.zeros((8, 3))
        g[0], g[1:4] = site, axes
        g[4], g[5, 0] = z[:3], z[3]
        g[6], g[7, 0] = sigma[:3], sigma[3]
        looks.append(look(name, float(seen_s), kernel.RADAR, g, RADAR_BIAS[1]))
    return looks


def arc_seen(looks: list[Look]) -> Arc | None:
    """The arc that a radar's echoes of a falling object fix, by least squares; biases as noise.

    Biases are alike in all echoes: their share of the covariance does not fall with their number.
    """
    middle = looks[len(looks) // 2].seen_tai_ns
    times_s = np.array([(k.seen_tai_ns - middle) / SECOND_NS for k in looks])
    geometry = np.array([k.geometry for k in looks])
    points, _ = echo_points(geometry)
    slope = np.polyfit(times_s, points, 2)
    x = np.concatenate((slope[2], slope[1]))
    sigma = np.concatenate((geometry[:, 6], geometry[:, 7, :1]), axis=1)
    kinds = np.full(len(looks), kernel.RADAR, dtype=np.int64)

    def offsets(state: Array) -> Array:
        states = np.empty((1, len(looks), 6))
        for row, t in zip(states[0], times_s, strict=True):
            row[:] = state
            for _ in range(4):
                coast_step(row, 0.0, t / 4.0, np.empty((7, 6)))
        z = np.empty((1, 4 * len(looks)))
        white_offsets(states, kinds, geometry, np.diag(1.0 / sigma.ravel()), z)
        return z[0]

    steps = np.array((10.0,) * 3 + (1.0,) * 3)
    for _ in range(4):
        r = offsets(x)
        j = np.stack([(offsets(x + d) - r) / s for d, s in zip(np.diag(steps), steps, strict=True)])
        information = j @ j.T
        x = x - np.linalg.solve(information, j @ r)
    covariance = np.linalg.inv(information)
    shifts = np.tile(np.diag((*RADAR_BIAS, 0.0)), (1, len(looks))) / sigma.ravel()
    moved = covariance @ j @ shifts[:3].T
    covariance = covariance + moved @ moved.T
    return Arc(middle, x, covariance) if np.isfinite(covariance).all() else None


def look(name: str, seen_s: float, kind: int, g: Array, bias_sigma_rad: float) -> Look:
    """A look as the tracker would make it."""
    return Look(
        measurement_id=f"{seen_s:.3f}",
        scan_id=f"{seen_s:.3f}",
        sensor_id=name,
        seen_tai_ns=START_TAI_NS + round(seen_s * SECOND_NS),
        kind=kind,
        geometry=g,
        bias_sigma_rad=bias_sigma_rad,
        clutter_density=1.0,
    )


def clean(case: Case, looks: list[Look]) -> list[Look]:
    """The same looks without noise or bias."""
    found = []
    for one in looks:
        g = one.geometry.copy()
        since_s = (one.seen_tai_ns - START_TAI_NS) / SECOND_NS
        position, _ = case.trajectory.state_ecef_at(since_s)
        g[1] = (position - g[0]) / np.linalg.norm(position - g[0])
        tangent_axes(g[1], g[2:4])
        found.append(dataclasses.replace(one, geometry=g))
    return found


def measured(case: Case, vehicle_id: str, geometry: str, looks: list[Look], moment: str) -> Row:
    """Fit the launch of looks and compare."""
    chosen = window(looks)
    since_s = (chosen[0].seen_tai_ns - START_TAI_NS) / SECOND_NS
    first_ecef_m, _ = case.trajectory.state_ecef_at(since_s)
    began = time.process_time()
    posterior = fitted(chosen, first_ecef_m, None)
    fit_s = time.process_time() - began
    assert posterior is not None, f"{vehicle_id}: no ascent fits"
    fit = launch_of(posterior, available=len(looks), complete=True)
    bound = bound_m(case, chosen)
    return row_of(case, fit, (vehicle_id, geometry, moment), bound_m=bound, fit_s=fit_s)


def measured_arc(case: Case, vehicle_id: str, looks: list[Look], moment: str) -> Row | None:
    """Fit the launch of an arc and compare; its bound is the spread of its own posterior."""
    arc = arc_seen(looks)
    if arc is None:
        return None
    began = time.process_time()
    fit = arc_launch(arc)
    fit_s = time.process_time() - began
    if fit is None:
        return None
    return row_of(
        case,
        fit,
        (vehicle_id, "radar", moment),
        bound_m=median_distance_m(fit.covariance[:2, :2]),
        fit_s=fit_s,
    )


def row_of(
    case: Case, fit: LaunchFit, names: tuple[str, str, str], *, bound_m: float, fit_s: float
) -> Row:
    """Compare a fit with the truth."""
    error = error_of(fit, case)
    ground = fit.covariance[:2, :2]
    return Row(
        *names,
        error_m=float(np.linalg.norm(error[:2])),
        sigma_m=math.sqrt(float(np.trace(ground)) / 2.0),
        bound_m=bound_m,
        d2=float(error[:2] @ np.linalg.solve(ground, error[:2])),
        late_s=float(error[2]),
        late_sigma_s=math.sqrt(float(fit.covariance[2, 2])),
        held_by_draws=fit.holds(case.latitude_rad, case.longitude_rad, 0.9),
        fit_s=fit_s,
    )


def error_of(fit: LaunchFit, case: Case) -> Array:
    """Truth less estimate: north, east [m], time [s]."""
    east, north = plane_from_places_m(
        np.array([case.latitude_rad]),
        np.array([case.longitude_rad]),
        latitude_rad=fit.latitude_rad,
        longitude_rad=fit.longitude_rad,
    )[0]
    return np.array((north, east, (START_TAI_NS - fit.time_tai_ns) / SECOND_NS))


def bound_m(case: Case, looks: list[Look]) -> float:
    """Median distance of a normal error with the covariance of the Cramer-Rao bound."""
    ideal = clean(case, looks)
    since_s = (ideal[0].seen_tai_ns - START_TAI_NS) / SECOND_NS
    posterior = fitted(ideal, case.trajectory.state_ecef_at(since_s)[0], None)
    assert posterior is not None
    covariance = posterior.mode_covariances[int(np.argmax(posterior.family_weights))]
    assert covariance is not None
    return median_distance_m(covariance[:2, :2])


def median_distance_m(covariance_m2: Array) -> float:
    """Median of the length of a normal vector in the plane."""
    scores = np.random.default_rng(1).standard_normal((4_000, 2))
    return float(np.median(np.linalg.norm(scores @ np.linalg.cholesky(covariance_m2).T, axis=1)))


def one(job: tuple[str, int]) -> list[Row]:
    """All geometries and moments of one flight of a vehicle."""
    vehicle_id, seed = job
    vehicle = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")[vehicle_id]
    randomness = np.random.default_rng([seed, *vehicle_id.encode()])
    case = None
    while case is None:
        case = flight(vehicle, randomness)
    sides = randomness.permutation((-1.0, 1.0)) * randomness.uniform(0.3, 0.9, 2)
    west = sightings(case, case.longitude_rad + sides[0], "WEST", randomness)
    east = sightings(case, case.longitude_rad + sides[1], "EAST", randomness)
    rows = []
    near = echoes(case, "RADAR", (case.first_s, min(case.last_s, case.first_s + 45.0)), randomness)
    for geometry, looks, least in (
        ("stereo", west + east, 3),
        ("mono", west, 4),
        ("all", west + east + near, 8),
    ):
        looks = sorted(looks, key=lambda k: k.seen_tai_ns)
        if len(looks) < least:
            continue
        first_ns = looks[least - 1].seen_tai_ns
        for after_s in MOMENTS_S:
            until = first_ns + round(after_s * SECOND_NS)
            known = [k for k in looks if k.seen_tai_ns <= until]
            rows.append(measured(case, vehicle_id, geometry, known, f"+{after_s:.0f} s"))
            if len(known) == len(looks):
                break
    for moment, seen_s in RADAR_SEES_S.items():
        span_s = (case.last_s + 10.0, case.last_s + 10.0 + seen_s)
        looks = echoes(case, "RADAR", span_s, randomness)
        row = measured_arc(case, vehicle_id, looks, moment) if len(looks) > 5 else None
        if row is not None:
            rows.append(row)
    return rows


def measure(seeds: int, vehicles: tuple[str, ...], workers: int) -> list[Row]:
    """Fly every vehicle with seeds 1 to ``seeds``."""
    jobs = [(vehicle_id, seed) for vehicle_id in vehicles for seed in range(1, seeds + 1)]
    if workers == 1:
        return [row for job in jobs for row in one(job)]
    with ProcessPoolExecutor(workers) as pool:
        return [row for rows in pool.map(one, jobs) for row in rows]


def line(name: str, rows: list[Row]) -> str:
    """One line of the table."""
    error = float(np.median([r.error_m for r in rows]))
    bound = float(np.median([r.bound_m for r in rows]))
    held = sum(r.d2 <= NINETY_PERCENT_D2 for r in rows)
    low, high = wilson(held, len(rows))
    late = np.array([r.late_s for r in rows])
    late_d2 = np.array([(r.late_s / r.late_sigma_s) ** 2 for r in rows])
    return (
        f"{name:44s} {len(rows):4d} {error / 1e3:8.2f} {bound / 1e3:8.2f} {error / bound:6.2f} "
        f"{np.median([r.sigma_m for r in rows]) / 1e3:8.2f} {np.mean([r.d2 for r in rows]):6.2f} "
        f"{held / len(rows):6.1%} {low:6.1%}-{high:6.1%} "
        f"{np.mean([r.held_by_draws for r in rows]):6.1%} {late.mean():6.2f} "
        f"{np.median([r.late_sigma_s for r in rows]):5.2f} {late_d2.mean():5.2f} "
        f"{1e3 * np.median([r.fit_s for r in rows]):5.1f}"
    )


def report(rows: list[Row]) -> str:
    """A plain-text table."""
    lines = [
        (
            f"{'':44s} {'n':>4s} {'error km':>8s} {'bound':>8s} {'ratio':>6s} {'sigma':>8s} "
            f"{'d2':>6s} {'held':>6s} {'95 %':>13s} {'draws':>6s} {'t s':>6s} {'sig':>5s} "
            f"{'d2':>5s} {'ms':>5s}"
        )
    ]
    for geometry in sorted({r.geometry for r in rows}):
        own = [r for r in rows if r.geometry == geometry]
        for moment in sorted({r.moment for r in own}):
            those = [r for r in own if r.moment == moment]
            lines.append(line(f"{geometry}, {moment}, all classes", those))
            for vehicle_id in sorted({r.vehicle_id for r in those}):
                own_rows = [r for r in those if r.vehicle_id == vehicle_id]
                lines += [line(f"    {vehicle_id}", own_rows)]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--vehicles", nargs="*", default=[*CLASSES, LACKED])
    arguments = parser.parse_args()
    print(report(measure(arguments.seeds, tuple(arguments.vehicles), arguments.workers)))


if __name__ == "__main__":
    main()
