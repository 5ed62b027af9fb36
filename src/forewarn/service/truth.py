"""``truth.json``: what really flew in a simulated run, for reports and scoring."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS, utc_text_from_tai_ns
from forewarn.frames import geodetic_from_ecef
from forewarn.simulation.truth import Truth
from forewarn.simulation.truth_object import ObjectKind, TruthObject

_DECIMALS = 6


def encode_truth(truth: Truth) -> bytes:
    """Return the truth of a run as UTF-8 JSON: one entry a launch, one sample a second.

    What came off vehicles, or came down from orbit, follows as ``others``, without samples.
    """
    launches = [_launch(flown, truth.cloud_break_tai_ns(flown)) for flown in truth.vehicles]
    others = [_other(o) for o in truth.objects if o.kind is not ObjectKind.VEHICLE]
    return msgspec.json.encode({"launches": launches, "others": others})


def _launch(flown: TruthObject, cloud_break_tai_ns: int | None) -> dict[str, Any]:
    impact_rad = flown.impact_rad
    return {
        "launch_id": flown.launch_id,
        "vehicle_class": flown.vehicle_class,
        "source": flown.source,
        "launch": _event((flown.latitude_rad, flown.longitude_rad), flown.launch_tai_ns),
        "impact": None if impact_rad is None else _event(impact_rad, flown.end_tai_ns),
        "apogee_km": round(flown.apogee_m / 1e3, 3),
        "cloud_break_utc": (
            None if cloud_break_tai_ns is None else utc_text_from_tai_ns(cloud_break_tai_ns)
        ),
        "burnout_utc": utc_text_from_tai_ns(flown.burnout_tai_ns),
        "samples": _samples(flown),
    }


def _other(flown: TruthObject) -> dict[str, Any]:
    impact_rad = flown.impact_rad
    return {
        "object_id": flown.object_id,
        "kind": flown.kind.value,
        "launch_id": flown.launch_id,
        "start": _event((flown.latitude_rad, flown.longitude_rad), flown.launch_tai_ns),
        "impact": None if impact_rad is None else _event(impact_rad, flown.end_tai_ns),
    }


def _event(place_rad: tuple[float, float], time_tai_ns: int) -> dict[str, Any]:
    latitude_rad, longitude_rad = place_rad
    return {
        "latitude_deg": round(math.degrees(latitude_rad), _DECIMALS),
        "longitude_deg": round(math.degrees(longitude_rad), _DECIMALS),
        "time_utc": utc_text_from_tai_ns(time_tai_ns),
    }


def _samples(flown: TruthObject) -> list[list[Any]]:
    """Return UTC, latitude, longitude [deg], height [km], speed [km/s] at 1 Hz and the end."""
    instants = np.arange(flown.launch_tai_ns, flown.end_tai_ns, SECOND_NS, dtype=np.int64)
    instants = np.append(instants, np.int64(flown.end_tai_ns))
    positions, velocities, _ = flown.states_ecef(instants)
    samples = []
    for instant, position, velocity in zip(instants, positions, velocities, strict=True):
        latitude_rad, longitude_rad, height_m = geodetic_from_ecef(position)
        samples.append(
            [
                utc_text_from_tai_ns(int(instant)),
                round(math.degrees(latitude_rad), _DECIMALS),
                round(math.degrees(longitude_rad), _DECIMALS),
                round(float(height_m) / 1e3, 4),
                round(float(np.linalg.norm(velocity)) / 1e3, 5),
            ]
        )
    return samples
