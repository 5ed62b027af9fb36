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
from forewarn.sensors.sight import dot, height_m, lowest_height_m, unit
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
_LOWEST_SINE = (
    0.1  # of elevations: the horizon dips by 4.5 degrees from 20 km, 0.2 for the ellipsoid
)
_HIGHEST_M = 6.4e6  # from the centre, of anything near the ground
_BLOCK_LOOKS = 16
_GLINT_STEP_NS = 300 * SECOND_NS
_SUN_TURN_RAD_S = 7.3e-5  # the Sun over the turning Earth


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

    def at(self, rows: Indices) -> Glimpses:
        """Return some of them."""
        return Glimpses(
            source=self.source[rows],
            look=self.look[rows],
            seen_tai_ns=self.seen_tai_ns[rows],
            direction_gcrf=self.direction_gcrf[rows],
            snr=self.snr[rows],
            noise_w_m2=self.noise_w_m2[rows],
        )


def of_flights(watch: Watch, air: Air, flights: Flights, *, plumes: bool, ratio: float) -> Glimpses:
    """Glimpses of flights, ``ratio`` being the share of their intensity that is in band.

    Until burn-out they shine as plumes if ``plumes`` says so, dim low down, in the trough and end
    on; otherwise as the trajectory says.
    """
    which, look = _while_bright(watch, flights)
    roughly = flights.positions_ecef_m(which, watch.middle_tai_ns[look])
    most = ratio * flights.brightest_w_sr[which]
    near = _may_be_seen(watch, look, roughly, most_w_sr=most, fastest_m_s=_FASTEST_M_S)
    which, look = which[near], look[near]
    seen = _seen(watch, look, roughly[near])
    placed = watch.placed(look, seen)
    source, velocity, intensity = flights.states_ecef(which, seen)
    intensity = ratio * intensity
    if plumes:
        burning = seen <= flights.burnout_tai_ns[which]
        towards = placed.satellite_ecef_m - source
        aspect = np.arccos(np.clip(dot(_unit(velocity), _unit(towards)), -1.0, 1.0))
        plume = plume_intensity_w_sr(intensity, height_m(source), 1.0, aspect)
        intensity = np.where(burning, plume, intensity)
    return _glimpses(watch, air, which, look, seen, source_ecef_m=source, intensity_w_sr=intensity)


