"""Is a configuration file right, and is there something odd about it?"""

from __future__ import annotations

from pathlib import Path

import msgspec

from forewarn.formats import areas, network, policy, scenario, vehicles
from forewarn.formats.document import read_document, read_text
from forewarn.formats.faults import FormatError
from forewarn.formats.fields import file_kind
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.simulation.scenario import Scenario

_DAY_NS = 86_400_000_000_000
_OLDEST_ELEMENTS_DAYS = 30


class Checked(msgspec.Struct, frozen=True):
    """A file that can be read: what it is, and what about it is probably not meant."""

    kind: str
    warnings: tuple[str, ...]


def check_file(path: Path) -> Checked:
    """Read a file as what its first field says it is, with every file that it names.

    Raises FormatError if it cannot be used.
    """
    kind = file_kind(read_document(read_text(path), file=str(path)), file=str(path))
    warnings: tuple[str, ...] = ()
    if kind == scenario.HEADER:
        warnings = _scenario_warnings(scenario.load_scenario(path))
    elif kind == network.HEADER:
        warnings = _network_warnings(network.load_network(path))
    elif kind == areas.HEADER:
        areas.load_areas(path)
    elif kind == policy.HEADER:
        policy.load_policy(path)
    elif kind == vehicles.HEADER:
        vehicles.load_vehicles(path)
    else:
        known = (scenario.HEADER, network.HEADER, areas.HEADER, policy.HEADER, vehicles.HEADER)
        raise FormatError(
            f"'{kind}' is not a kind of file known here",
            file=str(path),
            line=1,
            path="forewarn",
            value=kind,
            mend=f"use one of {', '.join(known)}",
        )
    return Checked(kind, warnings)


def _network_warnings(found: Network) -> tuple[str, ...]:
    carriers = {s.satellite_id for s in found.sensors if isinstance(s, InfraredSensor)}
    return tuple(
        f"satellite '{satellite_id}' carries no sensor"
        for satellite_id in found.satellites
        if satellite_id not in carriers
    )


def _scenario_warnings(found: Scenario) -> tuple[str, ...]:
    warnings = list(_network_warnings(found.network))
    if not found.launches:
        warnings.append("nothing is launched: the scenario shows background only")
    warnings.extend(
        f"launch '{launch.launch_id}' lifts off outside the simulated time"
        for launch in found.launches
        if not found.start_tai_ns <= launch.time_tai_ns < found.end_tai_ns
    )
    warnings.extend(
        f"notice '{notice.notice_id}' arrives outside the simulated time"
        for notice in found.notices
        if not found.start_tai_ns <= notice.received_tai_ns < found.end_tai_ns
    )
    warnings.extend(
        f"fault {number} begins after the simulated time"
        for number, fault in enumerate(found.faults, start=1)
        if fault.from_tai_ns is not None and fault.from_tai_ns >= found.end_tai_ns
    )
    for satellite_id, elements in found.network.satellites.items():
        age_days = abs(found.start_tai_ns - elements.epoch_tai_ns) / _DAY_NS
        if age_days > _OLDEST_ELEMENTS_DAYS:
            warnings.append(
                f"elements of satellite '{satellite_id}' are {age_days:.0f} days from the start:"
                " move them with 'reepoch'"
            )
    return tuple(warnings)
