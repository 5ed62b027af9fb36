"""What happened in a run, told in plain lines."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.service.runs import RunResult

Moment = tuple[float, str]

_TOLD_STATES = {
    "prepare": "PREPARE",
    "shelter": "TAKE SHELTER",
    "extended": "PREPARE, also",
    "narrowed": "NARROWED, no longer in danger",
    "all_clear": "ALL CLEAR",
    "cancelled": "CANCELLED",
}


def tell_launches(result: RunResult) -> list[str]:
    """Return what became of each true launch, second by second; see `launch_moments`."""
    lines: list[str] = []
    for launch in result.summary["launches"]:
        lines.append(f"launch {launch['launch_id']}, {launch['time_utc']}")
        lines += tell_moments(launch_moments(result.summary, launch))
    return lines + _tell_strangers(result) or ["nothing was launched and nothing seen"]


def tell_moments(moments: list[Moment]) -> list[str]:
    """Return one line for each moment: seconds after the launch, and the words."""
    return [f"{time_s:+7.0f} s  {words}" for time_s, words in moments]


def tell_cases(result: RunResult) -> list[str]:
    """Return each case and how it stands, for runs whose truth is unknown."""
    lines = [_case_line(case) for case in result.summary["cases"]]
    return lines or ["no case was opened"]


def _tell_strangers(result: RunResult) -> list[str]:
    """Return the cases that belong to no true launch: false alarms."""
    cases = [case for case in result.summary["cases"] if case["launch_id"] is None]
    return [f"of no launch: {_case_line(case)}" for case in cases]


def _case_line(case: dict[str, Any]) -> str:
    return f"{case['case_id']}: {case['headline']}"


def launch_moments(summary: dict[str, Any], launch: dict[str, Any]) -> list[Moment]:
    """Return the instants that matter between a launch and the end of its case, in order."""
    top_m = summary.get("cloud_top_m") or 0.0
    cloud = f"the cloud ({top_m / 1e3:g} km)" if top_m > 0.0 else "the cloud"
    moments: list[Moment] = [(0.0, "lift-off")]
    for key, words in (
        ("cloud_break_s", f"above {cloud}: from here on it can be seen"),
        ("first_look_s", "first look: a sensor measures it"),
        ("first_detection_s", "followed: several looks agree on one rising object"),
        ("confirmed_s", "confirmed by sensors that share no failure"),
        ("burnout_s", "its engines stop"),
    ):
        if launch[key] is not None:
            moments.append((launch[key], words))
    moments += _warning_moments(summary, launch)
    if launch["impact_s"] is not None:
        moments.append((launch["impact_s"], "it comes down (truth; the chain was not told)"))
    if launch["case_closed_s"] is not None:
        reasons = ", ".join(reason for reason in launch["end_reasons"] if reason)
        unwarned = "" if launch["warned_area_ids"] else "; nobody was warned"
        moments.append((launch["case_closed_s"], f"case ended: {reasons}{unwarned}"))
    moments.sort(key=lambda moment: moment[0])
    if not launch["case_ids"]:
        moments.append((moments[-1][0], "by now no case has been opened"))
    return moments


def _short(name: str) -> str:
    """Return an area's name without the remark that shipped areas carry; it is said elsewhere."""
    return name.removesuffix(" (notional)")


def _warning_moments(summary: dict[str, Any], launch: dict[str, Any]) -> list[Moment]:
    """Return one moment for all areas that came to a state together, the first marked as such."""
    names = {area["area_id"]: _short(area["name"]) for area in summary["areas"]}
    launch_tai_ns = tai_ns_from_utc_text(launch["time_utc"])
    changes = [w for w in summary["warnings"] if w["case_id"] in launch["case_ids"]]
    moments: list[Moment] = []
    for (time_utc, state), together in groupby(changes, key=lambda w: (w["time_utc"], w["state"])):
        time_s = (tai_ns_from_utc_text(time_utc) - launch_tai_ns) / SECOND_NS
        places = ", ".join(names.get(w["area_id"], w["area_id"]) for w in together)
        first = "" if moments else "FIRST WARNING. "
        moments.append((time_s, f"{first}{_TOLD_STATES[state]}: {places}"))
    return moments