def of_spots(watch: Watch, air: Air, spots: BurningSpots) -> Glimpses:
    """Glimpses of fires and flares, in every look that has them in its field."""
    place = spots.position_ecef_m
    overhead = band_transmission(height_m(place), np.ones(len(place)), watch.band)
    look, which = _looks_at_places(watch, place, spots.most_w_sr(watch.band) * overhead)
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
    lasts_s = watch.sensor.revisit_s if watch.stares else flashes.duration_s
    intensity = flashes.energy_j_sr / lasts_s
    which = np.flatnonzero(intensity > _faintest_w_sr(watch))
    start, end = flashes.start_tai_ns[which], flashes.start_tai_ns[which] + duration_ns[which]
    if watch.stares:
        look = _look_at(watch, (start + end) // 2)
    else:
        # A flash may lie across the end of a sweep: both sweeps get their chance.
        look, later = _look_at(watch, start), _look_at(watch, end)
        both = np.flatnonzero(later > look)
        which, look = np.concatenate((which, which[both])), np.concatenate((look, later[both]))
    inside = (look >= 0) & (look < len(watch.start_tai_ns))
    which, look = which[inside], look[inside]
    place = flashes.position_ecef_m
    near = _may_be_seen(watch, look, place[which], most_w_sr=intensity[which], fastest_m_s=0.0)
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
    """Glimpses of glints. Patches lean in a look as they do in its middle."""
    most = _brightest_glints_w_sr(watch, patches)
    near = np.flatnonzero(most > _faintest_w_sr(watch))
    look, which = _looks_at_places(watch, patches.position_ecef_m[near], most[near])
    which = near[which]
    every = np.arange(len(watch.start_tai_ns))
    intensity = patches.intensity_w_sr(
        watch.band,
        which,
        watch.middle_tai_ns[look],
        sun_ecef=watch.sun_ecef(every, watch.middle.matrices)[look],
        satellite_ecef_m=watch.middle.satellite_ecef_m[look],
    )
    lit = np.flatnonzero(intensity > 0.0)
    which, look = which[lit], look[lit]
    place = patches.position_ecef_m[which]
    return _glimpses(
        watch,
        air,
        which,
        look,
        _seen(watch, look, place),
        source_ecef_m=place,
        intensity_w_sr=intensity[lit],
    )


def bolide_ratio(watch: Watch) -> float:
    """Return the in-band share of light of all colours from a body of 6,000 K that is round.

    pi L / (s T^4): intensities are per steradian already.
    """
    return float(np.pi * in_band_per_sr(watch.band, COLOUR_K))


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


def _look_at(watch: Watch, time_tai_ns: Instants) -> Indices:
    """Return the look that holds each instant; there may be none of that number."""
    look: Indices = (time_tai_ns - _first_tai_ns(watch)) // watch.revisit_ns
    return look


def _may_be_seen(
    watch: Watch, look: Indices, place_ecef_m: Array, *, most_w_sr: Array, fastest_m_s: float
) -> Indices:
    """Return the rows worth a closer look: about in the field, above the Earth, bright enough.

    The margin is what source and satellite can move in half a look.
    """
    sway_m = _sway_m(watch, fastest_m_s)
    satellite = watch.middle.satellite_ecef_m[look]
    towards = place_ecef_m - satellite
    apart_m = np.sqrt(dot(towards, towards))
    cosine = dot(towards, watch.middle.axis_ecef[look]) / apart_m
    widest = watch.sensor.field_half_angle_rad + np.arcsin(np.minimum(1.0, sway_m / apart_m))
    near = cosine >= np.cos(np.minimum(np.pi, widest))
    near &= most_w_sr > _least_w_m2(watch) * np.square(np.maximum(apart_m - sway_m, 0.0))
    rows = np.flatnonzero(near)
    clear_m = lowest_height_m(place_ecef_m[rows], satellite[rows])
    return rows[clear_m > -1_000.0 - sway_m]


def _looks_at_places(
    watch: Watch, place_ecef_m: Array, most_w_sr: Array
) -> tuple[Indices, Indices]:
    """Return (look, which) of fixed places (n, 3) on or near the ground that may be seen.

    All pairs by matrix products, with a margin that swallows their rounding; some looks at a time,
    to stay in the fast memory.
    """
    satellite, axis = watch.middle.satellite_ecef_m, watch.middle.axis_ecef
    ground_m = np.sqrt(dot(place_ecef_m, place_ecef_m))
    away_m = np.sqrt(dot(satellite, satellite))
    sway_m = _sway_m(watch, 0.0) + 1.0
    widest = watch.sensor.field_half_angle_rad + sway_m / np.maximum(away_m - 6.4e6, sway_m)
    narrowest = np.cos(np.minimum(np.pi, widest))
    forward_m = dot(axis, satellite)
    farthest_m = np.sqrt(most_w_sr / np.maximum(_least_w_m2(watch), 1e-30)) + sway_m
    looks, places = [], []
    for first in range(0, len(away_m), _BLOCK_LOOKS):
        rows = slice(first, first + _BLOCK_LOOKS)
        product = satellite[rows] @ place_ecef_m.T
        apart_m = np.sqrt(np.maximum(away_m[rows, None] ** 2 + ground_m**2 - 2.0 * product, 1.0))
        along_m = axis[rows] @ place_ecef_m.T - forward_m[rows, None]
        near = along_m >= narrowest[rows, None] * apart_m
        # Sine of the elevation of the satellite over the geocentric horizon.
        near &= product - ground_m**2 > -(_LOWEST_SINE * apart_m + sway_m) * ground_m
        near &= apart_m < farthest_m
        look, which = np.nonzero(near)
        looks.append(look + first)
        places.append(which)
    if not looks:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    return np.concatenate(looks), np.concatenate(places)


def _brightest_glints_w_sr(watch: Watch, patches: MirrorPatches) -> Array:
    """Return intensities (n,) that patches cannot exceed towards the satellite in any look.

    Looked at every five minutes, with what Sun and satellite move in between as a margin.
    """
    start = watch.start_tai_ns
    most = np.zeros(len(patches.area_m2))
    if len(start) == 0:
        return most
    steps = int((start[-1] - start[0]) // _GLINT_STEP_NS) + 2
    looks = np.unique(np.linspace(0, len(start) - 1, steps).round().astype(np.intp))
    placed = watch.middle.at(looks)
    suns = watch.sun_ecef(looks, placed.matrices)
    moves_m = np.linalg.norm(np.diff(placed.satellite_ecef_m, axis=0), axis=-1)
    steps_s = np.diff(start[looks]) / SECOND_NS
    for row, (sun, satellite) in enumerate(zip(suns, placed.satellite_ecef_m, strict=True)):
        beside = slice(max(0, row - 1), row + 1)
        now = patches.most_w_sr(
            watch.band,
            sun_ecef=sun,
            satellite_ecef_m=satellite,
            sun_turns_rad=_SUN_TURN_RAD_S * float(np.max(steps_s[beside], initial=0.0)),
            satellite_moves_m=float(np.max(moves_m[beside], initial=0.0)),
        )
        most = np.maximum(most, now)
    return most


def _sway_m(watch: Watch, fastest_m_s: float) -> float:
    """How far source and satellite can go between mid-look and any instant of the look."""
    return 0.0 if watch.stares else 0.5 * watch.sensor.revisit_s * (8_000.0 + fastest_m_s)


def _least_w_m2(watch: Watch) -> float:
    """Irradiance below which nothing is worth a look."""
    least = max(0.0, watch.sensor.detection_snr - LUCK_SNR)
    return least * watch.sensor.noise_equivalent_irradiance_w_m2


def _faintest_w_sr(watch: Watch) -> float:
    """Intensity below which nothing near the ground is worth a look, however near it comes."""
    satellite = watch.middle.satellite_ecef_m
    nearest_m = np.sqrt(np.min(dot(satellite, satellite), initial=np.inf)) - _HIGHEST_M
    return _least_w_m2(watch) * max(0.0, float(nearest_m) - _sway_m(watch, 0.0)) ** 2


def _seen(watch: Watch, look: Indices, place_ecef_m: Array) -> Instants:
    """Return when each look passes over a place, from where the place is at mid-look."""
    if watch.stares:
        return watch.middle_tai_ns[look]
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
    length = np.sqrt(dot(vector, vector))[:, None]
    directed: Array = vector / np.maximum(length, 1e-9)
    return directed
