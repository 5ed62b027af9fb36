"""No event, however strange, makes the step raise, hang or say what cannot be written down."""

from __future__ import annotations

import math
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forewarn.epoch import SECOND_NS
from forewarn.formats.jsonl import encode_output
from forewarn.frames import ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.orbits import Satellite
from forewarn.pipeline import Pipeline, State, step
from forewarn.records import (
    VEHICLE_CLASSES,
    Beams,
    Cone,
    Event,
    InfraredMeasurement,
    Notice,
    OperatorAction,
    RadarMeasurement,
    Scan,
    Sector,
    SensorStatus,
    Unreadable,
)
from forewarn.sensors import screen as screen_module
from forewarn.sensors.network import InfraredSensor, RadarSensor
from forewarn.sensors.radar import radar_model
from tests.pipeline.stage import REALM, first_minutes, pipeline_of, stepped, tick
from tests.tracking.stage import ORIENTATION

EXAMPLES = 60
LAST_TAI_NS = 2**63 - 1
UP = ecef_from_geodetic(0.68, 2.2, 0.0) / np.linalg.norm(ecef_from_geodetic(0.68, 2.2, 0.0))


@cache
def chain() -> Pipeline:
    return pipeline_of()


@cache
def states() -> tuple[State, State]:
    """The chain when nothing has happened yet, and while it follows the shipped flight."""
    events = first_minutes().events
    quiet, _ = stepped(chain(), events[:5])
    following, _ = stepped(chain(), events[: len(events) // 2])
    return quiet, following


class Mischief:
    """Draws events that a decoder would let through: true ones, and the strangest possible."""

    def __init__(self, seed: int, now_tai_ns: int) -> None:
        self.draw = random.Random(seed)
        self.calm = self.draw.random() < 0.5  # true cadence and geometry, so that tracks begin
        self.first_tai_ns = self.now_tai_ns = now_tai_ns
        self.count = 10**6

    def event(self) -> Event:
        self.now_tai_ns += self.draw.choice((0, SECOND_NS // 10, SECOND_NS, 10 * SECOND_NS))
        self.count += 1
        return self.other() if self.draw.random() < 0.2 else self.scan()

    def other(self) -> Event:
        received = self.now_tai_ns + self.draw.choice((0, -SECOND_NS, SECOND_NS))
        if self.draw.random() < 0.05:
            received = self.draw.choice((0, LAST_TAI_NS, self.now_tai_ns + 6_000 * SECOND_NS))
        name = f"event-{self.count}"
        return self.draw.choice(
            (
                tick(received),
                Notice(
                    notice_id=name,
                    realm=REALM,
                    received_tai_ns=received,
                    source="x",
                    vehicle_class=self.draw.choice(VEHICLE_CLASSES),
                    window_start_tai_ns=0,
                    window_end_tai_ns=LAST_TAI_NS,
                    latitude_rad=0.68,
                    longitude_rad=2.2,
                    radius_m=2e7,
                    azimuth_rad=self.draw.choice((None, 0.0, 6.0)),
                ),
                SensorStatus(
                    status_id=name,
                    realm=REALM,
                    received_tai_ns=received,
                    sensor_id="GEO-MID-SCAN",
                    operating=False,
                    reason="",
                ),
                Unreadable(
                    unreadable_id=name,
                    realm=REALM,
                    received_tai_ns=received,
                    sensor_id=None,
                    place="file:1",
                    reason="\N{SNOWMAN}",
                    text_excerpt="\x00",
                ),
                OperatorAction(
                    action_id=name,
                    realm=REALM,
                    received_tai_ns=received,
                    operator="o",
                    action="withdraw",
                    case_id="case-0001",
                    reason="r",
                ),
            )
        )

    def scan(self) -> Scan:
        sensor = self.draw.choice(chain().network.sensors)
        start = end = self.now_tai_ns
        if self.calm:
            end += SECOND_NS // 10
        else:
            start += self.draw.choice((0, 0, -5, -50, -3_600, 4)) * SECOND_NS
            end = start + self.draw.choice((0, 1, 10 * SECOND_NS, 3_600 * SECOND_NS))
        received = max(self.now_tai_ns, end - 5 * SECOND_NS)
        number = self.draw.choice((0, 1, 1, 2, 5, 200))
        place = motion = None
        if isinstance(sensor, InfraredSensor):
            place, motion, volume = self.telescope(sensor)
            seen = tuple(self.sighting(k, place, start, end) for k in range(number))
        else:
            volume = self.sector() if self.draw.random() < 0.5 else self.beams(start, end)
            seen = tuple(self.echo(k, sensor, start, end) for k in range(number))
        return Scan(
            scan_id=f"scan-{self.count}",
            realm=REALM,
            sensor_id=sensor.sensor_id,
            sequence=self.count,
            start_tai_ns=start,
            end_tai_ns=end,
            received_tai_ns=received,
            volume=volume,
            sensitivity=self.draw.choice((5e-324, 1e-12, 1e300)),
            measurements=seen,
            position_gcrf_m=place,
            velocity_gcrf_m_s=motion,
        )

    def telescope(self, sensor: InfraredSensor) -> tuple[tuple[float, ...], ...]:
        if self.calm or self.draw.random() < 0.5:
            satellite = Satellite(chain().network.satellites[sensor.satellite_id])
            position, velocity = satellite.state_gcrf(self.now_tai_ns, ORIENTATION)
            place, motion = tuple(position.tolist()), tuple(velocity.tolist())
        else:
            far = self.draw.choice(((6.4e6, 0.0, 0.0), (1e9, 0.0, 0.0), (0.0, 0.0, -6.5e6)))
            place, motion = far, self.draw.choice(((0.0, 0.0, 0.0), (9.9e4, 0.0, 0.0)))
        axis = -np.array(place) / np.linalg.norm(place)
        half_angle = self.draw.choice((0.15, 0.15, 0.0, math.pi))
        return place, motion, Cone(axis_gcrf=tuple(axis.tolist()), half_angle_rad=half_angle)

    def target_ecef_m(self, tai_ns: int) -> np.ndarray:
        """A few sources that rise, each faster and faster, for looks to agree on."""
        time_s = min(max((tai_ns - self.first_tai_ns) / SECOND_NS, -1e3), 1e3)
        speed = self.draw.choice((0.0, 300.0, 300.0, 5e3, 1e5))
        off = self.draw.choice((0.0, 100.0, 1e4)) * np.array([self.draw.gauss(0, 1), 0.3, 0.0])
        return UP * (6.378e6 + speed * time_s + 10.0 * time_s * time_s) + off

    def sighting(
        self, number: int, place: tuple[float, ...], start: int, end: int
    ) -> InfraredMeasurement:
        at = (start + end) // 2
        if not self.calm:
            at = self.draw.choice((start, end, at, start - 5 * SECOND_NS, end + 5 * SECOND_NS))
        right_ascension = self.draw.choice((0.0, math.pi, -math.pi, self.draw.uniform(0, 6)))
        declination = self.draw.choice((0.0, math.pi / 2, -math.pi / 2, self.draw.uniform(-1, 1)))
        if self.draw.random() < 0.7:
            matrix = gcrf_to_ecef_matrix(self.now_tai_ns, ORIENTATION)
            away = matrix.T @ self.target_ecef_m(at) - np.array(place)
            away /= np.linalg.norm(away)
            right_ascension = math.atan2(away[1], away[0])
            declination = math.asin(min(1.0, max(-1.0, away[2])))
        strange = (0.0, 5e-324, 1e15, math.nan)
        return InfraredMeasurement(
            measurement_id=f"m{number}",
            seen_tai_ns=at,
            right_ascension_rad=right_ascension,
            declination_rad=declination,
            irradiance_w_m2=self.draw.choice((0.0, 1e4)),
            snr=self.draw.choice((6.0, 40.0) if self.calm else (40.0, *strange)),
        )

    def sector(self) -> Sector:
        return Sector(
            azimuth_min_rad=self.draw.choice((0.0, -6.28, 12.0)),
            azimuth_max_rad=self.draw.choice((0.0, 3.0, 12.0)),
            elevation_min_rad=self.draw.choice((-1.57, 0.0)),
            elevation_max_rad=self.draw.choice((0.0, 1.57)),
            range_max_m=self.draw.choice((1.0, 4e6, 1e9)),
        )

    def beams(self, start: int, end: int) -> Beams:
        count = self.draw.choice((1, 2, 50))
        return Beams(
            seen_tai_ns=tuple(self.draw.choice((start, end)) for _ in range(count)),
            azimuth_rad=tuple(self.draw.choice((0.0, 3.0, -6.28)) for _ in range(count)),
            elevation_rad=tuple(self.draw.choice((0.0, 1.57, -1.57)) for _ in range(count)),
            half_width_rad=self.draw.choice((0.0, 0.02, 3.1)),
            range_max_m=self.draw.choice((1.0, 4e6, 1e9)),
        )

    def echo(self, number: int, sensor: RadarSensor, start: int, end: int) -> RadarMeasurement:
        at = self.draw.choice((start, end))
        measured = (
            self.draw.choice((1e-300, 1.0, 1e6, 1e9)),
            self.draw.choice((0.0, 6.28, -3.14)),
            self.draw.choice((0.0, 0.3, math.pi / 2, -math.pi / 2)),
            self.draw.choice((0.0, 1e5, -1e5)),
        )
        if self.draw.random() < 0.7:
            body = np.concatenate((self.target_ecef_m(at), UP * 1e3))
            measured = tuple(radar_model(sensor).predict(body, body).tolist())
        return RadarMeasurement(
            measurement_id=f"m{number}",
            seen_tai_ns=at,
            range_m=measured[0],
            azimuth_rad=measured[1],
            elevation_rad=measured[2],
            range_rate_m_s=measured[3],
            snr=self.draw.choice((0.0, 20.0, 1e15)),
        )


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**32), st.sampled_from((0, 1)), st.integers(3, 30))
def test_whatever_comes_the_step_answers(seed: int, which: int, length: int) -> None:
    state = states()[which].copy()
    mischief = Mischief(seed, state.now_tai_ns)
    for _ in range(length):
        state, outputs = step(chain(), state, mischief.event())
        for output in outputs:
            encode_output(output)  # raises for NaN and for numbers out of range


def test_the_mischief_does_start_tracks_and_is_refused_for_every_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test above would say nothing if its events never went deep."""
    monkeypatch.setattr(screen_module, "MOST_PLOTS", 128)
    started, reasons = 0, set()
    for seed in range(40):
        state = states()[seed % 2].copy()
        before = state.tracker.started
        mischief = Mischief(seed, state.now_tai_ns)
        _, outputs = stepped(chain(), (mischief.event() for _ in range(25)), state)
        started += state.tracker.started - before
        reasons |= {x.reason for x in outputs if hasattr(x, "reason")}
    assert started > 10
    assert reasons >= {"late", "shed", "bad_measurement", "unreadable"}
