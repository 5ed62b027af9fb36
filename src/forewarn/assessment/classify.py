"""What it is: class probabilities by Bayes' rule, each piece of evidence with its weight.

The hypotheses are the classes of ``records.VEHICLE_CLASSES``. Evidence: the launch point against
the catalogue of orbital launch sites, a matched pre-launch notice, how long and how fast it has
thrust, and, once it falls, how far it will go. The pieces are taken as independent given the class.
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
from forewarn.epoch import SECOND_NS
from forewarn.frames import plane_from_places_m, surface_distance_m
from forewarn.records import VEHICLE_CLASSES, Evidence, Notice

Array = NDArray[np.float64]

SPACE = VEHICLE_CLASSES.index("space_launch")
_LAND_M2 = 1.5e14  # a launch point is somewhere on land, no better known
_SPACE_ELSEWHERE = 0.02  # share of orbital launches from a place not in the catalogue
_MISSILE_AT_SITE = 0.01  # share of missiles that fly from an orbital launch site
_NOTICE_MATCH_ODDS = 300.0  # how much likelier a matching notice is if it is what was announced
_NOTICE_AZIMUTH_RAD = math.radians(15.0)  # how far a launch may turn from the azimuth announced
_PAUSE_S = 20.0  # a space launcher's engines may rest this long between stages
_PAUSE_TAIL_S = 15.0
_OVERTIME_TAIL_S = 20.0
_UNKNOWN_RANGE_SHARE = 0.2  # chance that an unknown vehicle falls at the range that this one does
_SURPRISE = 1e-3  # the least likelihood: no single observation excludes a class outright
_NEAR_SITE_M = 200e3


@dataclass(frozen=True, slots=True)
class Flight:
    """What the track shows of the burn: speed [m/s], seconds since launch and since last thrust."""

    speed_m_s: float
    since_launch_s: float
    pause_s: float
    cut_off_probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Probability of each vehicle class (6,), and what speaks for or against *space launch*."""

    probabilities: Array
    evidence: tuple[Evidence, ...]

    @property
    def space_probability(self) -> float:
        """The probability of a space launch."""
        return float(self.probabilities[SPACE])


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Log-likelihood of one observation under each class (6,), and the sentence that tells it."""

    log_likelihoods: Array
    text: str
    input_ids: tuple[str, ...] = ()


def classified(
    flight: Flight,
    *,
    fit: LaunchFit | None,
    falling: GroundPoints | None,
    notices: tuple[Notice, ...],
) -> Verdict:
    """Weigh the classes by all that is known; ``falling`` are its ground points if it has cut off.

    An observation that cannot be made yet (no launch fit, nothing falling) says nothing.
    """
    pieces: list[_Piece] = []
    if fit is not None:
        pieces.append(_Piece(site_log_likelihoods(fit), _site_text(fit)))
        notice = matching_notice(fit, notices)
        if notice is not None:
            kind = notice.vehicle_class
            text = f"a notice by {notice.source} announced a {kind} here at this time"
            pieces.append(_Piece(notice_log_likelihoods(notice), text, (notice.notice_id,)))
    pieces.append(_Piece(burn_log_likelihoods(flight), _burn_text(flight)))
    if fit is not None and falling is not None and len(falling.weight) > 0:
        text = "forecast range compared with each class"
        pieces.append(_Piece(range_log_likelihoods(flight, fit, falling), text))
    posterior = probabilities([piece.log_likelihoods for piece in pieces])
    evidence = tuple(
        Evidence(
            hypothesis="space_launch",
            decibans=round(decibans_for_space(piece.log_likelihoods, posterior), 1),
            text=piece.text,
            input_ids=piece.input_ids,
        )
        for piece in pieces
    )
    return Verdict(posterior, evidence)


def nearest_site(fit: LaunchFit) -> tuple[LaunchSite, float]:
    """The catalogued site closest to the launch point, and its distance [m]."""
    distances = [
        surface_distance_m(fit.latitude_rad, fit.longitude_rad, s.latitude_rad, s.longitude_rad)
        for s in LAUNCH_SITES
    ]
    best = int(np.argmin(distances))
    return LAUNCH_SITES[best], distances[best]


def _site_text(fit: LaunchFit) -> str:
    near, distance_m = nearest_site(fit)
    if distance_m >= _NEAR_SITE_M:
        return "launch point far from every known orbital launch site"
    known = f"{near.orbital_launches} orbital launches since 1990"
    return f"launch point {distance_m / 1e3:.0f} km from {near.name} ({known})"


def site_log_likelihoods(fit: LaunchFit) -> Array:
    """Log-likelihood of the launch point under each class (6,)."""
    total = sum(s.orbital_launches for s in LAUNCH_SITES)
    offsets_m = plane_from_places_m(
        np.array([s.latitude_rad for s in LAUNCH_SITES]),
        np.array([s.longitude_rad for s in LAUNCH_SITES]),
        latitude_rad=fit.latitude_rad,
        longitude_rad=fit.longitude_rad,
    )
    at_sites = 0.0
    for site, (east, north) in zip(LAUNCH_SITES, offsets_m, strict=True):
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
    slack_s = 3.0 * math.sqrt(float(fit.covariance[2, 2]))
    slack_rad = _NOTICE_AZIMUTH_RAD + 3.0 * math.sqrt(float(fit.covariance[3, 3]))
    for notice in notices:
        distance_m = surface_distance_m(
            fit.latitude_rad, fit.longitude_rad, notice.latitude_rad, notice.longitude_rad
        )
        early_s = (notice.window_start_tai_ns - fit.time_tai_ns) / SECOND_NS
        late_s = (fit.time_tai_ns - notice.window_end_tai_ns) / SECOND_NS
        turn_rad = (
            0.0
            if notice.azimuth_rad is None
            else abs(math.remainder(float(fit.mean[3]) - notice.azimuth_rad, 2.0 * math.pi))
        )
        if (
            distance_m < notice.radius_m + slack_m
            and max(early_s, late_s) < slack_s
            and turn_rad < slack_rad
        ):
            return notice
    return None


def notice_log_likelihoods(notice: Notice) -> Array:
    """Log-likelihood of there being this matching notice under each class (6,)."""
    likelihoods = np.zeros(len(VEHICLE_CLASSES))
    likelihoods[VEHICLE_CLASSES.index(notice.vehicle_class)] = math.log(_NOTICE_MATCH_ODDS)
    return likelihoods


def burn_log_likelihoods(flight: Flight) -> Array:
    """Log-likelihood under each class of having burnt this long and fast, or of having stopped."""
    likelihoods = np.empty(len(VEHICLE_CLASSES))
    for i, name in enumerate(VEHICLE_CLASSES):
        low, high = CLASS_CUT_OFF_M_S[name]
        still = min(1.0, max(0.0, (high - flight.speed_m_s) / (high - low)))
        overtime_s = max(0.0, flight.since_launch_s - LONGEST_BURN_S[name])
        still *= math.exp(-overtime_s / _OVERTIME_TAIL_S)
        stopped = 1.0
        if i == SPACE:
            stopped = math.exp(-max(0.0, flight.pause_s - _PAUSE_S) / _PAUSE_TAIL_S)
        q = flight.cut_off_probability
        likelihoods[i] = math.log(max((1.0 - q) * still + q * stopped, _SURPRISE))
    return likelihoods


def _burn_text(flight: Flight) -> str:
    speed_km_s = flight.speed_m_s / 1e3
    if flight.cut_off_probability < 0.5:
        return f"still thrusting at {speed_km_s:.1f} km/s"
    return f"no thrust seen for {flight.pause_s:.0f} s at {speed_km_s:.1f} km/s"


def range_log_likelihoods(flight: Flight, fit: LaunchFit, falling: GroundPoints) -> Array:
    """Log-likelihood by class of the range it will fall at, weighed by having cut off (6,)."""
    plane = plane_from_places_m(
        falling.latitude_rad,
        falling.longitude_rad,
        latitude_rad=fit.latitude_rad,
        longitude_rad=fit.longitude_rad,
    )
    ranges_m = np.linalg.norm(plane, axis=1)
    likelihoods = np.zeros(len(VEHICLE_CLASSES))
    q = flight.cut_off_probability
    for i, name in enumerate(VEHICLE_CLASSES):
        if name in RANGE_BAND_M:
            low, high = RANGE_BAND_M[name]
            share = float(np.mean((ranges_m >= low) & (ranges_m < high)))
        else:
            share = 1.0 if i == SPACE else _UNKNOWN_RANGE_SHARE
        likelihoods[i] = math.log(max(1.0 - q + q * share, _SURPRISE))
    return likelihoods


def probabilities(parts: list[Array]) -> Array:
    """Posterior of the classes (6,) from log-likelihoods that are independent given the class."""
    logs = np.array([math.log(PRIOR[name]) for name in VEHICLE_CLASSES]) + np.sum(parts, axis=0)
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def decibans_for_space(log_likelihoods: Array, posterior: Array) -> float:
    """Weight of evidence for *space launch* against all else, in decibans."""
    others = np.delete(posterior, SPACE)
    others = others / max(float(others.sum()), 1e-300)
    against = float(others @ np.exp(np.delete(log_likelihoods, SPACE)))
    in_favour = float(log_likelihoods[SPACE]) / math.log(10.0)
    return 10.0 * (in_favour - math.log10(max(against, 1e-300)))
