"""What else a scenario puts into the sky of its radars: satellites, Sun, Moon, sources of noise.

`radar_surroundings` computes once what all radars share; `noise_of` is what one radar hears of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MOON_RADIUS_M, ROTATION_RATE_RAD_S, SPEED_OF_LIGHT_M_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, ecef_from_geodetic
from forewarn.frames.sun_moon import moon_gcrf_m, sun_gcrf_m
from forewarn.orbits import Catalogue, Elements
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import RadarModel
from forewarn.sensors.radar_environment import (
    beam_pattern,
    interference_temperature_k,
    quiet_sun_flux_w_m2_hz,
    sun_temperature_k,
)
from forewarn.sensors.sight import lowest_height_m, unit
from forewarn.simulation.catalogue_crossings import Crossing, find_crossings
from forewarn.simulation.element_errors import flown_elements
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.simulation.path import Path
from forewarn.simulation.sky import Sky, rotate, sky_between

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

SIDELOBE_RATIO = 1e-3  # of a tapered array, far from the beam: 30 dB below its axis; soft
_DIFFERENCE_NS = 60 * SECOND_NS
_ABOUT_NS = (0, -_DIFFERENCE_NS, _DIFFERENCE_NS)
_SUNSET_SINE = -0.0145  # 0.83 degrees: half the disk, and the bending at the horizon


class Jammer(msgspec.Struct, frozen=True, kw_only=True):
    """A source of noise in a radar's band: what it costs a radar is for the radar to report.

    ``effective_power_w`` is what it radiates, times its gain, spread over ``bandwidth_hz`` about
    ``frequency_hz``, from ``start_tai_ns`` to ``end_tai_ns``.
    """

    jammer_id: str
    latitude_rad: float
    longitude_rad: float
    height_m: float
    effective_power_w: float
    frequency_hz: float
    bandwidth_hz: float
    start_tai_ns: int
    end_tai_ns: int


class RadarSky(msgspec.Struct, frozen=True, kw_only=True):
    """What the radars of a scenario meet besides its launches. Sun and Moon are always there.

    ``elements`` are satellites that every radar knows, and ``notional_objects_count`` more that
    nobody has: `forewarn.simulation.notional_catalogue`. ``sun_flux_ratio`` is the radio flux of
    the Sun over that of the quiet one; storms reach 10,000.

    The elements of the notional ones are ``notional_age_s`` old when a run begins. All fly off
    their elements by ``element_error_ratio`` times the usual errors (0: just as they say; see
    `forewarn.simulation.element_errors`). `published_elements` are what a centre has of them.
    """

    elements: tuple[Elements, ...] = ()
    notional_objects_count: int = 0
    notional_age_s: float = 0.0
    element_error_ratio: float = 0.0
    sun_flux_ratio: float = 1.0
    jammers: tuple[Jammer, ...] = ()


@final
@dataclass(frozen=True, slots=True, eq=False)
class RadarSurroundings:
    """The radar sky of one run: paths in ecef, in seconds since ``start_tai_ns``.

    ``crossings`` are those of each radar, by its id and the number of its search row.
    """

    radar_sky: RadarSky
    start_tai_ns: int
    sun: Path
    moon: Path
    crossings: dict[str, list[Crossing]]


def published_elements(
    radar_sky: RadarSky, *, start_tai_ns: int, seed: int
) -> tuple[Elements, ...]:
    """Return the public elements of all satellites in a run's sky: what the chain may be given."""
    return radar_sky.elements + notional_catalogue(
        radar_sky.notional_objects_count,
        seed=seed,
        epoch_tai_ns=start_tai_ns - round(radar_sky.notional_age_s * SECOND_NS),
    )


def radar_surroundings(
    radar_sky: RadarSky,
    radars: list[RadarSensor],
    *,
    span_tai_ns: tuple[int, int],
    seed: int,
    orientation: EarthOrientation,
) -> RadarSurroundings:
    """Return the sky of a run for these radars, between two instants.

    Raises ValueError outside the dates of ``orientation``.
    """
    sky = sky_between(*span_tai_ns, orientation)
    published = published_elements(radar_sky, start_tai_ns=span_tai_ns[0], seed=seed)
    objects = flown_elements(published, ratio=radar_sky.element_error_ratio, seed=seed)
    crossings: dict[str, list[Crossing]] = {radar.sensor_id: [] for radar in radars}
    if objects and radars:
        crossings = find_crossings(
            Catalogue(objects), radars, span_tai_ns=span_tai_ns, seed=seed, orientation=orientation
        )
    sun_gcrf = np.array([sun_gcrf_m(sky.node_tai_ns + s) for s in _ABOUT_NS])
    moon_gcrf = np.array([moon_gcrf_m(sky.node_tai_ns + s) for s in _ABOUT_NS])
    return RadarSurroundings(
        radar_sky=radar_sky,
        start_tai_ns=int(sky.node_tai_ns[0]),
        sun=_path(sky, sun_gcrf),
        moon=_path(sky, moon_gcrf),
        crossings=crossings,
    )


