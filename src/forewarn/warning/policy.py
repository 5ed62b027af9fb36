"""What is defended, and when to warn it: areas and policy, as data."""

from __future__ import annotations

import msgspec


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A defended area: a simple polygon of (latitude, longitude), not closed, either sense."""

    area_id: str
    name: str
    population: int
    time_to_shelter_s: float
    polygon_rad: tuple[tuple[float, float], ...]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds of the decision. Probabilities are of an impact inside an area.

    ``prepare_probability`` raises PREPARE in a case that is at least PROBABLE;
    ``shelter_probability`` raises SHELTER in a CONFIRMED one; below ``release_probability`` a
    warned area is NARROWED out. ``probable_domains`` and ``confirmed_domains`` count sensors
    that share no failure domain. ``threat_probability`` is the least probability of *any*
    hostile class for a case to be more than POSSIBLE; below it a launch is only watched.
    A case whose object is not seen for ``lost_after_s`` while it should be is LOST.
    A LOST forecast older than ``extrapolation_limit_s`` is withdrawn, though never before the
    object's expected time plus ``all_clear_after_s``. ``confirmed_physics`` is the number of
    different physics (infrared, radar) that CONFIRMED asks for; a space launch is over when it is
    orbital, its probability of no impact at least ``orbital_probability``. No area is NARROWED out
    while the engine may still thrust: before *cut off* has ``narrow_probability``.
    """

    policy_id: str
    version: int
    title: str
    threat_probability: float
    prepare_probability: float
    shelter_probability: float
    release_probability: float
    probable_domains: int
    confirmed_domains: int
    minimum_measurements: int
    lost_after_s: float
    all_clear_after_s: float
    extrapolation_limit_s: float = 1200.0
    confirmed_physics: int = 1
    orbital_probability: float = 0.99
    narrow_probability: float = 0.9
