"""The life of a track as a table. Every state meets every happening; nothing is left to an else."""

from __future__ import annotations

from enum import Enum

from forewarn.records import TrackStatus


class TrackHappening(str, Enum):
    """What can befall a track."""

    SUPPORTED = "supported"  # its score passed the confirmation threshold
    SEEN = "seen"  # a sensor saw it
    UNSEEN = "unseen"  # nobody has seen it for a while
    DOUBTED = "doubted"  # its score fell so far that it is more likely clutter
    CAME_DOWN = "came_down"  # its predicted path has reached the ground


_T = TrackStatus
_H = TrackHappening
TRACK_TRANSITIONS: dict[tuple[TrackStatus, TrackHappening], TrackStatus] = {
    (_T.TENTATIVE, _H.SUPPORTED): _T.CONFIRMED,
    (_T.TENTATIVE, _H.SEEN): _T.TENTATIVE,
    (_T.TENTATIVE, _H.UNSEEN): _T.ENDED,
    (_T.TENTATIVE, _H.DOUBTED): _T.ENDED,
    (_T.TENTATIVE, _H.CAME_DOWN): _T.ENDED,
    (_T.CONFIRMED, _H.SUPPORTED): _T.CONFIRMED,
    (_T.CONFIRMED, _H.SEEN): _T.CONFIRMED,
    (_T.CONFIRMED, _H.UNSEEN): _T.COASTING,
    (_T.CONFIRMED, _H.DOUBTED): _T.ENDED,
    (_T.CONFIRMED, _H.CAME_DOWN): _T.ENDED,
    (_T.COASTING, _H.SUPPORTED): _T.COASTING,
    (_T.COASTING, _H.SEEN): _T.CONFIRMED,
    (_T.COASTING, _H.UNSEEN): _T.COASTING,
    (_T.COASTING, _H.DOUBTED): _T.ENDED,
    (_T.COASTING, _H.CAME_DOWN): _T.ENDED,
    (_T.ENDED, _H.SUPPORTED): _T.ENDED,
    (_T.ENDED, _H.SEEN): _T.ENDED,
    (_T.ENDED, _H.UNSEEN): _T.ENDED,
    (_T.ENDED, _H.DOUBTED): _T.ENDED,
    (_T.ENDED, _H.CAME_DOWN): _T.ENDED,
}
