"""How many sensors speak independently: confirmation counts failure domains, never sensors."""

from __future__ import annotations

from collections.abc import Iterable

from forewarn.sensors.network import FailureDomains, Network


def can_fail_together(a: FailureDomains, b: FailureDomains) -> bool:
    """Say whether two sensors share a site, power, communications path, clock or software."""
    return any(getattr(a, name) == getattr(b, name) for name in FailureDomains.__struct_fields__)


def independent_domains(network: Network, sensor_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the largest set of sensors no two of which can fail together, in order of id.

    Exact (branch and bound over the graph of shared domains); among sets of equal size it returns
    the first in alphabetical order. Raises ValueError for a sensor that the network does not have.
    """
    ids = sorted(set(sensor_ids))
    domains: list[FailureDomains] = []
    for sensor_id in ids:
        sensor = network.sensor(sensor_id)
        if sensor is None:
            raise ValueError(
                f"sensor {sensor_id!r} is not in network {network.network_id!r}; it has "
                f"{', '.join(s.sensor_id for s in network.sensors)}"
            )
        domains.append(sensor.domains)
    shares = tuple(
        sum(1 << j for j, b in enumerate(domains) if can_fail_together(a, b)) for a in domains
    )
    chosen = _largest_independent((1 << len(ids)) - 1, shares)
    return tuple(name for i, name in enumerate(ids) if chosen >> i & 1)


def _largest_independent(candidates: int, shares: tuple[int, ...]) -> int:
    """Return the largest subset (bit set) of ``candidates`` with no two that share.

    Either the lowest candidate is taken and its neighbours are not, or it is left out, and then
    one of its neighbours must be taken, or the first way would have been as good.
    """
    if candidates == 0:
        return 0
    first = (candidates & -candidates).bit_length() - 1
    neighbours = candidates & shares[first] & ~(1 << first)
    taken = 1 << first | _largest_independent(candidates & ~shares[first], shares)
    if neighbours.bit_count() <= 1:
        return taken
    without = _largest_independent(candidates & ~(1 << first), shares)
    return without if without.bit_count() > taken.bit_count() else taken
