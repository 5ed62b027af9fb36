"""Which sources a telescope may see in which looks, when it passes over them, and how they shine.

First a rough choice from where things are in the middle of each look, then the exact instant, place
and intensity of what is left, all of a kind at once. Nothing is drawn at random here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.missiles.bolide import COLOUR_K
from forewarn.sensors.plume import plume_intensity_w_sr
from forewarn.sensors.sight import height_m, lowest_height_m, unit
from forewarn.sensors.transmission import band_transmission
from forewarn.simulation.flights import Flights
from forewarn.simulation.glints import MirrorPatches
from forewarn.simulation.hot_spots import BurningSpots, in_band_per_sr
from forewarn.simulation.infrared_signal import LUCK_SNR, Air
from forewarn.simulation.infrared_watch import Watch
from forewarn.simulation.lightning import Flashes
from forewarn.simulation.sky import rotate_back

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.intp]

_FASTEST_M_S = 60_000.0  # of anything that flies here, against a satellite
_GLINT_STEPS_NS = 300 * SECOND_NS
_SUN_TURN_RAD_S = 7.3e-5


class Glimpses(NamedTuple):
    """Sources seen (k,): which one, in which look, when, where [gcrf], with what signal and noise.

    ``snr`` has no noise on it yet.
    """

    source: Indices
    look: Indices
    seen_tai_ns: Instants
    direction_gcrf: Array
    snr: Array
    noise_w_m2: Array


def of_flights(watch: Watch, air: Air, flights: Flights, *, plumes: bool, ratio: float) -> Glimpses:
    """Glimpses of flights, ``ratio`` being the share of their intensity that is in band.

    Until burn-out they shine as plumes if ``plumes`` says so, dim low down, in the trough and end
    on; otherwise as the trajectory says.
    """
    which, look = _while_bright(watch, flights)
    middle = watch.middle.at(look)
    roughly = flights.positions_ecef_m(which, watch.middle_tai_ns[look])
    most = ratio * flights.brightest_w_sr[which]
    near = _may_be_seen(watch, look, roughly, most_w_sr=most, moves=True)
    which, look, roughly, middle = which[near], look[near], roughly[near], middle.at(near)
    direction = rotate_back(middle.matrices, unit(roughly - middle.satellite_ecef_m))
    seen = watch.seen_tai_ns(look, direction)
    placed = watch.placed(look, seen)
    source, velocity, intensity = flights.states_ecef(which, seen)
    intensity = ratio * intensity
    if plumes:
        burning = seen <= flights.burnout_tai_ns[which]
        towards = placed.satellite_ecef_m - source
        aspect = np.arccos(np.clip(np.sum(_unit(velocity) * _unit(towards), axis=-1), -1.0, 1.0))
        plume = plume_intensity_w_sr(intensity, height_m(source), 1.0, aspect)
        intensity = np.where(burning, plume, intensity)
    return _glimpses(watch, air, which, look, seen, source_ecef_m=source, intensity_w_sr=intensity)


def of_spots(watch: Watch, air: Air, spots: BurningSpots) -> Glimpses:
    """Glimpses of fires and flares, in every look that has them in its field."""
    count = len(spots.radiant_power_w)
    which = np.tile(np.arange(count), len(watch.start_tai_ns))
    look = np.repeat(np.arange(len(watch.start_tai_ns)), count)
    overhead = band_transmission(height_m(spots.position_ecef_m), np.ones(count), watch.band)
    most = (spots.most_w_sr(watch.band) * overhead)[which]
    place = spots.position_ecef_m
    near = _may_be_seen(watch, look, place[which], most_w_sr=most, moves=False)
    which, look = which[near], look[near]
    seen = _seen(watch, look, place[which])
    return _glimpses(
        watch,
        air,
        which,
        look,
        seen,
        source_ecef_m=place[which],
        intensity_w_sr=spots.intensity_w_sr(watch.band, which, seen),
    )


def of_flashes(watch: Watch, air: Air, flashes: Flashes) -> Glimpses:
    """Glimpses of lightning: a frame gathers a whole flash, a sweep only one that it passes over.

    A frame that ends within a flash leaves it to the frame that holds its middle.
    """
    duration_ns = np.rint(flashes.duration_s * SECOND_NS).astype(np.int64)
    which = np.arange(len(duration_ns))
    if watch.stares:
        at = flashes.start_tai_ns + duration_ns // 2
        intensity = flashes.energy_j_sr / watch.sensor.revisit_s
    else:
        # A flash may lie across the end of a sweep: both sweeps get their chance.
        which = np.concatenate((which, which))
        at = np.concatenate((flashes.start_tai_ns, flashes.start_tai_ns + duration_ns))
        intensity = flashes.energy_j_sr / flashes.duration_s
    look = (at - _first_tai_ns(watch)) // watch.revisit_ns
    inside = (look >= 0) & (look < len(watch.start_tai_ns))
    which, look = which[inside], look[inside]
    if not watch.stares:
        pairs = np.unique(np.stack((which, look)), axis=1)
        which, look = pairs[0], pairs[1]
    place = flashes.position_ecef_m
    near = _may_be_seen(watch, look, place[which], most_w_sr=intensity[which], moves=False)
    which, look = which[near], look[near]
    seen = _seen(watch, look, place[which])
    if not watch.stares:
        start = flashes.start_tai_ns[which]
        lit = (seen >= start) & (seen <= start + duration_ns[which])
        which, look, seen = which[lit], look[lit], seen[lit]
    return _glimpses(
        watch,
        air,
        which,
        look,
        seen,
        source_ecef_m=place[which],
        intensity_w_sr=intensity[which],
    )


def of_patches(watch: Watch, air: Air, patches: MirrorPatches) -> Glimpses:
    """Glimpses of glints: of the patches that can mirror the Sun this way at some time."""
    chosen = _patches_in_question(watch, patches)
    which = np.tile(chosen, len(watch.start_tai_ns))
    look = np.repeat(np.arange(len(watch.start_tai_ns)), len(chosen))
    place = patches.position_ecef_m
    near = _may_be_seen(watch, look, place[which], most_w_sr=None, moves=False)
    which, look = which[near], look[near]
    seen = _seen(watch, look, place[which])
    placed = watch.placed(look, seen)
    intensity = patches.intensity_w_sr(
        watch.band,
        which,
        seen,
        sun_ecef=watch.sun_ecef(look, placed.matrices),
        satellite_ecef_m=placed.satellite_ecef_m,
    )
    lit = np.flatnonzero(intensity > 0.0)
    which, look, seen = which[lit], look[lit], seen[lit]
    return _glimpses(
        watch,
        air,
        which,
        look,
        seen,
        source_ecef_m=place[which],
        intensity_w_sr=intensity[lit],
    )


def bolide_ratio(watch: Watch) -> float:
    """Return the in-band share of light of all colours from a body of 6,000 K that is round.

    pi L / (s T^4): intensities are per steradian already.
    """
    return float(np.pi * in_band_per_sr(watch.band, COLOUR_K))


def _patches_in_question(watch: Watch, patches: MirrorPatches) -> Indices:
    """Return the patches that the Sun could light towards the satellite in some look.

    Looked at every five minutes; between two such instants the bisector of Sun and satellite
    turns by at most half of what each of them turns.
    """
    span = watch.start_tai_ns
    if len(span) == 0:
        return np.empty(0, dtype=np.intp)
    steps = int((span[-1] - span[0]) // _GLINT_STEPS_NS) + 2
    looks = np.linspace(0, len(span) - 1, steps).round().astype(np.intp)
    looks = np.unique(looks)
    placed = watch.middle.at(looks)
    suns = watch.sun_ecef(looks, placed.matrices)
    moved_m = np.linalg.norm(np.diff(placed.satellite_ecef_m, axis=0), axis=-1)
    step_s = np.diff(span[looks]) / SECOND_NS
    every = np.arange(len(patches.area_m2))
    chosen = np.zeros(len(every), dtype=np.bool_)
    for row, (sun, satellite) in enumerate(zip(suns, placed.satellite_ecef_m, strict=True)):
        apart_m = np.linalg.norm(patches.position_ecef_m - satellite, axis=-1)
        beside = slice(max(0, row - 1), row + 1)
        slack = 0.5 * np.max(moved_m[beside], initial=0.0) / apart_m
        slack = slack + 0.5 * _SUN_TURN_RAD_S * np.max(step_s[beside], initial=0.0)
        tilt = patches.tilt_rad(every, sun, satellite)
        chosen |= tilt - slack < patches.steepest_rad
    return np.flatnonzero(chosen)


def _while_bright(watch: Watch, flights: Flights) -> tuple[Indices, Indices]:
    """Return (which, look) for every look that a flight shines in, in order of flight."""
    count, first_ns = len(watch.start_tai_ns), _first_tai_ns(watch)
    begin = np.clip((flights.bright_from_tai_ns - first_ns) // watch.revisit_ns, 0, count)
    end = np.clip((flights.bright_to_tai_ns - first_ns) // watch.revisit_ns + 1, 0, count)
    lengths = np.maximum(end - begin, 0)
    which = np.repeat(np.arange(len(lengths)), lengths)
    since = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return which, begin[which] + since


def _first_tai_ns(watch: Watch) -> int:
    return int(watch.start_tai_ns[0]) if len(watch.start_tai_ns) else 0


def _may_be_seen(
    watch: Watch, look: Indices, place_ecef_m: Array, *, most_w_sr: Array | None, moves: bool
) -> Indices:
    """Return the rows worth a closer look: about in the field, above the Earth, bright enough.

    The margin is what anything can move in half a look.
    """
    margin_m = _FASTEST_M_S * 0.5 * watch.sensor.revisit_s if moves and not watch.stares else 0.0
    placed = watch.middle.at(look)
    towards = place_ecef_m - placed.satellite_ecef_m
    apart_m = np.sqrt(np.sum(towards * towards, axis=-1))
    cosine = np.sum(towards * placed.axis_ecef, axis=-1) / apart_m
    # Fixed places move too in a sweep, as the satellite does: 8 km/s for half a look.
    sways_m = margin_m + 0.5 * watch.sensor.revisit_s * 8_000.0
    widest = watch.sensor.field_half_angle_rad + np.arcsin(np.minimum(1.0, sways_m / apart_m))
    near = cosine >= np.cos(np.minimum(np.pi, widest))
    if most_w_sr is not None:
        least = max(0.0, watch.sensor.detection_snr - LUCK_SNR)
        least_w_m2 = least * watch.sensor.noise_equivalent_irradiance_w_m2
        near &= most_w_sr > least_w_m2 * np.square(np.maximum(apart_m - sways_m, 0.0))
    rows = np.flatnonzero(near)
    clear_m = lowest_height_m(place_ecef_m[rows], placed.satellite_ecef_m[rows])
    return rows[clear_m > -1_000.0 - sways_m]


def _seen(watch: Watch, look: Indices, place_ecef_m: Array) -> Instants:
    """Return when each look passes over a fixed place, from where it is at mid-look."""
    middle = watch.middle.at(look)
    towards = unit(place_ecef_m - middle.satellite_ecef_m)
    return watch.seen_tai_ns(look, rotate_back(middle.matrices, towards))


def _glimpses(
    watch: Watch,
    air: Air,
    which: Indices,
    look: Indices,
    seen: Instants,
    *,
    source_ecef_m: Array,
    intensity_w_sr: Array,
) -> Glimpses:
    placed = watch.placed(look, seen)
    signal = air.signal(
        watch, placed, look, source_ecef_m=source_ecef_m, intensity_w_sr=intensity_w_sr
    )
    rows = np.flatnonzero(signal.snr > 0.0)
    towards = unit(source_ecef_m[rows] - placed.satellite_ecef_m[rows])
    return Glimpses(
        source=which[rows],
        look=look[rows],
        seen_tai_ns=seen[rows],
        direction_gcrf=rotate_back(placed.matrices[rows], towards),
        snr=signal.snr[rows],
        noise_w_m2=signal.noise_w_m2[rows],
    )


def _unit(vector: Array) -> Array:
    """Return unit vectors (k, 3), and zero for zero."""
    length = np.sqrt(np.sum(vector * vector, axis=-1, keepdims=True))
    directed: Array = vector / np.maximum(length, 1e-9)
    return directed
