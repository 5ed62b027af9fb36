"""``claim``: a published apogee, range and flight time held against physics, in plain words."""

from __future__ import annotations

import math
import sys
import textwrap
from pathlib import Path

from forewarn.formats.claim import JudgedClaim, encode_claim
from forewarn.formats.faults import FormatError
from forewarn.studies import claim_words as words
from forewarn.studies.claim import Claim, judge

_WIDTH = 96


def check_claim(claim: Claim, *, as_json: bool, picture: Path | None, force: bool) -> None:
    """Judge a claim, print the verdict, and draw it where asked. Raises FormatError."""
    if picture is not None:
        _check_picture(picture, force=force)
    judged = judge(claim)
    if as_json:
        sys.stdout.write(encode_claim(judged))
    else:
        print("\n".join(_lines(judged)))
    if picture is not None:
        from forewarn.studies.claim_picture import draw

        drawn = draw(judged, form=picture.suffix.lower().removeprefix("."))
        try:
            picture.write_bytes(drawn)
        except OSError as error:
            raise _picture_fault(picture, f"cannot be written: {error.strerror}") from error
        print(f"picture: {picture}", file=sys.stderr if as_json else sys.stdout)


def _check_picture(picture: Path, *, force: bool) -> None:
    if picture.suffix.lower() not in (".svg", ".png"):
        mend = "end its name in .svg or .png"
        raise _picture_fault(picture, "is no kind of picture that is drawn", mend)
    if picture.exists() and not (force and picture.is_file()):
        mend = "name another file, or add --force to replace a picture"
        raise _picture_fault(picture, "is there already", mend)
    if not picture.parent.is_dir():
        mend = "make that folder first, or name another"
        raise _picture_fault(picture, f"cannot be written: no folder {picture.parent}", mend)


def _picture_fault(picture: Path, problem: str, mend: str = "name another file") -> FormatError:
    shown = str(picture)
    return FormatError(f"{shown} {problem}", file="claim", path="--picture", value=shown, mend=mend)


def _lines(judged: JudgedClaim) -> list[str]:
    """The verdict for people, line by line."""
    published = f"apogee {_km(judged.apogee_m)}, range {_km(judged.range_m)}, "
    errors = f"{_error(judged.apogee_error_m / 1e3)} km, {_error(judged.range_error_m / 1e3)} km, "
    leaving = f"{judged.arc_speed_m_s / 1e3:.2f} km/s, {math.degrees(judged.arc_angle_rad):.1f} deg"
    band = f"{judged.shortest_s:,.0f} to {judged.longest_s:,.0f} s"
    rows = [
        ("published", published + f"{judged.time_s:,.6g} s ({words.clock(judged.time_s)})"),
        ("errors", errors + f"{_error(judged.time_error_s)} s (one sigma)"),
        ("engine-free arc", f"{judged.arc_time_s:,.1f} s, from the ground at {leaving}"),
        ("excess", f"{judged.excess_s:+,.1f} s, error {_error(judged.excess_error_s)} s"),
        ("a boost adds", f"{band} ({judged.band_probability:.0%} of generic flights)"),
    ]
    if judged.fitting_apogee_m is not None:
        low_m, high_m = judged.fitting_apogee_m
        fits = f"{low_m / 1e3:,.0f} to {high_m / 1e3:,.0f} km with this range and time"
        rows.append(("apogees that fit", fits))
    lines = [words.headline(judged), ""]
    lines += [f"  {name:<17} {value}" for name, value in rows]
    for head, sentences in (("Why", judged.reasons), ("Not known", judged.unknowns)):
        lines += ["", head]
        for sentence in sentences:
            lines += textwrap.wrap(
                sentence, _WIDTH, initial_indent="  - ", subsequent_indent="    "
            )
    return lines


def _km(length_m: float) -> str:
    return f"{length_m / 1e3:,.6g} km"


def _error(error: float) -> str:
    return f"{error:.1f}" if error >= 1.0 else f"{error:.2g}"
