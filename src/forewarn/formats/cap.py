"""The Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010): warnings out, alerts in.

`encode_cap` makes the message of one decision, one ``info`` block for each state that areas are
in, and validates it against the OASIS schema before it hands it out. `decode_cap` takes bytes from
anywhere: no entity is expanded, nothing is fetched, and what the schema cannot say (closed
polygons, latitudes, references) is checked too. Signing is not done here.

Only a decision in the LIVE realm gives the status ``Actual``.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from importlib import resources
from typing import Any
from urllib.parse import quote

import msgspec
from lxml import etree

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.formats.cap_texts import ENGLISH, Texts
from forewarn.formats.faults import FormatError, excerpt
from forewarn.formats.polygons import Ring, cut_at_antimeridian, ring_from_latitudes
from forewarn.records import AreaState, AreaWarning, Realm, WarningDecision
from forewarn.warning.policy import Area

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
AREA_CODE_NAME = "forewarn:area_id"
LARGEST_MESSAGE_BYTES = 8 * 1024 * 1024
VALID_AFTER_ARRIVAL_S = 1_800
"""A message holds until half an hour after the last arrival it speaks of, or until replaced."""

STATUS_OF_REALM = {
    Realm.LIVE: "Actual",
    Realm.EXERCISE: "Exercise",
    Realm.REPLAY: "Test",
    Realm.SIMULATION: "Test",
    Realm.TEST: "Test",
}

_WARNED = (AreaState.SHELTER, AreaState.PREPARE, AreaState.EXTENDED)
_RELEASED = (AreaState.NARROWED, AreaState.ALL_CLEAR, AreaState.CANCELLED)
_NOT_ALLOWED_IN_SENDER = re.compile(r"[\s,<&]")
# lxml takes None for the prefix that is not written; its stubs do not say so.
_NAMESPACES: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]
_SCHEMA_FILE = "schema/CAP-v1.2-oasis.xsd"


class CapReference(msgspec.Struct, frozen=True, kw_only=True):
    """The name by which later messages refer to one (CAP 1.2, element ``references``)."""

    sender: str
    identifier: str
    sent_tai_ns: int


def cap_reference(decision: WarningDecision, *, sender: str) -> CapReference:
    """Return how later messages of the case refer to the message of ``decision``."""
    return CapReference(
        sender=sender,
        identifier=cap_identifier(decision),
        sent_tai_ns=decision.time_tai_ns,
    )


def cap_identifier(decision: WarningDecision) -> str:
    """Return the message's identifier: one for each decision, other in each realm."""
    return f"forewarn.{decision.realm.value}.{quote(decision.decision_id, safe=':')}"


def encode_cap(
    decision: WarningDecision,
    areas: Iterable[Area],
    *,
    sender: str,
    previous: tuple[CapReference, ...] = (),
    texts: Texts = ENGLISH,
) -> bytes:
    """Return the CAP message of a decision, valid against the OASIS schema, in UTF-8.

    ``sender`` is the authority's name at its internet domain; ``previous`` the case's earlier
    messages, which this one replaces. Without any it is an *Alert*, with some an *Update*, and a
    *Cancel* if every area that was warned is CANCELLED.

    Raises ValueError if the decision has no area to speak of, names an area that is not in
    ``areas``, releases areas that no earlier message warned, or ``sender`` breaks CAP's rules.
    """
    if not sender or _NOT_ALLOWED_IN_SENDER.search(sender):
        raise ValueError(f"sender {sender!r}: write it without spaces, commas, '<' or '&'")
    by_state = _by_state(decision)
    if not by_state:
        raise ValueError(f"decision {decision.decision_id} warns no area: there is nothing to say")
    kind = _message_type(decision, by_state, previous)
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_NAMESPACES)
    _add(alert, "identifier", cap_identifier(decision))
    _add(alert, "sender", sender)
    _add(alert, "sent", _cap_time(decision.time_tai_ns))
    _add(alert, "status", STATUS_OF_REALM[decision.realm])
    _add(alert, "msgType", kind)
    _add(alert, "scope", "Public")
    if texts.notes[decision.realm]:
        _add(alert, "note", texts.notes[decision.realm])
    if previous:
        _add(alert, "references", " ".join(_reference_text(one) for one in previous))
    _add(alert, "incidents", quote(decision.case_id, safe=":"))
    known = {area.area_id: area for area in areas}
    for state, warnings in by_state.items():
        _add_info(alert, decision, state, texts)
        for warning in warnings:
            if warning.area_id not in known:
                raise ValueError(f"area '{warning.area_id}' of the decision is not in the areas")
            _add_area(alert[-1], known[warning.area_id])
    message = etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    validate_cap(message)
    return message


