"""What it is: every explanation of a track weighed against all others by Bayes' rule.

The hypotheses are those of ``records.HYPOTHESES``: classes of missile, a glider, a space launch, a
sounding rocket, a boost that failed, a satellite, a decaying object, and *unknown*, which expects
nothing in particular and so is what rises where nothing else fits. Evidence: the launch point
against the catalogue of orbital launch sites, a matched pre-launch notice, how long and how fast it
has thrust, the energy of its fall, how steep and how near to an orbit that is, whether a plume was
ever seen, whether it lifts, whether the catalogue knows it. The pieces are taken as independent
given the hypothesis, so none may weigh more than `SURPRISE` allows, and `MODEL_DOUBT` is kept for
the case that all of them are wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from forewarn.assessment.launch_posterior import LaunchFit
from forewarn.assessment.launch_sites import LAUNCH_SITES, LaunchSite
from forewarn.assessment.vehicle_classes import (
    CLASS_OF,
    PRIOR,
    burning_on,
    going_on,
    stopping_density,
)
from forewarn.epoch import SECOND_NS
from forewarn.frames import plane_from_places_m, surface_distance_m
from forewarn.records import HARMLESS, HYPOTHESES, VEHICLE_CLASSES, Evidence, Notice

Array = NDArray[np.float64]

N = len(HYPOTHESES)
INDEX = {name: i for i, name in enumerate(HYPOTHESES)}
SPACE = INDEX["space_launch"]
_BALLISTIC = [INDEX[n] for n in VEHICLE_CLASSES if n not in ("space_launch", "unknown")]
_UNKNOWN = INDEX["unknown"]
_LN_PRIOR = np.log([PRIOR[name] for name in HYPOTHESES])
_HARMLESS = [INDEX[name] for name in HARMLESS]
_CLASS_MATRIX = np.array([[CLASS_OF[h] == c for h in HYPOTHESES] for c in VEHICLE_CLASSES], float)

SURPRISE = 1e-3
"""The least likelihood: no single observation excludes a hypothesis outright."""
MODEL_DOUBT = 0.012
"""Share of *unknown* that no evidence takes away: all models here are simpler than the world."""
_UNKNOWN_ALIKE = 0.1  # of what flies as a ballistic missile: see `shadowed`
_LAND_M2 = 1.5e14  # a launch point is somewhere on land, no better known
_SPACE_ELSEWHERE = 0.02  # share of orbital launches from a place not in the catalogue
_MISSILE_AT_SITE = 0.01  # share of missiles that fly from an orbital launch site
_FAILED_OF_SPACE = 0.7  # share of orbital launches among boosts that fail; soft
_SOUNDING_AT_SITE = 0.3  # share of sounding rockets that fly from an orbital launch site; soft
_NOTICE_MATCH_ODDS = 300.0  # how much likelier a matching notice is if it is what was announced
_NOTICE_AZIMUTH_RAD = math.radians(15.0)  # how far a launch may turn from the azimuth announced
_PAUSE_S = 20.0  # a space launcher's engines may rest this long between stages
_PAUSE_TAIL_S = 15.0
_NEAR_SITE_M = 200e3
_LEAST_LN_SIGMA = 0.05  # energy of a cut-off is no better known: thrust ends, vehicles differ
_ORBIT_FROM_M = 100e3  # a perigee above this stays up for a turn at least
_DECAY_PERIGEE_M = (-150e3, 140e3)  # of a nearly round orbit that ends within a turn or two
_DECAY_APOGEE_M = 400e3
_ORBIT_DOUBT_M = 30e3
_SPACE_BELOW_ORBIT = 0.6  # share of a launch's pauses short of an orbit; soft
_NO_MISSILE_FROM_M = -300e3  # least energy for 13,000 km has its perigee 1,000 km down
_UNSEEN_PLUME = 0.05  # share of launches whose plume no telescope sees; soft
_KNOWN_ODDS = 1_000.0  # a track that runs along a catalogued orbit, if it is that object


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """What the track shows of the flight.

    Of the burn: speed [m/s], the range [m] its energy would reach if it stopped now, seconds since
    launch, without thrust, and of burning so far; whether any thrust was seen. Of what
    lifts: the weight of the gliding model, 0 where there is none.
    """

    speed_m_s: float
    range_m: float
    since_launch_s: float
    pause_s: float
    cut_off_probability: float
    burnt_s: float
    thrust_seen: bool = True
    lift_probability: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Fall:
    """The free flight that it is on if it has cut off: (mean, one sigma) of each.

    Logarithm of the range [ln m] that its energy reaches, slant of the orbit at the surface and
    that of least energy [rad], perigee and apogee [m]. ``slowed`` says that air has taken energy
    away already: then the range is a lower bound and the slant says nothing.
    """

    reach_ln_m: tuple[float, float]
    slant_rad: tuple[float, float]
    best_slant_rad: float
    perigee_m: tuple[float, float]
    apogee_m: tuple[float, float]
    slowed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Probability of each hypothesis (11,), and what speaks for or against them."""

    hypotheses: Array
    evidence: tuple[Evidence, ...]

    @property
    def probabilities(self) -> Array:
        """Probability of each vehicle class (6,)."""
        return np.asarray(_CLASS_MATRIX @ self.hypotheses)

    @property
    def space_probability(self) -> float:
        """The probability of a space launch."""
        return float(self.hypotheses[SPACE])

    @property
    def harmless_probability(self) -> float:
        """The probability of what does not come down as a weapon."""
        return float(self.hypotheses[_HARMLESS].sum())

    def of(self, name: str) -> float:
        """The probability of one hypothesis."""
        return float(self.hypotheses[INDEX[name]])


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Log-likelihood of one observation under each hypothesis (11,), and its sentence.

    ``about`` is the hypothesis that its decibans are stated for; None: the one it speaks of most.
    """

    log_likelihoods: Array
    text: str
    input_ids: tuple[str, ...] = ()
    about: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What the launch point says: its piece of evidence, and the nearest site with distance [m]."""

    piece: Piece
    site: LaunchSite
    distance_m: float


