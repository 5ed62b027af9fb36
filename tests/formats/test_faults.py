"""Errors teach: each says the file, the line, the field, what is wrong and what to do."""

from __future__ import annotations

import pickle
from contextlib import suppress
from pathlib import Path

import pytest

from forewarn.formats import FormatError
from forewarn.formats.check import check_file
from forewarn.formats.document import LARGEST_FILE_BYTES
from tests.formats import samples

# file, text to replace, its replacement, line (None: any), parts of the message
CASES: dict[str, tuple[str, str, str, str | None, tuple[str, ...]]] = {
    "misspelt": (
        "scenario",
        "range_km: 2700",
        "rnge_km: 2700",
        "rnge_km",
        ("launches[0].shaped_to.rnge_km: unknown field 'rnge_km'", "did you mean 'range_km'?"),
    ),
    "unit left out": (
        "scenario",
        "range_km: 2700",
        "range: 2700",
        "range: 2700",
        ("unknown field 'range'", "did you mean 'range_km'? This field is in kilometres"),
    ),
    "wrong unit": (
        "scenario",
        "range_km: 2700",
        "range_m: 2700000",
        "range_m",
        ("unknown field 'range_m'", "'range_km'", "kilometres"),
    ),
    "no near name": (
        "policy",
        "lost_after_s: 60",
        "lost_after_s: 60\nzzz: 1",
        "zzz",
        ("unknown field 'zzz'", "known here: policy_id"),
    ),
    "unit in the value": (
        "scenario",
        "range_km: 2700",
        "range_km: 2700 km",
        "2700 km",
        ("'2700 km' is text, not a number", "write 2700, without 'km'"),
    ),
    "quoted number": (
        "scenario",
        "range_km: 2700",
        'range_km: "2700"',
        '"2700"',
        ("'2700' is text", "remove the quotes"),
    ),
    "out of range": (
        "scenario",
        "latitude_deg: 39.2",
        "latitude_deg: 123",
        "123",
        ("launches[0].site.latitude_deg: 123 is out of range", "at least -90 and at most 90"),
    ),
    "not more than zero": (
        "scenario",
        "range_km: 2700",
        "range_km: 0",
        "range_km: 0",
        ("0 is out of range", "more than 0"),
    ),
    "not a number": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: .nan",
        ".nan",
        ("'.nan' is not a finite number",),
    ),
    "infinite": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: -.inf",
        "-.inf",
        ("is not a finite number",),
    ),
    "overflowing": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: 1e999",
        "1e999",
        ("1e999 is out of range",),
    ),
    "octal": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: 060",
        "060",
        ("'060' is not a number",),
    ),
    "not whole": ("scenario", "seed: 7", "seed: 7.5", "7.5", ("not a whole number", "round it")),
    "time without zone": (
        "scenario",
        "2017-08-29T05:57:00+09:00",
        "2017-08-29T05:57:00",
        "05:57:00",
        ("launches[0].time_utc", "has no zone", "2017-08-29T05:57:00Z"),
    ),
    "no such day": (
        "scenario",
        "start_utc: 2017-08-28",
        "start_utc: 2017-02-30",
        "02-30",
        ("start_utc", "2017-02-30"),
    ),
    "missing": (
        "scenario",
        "    azimuth_deg: 60\n",
        "",
        "kind: flown",
        ("launches[0].azimuth_deg: missing field 'azimuth_deg'", "launch azimuth"),
    ),
    "no value": ("scenario", "seed: 7", "seed:", "seed:", ("has no value",)),
    "wrong type": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: [60]",
        "[60]",
        ("a list where a number belongs",),
    ),
    "a group for text": (
        "policy",
        "title: Two independent domains",
        "title: {x: Two}",
        "title",
        ("title: a group of fields where text belongs",),
    ),
    "text for a list": (
        "scenario",
        "burns_s: [[0, 160], [168, 540.5]]",
        "burns_s: 160",
        "burns_s",
        ("burns_s: is not a list",),
    ),
    "not a pair": (
        "areas",
        "[41.4, 140.0]",
        "[41.4]",
        "[41.4]",
        ("polygon_deg[0]: is not a pair", "[latitude_deg, longitude_deg]"),
    ),
    "text for a group": (
        "scenario",
        "site: {latitude_deg: 28.6, longitude_deg: -80.6}",
        "site: Cape",
        "site: Cape",
        ("launches[1].site: is not a group of fields",),
    ),
    "number for text": (
        "scenario",
        "title: An overflight",
        "title: 2017",
        "title: 2017",
        ("2017 is not text", "'2017'"),
    ),
    "neither true nor false": (
        "scenario",
        "inclination_deg: 51.6",
        "inclination_deg: 51.6\n    descending: yes",
        "descending",
        ("'yes' is neither true nor false",),
    ),
    "not an id": (
        "scenario",
        "launch_id: L1",
        "launch_id: L 1",
        "L 1",
        ("'L 1' is not an id of letters",),
    ),
    "control character": (
        "policy",
        "title: Two independent domains",
        'title: "Two\\x07"',
        "title",
        ("holds a control character",),
    ),
    "unknown kind": (
        "scenario",
        "kind: flown",
        "kind: flwn",
        "flwn",
        ("launches[0].kind: 'flwn' is not known here", "did you mean 'flown'?"),
    ),
    "kind left out": (
        "network",
        "kind: infrared\n    sensor_id",
        "sensor_id",
        "sensor_id: ir-1",
        ("sensors[0].kind: missing field 'kind'", "infrared, radar"),
    ),
    "duplicate id": (
        "scenario",
        "launch_id: L2",
        "launch_id: L1",
        None,
        ("launches[1].launch_id: 'L1' is already the id of launches[0]",),
    ),
    "duplicate field": (
        "policy",
        "version: 3",
        "version: 3\nversion: 4",
        "version: 4",
        ("field 'version' is given twice, first on line 3",),
    ),
    "tab": ("policy", "version: 3", "\tversion: 3", "version", ("a tab", "indent with spaces")),
    "alias": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: &a 60",
        "&a",
        ("anchors and aliases are not allowed",),
    ),
    "tag": (
        "scenario",
        "azimuth_deg: 60",
        "azimuth_deg: !!python/name:os.system",
        "python",
        ("is not allowed",),
    ),
    "second document": (
        "policy",
        "version: 3",
        "version: 3\n---\nversion: 3",
        None,
        ("a second document",),
    ),
    "cut off in a bracket": (
        "scenario",
        "azimuth_deg: 45\n",
        "azimuth_deg: [45",
        None,
        ("not valid YAML", "cut off"),
    ),
    "missing file": (
        "scenario",
        "policy: policy.yaml",
        "policy: plicy.yaml",
        "plicy",
        ("policy: there is no file 'plicy.yaml'", "relative to this file"),
    ),
    "another file's kind": (
        "scenario",
        "policy: policy.yaml",
        "policy: areas.yaml",
        None,
        ("areas.yaml:1: forewarn: this is a 'areas/1' file", "'policy/1'"),
    ),
    "unknown vehicle": (
        "scenario",
        "vehicle: one_stage",
        "vehicle: two_stage",
        "two_stage",
        ("there is no vehicle 'two_stage'", "known here: one_stage"),
    ),
    "unknown satellite": (
        "network",
        "satellite_id: geo-1\n    revisit_s",
        "satellite_id: geo-9\n    revisit_s",
        "geo-9",
        ("there is no satellite 'geo-9'", "geo-1, known, high, low"),
    ),
    "two sources of elements": (
        "network",
        "geostationary: {longitude_deg: 130}",
        "geostationary: {longitude_deg: 130}\n    omm: network.yaml",
        None,
        ("satellites[0]: omm and geostationary are given", "exactly one"),
    ),
    "no source of elements": (
        "network",
        "    geostationary: {longitude_deg: 130}\n",
        "",
        "satellite_id: geo-1",
        ("satellites[0]: none of tle, omm, geostationary, molniya, elements is given",),
    ),
    "broken checksum": (
        "network",
        "2927'",
        "2928'",
        "25544U",
        ("satellites[1].tle", "checksum"),
    ),
    "orbit under ground": (
        "network",
        "eccentricity: 0.001",
        "eccentricity: 0.5",
        None,
        (
            "satellites[3].elements.semi_major_axis_km",
            "its perigee lies 2689 km below the ground",
            "with eccentricity 0.5 it must be more than 12756",
        ),
    ),
    "fence out of view": (
        "network",
        "fence_elevation_deg: 4",
        "fence_elevation_deg: 1",
        "fence",
        ("sensors[1].fence_elevation_deg: the fence at 1 degrees is out of view",),
    ),
    "view upside down": (
        "network",
        "elevation_min_deg: 2",
        "elevation_min_deg: 86",
        "elevation_min",
        ("elevation_min_deg is not below elevation_max_deg",),
    ),
    "floor above noise": (
        "network",
        "angle_floor_urad: 5",
        "angle_floor_urad: 50",
        "angle_floor",
        ("lower it to at most angle_noise_urad",),
    ),
    "crossing polygon": (
        "areas",
        "[41.4, 140.0], [41.4, 145.8], [45.5, 145.8], [45.5, 140.0]",
        "[41.4, 140.0], [45.5, 145.8], [41.4, 145.8], [45.5, 140.0]",
        "polygon_deg",
        ("areas[0].polygon_deg: the edges after corners",),
    ),
    "policy against itself": (
        "policy",
        "release_probability: 0.01",
        "release_probability: 0.2",
        "release",
        ("release_probability 0.2 is not below prepare_probability",),
    ),
    "window upside down": (
        "scenario",
        "window_end_utc: 2017-08-28T22",
        "window_end_utc: 2017-08-28T20",
        "window_end",
        ("notices[0].window_end_utc: the window closes before it opens",),
    ),
    "burns out of order": (
        "scenario",
        "[168, 540.5]",
        "[150, 540.5]",
        "burns_s",
        ("the burns are not in order",),
    ),
    "burn without intensity": (
        "scenario",
        "[2.0e6, 1.0e5]",
        "[2.0e6]",
        "intensities",
        ("1 intensities for 2 burns",),
    ),
    "impossible inclination": (
        "scenario",
        "inclination_deg: 51.6",
        "inclination_deg: 20",
        "inclination",
        ("no launch from this latitude reaches this inclination",),
    ),
    "telemetry header": (
        "ascent",
        "time_s,speed_m_s,altitude_m",
        "t,v,h",
        "t,v,h",
        ("ascent.csv:1", "time_s,speed_m_s,altitude_m"),
    ),
    "telemetry gap": (
        "ascent",
        "1,3.5,2",
        "1,,2",
        "1,,2",
        ("ascent.csv:3: speed_m_s: '' is not a number",),
    ),
    "telemetry not finite": ("ascent", "1,3.5,2", "1,nan,2", "nan", ("'nan' is not a number",)),
    "telemetry short row": ("ascent", "1,3.5,2", "1,3.5", "1,3.5", ("2 values in the row",)),
    "telemetry backwards": (
        "ascent",
        "2.5,9.25,11",
        "1,9.25,11",
        "1,9.25,11",
        ("ascent.csv:4: time_s: time 1 s does not come after 1 s",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_teaches(tmp_path: Path, name: str) -> None:
    """The message names file, line and field, the value, and the way out."""
    file, old, new, mark, parts = CASES[name]
    text = samples.FILES[f"{file}.csv" if file == "ascent" else f"{file}.yaml"]
    assert old in text
    changed = text.replace(old, new, 1)
    path = samples.write_files(tmp_path, **{file: changed})
    with pytest.raises(FormatError) as caught:
        check_file(path)
    message = str(caught.value)
    for part in parts:
        assert part in message, message
    if mark is not None:
        line = next(n for n, row in enumerate(changed.splitlines(), start=1) if mark in row)
        assert caught.value.line == line, message
    assert str(tmp_path) in caught.value.file


def test_the_whole_message_in_one_sentence(tmp_path: Path) -> None:
    text = samples.SCENARIO.replace("range_km: 2700", "range: 2700")
    path = samples.write_files(tmp_path, scenario=text)
    with pytest.raises(FormatError) as caught:
        check_file(path)
    assert str(caught.value) == (
        f"{path}:22: launches[0].shaped_to.range: unknown field 'range'; "
        "did you mean 'range_km'? This field is in kilometres"
    )
    assert (caught.value.column, caught.value.path) == (7, "launches[0].shaped_to.range")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"forewarn: policy/1\ntitle: caf\xe9\n", ":2: byte 0xe9 is not UTF-8"),
        (b"", "holds no fields"),
        (b"- a\n- b\n", "not a mapping"),
        (b"just text", "not a mapping"),
        (b"a: b\x00c", "not allowed in YAML"),
        (b"policy_id: x\n", "missing field 'forewarn'"),
        (b"forewarn: polcy/1\n", "'polcy/1' is not a kind of file known here"),
        (b"forewarn: " + b"[" * 100, "nested deeper than 32"),
        (b"forewarn: policy/1\n? [a]\n: b\n", "a field name that is not text"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "larger than"),
    ],
)
def test_bytes_that_are_no_configuration(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"file\.yaml") as caught:
        check_file(path)
    assert words in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read: No such file"):
        check_file(tmp_path / "none.yaml")
    with pytest.raises(FormatError, match="cannot be read"):
        check_file(tmp_path)


@pytest.mark.parametrize("name", ["scenario", "network", "areas", "policy", "vehicles"])
def test_a_file_cut_off_anywhere_is_read_whole_or_refused_clearly(
    tmp_path: Path, name: str
) -> None:
    """Cut at every line end: only FormatError may come, whatever is left."""
    lines = samples.FILES[f"{name}.yaml"].splitlines(keepends=True)
    for kept in range(len(lines)):
        path = samples.write_files(tmp_path, **{name: "".join(lines[:kept])})
        with suppress(FormatError):
            check_file(path)


def test_an_error_travels_between_processes() -> None:
    error = FormatError("bad", file="f", line=3, column=4, path="a.b", value="x", mend="do y")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.line, copy.path, copy.value) == (str(error), 3, "a.b", "x")
