"""Radars under a full sky, for the tests of what they report of it."""

from __future__ import annotations

import math

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.records import Scan
from forewarn.sensors.network import BeamPlan, RadarSensor
from forewarn.simulation import Scenario
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_sky import RadarSky, RadarSurroundings, radar_surroundings
from forewarn.simulation.scenario import FlownLaunch
from forewarn.simulation.truth import make_truth
from tests.simulation.scenes import LAUNCH, ORIENTATION, RADAR, scene

# In the proportions of PAVE PAWS (NRC report 11205, 2005), notional like all of them.
LARGE = msgspec.structs.replace(
    RADAR,
    sensor_id="LARGE",
    azimuth_half_width_rad=math.radians(120.0),
    elevation_min_rad=math.radians(1.0),
    range_max_m=5_556e3,
    frequency_hz=435e6,
    gain=10**3.79,
    peak_power_w=582e3,
    pulse_s=3e-3,
    noise_temperature_k=450.0,
    loss=10**0.8,
    beam_width_rad=math.radians(2.2),
    beam_plan=BeamPlan(faces_count=2, fence_beams_count=120, listen_s=38e-3),
)
FREE = msgspec.structs.replace(LARGE, sensor_id="FREE", beam_plan=None)


def world(
    *radars: RadarSensor,
    sky: RadarSky | None = None,
    duration_s: float = 240.0,
    launches: tuple[FlownLaunch, ...] = (LAUNCH,),
) -> Scenario:
    """A scenario with radars alone and, if given, what is in their sky."""
    plain = scene(*radars, duration_s=duration_s, launches=launches)
    return msgspec.structs.replace(plain, radar_sky=sky)


def scans_in(
    scenario: Scenario, seed: int = 1, around: RadarSurroundings | None = None
) -> list[Scan]:
    """All scans of the scenario's first radar, in order of looking."""
    radars = [s for s in scenario.network.sensors if isinstance(s, RadarSensor)]
    span = (scenario.start_tai_ns, scenario.end_tai_ns)
    if around is None and scenario.radar_sky is not None:
        around = radar_surroundings(
            scenario.radar_sky, radars, span_tai_ns=span, seed=seed, orientation=ORIENTATION
        )
    truth = make_truth(scenario, seed=seed)
    return radar_scans(radars[0], truth=truth, span_tai_ns=span, around=around)


def is_fence(scan: Scan) -> bool:
    """A fence sweep, told from a track look by its length."""
    return scan.end_tai_ns - scan.start_tai_ns >= SECOND_NS
