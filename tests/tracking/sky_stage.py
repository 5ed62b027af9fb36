"""A radar under satellites that fly off their public elements, for the tests of the known sky.

Truth is SGP4 on the elements as flown, the centre has the published ones; plots are made here and
not by the simulation's radar, so that a test says exactly what is seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, ROTATION_RATE_RAD_S
from forewarn.epoch import SECOND_NS
from forewarn.kernels.radar_view import view_all
from forewarn.orbits import Catalogue
from forewarn.sensors.network import Network, RadarSensor
from forewarn.sensors.radar import beam_sigma_rad, radar_model, range_sigma_m
from forewarn.simulation.element_errors import flown_elements
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.tracking.known import KnownSky, Plots
from tests.simulation.scenes import ORIENTATION, START
from tests.simulation.skies import LARGE

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SCAN_NS = 3 * SECOND_NS
RADAR = msgspec.structs.replace(
    LARGE, range_bias_sigma_m=20.0, angle_bias_sigma_rad=0.3e-3, range_rate_sigma_m_s=10.0
)
EARTH = np.array((0.0, 0.0, ROTATION_RATE_RAD_S))


def network_of(*radars: RadarSensor) -> Network:
    """A network of radars alone."""
    return Network(network_id="n", title="t", satellites={}, sensors=radars)


def fallen(position: Array, velocity: Array, time_s: Array) -> tuple[Array, Array]:
    """States (n, 3) in ecef after some seconds of free fall, to second order."""
    pull = -GRAVITATIONAL_PARAMETER_M3_S2 * position
    pull /= np.linalg.norm(position, axis=1)[:, None] ** 3
    pull -= 2.0 * np.cross(EARTH, velocity) + np.cross(EARTH, np.cross(EARTH, position))
    t = time_s[:, None]
    return position + velocity * t + 0.5 * pull * t**2, velocity + pull * t


@dataclass
class Stage:
    """``count`` satellites, half a day old, over one radar; all draws from ``seed``."""

    radar: RadarSensor = RADAR
    count: int = 4_000
    age_s: float = 43_200.0
    ratio: float = 1.0
    seed: int = 1
    known: KnownSky = field(init=False)
    truth: Catalogue = field(init=False)
    randomness: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        """Make the two catalogues."""
        epoch = START - round(self.age_s * SECOND_NS)
        published = notional_catalogue(self.count, seed=self.seed, epoch_tai_ns=epoch)
        self.truth = Catalogue(flown_elements(published, ratio=self.ratio, seed=self.seed))
        self.known = KnownSky(Catalogue(published), network_of(self.radar), ORIENTATION)
        self.randomness = np.random.default_rng(self.seed)

    def scan(
        self, number: int, bias: tuple[float, ...] = (0.0, 0.0, 0.0), ahead_s: float = 0.0
    ) -> tuple[Plots, Indices]:
        """Every satellite in the radar's volume once, anywhere in a scan; and which it is."""
        start = START + number * SCAN_NS
        middle = start + SCAN_NS // 2
        position, velocity, _ = self.truth.states_ecef(np.array([middle]), ORIENTATION)
        inside = self.inside(position[:, 0], velocity[:, 0])
        times = start + self.randomness.integers(0, SCAN_NS, len(inside))
        states = fallen(position[inside, 0], velocity[inside, 0], (times - middle) / SECOND_NS)
        return self.plots(*states, times, bias=bias, ahead_s=ahead_s), inside

    def inside(self, position: Array, velocity: Array) -> Indices:
        """Which states the radar covers."""
        z, radar = self.seen(position, velocity), self.radar
        off = np.abs((z[:, 1] - radar.boresight_azimuth_rad + np.pi) % (2.0 * np.pi) - np.pi)
        return np.flatnonzero(
            (z[:, 0] < radar.range_max_m)
            & (z[:, 2] > radar.elevation_min_rad)
            & (z[:, 2] < radar.elevation_max_rad)
            & (off < radar.azimuth_half_width_rad)
        )

    def seen(self, position: Array, velocity: Array) -> Array:
        """Range, azimuth, elevation, range rate (n, 4) without errors."""
        model, z = radar_model(self.radar), np.empty((len(position), 4))
        states = np.ascontiguousarray(position), np.ascontiguousarray(velocity)
        view_all(*states, model.site_ecef_m, model.axes_enu, z)
        return z

    def plots(
        self,
        position: Array,
        velocity: Array,
        times: Indices,
        *,
        bias: tuple[float, ...] = (0.0, 0.0, 0.0),
        ahead_s: float = 0.0,
    ) -> Plots:
        """Plots of states, with noise, constant errors, and stamps of a clock that is ahead."""
        z = self.seen(position, velocity)
        snr = 20.0 + self.randomness.exponential(60.0, len(z))
        across = beam_sigma_rad(self.radar, snr)
        sigma = np.empty_like(z)
        sigma[:, 0] = range_sigma_m(self.radar, snr)
        sigma[:, 1] = across / np.cos(z[:, 2])
        sigma[:, 2] = across
        sigma[:, 3] = self.radar.range_rate_sigma_m_s
        measured = z + np.array((*bias, 0.0)) + sigma * self.randomness.standard_normal(z.shape)
        measured[:, 1] %= 2.0 * math.pi
        return Plots(times + round(ahead_s * SECOND_NS), measured, sigma)


def joined(*parts: Plots) -> Plots:
    """Plots of several kinds in one scan."""
    return Plots(
        np.concatenate([p.seen_tai_ns for p in parts]),
        np.concatenate([p.measured for p in parts]),
        np.concatenate([p.sigma for p in parts]),
    )
