"""GeoJSON after RFC 7946 and CZML: rings, order of coordinates, winding, the antimeridian."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.formats.czml import encode_czml
from forewarn.formats.geojson import ellipse_axes, ellipse_ring, encode_geojson
from forewarn.formats.polygons import Ring, cut_at_antimeridian, cut_line_at_antimeridian
from forewarn.frames import surface_azimuth_rad, surface_distance_m
from forewarn.records import GroundRegion, Output
from forewarn.warning.policy import Area
from tests.formats import samples


def signed_area(ring: list[list[float]]) -> float:
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def check_ring(ring: list[list[float]]) -> None:
    """RFC 7946, 3.1.6: four or more positions, closed, exterior ring counter-clockwise."""
    assert len(ring) >= 4
    assert ring[0] == ring[-1]
    assert signed_area(ring) > 0.0
    check_line(ring)


def check_line(line: list[list[float]]) -> None:
    for longitude, latitude in line:
        assert -180.0 <= longitude <= 180.0
        assert -90.0 <= latitude <= 90.0
    # 3.1.9: nothing may jump across the antimeridian; along a pole it is one point.
    for a, b in itertools.pairwise(line):
        assert abs(a[0] - b[0]) <= 180.0 or abs(a[1]) == abs(b[1]) == 90.0


def features(outputs: tuple[Output, ...], areas: tuple[Area, ...] = ()) -> list[dict[str, Any]]:
    loaded = json.loads(encode_geojson(outputs, areas))
    assert loaded["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = loaded["features"]
    assert all(feature["type"] == "Feature" for feature in found)
    return found


def test_every_feature_keeps_the_rfc() -> None:
    found = features(outputs=(samples.track(0), *samples.outputs()), areas=samples.areas())
    kinds = [feature["properties"]["kind"] for feature in found]
    assert kinds == ["area", "area", "track", "launch", "impact"]
    for feature in found:
        geometry = feature["geometry"]
        if geometry["type"] == "Polygon":
            check_ring(geometry["coordinates"][0])
        elif geometry["type"] == "MultiPolygon":
            for polygon in geometry["coordinates"]:
                check_ring(polygon[0])


def test_longitude_comes_first() -> None:
    """The sample area lies at 140 to 146 degrees east, 41 to 46 north."""
    (north, dateline) = features(outputs=(), areas=samples.areas())
    assert north["geometry"]["type"] == "Polygon"
    ring = north["geometry"]["coordinates"][0]
    assert sorted({lon for lon, _ in ring}) == [140.0, 145.8]
    assert north["properties"]["name"] == "North Island"
    assert dateline["geometry"]["type"] == "MultiPolygon"
    spans = [sorted({p[0] for p in piece[0]}) for piece in dateline["geometry"]["coordinates"]]
    assert spans == [[178.0, 180.0], [-180.0, -178.0]]


def test_a_track_line_is_in_time_order_and_cut() -> None:
    east = samples.track(10, (-6.378e6, -1e5, 0.0))
    west = samples.track(0, (-6.378e6, 1e5, 0.0))
    (line,) = features(outputs=(east, west))
    assert line["geometry"]["type"] == "MultiLineString"
    before, after = line["geometry"]["coordinates"]
    check_line(before)
    check_line(after)
    assert before[0][0] == pytest.approx(179.1017, abs=1e-3)
    assert (before[-1][0], after[0][0]) == (180.0, -180.0)
    assert before[-1][1] == after[0][1]
    assert line["properties"]["start_utc"] == "2017-08-28T20:57:40.000Z"


def test_one_point_is_a_point() -> None:
    (point,) = features(outputs=(samples.track(),))
    assert point["geometry"]["type"] == "Point"
    longitude, latitude = point["geometry"]["coordinates"]
    assert longitude == pytest.approx(math.degrees(math.atan2(3.5e6, -3.3e6)), abs=1e-6)
    assert 42.0 < latitude < 43.0


def test_impact_regions_over_time() -> None:
    outputs = (samples.assessment(20), samples.assessment(0), samples.assessment(10))
    found = [f for f in features(outputs=outputs) if f["properties"]["kind"] == "impact"]
    assert [f["properties"]["time_utc"][17:19] for f in found] == ["40", "50", "00"]
    assert found[0]["properties"]["probability"] == 0.9


def test_the_launch_ellipse_has_its_size_and_direction() -> None:
    """Sigmas of 20 km east and 10 km north: 2.1460 times that holds 90 % (chi-square, 2 d.o.f.)."""
    region = GroundRegion(
        latitude_rad=0.7, longitude_rad=2.2, covariance_m2=((4e8, 0.0), (0.0, 1e8))
    )
    major_m, minor_m, azimuth_rad = ellipse_axes(region)
    assert [major_m, minor_m] == pytest.approx([42_919.3, 21_459.7], abs=0.1)
    assert azimuth_rad == pytest.approx(math.pi / 2.0)
    ring = [(math.radians(lat), math.radians(lon)) for lon, lat in ellipse_ring(region)]
    reach_m = [surface_distance_m(0.7, 2.2, lat, lon) for lat, lon in ring]
    assert max(reach_m) == pytest.approx(major_m, rel=1e-6)
    assert min(reach_m) == pytest.approx(minor_m, rel=1e-6)
    farthest = ring[int(np.argmax(reach_m))]
    assert math.sin(surface_azimuth_rad(0.7, 2.2, *farthest)) ** 2 == pytest.approx(1.0)


def test_a_slanting_ellipse() -> None:
    """Positive covariance of east and north: the long axis runs north-east."""
    region = GroundRegion(
        latitude_rad=0.0, longitude_rad=0.0, covariance_m2=((5e8, 4e8), (4e8, 5e8))
    )
    assert ellipse_axes(region)[2] == pytest.approx(math.pi / 4.0)


def test_a_region_round_a_pole_is_closed_along_it() -> None:
    ring = tuple((lon, 80.0) for lon in range(-180, 180, 30))
    (piece,) = cut_at_antimeridian(ring)
    check_ring([list(p) for p in piece])
    assert signed_area([list(p) for p in piece]) == pytest.approx(360.0 * 10.0)
    (south,) = cut_at_antimeridian(tuple((lon, -85.0) for lon in range(180, -180, -30)))
    assert min(lat for _, lat in south) == -90.0


@given(
    st.floats(-180.0, 180.0),
    st.floats(-60.0, 60.0),
    st.lists(st.floats(1.0, 20.0), min_size=3, max_size=12),
    st.booleans(),
)
def test_cutting_keeps_the_area_and_the_rules(
    longitude: float, latitude: float, reaches: list[float], reverse: bool
) -> None:
    """Star-shaped rings anywhere: the pieces are proper rings and add up to the whole."""
    corners = []
    for number, reach in enumerate(reaches):
        angle = 2.0 * math.pi * number / len(reaches)
        lon, lat = longitude + reach * math.cos(angle), latitude + reach * math.sin(angle)
        corners.append([lon, lat])
    whole = abs(signed_area([*corners, corners[0]]))
    ring: Ring = tuple(((lon + 180.0) % 360.0 - 180.0, lat) for lon, lat in corners)
    pieces = cut_at_antimeridian(ring[::-1] if reverse else ring)
    for piece in pieces:
        check_ring([list(point) for point in piece])
    total = sum(signed_area([list(point) for point in piece]) for piece in pieces)
    assert total == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_cutting_lines() -> None:
    assert cut_line_at_antimeridian(((1.0, 2.0),)) == ()
    assert cut_line_at_antimeridian(((1.0, 2.0), (3.0, 4.0))) == (((1.0, 2.0), (3.0, 4.0)),)
    west, east = cut_line_at_antimeridian(((-170.0, 0.0), (160.0, 30.0)))
    assert west == ((-170.0, 0.0), (-180.0, 10.0))
    assert east == ((180.0, 10.0), (160.0, 30.0))
    assert len(cut_line_at_antimeridian(((180.0, 0.0), (-180.0, 1.0)))) == 1


# ------------------------------------------------------------------------------------- CZML


def packets() -> dict[str, dict[str, Any]]:
    outputs = (
        samples.track(10),
        samples.track(0),
        samples.assessment(0),
        samples.assessment(10, polygon_rad=((0.7, 2.4), (0.7, 2.5), (0.8, 2.5))),
        samples.track(20),
    )
    loaded = json.loads(encode_czml(outputs, samples.areas(), title="a run"))
    return {packet["id"]: packet for packet in loaded}


def test_the_document_packet_comes_first() -> None:
    loaded = json.loads(encode_czml((), title="a run"))
    assert loaded == [{"id": "document", "name": "a run", "version": "1.0"}]
    clock = packets()["document"]["clock"]
    assert clock["interval"] == "2017-08-28T20:57:40.000Z/2017-08-28T20:58:00.000Z"
    assert clock["currentTime"] == "2017-08-28T20:57:40.000Z"


def test_a_track_is_fixed_positions_against_seconds() -> None:
    position = packets()["track/T1"]["position"]
    assert position["referenceFrame"] == "FIXED"
    assert position["epoch"] == "2017-08-28T20:57:40.000000000Z"
    samples_of = np.array(position["cartesian"]).reshape(-1, 4)
    assert list(samples_of[:, 0]) == [0.0, 10.0, 20.0]
    assert list(samples_of[1, 1:]) == [-3.3e6, 3.51e6, 4.4e6]


def test_of_two_tracks_for_one_instant_the_later_written_stands() -> None:
    moved = msgspec.structs.replace(samples.track(), position_ecef_m=(7e6, 0.0, 0.0))
    loaded = json.loads(encode_czml((samples.track(), moved), title="t"))
    assert loaded[1]["position"]["cartesian"] == [0.0, 7e6, 0.0, 0.0]


def test_the_launch_ellipse_turns_counter_clockwise_from_north() -> None:
    ellipse = packets()["launch/T1"]["ellipse"]
    assert ellipse["semiMajorAxis"] >= ellipse["semiMinorAxis"]
    assert ellipse["rotation"] == pytest.approx(-math.pi / 2.0)
    place = packets()["launch/T1"]["position"]["cartographicDegrees"]
    assert place == pytest.approx([math.degrees(2.2), math.degrees(0.7), 0.0])


def test_the_impact_region_changes_with_time() -> None:
    polygon = packets()["impact/T1"]["polygon"]
    intervals = [piece["interval"] for piece in polygon["positions"]]
    assert intervals == [
        "2017-08-28T20:57:40.000Z/2017-08-28T20:57:50.000Z",
        "2017-08-28T20:57:50.000Z/2017-08-28T20:58:00.000Z",
    ]
    assert [len(piece["cartographicDegrees"]) for piece in polygon["positions"]] == [12, 9]
    # Longitude, latitude, height.
    first = polygon["positions"][0]["cartographicDegrees"][:3]
    assert first == pytest.approx([math.degrees(2.45), math.degrees(0.70), 0.0], abs=1e-6)


def test_an_impact_region_that_went_away_is_not_shown() -> None:
    gone = msgspec.structs.replace(samples.assessment(10), impact=None)
    loaded = json.loads(encode_czml((samples.assessment(0), gone), title="t"))
    shown = next(p for p in loaded if p["id"] == "impact/T1")["polygon"]["show"]
    assert [piece["boolean"] for piece in shown] == [True, False]


def test_areas_are_drawn() -> None:
    corners = packets()["area/north"]["polygon"]["positions"]["cartographicDegrees"]
    assert corners[:3] == [140.0, 41.4, 0.0]
    assert len(corners) == 12
