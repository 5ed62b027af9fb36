"""Orbit Mean-Elements Messages in all their dresses: KVN, XML, JSON and CSV.

Keywords: CCSDS 502.0-B-3, tables 4-1 to 4-3; JSON and CSV as CelesTrak and Space-Track serve
them, without the metadata that never changes (Earth, TEME, UTC, SGP4). The module ``sgp4.omm``
is not used: it reads two of the four, one of the time forms, and XML with entities.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from lxml import etree

from forewarn.epoch import tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.orbits.elements import Elements

_MANDATORY = (
    "OBJECT_NAME",
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "BSTAR",
)
# What the numbers must mean, where a message says so; else CelesTrak's constants are understood.
_UNDERSTOOD = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
    "EPHEMERIS_TYPE": ("0", "2"),
}
_NOTHING_FOUND = ("No GP data found", "No SupGP data found")  # CelesTrak's empty answers
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CATALOGUE_NUMBER = re.compile(r"\+?\d{1,9}", re.ASCII)
_EPOCH = re.compile(r"\d{4}-(\d\d-\d\d|\d{3})T\d\d:\d\d:\d\d(\.\d+)?Z?", re.ASCII)
_KVN_UNIT = re.compile(r"\s*\[[^\]]*\]$")


def read_omm(text: str) -> tuple[Elements, ...]:
    """Read every message in a text; which of KVN, XML, JSON or CSV it is shows at its beginning.

    An object without NORAD_CAT_ID gets catalogue number 0. An answer that holds no data, such as
    CelesTrak's "No GP data found", gives no elements. Raises ValueError naming the message, the
    keyword and the value that is wrong.
    """
    text = text.removeprefix("\ufeff").strip()
    if text in _NOTHING_FOUND:
        return ()
    if not text:
        raise ValueError("an OMM was expected and the text is empty: give KVN, XML, JSON or CSV")
    if text.startswith("<"):
        form, messages = "XML", _xml_messages(text)
    elif text.startswith(("{", "[")):
        form, messages = "JSON", _json_messages(text)
    elif "=" in text.partition("\n")[0] or text.startswith("COMMENT"):
        form, messages = "KVN", _kvn_messages(text)
    else:
        form, messages = "CSV", _csv_messages(text)
    return tuple(
        _elements(fields, f"{form} message {number}")
        for number, fields in enumerate(messages, start=1)
    )


# --------------------------------------------------------------------------- text to keywords


def _kvn_messages(text: str) -> Iterator[dict[str, str]]:
    """Yield each message's keywords; a message begins with CCSDS_OMM_VERS."""
    fields: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.split()[0] == "COMMENT":
            continue
        keyword, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise ValueError(f"KVN line {number} {line[:40]!r} has no '=': write KEYWORD = value")
        if keyword == "CCSDS_OMM_VERS" and fields:
            yield fields
            fields = {}
        if keyword in fields:
            raise ValueError(f"KVN line {number} states {keyword} a second time: leave one out")
        fields[keyword] = _KVN_UNIT.sub("", value)
    yield fields


def _xml_messages(text: str) -> Iterator[dict[str, str]]:
    """Yield the leaves of each <omm>; document types, and with them entities, are refused."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("XML with a document type or entities is refused: leave <!DOCTYPE> out")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise ValueError(f"XML cannot be read: {error}") from None
    found = False
    for omm in root.iter("{*}omm"):
        found = True
        yield {
            etree.QName(leaf).localname: (leaf.text or "").strip()
            for leaf in omm.iter("{*}*")
            if len(leaf) == 0
        }
    if not found and etree.QName(root).localname != "ndm":
        raise ValueError(f"XML begins with <{root.tag}> and holds no <omm>: give an OMM or an NDM")


def _json_messages(text: str) -> Iterator[dict[str, str]]:
    """Yield each object's members as text, numbers with the digits they were written with."""
    try:
        decoded = json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON cannot be read: {error}") from None
    for message in decoded if isinstance(decoded, list) else [decoded]:
        if not isinstance(message, dict):
            raise ValueError(f"JSON holds {message!r:.40} where an object of OMM keywords belongs")
        yield {key: value for key, value in message.items() if isinstance(value, str)}


