"""From assessments to decisions: who is warned, why, and when a warning is taken back."""

from forewarn.warning.case import WarningState
from forewarn.warning.decide import WarningOutput, decide
from forewarn.warning.explain import explain, instruction
from forewarn.warning.faults import area_faults, policy_faults
from forewarn.warning.policy import Area, Policy

__all__ = [
    "Area",
    "Policy",
    "WarningOutput",
    "WarningState",
    "area_faults",
    "decide",
    "explain",
    "instruction",
    "policy_faults",
]
