"""Randomness: one seed decides everything, and nobody disturbs anybody."""

from __future__ import annotations

import msgspec
import numpy as np
from scipy.stats import kstest

from forewarn.records import Scan
from forewarn.simulation.scenario import Dispersion
from forewarn.simulation.streams import keyed_stream, philox, stream
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


def test_keyed_draws_are_those_of_philox() -> None:
    """The words are numpy's own Philox4x64-10 at the same key and counter."""
    key = np.array([11, 2**64 - 5], dtype=np.uint64)
    for words in ((0, 5, 7, 0), (3, 2**63 - 1, 12_345, 0)):
        counter = sum(word << (64 * place) for place, word in enumerate(words))
        theirs = np.random.Philox(key=key, counter=(counter - 1) % 2**256).random_raw(4)
        ours = philox(
            (np.uint64(words[0]), np.array([words[1]]), np.array([words[2]]), np.uint64(0)),
            (11, 2**64 - 5),
        )
        np.testing.assert_array_equal(ours[0], theirs)


def test_keyed_draws_have_no_order_and_are_uniform() -> None:
    """Any subset in any order draws the same; seed, name and both numbers count."""
    first, second = np.divmod(np.arange(4_000), 40)
    draws = keyed_stream(1, "A").uniforms(first, second, 6)
    order = np.random.default_rng(1).permutation(4_000)[:100]
    again = keyed_stream(1, "A").uniforms(first[order], second[order], 6)
    np.testing.assert_array_equal(again, draws[order])
    for other in (keyed_stream(2, "A"), keyed_stream(1, "B")):
        assert not np.any(other.uniforms(first, second, 6) == draws)
    assert not np.any(keyed_stream(1, "A").uniforms(second + 4_000, first, 6) == draws)
    assert draws.min() > 0.0
    assert draws.max() < 1.0
    assert kstest(draws.ravel(), "uniform").pvalue > 1e-3
    correlations = np.corrcoef(draws.T) - np.eye(6)
    assert np.abs(correlations).max() < 5.0 / np.sqrt(4_000)
