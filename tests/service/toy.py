"""A small configuration and a toy chain, so that the service is tested without the estimator."""

from __future__ import annotations

from forewarn.frames import EarthOrientation
from forewarn.records import (
    AreaState,
    AreaWarning,
    CaseState,
    Cone,
    Event,
    InfraredMeasurement,
    Output,
    Realm,
    Rejected,
    Scan,
    Tick,
    Track,
    TrackStatus,
    WarningDecision,
)
from forewarn.sensors.network import FailureDomains, InfraredSensor, Network
from forewarn.warning.policy import Area, Policy

SECOND_NS = 1_000_000_000
START_TAI_NS = 1_790_000_000 * SECOND_NS

ORIENTATION = EarthOrientation(
    source="toy",
    day_tai_ns=(START_TAI_NS - 10**14, START_TAI_NS + 10**14),
    ut1_minus_tai_s=(-37.0, -37.0),
    pole_x_rad=(0.0, 0.0),
    pole_y_rad=(0.0, 0.0),
    celestial_dx_rad=(0.0, 0.0),
    celestial_dy_rad=(0.0, 0.0),
)
NETWORK = Network(
    network_id="toy",
    title="One staring telescope",
    satellites={},
    sensors=(
        InfraredSensor(
            sensor_id="eye",
            satellite_id="bird",
            revisit_s=1.0,
            field_half_angle_rad=0.15,
            noise_equivalent_irradiance_w_m2=1e-12,
            detection_snr=5.0,
            angle_noise_rad=2e-5,
            angle_floor_rad=5e-6,
            bias_sigma_rad=1e-5,
            false_alarms_per_scan=0.1,
            latency_s=0.5,
            latency_jitter_s=0.1,
            domains=FailureDomains(
                site="a", power="a", communications="a", clock="a", software="a"
            ),
        ),
    ),
)
AREAS = (
    Area(
        area_id="coast",
        name="The coast",
        population=1000,
        time_to_shelter_s=90.0,
        polygon_rad=((0.60, 2.40), (0.60, 2.42), (0.62, 2.42), (0.62, 2.40)),
    ),
)
POLICY = Policy(
    policy_id="toy",
    version=1,
    title="Toy policy",
    threat_probability=0.01,
    prepare_probability=0.01,
    shelter_probability=0.1,
    release_probability=0.001,
    probable_domains=1,
    confirmed_domains=2,
    minimum_measurements=3,
    lost_after_s=60.0,
    all_clear_after_s=300.0,
)


def scan(number: int, *, irradiance_w_m2: float = 1e-10) -> Scan:
    """The telescope's look at second ``number``, with one hot spot."""
    at = START_TAI_NS + number * SECOND_NS
    return Scan(
        scan_id=f"eye-{number}",
        realm=Realm.SIMULATION,
        sensor_id="eye",
        sequence=number,
        start_tai_ns=at,
        end_tai_ns=at,
        received_tai_ns=at + SECOND_NS // 2,
        volume=Cone(axis_gcrf=(1.0, 0.0, 0.0), half_angle_rad=0.15),
        sensitivity=1e-12,
        measurements=(
            InfraredMeasurement(
                measurement_id=f"eye-{number}-0",
                seen_tai_ns=at,
                right_ascension_rad=0.1 + 0.001 * number,
                declination_rad=0.2,
                irradiance_w_m2=irradiance_w_m2,
                snr=100.0,
            ),
        ),
        position_gcrf_m=(42_164_000.0, 0.0, 0.0),
        velocity_gcrf_m_s=(0.0, 3074.0, 0.0),
    )


def tick(number: int) -> Tick:
    """The tick at second ``number``."""
    return Tick(
        tick_id=f"tick-{number}",
        realm=Realm.SIMULATION,
        received_tai_ns=START_TAI_NS + number * SECOND_NS,
    )


def toy_events(seconds: int) -> list[Event]:
    """Ticks and scans in the order in which they are received."""
    both = [event for n in range(seconds) for event in (tick(n), scan(n))]
    return sorted(both, key=lambda event: event.received_tai_ns)


class ToyChain:
    """A chain that counts: a track a scan, a warning at the third, the end at the sixth."""

    def __init__(self) -> None:
        self.scans = 0
        self.decisions = 0

    def __call__(self, event: Event) -> tuple[Output, ...]:
        if not isinstance(event, Scan):
            return ()
        self.scans += 1
        outputs: list[Output] = [self._track(event)]
        if self.scans == 3:
            outputs.append(self._decision(event, CaseState.CONFIRMED, AreaState.SHELTER, None))
        if self.scans == 6:
            outputs.append(
                self._decision(event, CaseState.ENDED, AreaState.ALL_CLEAR, "passed over")
            )
        if self.scans == 4:
            outputs.append(_rejected(event))
        return tuple(outputs)

    def _track(self, event: Scan) -> Track:
        n = float(self.scans)
        return Track(
            track_id="track-1",
            realm=event.realm,
            time_tai_ns=event.end_tai_ns,
            status=TrackStatus.CONFIRMED if self.scans > 2 else TrackStatus.TENTATIVE,
            position_ecef_m=(-3.0e6 + n, 3.8e6 / 3.0, 4.1e6),
            velocity_ecef_m_s=(1000.0 * n, 0.0, 100.0 / 3.0),
            covariance=tuple(tuple(100.0 if i == j else 0.0 for j in range(6)) for i in range(6)),
            boosting_probability=0.9,
            thrust_acceleration_m_s2=30.0,
            score=10.0 * n,
            sensor_ids=("eye",),
            last_seen_tai_ns=event.end_tai_ns,
            measurement_count=self.scans,
            input_ids=(event.scan_id,),
        )

    def _decision(
        self, event: Scan, case: CaseState, area: AreaState, end_reason: str | None
    ) -> WarningDecision:
        self.decisions += 1
        return WarningDecision(
            decision_id=f"case-1-{self.decisions}",
            realm=event.realm,
            case_id="case-1",
            sequence=self.decisions,
            supersedes=None if self.decisions == 1 else f"case-1-{self.decisions - 1}",
            time_tai_ns=event.received_tai_ns,
            last_evidence_tai_ns=event.end_tai_ns,
            case_state=case,
            end_reason=end_reason,
            public=True,
            areas=(
                AreaWarning(
                    area_id="coast",
                    state=area,
                    changed=True,
                    probability=0.5,
                    earliest_tai_ns=event.end_tai_ns + 300 * SECOND_NS,
                    expected_tai_ns=event.end_tai_ns + 400 * SECOND_NS,
                ),
            ),
            headline="Missile may come down on the coast",
            evidence=(),
            missing=(),
            would_change=(),
            policy_id="toy",
            input_ids=(event.scan_id,),
        )


def _rejected(event: Scan) -> Rejected:
    return Rejected(
        rejected_id="rejected-1",
        realm=event.realm,
        time_tai_ns=event.received_tai_ns,
        sensor_id="eye",
        reason="duplicate",
        detail="seen before",
        input_ids=(event.scan_id,),
    )
