"""Truth the estimator never sees, and the events that sensors make of it; all from one seed."""

from forewarn.simulation.observe import Simulation, simulate
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.truth import Truth, TruthObject, make_truth

__all__ = ["Scenario", "Simulation", "Truth", "TruthObject", "make_truth", "simulate"]