def _by_state(decision: WarningDecision) -> dict[AreaState, list[AreaWarning]]:
    """Group the areas by state, the most urgent first."""
    groups = {
        state: [warning for warning in decision.areas if warning.state is state]
        for state in (*_WARNED, *_RELEASED)
    }
    return {state: warnings for state, warnings in groups.items() if warnings}


def _message_type(
    decision: WarningDecision,
    by_state: dict[AreaState, list[AreaWarning]],
    previous: tuple[CapReference, ...],
) -> str:
    if previous:
        return "Cancel" if set(by_state) == {AreaState.CANCELLED} else "Update"
    if not any(state in _WARNED for state in by_state):
        raise ValueError(
            f"decision {decision.decision_id} releases areas, but no earlier message is named:"
            " give the case's earlier messages as 'previous'"
        )
    return "Alert"


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _add_info(
    alert: etree._Element, decision: WarningDecision, state: AreaState, texts: Texts
) -> None:
    text = texts.states[state]
    warnings = [warning for warning in decision.areas if warning.state is state]
    # Only a warned area awaits something; a released one has no arrival to speak of.
    onset_tai_ns, end_tai_ns = _validity(decision, warnings if state in _WARNED else [])
    arrival = ""
    if onset_tai_ns is not None:
        arrival = texts.arrival.format(time=_cap_time(onset_tai_ns)[11:19])
    prefix = texts.prefixes[decision.realm]
    info = etree.SubElement(alert, f"{{{NAMESPACE}}}info")
    _add(info, "language", texts.language)
    _add(info, "category", "Security")
    _add(info, "event", texts.event)
    _add(info, "responseType", text.response_type)
    _add(info, "urgency", text.urgency)
    _add(info, "severity", text.severity)
    _add(info, "certainty", text.certainty)
    if onset_tai_ns is not None:
        _add(info, "onset", _cap_time(onset_tai_ns))
    _add(info, "expires", _cap_time(end_tai_ns + VALID_AFTER_ARRIVAL_S * SECOND_NS))
    _add(info, "headline", prefix + text.headline)
    _add(info, "description", prefix + text.description.format(arrival=arrival))
    _add(info, "instruction", prefix + text.instruction)


def _validity(decision: WarningDecision, warnings: list[AreaWarning]) -> tuple[int | None, int]:
    """Return the first possible arrival in the areas, if known, and the last expected one."""
    now_tai_ns = decision.time_tai_ns
    starts = [w.earliest_tai_ns for w in warnings if w.earliest_tai_ns is not None]
    ends = [w.expected_tai_ns for w in warnings if w.expected_tai_ns is not None]
    onset_tai_ns = max(min(starts), now_tai_ns) if starts else None
    return onset_tai_ns, max([now_tai_ns, *starts, *ends])


def _add_area(info: etree._Element, area: Area) -> None:
    element = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(element, "areaDesc", area.name)
    for ring in cut_at_antimeridian(ring_from_latitudes(area.polygon_rad)):
        _add(element, "polygon", _polygon_text(ring))
    geocode = etree.SubElement(element, f"{{{NAMESPACE}}}geocode")
    _add(geocode, "valueName", AREA_CODE_NAME)
    _add(geocode, "value", area.area_id)


def _polygon_text(ring: Ring) -> str:
    return " ".join(f"{latitude:.6f},{longitude:.6f}" for longitude, latitude in ring)


