"""MS-1: the clock of the battery at Dhahran, and that ours cannot do the same."""

from __future__ import annotations

import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.simulation.clocks import register_error_s
from forewarn.simulation.faults import Register
from forewarn.simulation.observe import tick_instants_tai_ns

PATRIOT = Register(tick_s=0.1, fraction_bits=23)
SCUD_SPEED_M_S = 1_676.0


@pytest.mark.parametrize(
    ("hours", "late_s"),
    [
        (0, 0.0),
        (1, 0.0034),
        (8, 0.0275),
        (20, 0.0687),
        (48, 0.1648),
        (72, 0.2472),
        (100, 0.3433),
    ],
)
def test_a_tenth_chopped_to_24_bits_is_late_as_published(hours: float, late_s: float) -> None:
    """Facts MS-1. US General Accounting Office, IMTEC-92-26 (1992), appendix II: to its digits."""
    (error_s,) = register_error_s(PATRIOT, np.array([hours * 3_600.0]))
    assert error_s == pytest.approx(-late_s, abs=0.00006)


@pytest.mark.parametrize(
    ("hours", "shift_m"), [(1, 5.7), (8, 45.9), (24, 137.6), (96, 550.0), (100, 573.0)]
)
def test_the_range_gate_moves_by_what_the_clock_is_late(hours: float, shift_m: float) -> None:
    """Facts MS-1: shifts at 1,676 m/s as tabulated by Florida State University (the 100 h row by
    its rule). The table rounds and took a speed some 0.4 % lower.
    """
    (error_s,) = register_error_s(PATRIOT, np.array([hours * 3_600.0]))
    assert -error_s * SCUD_SPEED_M_S == pytest.approx(shift_m, rel=0.006, abs=0.06)


def test_a_tick_that_binary_can_hold_is_never_late() -> None:
    """The fault is the tenth, not the register: an eighth of a second is exact for 1,000 h."""
    eighth = Register(tick_s=0.125, fraction_bits=23)
    hours = np.array([1.0, 100.0, 1_000.0])
    np.testing.assert_array_equal(register_error_s(eighth, hours * 3_600.0), 0.0)


def test_our_time_does_not_drift_in_a_thousand_hours() -> None:
    """Facts section 7, check 18: a 1,000 h soak, error below a microsecond. Integers: exactly 0.

    3.6 million ticks from a start that no double holds to the nanosecond, and the UTC text of the
    last one, by way of the days' count alone.
    """
    start_tai_ns = tai_ns_from_utc_text("1991-02-21T08:00:00Z") + 1
    hours = 1_000
    ticks = tick_instants_tai_ns(start_tai_ns, start_tai_ns + hours * 3_600 * SECOND_NS)
    assert len(ticks) == hours * 3_600 + 1
    counted = start_tai_ns
    for instant in ticks:
        assert instant == counted
        counted += SECOND_NS
    assert utc_text_from_tai_ns(ticks[-1] - 1).startswith("1991-04-04T00:00:00")
