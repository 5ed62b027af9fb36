"""Learn the band of ``forewarn claim`` from generic flights and real ones to 2021; then test it.

    python -m benchmarks.claim_band              # learn, print, test; four minutes
    python -m benchmarks.claim_band --write      # and write the file that the package ships

Generic vehicles of one to three stages are flown with thrust, burn, tip-over, cut-off, site and
azimuth drawn anew for each. What each takes longer than the engine-free arc of its own apogee and
range is its excess. At nodes of the arc's speed and angle the excess of solid and of liquid
vehicles, in equal shares, is spread by a model error whose size is the likeliest for the published
durations of flights to 2021. Flights after 2021 are judged at the end and teach nothing.
"""

from __future__ import annotations

import argparse
import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.formats.claim import BandFile, RealFlight, encode_band
from forewarn.missiles import kepler
from forewarn.missiles.flight import fly
from forewarn.missiles.shaping import ground_range_m, highest_point_m
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle
from forewarn.studies.claim import Claim, hold, judge
from forewarn.studies.claim_band import real_flights_near

Array = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
TRUTH = ROOT / "tests" / "vectors" / "missile_tests"
SHIPPED = ROOT / "src" / "forewarn" / "studies" / "data" / "claim_band.json"

SEED = 20211231
FLIGHTS = 120_000
PROBABILITY = 0.98
SPEEDS_M_S = tuple(float(v) for v in range(1200, 8401, 300))
ANGLES_RAD = tuple(round(math.radians(a), 6) for a in (15, 25, 35, 45, 55, 65, 75, 81, 87))
SPEED_WINDOW_RATIO = 0.09
ANGLE_WINDOW_RAD = math.radians(6.0)
LEAST_FLIGHTS = 30  # of each kind near a node
MODEL_ERRORS = np.arange(0.0, 0.61, 0.02)
_PROPELLANT_SHARES = {1: (0.4, 0.85), 2: (0.66, 0.85), 3: (0.62, 0.82)}  # of a stage with its load
NORMAL = norm.ppf((np.arange(31) + 0.5) / 31)  # a normal spread as 31 equally likely values
LIFT_OFF_KG = 1e4  # only ratios to it matter


@dataclass(frozen=True, slots=True, eq=False)
class Flown:
    """What generic flights did, one row each: kind, arc, and excess over it."""

    liquid: NDArray[np.bool_]
    speed_m_s: Array
    angle_rad: Array
    excess_s: Array
    burnout_s: Array


def generic_vehicle(liquid: bool, rng: np.random.Generator) -> Vehicle:
    """Draw a vehicle from the open bands of its kind.

    Lift-off thrust-to-weight 1.3 to 1.5 (liquid) and 2 to 3 (solid), exhaust velocity in vacuum 2.5
    to 3.0 km/s, sea-level loss 8 to 15 % (Sutton and Biblarz, Rocket Propulsion Elements, 9th ed.,
    tables 5-5 and 13-1). Soft, from memory: liquid upper stages begin at 1.0 to 1.5; fast liquid
    vehicles have two stages more often than three, fast solid ones three. Drag and re-entry as in
    `forewarn.missiles.families` and design note 0002.
    """
    count = int(rng.choice((1, 2, 3), p=(0.3, 0.4, 0.3) if liquid else (0.45, 0.15, 0.4)))
    drag_area_m2 = 1.2e-5 * math.exp(0.6 * rng.standard_normal()) * LIFT_OFF_KG
    stages, mass_kg = [], LIFT_OFF_KG
    for index in range(count):
        lowest = (1.3, 1.0)[min(index, 1)] if liquid else 2.0
        thrust_n = rng.uniform(lowest, 1.5 if liquid else 3.0) * mass_kg * STANDARD_GRAVITY_M_S2
        loss = rng.uniform(0.08, 0.15) if index == 0 else 0.0
        thrust_n /= 1.0 - loss
        share = rng.uniform(*_PROPELLANT_SHARES[count])
        cut_off = rng.uniform(0.3, 1.0) if index == count - 1 > 0 else 1.0
        burnt_kg = share * cut_off * mass_kg
        structure_kg = 0.07 * mass_kg + share * mass_kg - burnt_kg
        stages.append(
            Stage(
                thrust_n=thrust_n,
                sea_level_loss=loss,
                burn_s=burnt_kg * rng.uniform(2500.0, 3000.0) / thrust_n,
                propellant_kg=burnt_kg,
                structure_kg=structure_kg,
                drag_area_m2=drag_area_m2 * 0.5**index,
                intensity_w_sr=1.0,
            )
        )
        mass_kg -= burnt_kg + structure_kg
    return Vehicle(
        vehicle_id="generic",
        vehicle_class="liquid" if liquid else "solid",
        stages=tuple(stages),
        payload_kg=mass_kg,
        ballistic_coefficient_kg_m2=5e3 * math.exp(0.47 * rng.standard_normal()),
        radar_cross_section_m2=1.0,
        vertical_rise_s=rng.uniform(3.0, 10.0),
        kick_rad=math.radians(7.0 if liquid else 35.0) * rng.uniform() ** 1.7,
        coast_s=rng.uniform(0.0, 5.0),
        source="drawn",
    )


