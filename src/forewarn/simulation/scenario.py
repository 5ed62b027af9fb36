"""A scenario as data: what flies, who looks, who is defended, from when to when."""

from __future__ import annotations

import msgspec

from forewarn.missiles.vehicle import Vehicle
from forewarn.records import Notice
from forewarn.sensors.network import Network
from forewarn.simulation.radar_sky import RadarSky
from forewarn.warning.policy import Area, Policy


class Dispersion(msgspec.Struct, frozen=True, kw_only=True):
    """One-sigma spread, from seed to seed, of what was flown about what the scenario states.

    ``throttle_wander_fraction`` and ``steering_wander_rad`` are the one sigma of how thrust and its
    pitch stray within one flight (correlated over 15 s), as throttling and a pitch programme do.
    """

    thrust_fraction: float = 0.0
    range_m: float = 0.0
    apogee_m: float = 0.0
    azimuth_rad: float = 0.0
    intensity_fraction: float = 0.0
    ballistic_coefficient_fraction: float = 0.0
    throttle_wander_fraction: float = 0.0
    steering_wander_rad: float = 0.0


class FlownLaunch(msgspec.Struct, frozen=True, kw_only=True, tag="flown", tag_field="truth"):
    """A generic vehicle flown by the simulation's own physics.

    With ``range_m`` and ``apogee_m`` the flight is shaped (tip-over angle and cut-off) until it
    reaches that published range and apogee; without them the vehicle flies as it stands.
    """

    launch_id: str
    time_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float
    vehicle: Vehicle
    range_m: float | None
    apogee_m: float | None
    dispersion: Dispersion


class TelemetryLaunch(
    msgspec.Struct, frozen=True, kw_only=True, tag="telemetry", tag_field="truth"
):
    """A real ascent: speed and altitude at 1 Hz from a webcast, placed on its pad.

    The ground track is the great circle whose azimuth gives ``inclination_rad`` at insertion.
    ``samples`` are (time since launch [s], Earth-relative speed [m/s], altitude [m]);
    ``burns_s`` are the (start, end) of each engine burn and ``intensities_w_sr`` their plumes.
    """

    launch_id: str
    time_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    height_m: float
    inclination_rad: float
    descending: bool
    source: str
    samples: tuple[tuple[float, float, float], ...]
    burns_s: tuple[tuple[float, float], ...]
    intensities_w_sr: tuple[float, ...]


Launch = FlownLaunch | TelemetryLaunch


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on the day: a sentence, and the first public alert [s] after launch."""

    note: str
    alert_s: float


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one simulated run needs; with a seed it determines every event, to the bit."""

    scenario_id: str
    title: str
    description: str
    start_tai_ns: int
    end_tai_ns: int
    seed: int
    cloud_top_m: float
    network: Network
    areas: tuple[Area, ...]
    policy: Policy
    launches: tuple[Launch, ...]
    notices: tuple[Notice, ...]
    history: History | None = None
    radar_sky: RadarSky | None = None
