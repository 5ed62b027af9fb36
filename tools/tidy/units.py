"""The rule that a dimensional name ends in its unit, and that a vector name carries its frame.

Looked at are the names of fields (annotated names in a class body) and of function parameters
whose type holds numbers. A name is dimensional if one of its words is in `DIMENSIONAL`. Textbook
letters (``v``, ``r``, ``lat``) hold no such word and pass; they belong inside kernels.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.tidy.finding import Finding

DIMENSIONAL = frozenset(
    """
    acceleration age altitude angle anomaly apogee ascension azimuth bandwidth bearing declination
    delay density distance duration elevation energy epoch frequency gravity heading height
    inclination intensity interval irradiance latency latitude length longitude mass perigee period
    position power pressure propellant radius range revisit speed temperature thrust time velocity
    wavelength
    """.split()
)

UNITS = frozenset(
    """
    m m2 m3 m_s m_s2 m2_s2 m3_s2 s s2 ns tai_ns rad rad2 rad_s rad_s2 hz w w_sr w_m2 w_m2_sr w_m3_sr
    kg kg_s kg_m2 kg_m3 m2_kg n k pa j j_k j_kg k_m sr per_earth_radius per_m per_m2 per_s
    """.split()
)
"""SI units as they stand at the end of a name."""

NUMBERS = frozenset(
    {"count", "db", "decibans", "factor", "fraction", "index", "probability", "ratio"}
)
"""The words that say *no unit*."""

RATIOS = frozenset({"sine", "cosine", "tangent"})
"""A name that begins with one of these is a pure number, whatever it is the sine of."""

TEXT_UNITS = frozenset({"utc", "text", "id", "ids", "name"})
READERS_UNITS = frozenset({"deg", "km", "km2", "km_s", "px"})
READERS_ROOMS = ("formats", "cli")
"""Degrees, kilometres and pixels exist here and in modules whose name begins with ``report``."""

FRAMES = frozenset({"ecef", "gcrf", "teme", "enu", "body"})
VECTORS = frozenset({"position", "velocity"})
NUMERIC_TYPES = frozenset(
    "int float complex Array NDArray ndarray ArrayLike Floats Matrix Vector Vector3".split()
)

ALLOWED = {
    "missiles/families.py:exhaust_velocity_m_s": "a speed relative to the vehicle, a scalar",
    "orbits/tle.py:most_deg": "an element set's text is in degrees; its reader checks that text",
    "tracking/looks.py:clutter_density": "per unit of measurement space, which differs by sensor",
}
"""Names that may break the rule, by file below the package, each with its reason. Keep it short."""


def names_without_unit(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Fields and parameters whose dimensional name lacks its unit or its frame."""
    for name, annotation, line in _named(tree):
        allowed = f"{path.removeprefix('src/forewarn/')}:{name}" in ALLOWED
        if allowed or not _is_numeric(annotation):
            continue
        if lesson := _lesson(name, reader=_is_readers_room(path)):
            yield Finding(path, line, "unit-suffix", lesson)


def _lesson(name: str, *, reader: bool) -> str | None:
    """Say what is wrong with a name, or None."""
    words = [_singular(word) for word in name.strip("_").split("_")]
    if _ends_in(name, READERS_UNITS) and not reader and len(words) > 1:
        return f"{name}: degrees, kilometres and pixels belong to formats, cli and reports; use SI"
    if not DIMENSIONAL.intersection(words) or words[0] in RATIOS or _ends_in(name, TEXT_UNITS):
        return None
    if not _ends_in(name, UNITS | NUMBERS | READERS_UNITS):
        return f"{name} ends in no known unit: name it {name}_m, {name}_s, {name}_rad or the like"
    if _ends_in(name, NUMBERS) or not VECTORS.intersection(words) or FRAMES.intersection(words):
        return None
    return f"{name} carries no frame: one of {', '.join(sorted(FRAMES))} belongs in it"


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    yield item.target.id, item.annotation, item.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in node.args.posonlyargs + node.args.args + node.args.kwonlyargs:
                yield argument.arg, argument.annotation, argument.lineno


def _is_numeric(annotation: ast.expr | None) -> bool:
    """Tell whether a type holds numbers. A missing one might, one that is called does not."""
    if annotation is None:
        return True
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    words = {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)}
    words |= {n.attr for n in ast.walk(annotation) if isinstance(n, ast.Attribute)}
    return bool(words & NUMERIC_TYPES) and "Callable" not in words


def _ends_in(name: str, units: frozenset[str] | set[str]) -> bool:
    return any(name.endswith(f"_{unit}") for unit in units)


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and word[:-1] in DIMENSIONAL else word


def _is_readers_room(path: str) -> bool:
    parts = path.split("/")
    return any(room in parts for room in READERS_ROOMS) or parts[-1].startswith("report")
