"""The known sky: satellites are recognised, and nothing else is."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.stats import chi2

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2
from forewarn.epoch import SECOND_NS
from forewarn.kernels import known_sky as kernel
from forewarn.orbits import Catalogue
from forewarn.sensors.radar import radar_model
from forewarn.sensors.radar_environment import ambiguous_range_m
from forewarn.simulation.radar_sky import RadarSky, published_elements
from forewarn.tracking.calibration import BiasEstimate, CalibrationState, Calibrator
from forewarn.tracking.claim_memory import ClaimMemory
from forewarn.tracking.known import Claims, KnownSky, Plots, radar_plots
from tests.simulation.scenes import ORIENTATION, START
from tests.simulation.skies import FREE, scans_in, world
from tests.tracking.sky_stage import RADAR, SCAN_NS, Stage, fallen, joined, network_of

Array = NDArray[np.float64]

FRESH = Calibrator([RADAR]).estimate(CalibrationState(), RADAR.sensor_id, START)


def claim(stage: Stage, memory: ClaimMemory, plots: Plots, bias: BiasEstimate = FRESH) -> Claims:
    """Claims of a scan in which a few plots in ten thousand are false."""
    return stage.known.claim(memory, RADAR.sensor_id, plots, bias=bias, clutter=1e-12)


@pytest.fixture(scope="module")
def stage() -> Stage:
    """One sky for all that does not ask for another."""
    return Stage()


def test_an_orbit_error_moves_as_hill_says() -> None:
    """Against two orbits integrated by scipy, 300 m apart, after 200 s; 3 m of the tides remain."""
    r, w = 6.9e6, np.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / 6.9e6**3)
    x = np.array((80.0, 300.0, -150.0, 0.1, -0.2, 0.15))

    def fly(state: Array) -> Array:
        def rates(_: float, y: Array) -> Array:
            pull = -GRAVITATIONAL_PARAMETER_M3_S2 * y[:3] / np.linalg.norm(y[:3]) ** 3
            return np.concatenate((y[3:], pull))

        return np.asarray(solve_ivp(rates, (0.0, 200.0), state, rtol=1e-12, atol=1e-6).y[:, -1])

    start = np.array((r, 0.0, 0.0, 0.0, r * w, 0.0))
    turning = np.concatenate((x[:3], x[3:] + np.cross((0.0, 0.0, w), x[:3])))
    apart = fly(start + turning) - fly(start)
    c, s = np.cos(200.0 * w), np.sin(200.0 * w)
    axes = np.array(((c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0)))
    place = axes @ apart[:3]
    rate = axes @ apart[3:] - np.cross((0.0, 0.0, w), place)
    F = np.empty((6, 6))
    kernel.hill(w, 200.0, F)
    assert F @ x == pytest.approx(np.concatenate((place, rate)), rel=1e-3, abs=0.05)


def test_what_is_expected_and_its_derivatives(stage: Stage) -> None:
    """`RadarModel.predict`, and differences of it for every element of the state."""
    position, velocity, _ = stage.truth.states_ecef(np.array([START]), ORIENTATION)
    which = stage.inside(position[:, 0], velocity[:, 0])[:20]
    model = radar_model(RADAR)
    site = np.vstack((model.site_ecef_m, model.axes_enu))
    earth = np.array((0.0, 0.0, 7.292115e-5))
    z, H = np.empty(4), np.empty((4, 10))
    for p, v in zip(position[which, 0], velocity[which, 0], strict=True):
        w = kernel.expected(p, v, site, z, H)
        state = np.concatenate((p, v))
        assert z == pytest.approx(model.predict(state, state), rel=1e-12)
        inertial = v + np.cross(earth, p)
        up = p / np.linalg.norm(p)
        across = np.cross(p, inertial) / np.linalg.norm(np.cross(p, inertial))
        axes = np.stack((up, np.cross(across, up), across))
        for c in range(6):
            offset = np.zeros(6)
            if c < 3:
                offset[:3] = axes[c]
                offset[3:] = np.cross(w * across - earth, axes[c])
            else:
                offset[3:] = axes[c - 3]
            ahead, behind = state + offset, state - offset
            slope = 0.5 * model.residual(model.predict(ahead, state), model.predict(behind, state))
            assert H[:, c] == pytest.approx(slope, rel=1e-5, abs=1e-9)
        (later, speed), (sooner, slower) = (
            fallen(p[None], v[None], np.array((t,))) for t in (0.05, -0.05)
        )
        one, two = np.concatenate((later, speed), 1)[0], np.concatenate((sooner, slower), 1)[0]
        motion = model.residual(model.predict(one, state), model.predict(two, state)) / 0.1
        assert H[:, 9] == pytest.approx(-motion, rel=1e-4, abs=1e-7)


def test_satellites_are_recognised_and_clutter_is_not(stage: Stage) -> None:
    """Twelve scans of some 130 satellites and as many plots of nothing.

    All but one in a thousand are claimed, each for itself; no clutter is; and the innovations are
    as large as they say: their mean square within chi-square's bounds of 1e-4.
    """
    memory, randomness = ClaimMemory(), np.random.default_rng(5)
    right = plots_count = 0
    squares = []
    for number in range(12):
        plots, own = stage.scan(number)
        low = np.array((2e5, 0.0, RADAR.elevation_min_rad, -7e3))
        high = np.array((5.5e6, 2.0 * np.pi, 1.4, 7e3))
        false = Plots(
            plots.seen_tai_ns, randomness.uniform(low, high, plots.measured.shape), plots.sigma
        )
        found = claim(stage, memory, joined(plots, false))
        count = len(own)
        assert not np.any((found.object_index[:count] >= 0) & (found.object_index[:count] != own))
        assert np.all(found.object_index[count:] < 0)
        assert not found.released
        assert not found.jolted
        right += int(np.sum(found.object_index[:count] == own))
        plots_count += count
        if number:
            squares.append(np.sum(found.white**2, axis=1))
    assert plots_count > 1_200
    assert right >= 0.999 * plots_count
    total, freedom = np.concatenate(squares).sum(), 4 * sum(map(len, squares))
    assert chi2.ppf(1e-4, freedom) < total < chi2.ppf(1.0 - 1e-4, freedom)


def test_a_claim_needs_all_four_measurements(stage: Stage) -> None:
    """Off by 300 m/s in range rate, 40 mrad in either angle, or 15 km: not that satellite."""
    plots, own = stage.scan(0)
    for column, off in enumerate((15e3, 40e-3, 40e-3, 300.0)):
        measured = plots.measured.copy()
        measured[:, column] += off
        moved = Plots(plots.seen_tai_ns, measured, plots.sigma)
        found = claim(stage, ClaimMemory(), moved).object_index
        # Near the zenith 40 mrad of azimuth are little.
        low = plots.measured[:, 2] < 1.0
        assert np.mean(found[low] == own[low]) < 0.01, column
    assert np.mean(claim(stage, ClaimMemory(), plots).object_index == own) > 0.99


def test_one_plot_for_one_object(stage: Stage) -> None:
    """Two plots of each satellite, one of them 5 sigmas worse: the better is it, the other new."""
    plots, own = stage.scan(0)
    worse = Plots(plots.seen_tai_ns, plots.measured + 2.0 * plots.sigma, plots.sigma)
    memory = ClaimMemory()
    claim(stage, memory, plots)
    again = claim(stage, memory, joined(worse, plots))
    claimed = again.object_index[again.object_index >= 0]
    assert len(np.unique(claimed)) == len(claimed)
    assert np.mean(again.object_index[len(own) :] == own) > 0.99


@pytest.mark.parametrize(("faster_m_s", "most_looks"), [(150.0, 0), (40.0, 16), (25.0, 28)])
def test_a_missile_beside_a_satellite_is_not_swallowed(
    stage: Stage, faster_m_s: float, most_looks: int
) -> None:
    """The worst there is: it starts just where a satellite is foretold, and that one is not seen.

    It falls freely, as the satellite does, slower by a quarter across the beam and faster along it,
    looked at once a second, one such in ten satellites. At 150 m/s more it is never taken for it;
    at 40 m/s noise hides the difference for some seconds, at most 16; then it is nobody's.
    """
    stage.randomness = np.random.default_rng(round(faster_m_s))  # whatever ran before
    (where, rates, _), (flown, flown_rates, _) = (
        catalogue.states_ecef(np.array([START]), ORIENTATION)
        for catalogue in (stage.known.places.catalogue, stage.truth)
    )
    which = stage.inside(where[:, 0], rates[:, 0])
    beam = where[which, 0] - radar_model(RADAR).site_ecef_m
    beam /= np.linalg.norm(beam, axis=1)[:, None]
    along = np.sum(beam * rates[which, 0], axis=1)[:, None] * beam
    missile = along + faster_m_s * beam + 0.75 * (rates[which, 0] - along)
    counts, released, late = np.zeros(len(which)), 0, 0
    for phase in range(10):
        fake = (np.arange(len(which)) % 10 == phase)[:, None]
        q = np.where(fake, where[which, 0], flown[which, 0])
        v = np.where(fake, missile, flown_rates[which, 0])
        memory = ClaimMemory()
        for number in range(most_looks + 6):
            times = np.full(len(which), START + number * SECOND_NS)
            found = claim(stage, memory, stage.plots(q, v, times))
            taken = fake[:, 0] & (found.object_index == which)
            counts += taken
            late += int(np.sum(taken)) * (number >= most_looks)
            gone = np.isin(which, [r.object_index for r in found.released])
            assert not np.any(gone & ~fake[:, 0])
            assert not found.jolted
            assert np.mean((found.object_index == which)[~fake[:, 0]]) > 0.98
            released += int(np.sum(gone))
            q, v = fallen(q, v, np.ones(len(which)))
    assert late <= 0.01 * len(which) * 6
    assert np.median(counts) <= 0.6 * most_looks
    # The others ran out of the gate at once, and left a few looks behind: about half, in 150.
    assert released >= 0.4 * np.sum(counts > 2) - 2


def test_folded_echoes_are_recognised() -> None:
    """A radar whose pulses follow each other at 20 ms sees satellites 3,000 km nearer."""
    late = msgspec.structs.replace(RADAR, pulse_interval_s=20e-3)
    stage = Stage(radar=late, count=2_000)
    plots, own = stage.scan(0)
    folded = plots.measured.copy()
    folded[:, 0] = ambiguous_range_m(folded[:, 0], 20e-3)
    assert np.sum(plots.measured[:, 0] > 3.1e6) > 10
    found = claim(stage, ClaimMemory(), Plots(plots.seen_tai_ns, folded, plots.sigma))
    far = plots.measured[:, 0] > 3.1e6
    assert np.mean(found.object_index[far] == own[far]) > 0.99


def test_what_is_answered_depends_on_what_is_asked(stage: Stage) -> None:
    """A fresh sky gives what a used one does; a copy of the memory goes the same way again."""
    scans = [stage.scan(number)[0] for number in (0, 1, 25, 26)]
    memory = ClaimMemory()
    first = claim(stage, memory, scans[0])
    snapshot = memory.copy()
    once = [claim(stage, memory, plots) for plots in scans[1:]]
    new = KnownSky(stage.known.places.catalogue, network_of(RADAR), ORIENTATION)
    twice = [
        new.claim(snapshot, RADAR.sensor_id, plots, bias=FRESH, clutter=1e-12)
        for plots in scans[1:]
    ]
    for a, b in zip(once, twice, strict=True):
        assert np.array_equal(a.object_index, b.object_index)
        assert np.array_equal(a.white, b.white)
        assert np.array_equal(a.passes.information, b.passes.information)
    assert len(first.plot) == len(scans[0].seen_tai_ns)
    assert np.array_equal(memory.x[memory.rows], snapshot.x[snapshot.rows])


def test_what_is_prepared_is_not_computed_again(stage: Stage) -> None:
    """After a few calls in one minute the next one asks SGP4 nothing, and says the same."""
    prepared, plain = (
        KnownSky(stage.known.places.catalogue, network_of(RADAR), ORIENTATION) for _ in range(2)
    )
    plots, _ = stage.scan(0)
    later = START // (60 * SECOND_NS) * 60 * SECOND_NS + 61 * SECOND_NS
    moved = Plots(plots.seen_tai_ns * 0 + later, plots.measured, plots.sigma)
    for _ in range(4):
        prepared.places.prepare(START)
    calls = []
    states = prepared.places.catalogue.states_ecef

    class Counting:
        """The catalogue, which takes note of being asked."""

        def states_ecef(self, *asked: object) -> object:
            """Note it, and answer."""
            calls.append(asked)
            return states(*asked)  # type: ignore[arg-type]

    prepared.places.catalogue = Counting()  # type: ignore[assignment]
    one, two = (
        sky.claim(ClaimMemory(), RADAR.sensor_id, moved, bias=FRESH, clutter=1e-12)
        for sky in (prepared, plain)
    )
    assert np.array_equal(one.object_index, two.object_index)
    assert not calls


def test_errors_grow_with_age_and_too_old_elements_are_not_used() -> None:
    """About a kilometre at first, some a day along track; after two weeks nothing is recognised."""
    young, old = Stage(count=300, ratio=0.0), Stage(count=300, age_s=15 * 86_400.0, ratio=0.0)
    errors = young.known.places.orbit_errors(np.arange(300), START)
    later = young.known.places.orbit_errors(np.arange(300), START + 3 * 86_400 * SECOND_NS)
    # Kelso 2007: about 1 km within some days of the epoch; CelesTrak: 1 to 3 km a day; soft.
    total_m = np.sqrt(np.sum(errors[:, :3] ** 2, axis=1))
    circular = errors[:, kernel.ECCENTRICITY] < 0.1
    assert np.all((total_m[circular] > 500.0) & (total_m[circular] < 2_000.0))
    assert np.all((later[circular, 1] > 3e3) & (later[circular, 1] < 9e3))
    assert np.all(later[:, 1] > 2.0 * later[:, 2])
    assert np.sum(claim(young, ClaimMemory(), young.scan(0)[0]).object_index >= 0) > 5
    assert np.all(claim(old, ClaimMemory(), old.scan(0)[0]).object_index < 0)


def test_a_radar_that_jumps_is_told_from_satellites_that_do() -> None:
    """A step of 8 mrad in elevation: one scan is jolted, and the sky is recognised as before."""
    sharp = msgspec.structs.replace(RADAR, beam_width_rad=0.01)
    stage, memory = Stage(radar=sharp, count=2_000, seed=3), ClaimMemory()
    bias = BiasEstimate(np.zeros(4), np.diag((20.0, 3e-4, 3e-4, 0.01)) ** 2)
    for number in range(5):
        claim(stage, memory, stage.scan(number)[0], bias)
    plots, own = stage.scan(5, (0.0, 0.0, 8e-3))
    jumped = claim(stage, memory, plots, bias)
    assert jumped.jolted
    assert not jumped.released
    assert np.mean(jumped.object_index == own) > 0.9
    assert not claim(stage, memory, stage.scan(6, (0.0, 0.0, 8e-3))[0], bias).jolted


def test_passes_are_forgotten(stage: Stage) -> None:
    """Ten minutes after it was last seen nothing of an object is remembered."""
    memory = ClaimMemory()
    claim(stage, memory, stage.scan(0)[0])
    assert len(memory) > 100
    for number in range(210, 224):
        claim(stage, memory, stage.scan(number)[0])
    assert np.all(memory.seen_tai_ns[memory.rows] > START + 200 * SCAN_NS)
    assert len(memory) < 200
    assert len(memory.surprise) < 400


def test_a_scan_of_nothing() -> None:
    """No plots, or no catalogue: nothing is claimed, and nothing breaks."""
    stage = Stage(count=0)
    nothing = Plots(np.empty(0, np.int64), np.empty((0, 4)), np.empty((0, 4)))
    assert len(claim(stage, ClaimMemory(), nothing).object_index) == 0
    other = Stage(count=200)
    plots, _ = other.scan(0)
    assert np.all(claim(stage, ClaimMemory(), plots).object_index < 0)
    assert len(claim(other, ClaimMemory(), nothing).plot) == 0


def test_the_simulated_sky_is_recognised() -> None:
    """Plots of the simulation's own radar, of satellites off their elements, without a launch."""
    sky = RadarSky(notional_objects_count=6_000, notional_age_s=43_200.0, element_error_ratio=1.0)
    scans = scans_in(world(FREE, sky=sky, launches=()))
    published = published_elements(sky, start_tai_ns=START, seed=1)
    known = KnownSky(Catalogue(published), network_of(FREE), ORIENTATION)
    memory, model = ClaimMemory(), radar_model(FREE)
    bias = Calibrator([FREE]).estimate(CalibrationState(), FREE.sensor_id, START)
    claimed = seen = 0
    for scan in scans:
        plots = radar_plots(scan, model)
        found = known.claim(memory, FREE.sensor_id, plots, bias=bias, clutter=1e-12)
        claimed += len(found.plot)
        seen += len(scan.measurements)
    assert seen > 100
    assert claimed > 0.97 * seen


def test_known_objects_along_a_line_of_sight(stage: Stage) -> None:
    """From a stationary orbit each visible one is found in its own direction, none behind Earth."""
    instant = START + 20 * SECOND_NS
    position, _ = stage.known.places.states_ecef(instant)
    exact, _, _ = stage.known.places.catalogue.states_ecef(np.array([instant]), ORIENTATION)
    assert np.nanmax(np.abs(position - exact[:, 0])) < 5.0  # at the perigee of an eccentric one
    telescope = np.array((-26e6, 33e6, 0.0))
    away = position[:400] - telescope
    away /= np.linalg.norm(away, axis=1)[:, None]
    found = stage.known.lines_of_sight(telescope, away, instant, 1e-6)
    own = [i in f for i, f in enumerate(found)]
    assert 0.6 < np.mean(own) < 0.99