def _path(sky: Sky, gcrf_m: Array) -> Path:
    """Return a path in ecef from positions (3, k, 3) at the nodes, a minute before, and after."""
    turn = sky.gcrf_to_ecef(sky.node_tai_ns)
    rate_gcrf = (gcrf_m[2] - gcrf_m[1]) / (2.0 * _DIFFERENCE_NS / SECOND_NS)
    points = rotate(turn, gcrf_m[0])
    rates = rotate(turn, rate_gcrf)
    rates[:, 0] += ROTATION_RATE_RAD_S * points[:, 1]
    rates[:, 1] -= ROTATION_RATE_RAD_S * points[:, 0]
    return Path(times_s=sky.since_first_node_s(sky.node_tai_ns), points=points, rates=rates)


def moon_states_ecef(
    around: RadarSurroundings, site_ecef_m: Array, time_tai_ns: Instants
) -> tuple[Array, Array]:
    """Position [m] and velocity [m/s] (k, 3) of the point of the Moon whose echo is back first."""
    position, velocity = around.moon.states((time_tai_ns - around.start_tai_ns) / SECOND_NS)
    return position - MOON_RADIUS_M * unit(position - site_ecef_m), velocity


@final
@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """What a radar hears: build it with `noise_of`. Directions are east, north, up of its site.

    ``sun_enu`` (k, 3) is the Sun at ``sun_s`` seconds after ``start_tai_ns``; ``peak_k`` (j,) what
    each jammer adds to the noise temperature in the middle of the beam.
    """

    sensor: RadarSensor
    start_tai_ns: int
    sun_flux_w_m2_hz: float
    sun_s: Array
    sun_enu: Array
    jammers_enu: Array
    jammers_tai_ns: Instants
    peak_k: Array

    def rise(self, azimuth_rad: Array, elevation_rad: Array, time_tai_ns: Instants) -> Array:
        """Noise over the radar's own (n,), at least one, in beams that point there, then."""
        sensor = self.sensor
        level = np.cos(elevation_rad)
        beam = np.stack(
            (level * np.sin(azimuth_rad), level * np.cos(azimuth_rad), np.sin(elevation_rad)), 1
        )
        elapsed_s = (time_tai_ns - self.start_tai_ns) / SECOND_NS
        # Straight from node to node: off by 1e-6 rad.
        sun = np.stack([np.interp(elapsed_s, self.sun_s, axis) for axis in self.sun_enu.T], 1)
        added_k = sun_temperature_k(
            self.sun_flux_w_m2_hz,
            sensor.gain,
            SPEED_OF_LIGHT_M_S / sensor.frequency_hz,
            self._pattern(beam, sun),
        )
        added_k = np.where(sun[:, 2] > _SUNSET_SINE, added_k, 0.0)
        for enu, (begin, end), peak_k in zip(
            self.jammers_enu, self.jammers_tai_ns, self.peak_k, strict=True
        ):
            on = (time_tai_ns >= begin) & (time_tai_ns <= end)
            added_k += np.where(on, peak_k * self._pattern(beam, enu), 0.0)
        rise: Array = 1.0 + added_k / sensor.noise_temperature_k
        return rise

    def _pattern(self, beam: Array, towards: Array) -> Array:
        x, y, z = (beam * towards).T
        off_axis_rad = np.arccos(np.clip(x + y + z, -1.0, 1.0))
        return beam_pattern(off_axis_rad, self.sensor.beam_width_rad, SIDELOBE_RATIO)


def noise_of(around: RadarSurroundings, model: RadarModel) -> Noise:
    """Return what a radar hears of Sun and jammers; of these only those in its band, in sight."""
    sensor, sky = model.sensor, around.radar_sky
    heard = [(j, ecef) for j in sky.jammers if (ecef := _heard_from(j, model)) is not None]
    offsets = np.array([ecef - model.site_ecef_m for _, ecef in heard]).reshape(-1, 3)
    peak_k = [
        float(
            interference_temperature_k(
                jammer.effective_power_w,
                # What it spreads beyond the radar's band is lost; less than the band is all heard.
                max(jammer.bandwidth_hz, sensor.bandwidth_hz),
                np.array(np.linalg.norm(offset)),
                sensor.gain,
                SPEED_OF_LIGHT_M_S / sensor.frequency_hz,
            )
        )
        for (jammer, _), offset in zip(heard, offsets, strict=True)
    ]
    times = [(jammer.start_tai_ns, jammer.end_tai_ns) for jammer, _ in heard]
    return Noise(
        sensor=sensor,
        start_tai_ns=around.start_tai_ns,
        sun_flux_w_m2_hz=sky.sun_flux_ratio * quiet_sun_flux_w_m2_hz(sensor.frequency_hz),
        sun_s=around.sun.times_s,
        sun_enu=unit(around.sun.points - model.site_ecef_m) @ model.axes_enu.T,
        jammers_enu=unit(offsets) @ model.axes_enu.T,
        jammers_tai_ns=np.array(times, dtype=np.int64).reshape(-1, 2),
        peak_k=np.array(peak_k),
    )


def _heard_from(jammer: Jammer, model: RadarModel) -> Array | None:
    """Return where a jammer is in ecef [m], or None if the radar does not hear it at all."""
    sensor = model.sensor
    apart_hz = abs(jammer.frequency_hz - sensor.frequency_hz)
    if apart_hz > 0.5 * (jammer.bandwidth_hz + sensor.bandwidth_hz):
        return None
    position = ecef_from_geodetic(jammer.latitude_rad, jammer.longitude_rad, jammer.height_m)
    lowest = lowest_height_m(position, model.site_ecef_m)
    in_sight = float(lowest) >= min(sensor.height_m, jammer.height_m, 0.0) - 1.0
    return position if in_sight else None
