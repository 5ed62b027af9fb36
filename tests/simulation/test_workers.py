"""One seed, one sky: the same events to the bit on any number of workers, for any sensors."""

from __future__ import annotations

import hashlib
import multiprocessing
from itertools import permutations

import msgspec
import pytest

from forewarn.records import Event, Scan, SensorStatus
from forewarn.simulation import observe as observing
from forewarn.simulation import simulate
from forewarn.simulation.scenario import Scenario
from tests.simulation.scenes import DOMAINS, ORIENTATION, RADAR, SCANNER, STARER, run, scene
from tests.simulation.test_faults import EVERY_FAULT

NOISY = {"false_alarms_per_scan": 0.5, "latency_jitter_s": 0.3}
SENSORS = (
    msgspec.structs.replace(SCANNER, bias_sigma_rad=8e-6, **NOISY),
    msgspec.structs.replace(STARER, **NOISY),
    msgspec.structs.replace(
        RADAR,
        domains=msgspec.structs.replace(DOMAINS, site="elsewhere", communications="cable"),
        **NOISY,
    ),
)


def impaired(*sensors: object) -> Scenario:
    """A scene with those sensors and every fault that strikes one of them."""
    stated = scene(*sensors, duration_s=400.0)
    struck = tuple(f for f in EVERY_FAULT if any(f.target.covers(s) for s in sensors))
    return msgspec.structs.replace(stated, faults=struck)


def digests(events: list[Event]) -> dict[str, str]:
    """A digest of what each sensor's link delivered, in order of arrival."""
    kept: dict[str, list[bytes]] = {}
    for event in events:
        if isinstance(event, Scan | SensorStatus):
            kept.setdefault(event.sensor_id, []).append(msgspec.json.encode(event))
    return {name: hashlib.sha256(b"".join(parts)).hexdigest() for name, parts in kept.items()}


def start_by(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have worker processes started as Linux does (fork), or as other systems do (spawn)."""
    context = multiprocessing.get_context(method)
    real = observing.ProcessPoolExecutor
    monkeypatch.setattr(
        observing,
        "ProcessPoolExecutor",
        lambda workers, **rest: real(workers, mp_context=context, **rest),
    )


@pytest.mark.parametrize(
    ("workers", "method"), [(1, "fork"), (2, "fork"), (3, "fork"), (2, "spawn")]
)
def test_the_number_of_workers_is_nothing(
    workers: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event, byte for byte, faults and all."""
    start_by(method, monkeypatch)
    stated = impaired(*SENSORS)
    many = simulate(stated, seed=5, orientation=ORIENTATION, workers=workers)
    assert msgspec.json.encode(many.events) == msgspec.json.encode(run(stated, 5).events)


def test_the_order_of_sensors_is_nothing() -> None:
    """All six orders give the same events in the same order."""
    found = {
        msgspec.json.encode(run(impaired(*order), 5).events) for order in permutations(SENSORS)
    }
    assert len(found) == 1


@pytest.mark.parametrize("alone", SENSORS, ids=lambda sensor: sensor.sensor_id)
def test_a_sensor_is_the_same_alone_and_among_others(alone: object) -> None:
    """Scans, ids, noise, losses, lies and arrivals, hashed, with every other sensor taken away."""
    together = digests(run(impaired(*SENSORS), 5).events)
    assert digests(run(impaired(alone), 5).events) == {alone.sensor_id: together[alone.sensor_id]}


@pytest.mark.parametrize("left_out", range(3))
def test_a_sensor_taken_away_takes_nothing_else_along(left_out: int) -> None:
    """Two of three, on two workers."""
    rest = SENSORS[:left_out] + SENSORS[left_out + 1 :]
    together = digests(run(impaired(*SENSORS), 5).events)
    found = digests(simulate(impaired(*rest), seed=5, orientation=ORIENTATION, workers=2).events)
    assert found == {s.sensor_id: together[s.sensor_id] for s in rest}


def test_another_seed_is_another_day() -> None:
    """No sensor says the same."""
    first, second = (digests(run(impaired(*SENSORS), seed).events) for seed in (5, 6))
    assert all(first[name] != second[name] for name in first)


def test_an_error_in_a_worker_is_told_as_without_one() -> None:
    """A sensor without its satellite, found in another process."""
    lost = msgspec.structs.replace(SCANNER, sensor_id="LOST", satellite_id="NOWHERE")
    with pytest.raises(ValueError, match=r"'LOST' is on satellite 'NOWHERE'.*add them"):
        simulate(scene(SCANNER, lost), seed=1, orientation=ORIENTATION, workers=2)
