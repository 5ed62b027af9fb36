"""From where things are to what one radar reports of them: view, strength, draws, errors.

An echo that comes back after the next pulse is taken for one of that pulse, so its range is
folded; one that comes back while the radar sends is lost. Angles are those the radar has after it
has corrected them for the air and the ionosphere that it assumes; what the true ones differ by
leaves a residual, the same in a whole run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forewarn.earth import SPEED_OF_LIGHT_M_S
from forewarn.kernels.radar_view import view_all
from forewarn.records import RadarMeasurement
from forewarn.sensors.detection import CASES, echo_power, fading
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import (
    RadarModel,
    beam_sigma_rad,
    in_coverage,
    off_boresight_rad,
    range_of_unit_echo_m,
    range_sigma_m,
    scan_gain,
    signal_to_noise,
)
from forewarn.sensors.radar_environment import (
    HorizonMask,
    ambiguous_range_m,
    horizon_mask,
    pulses_between,
)
from forewarn.sensors.refraction import Atmosphere, atmosphere
from forewarn.simulation.radar_rows import TURN, faces_of
from forewarn.simulation.radar_sky import Noise
from forewarn.simulation.streams import KeyedStream, stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Booleans = NDArray[np.bool_]

FACE_TILT_RAD = float(np.radians(20.0))  # of PAVE PAWS: NRC report 11205 (2005), chapter 4
_LEAST_RANGE_M = 1.0
_DRAWS = 8


@final
@dataclass(frozen=True, slots=True, eq=False)
class View:
    """n points as a radar would see them without any error.

    ``apparent`` (n, 4) is range [m], folded if need be, azimuth, elevation [rad] and range rate
    [m/s]; ``range_m`` (n,) the true range, and ``covered`` (n,) whether it could see the point.
    """

    apparent: Array
    range_m: Array
    covered: Booleans

    def part(self, rows: NDArray[np.intp] | Booleans) -> View:
        """Return the view of some of the points."""
        return View(
            apparent=self.apparent[rows], range_m=self.range_m[rows], covered=self.covered[rows]
        )


@final
@dataclass(frozen=True, slots=True, eq=False)
class Refraction:
    """What a radar's correction leaves: the air and ionosphere it assumes, and how wrong they are.

    Bending and delay are in proportion to refractivity and to electron content, so a share of them
    remains: `forewarn.sensors.refraction.residual` to a tenth of itself, for errors of some per
    cent above 2 degrees.
    """

    assumed: Atmosphere
    air_error_ratio: float
    plasma_error_ratio: float

    def residual(self, elevation_rad: Array, range_m: Array) -> tuple[Array, Array]:
        """Return the errors in elevation [rad] and range [m] of points at true ones (n,)."""
        seen = elevation_rad + self.assumed.bending_rad(elevation_rad, range_m)
        air, plasma = self.assumed.air, self.assumed.plasma_per_metre
        of_plasma = self.plasma_error_ratio * self.assumed.vertical_delay_m
        higher = self.air_error_ratio * air.bending_rad(seen, range_m) + (
            of_plasma * plasma.bending_rad(seen, range_m)
        )
        farther = self.air_error_ratio * air.delay_m(seen, range_m) + (
            of_plasma * plasma.delay_m(seen, range_m)
        )
        return higher, farther


@final
@dataclass(frozen=True, slots=True, eq=False)
class Receiver:
    """One radar in one run, with its constant errors; build it with `receiver`."""

    model: RadarModel
    bias: Array
    noise: Noise | None
    refraction: Refraction | None
    skyline: HorizonMask | None

    def view(self, position_ecef_m: Array, velocity_ecef_m_s: Array) -> View:
        """Look at points with positions and velocities (n, 3)."""
        sensor, model = self.model.sensor, self.model
        apparent = np.empty((len(position_ecef_m), 4))
        view_all(position_ecef_m, velocity_ecef_m_s, model.site_ecef_m, model.axes_enu, apparent)
        range_m = apparent[:, 0].copy()
        lost = np.zeros(len(range_m), dtype=np.bool_)
        if sensor.pulse_interval_s is not None:
            apparent[:, 0] = ambiguous_range_m(range_m, sensor.pulse_interval_s)
            late = pulses_between(range_m, sensor.pulse_interval_s) > 0
            lost = late & (apparent[:, 0] < 0.5 * SPEED_OF_LIGHT_M_S * sensor.pulse_s)
        covered = in_coverage(model, position_ecef_m, apparent) & ~lost
        if self.skyline is not None:
            covered &= self.skyline.above_mask(apparent[:, 1], apparent[:, 2])
        return View(apparent=apparent, range_m=range_m, covered=covered)

    def azimuth_elevation_range(self, position_ecef_m: Array) -> tuple[Array, Array, Array]:
        """Return true azimuths, elevations [rad] and ranges [m] (n,) of points, seen or not."""
        z = np.empty((len(position_ecef_m), 4))
        view_all(position_ecef_m, position_ecef_m, self.model.site_ecef_m, self.model.axes_enu, z)
        return z[:, 1].copy(), z[:, 2].copy(), z[:, 0].copy()

    def strength(self, azimuth_rad: Array, elevation_rad: Array, time_tai_ns: Instants) -> Array:
        """Signal over noise (n,) in beams that point there, over that at boresight in silence."""
        sensor = self.model.sensor
        ratio = np.ones(len(azimuth_rad))
        if sensor.scan_loss_exponent > 0.0:
            aside_rad = azimuth_rad - face_boresight_rad(sensor, azimuth_rad)
            off_rad = off_boresight_rad(aside_rad, elevation_rad, 0.0, FACE_TILT_RAD)
            ratio *= scan_gain(off_rad, sensor.scan_loss_exponent) ** 2
        if self.noise is not None:
            ratio /= self.noise.rise(azimuth_rad, elevation_rad, time_tai_ns)
        return ratio

    def strength_towards(self, pointing: Array, time_tai_ns: Instants) -> Array | None:
        """Return `strength` in beams at azimuths and elevations (n, 2) [rad]; None if all ones."""
        if self.steady:
            return None
        return self.strength(pointing[:, 0].copy(), pointing[:, 1].copy(), time_tai_ns)

    def signal_to_noise(
        self, view: View, cross_section_m2: Array | float, strength: Array | None
    ) -> Array:
        """Mean signal-to-noise ratio (n,) of a look at each point, with `strength_towards` it."""
        snr = signal_to_noise(self.model.sensor, view.range_m, cross_section_m2)
        return snr if strength is None else snr * strength

    @property
    def steady(self) -> bool:
        """True if the radar sees equally well in all directions at all times."""
        return self.noise is None and self.model.sensor.scan_loss_exponent == 0.0

    def reach_m(self, strength: Array) -> Array:
        """Range [m] (n,) at which 1 m2 returns a ratio of one, in beams of that strength."""
        reach_m: Array = range_of_unit_echo_m(self.model.sensor) * strength**0.25
        return reach_m

    def measured(self, view: View, echo: Array, normals: Array) -> Array:
        """Return what is reported (n, 4): range, azimuth, elevation, range rate, with all errors.

        ``normals`` (n, 4) are standard normal draws.
        """
        sensor, apparent = self.model.sensor, view.apparent
        across = beam_sigma_rad(sensor, echo)
        sigma = np.empty_like(apparent)
        sigma[:, 0] = range_sigma_m(sensor, echo)
        sigma[:, 1] = across / np.maximum(np.cos(apparent[:, 2]), 1e-3)
        sigma[:, 2] = across
        sigma[:, 3] = sensor.range_rate_sigma_m_s
        measured = apparent + self.bias + sigma * normals
        if self.refraction is not None:
            higher, farther = self.refraction.residual(apparent[:, 2].copy(), view.range_m)
            measured[:, 0] += farther
            measured[:, 2] = np.minimum(measured[:, 2] + higher, 0.5 * np.pi)
        measured[:, 0] = np.maximum(measured[:, 0], _LEAST_RANGE_M)
        measured[:, 1] %= TURN
        return measured


def receiver(model: RadarModel, *, seed: int, bias: Array, noise: Noise | None) -> Receiver:
    """Return a radar in a run; ``bias`` (4,) is what is constantly added to its measurements.

    The errors of its atmosphere have a stream of their own.
    """
    sensor = model.sensor
    mask = sensor.horizon_mask_rad
    bends = sensor.surface_refractivity > 0.0 or sensor.electron_content_per_m2 > 0.0
    refraction = None
    if bends and sensor.refraction_error_fraction > 0.0:
        draws = stream(seed, sensor.sensor_id, "atmosphere").standard_normal(2)
        air, plasma = (sensor.refraction_error_fraction * draws).tolist()
        refraction = Refraction(
            assumed=_assumed(
                sensor.frequency_hz,
                sensor.height_m,
                sensor.surface_refractivity,
                sensor.electron_content_per_m2,
            ),
            air_error_ratio=air,
            plasma_error_ratio=plasma,
        )
    return Receiver(
        model=model,
        bias=bias,
        noise=noise,
        refraction=refraction,
        skyline=horizon_mask(*zip(*mask, strict=True)) if mask else None,
    )


@lru_cache(maxsize=64)
def _assumed(
    frequency_hz: float, height_m: float, refractivity: float, electrons_per_m2: float
) -> Atmosphere:
    return atmosphere(frequency_hz, height_m, refractivity, electrons_per_m2)


def face_boresight_rad(sensor: RadarSensor, azimuth_rad: Array) -> Array:
    """Return the azimuth of the middle of the face that looks at azimuths (n,).

    The faces of a radar share its width evenly; an azimuth outside belongs to an outermost one.
    """
    faces = faces_of(sensor.beam_plan)
    width_rad = 2.0 * sensor.azimuth_half_width_rad / faces
    left_rad = sensor.boresight_azimuth_rad - sensor.azimuth_half_width_rad
    off_rad = (azimuth_rad - sensor.boresight_azimuth_rad + np.pi) % TURN - np.pi
    face = np.floor((off_rad + sensor.azimuth_half_width_rad) / width_rad)
    boresight: Array = left_rad + (np.clip(face, 0, faces - 1) + 0.5) * width_rad
    return boresight


def drawn_in_order(
    sensor: RadarSensor, count: int, randomness: np.random.Generator
) -> tuple[Array, Array]:
    """Return what the strength of ``count`` looks is made of: exponentials and normals (n, 2)."""
    if sensor.swerling == 1:  # one draw is enough, see `echoes`
        single = randomness.exponential(1.0, count)
        return np.stack((single, single), axis=1), np.zeros((count, 2))
    return randomness.exponential(1.0, (count, 2)), randomness.standard_normal((count, 2))


def drawn_by_key(
    keyed: KeyedStream, number: NDArray[np.int64], time_tai_ns: Instants
) -> tuple[Array, Array, Array]:
    """Return draws for looks at catalogued objects: exponentials (n, 2), normals (n, 2), (n, 4).

    Catalogue number and instant alone decide them; the last are those of the errors.
    """
    uniforms = keyed.uniforms(number, time_tai_ns, _DRAWS)
    normals = ndtri(uniforms[:, 2:])
    return -np.log(uniforms[:, :2]), normals[:, :2], normals[:, 2:]


def echoes(sensor: RadarSensor, snr: Array, exponentials: Array, normals: Array) -> Array:
    """Return echo powers (n,) over mean noise, of looks with mean ratios (n,), from draws."""
    if sensor.swerling == 1:  # an exponential echo in noise is exponential
        single: Array = exponentials[:, 0] * (1.0 + snr)
        return single
    assert sensor.swerling in CASES, "formats refuses others"
    return echo_power(snr, fading(exponentials, sensor.swerling), normals)


def reports(time_tai_ns: Instants, measured: Array, echo: Array) -> list[RadarMeasurement]:
    """Return measurements (n, 4) as records; their ids come later."""
    rows = zip(time_tai_ns.tolist(), measured.tolist(), echo.tolist(), strict=True)
    return [
        RadarMeasurement(
            measurement_id="",
            seen_tai_ns=seen,
            range_m=range_m,
            azimuth_rad=azimuth_rad,
            elevation_rad=elevation_rad,
            range_rate_m_s=range_rate_m_s,
            snr=snr,
        )
        for seen, (range_m, azimuth_rad, elevation_rad, range_rate_m_s), snr in rows
    ]
