"""The report's parts against numbers from elsewhere: map, regions, milestones, words, labels."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from forewarn.epoch import SECOND_NS
from forewarn.records import AreaState, GroundRegion, ImpactEstimate
from forewarn.studies.report_coastline import load_coastline, reduce_topology, stored_form
from forewarn.studies.report_decisions import odds_words, signed
from forewarn.studies.report_drawing import (
    LabelBoard,
    element,
    number_ticks,
    path_data,
    tick_text,
    time_ticks,
)
from forewarn.studies.report_milestones import (
    area_stories,
    chain_milestones,
    history_alert_s,
    last_instant_tai_ns,
)
from forewarn.studies.report_projection import Projection, fitted, graticule, land, near
from forewarn.studies.report_regions import (
    NINETY_PERCENT,
    ellipse_axes,
    ellipse_offsets_m,
    impact_miss,
    launch_miss,
)
from forewarn.studies.report_run import ReportArea, looks_of, read_run
from forewarn.studies.report_words import counted, duration_words, holds, percent, short_since
from tests.studies.sample_run import write_sample_run

EARTH_KM2 = 510.065e6  # area of the WGS 84 ellipsoid
LAND_KM2 = 148.94e6  # CIA World Factbook, "World: geography"


# --------------------------------------------------------------------------- map


def test_the_projection_agrees_with_snyder() -> None:
    """USGS PP 1395, p. 337: R = 3, centre 40 N 100 W, point 20 S 100 E."""
    projection = Projection(40.0, -100.0, 3.0, 0.0, 0.0)
    x, y = projection.point(-20.0, 100.0)
    assert (x, -y) == pytest.approx((-5.8311398, 5.5444634), abs=5e-7)


def test_a_fitted_map_shows_every_place() -> None:
    places = np.array([(39.0, 125.0), (45.0, 158.0), (30.0, 179.0), (52.0, -175.0)])
    projection = fitted(places, 960.0, (400.0, 640.0))
    assert all(projection.shows(p) for p in projection.points(places[:, 0], places[:, 1]))
    assert 400.0 <= projection.height_px <= 640.0


def test_a_map_of_one_place_is_still_a_map() -> None:
    projection = fitted(np.array([(10.0, 20.0)]), 960.0, (400.0, 640.0))
    assert projection.point(10.0, 20.0) == pytest.approx((480.0, projection.height_px / 2))
    assert graticule(projection).html.count("M") > 3


def test_early_regions_widen_the_map_only_so_far() -> None:
    core = np.array([(40.0, 120.0), (40.0, 140.0)])
    kept = near(core, np.array([(40.0, 131.0), (44.0, 142.0), (0.0, -150.0)]), 1.3)
    assert kept.tolist() == [[40.0, 131.0], [44.0, 142.0]]


def inside(latitude_deg: float, longitude_deg: float) -> bool:
    """Whether the meridian to the north pole, which is sea, crosses an odd number of coasts."""
    hits = 0
    for ring in load_coastline():
        lon = (ring[:, 0] - longitude_deg + 180.0) % 360.0 - 180.0
        lat = ring[:, 1]
        next_lon, next_lat = np.roll(lon, -1), np.roll(lat, -1)
        crosses = ((lon > 0) != (next_lon > 0)) & (np.abs(next_lon - lon) < 180.0)
        share = np.divide(lon, lon - next_lon, out=np.zeros_like(lon), where=crosses)
        hits += int(np.sum(crosses & (lat + share * (next_lat - lat) > latitude_deg)))
    return hits % 2 == 1


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "expected"),
    [
        (48.86, 2.35, True),  # Paris
        (43.06, 141.35, True),  # Sapporo
        (39.27, 125.68, True),
        (-25.0, 133.0, True),  # Alice Springs
        (42.0, 51.0, False),  # Caspian Sea, a hole in the land
        (40.0, 135.0, False),  # between the mainland and Honshu
        (0.0, -140.0, False),
        (52.0, 175.0, False),
        (-85.0, 30.0, True),  # Antarctica, round the pole
    ],
)
def test_land_is_land_and_sea_is_sea(
    latitude_deg: float, longitude_deg: float, expected: bool
) -> None:
    assert inside(latitude_deg, longitude_deg) is expected


def test_the_land_area_is_the_worlds() -> None:
    """Green's theorem on the sphere: area = |sum of mean sine of latitude times longitude step|."""
    total = 0.0
    for ring in load_coastline():
        lon, sine = np.unwrap(np.radians(ring[:, 0])), np.sin(np.radians(ring[:, 1]))
        step = np.diff(np.append(lon, lon[0] + round((lon[-1] - lon[0]) / math.tau) * math.tau))
        part = float(np.sum(step * (sine + np.roll(sine, -1)) / 2))
        total += part + (math.tau if step.sum() > 3 else 0.0)  # round the pole: add the cap
    assert total / (4 * math.pi) * EARTH_KM2 == pytest.approx(LAND_KM2, rel=0.02)


