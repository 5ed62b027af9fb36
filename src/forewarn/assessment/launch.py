"""Launch point, time and azimuth of a track: the posterior over ascent families, as draws.

The work is that of `forewarn.tracking.ascent_posterior`; here its draws of the whole ascent become
draws of the launch, and a track's looks become its evidence: lines of sight from any number of
telescopes, and echoes while it thrusts. For a track that nobody saw thrusting, see `launch_arc`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment.launch_arc import Arc, arc_launch
from forewarn.assessment.launch_posterior import LEAST_LOOKS, LaunchFit, is_complete, moments_of
from forewarn.epoch import SECOND_NS
from forewarn.frames import geodetic_from_ecef
from forewarn.kernels import filter as kernel
from forewarn.kernels.ascents import IGNITION, SLANT_EAST, SLANT_NORTH
from forewarn.kernels.flight import height_m
from forewarn.missiles.families import FAMILIES
from forewarn.tracking.ascent_modes import MONO_HEIGHTS_M, evidence_by_family, guesses
from forewarn.tracking.ascent_posterior import (
    AscentPosterior,
    ascent_posterior,
)
from forewarn.tracking.live import LAUNCH_WINDOW_S, LiveTrack
from forewarn.tracking.looks import Look

Array = NDArray[np.float64]

_MOST_LOOKS = 48
_FALLS = 0.97  # probability beyond which the engine is taken to have stopped


def launch_fit(track: LiveTrack, previous: LaunchFit | None) -> LaunchFit | None:
    """Fit the launch of a track from its first looks, or from its arc if none is of its ascent.

    ``previous`` (of the same track) gives the reference and the starting point. Returns None
    without three looks and without an arc, and when no ascent of any family can be fitted.
    """
    looks = window(track.launch_looks)
    if len(looks) < LEAST_LOOKS:
        return _arc_fit(track)
    if previous is not None and previous.from_arc:
        previous = None
    first_ecef_m = track.known_at(looks[0].seen_tai_ns).body()[0][:3]
    posterior = fitted(looks, first_ecef_m, previous)
    if posterior is None:
        return None
    fit = launch_of(posterior, available=len(track.launch_looks), complete=is_complete(track))
    return fit if _is_finite(fit) else None


def _is_finite(fit: LaunchFit) -> bool:
    """Whether the launch is a place and a time at all: looks of nonsense have none."""
    return bool(np.isfinite(fit.mean).all() and np.isfinite(fit.covariance).all())


def _arc_fit(track: LiveTrack) -> LaunchFit | None:
    """The launch behind a track that was first seen when its engine had stopped.

    What parted from another track was launched with that one.
    """
    there = track.latest
    if (
        track.parent_track_id is not None
        or track.launch_looks
        or not there.sound
        or there.weights[kernel.BALLISTIC] < _FALLS
    ):
        return None
    mean = there.means[kernel.BALLISTIC, :6]
    covariance = there.covariances[kernel.BALLISTIC, :6, :6]
    arc = Arc(there.tai_ns, mean, covariance)
    fit = arc_launch(arc, fell_at_tai_ns=track.falls_since_tai_ns)
    if fit is None or not _is_finite(fit):
        return None
    return replace(fit, available=track.count, from_arc=True)


def window(looks: list[Look]) -> list[Look]:
    """The looks of the first half minute, oldest first, thinned if they are many."""
    looks = sorted(looks, key=lambda k: (k.seen_tai_ns, k.order))
    if not looks:
        return []
    limit = looks[0].seen_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)
    looks = [k for k in looks if k.seen_tai_ns <= limit]
    if len(looks) > _MOST_LOOKS:
        keep = np.unique(np.linspace(0, len(looks) - 1, _MOST_LOOKS).astype(int))
        looks = [looks[int(i)] for i in keep]
    return looks


def fitted(
    looks: list[Look], first_ecef_m: Array, previous: LaunchFit | None
) -> AscentPosterior | None:
    """The posterior of the ascent behind looks, the first of them of about ``first_ecef_m``."""
    if not np.isfinite(first_ecef_m).all():
        return None
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(first_ecef_m)
    reference_tai_ns = looks[0].seen_tai_ns
    if previous is not None:
        latitude_rad = previous.reference_latitude_rad
        longitude_rad = previous.reference_longitude_rad
        reference_tai_ns = previous.reference_tai_ns
    evidence = evidence_by_family(
        looks,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        reference_tai_ns=reference_tai_ns,
    )
    if evidence is None:
        return None
    alone = len({k.sensor_id for k in looks}) == 1
    heights_m = MONO_HEIGHTS_M if alone else (height_m(*first_ecef_m),)
    known = previous.modes if previous is not None else (None,) * len(FAMILIES)
    starts = tuple(
        guesses(family, heights_m, own) + (() if mode is None else (mode,))
        if alone or mode is None
        else (mode,)
        for family, own, mode in zip(FAMILIES, evidence, known, strict=True)
    )
    return ascent_posterior(evidence, starts)


def launch_of(posterior: AscentPosterior, *, available: int, complete: bool) -> LaunchFit:
    """The launch alone: its draws and their first two moments."""
    phi = posterior.draws
    launch = moments_of(
        phi[:, : IGNITION + 1],
        np.arctan2(phi[:, SLANT_EAST], phi[:, SLANT_NORTH]),
        posterior.weights,
        latitude_rad=posterior.evidence.latitude_rad,
        longitude_rad=posterior.evidence.longitude_rad,
        reference_tai_ns=posterior.evidence.reference_tai_ns,
    )
    return replace(
        launch,
        available=available,
        complete=complete,
        modes=posterior.modes,
        family_weights=posterior.family_weights,
        log_evidence=posterior.log_evidence,
    )