def classified(
    flight: Flight,
    *,
    fit: LaunchFit | None,
    fall: Fall | None,
    notices: tuple[Notice, ...],
    origin: Origin | None = None,
    known_object: str | None = None,
) -> Verdict:
    """Weigh the hypotheses by all that is known; ``fall`` is its free flight if it has cut off.

    An observation that cannot be made yet (no launch fit, nothing falling) says nothing. ``origin``
    is `origin_of` the fit, if the caller has it.
    """
    told: list[Piece] = []
    if fit is not None:
        told.append((origin or origin_of(fit)).piece)
        notice = matching_notice(fit, notices)
        if notice is not None:
            kind = notice.vehicle_class
            text = f"a notice by {notice.source} announced a {kind} here at this time"
            logs = notice_log_likelihoods(notice)
            told.append(Piece(logs, text, (notice.notice_id,), about=kind))
    flown = [_burn(flight, fall)]
    if fall is not None:
        flown.append(_orbit(flight, fall))
        if not fall.slowed:
            flown.append(_slant(flight, fall))
    told.append(_plume(flight))
    if flight.lift_probability > 0.0:
        told.append(_lift(flight))
    if known_object is not None:
        told.append(_known(known_object))
    # A flight of nonsense says nothing of what it is.
    flown = [piece for piece in flown if np.isfinite(piece.log_likelihoods).all()]
    told = [piece for piece in told if np.isfinite(piece.log_likelihoods).all()]
    of_flight = sum((piece.log_likelihoods for piece in flown), np.zeros(N))
    posterior = probabilities([shadowed(of_flight), *(piece.log_likelihoods for piece in told)])
    return Verdict(posterior, tuple(_evidence(piece) for piece in (*told, *flown)))


def shadowed(log_likelihoods: Array) -> Array:
    """Let *unknown* fly as ballistic missiles do, too: log-likelihoods (11,) of a flight.

    One in eleven of what flies so is taken to be none of them: a glider not yet gliding, or
    something nobody thought of. Without this a class could be sure before anything but it is ruled
    out. What is told of the launch, not by the flight, is not so shared.
    """
    own = log_likelihoods[_UNKNOWN] + _LN_PRIOR[_UNKNOWN]
    alike = _LN_PRIOR[_BALLISTIC] + log_likelihoods[_BALLISTIC]
    shared = math.log(_UNKNOWN_ALIKE) + float(np.logaddexp.reduce(alike))
    found = log_likelihoods.copy()
    found[_UNKNOWN] = np.logaddexp(own, shared) - _LN_PRIOR[_UNKNOWN]
    return found


def _evidence(piece: Piece) -> Evidence:
    logs = piece.log_likelihoods
    about = piece.about
    if about is None:
        expected = math.log(float(np.exp(_LN_PRIOR + logs).sum()))
        about = HYPOTHESES[int(np.argmax(np.abs(logs - expected)))]
    return Evidence(
        hypothesis=about,
        decibans=round(decibans(logs, INDEX[about]), 1),
        text=piece.text,
        input_ids=piece.input_ids,
    )


