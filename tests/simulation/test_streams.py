"""Randomness: one seed decides everything, and nobody disturbs anybody."""

from __future__ import annotations

import msgspec

from forewarn.records import Scan
from forewarn.simulation.scenario import Dispersion
from forewarn.simulation.streams import stream
from tests.simulation.scenes import LAUNCH, RADAR, SCANNER, STARER, run, scans_of, scene

NOISY = {"false_alarms_per_scan": 0.5, "latency_jitter_s": 0.3}
NOISY_SCANNER = msgspec.structs.replace(SCANNER, bias_sigma_rad=8e-6, **NOISY)
NOISY_RADAR = msgspec.structs.replace(RADAR, range_bias_sigma_m=20.0, **NOISY)


def test_streams_depend_on_seed_and_on_every_name() -> None:
    """The same gives the same, any change gives something else."""
    draws = [
        tuple(stream(seed, *names).integers(2**63, size=4).tolist())
        for seed, names in [(1, "A"), (1, "A"), (2, "A"), (1, "B"), (1, "Ax"), (1, "xA")]
    ]
    assert draws[0] == draws[1]
    assert len(set(draws)) == 5


def test_a_seed_gives_the_same_events_to_the_byte() -> None:
    """And another seed gives others."""
    noisy = scene(NOISY_SCANNER, NOISY_RADAR)
    encoded = [msgspec.json.encode(run(noisy, seed).events) for seed in (5, 5, 6)]
    assert encoded[0] == encoded[1]
    assert encoded[0] != encoded[2]


def test_adding_a_sensor_leaves_every_other_as_it_was() -> None:
    """Same scans, ids, noise, false alarms and delays, whatever else looks, in any order."""
    alone = run(scene(NOISY_SCANNER))
    together = run(scene(STARER, NOISY_RADAR, NOISY_SCANNER))
    assert scans_of(alone, "SCAN") == scans_of(together, "SCAN")
    assert scans_of(run(scene(NOISY_RADAR)), "RADAR") == scans_of(together, "RADAR")


def without_ids(scans: list[Scan]) -> list[set[bytes]]:
    """What each scan reports, as a set."""
    return [
        {msgspec.json.encode(msgspec.structs.replace(m, measurement_id="")) for m in s.measurements}
        for s in scans
    ]


def test_adding_a_launch_leaves_what_was_seen_of_the_first() -> None:
    """Each telescope scan reports all it reported before, and perhaps more."""
    other = msgspec.structs.replace(
        LAUNCH, launch_id="two", azimuth_rad=1.0, dispersion=Dispersion(thrust_fraction=0.03)
    )
    one = without_ids(scans_of(run(scene(NOISY_SCANNER)), "SCAN"))
    two = without_ids(scans_of(run(scene(NOISY_SCANNER, launches=(other, LAUNCH))), "SCAN"))
    assert all(a <= b for a, b in zip(one, two, strict=True))
    assert sum(map(len, two)) > sum(map(len, one))
