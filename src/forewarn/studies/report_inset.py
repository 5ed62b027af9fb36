"""The launch region magnified: a few kilometres that would be a dot on the map."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forewarn.frames import surface_azimuth_rad, surface_distance_m
from forewarn.records import Assessment, LaunchEstimate
from forewarn.studies.report_drawing import Markup, Point, element, joined, line, path, text
from forewarn.studies.report_milestones import first_warning
from forewarn.studies.report_projection import scale_bar
from forewarn.studies.report_regions import ellipse_axes, ellipse_offsets_m
from forewarn.studies.report_run import Case
from forewarn.studies.report_words import kilometres

INSET_WIDTH_PX, INSET_HEIGHT_PX = 236.0, 204.0
_TOP_PX = 26.0


def launch_inset(case: Case) -> Markup | None:
    """Return the launch regions at first warning and at the end, with the true launch if known."""
    stated = [a for a in case.assessments if a.launch is not None]
    if not stated:
        return None
    last = stated[-1].launch
    early = _at_first_warning(case, stated)
    assert last is not None
    middle_px = (INSET_WIDTH_PX / 2, _TOP_PX + (INSET_HEIGHT_PX - _TOP_PX - 12) / 2)
    metres_per_px = _metres_per_pixel(case, last, early)
    parts: list[Markup] = []
    for launch, class_ in ((early, "region early"), (last, "region")):
        if launch is not None:
            centre = _offset_m(last, launch.region.latitude_rad, launch.region.longitude_rad)
            outline = [
                (
                    middle_px[0] + (centre[0] + east_m) / metres_per_px,
                    middle_px[1] - (centre[1] + north_m) / metres_per_px,
                )
                for east_m, north_m in ellipse_offsets_m(launch.region).tolist()
            ]
            parts.append(path(outline, class_, closed=True))
    parts.append(element("circle", cx=middle_px[0], cy=middle_px[1], r=3.0, class_="launch"))
    parts += _true_launch(case, last, middle_px, metres_per_px)
    long_m, short_m, _ = ellipse_axes(last.region)
    title = f"Launch: 90 % in {kilometres(2 * long_m)} × {kilometres(2 * short_m)}"
    inner = f"inset-{_safe(case.case_id)}"
    view = element("rect", width=INSET_WIDTH_PX, height=INSET_HEIGHT_PX, rx=4.0)
    return joined(
        [
            element("defs", element("clipPath", view, id=inner)),
            element("rect", width=INSET_WIDTH_PX, height=INSET_HEIGHT_PX, rx=4.0, class_="inset"),
            element("g", *parts, clip_path=f"url(#{inner})"),
            text(10, 17, title, "inset-title"),
            scale_bar(10, INSET_HEIGHT_PX - 10, metres_per_px, 80),
            _site(last),
            _early_words(case, early),
        ]
    )


def _safe(case_id: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in case_id)


def _at_first_warning(case: Case, stated: Sequence[Assessment]) -> LaunchEstimate | None:
    warned = first_warning(case)
    if warned is None:
        return stated[0].launch if len(stated) > 1 else None
    known = [a for a in stated if a.time_tai_ns <= warned.time_tai_ns]
    return (known or list(stated))[-1 if known else 0].launch


def _offset_m(origin: LaunchEstimate, latitude_rad: float, longitude_rad: float) -> Point:
    """Return east and north [m] of a place from the middle of the inset."""
    here = (origin.region.latitude_rad, origin.region.longitude_rad)
    distance_m = surface_distance_m(*here, latitude_rad, longitude_rad)
    azimuth_rad = surface_azimuth_rad(*here, latitude_rad, longitude_rad)
    return distance_m * math.sin(azimuth_rad), distance_m * math.cos(azimuth_rad)


def _metres_per_pixel(case: Case, last: LaunchEstimate, early: LaunchEstimate | None) -> float:
    """Show the last region whole, the early one and the truth as far as four times its size."""
    own_m = max(ellipse_axes(last.region)[0], 50.0)
    reach_m = own_m
    if early is not None:
        centre = _offset_m(last, early.region.latitude_rad, early.region.longitude_rad)
        reach_m = max(reach_m, math.hypot(*centre) + ellipse_axes(early.region)[0])
    if case.flight:
        reach_m = max(reach_m, 1.2 * math.hypot(*_true_offset(case, last)))
    reach_m = min(reach_m, 6.0 * own_m)
    return reach_m / (0.5 * (INSET_HEIGHT_PX - _TOP_PX - 12)) * 1.12


def _true_offset(case: Case, last: LaunchEstimate) -> Point:
    assert case.flight is not None
    place = case.flight.launch
    return _offset_m(last, math.radians(place.latitude_deg), math.radians(place.longitude_deg))


def _true_launch(
    case: Case, last: LaunchEstimate, middle_px: Point, metres_per_px: float
) -> list[Markup]:
    if case.flight is None:
        return []
    east_m, north_m = _true_offset(case, last)
    x, y = middle_px[0] + east_m / metres_per_px, middle_px[1] - north_m / metres_per_px
    x = min(max(x, 12), INSET_WIDTH_PX - 12)
    y = min(max(y, _TOP_PX + 8), INSET_HEIGHT_PX - 12)
    anchor = "end" if x > INSET_WIDTH_PX - 70 else "start"
    away = -9 if anchor == "end" else 9
    return [
        line((x - 6, y - 6), (x + 6, y + 6), "truth-mark"),
        line((x - 6, y + 6), (x + 6, y - 6), "truth-mark"),
        text(x + away, y - 5, "true", "minute-label halo", anchor),
    ]


def _early_words(case: Case, early: LaunchEstimate | None) -> Markup | None:
    if early is None:
        return None
    words = "dashed: at first warning" if first_warning(case) else "dashed: as first stated"
    return text(INSET_WIDTH_PX - 10, INSET_HEIGHT_PX - 9, words, "minute-label halo", "end")


def _site(last: LaunchEstimate) -> Markup:
    if last.site is None:
        return Markup("")
    far = last.site_distance_m
    words = f"near {last.site}" if far is None else f"{kilometres(far)} from {last.site}"
    shown = words if len(words) <= 36 else words[:35] + "…"
    return text(10, 31, shown, "minute-label halo")