def _csv_messages(text: str) -> Iterator[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text), strict=True)
    try:
        for number, row in enumerate(rows, start=2):
            if None in row or None in row.values():
                raise ValueError(
                    f"CSV line {number} has more or fewer fields than the first line: "
                    "one field for each keyword"
                )
            yield {keyword.strip(): value.strip() for keyword, value in row.items()}
    except csv.Error as error:
        raise ValueError(f"CSV cannot be read: {error}") from None


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number an OMM may hold")


# --------------------------------------------------------------------------- keywords to elements


def _elements(fields: Mapping[str, str], where: str) -> Elements:
    for keyword in _MANDATORY:
        if keyword not in fields:
            raise ValueError(f"{where} lacks the mandatory keyword {keyword}: add it")
    for keyword, understood in _UNDERSTOOD.items():
        value = fields.get(keyword, "").lstrip("+")
        if value and value.upper() not in understood:
            raise ValueError(
                f"{where} has {keyword} {value!r}: only {' or '.join(understood)} "
                "can be propagated here"
            )
    epoch_tai_ns = _epoch_tai_ns(fields, where)
    revolutions_per_day = _number(fields, "MEAN_MOTION", where, most=100.0)
    if revolutions_per_day <= 0.0:
        raise ValueError(f"{where} has MEAN_MOTION {revolutions_per_day}: an orbit must revolve")
    eccentricity = _number(fields, "ECCENTRICITY", where, most=1.0)
    if not 0.0 <= eccentricity < 1.0:
        raise ValueError(f"{where} has ECCENTRICITY {eccentricity}: it runs from 0 to below 1")
    inclination_rad = _angle_rad(fields, "INCLINATION", where)
    if not 0.0 <= inclination_rad <= math.pi:
        raise ValueError(f"{where} has INCLINATION {fields['INCLINATION']}: it runs from 0 to 180")
    return Elements(
        object_name=fields["OBJECT_NAME"],
        catalogue_number=_catalogue_number(fields, where),
        epoch_tai_ns=epoch_tai_ns,
        inclination_rad=inclination_rad,
        right_ascension_rad=_angle_rad(fields, "RA_OF_ASC_NODE", where),
        eccentricity=eccentricity,
        argument_of_perigee_rad=_angle_rad(fields, "ARG_OF_PERICENTER", where),
        mean_anomaly_rad=_angle_rad(fields, "MEAN_ANOMALY", where),
        mean_motion_rad_s=revolutions_per_day * 2.0 * math.pi / 86_400.0,
        bstar_per_earth_radius=_number(fields, "BSTAR", where, most=100.0),
        origin=f"orbit mean-elements message of {utc_text_from_tai_ns(epoch_tai_ns, 0)}",
    )


def _number(fields: Mapping[str, str], keyword: str, where: str, *, most: float) -> float:
    text = fields[keyword]
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{where} has {keyword} {text!r}: write a decimal number")
    value = float(text)
    if abs(value) > most:
        raise ValueError(f"{where} has {keyword} {text!r}: it is at most {most:g}")
    return value


def _angle_rad(fields: Mapping[str, str], keyword: str, where: str) -> float:
    return math.radians(_number(fields, keyword, where, most=360.0))


def _catalogue_number(fields: Mapping[str, str], where: str) -> int:
    text = fields.get("NORAD_CAT_ID")
    if text is None:
        return 0
    if _CATALOGUE_NUMBER.fullmatch(text) is None:
        raise ValueError(
            f"{where} has NORAD_CAT_ID {text!r}: write an integer of at most nine digits, "
            "or leave the keyword out (letters, Alpha-5, are for TLE only)"
        )
    return int(text)


def _epoch_tai_ns(fields: Mapping[str, str], where: str) -> int:
    text = fields["EPOCH"]
    if _EPOCH.fullmatch(text) is None:
        raise ValueError(
            f"{where} has EPOCH {text!r}: write it like 2026-09-20T12:42:37.141056 (UTC)"
        )
    try:
        return tai_ns_from_utc_text(text if text.endswith("Z") else text + "Z")
    except ValueError as error:
        raise ValueError(f"{where} has a wrong EPOCH: {error}") from None
