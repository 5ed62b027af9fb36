"""What an infrared satellite or a ground radar would report, how well, and who fails together."""

from forewarn.sensors.domains import can_fail_together, independent_domains
from forewarn.sensors.infrared import InfraredModel, line_of_sight_ecef
from forewarn.sensors.model import SensorModel
from forewarn.sensors.network import (
    BeamPlan,
    FailureDomains,
    InfraredSensor,
    Network,
    RadarSensor,
    Sensor,
)
from forewarn.sensors.radar import RadarModel, radar_model

__all__ = [
    "BeamPlan",
    "FailureDomains",
    "InfraredModel",
    "InfraredSensor",
    "Network",
    "RadarModel",
    "RadarSensor",
    "Sensor",
    "SensorModel",
    "can_fail_together",
    "independent_domains",
    "line_of_sight_ecef",
    "radar_model",
]
