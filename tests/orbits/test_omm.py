"""Orbit mean-elements messages in four dresses, against the gpconf corpus."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.orbits import Elements, read_omm

VECTORS = Path(__file__).parents[1] / "vectors" / "orbits"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((VECTORS / "expected.json").read_text())
KVN_FILES = [name for name in EXPECTED if name.endswith(".kvn")]
BASELINE = (VECTORS / KVN_FILES[0]).read_text()
XML = (VECTORS / "v07-xml-ndm-reserialised.xml").read_text()

# CelesTrak's members in CelesTrak's order; the values are the corpus's baseline record.
FIELDS: dict[str, Any] = {
    "OBJECT_NAME": "ISS (ZARYA)",
    "OBJECT_ID": "1998-067A",
    "EPOCH": "1998-11-20T06:49:59.999808",
    "MEAN_MOTION": 16.05064833,
    "ECCENTRICITY": 0.0125362,
    "INCLINATION": 51.5908,
    "RA_OF_ASC_NODE": 168.3788,
    "ARG_OF_PERICENTER": 86.4185,
    "MEAN_ANOMALY": 359.7454,
    "EPHEMERIS_TYPE": 0,
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 25544,
    "ELEMENT_SET_NO": 1,
    "REV_AT_EPOCH": 0,
    "BSTAR": 0,
    "MEAN_MOTION_DOT": -3.657e-5,
    "MEAN_MOTION_DDOT": 1.1563e-5,
}


def csv_of(*records: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def one(text: str) -> Elements:
    (elements,) = read_omm(text)
    return elements


def read_with(**changes: Any) -> Elements:  # noqa: ANN401 (whatever JSON may hold)
    return one(json.dumps([{**FIELDS, **changes}]))


def assert_expected(actual: Elements, expected: dict[str, Any]) -> None:
    """Compare exactly, in the radians that the tests of TLE prove the conversion of."""
    reference = read_with(
        **{
            keyword.upper(): value
            for keyword, value in expected.items()
            if value is not None and keyword != "norad_cat_id"
        }
    )
    for name in Elements.__struct_fields__:
        if name != "catalogue_number":
            assert getattr(actual, name) == getattr(reference, name), name
    assert actual.object_name == expected["object_name"]
    assert actual.epoch_tai_ns == tai_ns_from_utc_text(expected["epoch"] + "Z")
    assert actual.eccentricity == float(expected["eccentricity"])


@pytest.mark.parametrize("name", KVN_FILES)
def test_kvn_of_the_corpus(name: str) -> None:
    elements = one((VECTORS / name).read_bytes().decode())
    (expected,) = EXPECTED[name]
    assert_expected(elements, expected)
    assert elements.catalogue_number == (0 if "v05" in name else 25544)


def test_the_four_dresses_are_one_message() -> None:
    kvn = one(BASELINE)
    assert one(XML) == kvn
    assert one(json.dumps(FIELDS)) == kvn
    assert one(json.dumps([FIELDS])) == kvn
    assert one(csv_of(FIELDS)) == kvn
    assert one("\ufeff" + csv_of(FIELDS)) == kvn
    assert kvn.origin == "orbit mean-elements message of 1998-11-20T06:50:00Z"


def test_numbers_are_the_corpus_in_radians() -> None:
    kvn = one(BASELINE)
    assert kvn.inclination_rad == math.radians(51.5908)
    assert kvn.right_ascension_rad == math.radians(168.3788)
    assert kvn.argument_of_perigee_rad == math.radians(86.4185)
    assert kvn.mean_anomaly_rad == math.radians(359.7454)
    assert kvn.mean_motion_rad_s == pytest.approx(16.05064833 * math.tau / 86_400, rel=1e-12)
    assert read_with(BSTAR="-.11606E-4").bstar_per_earth_radius == -0.11606e-4


def test_many_messages_in_one_text() -> None:
    second = {**FIELDS, "OBJECT_NAME": "SECOND", "NORAD_CAT_ID": 100_000}
    kvn_second = BASELINE.replace("ISS (ZARYA)", "SECOND").replace("25544", "100000")
    body = XML[XML.index("<omm") : XML.index("</ndm>")]
    xml_second = body.replace("ISS (ZARYA)", "SECOND").replace("25544", "100000")
    for text in (
        json.dumps([FIELDS, second]),
        csv_of(FIELDS, second),
        BASELINE + kvn_second,
        XML.replace("</ndm>", xml_second + "</ndm>"),
    ):
        assert [(e.object_name, e.catalogue_number) for e in read_omm(text)] == [
            ("ISS (ZARYA)", 25_544),
            ("SECOND", 100_000),
        ]


def test_catalogue_numbers() -> None:
    vectors = json.loads((VECTORS / "norad-cat-id-text.json").read_text())
    for vector in vectors["valid"]:
        assert read_with(NORAD_CAT_ID=vector["text"]).catalogue_number == vector["value"]
    for vector in vectors["invalid_in_omm"]:
        with pytest.raises(ValueError, match=r"JSON message 1 has NORAD_CAT_ID .* nine digits"):
            read_with(NORAD_CAT_ID=vector["text"])


def test_epochs() -> None:
    vectors = json.loads((VECTORS / "ccsds-epoch-strings.json").read_text())
    for vector in vectors["valid"]:
        if not vector["text"].endswith(":60"):
            expected = tai_ns_from_utc_text(vector["iso"] + "Z")
            assert read_with(EPOCH=vector["text"]).epoch_tai_ns == expected
    for vector in vectors["invalid"]:
        with pytest.raises(ValueError, match=r"has EPOCH .*write it like"):
            read_with(EPOCH=vector["text"])
    # The corpus lets a leap second be rounded; here it is the instant it says.
    leap = read_with(EPOCH="2016-12-31T23:59:60").epoch_tai_ns
    assert leap == tai_ns_from_utc_text("2016-12-31T23:59:60Z")
    with pytest.raises(ValueError, match=r"wrong EPOCH: .*no second 60"):
        read_with(EPOCH="2017-12-31T23:59:60")


@pytest.mark.parametrize(
    "keyword",
    [
        "OBJECT_NAME", "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE",
        "ARG_OF_PERICENTER", "MEAN_ANOMALY", "BSTAR",
    ],
)  # fmt: skip
def test_a_missing_mandatory_keyword_is_named(keyword: str) -> None:
    fields = {key: value for key, value in FIELDS.items() if key != keyword}
    kvn = "\n".join(line for line in BASELINE.splitlines() if line.split(" ")[0] != keyword)
    xml = "\n".join(line for line in XML.splitlines() if f"<{keyword}>" not in line)
    lesson = f"message 1 lacks the mandatory keyword {keyword}"
    for text in (json.dumps(fields), csv_of(fields), kvn, xml):
        with pytest.raises(ValueError, match=lesson):
            read_omm(text)


def test_unknown_and_empty_keywords_do_no_harm() -> None:
    assert read_with(RMS="0.1", DATA_SOURCE="SpaceX-E", OBJECT_ID="") == read_with()
    assert read_with(OBJECT_NAME="").object_name == ""
    same = read_with(MEAN_ELEMENT_THEORY="SGP4", CENTER_NAME="earth", EPHEMERIS_TYPE="+2")
    assert same == read_with()


@pytest.mark.parametrize(
    ("keyword", "value", "lesson"),
    [
        ("CENTER_NAME", "MARS", "has CENTER_NAME 'MARS': only EARTH"),
        ("REF_FRAME", "EME2000", "has REF_FRAME 'EME2000': only TEME"),
        ("TIME_SYSTEM", "TAI", "has TIME_SYSTEM 'TAI': only UTC"),
        ("MEAN_ELEMENT_THEORY", "DSST", "only SGP4 or SGP/SGP4"),
        ("EPHEMERIS_TYPE", 4, "has EPHEMERIS_TYPE '4'"),
        ("MEAN_MOTION", 0, "an orbit must revolve"),
        ("MEAN_MOTION", "nan", "write a decimal number"),
        ("MEAN_MOTION", "1e999", "at most 100"),
        ("ECCENTRICITY", 1, "from 0 to below 1"),
        ("ECCENTRICITY", -0.1, "from 0 to below 1"),
        ("INCLINATION", 181, "from 0 to 180"),
        ("INCLINATION", -1, "from 0 to 180"),
        ("RA_OF_ASC_NODE", 361, "at most 360"),
        ("BSTAR", "inf", "write a decimal number"),
        ("MEAN_ANOMALY", "12,5", "write a decimal number"),
        ("ARG_OF_PERICENTER", "", "write a decimal number"),
        ("EPOCH", "1971-01-01T00:00:00", "UTC is kept here from 1972"),
    ],
)
def test_a_wrong_value_is_named(keyword: str, value: object, lesson: str) -> None:
    with pytest.raises(ValueError, match=lesson) as caught:
        read_with(**{keyword: value})
    assert keyword in str(caught.value)


def test_empty_answers_hold_no_elements() -> None:
    assert read_omm("No GP data found") == ()
    assert read_omm("[]") == ()
    assert read_omm("<ndm/>") == ()
    assert read_omm(csv_of(FIELDS).splitlines()[0]) == ()
    with pytest.raises(ValueError, match="the text is empty"):
        read_omm(" \n")


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        (BASELINE + "BSTAR = 0\n", "KVN line 28 states BSTAR a second time"),
        (BASELINE + "BSTAR 0\n", "KVN line 28 'BSTAR 0' has no '='"),
        ("{", "JSON cannot be read"),
        ("[" * 100_000, "JSON cannot be read"),
        ('{"EPOCH": NaN}', "JSON cannot be read: NaN"),
        ("[1]", "JSON holds '1' where an object"),
        ("<omm>", "XML cannot be read"),
        ("<html/>", "XML begins with <html>"),
        ("<omm>\ud800</omm>", "XML cannot be read"),
        (csv_of(FIELDS) + "one,two\n", "CSV line 3 has more or fewer fields"),
        (csv_of(FIELDS) + ",".join("x" * 20) + "\n", "CSV line 3 has more or fewer fields"),
        ('OBJECT_NAME\n"a', "CSV cannot be read"),
    ],
)
def test_broken_texts_teach(text: str, lesson: str) -> None:
    with pytest.raises(ValueError, match=lesson):
        read_omm(text)


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("ISS (ZARYA)")
    head, body = XML.split("?>\n", 1)
    for declaration in (
        f'<!DOCTYPE ndm [<!ENTITY name SYSTEM "{secret.as_uri()}">]>',
        '<!DOCTYPE ndm [<!ENTITY a "x"><!ENTITY name "&a;&a;&a;&a;">]>',
        '<!DOCTYPE ndm SYSTEM "https://example.org/ndm.dtd">',
    ):
        text = f"{head}?>{declaration}{body.replace('ISS (ZARYA)', '&name;')}"
        with pytest.raises(ValueError, match="document type or entities is refused"):
            read_omm(text)
    with pytest.raises(ValueError, match="XML cannot be read"):
        read_omm(XML.replace("ISS (ZARYA)", "&name;"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_value_error(text: str) -> None:
    for head in ("", "<", "{", "[", "CCSDS_OMM_VERS = 3.0\n", "EPOCH,BSTAR\n"):
        with contextlib.suppress(ValueError):
            assert isinstance(read_omm(head + text), tuple)