# ------------------------------------------------------------------- the launch point

_SITE_LATITUDES = np.array([s.latitude_rad for s in LAUNCH_SITES])
_SITE_LONGITUDES = np.array([s.longitude_rad for s in LAUNCH_SITES])
_SITE_RADII_M2 = np.array([s.radius_m for s in LAUNCH_SITES]) ** 2
_SITE_SHARES = np.array([float(s.orbital_launches) for s in LAUNCH_SITES])
_SITE_SHARES /= _SITE_SHARES.sum()


def nearest_site(fit: LaunchFit) -> tuple[LaunchSite, float]:
    """The catalogued site closest to the launch point, and its distance [m]."""
    offsets_m = _site_offsets_m(fit)
    best = int(np.argmin(np.einsum("ij,ij->i", offsets_m, offsets_m)))
    site = LAUNCH_SITES[best]
    distance_m = surface_distance_m(
        fit.latitude_rad, fit.longitude_rad, site.latitude_rad, site.longitude_rad
    )
    return site, distance_m


def origin_of(fit: LaunchFit) -> Origin:
    """What the launch point of a fit says."""
    site, distance_m = nearest_site(fit)
    if distance_m >= _NEAR_SITE_M:
        text = "launch point far from every known orbital launch site"
    else:
        known = f"{site.orbital_launches} orbital launches since 1990"
        text = f"launch point {distance_m / 1e3:.0f} km from {site.name} ({known})"
    return Origin(Piece(site_log_likelihoods(fit), text, about="space_launch"), site, distance_m)


def _site_offsets_m(fit: LaunchFit) -> Array:
    return plane_from_places_m(
        _SITE_LATITUDES,
        _SITE_LONGITUDES,
        latitude_rad=fit.latitude_rad,
        longitude_rad=fit.longitude_rad,
    )


def site_log_likelihoods(fit: LaunchFit) -> Array:
    """Log-likelihood of the launch point under each hypothesis (11,)."""
    east, north = _site_offsets_m(fit).T
    nn = fit.covariance[0, 0] + _SITE_RADII_M2
    ee = fit.covariance[1, 1] + _SITE_RADII_M2
    ne = fit.covariance[0, 1]
    determinant = np.maximum(nn * ee - ne * ne, 1.0)
    d2 = (ee * north**2 - 2.0 * ne * north * east + nn * east**2) / determinant
    density = np.exp(-0.5 * d2) / (2.0 * math.pi * np.sqrt(determinant))
    at_sites = float(_SITE_SHARES @ density)
    anywhere = 1.0 / _LAND_M2
    space = (1.0 - _SPACE_ELSEWHERE) * at_sites + _SPACE_ELSEWHERE * anywhere
    missile = (1.0 - _MISSILE_AT_SITE) * anywhere + _MISSILE_AT_SITE * at_sites
    likelihoods = np.full(N, missile)
    likelihoods[SPACE] = space
    likelihoods[INDEX["failed_boost"]] = (
        _FAILED_OF_SPACE * space + (1.0 - _FAILED_OF_SPACE) * missile
    )
    likelihoods[INDEX["sounding_rocket"]] = (
        _SOUNDING_AT_SITE * at_sites + (1.0 - _SOUNDING_AT_SITE) * anywhere
    )
    return np.asarray(np.log(likelihoods))


# ------------------------------------------------------------------- notices


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
    """Log-likelihood of there being this matching notice under each hypothesis (11,).

    What was announced may also fail, if what failed is of that class; a notice of an *unknown*
    class may be of anything without one.
    """
    announced = {notice.vehicle_class}
    if notice.vehicle_class == "unknown":
        announced |= {"glider", "sounding_rocket"}
    odds = np.ones(N)
    for name in announced:
        odds[INDEX[name]] = _NOTICE_MATCH_ODDS
    of_that_class = sum(PRIOR[name] for name in announced)
    odds[INDEX["failed_boost"]] = 1.0 + (_NOTICE_MATCH_ODDS - 1.0) * of_that_class
    return np.asarray(np.log(odds))


# ------------------------------------------------------------------- burn and energy