def fly_generic(count: int, seed: int) -> Flown:
    """Fly ``count`` vehicles from sites up to 60 degrees north and south, two in three liquid."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        liquid = number % 3 > 0
        flown = fly(
            generic_vehicle(liquid, rng),
            latitude_rad=math.asin(rng.uniform(-1.0, 1.0) * math.sin(math.radians(60.0))),
            longitude_rad=0.0,
            height_m=0.0,
            azimuth_rad=rng.uniform(0.0, 2.0 * math.pi),
        )
        if (row := _row(flown)) is not None:
            rows.append((float(liquid), *row))
    table = np.array(rows).reshape(-1, 5)
    return Flown(table[:, 0] > 0.0, table[:, 1], table[:, 2], table[:, 3], table[:, 4])


def _row(flown: Trajectory) -> tuple[float, float, float, float] | None:
    """Speed and angle of the arc, excess, burn-out; None for what is no flight of this kind."""
    if not flown.came_down or flown.times_s[-1] <= flown.burnout_s:
        return None
    apogee_m, range_m = highest_point_m(flown), ground_range_m(flown)
    outward = flown.position_ecef_m / np.linalg.norm(flown.position_ecef_m, axis=1)[:, None]
    turned_rad = float(np.sum(np.linalg.norm(np.diff(outward, axis=0), axis=1)))
    if apogee_m < 15e3 or range_m < 10e3 or turned_rad > math.pi:
        return None
    arc = kepler.arc(apogee_m, range_m)
    excess_s = float(flown.times_s[-1]) - arc.time_s
    return arc.speed_m_s, arc.angle_rad, excess_s, flown.burnout_s


def near(flown: Flown, speed_m_s: float, angle_rad: float) -> tuple[Array, Array]:
    """Excess of solid and of liquid flights within the window about a speed and an angle."""
    inside = np.abs(flown.speed_m_s / speed_m_s - 1.0) <= SPEED_WINDOW_RATIO
    inside &= np.abs(flown.angle_rad - angle_rad) <= ANGLE_WINDOW_RAD
    return flown.excess_s[inside & ~flown.liquid], flown.excess_s[inside & flown.liquid]


def model_error_likelihood(flown: Flown, flights: list[RealFlight]) -> dict[str, Array]:
    """For each day of flight, the log-likelihood of each of `MODEL_ERRORS`.

    A flight's density is that of the spread generic excess (solid and liquid in equal shares)
    with the flight's own error; several durations published of one flight share its one vote.
    """
    by_day: dict[str, Array] = {}
    for flight in flights:
        votes = sum(other.date == flight.date for other in flights)
        held = hold(claim_of(flight))
        sigma_s = max(held.excess_error_s, 1.0)
        kinds = near(flown, held.arc.speed_m_s, held.arc.angle_rad)
        density = [
            [
                norm.pdf(np.outer(own, np.exp(ratio * NORMAL)), held.excess_s, sigma_s).mean()
                for own in kinds
            ]
            for ratio in MODEL_ERRORS
        ]
        before = by_day.get(flight.date, np.zeros(len(MODEL_ERRORS)))
        by_day[flight.date] = before + np.log(np.mean(density, axis=1) + 1e-300) / votes
    return by_day


def likeliest(by_day: dict[str, Array], without: str = "") -> tuple[float, Array]:
    """The likeliest model error, and each one's log-likelihood less the best; a day may be out."""
    total = np.sum([own for day, own in by_day.items() if day != without], axis=0)
    return float(MODEL_ERRORS[int(np.argmax(total))]), total - total.max()


def node(solid: Array, liquid: Array, ratio: float) -> tuple[float | None, ...]:
    """Shortest, solid and liquid medians, longest [s] at a node; None if too few came near."""
    if min(len(solid), len(liquid)) < LEAST_FLIGHTS:
        return (None, None, None, None)
    spread = [np.outer(own, np.exp(ratio * NORMAL)).ravel() for own in (solid, liquid)]
    values = np.concatenate(spread)
    shares = np.concatenate([np.full(len(s), 0.5 / len(s)) for s in spread])
    order = np.argsort(values)
    cumulative = np.cumsum(shares[order])
    tail = (1.0 - PROBABILITY) / 2.0
    low, high = np.interp((tail, 1.0 - tail), cumulative, values[order])
    medians = (float(np.median(solid)), float(np.median(liquid)))
    return tuple(round(float(x), 1) for x in (low, *medians, high))