def test_a_view_deep_inland_is_all_land_and_one_in_mid_ocean_has_none() -> None:
    inland = Projection(60.0, 95.0, 4000.0, 400.0, 300.0)  # 640 km wide, Siberia
    drawn = land(inland).html
    assert drawn.count("M") == 1
    xs = [float(step.split(",")[0]) for step in drawn.split('"')[1].strip("MZ").split("L")]
    assert min(xs) < 0
    assert max(xs) > 400
    for middle in ((-45.0, -130.0), (0.0, -140.0), (-40.0, -80.0)):  # opposite: a lake, sea, land
        assert land(Projection(*middle, 4000.0, 400.0, 300.0)).html.count("M") == 0


def test_a_topology_is_reduced_and_stored() -> None:
    square = [[0, 0], [0, 5], [0, 5], [10, 0], [0, -10], [-10, 0]]
    speck = [[500, 500], [0, 1], [1, 0], [-1, -1]]
    topology = {
        "transform": {"scale": [0.1, 0.1], "translate": [100.0, 20.0]},
        "arcs": [square, speck],
        "objects": {"land": {"geometries": [{"type": "MultiPolygon", "arcs": [[[0]], [[1]]]}]}},
    }
    (ring,) = reduce_topology(topology)
    assert ring.tolist() == [[100, 20], [100, 21], [101, 21], [101, 20]]
    assert "[[10000,2000,0,100,100,0,0,-100]]" in stored_form((ring,))


# --------------------------------------------------------------------------- regions


def region(a_m: float, b_m: float, azimuth_rad: float = 0.0) -> GroundRegion:
    """One sigma ``a_m`` along ``azimuth_rad``, ``b_m`` across."""
    along = np.array([math.sin(azimuth_rad), math.cos(azimuth_rad)])
    across = np.array([math.cos(azimuth_rad), -math.sin(azimuth_rad)])
    matrix = a_m**2 * np.outer(along, along) + b_m**2 * np.outer(across, across)
    return GroundRegion(
        latitude_rad=0.7, longitude_rad=2.0, covariance_m2=tuple(map(tuple, matrix.tolist()))
    )


def test_ninety_percent_is_that_of_chi_square() -> None:
    assert pytest.approx(math.sqrt(chi2.ppf(0.9, 2))) == NINETY_PERCENT
    long_m, short_m, azimuth_rad = ellipse_axes(region(2000.0, 500.0, 0.6))
    assert (long_m, short_m) == pytest.approx((2000 * NINETY_PERCENT, 500 * NINETY_PERCENT))
    assert azimuth_rad % math.pi == pytest.approx(0.6)
    offsets = ellipse_offsets_m(region(2000.0, 500.0, 0.6))
    assert np.hypot(*offsets.T).max() == pytest.approx(long_m)


def test_the_stated_region_holds_nine_of_ten_draws() -> None:
    stated = region(3000.0, 800.0, 1.1)
    draws = np.random.default_rng(3).multivariate_normal(
        (0, 0), np.array(stated.covariance_m2), size=2000
    )
    hits = 0
    for east_m, north_m in draws.tolist():
        latitude_rad = stated.latitude_rad + north_m / 6.371e6
        longitude_rad = stated.longitude_rad + east_m / 6.371e6 / math.cos(stated.latitude_rad)
        hits += launch_miss(stated, latitude_rad, longitude_rad, 0.0).inside
    assert hits / 2000 == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(("north_m", "expected"), [(9_000.0, True), (11_000.0, False)])
def test_a_stated_polygon_beats_the_summary_ellipse(north_m: float, expected: bool) -> None:
    """A square of 10 km half-width, whatever the Gaussian beside it says."""
    middle = region(100.0, 100.0)
    half_lat = 10e3 / 6.371e6
    half_lon = half_lat / math.cos(0.7)
    signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    corners = tuple((0.7 + i * half_lat, 2.0 + j * half_lon) for i, j in signs)
    impact = ImpactEstimate(
        region=middle, time_tai_ns=0, time_sigma_s=1.0, cut_off_probability=1.0,
        no_impact_probability=0.0, polygon_rad=corners,
    )  # fmt: skip
    miss = impact_miss(impact, 0.7 + north_m / 6.371e6, 2.0, 0.0)
    assert miss.inside is expected
    assert miss.error_m == pytest.approx(north_m, rel=1e-3)
    assert miss.stated_m == pytest.approx(10e3, rel=2e-3)


# --------------------------------------------------------------------------- milestones


def test_the_seconds_go_where_the_sample_put_them(tmp_path: Path) -> None:
    run = read_run(write_sample_run(tmp_path))
    (case,) = run.cases
    steps = {m.name: case.seconds(m.tai_ns) for m in chain_milestones(run, case)}
    assert steps == {
        "Ignition": 0.0,
        "Cloud break": 38.0,
        "First look": 46.0,
        "Track confirmed": 58.8,
        "Decided": 70.0,
        "Warned": 82.0,
    }