def burn_log_likelihoods(flight: Flight, fall: Fall | None) -> Array:
    """Log-likelihood (11,) of still burning at this energy, or of having stopped at it.

    Both are ratios to what is expected of all hypotheses together, mixed by the probability that
    the engine has stopped.
    """
    q = flight.cut_off_probability
    prior = np.exp(_LN_PRIOR)
    burnt_s = np.array((flight.since_launch_s, flight.burnt_s))
    late = burning_on(burnt_s)
    still = _mean_over(going_on, math.log(max(flight.range_m, 1.0)), 0.0) * late[0]
    if not flight.thrust_seen:
        still = np.ones(N)
    ratio = (1.0 - q) * still / max(float(prior @ still), 1e-12)
    if fall is None or q <= 0.0:
        stopped = np.ones(N)
    else:
        mean, sigma = fall.reach_ln_m
        table = going_on if fall.slowed else stopping_density
        stopped = _mean_over(table, mean, max(sigma, _LEAST_LN_SIGMA))
        if flight.thrust_seen:
            stopped = stopped * late[1]
    rested_s = max(0.0, flight.pause_s - _PAUSE_S)
    stopped = stopped.copy()
    stopped[SPACE] *= math.exp(-rested_s / _PAUSE_TAIL_S)
    ratio = ratio + q * stopped / max(float(prior @ stopped), 1e-12)
    return np.asarray(np.log(np.maximum(ratio, SURPRISE)))


_NODES = np.array((-math.sqrt(3.0), 0.0, math.sqrt(3.0)))
_NODE_WEIGHTS = np.array((1.0, 4.0, 1.0)) / 6.0


def _mean_over(table: object, mean: float, sigma: float) -> Array:
    """A table's row (11,) averaged over a Gaussian logarithm: Gauss and Hermite's three nodes."""
    assert callable(table)
    if sigma == 0.0:
        return np.asarray(table(np.array((math.exp(mean),)))[0])
    ranges_m = np.exp(mean + sigma * _NODES)
    return np.asarray(_NODE_WEIGHTS @ table(ranges_m))


def _burn(flight: Flight, fall: Fall | None) -> Piece:
    speed_km_s = flight.speed_m_s / 1e3
    if flight.cut_off_probability < 0.5:
        text = f"still thrusting at {speed_km_s:.1f} km/s"
    elif not flight.thrust_seen:
        text = f"falls at {speed_km_s:.1f} km/s, energy compared with each class"
    else:
        text = f"no thrust seen for {flight.pause_s:.0f} s at {speed_km_s:.1f} km/s"
    return Piece(burn_log_likelihoods(flight, fall), text, about="space_launch")


# ------------------------------------------------------------------- the shape of the fall


def _orbit(flight: Flight, fall: Fall) -> Piece:
    """Whether it comes down at all, and whether it does so like a satellite at its end."""
    perigee, doubt = fall.perigee_m[0], math.hypot(fall.perigee_m[1], _ORBIT_DOUBT_M)
    up = float(ndtr((perigee - _ORBIT_FROM_M) / doubt))
    low, high = (float(ndtr((edge - perigee) / doubt)) for edge in _DECAY_PERIGEE_M)
    apogee, apogee_doubt = fall.apogee_m[0], math.hypot(fall.apogee_m[1], _ORBIT_DOUBT_M)
    below = float(ndtr((_DECAY_APOGEE_M - apogee) / apogee_doubt)) if apogee < 1e9 else 0.0
    ending = (high - low) * below
    round_ = float(ndtr((perigee - _NO_MISSILE_FROM_M) / doubt))
    likelihoods = np.full(N, 1.0 - up)
    likelihoods[_BALLISTIC] = 1.0 - round_
    likelihoods[SPACE] = up + _SPACE_BELOW_ORBIT * (1.0 - up)
    likelihoods[INDEX["satellite"]] = up
    likelihoods[INDEX["decaying_object"]] = ending
    likelihoods[INDEX["unknown"]] = 0.3
    q = flight.cut_off_probability
    likelihoods = (1.0 - q) + q * likelihoods
    if up > 0.5:
        text = "its orbit stays above the air: it does not come down"
    elif ending > 0.5:
        text = "it comes down from a round orbit, as a satellite does at its end"
    else:
        text = "its path meets the ground"
    return Piece(np.log(np.maximum(likelihoods, SURPRISE)), text)


_LOFT_SIGMA_RAD = math.radians(6.0)
_STEEP_RAD = (math.radians(80.0), math.radians(8.0))
_RIGHT_RAD = 0.5 * math.pi


