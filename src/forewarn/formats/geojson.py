"""GeoJSON (RFC 7946): areas, tracks, launch ellipses and impact regions over time, for any map.

Positions are [longitude, latitude] in degrees; rings are closed and counter-clockwise (section
3.1.6); what crosses the antimeridian is cut there (section 3.1.9).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from forewarn.epoch import utc_text_from_tai_ns
from forewarn.formats.polygons import (
    Ring,
    cut_at_antimeridian,
    cut_line_at_antimeridian,
    ring_from_latitudes,
)
from forewarn.frames import geodetic_from_ecef, surface_destination_rad
from forewarn.records import Assessment, GroundRegion, Output, Track
from forewarn.warning.policy import Area

Feature = dict[str, Any]

REGION_PROBABILITY = 0.9
_ELLIPSE_CORNERS = 48
_DECIMALS = 6  # a tenth of a metre


def encode_geojson(outputs: Iterable[Output], areas: Iterable[Area] = ()) -> bytes:
    """Return a FeatureCollection of what a run produced, as UTF-8 JSON.

    Features have a property ``kind``: ``area``; ``track`` (one line each); ``launch`` (the last
    estimate's 90 % ellipse) and ``impact`` (one polygon for each assessment, with ``time_utc``).
    """
    tracks: dict[str, list[Track]] = {}
    assessments: dict[str, list[Assessment]] = {}
    for output in outputs:
        if isinstance(output, Track):
            tracks.setdefault(output.track_id, []).append(output)
        elif isinstance(output, Assessment):
            assessments.setdefault(output.track_id, []).append(output)
    features = [_area_feature(area) for area in areas]
    features += [_track_feature(track_id, points) for track_id, points in tracks.items()]
    for track_id, of_track in assessments.items():
        features += _launch_features(track_id, of_track)
        features += _impact_features(track_id, of_track)
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def ellipse_axes(region: GroundRegion) -> tuple[float, float, float]:
    """Return semi-major and semi-minor axis [m] and the major axis's azimuth [rad, from north].

    The ellipse holds `REGION_PROBABILITY` of the Gaussian: its squared radius in sigmas is
    -2 ln(1 - p), the chi-square quantile of two degrees of freedom.
    """
    variances, axes = np.linalg.eigh(np.array(region.covariance_m2))
    scale = math.sqrt(-2.0 * math.log(1.0 - REGION_PROBABILITY))
    minor_m, major_m = (scale * math.sqrt(max(float(v), 0.0)) for v in variances)
    east, north = axes[:, 1]
    return major_m, minor_m, math.atan2(east, north) % math.pi


def ellipse_ring(region: GroundRegion) -> Ring:
    """Return the region's ellipse as an open ring of (longitude, latitude) [deg]."""
    major_m, minor_m, azimuth_rad = ellipse_axes(region)
    ring = []
    for corner in range(_ELLIPSE_CORNERS):
        angle_rad = 2.0 * math.pi * corner / _ELLIPSE_CORNERS
        along_m, across_m = major_m * math.cos(angle_rad), minor_m * math.sin(angle_rad)
        latitude_rad, longitude_rad = surface_destination_rad(
            region.latitude_rad,
            region.longitude_rad,
            azimuth_rad + math.atan2(across_m, along_m),
            math.hypot(along_m, across_m),
        )
        ring.append((math.degrees(longitude_rad), math.degrees(latitude_rad)))
    return tuple(ring)


def _feature(geometry: Feature, **properties: object) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _positions(points: Ring) -> list[list[float]]:
    return [[round(lon, _DECIMALS), round(lat, _DECIMALS)] for lon, lat in points]


def _surface(ring: Ring) -> Feature:
    pieces = [[_positions(piece)] for piece in cut_at_antimeridian(ring)]
    if len(pieces) == 1:
        return {"type": "Polygon", "coordinates": pieces[0]}
    return {"type": "MultiPolygon", "coordinates": pieces}


def _line(points: Ring) -> Feature:
    pieces = [_positions(piece) for piece in cut_line_at_antimeridian(points)]
    if not pieces:
        return {"type": "Point", "coordinates": _positions(points[:1])[0]}
    if len(pieces) == 1:
        return {"type": "LineString", "coordinates": pieces[0]}
    return {"type": "MultiLineString", "coordinates": pieces}


def _area_feature(area: Area) -> Feature:
    return _feature(
        _surface(ring_from_latitudes(area.polygon_rad)),
        kind="area",
        area_id=area.area_id,
        name=area.name,
        population=area.population,
    )


def _track_feature(track_id: str, points: list[Track]) -> Feature:
    ordered = sorted(points, key=lambda track: track.time_tai_ns)
    ground = []
    for track in ordered:
        latitude_rad, longitude_rad, _ = geodetic_from_ecef(np.array(track.position_ecef_m))
        ground.append((math.degrees(longitude_rad), math.degrees(latitude_rad)))
    return _feature(
        _line(tuple(ground)),
        kind="track",
        track_id=track_id,
        start_utc=utc_text_from_tai_ns(ordered[0].time_tai_ns),
        end_utc=utc_text_from_tai_ns(ordered[-1].time_tai_ns),
        realm=ordered[-1].realm.value,
    )


def _launch_features(track_id: str, assessments: list[Assessment]) -> list[Feature]:
    with_launch = [one for one in assessments if one.launch is not None]
    if not with_launch:
        return []
    last = max(with_launch, key=lambda one: one.time_tai_ns)
    assert last.launch is not None, "filtered above"
    return [
        _feature(
            _surface(ellipse_ring(last.launch.region)),
            kind="launch",
            track_id=track_id,
            probability=REGION_PROBABILITY,
            time_utc=utc_text_from_tai_ns(last.launch.time_tai_ns),
            site=last.launch.site,
        )
    ]


def _impact_features(track_id: str, assessments: list[Assessment]) -> list[Feature]:
    return [
        _feature(
            _surface(ring_from_latitudes(one.impact.polygon_rad)),
            kind="impact",
            track_id=track_id,
            probability=REGION_PROBABILITY,
            time_utc=utc_text_from_tai_ns(one.time_tai_ns),
            expected_utc=utc_text_from_tai_ns(one.impact.time_tai_ns),
            no_impact_probability=one.impact.no_impact_probability,
        )
        for one in sorted(assessments, key=lambda one: one.time_tai_ns)
        if one.impact is not None and len(one.impact.polygon_rad) >= 3
    ]
