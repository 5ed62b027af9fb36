"""The clouds of a run: a random field over the whole Earth that can be asked anywhere.

Two stationary, isotropic Gaussian fields in space, cut by the sphere of the Earth, say where cloud
is and how high its top lies. Each is a sum of plane waves with random wave vectors and phases
(M. Shinozuka, J. Acoust. Soc. Am. 49 (1971) 357), so there is no grid, no edge and no pole, and
the same seed gives the same cloud at the same place whoever asks. The wave vectors follow the
spectrum of the Matérn correlation of order 3/2 (C. E. Rasmussen, C. K. I. Williams, Gaussian
Processes for Machine Learning, MIT Press 2006, equation 4.17): cloud edges are rough, not round.

A cloud is opaque and fills the column from the ground to its top. It stands still: within the
minutes of a launch it moves by less than its edge is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forewarn.earth import MEAN_RADIUS_M, SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.epoch import SECOND_NS
from forewarn.sensors.sight import dot, height_m, unit
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

HIGHEST_CLOUD_M = 18_000.0  # the tropical tropopause, 17 to 18 km (from memory, soft)
MOST_SIGMAS = 2.0  # of the tops that must still lie between the ground and the highest cloud

_WAVES = 64
_BLOCK = 256  # places at a time, to stay in the fast memory
_FREEDOM = 3.0  # twice the Matérn order of 3/2
_BREAK_STEP_NS = SECOND_NS // 10
_STRETCH = np.array([1.0, 1.0, SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M]) / SEMI_MAJOR_AXIS_M


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """Cloud statistics: a Gaussian spread of tops over ``cover_fraction`` of the Earth.

    At ``correlation_m`` the correlation has fallen to 0.48. ``albedo`` is what a cloud sends back
    of sunlight in band, equally in all directions.
    """

    cover_fraction: float
    mean_top_m: float
    top_sigma_m: float
    correlation_m: float
    albedo: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Waves:
    """Wave vectors (n, 3) [1/m] and phases (n,) [rad] of a field of zero mean, unit variance."""

    number_per_m: Array
    phase_rad: Array

    def at(self, place_ecef_m: Array) -> Array:
        """Return the field (k,) at places (k, 3), to single precision.

        Written out by axis: a matrix product rounds by how many places are asked at once, and a
        cloud must not depend on who else asks.
        """
        value = np.empty(len(place_ecef_m))
        number = self.number_per_m.astype(np.float32)
        phase = self.phase_rad.astype(np.float32)
        for first in range(0, len(value), _BLOCK):
            place = place_ecef_m[first : first + _BLOCK].astype(np.float32)
            angle = place[:, :1] * number[:, 0]
            for axis in (1, 2):
                angle += place[:, axis : axis + 1] * number[:, axis]
            angle += phase
            value[first : first + _BLOCK] = np.sum(np.cos(angle, out=angle), axis=-1)
        value *= np.sqrt(2.0 / len(phase))
        return value


@final
@dataclass(frozen=True, slots=True, eq=False)
class CloudField:
    """The clouds of one run; build it with `cloud_field`."""

    weather: Weather
    cover: _Waves
    top: _Waves

    @property
    def ceiling_m(self) -> float:
        """No cloud reaches higher."""
        highest = self.weather.mean_top_m + 3.0 * self.weather.top_sigma_m
        return min(highest, HIGHEST_CLOUD_M)

    def cloud_top_m(self, latitude_rad: Array, longitude_rad: Array) -> Array:
        """Return the height [m] of the cloud top at places (...), 0 where the sky is clear."""
        level = np.cos(latitude_rad)
        direction = np.stack(
            (level * np.cos(longitude_rad), level * np.sin(longitude_rad), np.sin(latitude_rad)),
            axis=-1,
        )
        return self.top_under(direction)

    def top_under(self, position_ecef_m: Array) -> Array:
        """Return the cloud top [m], 0 where clear, on the geocentric radii of points (..., 3)."""
        place = MEAN_RADIUS_M * unit(position_ecef_m)
        shape = place.shape[:-1]
        place = place.reshape(-1, 3)
        result = np.zeros(len(place))
        cloudy = np.flatnonzero(self.cover.at(place) > ndtri(1.0 - self.weather.cover_fraction))
        tops = self.weather.mean_top_m + self.weather.top_sigma_m * self.top.at(place[cloudy])
        result[cloudy] = np.clip(tops, 0.0, self.ceiling_m)
        return result.reshape(shape)

    def hides(self, source_ecef_m: Array, satellite_ecef_m: Array) -> NDArray[np.bool_]:
        """Say which of the sources (k, 3) a satellite (k, 3) cannot see for cloud.

        The straight path is hidden if anywhere it runs below the cloud top there. It is looked at
        in 16 places between the source, or where it comes down into the cloud layer, and where it
        leaves the layer; in 4 if it crosses the layer in less than a quarter of the correlation.
        """
        a = source_ecef_m * _STRETCH
        d = satellite_ecef_m * _STRETCH - a
        enters, leaves = _inside_layer(a, d, self.ceiling_m)
        path = satellite_ecef_m - source_ecef_m
        crossed_m = (leaves - enters) * np.sqrt(dot(path, path))
        hidden = np.zeros(len(a), dtype=np.bool_)
        long = crossed_m > 0.25 * self.weather.correlation_m
        for rows, places in ((long, 16), ((crossed_m > 0.0) & ~long, 4)):
            share = np.linspace(0.0, 1.0, places)
            along = enters[rows, None] + (leaves - enters)[rows, None] * share
            points = source_ecef_m[rows, None] + along[..., None] * path[rows, None]
            hidden[rows] = np.any(height_m(points) < self.top_under(points), axis=-1)
        return hidden


def cloud_field(weather: Weather, *, seed: int) -> CloudField:
    """Return the clouds of a run, drawn from its seed and from nothing else."""
    randomness = stream(seed, "weather")
    return CloudField(
        weather=weather,
        cover=_waves(weather.correlation_m, randomness),
        top=_waves(weather.correlation_m, randomness),
    )


def cloud_break_tai_ns(
    clouds: CloudField,
    span_tai_ns: tuple[int, int],
    source_ecef_m_at: Callable[[Instants], Array],
    satellite_ecef_m_at: Callable[[Instants], Array],
) -> int | None:
    """Return when a source first clears the clouds on its way to a satellite, to 0.1 s.

    Both functions give positions (k, 3) [m] at instants (k,). Only clouds hide here; where the
    Earth stands between, the instant is still that of the clouds. None if they hide it throughout.
    """
    times = np.arange(span_tai_ns[0], span_tai_ns[1] + 1, _BREAK_STEP_NS, dtype=np.int64)
    source = source_ecef_m_at(times)
    free = np.flatnonzero(~clouds.hides(source, satellite_ecef_m_at(times)))
    return int(times[free[0]]) if len(free) else None


def _waves(correlation_m: float, randomness: np.random.Generator) -> _Waves:
    """Draw waves whose spectrum is that of the Matérn correlation: Student's t in three axes."""
    normal = randomness.standard_normal((_WAVES, 3))
    spread = np.sqrt(_FREEDOM / randomness.chisquare(_FREEDOM, _WAVES))
    return _Waves(
        number_per_m=normal * (spread / correlation_m)[:, None],
        phase_rad=2.0 * np.pi * randomness.random(_WAVES),
    )


def _inside_layer(a: Array, d: Array, ceiling_m: float) -> tuple[Array, Array]:
    """Return the shares (k,) of the stretched path a + s d, 0 to 1, that lie below a ceiling.

    A path that stays above enters where it leaves.
    """
    radius = 1.0 + ceiling_m / SEMI_MINOR_AXIS_M
    dd, ad = dot(d, d), dot(a, d)
    root = np.sqrt(np.maximum(ad * ad - dd * (dot(a, a) - radius**2), 0.0))
    return np.clip((-ad - root) / dd, 0.0, 1.0), np.clip((-ad + root) / dd, 0.0, 1.0)
