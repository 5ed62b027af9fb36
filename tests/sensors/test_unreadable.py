"""What no decoder could read is refused at the chain's door, as a record like any other."""

from __future__ import annotations

from forewarn.frames import EarthOrientation
from forewarn.records import Realm, Unreadable
from forewarn.sensors.network import Network
from forewarn.sensors.screen import Screen, ScreenState

NOTHING = Network(network_id="none", title="no sensor", satellites={}, sensors=())
UNREADABLE = Unreadable(
    unreadable_id="unreadable-000001",
    realm=Realm.TEST,
    received_tai_ns=1_500_000_000_000_000_000,
    sensor_id="EAST",
    place="scans.jsonl:17: measurements[0]",
    reason="declination_rad = 7.5 is outside -1.57 to 1.57",
    text_excerpt='{"kind":"infrared"',
)


def test_the_fault_says_what_where_and_whose() -> None:
    """And nothing goes on into the chain."""
    screen = Screen(NOTHING, EarthOrientation.from_iers(), Realm.TEST)
    event, (fault,) = screen.check(ScreenState(), UNREADABLE)
    assert event is None
    assert fault.reason == "unreadable"
    assert fault.sensor_id == "EAST"
    assert fault.input_ids == ("unreadable-000001",)
    for words in (UNREADABLE.place, UNREADABLE.reason, UNREADABLE.text_excerpt):
        assert words in fault.detail


def test_one_of_another_realm_is_refused_for_that() -> None:
    """Realms never mix, not even in refusals."""
    screen = Screen(NOTHING, EarthOrientation.from_iers(), Realm.LIVE)
    _, (fault,) = screen.check(ScreenState(), UNREADABLE)
    assert fault.reason == "realm"
