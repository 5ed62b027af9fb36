"""What part of a launched vehicle a track follows: the missile itself, or a stage that fell off.

A spent stage or a fragment is light for its size, so that air stops it soon; it tumbles, and shows
a radar more; and it parts from a track that went on. Each is weighed; a track that has no relative
among the tracks is never held to be a mere stage, for its missile flies beside it unseen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from forewarn.kernels import filter as kernel

_STAGE_PRIOR = 0.02  # of a track without a relative
_STAGE_OF_PAIR = 0.5  # of two that part, either may be the one that was named anew
_STAGE_LEFT_BEHIND = 0.98  # it fell off while its parent went on thrusting
LN_STAGE_DRAG = (-4.8, 0.9)  # ln m2/kg: 50 to 300 kg/m2, tumbling empty tanks; soft
_LN_BODY_SECTION = (math.log(0.3), 1.2)  # m2; soft
_LN_STAGE_SECTION = (math.log(10.0), 0.8)
_LEAST_RATIO = 1e-3
_TELLING = 0.7  # of the prior's spread: a coefficient no better known than this tells nothing


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of an object's kind.

    ``parent_boosting``: probability that the track it parted from thrusts, None without a parent.
    ``has_children``: other tracks parted from this one. ``ln_drag``: mean and one sigma of
    ln(1/beta) [ln m2/kg] of the falling model. ``ln_section``: of the radar cross-section [ln m2].
    """

    parent_boosting: float | None
    has_children: bool
    ln_drag: tuple[float, float] | None
    ln_section: tuple[float, float] | None = None

    @property
    def has_relatives(self) -> bool:
        """Whether another track may follow another part of the same vehicle."""
        return self.parent_boosting is not None or self.has_children


def stage_probability(sight: Sight) -> float:
    """The probability that a stage or a fragment is followed, not the missile itself."""
    prior = _STAGE_PRIOR
    if sight.parent_boosting is not None:
        p = sight.parent_boosting
        prior = p * _STAGE_LEFT_BEHIND + (1.0 - p) * _STAGE_OF_PAIR
    odds = prior / (1.0 - prior)
    odds *= _drag_ratio(sight.ln_drag) * _section_ratio(sight.ln_section)
    return odds / (1.0 + odds)


def _drag_ratio(ln_drag: tuple[float, float] | None) -> float:
    """How much likelier the drag is for a stage, freed of the prior it was estimated with.

    The posterior N(m, s) under the prior N(m0, s0) is a likelihood N(m, s) / N(m0, s0), which is
    itself a Gaussian of precision 1/s^2 - 1/s0^2; integrated over what a stage has.
    """
    mean0, sigma0 = kernel.LN_DRAG_PRIOR
    if ln_drag is None or ln_drag[1] > _TELLING * sigma0:
        return 1.0
    mean, sigma = ln_drag
    precision = 1.0 / sigma**2 - 1.0 / sigma0**2
    seen = (mean / sigma**2 - mean0 / sigma0**2) / precision
    noise2 = 1.0 / precision
    return _ratio(seen, noise2, (mean0, sigma0), LN_STAGE_DRAG)


def _section_ratio(ln_section: tuple[float, float] | None) -> float:
    if ln_section is None:
        return 1.0
    return _ratio(ln_section[0], ln_section[1] ** 2, _LN_BODY_SECTION, _LN_STAGE_SECTION)


def _ratio(
    seen: float, noise2: float, body: tuple[float, float], stage: tuple[float, float]
) -> float:
    def log_density(mean: float, sigma: float) -> float:
        total2 = sigma * sigma + noise2
        return -0.5 * ((seen - mean) ** 2 / total2 + math.log(total2))

    gain = log_density(*stage) - log_density(*body)
    return max(math.exp(min(gain, -math.log(_LEAST_RATIO))), _LEAST_RATIO)
