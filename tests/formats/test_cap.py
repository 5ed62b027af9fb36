"""CAP 1.2: what goes out is valid and says the right thing; what comes in is checked hard."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats import FormatError
from forewarn.formats.cap import (
    LARGEST_MESSAGE_BYTES,
    CapAlert,
    CapReference,
    cap_identifier,
    cap_reference,
    decode_cap,
    encode_cap,
    validate_cap,
)
from forewarn.formats.cap_texts import ENGLISH
from forewarn.records import AreaState, Realm, WarningDecision
from tests.formats import samples

VECTORS = Path(__file__).parents[1] / "vectors" / "cap"
SENDER = "warning@civil.example"
SECOND_NS = 1_000_000_000


def message(decision: WarningDecision, previous: tuple[CapReference, ...] = ()) -> bytes:
    return encode_cap(decision, samples.areas(), sender=SENDER, previous=previous)


def alert(decision: WarningDecision, previous: tuple[CapReference, ...] = ()) -> CapAlert:
    return decode_cap(message(decision, previous))


def test_an_alert_says_what_the_decision_says() -> None:
    decision = samples.decision(AreaState.SHELTER, AreaState.PREPARE)
    found = alert(decision)
    assert (found.status, found.message_type, found.scope) == ("Actual", "Alert", "Public")
    assert (found.sender, found.incidents, found.note) == (SENDER, "C1", "")
    assert found.sent_tai_ns == decision.time_tai_ns
    shelter, prepare = found.infos
    assert shelter.response_types == ("Shelter",)
    assert (shelter.urgency, shelter.severity, shelter.certainty) == (
        "Immediate",
        "Extreme",
        "Likely",
    )
    assert shelter.event == "Missile warning"
    assert shelter.language == "en"
    assert [area.description for area in shelter.areas] == ["North Island"]
    assert shelter.areas[0].geocodes == (("forewarn:area_id", "north"),)
    assert prepare.response_types == ("Prepare",)
    assert prepare.areas[0].description == "Île de la Ligne"
    assert shelter.onset_tai_ns == decision.areas[0].earliest_tai_ns
    assert decision.areas[0].expected_tai_ns is not None
    assert shelter.expires_tai_ns == decision.areas[0].expected_tai_ns + 1800 * SECOND_NS
    assert "from 21:06:00 UTC." in shelter.description


def test_times_are_caps_own_form() -> None:
    text = message(samples.decision(AreaState.SHELTER)).decode()
    assert "<sent>2017-08-28T20:58:10-00:00</sent>" in text
    assert "Z</" not in text


def test_a_leap_second_is_written_as_the_second_before_it() -> None:
    """XML Schema has no second 60; the instant is cut down, as fractions are."""
    leap = tai_ns_from_utc_text("2016-12-31T23:59:60.500Z")
    text = message(samples.decision(AreaState.SHELTER, time_tai_ns=leap)).decode()
    assert "<sent>2016-12-31T23:59:59-00:00</sent>" in text


def test_no_free_text_reaches_the_public() -> None:
    decision = samples.decision(AreaState.SHELTER)
    assert decision.headline.encode() not in message(decision)


@pytest.mark.parametrize("realm", list(Realm))
@pytest.mark.parametrize("state", [s for s in AreaState if s is not AreaState.QUIET])
def test_nothing_outside_live_can_be_actual(realm: Realm, state: AreaState) -> None:
    """For every realm, state and type of message; and the reader is told in words as well."""
    first = samples.decision(AreaState.SHELTER, realm=realm)
    then = samples.decision(state, realm=realm, sequence=2)
    found = [alert(first), alert(then, (cap_reference(first, sender=SENDER),))]
    for one in found:
        if realm is Realm.LIVE:
            assert (one.status, one.note) == ("Actual", "")
            continue
        assert one.status == ("Exercise" if realm is Realm.EXERCISE else "Test")
        assert "No missile was detected" in one.note
        assert realm.value in one.identifier
        for info in one.infos:
            for text in (info.headline, info.description, info.instruction):
                assert text.startswith(("EXERCISE: ", "TEST: "))


def test_identifiers_are_repeatable_and_differ_between_realms() -> None:
    identifiers = {
        cap_identifier(samples.decision(AreaState.SHELTER, realm=realm, sequence=number))
        for realm, number in itertools.product(Realm, (1, 2))
    }
    assert len(identifiers) == 10
    again = samples.decision(AreaState.SHELTER)
    assert message(again) == message(samples.decision(AreaState.SHELTER))
    odd = samples.decision(AreaState.SHELTER, decision_id="a b,c<d&e", case_id="x y")
    found = alert(odd)
    assert not set(found.identifier) & set(" ,<&")
    assert found.incidents == "x%20y"


def test_alert_update_cancel_refer_to_each_other() -> None:
    first = samples.decision(AreaState.PREPARE)
    second = samples.decision(AreaState.SHELTER, AreaState.EXTENDED, sequence=2)
    third = samples.decision(AreaState.CANCELLED, AreaState.CANCELLED, sequence=3)
    chain = tuple(cap_reference(one, sender=SENDER) for one in (first, second))
    assert alert(first).references == ()
    update, cancel = alert(second, chain[:1]), alert(third, chain)
    assert (update.message_type, update.references) == ("Update", chain[:1])
    assert (cancel.message_type, cancel.references) == ("Cancel", chain)
    assert chain[0].identifier == alert(first).identifier
    mixed = samples.decision(AreaState.CANCELLED, AreaState.ALL_CLEAR, sequence=3)
    assert alert(mixed, chain).message_type == "Update"
    assert cancel.infos[0].onset_tai_ns is None
    assert cancel.infos[0].expires_tai_ns == third.time_tai_ns + 1800 * SECOND_NS


def test_states_and_their_codes() -> None:
    first = (cap_reference(samples.decision(AreaState.PREPARE), sender=SENDER),)
    codes = {
        state: alert(samples.decision(state, sequence=2), first).infos[0].response_types
        for state in AreaState
        if state is not AreaState.QUIET
    }
    assert codes == {
        AreaState.PREPARE: ("Prepare",),
        AreaState.EXTENDED: ("Prepare",),
        AreaState.SHELTER: ("Shelter",),
        AreaState.NARROWED: ("Monitor",),
        AreaState.ALL_CLEAR: ("AllClear",),
        AreaState.CANCELLED: ("AllClear",),
    }


def test_the_texts_cover_every_state_and_realm() -> None:
    assert set(ENGLISH.states) == set(AreaState) - {AreaState.QUIET}
    assert set(ENGLISH.prefixes) == set(ENGLISH.notes) == set(Realm)
    assert [realm for realm in Realm if not ENGLISH.notes[realm]] == [Realm.LIVE]


def test_another_language_is_another_value() -> None:
    texts = msgspec.structs.replace(ENGLISH, language="ja", event="ミサイル警報")
    made = encode_cap(
        samples.decision(AreaState.SHELTER), samples.areas(), sender=SENDER, texts=texts
    )
    info = decode_cap(made).infos[0]
    assert (info.language, info.event) == ("ja", "ミサイル警報")


def test_unknown_arrival_is_not_spoken_of() -> None:
    decision = samples.decision(AreaState.SHELTER)
    areas = tuple(
        msgspec.structs.replace(area, earliest_tai_ns=None, expected_tai_ns=None)
        for area in decision.areas
    )
    info = alert(msgspec.structs.replace(decision, areas=areas)).infos[0]
    assert info.onset_tai_ns is None
    assert info.description.endswith("in this area.")
    assert info.expires_tai_ns == decision.time_tai_ns + 1800 * SECOND_NS


def test_an_area_across_the_antimeridian_becomes_two_polygons() -> None:
    found = alert(samples.decision(AreaState.QUIET, AreaState.SHELTER))
    polygons = found.infos[0].areas[0].polygons_rad
    assert len(polygons) == 2
    for polygon in polygons:
        longitudes = [longitude for _, longitude in polygon]
        assert polygon[0] == polygon[-1]
        assert max(longitudes) - min(longitudes) < 0.04


def test_quiet_areas_are_not_mentioned() -> None:
    found = alert(samples.decision(AreaState.SHELTER, AreaState.QUIET))
    assert [area.description for info in found.infos for area in info.areas] == ["North Island"]


def test_messages_that_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        message(samples.decision(AreaState.QUIET, AreaState.QUIET))
    with pytest.raises(ValueError, match="earlier messages as 'previous'"):
        message(samples.decision(AreaState.ALL_CLEAR))
    with pytest.raises(ValueError, match="area 'north' of the decision"):
        encode_cap(samples.decision(AreaState.SHELTER), samples.areas()[1:], sender=SENDER)
    for sender in ("", "two words", "a,b", "a<b", "a&b"):
        with pytest.raises(ValueError, match="without spaces"):
            encode_cap(samples.decision(AreaState.SHELTER), samples.areas(), sender=sender)


# --------------------------------------------------------------------------------- alerts in


@pytest.mark.parametrize(
    ("name", "sender", "event", "polygons"),
    [
        ("canada.cap", "cap@ec.gc.ca", "thunderstorm", 4),
        ("australia.cap", "webmaster@rfs.nsw.gov.au", "Fire", 0),
        (
            "earthquake-iso8859-1.cap",
            "http://earthquake.usgs.gov/research/monitoring/anss/neic/",
            "Earthquake",
            0,
        ),
        ("wcatwc-warning.cap", "http://newwcatwc.arh.noaa.gov/tsuPortal/", "Tsunami Warning", 0),
        ("43b080713727.cap", "hsas@dhs.gov", "Homeland Security Advisory System Update", 0),
        ("thunderstorm.cap", "KSTO@NWS.NOAA.GOV", "SEVERE THUNDERSTORM", 1),
    ],
)
def test_official_samples_are_valid(name: str, sender: str, event: str, polygons: int) -> None:
    found = decode_cap((VECTORS / name).read_bytes(), file=name)
    assert (found.sender, found.infos[0].event) == (sender, event)
    areas = [area for info in found.infos for area in info.areas]
    assert sum(len(area.polygons_rad) for area in areas) == polygons


def test_the_thunderstorm_of_the_standard() -> None:
    """The example of CAP 1.2, appendix A.2, read number by number."""
    found = decode_cap((VECTORS / "thunderstorm.cap").read_bytes())
    assert found.sent_tai_ns == tai_ns_from_utc_text("2003-06-17T21:57:00Z")
    polygon = found.infos[0].areas[0].polygons_rad[0]
    assert len(polygon) == 5
    assert polygon[0] == pytest.approx((0.671428, -2.096839), abs=1e-5)
    assert ("SAME", "006109") in found.infos[0].areas[0].geocodes


THUNDERSTORM = (VECTORS / "thunderstorm.cap").read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<scope>Public</scope>", "", "scope"),
        ("<status>Actual</status>", "<status>Real</status>", "Real"),
        ("<sent>2003-06-17T14:57:00-07:00</sent>", "<sent>2003-06-17T21:57:00Z</sent>", "sent"),
        ("<msgType>Alert</msgType>", "<msgType>Cancel</msgType>", "names no earlier message"),
        ("KSTO@NWS.NOAA.GOV</sender>", "two words</sender>", "sender"),
        ("38.47,-120.14</polygon>", "38.47,-120.15</polygon>", "not a closed ring"),
        ("38.34,-119.95", "98.34,-119.95", "not a place on Earth"),
        ("38.34,-119.95", "nan,-119.95", "not a place on Earth"),
        ("38.34,-119.95", "38.34;-119.95", "not 'latitude,longitude'"),
        ("urn:oasis:names:tc:emergency:cap:1.2", "urn:other", "not a CAP 1.2 alert"),
        ("</alert>", "", "not well-formed"),
    ],
)
def test_an_invalid_alert_is_refused(old: str, new: str, words: str) -> None:
    assert old in THUNDERSTORM
    with pytest.raises(FormatError, match="alert") as caught:
        validate_cap(THUNDERSTORM.replace(old, new).encode())
    assert words in str(caught.value)


def test_an_alert_of_cap_1_1_is_refused() -> None:
    with pytest.raises(FormatError, match="not a CAP 1"):
        validate_cap((VECTORS / "earthquake.cap").read_bytes())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/a.dtd">',
        '<!DOCTYPE alert [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>',
        "<!DOCTYPE alert>",
    ],
)
def test_document_types_and_entities_are_refused(declaration: str, encoding: str) -> None:
    """No file is read, nothing fetched, nothing expanded, whatever the encoding."""
    body = THUNDERSTORM.split("?>", 1)[1]
    text = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{body}'
    with pytest.raises(FormatError, match="document type"):
        validate_cap(text.encode(encoding))


def test_an_undeclared_entity_is_refused() -> None:
    with pytest.raises(FormatError, match="not well-formed"):
        validate_cap(THUNDERSTORM.replace("KSTO1055887203", "&x;").encode())


def test_a_message_that_is_too_large_is_refused() -> None:
    with pytest.raises(FormatError, match="larger than"):
        validate_cap(b" " * (LARGEST_MESSAGE_BYTES + 1))


def test_every_message_is_valid_by_the_shipped_schema_alone() -> None:
    """Checked here with the schema file itself, not through the code under test."""
    path = Path(__file__).parents[2] / "src/forewarn/formats/schema/CAP-v1.2-oasis.xsd"
    schema = etree.XMLSchema(etree.parse(path))
    schema.assertValid(etree.fromstring(message(samples.decision(AreaState.SHELTER))))
    assert "Copyright OASIS Open 2010" in path.read_text()
