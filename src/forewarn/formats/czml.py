"""CZML for Cesium: moving tracks, the launch ellipse, the impact region as it narrows, the areas.

The packet and property names follow the CZML guide (AnalyticalGraphicsInc/czml-writer). Positions
of tracks are earth-fixed metres (``FIXED``) against seconds from an epoch; a viewer turns and
interpolates them itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from forewarn.epoch import SECOND_NS, utc_text_from_tai_ns
from forewarn.formats.geojson import ellipse_axes
from forewarn.formats.polygons import ring_from_latitudes
from forewarn.records import Assessment, GroundRegion, Output, Track
from forewarn.warning.policy import Area

Packet = dict[str, Any]

_SPEED_UP = 10
_TRAIL_S = 3_600
_AREA_RGBA = [70, 130, 200, 60]
_TRACK_RGBA = [255, 170, 0, 255]
_LAUNCH_RGBA = [120, 200, 120, 110]
_IMPACT_RGBA = [220, 60, 60, 110]


def encode_czml(outputs: Iterable[Output], areas: Iterable[Area] = (), *, title: str) -> bytes:
    """Return a CZML document of what a run produced, as UTF-8 JSON.

    Its packets are ``document``, ``area/ID``, ``track/ID``, ``launch/ID`` and ``impact/ID``.
    """
    tracks: dict[str, dict[int, Track]] = {}
    assessments: dict[str, dict[int, Assessment]] = {}
    for output in outputs:
        # Keyed by time, so that of two records for one instant the later written one stands.
        if isinstance(output, Track):
            tracks.setdefault(output.track_id, {})[output.time_tai_ns] = output
        elif isinstance(output, Assessment):
            assessments.setdefault(output.track_id, {})[output.time_tai_ns] = output
    times_tai_ns = [
        time_tai_ns
        for by_time in (tracks, assessments)
        for records in by_time.values()
        for time_tai_ns in records
    ]
    packets = [_document(title, times_tai_ns)]
    packets += [_area_packet(area) for area in areas]
    for track_id, by_time in tracks.items():
        packets.append(_track_packet(track_id, _by_time(by_time)))
    for track_id, of_track in assessments.items():
        packets += _launch_packets(track_id, _by_time(of_track))
        packets += _impact_packets(track_id, _by_time(of_track), max(times_tai_ns))
    return msgspec.json.encode(packets)


def _by_time(records: dict[int, Any]) -> list[Any]:
    return [records[time_tai_ns] for time_tai_ns in sorted(records)]


def _interval(start_tai_ns: int, end_tai_ns: int) -> str:
    return f"{utc_text_from_tai_ns(start_tai_ns)}/{utc_text_from_tai_ns(end_tai_ns)}"


def _document(title: str, times_tai_ns: Sequence[int]) -> Packet:
    packet: Packet = {"id": "document", "name": title, "version": "1.0"}
    if times_tai_ns:
        packet["clock"] = {
            "interval": _interval(min(times_tai_ns), max(times_tai_ns)),
            "currentTime": utc_text_from_tai_ns(min(times_tai_ns)),
            "multiplier": _SPEED_UP,
            "range": "CLAMPED",
            "step": "SYSTEM_CLOCK_MULTIPLIER",
        }
    return packet


def _fill(rgba: list[int]) -> Packet:
    return {"solidColor": {"color": {"rgba": rgba}}}


def _degrees(polygon_rad: tuple[tuple[float, float], ...]) -> list[float]:
    """Return longitude, latitude, height [deg, deg, m] one after the other."""
    ring = ring_from_latitudes(polygon_rad)
    return [value for lon, lat in ring for value in (round(lon, 6), round(lat, 6), 0.0)]


def _area_packet(area: Area) -> Packet:
    return {
        "id": f"area/{area.area_id}",
        "name": area.name,
        "polygon": {
            "positions": {"cartographicDegrees": _degrees(area.polygon_rad)},
            "material": _fill(_AREA_RGBA),
            "height": 0.0,
            "outline": True,
        },
    }


def _track_packet(track_id: str, points: list[Track]) -> Packet:
    first, last = points[0], points[-1]
    samples: list[float] = []
    for track in points:
        samples.append((track.time_tai_ns - first.time_tai_ns) / SECOND_NS)
        samples += (round(value, 3) for value in track.position_ecef_m)
    return {
        "id": f"track/{track_id}",
        "name": f"track {track_id}",
        "description": f"realm {last.realm.value}; sensors {', '.join(last.sensor_ids)}",
        "availability": _interval(first.time_tai_ns, last.time_tai_ns),
        "position": {
            "epoch": utc_text_from_tai_ns(first.time_tai_ns, digits=9),
            "referenceFrame": "FIXED",
            "interpolationAlgorithm": "LINEAR",
            "interpolationDegree": 1,
            "cartesian": samples,
        },
        "point": {"pixelSize": 8, "color": {"rgba": _TRACK_RGBA}},
        "path": {"leadTime": 0, "trailTime": _TRAIL_S, "width": 2, "material": _fill(_TRACK_RGBA)},
    }


def _launch_packets(track_id: str, assessments: list[Assessment]) -> list[Packet]:
    launches = [one.launch for one in assessments if one.launch is not None]
    if not launches:
        return []
    return [
        {
            "id": f"launch/{track_id}",
            "name": f"launch of {track_id}",
            "position": {"cartographicDegrees": _centre(launches[-1].region)},
            "ellipse": _ellipse(launches[-1].region),
        }
    ]


def _centre(region: GroundRegion) -> list[float]:
    return [math.degrees(region.longitude_rad), math.degrees(region.latitude_rad), 0.0]


def _ellipse(region: GroundRegion) -> Packet:
    major_m, minor_m, azimuth_rad = ellipse_axes(region)
    return {
        "semiMajorAxis": major_m,
        "semiMinorAxis": minor_m,
        "rotation": -azimuth_rad,  # counter-clockwise from north
        "height": 0.0,
        "material": _fill(_LAUNCH_RGBA),
    }


def _impact_packets(track_id: str, assessments: list[Assessment], end_tai_ns: int) -> list[Packet]:
    """Return the impact region as a polygon whose corners change with each assessment."""
    pieces: list[Packet] = []
    shown: list[Packet] = []
    for index, one in enumerate(assessments):
        following = assessments[index + 1 : index + 2]
        until_tai_ns = following[0].time_tai_ns if following else end_tai_ns
        interval = _interval(one.time_tai_ns, until_tai_ns)
        visible = one.impact is not None and len(one.impact.polygon_rad) >= 3
        shown.append({"interval": interval, "boolean": visible})
        if one.impact is not None and visible:
            corners = _degrees(one.impact.polygon_rad)
            pieces.append({"interval": interval, "cartographicDegrees": corners})
    if not pieces:
        return []
    return [
        {
            "id": f"impact/{track_id}",
            "name": f"90 % impact region of {track_id}",
            "availability": _interval(assessments[0].time_tai_ns, end_tai_ns),
            "polygon": {
                "show": shown,
                "positions": pieces,
                "material": _fill(_IMPACT_RGBA),
                "height": 0.0,
                "outline": True,
            },
        }
    ]
