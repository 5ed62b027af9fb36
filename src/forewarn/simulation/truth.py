"""What really flies, and what is round it: the part of a run that the estimator never sees."""

from __future__ import annotations

from dataclasses import dataclass

from forewarn.missiles.environment import Environment
from forewarn.simulation.launches import decaying, launched
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.surroundings import Surroundings, surroundings
from forewarn.simulation.truth_object import ObjectKind, TruthObject
from forewarn.simulation.weather import CloudField, cloud_field

__all__ = ["Truth", "TruthObject", "make_truth"]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Everything that flies in one run, and what is round it.

    With ``clouds``, those hide and ``cloud_top_m`` counts for nothing.
    """

    scenario_id: str
    seed: int
    cloud_top_m: float
    objects: tuple[TruthObject, ...]
    clouds: CloudField | None = None
    surroundings: Surroundings | None = None

    @property
    def vehicles(self) -> tuple[TruthObject, ...]:
        """The objects that were launched, one a launch, without what came off them."""
        return tuple(o for o in self.objects if o.kind is ObjectKind.VEHICLE)

    def cloud_break_tai_ns(self, flown: TruthObject) -> int | None:
        """Return when an object first stands above the cloud under it, or None if never."""
        if self.clouds is None:
            return flown.cloud_break_tai_ns(self.cloud_top_m)
        return flown.cloud_break_tai_ns(self.clouds.top_under(flown.trajectory.position_ecef_m))


def make_truth(scenario: Scenario, *, seed: int) -> Truth:
    """Fly every launch of the scenario, dispersed as the seed says, and all that comes off it.

    Raises ShapingError when a vehicle cannot fly what is published of it, and ValueError when its
    flight fails numerically.
    """
    clouds = None if scenario.weather is None else cloud_field(scenario.weather, seed=seed)
    span = scenario.start_tai_ns, scenario.end_tai_ns
    air = Environment(wind=scenario.wind)
    flying = [
        one for launch in scenario.launches for one in launched(launch, seed=seed, environment=air)
    ]
    return Truth(
        scenario_id=scenario.scenario_id,
        seed=seed,
        cloud_top_m=scenario.cloud_top_m,
        objects=(*flying, *(decaying(decay) for decay in scenario.decays)),
        clouds=clouds,
        surroundings=None
        if scenario.clutter is None
        else surroundings(scenario.clutter, clouds, seed=seed, span_tai_ns=span),
    )
