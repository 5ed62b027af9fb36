"""What an assessment costs, one by one and a raid at once, on this machine.

    python -m benchmarks.assess

Processor milliseconds per assessment for objects that fall and objects that thrust, with twelve
areas to weigh: first assessed all together, then again two seconds later without a new look (their
flights are remembered), and one alone. Launch fits are not counted.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

from benchmarks.impact import VEHICLES, fit_of, track_at
from benchmarks.runs import SCENARIOS
from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.missiles.shaping import least_energy_flight
from forewarn.records import Realm
from forewarn.tracking.live import LiveTrack

_SITE = (math.radians(39.3), math.radians(125.7))
_AZIMUTH_RAD = math.radians(72.0)


def _areas() -> tuple[tuple[str, tuple[tuple[float, float], ...]], ...]:
    """Twelve areas of two degrees along the way and beside it."""
    boxes = []
    for i in range(12):
        south, west = 35.0 + 2.0 * (i % 4), 138.0 + 3.0 * (i // 4)
        north, east = south + 2.0, west + 3.0
        corners = ((south, west), (south, east), (north, east), (north, west))
        boxes.append((f"area-{i}", tuple((math.radians(a), math.radians(b)) for a, b in corners)))
    return tuple(boxes)


def raid(count: int, time_s: float) -> tuple[AssessorState, list[LiveTrack]]:
    """So many tracks of one flight at a moment, each with its own errors, and their launch fits."""
    _, _, flight = least_energy_flight(
        VEHICLES["medium_range_liquid"],
        latitude_rad=_SITE[0],
        longitude_rad=_SITE[1],
        height_m=0.0,
        azimuth_rad=_AZIMUTH_RAD,
        range_m=1_300e3,
    )
    random = np.random.default_rng(1)
    tracks, state = [], AssessorState()
    for i in range(count):
        track = track_at(flight, time_s, random)
        track.track_id = f"track-{i + 1:04d}"
        state.fits[track.track_id] = fit_of(flight, random)
        tracks.append(track)
    return state, tracks


def milliseconds(count: int, time_s: float) -> tuple[float, float, float]:
    """Per assessment: all at once, again without a new look, and one alone."""
    assessor = Assessor(load_scenario(SCENARIOS / "overflight-2017-08-29.yaml").network, _areas())
    state, tracks = raid(count, time_s)
    now_tai_ns = tracks[0].last_seen_tai_ns
    assessor.assess(
        state.copy(), tracks[0], notices=(), now_tai_ns=now_tai_ns, realm=Realm.SIMULATION
    )
    spent = []
    for later_s in (0, 2):
        started = time.process_time()
        now = now_tai_ns + later_s * SECOND_NS
        assessor.assess_all(
            state, tracks, notices=(), now_tai_ns=now, realm=Realm.SIMULATION, every=tracks
        )
        spent.append(1e3 * (time.process_time() - started) / count)
    alone, few = AssessorState(dict(state.fits)), tracks[:50]
    started = time.process_time()
    for track in few:
        assessor.assess(alone, track, notices=(), now_tai_ns=now_tai_ns, realm=Realm.SIMULATION)
    return spent[0], spent[1], 1e3 * (time.process_time() - started) / len(few)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=1_000)
    arguments = parser.parse_args()
    print(f"{'ms per assessment':20s} {'together':>9s} {'again':>9s} {'alone':>9s}")
    for name, time_s in (("falling", 190.0), ("thrusting", 90.0)):
        together, again, alone = milliseconds(arguments.tracks, time_s)
        print(f"{name:20s} {together:9.2f} {again:9.2f} {alone:9.2f}")


if __name__ == "__main__":
    main()
