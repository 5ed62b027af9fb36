"""A fence of 120 beams on two faces: when each sends and listens, and what plans leave or lack."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.sensors.beam_budget import (
    BeamBudgetError,
    DwellRequest,
    FencePlan,
    allocate_dwells,
    close_budget,
    listening_s,
)
from tools.gallery import style

Array = NDArray[np.float64]

FACES = 2
# US National Research Council (2005), report 11205: 120 azimuths at 3 degrees in 2.5 s.
PLAN = FencePlan(
    name="every 2.5 s, published",
    azimuth_width_rad=math.radians(240.0),
    row_elevations_rad=(math.radians(3.0),),
    beam_spacing_rad=math.radians(2.0),
    transmit_s=2.5 / 60 - 38e-3,
    listen_s=38e-3,
    revisit_s=2.5,
)
PLANS = (
    PLAN,
    replace(PLAN, name="every 3.5 s", revisit_s=3.5),
    replace(PLAN, name="every 2.2 s", revisit_s=2.2),
)
CLAIMED_RANGE_M = 5_556e3
LOOK_S, LOOK_TRANSMIT_S, LOOKS_WANTED = 45e-3, 8e-3, 30


class Row(NamedTuple):
    """A plan, by how much it was refused [s] or 0, and how many track looks fit into a frame."""

    plan: FencePlan
    shortfall_s: float
    looks: int


class Numbers(NamedTuple):
    """Begins (60,) [s], azimuths from the left edge (2, 60) [rad] of a frame's beams; plans."""

    begin_s: Array
    azimuth_rad: Array
    rows: list[Row]


def numbers() -> Numbers:
    """Close the budget of each plan; where it leaves time, 30 tracks ask for a look."""
    beams = PLAN.beams // FACES
    step = np.arange(beams, dtype=np.float64)
    face = np.arange(FACES, dtype=np.float64)[:, None]
    return Numbers(
        begin_s=step * PLAN.dwell_s,
        azimuth_rad=(face * beams + step + 0.5) * PLAN.beam_spacing_rad,
        rows=[_row(plan) for plan in PLANS],
    )


def _row(plan: FencePlan) -> Row:
    try:
        budget = close_budget([plan], faces=FACES)
    except BeamBudgetError as refusal:
        return Row(plan, refusal.shortfall_s, 0)
    if budget.free_s < LOOK_S:
        return Row(plan, 0.0, 0)
    look = {"priority": 0.0, "due_s": 0.0, "dwell_s": LOOK_S, "transmit_s": LOOK_TRANSMIT_S}
    wanted = [DwellRequest(request_id=f"{i:02d}", **look) for i in range(LOOKS_WANTED)]
    return Row(plan, 0.0, len(allocate_dwells(wanted, budget, start_s=0.0, patience_s=1.0).made))


def draw(figure: Figure) -> None:
    """The frame of both faces and its first beams above, three plans below."""
    found = numbers()
    sending, listening = 1e3 * PLAN.transmit_s, 1e3 * PLAN.listen_s
    style.headline(
        figure,
        f"{PLAN.beams} beams on two faces every 2.5 s are {1e3 * PLAN.dwell_s:.1f} ms a beam:"
        f" {listening:.0f} to listen, {sending:.1f} to send,\nand nothing for tracks",
        "A radar's time is its scarcest good. A slower fence buys looks at tracks; a faster one is"
        " refused, and told by how much.",
        "Fence, two faces, 38 ms of listening: US National Research Council, report 11205 (2005)."
        " The order of the beams, the other two plans and\nthe track looks (45 ms, 8 of them"
        " sending) are ours.  Drawn by tools/gallery/fence.py.",
    )
    _frame(style.panel(figure, (0.085, 0.475, 0.40, 0.29), "One frame: a step is a beam"), found)
    _beams(style.panel(figure, (0.575, 0.475, 0.40, 0.29), "The first five beams of a face"), found)
    _plans(style.panel(figure, (0.20, 0.165, 0.775, 0.19), "What a plan costs a face"), found)


def _frame(axes: Axes, found: Numbers) -> None:
    faces = ((style.BLUE, "face 1"), (style.VERMILION, "face 2"))
    for azimuth_rad, (color, words) in zip(found.azimuth_rad, faces, strict=True):
        azimuth_deg = np.degrees(azimuth_rad)
        axes.hlines(azimuth_deg, found.begin_s, found.begin_s + PLAN.dwell_s, color=color, lw=2)
        axes.text(1.7, azimuth_deg[28], words, size=8.5, color=color, va="center")
    axes.set(xlim=(0.0, PLAN.revisit_s), ylim=(0.0, 240.0), xlabel="seconds")
    axes.set_ylabel("azimuth in the fence")
    axes.set_yticks([0, 60, 120, 180, 240], [f"{a}°" for a in (0, 60, 120, 180, 240)])


def _beams(axes: Axes, found: Numbers) -> None:
    sending, listening = 1e3 * PLAN.transmit_s, 1e3 * PLAN.listen_s
    begin_ms, rows = 1e3 * found.begin_s[:5], np.arange(5)
    axes.barh(rows, sending, 0.7, left=begin_ms, color=style.INK, label="sends")
    axes.barh(rows, listening, 0.7, left=begin_ms + sending, color=style.SKY, label="listens")
    echo_ms = begin_ms + sending + 1e3 * listening_s(CLAIMED_RANGE_M)
    words, color = "echo from 5,556 km", style.VERMILION
    axes.vlines(echo_ms, rows - 0.35, rows + 0.35, color=color, lw=2, label=words)
    axes.legend(loc="lower right", frameon=False, fontsize=8.5, handlelength=1.4)
    axes.set(xlim=(0.0, 215.0), ylim=(-0.6, 4.6), xlabel="milliseconds", ylabel="beam")
    axes.set_yticks(rows, [f"{row + 1}" for row in rows])
    axes.grid(visible=False, axis="y")


def _plans(axes: Axes, found: Numbers) -> None:
    beams = PLAN.beams // FACES
    for y, (plan, shortfall_s, looks) in enumerate(found.rows):
        sending, search_s, end_s = beams * plan.transmit_s, beams * plan.dwell_s, plan.revisit_s
        axes.barh(y, sending, 0.55, color=style.INK)
        axes.barh(y, min(search_s, end_s) - sending, 0.55, left=sending, color=style.SKY)
        looks_s = search_s + LOOK_S * np.arange(looks)
        axes.barh(y, LOOK_S, 0.55, left=looks_s, color=style.GREEN, edgecolor="w", lw=0.6)
        words, color = f"{looks} of {LOOKS_WANTED} track looks", style.INK
        if shortfall_s > 0.0:
            words, color = f"refused: {1e3 * shortfall_s:.0f} ms too long", style.VERMILION
            over = axes.barh(y, shortfall_s, 0.55, left=end_s, facecolor="none", edgecolor=color)
            over[0].set_hatch("/////")
        axes.plot([end_s, end_s], [y - 0.4, y + 0.4], color=style.INK, lw=2.2)
        end = max(end_s, search_s) + 0.06
        axes.text(end, y, words, size=8.5, va="center", color=color)
    axes.set(xlim=(0.0, 4.5), ylim=(2.6, -0.6))
    axes.set_xlabel("seconds that a face spends; upright mark: revisit due")
    axes.set_yticks(range(3), [row.plan.name for row in found.rows])
    axes.tick_params(axis="y", length=0, labelcolor=style.INK)
    axes.grid(visible=False, axis="y")