def _reference_text(reference: CapReference) -> str:
    return f"{reference.sender},{reference.identifier},{_cap_time(reference.sent_tai_ns)}"


def _cap_time(tai_ns: int) -> str:
    """Return CAP's form of an instant: whole seconds, cut, with -00:00 for UTC (Z is forbidden)."""
    text = utc_text_from_tai_ns(tai_ns, digits=9)[:19]
    # XML Schema knows no leap second.
    return text.replace(":60", ":59") + "-00:00"


# ------------------------------------------------------------------------------- alerts in


class CapArea(msgspec.Struct, frozen=True, kw_only=True):
    """An area of an alert; polygons are closed rings of (latitude, longitude) in radians."""

    description: str
    polygons_rad: tuple[tuple[tuple[float, float], ...], ...]
    geocodes: tuple[tuple[str, str], ...]


class CapInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One ``info`` block of an alert; the coded fields are CAP's words."""

    language: str
    event: str
    response_types: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    onset_tai_ns: int | None
    expires_tai_ns: int | None
    headline: str
    description: str
    instruction: str
    areas: tuple[CapArea, ...]


class CapAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A CAP 1.2 message as received. Being valid says nothing about being true or signed."""

    identifier: str
    sender: str
    sent_tai_ns: int
    status: str
    message_type: str
    scope: str
    note: str
    references: tuple[CapReference, ...]
    incidents: str
    infos: tuple[CapInfo, ...]


def validate_cap(message: bytes, *, file: str = "alert") -> None:
    """Check a CAP 1.2 message as `decode_cap` does. Raises FormatError."""
    decode_cap(message, file=file)


def decode_cap(message: bytes, *, file: str = "alert") -> CapAlert:
    """Return a CAP 1.2 message that is valid against the OASIS schema and whose numbers can be.

    Raises FormatError for anything else, including any document type or entity declaration.
    """
    alert = _parse(message, file)
    schema = _schema()
    if not schema.validate(alert):
        log: Any = schema.error_log
        first = log[0]
        problem = excerpt(first.message.replace(f"{{{NAMESPACE}}}", ""), longest=300)
        mend = "compare it with CAP 1.2, section 3.2"
        raise FormatError(problem, file=file, line=first.line, mend=mend)
    kind, references = _text(alert, "msgType"), _references(alert, file)
    if kind != "Alert" and not references:
        raise FormatError(
            f"message of type {kind} names no earlier message",
            file=file,
            path="references",
            mend="name it as 'sender,identifier,sent'",
        )
    return CapAlert(
        identifier=_token(alert, "identifier", file),
        sender=_token(alert, "sender", file),
        sent_tai_ns=_instant(alert.find(f"{{{NAMESPACE}}}sent"), file),
        status=_text(alert, "status"),
        message_type=kind,
        scope=_text(alert, "scope"),
        note=_text(alert, "note"),
        references=references,
        incidents=_text(alert, "incidents"),
        infos=tuple(_info(info, file) for info in alert.findall(f"{{{NAMESPACE}}}info")),
    )


@functools.cache
def _schema() -> etree.XMLSchema:
    source = resources.files("forewarn.formats").joinpath(_SCHEMA_FILE).read_bytes()
    return etree.XMLSchema(etree.fromstring(source, parser=_parser()))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )


def _parse(message: bytes, file: str) -> etree._Element:
    if len(message) > LARGEST_MESSAGE_BYTES:
        problem = f"larger than {LARGEST_MESSAGE_BYTES} bytes"
        raise FormatError(problem, file=file, mend="refuse it, or split the message")
    forbidden = FormatError(
        "document type declarations are not allowed", file=file, mend="remove the DOCTYPE"
    )
    # Before parsing, so that no entity is ever looked at; after it, for other encodings.
    if b"<!DOCTYPE" in message or b"<!ENTITY" in message:
        raise forbidden
    try:
        alert = etree.fromstring(message, parser=_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        problem = f"not well-formed XML: {excerpt(str(error), longest=200)}"
        raise FormatError(problem, file=file, line=line, mend="is it complete?") from None
    if alert.getroottree().docinfo.internalDTD is not None:
        raise forbidden
    if alert.tag != f"{{{NAMESPACE}}}alert":
        mend = f"its outermost element must be 'alert' of {NAMESPACE}"
        raise FormatError("not a CAP 1.2 alert", file=file, value=str(alert.tag), mend=mend)
    return alert


def _text(parent: etree._Element, name: str) -> str:
    return (parent.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def _token(alert: etree._Element, name: str, file: str) -> str:
    value = _text(alert, name)
    if not value or _NOT_ALLOWED_IN_SENDER.search(value):
        mend = "write it without spaces, commas, '<' or '&'"
        raise FormatError("is not a CAP name", file=file, path=name, value=value, mend=mend)
    return value


def _instant(element: etree._Element | None, file: str) -> int:
    assert element is not None, "the schema makes it mandatory"
    return _read_instant((element.text or "").strip(), file, _line(element))


def _line(element: etree._Element) -> int | None:
    line: int | None = getattr(element, "sourceline", None)
    return line


def _optional_instant(info: etree._Element, name: str, file: str) -> int | None:
    element = info.find(f"{{{NAMESPACE}}}{name}")
    return None if element is None else _instant(element, file)


def _read_instant(text: str, file: str, line: int | None) -> int:
    try:
        return tai_ns_from_utc_text(text)
    except ValueError as error:
        problem = excerpt(str(error), longest=200)
        raise FormatError(problem, file=file, line=line, value=text) from None


def _references(alert: etree._Element, file: str) -> tuple[CapReference, ...]:
    references = []
    for word in _text(alert, "references").split():
        parts = word.split(",")
        if len(parts) != 3 or not all(parts):
            raise FormatError(
                "is not 'sender,identifier,sent'", file=file, path="references", value=word
            )
        sent_tai_ns = _read_instant(parts[2], file, None)
        references.append(
            CapReference(sender=parts[0], identifier=parts[1], sent_tai_ns=sent_tai_ns)
        )
    return tuple(references)


def _info(info: etree._Element, file: str) -> CapInfo:
    responses = info.findall(f"{{{NAMESPACE}}}responseType")
    return CapInfo(
        language=_text(info, "language") or "en-US",
        event=_text(info, "event"),
        response_types=tuple((response.text or "").strip() for response in responses),
        urgency=_text(info, "urgency"),
        severity=_text(info, "severity"),
        certainty=_text(info, "certainty"),
        onset_tai_ns=_optional_instant(info, "onset", file),
        expires_tai_ns=_optional_instant(info, "expires", file),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        areas=tuple(_area(area, file) for area in info.findall(f"{{{NAMESPACE}}}area")),
    )


def _area(area: etree._Element, file: str) -> CapArea:
    return CapArea(
        description=_text(area, "areaDesc"),
        polygons_rad=tuple(
            _polygon(polygon, file) for polygon in area.findall(f"{{{NAMESPACE}}}polygon")
        ),
        geocodes=tuple(
            (_text(code, "valueName"), _text(code, "value"))
            for code in area.findall(f"{{{NAMESPACE}}}geocode")
        ),
    )


def _polygon(element: etree._Element, file: str) -> tuple[tuple[float, float], ...]:
    def fault(problem: str, mend: str) -> FormatError:
        return FormatError(problem, file=file, line=_line(element), path="polygon", mend=mend)

    corners = []
    for word in (element.text or "").split():
        try:
            latitude_deg, longitude_deg = (float(number) for number in word.split(","))
        except ValueError:
            raise fault(f"'{excerpt(word)}' is not 'latitude,longitude'", "correct it") from None
        if not (abs(latitude_deg) <= 90.0 and abs(longitude_deg) <= 180.0):
            raise fault(f"'{excerpt(word)}' is not a place on Earth", "write degrees, WGS 84")
        corners.append((math.radians(latitude_deg), math.radians(longitude_deg)))
    if len(corners) < 4 or corners[0] != corners[-1]:
        raise fault("is not a closed ring", "give at least four corners, the last as the first")
    return tuple(corners)
