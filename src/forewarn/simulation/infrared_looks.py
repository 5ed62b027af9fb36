"""Looks of an infrared telescope at the truth: launches and clutter, misses, noise, false alarms.

Every kind of source, and every launch, has a random stream of its own for each telescope, so that
none disturbs the noise of another. A source is reported in a look if its signal plus unit noise
reaches the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forewarn.orbits import Elements
from forewarn.records import InfraredMeasurement, Scan
from forewarn.sensors.infrared import angle_sigma_rad
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.sight import tangent_axes, unit
from forewarn.simulation.false_alarms import false_alarms
from forewarn.simulation.flights import Flier, Flights, flights
from forewarn.simulation.infrared_signal import Air
from forewarn.simulation.infrared_sources import (
    Glimpses,
    bolide_ratio,
    of_flashes,
    of_flights,
    of_patches,
    of_spots,
)
from forewarn.simulation.infrared_watch import Watch, watch
from forewarn.simulation.link import Look, transmit
from forewarn.simulation.sky import Sky
from forewarn.simulation.streams import stream
from forewarn.simulation.surroundings import Surroundings
from forewarn.simulation.truth import Truth, TruthObject

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Sightings:
    """Detections (k,), their noisy signals, and unit errors (k, 2) of their directions."""

    glimpses: Glimpses
    snr: Array
    error: Array


def infrared_scans(
    sensor: InfraredSensor,
    elements: Elements,
    *,
    sky: Sky,
    truth: Truth,
    span_tai_ns: tuple[int, int],
) -> list[Scan]:
    """Return every scan of a telescope between two instants, in order of looking."""
    randomness = stream(truth.seed, sensor.sensor_id, "clutter")
    watched = watch(sensor, elements, sky=sky, span_tai_ns=span_tai_ns, randomness=randomness)
    looks = watched.empty_looks()
    alarms = false_alarms(watched, randomness)
    errors = randomness.standard_normal((len(alarms.snr), 2))
    _report(watched, looks, _Sightings(alarms, alarms.snr, errors))
    air = Air(clouds=truth.clouds, cloud_top_m=truth.cloud_top_m)
    launches = of_flights(watched, air, _launched(truth.objects), plumes=True, ratio=1.0)
    names = tuple(target.object_id for target in truth.objects)
    _report(watched, looks, _each_alone(watched, truth.seed, "launch", names, launches))
    if truth.surroundings is not None:
        for found in _clutter(watched, air, truth.seed, truth.surroundings):
            _report(watched, looks, found)
    return transmit(
        sensor,
        looks,
        sensitivity=sensor.noise_equivalent_irradiance_w_m2,
        randomness=stream(truth.seed, sensor.sensor_id, "link"),
    )


@lru_cache(maxsize=2)
def _launched(objects: tuple[TruthObject, ...]) -> Flights:
    """Put the launches of a run into one table, once for all its telescopes."""
    return flights([Flier(o.object_id, o.launch_tai_ns, o.trajectory) for o in objects])


def _clutter(watched: Watch, air: Air, seed: int, around: Surroundings) -> Iterator[_Sightings]:
    """Yield the sightings of every kind of clutter that there is."""
    bolides = of_flights(watched, air, around.bolides, plumes=False, ratio=bolide_ratio(watched))
    yield _each_alone(watched, seed, "bolide", around.bolides.names, bolides)
    aircraft = of_flights(watched, air, around.aircraft, plumes=False, ratio=1.0)
    yield _each_alone(watched, seed, "aircraft", around.aircraft.names, aircraft)
    if around.spots is not None:
        yield _together(watched, seed, "hot spots", of_spots(watched, air, around.spots))
    if around.flashes is not None:
        yield _together(watched, seed, "lightning", of_flashes(watched, air, around.flashes))
    if around.patches is not None:
        yield _together(watched, seed, "glints", of_patches(watched, air, around.patches))


def _each_alone(
    watched: Watch, seed: int, kind: str, names: tuple[str, ...], glimpses: Glimpses
) -> _Sightings:
    """Detect flights, each with noise of its own: one draw for every look, seen or not."""
    sensor, count = watched.sensor, len(watched.start_tai_ns)
    snr = glimpses.snr.copy()
    hits, errors = [np.empty(0, dtype=np.intp)], [np.empty((0, 2))]
    edges = np.searchsorted(glimpses.source, np.arange(len(names) + 1)).tolist()
    for name, first, end in zip(names, edges[:-1], edges[1:], strict=True):
        if first == end:
            continue
        randomness = stream(seed, sensor.sensor_id, kind, name)
        snr[first:end] += randomness.standard_normal(count)[glimpses.look[first:end]]
        hit = first + np.flatnonzero(snr[first:end] >= sensor.detection_snr)
        hits.append(hit)
        errors.append(randomness.standard_normal((len(hit), 2)))
    rows = np.concatenate(hits)
    return _Sightings(glimpses.at(rows), snr[rows], np.concatenate(errors))


def _together(watched: Watch, seed: int, kind: str, glimpses: Glimpses) -> _Sightings:
    """Detect all sources of one kind, with one stream of noise."""
    randomness = stream(seed, watched.sensor.sensor_id, kind)
    snr = glimpses.snr + randomness.standard_normal(len(glimpses.snr))
    hit = np.flatnonzero(snr >= watched.sensor.detection_snr)
    return _Sightings(glimpses.at(hit), snr[hit], randomness.standard_normal((len(hit), 2)))


def _report(watched: Watch, looks: list[Look], sightings: _Sightings) -> None:
    """Add bias and noise to sightings and write them into their looks."""
    glimpses, snr = sightings.glimpses, sightings.snr
    error = angle_sigma_rad(watched.sensor, snr)[:, None] * sightings.error
    error += watched.bias_rad[glimpses.look]
    direction = glimpses.direction_gcrf
    first, second = tangent_axes(direction)
    direction = unit(direction + first * error[:, :1] + second * error[:, 1:])
    right_ascension = np.arctan2(direction[:, 1], direction[:, 0]) % (2.0 * np.pi)
    declination = np.arcsin(np.clip(direction[:, 2], -1.0, 1.0))
    rows = zip(
        glimpses.look.tolist(),
        glimpses.seen_tai_ns.tolist(),
        right_ascension.tolist(),
        declination.tolist(),
        (snr * glimpses.noise_w_m2).tolist(),
        snr.tolist(),
        strict=True,
    )
    for index, seen_tai_ns, ra, dec, power, ratio in rows:
        looks[index].measurements.append(
            InfraredMeasurement(
                measurement_id="",
                seen_tai_ns=seen_tai_ns,
                right_ascension_rad=ra,
                declination_rad=dec,
                irradiance_w_m2=power,
                snr=ratio,
            )
        )
