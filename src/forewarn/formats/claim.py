"""The verdict on a published flight, and the learned band it rests on, as JSON.

``docs/reference/claim.schema.json`` is the schema of what ``forewarn claim --json`` prints.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from forewarn.formats.faults import FormatError

CLAIM_HEADER = "claim/1"
BAND_HEADER = "claim-band/1"

Verdict = Literal["consistent", "too short", "too long"]
Grid = tuple[tuple[float | None, ...], ...]


class JudgedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A published apogee, range and flight time held against physics.

    ``arc_time_s``, ``arc_speed_m_s`` and ``arc_angle_rad`` are those of the engine-free arc, the
    speed and the angle above the horizon at the ground. ``excess_s`` is what the published time has
    over the arc. Errors are one sigma; ``excess_error_s`` holds all three. Between ``shortest_s``
    and ``longest_s`` the band holds ``band_probability`` of generic flights; ``solid_s`` and
    ``liquid_s`` are the medians of its two kinds. ``by_error_only`` is true where the excess lies
    outside the band and is let in by its error. ``real_flights_near`` counts flights to 2021 of
    like speed and angle. ``fitting_apogee_m`` are the apogees, lowest and highest, that would
    fit the published range and time, where the verdict is not *consistent*.
    """

    forewarn: Literal["claim/1"] = "claim/1"
    apogee_m: float
    range_m: float
    time_s: float
    apogee_error_m: float
    range_error_m: float
    time_error_s: float
    arc_time_s: float
    arc_speed_m_s: float
    arc_angle_rad: float
    excess_s: float
    excess_error_s: float
    shortest_s: float
    solid_s: float
    liquid_s: float
    longest_s: float
    band_probability: float
    verdict: Verdict
    by_error_only: bool
    real_flights_near: int
    fitting_apogee_m: tuple[float, float] | None
    reasons: tuple[str, ...]
    unknowns: tuple[str, ...]


class RealFlight(msgspec.Struct, frozen=True, kw_only=True):
    """A published flight with its duration; ``time_step_s`` is what the duration is rounded to."""

    date: str
    flight: str
    source: str
    use: Literal["learn", "check", "test"]
    apogee_m: float
    range_m: float
    time_s: float
    time_step_s: float


class BandFile(msgspec.Struct, frozen=True, kw_only=True):
    """The learned band: seconds of excess at nodes of the arc's speed (rows) and angle (columns).

    A node is None where too few generic flights came near it. ``arcs_m`` are the apogees and ranges
    of the real flights to 2021 that say where the band is backed; ``model_error_ratio`` is the
    one-sigma error of the generic excess, of its logarithm.
    """

    forewarn: Literal["claim-band/1"] = "claim-band/1"
    made_by: str
    generic_flights: int
    probability: float
    model_error_ratio: float
    speeds_m_s: tuple[float, ...]
    angles_rad: tuple[float, ...]
    shortest_s: Grid
    solid_s: Grid
    liquid_s: Grid
    longest_s: Grid
    arcs_m: tuple[tuple[float, float], ...]
    flights: tuple[RealFlight, ...]


def encode_claim(judged: JudgedClaim) -> str:
    """Return the JSON text of a verdict, indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(judged), indent=2).decode() + "\n"


def encode_band(band: BandFile) -> bytes:
    """Return the JSON bytes of a band, a row of a table a line."""
    parts = []
    for name, value in msgspec.structs.asdict(band).items():
        if name in ("shortest_s", "solid_s", "liquid_s", "longest_s", "flights"):
            rows = b",\n    ".join(msgspec.json.encode(row) for row in value)
            text = b"[\n    " + rows + b"\n  ]"
        else:
            text = msgspec.json.encode(value)
        parts.append(b"  " + msgspec.json.encode(name) + b": " + text)
    return b"{\n" + b",\n".join(parts) + b"\n}\n"


def decode_band(text: bytes, *, file: str) -> BandFile:
    """Return the band of a file. Raises FormatError if it is none."""
    try:
        return msgspec.json.decode(text, type=BandFile)
    except msgspec.DecodeError as error:
        mend = "install forewarn again, or run python -m benchmarks.claim_band"
        raise FormatError(f"not a {BAND_HEADER} file: {error}", file=file, mend=mend) from error
