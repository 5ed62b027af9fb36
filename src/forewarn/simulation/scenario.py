"""A scenario as data: what flies, who looks, who is defended, from when to when."""

from __future__ import annotations

import msgspec

from forewarn.missiles.vehicle import Vehicle
from forewarn.records import Notice
from forewarn.sensors.network import Network
from forewarn.simulation.clutter import Clutter
from forewarn.simulation.faults import Fault
from forewarn.simulation.radar_sky import RadarSky
from forewarn.simulation.weather import Weather
from forewarn.warning.policy import Area, Policy


class Dispersion(msgspec.Struct, frozen=True, kw_only=True):
    """One-sigma spread, from seed to seed, of what was flown about what the scenario states.

    ``throttle_wander_fraction`` and ``steering_wander_rad`` are the one sigma of how thrust and its
    pitch stray within one flight (correlated over 15 s), as throttling and a pitch programme do.
    With ``family`` each seed flies another member of the vehicle's own family as well.
    """

    thrust_fraction: float = 0.0
    range_m: float = 0.0
    apogee_m: float = 0.0
    azimuth_rad: float = 0.0
    intensity_fraction: float = 0.0
    ballistic_coefficient_fraction: float = 0.0
    throttle_wander_fraction: float = 0.0
    steering_wander_rad: float = 0.0
    family: bool = False


class FlownLaunch(msgspec.Struct, frozen=True, kw_only=True, tag="flown", tag_field="truth"):
    """A generic vehicle flown by the simulation's own physics.

    The flight is shaped (tip-over angle and cut-off) to what is stated: to ``range_m`` and
    ``apogee_m``, with ``time_s`` also to a time of flight (the pace of the burn); to ``range_m``
    alone, at the least burn, ``azimuth_rad`` then being that of the impact over the ground; or to a
    circular orbit (``to_orbit``). With none of these the vehicle flies as it stands. At
    ``fails_at_s`` the thrust ends for good, and the vehicle breaks into ``fragments_count``
    pieces, if more than 0. With ``parts`` its spent stages and shroud are objects of their own.
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
    time_s: float | None = None
    to_orbit: bool = False
    fails_at_s: float | None = None
    fragments_count: int = 0
    parts: bool = False


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


class Decay(msgspec.Struct, frozen=True, kw_only=True):
    """A spent stage whose orbit has decayed, from `forewarn.missiles.reentry.ENTRY_HEIGHT_M` down.

    ``azimuth_rad`` is that of its motion among the stars.
    """

    decay_id: str
    time_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float
    ballistic_coefficient_kg_m2: float
    radar_cross_section_m2: float
    source: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on the day: a sentence, and the first public alert [s] after launch."""

    note: str
    alert_s: float


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one simulated run needs; with a seed it determines every event, to the bit.

    ``weather`` takes the place of the one ``cloud_top_m`` for all the Earth. ``wind`` holds rows of
    height [m], ascending, and wind towards east and north [m/s], in which every vehicle flies.
    """

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
    faults: tuple[Fault, ...] = ()
    wind: tuple[tuple[float, float, float], ...] = ()
    decays: tuple[Decay, ...] = ()
    weather: Weather | None = None
    clutter: Clutter | None = None
