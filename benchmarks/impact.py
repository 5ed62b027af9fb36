"""Are impact regions and class probabilities as sure as they say, also of vehicles never met?

    python -m benchmarks.impact --seeds 200

Vehicles of every shipped family, dispersed (and, with --off 15, each parameter off by that many per
cent besides), fly with straying thrust from random places. What a tracker would know of each is
drawn at five moments: a Gaussian about the truth, of the covariance that is stated. Prints how
often the stated 90 % regions hold the true impact point, overall and given each family; the
mean squared Mahalanobis distance of falling objects (2 expected); how sure the class is, and how
often it is surely wrong. Families that no class believes in are listed apart.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.runs import SCENARIOS, offset, wilson
from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.assessment.ground import encloses
from forewarn.assessment.launch import LaunchFit
from forewarn.earth import ECCENTRICITY_SQUARED
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels.flight import acceleration
from forewarn.missiles.flight import WANDER_SPACING_S, fly
from forewarn.missiles.shaping import highest_point_m
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import SPREAD_PARAMETERS, Vehicle, dispersed
from forewarn.records import Assessment, Realm, TrackStatus
from forewarn.tracking.live import LiveTrack, fresh_posterior
from forewarn.tracking.looks import Biases

Array = NDArray[np.float64]

VEHICLES = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")
BELIEVED = (
    "short_range_liquid",
    "medium_range_liquid",
    "intermediate_liquid",
    "intermediate_solid",
    "intercontinental_liquid",
    "intercontinental_solid",
    "submarine_launched_solid",
)
ABSENT = ("boost_glide", "depressed", "lofted_test_liquid", "sounding_four_stage")
MOMENTS = ("confirmed", "+30 s", "+60 s", "burn-out", "burn-out + 60 s")
START_TAI_NS = 1_800_000_000 * SECOND_NS
SURE = 0.9
_LEAST_APOGEE_M = 40e3  # a member of a family that tips over and crashes is none
_NETWORK = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml").network


@dataclass(frozen=True, slots=True)
class Row:
    """One moment of one flight: region held the truth, squared distance, class probabilities."""

    family: str
    moment: str
    held: bool
    d2: float
    true_class: str
    classes: dict[str, float]
    hypotheses: dict[str, float]


def flight_of(family: str, random: np.random.Generator, off: float) -> Trajectory | None:
    """A dispersed vehicle of a family, flown with straying thrust; None if it stays up."""
    base = VEHICLES["intermediate_solid" if family == "depressed" else family]
    vehicle = dispersed(base, random.standard_normal(len(SPREAD_PARAMETERS)))
    vehicle = _off(vehicle, random, off)
    kick_rad = vehicle.kick_rad * math.exp(0.15 * random.standard_normal())
    if family == "depressed":
        kick_rad *= 1.6
    used = random.uniform(0.97, 1.0) if random.random() < 0.7 else random.uniform(0.8, 0.97)
    last = vehicle.stages[-1]
    stages = vehicle.stages
    if family in BELIEVED:
        cut = msgspec.structs.replace(
            last,
            burn_s=last.burn_s * used,
            propellant_kg=last.propellant_kg * used,
            structure_kg=last.structure_kg + last.propellant_kg * (1.0 - used),
        )
        stages = (*vehicle.stages[:-1], cut)
    vehicle = msgspec.structs.replace(vehicle, stages=stages, kick_rad=kick_rad)
    count = int(vehicle.powered_s / WANDER_SPACING_S) + 2
    return_ = math.exp(-WANDER_SPACING_S / 15.0)
    wander = np.zeros((count, 2))
    sigma = np.array((0.05, math.radians(2.0)))
    for i in range(count):
        fresh = sigma * random.standard_normal(2)
        before = wander[i - 1] if i else np.zeros(2)
        wander[i] = before * return_ + fresh * math.sqrt(1.0 - return_**2) if i else fresh
    try:
        flight = fly(
            vehicle,
            latitude_rad=math.radians(random.uniform(20.0, 55.0)),
            longitude_rad=math.radians(random.uniform(-180.0, 180.0)),
            height_m=0.0,
            azimuth_rad=random.uniform(0.0, 2.0 * math.pi),
            wander=wander,
        )
    except ValueError:
        return None
    rose = flight.came_down and highest_point_m(flight) > _LEAST_APOGEE_M
    return flight if rose else None


def _off(vehicle: Vehicle, random: np.random.Generator, off: float) -> Vehicle:
    """Thrust, propellant, payload and structure off by as much, each either way."""
    if off == 0.0:
        return vehicle
    a, b, c, d = 1.0 + off * random.choice((-1.0, 1.0), 4)
    stages = tuple(
        msgspec.structs.replace(
            s,
            thrust_n=s.thrust_n * a,
            burn_s=s.burn_s * b / a,
            propellant_kg=s.propellant_kg * b,
            structure_kg=s.structure_kg * c,
        )
        for s in vehicle.stages
    )
    return msgspec.structs.replace(vehicle, stages=stages, payload_kg=vehicle.payload_kg * d)


def track_at(flight: Trajectory, time_s: float, random: np.random.Generator) -> LiveTrack:
    """What a tracker could know of a flight at a moment: a Gaussian about the truth."""
    position, velocity = flight.state_ecef_at(time_s)
    truth = np.concatenate((position, velocity))
    after_s = time_s - flight.burnout_s
    sigma_m, sigma_m_s = (1_500.0, 40.0) if after_s < 20.0 else (700.0, 12.0)
    covariance = np.diag([sigma_m**2] * 3 + [sigma_m_s**2] * 3)
    mean = random.multivariate_normal(truth, covariance)
    burning = 0.99 if after_s < -1.0 else 0.5 if after_s < 8.0 else 0.001
    now_tai_ns = START_TAI_NS + round(time_s * SECOND_NS)
    posterior = fresh_posterior(
        now_tai_ns, mean, covariance, biases=Biases(_NETWORK), boosting=burning
    )
    thrust, loss = _thrust(flight, min(time_s, flight.burnout_s - 2.0))
    posterior.means[0, 6] = max(thrust + 1.5 * random.standard_normal(), 1.0)
    posterior.means[0, 7] = max(loss + 0.003 * random.standard_normal(), 1e-3)
    posterior.covariances[0, 6, 6], posterior.covariances[0, 7, 7] = 1.5**2, 0.003**2
    track = LiveTrack("track-0001", TrackStatus.CONFIRMED, posterior, base_score=60.0)
    track.first_seen_tai_ns = START_TAI_NS + 50 * SECOND_NS
    track.last_seen_tai_ns = now_tai_ns
    track.last_thrust_tai_ns = START_TAI_NS + round(min(time_s, flight.burnout_s) * SECOND_NS)
    track.sensor_ids = {"GEO-MID-SCAN": 8}
    track.count = 8
    return track


def _thrust(flight: Trajectory, time_s: float) -> tuple[float, float]:
    """Net specific thrust [m/s2] and its logarithmic growth [1/s] at a moment."""

    def net(at_s: float) -> float:
        p, v = flight.state_ecef_at(at_s)
        _, w = flight.state_ecef_at(at_s + 1.0)
        out = np.empty(3)
        acceleration(np.concatenate((p, v)), 0.0, 0.0, out)
        return float((w - v - out) @ v / np.linalg.norm(v))

    now, before = net(time_s - 1.0), net(time_s - 6.0)
    return max(now, 1.0), min(max(math.log(max(now, 1.0) / max(before, 1.0)) / 5.0, 0.002), 0.02)


def fit_of(flight: Trajectory, random: np.random.Generator) -> LaunchFit:
    """A launch known to 2 km, 2 s and 3 degrees."""
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(flight.position_ecef_m[0])
    p, v = flight.state_ecef_at(0.8 * flight.burnout_s)
    lat, lon, _ = geodetic_from_ecef(p)
    east, north, _ = enu_axes(lat, lon) @ v
    sigma = np.array((2e3, 2e3, 2.0, math.radians(3.0)))
    return LaunchFit(
        reference_latitude_rad=latitude_rad,
        reference_longitude_rad=longitude_rad,
        reference_tai_ns=START_TAI_NS,
        mean=np.array((0.0, 0.0, 0.0, math.atan2(east, north))) + sigma * random.standard_normal(4),
        covariance=np.diag(sigma**2),
        available=20,
        complete=True,
        modes=(None, None),
    )


def one(job: tuple[str, int, float]) -> list[Row]:
    """Every moment of one flight."""
    family, seed, off = job
    random = np.random.default_rng([seed, sum(family.encode())])
    flight = flight_of(family, random, off)
    if flight is None:
        return []
    confirmed_s = min(80.0, 0.6 * flight.burnout_s)
    times = (
        confirmed_s,
        confirmed_s + 30.0,
        confirmed_s + 60.0,
        flight.burnout_s + 4.0,
        flight.burnout_s + 60.0,
    )
    fit = fit_of(flight, random)
    assessor, state = Assessor(_NETWORK, ()), AssessorState(fits={"track-0001": fit})
    rows = []
    for moment, time_s in zip(MOMENTS, times, strict=True):
        if time_s >= flight.times_s[-1] - 5.0 or (moment[0] == "+" and time_s > flight.burnout_s):
            continue
        track = track_at(flight, time_s, random)
        found = assessor.assess(
            state, track, notices=(), now_tai_ns=track.last_seen_tai_ns, realm=Realm.SIMULATION
        )
        rows.append(_row(family, moment, flight, found))
    return rows


def _row(family: str, moment: str, flight: Trajectory, found: Assessment) -> Row:
    x, y, z = flight.position_ecef_m[-1]
    latitude_rad = math.atan2(z, (1.0 - ECCENTRICITY_SQUARED) * math.hypot(x, y))
    longitude_rad = math.atan2(y, x)
    held, d2 = False, math.inf
    if found.impact is not None:
        here = np.array((latitude_rad,)), np.array((longitude_rad,))
        held = bool(encloses(found.impact.polygon_rad, *here)[0])
        _, d2 = offset(found.impact.region, latitude_rad, longitude_rad)
    name = "intermediate_solid" if family == "depressed" else family
    return Row(
        family=family,
        moment=moment,
        held=held,
        d2=d2,
        true_class=VEHICLES[name].vehicle_class,
        classes=found.class_probabilities,
        hypotheses=found.hypotheses,
    )


def measure(
    families: tuple[str, ...], seeds: int, *, off: float = 0.0, workers: int = 2
) -> list[Row]:
    """Fly seeds 1 to ``seeds`` of every family; ``off`` is the share parameters are off by."""
    jobs = [(family, seed, off) for family in families for seed in range(1, seeds + 1)]
    if workers == 1:
        return [row for job in jobs for row in one(job)]
    with ProcessPoolExecutor(workers) as pool:
        return [row for rows in pool.map(one, jobs, chunksize=16) for row in rows]


def coverage(rows: list[Row]) -> list[str]:
    """How often the regions held the truth, by family and moment, and all together."""
    lines = [f"{'90 % regions held':26s} " + " ".join(f"{m:>16s}" for m in MOMENTS)]
    families = list(dict.fromkeys(r.family for r in rows))
    for family in [*families, "all"]:
        cells = []
        for moment in MOMENTS:
            own = [r.held for r in rows if r.moment == moment and family in (r.family, "all")]
            cells.append(f"{sum(own):5d}/{len(own):<4d}{np.mean(own):6.1%}" if own else " " * 16)
        lines.append(f"{family:26s} " + " ".join(cells))
    falling = [r.d2 for r in rows if r.moment == MOMENTS[-1] and math.isfinite(r.d2)]
    if falling:
        lines.append(f"mean d2 at {MOMENTS[-1]}: {np.mean(falling):.2f} (2 expected)")
    return lines


def calibration(rows: list[Row]) -> list[str]:
    """Reliability of the likeliest class, and the rate of sure and wrong ones."""
    best = [max(r.classes, key=lambda n: r.classes[n]) for r in rows]
    p = np.array([r.classes[b] for r, b in zip(rows, best, strict=True)])
    right = np.array([b == r.true_class for r, b in zip(rows, best, strict=True)])
    lines = [f"{'class, said':>14s} {'mean':>7s} {'right':>7s} {'of':>6s}"]
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, SURE), (SURE, 1.01)):
        own = (p >= low) & (p < high)
        if own.any():
            lines.append(
                f"{low:6.1f} to {min(high, 1.0):4.1f} {p[own].mean():7.1%} "
                f"{right[own].mean():7.1%} {own.sum():6d}"
            )
    wrong = int(((p >= SURE) & ~right).sum())
    low, high = wilson(wrong, len(rows))
    lines.append(f"sure ({SURE:.0%}) and wrong: {wrong} of {len(rows)} ({low:.2%} to {high:.2%})")
    for row, b, q, ok in zip(rows, best, p, right, strict=True):
        if q >= SURE and not ok:
            lines.append(f"  {row.family}, {row.moment}: {b} {q:.3f}")
    return lines[:14]


def report(rows: list[Row]) -> str:
    """Plain text."""
    return "\n".join((*coverage(rows), *calibration(rows)))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--off", type=float, default=0.0, help="per cent that parameters are off")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    for title, families in (("believed families", BELIEVED), ("families apart", ABSENT)):
        print(f"== {title}, parameters off by {arguments.off:.0f} %")
        print(
            report(
                measure(
                    families, arguments.seeds, off=arguments.off / 100.0, workers=arguments.workers
                )
            )
        )


if __name__ == "__main__":
    main()
