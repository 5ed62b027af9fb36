"""The time of a radar of the network: its beam plan as searches, and what they leave for tracks."""

from __future__ import annotations

from forewarn.sensors.beam_budget import Budget, FencePlan, close_budget
from forewarn.sensors.network import RadarSensor

TRACK_LOOK_S = 0.1  # a look of a radar without a beam plan; soft


def search_plans(sensor: RadarSensor) -> tuple[FencePlan, ...]:
    """Return the fence and the volume of a radar's beam plan; none if it has no plan.

    Every row has as many positions as the fence, whatever its elevation: the plan says so.
    """
    plan = sensor.beam_plan
    if plan is None:
        return ()
    shared = {
        "beam_spacing_rad": sensor.beam_width_rad,
        "azimuth_width_rad": plan.fence_beams_count * sensor.beam_width_rad,
        "transmit_s": sensor.pulse_s,
        "listen_s": plan.listen_s,
    }
    fence = FencePlan(
        name="fence", row_elevations_rad=(0.0,), revisit_s=sensor.fence_revisit_s, **shared
    )
    if plan.volume_revisit_s is None or not plan.volume_rows_rad:
        return (fence,)
    rows = (0.0,) * len(plan.volume_rows_rad)
    volume = FencePlan(
        name="volume", row_elevations_rad=rows, revisit_s=plan.volume_revisit_s, **shared
    )
    return fence, volume


def search_budget(sensor: RadarSensor) -> Budget | None:
    """Return what a radar's search leaves of a face's frame; None without a beam plan.

    Raises BeamBudgetError where the plan asks for more time or energy than a face has.
    """
    plan = sensor.beam_plan
    if plan is None:
        return None
    return close_budget(search_plans(sensor), plan.faces_count, plan.duty_limit_fraction)


def track_look_s(sensor: RadarSensor) -> float:
    """Return how long a look at a track takes [s]: one dwell of the beam plan."""
    plan = sensor.beam_plan
    return TRACK_LOOK_S if plan is None else sensor.pulse_s + plan.listen_s


def free_looks_per_s(sensor: RadarSensor) -> float | None:
    """Return how many looks at tracks a face can make in a second; None: as many as it likes.

    Both the time and the energy that the search leaves must suffice. Raises BeamBudgetError.
    """
    budget = search_budget(sensor)
    if budget is None:
        return None
    by_time = budget.free_s / track_look_s(sensor)
    by_energy = budget.free_transmit_s / sensor.pulse_s
    return min(by_time, by_energy) / budget.frame_s
