"""Independence: against counting every subset, and the error that teaches."""

from __future__ import annotations

from itertools import combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.sensors.domains import can_fail_together, independent_domains
from forewarn.sensors.network import FailureDomains, Network
from tests.sensors.samples import DOMAINS, TELESCOPE

NAMES = FailureDomains.__struct_fields__


def a_network(rows: list[tuple[int, ...]]) -> Network:
    """A network whose sensors have these numbers as domains, one row each."""
    sensors = tuple(
        msgspec.structs.replace(
            TELESCOPE,
            sensor_id=f"S{index:02d}",
            domains=FailureDomains(
                **{name: f"{name}-{value}" for name, value in zip(NAMES, row, strict=True)}
            ),
        )
        for index, row in enumerate(rows)
    )
    return Network(network_id="n", title="n", satellites={}, sensors=sensors)


@pytest.mark.parametrize("name", NAMES)
def test_any_one_shared_domain_is_enough(name: str) -> None:
    """Each of the five counts; the same word in two different fields does not."""
    other = FailureDomains(**{field: f"other-{field}" for field in NAMES})
    assert not can_fail_together(DOMAINS, other)
    shared = msgspec.structs.replace(other, **{name: getattr(DOMAINS, name)})
    assert can_fail_together(DOMAINS, shared)
    crossed = msgspec.structs.replace(other, site=DOMAINS.power)
    assert not can_fail_together(DOMAINS, crossed)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * len(NAMES)), max_size=9))
def test_no_larger_independent_set_exists(rows: list[tuple[int, ...]]) -> None:
    """Exact against all subsets, and the first of the largest in alphabetical order."""
    network = a_network(rows)
    ids = [sensor.sensor_id for sensor in network.sensors]
    domains = {s.sensor_id: s.domains for s in network.sensors}

    def independent(chosen: tuple[str, ...]) -> bool:
        return not any(
            can_fail_together(domains[a], domains[b]) for a, b in combinations(chosen, 2)
        )

    best = next(
        chosen
        for size in range(len(ids), -1, -1)
        for chosen in combinations(ids, size)
        if independent(chosen)
    )
    assert independent_domains(network, reversed(ids + ids)) == best


def test_greedy_by_order_would_be_wrong() -> None:
    """The first sensor shares with two that are independent of each other."""
    network = a_network([(0, 0, 0, 0, 0), (0, 1, 1, 1, 1), (2, 0, 2, 2, 2)])
    assert independent_domains(network, ["S00", "S01", "S02"]) == ("S01", "S02")


def test_an_unknown_sensor_is_named() -> None:
    """The error says which, and which there are."""
    with pytest.raises(ValueError, match=r"'S99' is not in network 'n'; it has S00"):
        independent_domains(a_network([(0, 0, 0, 0, 0)]), ["S99"])