def slant_log_likelihoods(slant_rad: tuple[float, float], best_rad: float) -> Array:
    """Log-likelihood (11,) of the slant of the orbit at the surface, against any slant alike.

    Three missiles in four fly near the slant of least energy; tests are lofted, and some flights
    depressed. A glider is let go low; a sounding rocket rises steeply. Shares are soft.
    """
    slant, sigma = slant_rad
    even = 1.0 / _RIGHT_RAD

    def bell(middle: float, width: float) -> float:
        total = math.hypot(width, sigma)
        return math.exp(-0.5 * ((slant - middle) / total) ** 2) / (total * math.sqrt(math.tau))

    def span(low: float, high: float) -> float:
        width = max(sigma, 1e-3)
        share = float(ndtr((high - slant) / width) - ndtr((low - slant) / width))
        return share / max(high - low, 1e-2)

    best = min(max(best_rad, 0.02), _RIGHT_RAD - 0.02)
    missile = 0.75 * bell(best, _LOFT_SIGMA_RAD) + 0.15 * span(best, _RIGHT_RAD)
    missile += 0.1 * span(0.0, best)
    density = np.full(N, even)
    density[_BALLISTIC] = missile
    density[INDEX["glider"]] = 0.8 * span(0.0, 0.6 * best) + 0.2 * even
    density[INDEX["sounding_rocket"]] = 0.8 * bell(*_STEEP_RAD) + 0.2 * even
    return np.asarray(np.log(np.maximum(density / even, SURPRISE)))


def _slant(flight: Flight, fall: Fall) -> Piece:
    q = flight.cut_off_probability
    likelihoods = (1.0 - q) + q * np.exp(slant_log_likelihoods(fall.slant_rad, fall.best_slant_rad))
    off = fall.slant_rad[0] - fall.best_slant_rad
    kind = "near the best slant for its energy"
    if off > 2.0 * _LOFT_SIGMA_RAD:
        kind = "lofted: steeper than the farthest flight of its energy"
    elif off < -2.0 * _LOFT_SIGMA_RAD:
        kind = "depressed: flatter than the farthest flight of its energy"
    return Piece(np.log(likelihoods), f"the path is {kind}")


def _plume(flight: Flight) -> Piece:
    """Whether anybody saw it thrust: what is in orbit already does not."""
    in_orbit = [INDEX["satellite"], INDEX["decaying_object"]]
    likelihoods = np.ones(N)
    if flight.thrust_seen:
        likelihoods[in_orbit] = SURPRISE
        return Piece(np.log(likelihoods), "its plume was seen", about="satellite")
    likelihoods *= _UNSEEN_PLUME
    likelihoods[in_orbit] = 1.0
    return Piece(np.log(likelihoods), "no plume of it was ever seen", about="satellite")


def _lift(flight: Flight) -> Piece:
    """What falls with lift is no ballistic missile; *unknown* may do anything."""
    none = max(1.0 - flight.lift_probability, SURPRISE)
    likelihoods = np.full(N, none)
    likelihoods[INDEX["glider"]] = 1.0
    likelihoods[INDEX["unknown"]] = max(none, 0.3)
    text = f"the motion needs lift with probability {flight.lift_probability:.2f}"
    return Piece(np.log(likelihoods), text, about="glider")


def _known(name: str) -> Piece:
    likelihoods = np.zeros(N)
    for hypothesis in ("satellite", "decaying_object"):
        likelihoods[INDEX[hypothesis]] = math.log(_KNOWN_ODDS)
    text = f"it moves as {name} of the catalogue should"
    return Piece(likelihoods, text, (name,), about="satellite")


# ------------------------------------------------------------------- all together


def probabilities(parts: list[Array]) -> Array:
    """Posterior of the hypotheses (11,) from log-likelihoods independent given the hypothesis."""
    logs = _LN_PRIOR + np.sum(parts, axis=0)
    weights = np.exp(logs - logs.max())
    posterior = (1.0 - MODEL_DOUBT) * weights / weights.sum()
    posterior[_UNKNOWN] += MODEL_DOUBT
    return np.asarray(posterior)


def decibans(log_likelihoods: Array, index: int) -> float:
    """Weight of evidence for one hypothesis against all else as first believed, in decibans."""
    likelihoods, prior = np.exp(log_likelihoods), np.exp(_LN_PRIOR)
    against = float(prior @ likelihoods - prior[index] * likelihoods[index])
    against /= 1.0 - float(prior[index])
    in_favour = float(log_likelihoods[index]) / math.log(10.0)
    return 10.0 * (in_favour - math.log10(max(against, 1e-300)))