def test_the_summary_knows_the_first_look_better(tmp_path: Path) -> None:
    run = read_run(write_sample_run(tmp_path))
    run.summary["launches"] = [{"launch_id": "l1", "first_look_s": 41.5}]  # type: ignore[index]
    steps = {m.name: m.tai_ns for m in chain_milestones(run, run.cases[0])}
    assert run.cases[0].seconds(steps["First look"]) == 41.5


def test_each_area_tells_its_story(tmp_path: Path) -> None:
    (case,) = read_run(write_sample_run(tmp_path)).cases
    stories = {s.area_id: s for s in area_stories(case, last_instant_tai_ns(case))}
    iwate = stories["iwate"]
    assert [(s.state, case.seconds(s.start_tai_ns)) for s in iwate.spans] == [
        (AreaState.PREPARE, 82.0),
        (AreaState.NARROWED, 260.0),
        (AreaState.ALL_CLEAR, 545.0),
    ]
    assert iwate.lead_s == 350.0
    assert iwate.spans[-1].end_tai_ns == case.zero_tai_ns + 860 * SECOND_NS
    assert "tokyo" not in stories


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({"history_alert_s": 420}, 420.0),
        ({"history_note": "nobody was told"}, None),
        ({}, None),
    ],
)
def test_history_is_read(summary: dict[str, object], expected: float | None) -> None:
    assert history_alert_s(summary) == expected


def test_looks_go_to_the_sensor_that_fed_the_track(tmp_path: Path) -> None:
    (case,) = read_run(write_sample_run(tmp_path)).cases
    looks = looks_of(case.tracks)
    east = [case.seconds(k.seen_tai_ns) for k in looks if k.sensor_id == "geo-east"]
    assert east == [46, 56, 66, 76, 86, 96, 106, 116]
    assert min(case.seconds(k.seen_tai_ns) for k in looks if k.sensor_id == "radar-coast") == 262


# --------------------------------------------------------------------------- words and marks


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(3.14, "3.1 s"), (82, "82 s"), (350, "5 min 50 s"), (240, "4 min"), (-12, "−12 s"),
     (7260, "2 h 1 min")],
)  # fmt: skip
def test_durations(seconds: float, expected: str) -> None:
    assert duration_words(seconds) == expected


def test_small_words() -> None:
    assert short_since(-3.0) == "− 3.0 s"
    assert [percent(p) for p in (0.0, 0.0004, 0.034, 0.34, 0.999, 1.0)] == [
        "0 %", "< 0.1 %", "3.4 %", "34 %", "> 99 %", "100 %",
    ]  # fmt: skip
    assert counted(1, "area") == "1 area"
    assert counted(1200, "case") == "1,200 cases"
    assert signed(-3.04) == "−3.0"
    assert odds_words(20.0) == "100 times likelier"
    assert odds_words(-3.0103) == "2.0 times less likely"
    assert odds_words(61.0) == "more than a million times likelier"


def test_ticks_are_round_and_inside() -> None:
    assert time_ticks((0.0, 100.0), 8) == [0, 15, 30, 45, 60, 75, 90]
    assert time_ticks((46.0, 860.0), 8) == [120, 240, 360, 480, 600, 720, 840]
    assert number_ticks(0.0, 605.0, 6) == [0, 200, 400, 600]
    assert [tick_text(t) for t in (0, 75, 120, 150, 3600)] == ["0", "75 s", "2 min", "2:30", "1 h"]


def test_a_place_is_inside_an_area_also_across_the_antimeridian() -> None:
    square = ((50.0, 178.0), (50.0, -178.0), (54.0, -178.0), (54.0, 178.0))
    area = ReportArea("a", "a", None, square)
    assert holds(area, 52.0, 179.0)
    assert holds(area, 52.0, -179.0)
    assert not holds(area, 52.0, 177.0)
    assert not holds(area, 52.0, -177.0)
    assert not holds(area, 55.0, 179.0)


def test_markup_is_escaped_and_short() -> None:
    made = element("a", "<b>", element("i", "&"), title='"', class_="x", width=1.2345, hidden=True)
    assert made.html == (
        '<a title="&quot;" class="x" width="1.23" hidden>&lt;b&gt;<i>&amp;</i></a>'
    )
    assert path_data([(0, 0), (0.04, 0), (1, 2.25)], closed=True) == "M0,0L1,2.2Z"


def test_labels_do_not_cover_each_other() -> None:
    board = LabelBoard(bounds=(0, 0, 400, 300), taken=[])
    boxes = []
    for k in range(12):
        (left, top), _ = board.place((200 + k, 150, 204 + k, 154), 60.0, 14.0)
        boxes.append((left, top, left + 60.0, top + 14.0))
    for i, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[2] <= 400
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
