"""The network: which sensors exist, where they are, how well they see, how they fail together."""

from __future__ import annotations

import msgspec

from forewarn.orbits import Elements


class FailureDomains(msgspec.Struct, frozen=True, kw_only=True):
    """What a sensor shares with others. Two sensors with one entry in common can fail together."""

    site: str
    power: str
    communications: str
    clock: str
    software: str


class InfraredSensor(msgspec.Struct, frozen=True, kw_only=True, tag="infrared", tag_field="kind"):
    """A telescope on a satellite, sweeping (``revisit_s`` about 10) or staring (1 to 2).

    It looks at directions within ``field_half_angle_rad`` of nadir, or of the ground point
    ``stare_at_rad`` (latitude, longitude) when given. Angular noise is one sigma on each axis at
    the detection threshold and falls with signal-to-noise to ``angle_floor_rad``;
    ``bias_sigma_rad`` is the one sigma of the slowly varying pointing bias on each axis.
    ``false_alarms_per_scan`` is a mean over the field. Numbers of shipped networks are notional.

    ``band`` names a spectral band of `forewarn.sensors.transmission`. ``pixel_rad`` is the width of
    one detector's view, over which background is gathered; None leaves the background out. Within
    ``sun_exclusion_rad`` of the Sun it sees nothing. With ``space_background_only`` it reports only
    what stands against space, as the early grazing-view satellites did. ``stare_cycle_rad`` are
    further ground points (latitude, longitude) that it stares at in turn, one a frame.
    """

    sensor_id: str
    satellite_id: str
    revisit_s: float
    field_half_angle_rad: float
    noise_equivalent_irradiance_w_m2: float
    detection_snr: float
    angle_noise_rad: float
    angle_floor_rad: float
    bias_sigma_rad: float
    false_alarms_per_scan: float
    latency_s: float
    latency_jitter_s: float
    domains: FailureDomains
    stare_at_rad: tuple[float, float] | None = None
    stare_cycle_rad: tuple[tuple[float, float], ...] = ()
    band: str = "2.7um"
    pixel_rad: float | None = None
    sun_exclusion_rad: float = 0.0
    space_background_only: bool = False


class BeamPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a radar spends its time: what its search takes, and so what is left for tracks.

    Each of ``faces_count`` faces works through its share of ``fence_beams_count`` positions in one
    ``fence_revisit_s``, each with a pulse sent and ``listen_s`` of listening. The rows of
    ``volume_rows_rad`` (elevations) are searched too, each with as many positions, once in
    ``volume_revisit_s``. A track look takes one such dwell. ``duty_limit_fraction`` bounds the
    share of time a face may transmit.
    """

    faces_count: int
    fence_beams_count: int
    listen_s: float
    duty_limit_fraction: float = 0.25
    volume_rows_rad: tuple[float, ...] = ()
    volume_revisit_s: float | None = None


class RadarSensor(msgspec.Struct, frozen=True, kw_only=True, tag="radar", tag_field="kind"):
    """A phased-array radar: a search fence at one elevation, and track looks inside its volume.

    ``gain`` and ``loss`` are ratios, not decibels. Angle noise is one sigma on each axis from
    beam width and signal-to-noise, never below ``angle_floor_rad``; likewise range. Biases are
    constant in a run, one sigma ``range_bias_sigma_m`` and ``angle_bias_sigma_rad``.

    Without a ``beam_plan`` time is no limit. ``swerling`` (0, 1 or 3) is how echoes fluctuate.
    ``pulse_interval_s`` folds farther echoes into range; None means that none returns so late.
    ``scan_loss_exponent`` n lowers the gain as cos^n of the angle off boresight, one way.
    ``surface_refractivity`` (N units; 0 for none) and ``electron_content_per_m2`` are the air and
    the ionosphere that it corrects for; the true ones differ by ``refraction_error_fraction`` (one
    sigma), which leaves a residual. ``horizon_mask_rad`` are (azimuth, least elevation) of its
    skyline, joined by straight lines. Track looks are reported together once in ``report_s``, each
    by itself if it is None.
    """

    sensor_id: str
    latitude_rad: float
    longitude_rad: float
    height_m: float
    boresight_azimuth_rad: float
    azimuth_half_width_rad: float
    elevation_min_rad: float
    elevation_max_rad: float
    range_max_m: float
    frequency_hz: float
    peak_power_w: float
    pulse_s: float
    gain: float
    beam_width_rad: float
    noise_temperature_k: float
    loss: float
    bandwidth_hz: float
    detection_snr: float
    fence_elevation_rad: float
    fence_revisit_s: float
    track_revisit_s: float
    range_floor_m: float
    angle_floor_rad: float
    range_rate_sigma_m_s: float
    range_bias_sigma_m: float
    angle_bias_sigma_rad: float
    false_alarms_per_scan: float
    latency_s: float
    latency_jitter_s: float
    domains: FailureDomains
    beam_plan: BeamPlan | None = None
    swerling: int = 1
    pulse_interval_s: float | None = None
    scan_loss_exponent: float = 0.0
    surface_refractivity: float = 0.0
    electron_content_per_m2: float = 0.0
    refraction_error_fraction: float = 0.0
    horizon_mask_rad: tuple[tuple[float, float], ...] = ()
    report_s: float | None = None


Sensor = InfraredSensor | RadarSensor


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """All sensors of a warning network and the element sets of the satellites that carry some."""

    network_id: str
    title: str
    satellites: dict[str, Elements]
    sensors: tuple[Sensor, ...]

    def sensor(self, sensor_id: str) -> Sensor | None:
        """Return the sensor of that id, or None."""
        return next((s for s in self.sensors if s.sensor_id == sensor_id), None)
