"""Many flights in one table: as each of them says by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.simulation.flights import Flier, Flights, flights
from tests.simulation.scenes import START, flight

Array = NDArray[np.float64]


def table() -> tuple[Flights, list[Flier]]:
    """The scene's flight, one of its first minute only that starts later, and a dark one."""
    path = flight().truth.objects[0].trajectory
    short = replace(
        path,
        times_s=path.times_s[:120],
        position_ecef_m=path.position_ecef_m[:120],
        velocity_ecef_m_s=path.velocity_ecef_m_s[:120],
        intensity_w_sr=path.intensity_w_sr[:120],
    )
    dark = replace(short, intensity_w_sr=np.zeros(120))
    fliers = [
        Flier("whole", flight().truth.objects[0].launch_tai_ns, path),
        Flier("short", START + 95 * SECOND_NS + 7, short),
        Flier("dark", START, dark),
    ]
    return flights(fliers), fliers


def test_states_are_those_of_the_object_itself() -> None:
    """Positions and velocities to rounding, intensities equal, before, in and after the flight."""
    target = flight().truth.objects[0]
    times = START + np.arange(0, 1_100 * SECOND_NS, 1_234_567_890)
    which = np.zeros(len(times), dtype=np.intp)
    found, expected = table()[0].states_ecef(which, times), target.states_ecef(times)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-6)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-8)
    assert found[2].tolist() == expected[2].tolist()
    alone = table()[0].positions_ecef_m(which, times)
    assert alone.tolist() == found[0].tolist()


def test_a_flight_does_not_depend_on_the_others() -> None:
    """The second of three and the only one: the same to the bit."""
    together, fliers = table()
    alone = flights([fliers[1]])
    times = fliers[1].start_tai_ns + np.arange(-5 * SECOND_NS, 70 * SECOND_NS, 987_654_321)
    rows = np.ones(len(times), dtype=np.intp)
    for one, other in zip(
        together.states_ecef(rows, times), alone.states_ecef(rows - 1, times), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_it_knows_when_each_shines() -> None:
    """From ignition to burn-out; never for the dark one; nothing at all of no flights."""
    known, fliers = table()
    path = fliers[0].trajectory
    lasts = (known.bright_to_tai_ns - known.bright_from_tai_ns) / SECOND_NS
    assert abs(lasts[0] - path.burnout_s) <= 0.5
    assert lasts[2] < 0.0
    assert known.brightest_w_sr.tolist() == [6e5, 6e5, 0.0]
    assert known.burnout_tai_ns[0] == known.start_tai_ns[0] + round(path.burnout_s * SECOND_NS)
    assert flights([]).names == ()
