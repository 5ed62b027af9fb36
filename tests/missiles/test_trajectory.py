"""States between samples."""

from __future__ import annotations

import numpy as np
import pytest

from forewarn.missiles import flight
from forewarn.missiles.flight import fly
from forewarn.missiles.trajectory import Trajectory
from tests.missiles.vehicles import ONE, SITE


def test_between_samples_it_is_the_finer_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tenth state of a flight sampled ten times as often gives back the nine between.

    Within 0.5 m and 0.8 m/s; 2 m and 3 m/s where the tip-over turns the velocity at once and in
    the last 20 s, where the air takes hundreds of metres per second each second.
    """
    monkeypatch.setattr(flight, "BOOST_SPACING_S", flight.BOOST_SPACING_S / 10.0)
    monkeypatch.setattr(flight, "COAST_SPACING_S", flight.COAST_SPACING_S / 10.0)
    fine = fly(ONE, **SITE)
    ends = np.isin(fine.times_s, [event.time_s for event in fine.events])
    kept = ends | (np.cumsum(~ends) % 10 == 1)  # events are rows of the coarse one too
    coarse = Trajectory(
        fine.times_s[kept],
        fine.position_ecef_m[kept],
        fine.velocity_ecef_m_s[kept],
        fine.intensity_w_sr[kept],
        fine.radar_cross_section_m2,
        fine.burnout_s,
        fine.came_down,
    )
    assert np.max(np.diff(coarse.times_s)) == pytest.approx(2.0)
    rise = ONE.vertical_rise_s
    for i in range(5, len(fine.times_s) - 10, 13):
        t = float(fine.times_s[i])
        position, velocity = coarse.state_ecef_at(t)
        hard = rise < t < rise + 0.5 or t > fine.times_s[-1] - 20.0
        limit_m, limit_m_s = (2.0, 3.0) if hard else (0.5, 0.8)
        assert np.linalg.norm(position - fine.position_ecef_m[i]) < limit_m, t
        assert np.linalg.norm(velocity - fine.velocity_ecef_m_s[i]) < limit_m_s, t


def cubic() -> Trajectory:
    """A path along x that is t^3 - 2 t + 5, sampled at 0, 1 and 4 s."""
    t = np.array((0.0, 1.0, 4.0))
    position, velocity = np.zeros((3, 3)), np.zeros((3, 3))
    position[:, 0] = t**3 - 2.0 * t + 5.0
    velocity[:, 0] = 3.0 * t**2 - 2.0
    return Trajectory(t, position, velocity, np.zeros(3), 1.0, 1.0, came_down=True)


@pytest.mark.parametrize("t", [0.25, 1.0, 2.5, 3.999])
def test_a_cubic_comes_back(t: float) -> None:
    """Hermite's interpolation is exact for it, velocity too."""
    position, velocity = cubic().state_ecef_at(t)
    assert position[0] == pytest.approx(t**3 - 2.0 * t + 5.0, rel=1e-12)
    assert velocity[0] == pytest.approx(3.0 * t**2 - 2.0, rel=1e-12, abs=1e-12)


def test_before_and_after() -> None:
    """Until ignition it stands; after the end the last state stays. Neither is a view."""
    path = cubic()
    for t in (-3.0, 0.0):
        position, velocity = path.state_ecef_at(t)
        assert position.tolist() == [5.0, 0.0, 0.0]
        assert velocity.tolist() == [0.0, 0.0, 0.0]
    for t in (4.0, 99.0):
        position, velocity = path.state_ecef_at(t)
        assert position.tolist() == [61.0, 0.0, 0.0]
        assert velocity.tolist() == [46.0, 0.0, 0.0]
        position[:], velocity[:] = 0.0, 0.0
    assert path.position_ecef_m[-1, 0] == 61.0
    assert path.velocity_ecef_m_s[-1, 0] == 46.0
