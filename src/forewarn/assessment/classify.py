"""What it is: class probabilities by Bayes' rule, each piece of evidence with its weight.

The hypotheses are the classes of ``records.VEHICLE_CLASSES``. Evidence: the launch point against the
catalogue of orbital launch sites, a matched pre-launch notice, how long and how fast it has
thrust, and, once it falls, how far it will go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment.impact import GroundPoints
from forewarn.assessment.launch import LaunchFit
from forewarn.assessment.launch_sites import LAUNCH_SITES, LaunchSite
from forewarn.assessment.vehicle_classes import (
    CLASS_CUT_OFF_M_S,
    LONGEST_BURN_S,
    PRIOR,
    RANGE_BAND_M,
)
from forewarn.frames import surface_distance_m
from forewarn.records import VEHICLE_CLASSES, Evidence, Notice

Array = NDArray[np.float64]

SPACE = VEHICLE_CLASSES.index("space_launch")
_LAND_M2 = 1.5e14  # a launch point is somewhere on land, no better known
_SPACE_ELSEWHERE = 0.02  # share of orbital launches from a place not in the catalogue
_MISSILE_AT_SITE = 0.01  # share of missiles that fly from an orbital launch site
_NOTICE_MATCH_ODDS = 300.0  # how much likelier a matching notice is if it is what was announced
_PAUSE_S = 20.0  # a space launcher's engines may rest this long between stages
_PAUSE_TAIL_S = 15.0
_SURPRISE = 1e-3  # the least likelihood: no single observation excludes a class outright


@dataclass(frozen=True, slots=True)
class Flight:
    """What the track shows of the burn: speed [m/s], seconds since launch and since last thrust."""

    speed_m_s: float
    since_launch_s: float
    pause_s: float
    cut_off_probability: float


def nearest_site(fit: LaunchFit) -> tuple[LaunchSite, float]:
    """The catalogued site closest to the launch point, and its distance [m]."""
    distances = [
        surface_distance_m(fit.latitude_rad, fit.longitude_rad, s.latitude_rad, s.longitude_rad)
        for s in LAUNCH_SITES
    ]
    best = int(np.argmin(distances))
    return LAUNCH_SITES[best], float(distances[best])


def site_log_likelihoods(fit: LaunchFit) -> Array:
    """Log-likelihood of the launch point under each class (6,)."""
    total = sum(s.orbital_launches for s in LAUNCH_SITES)
    at_sites = 0.0
    for site in LAUNCH_SITES:
        north = (site.latitude_rad - fit.latitude_rad) * 6.371e6
        if abs(north) > 500e3:
            continue
        east_rad = (site.longitude_rad - fit.longitude_rad + math.pi) % (2.0 * math.pi) - math.pi
        east = east_rad * math.cos(fit.latitude_rad) * 6.371e6
        spread = fit.covariance[:2, :2] + np.eye(2) * site.radius_m**2
        d = np.array((north, east))
        density = math.exp(-0.5 * float(d @ np.linalg.solve(spread, d)))
        density /= 2.0 * math.pi * math.sqrt(float(np.linalg.det(spread)))
        at_sites += density * site.orbital_launches / total
    anywhere = 1.0 / _LAND_M2
    space = (1.0 - _SPACE_ELSEWHERE) * at_sites + _SPACE_ELSEWHERE * anywhere
    missile = (1.0 - _MISSILE_AT_SITE) * anywhere + _MISSILE_AT_SITE * at_sites
    likelihoods = np.full(len(VEHICLE_CLASSES), math.log(missile))
    likelihoods[SPACE] = math.log(space)
    return likelihoods


def matching_notice(fit: LaunchFit, notices: tuple[Notice, ...]) -> Notice | None:
    """The first notice whose place, window and azimuth (if stated) fit the launch, or None."""
    slack_m = 3.0 * math.sqrt(float(np.trace(fit.covariance[:2, :2])))
    for notice in notices:
        distance_m = surface_distance_m(
            fit.latitude_rad, fit.longitude_rad, notice.latitude_rad, notice.longitude_rad
        )
        azimuth_off = (
            0.0
            if notice.azimuth_rad is None
            else abs((fit.mean[3] - notice.azimuth_rad + math.pi) % (2.0 * math.pi) - math.pi)
        )
        if (
            distance_m < notice.radius_m + slack_m
            and notice.window_start_tai_ns <= fit.time_tai_ns <= notice.window_end_tai_ns
            and azimuth_off < math.radians(15.0) + 3.0 * math.sqrt(float(fit.covariance[3, 3]))
        ):
            return notice
    return None


def notice_log_likelihoods(notice: Notice | None) -> Array:
    """Log-likelihood of there being this matching notice under each class (6,)."""
    likelihoods = np.zeros(len(VEHICLE_CLASSES))
    if notice is not None and notice.vehicle_class in VEHICLE_CLASSES:
        likelihoods[VEHICLE_CLASSES.index(notice.vehicle_class)] = math.log(_NOTICE_MATCH_ODDS)
    return likelihoods


def burn_log_likelihoods(flight: Flight) -> Array:
    """Log-likelihood under each class of having burnt this long and fast, or of having stopped."""
    likelihoods = np.empty(len(VEHICLE_CLASSES))
    for i, name in enumerate(VEHICLE_CLASSES):
        low, high = CLASS_CUT_OFF_M_S[name]
        still = min(1.0, max(0.0, (high - flight.speed_m_s) / (high - low)))
        overtime = max(0.0, flight.since_launch_s - LONGEST_BURN_S[name])
        still *= math.exp(-overtime / 20.0)
        if name == "space_launch":
            stopped = math.exp(-max(0.0, flight.pause_s - _PAUSE_S) / _PAUSE_TAIL_S)
        else:
            stopped = 1.0
        q = flight.cut_off_probability
        likelihoods[i] = math.log(max((1.0 - q) * still + q * stopped, _SURPRISE))
    return likelihoods


def range_log_likelihoods(
    flight: Flight, fit: LaunchFit | None, falling: GroundPoints | None
) -> Array:
    """Log-likelihood under each class of the range it will fall at, weighed by having cut off (6,)."""
    likelihoods = np.zeros(len(VEHICLE_CLASSES))
    if fit is None or falling is None or len(falling.weight) == 0:
        return likelihoods
    ranges = np.array(
        [
            surface_distance_m(fit.latitude_rad, fit.longitude_rad, float(a), float(b))
            for a, b in zip(falling.latitude_rad[::4], falling.longitude_rad[::4], strict=True)
        ]
    )
    q = flight.cut_off_probability
    for i, name in enumerate(VEHICLE_CLASSES):
        if name in RANGE_BAND_M:
            low, high = RANGE_BAND_M[name]
            share = float(np.mean((ranges >= low) & (ranges < high)))
        else:
            share = 0.2 if name == "unknown" else 1.0
        likelihoods[i] = math.log(max(1.0 - q + q * share, _SURPRISE))
    return likelihoods


def probabilities(parts: list[Array]) -> Array:
    """Posterior of the classes from log-likelihoods that are independent given the class (6,)."""
    logs = np.array([math.log(PRIOR[name]) for name in VEHICLE_CLASSES]) + np.sum(parts, axis=0)
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def decibans_for_space(likelihoods: Array, posterior: Array) -> float:
    """Weight of evidence for *space launch* against all else, in decibans."""
    others = np.delete(posterior, SPACE)
    others = others / max(float(others.sum()), 1e-300)
    against = float(others @ np.exp(np.delete(likelihoods, SPACE)))
    in_favour = float(likelihoods[SPACE]) / math.log(10.0)
    return 10.0 * (in_favour - math.log10(max(against, 1e-300)))


def class_evidence(
    *,
    posterior: Array,
    fit: LaunchFit | None,
    site: Array,
    notice: Notice | None,
    notice_part: Array,
    burn: Array,
    fallen: Array,
    flight: Flight,
) -> list[Evidence]:
    """The evidence on *space launch*, each with its weight and a plain sentence."""
    lines: list[Evidence] = []
    if fit is not None:
        near, distance_m = nearest_site(fit)
        known = f"{near.orbital_launches} orbital launches since 1990"
        text = (
            f"launch point {distance_m / 1e3:.0f} km from {near.name} ({known})"
            if distance_m < 200e3
            else "launch point far from every known orbital launch site"
        )
        lines.append(_line(site, posterior, text))
    if notice is not None:
        text = f"a notice by {notice.source} announced a {notice.vehicle_class} here at this time"
        lines.append(_line(notice_part, posterior, text, notice.notice_id))
    if flight.cut_off_probability < 0.5:
        text = f"still thrusting at {flight.speed_m_s / 1e3:.1f} km/s"
    else:
        text = f"no thrust seen for {flight.pause_s:.0f} s at {flight.speed_m_s / 1e3:.1f} km/s"
    lines.append(_line(burn, posterior, text))
    if flight.cut_off_probability >= 0.5:
        lines.append(_line(fallen, posterior, "forecast range compared with each class"))
    return lines


def _line(part: Array, posterior: Array, text: str, *input_ids: str) -> Evidence:
    return Evidence(
        hypothesis="space_launch",
        decibans=round(decibans_for_space(part, posterior), 1),
        text=text,
        input_ids=input_ids,
    )