def learn(flown: Flown, flights: list[RealFlight], ratio: float) -> BandFile:
    """The band with a model error."""
    nodes = [[node(*near(flown, v, a), ratio) for a in ANGLES_RAD] for v in SPEEDS_M_S]
    grids = [tuple(tuple(cell[k] for cell in row) for row in nodes) for k in range(4)]
    return BandFile(
        made_by=f"python -m benchmarks.claim_band, seed {SEED}",
        generic_flights=len(flown.excess_s),
        probability=PROBABILITY,
        model_error_ratio=round(ratio, 2),
        speeds_m_s=SPEEDS_M_S,
        angles_rad=ANGLES_RAD,
        shortest_s=grids[0],
        solid_s=grids[1],
        liquid_s=grids[2],
        longest_s=grids[3],
        arcs_m=real_arcs_m(),
        flights=tuple(flights),
    )


def real_arcs_m() -> tuple[tuple[float, float], ...]:
    """Apogee and range of the real ballistic flights to 2021 that flew their arc to its end."""
    with (TRUTH / "apogee_range_to_2021.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(
        (float(row["apogee_km"]) * 1e3, float(row["range_km"]) * 1e3)
        for row in rows
        if row["outcome"] != "failure" and row["type"] != "SLV" and not row["maneuver"]
    )


def real_flights() -> list[RealFlight]:
    """The published durations, of ``real_flights.csv``."""
    with (TRUTH / "real_flights.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        RealFlight(
            date=row["date"],
            flight=row["flight"],
            source=row["source"],
            use=row["use"],  # type: ignore[arg-type]
            apogee_m=round(float(row["apogee_km"]) * 1e3, 3),
            range_m=round(float(row["range_km"]) * 1e3, 3),
            time_s=float(row["time_s"]),
            time_step_s=float(row["time_step_s"]),
        )
        for row in rows
    ]


def claim_of(flight: RealFlight) -> Claim:
    """A real flight as a claim, its time as good as it is rounded."""
    return Claim(
        apogee_m=flight.apogee_m,
        range_m=flight.range_m,
        time_s=flight.time_s,
        time_error_s=flight.time_step_s / math.sqrt(6.0),
    )


def pair_table(band: BandFile, flown: Flown) -> str:
    """For each different real apogee and range to 2021: the generic excess near it."""
    lines = [
        "apogee km  range km  speed km/s  angle deg  solid  liquid [s]: medians  (flights near)"
    ]
    for apogee_m, range_m in sorted(set(band.arcs_m)):
        arc = kepler.arc(apogee_m, range_m)
        solid, liquid = near(flown, arc.speed_m_s, arc.angle_rad)
        lines.append(
            f"{apogee_m / 1e3:9.1f} {range_m / 1e3:9.1f} {arc.speed_m_s / 1e3:11.2f} "
            f"{math.degrees(arc.angle_rad):10.1f} {np.median(solid):6.0f} "
            f"{np.median(liquid):7.0f}            ({len(solid)} + {len(liquid)})"
        )
    return "\n".join(lines)


def flight_table(band: BandFile) -> str:
    """How every published duration comes out."""
    lines = [f"{'flight':34s} {'use':6s} {'excess s':>9s} {'error':>6s} {'band s':>11s}  verdict"]
    for flight in band.flights:
        judged = judge(claim_of(flight), band)
        name = f"{flight.date} {flight.flight}, {flight.time_s:.0f} s"
        lines.append(
            f"{name[:38]:38s} {flight.use:6s} {judged.excess_s:+6.0f} {judged.excess_error_s:5.0f} "
            f"{judged.shortest_s:5.0f} {judged.longest_s:5.0f}  {judged.verdict}"
            + (", by its error only" if judged.by_error_only else "")
        )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flights", type=int, default=FLIGHTS)
    parser.add_argument("--write", action="store_true", help="write the file the package ships")
    arguments = parser.parse_args()
    flown = fly_generic(arguments.flights, SEED)
    flights = real_flights()
    by_day = model_error_likelihood(flown, [f for f in flights if f.use == "learn"])
    ratio, likelihood = likeliest(by_day)
    band = learn(flown, flights, ratio)
    print(f"{band.generic_flights} generic flights; real arcs to 2021: {len(band.arcs_m)}")
    long_range = flown.speed_m_s > 6500.0
    for kind, own in (("solid", ~flown.liquid), ("liquid", flown.liquid)):
        burnt_s = np.median(flown.burnout_s[own & long_range])
        print(f"  {kind}, faster than 6.5 km/s: median burn-out {burnt_s:.0f} s after ignition")
    print(pair_table(band, flown))
    print("model error tried (ratio: log-likelihood less the best):")
    tried = zip(MODEL_ERRORS[::5], likelihood[::5], strict=True)
    print("  " + "  ".join(f"{ratio:.1f}: {value:.2f}" for ratio, value in tried))
    print(f"model error taken: {band.model_error_ratio}; were one flight left out:")
    print("  " + "  ".join(f"{day}: {likeliest(by_day, day)[0]:.2f}" for day in by_day))
    print(flight_table(band))
    backed = sum(
        real_flights_near(band, kepler.arc(f.apogee_m, f.range_m)) > 0 for f in band.flights
    )
    print(f"{backed} of {len(band.flights)} have a real flight to 2021 near them")
    if arguments.write:
        SHIPPED.write_bytes(encode_band(band))
        print(f"written: {SHIPPED.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
