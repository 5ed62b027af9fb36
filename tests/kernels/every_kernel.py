"""Call every kernel once or more and print the numbers, exactly, as JSON of hexadecimal floats.

Run as it is, and with NUMBA_DISABLE_JIT=1: the test compares the two.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.ours import scene_plots
from benchmarks.peers.scenes import make_scene
from forewarn.kernels import (
    clusters,
    flight,
    jit,
    mass_flight,
    planar,
    radar_view,
    trajectory,
    unscented,
)
from forewarn.kernels import filter as filters
from forewarn.kernels.air import density_kg_m3
from forewarn.kernels.density import kernel_density
from forewarn.kernels.ray import trace_ray
from forewarn.tracking.bank import Bank
from tests.kernels.arcs import arc
from tests.kernels.looks import above, measured, radar_geometry, telescope_look

Array = NDArray[np.float64]


def air() -> Array:
    """Densities from below the ground to above the air."""
    return np.array([density_kg_m3(z) for z in np.linspace(-1e3, 1.1e6, 97)])


def crowd() -> Array:
    """A kernel density."""
    points = np.random.default_rng(1).normal(size=(40, 2))
    out = np.empty(40)
    kernel_density(points, np.full(40, 0.025), out)
    return out


def falls() -> Array:
    """Ends and durations of three falls."""
    ends = []
    for range_m in (300e3, 2_700e3, 10_000e3):
        x = arc(range_m)
        ends.append((*x, flight.fall(x, 1.0 / 5000.0, 0.0, 5400.0, np.empty((7, 6)))))
        ends.append((*x, 0.0))
    return np.array(ends)


def ascents() -> Array:
    """States of an ascent, offsets from it, and the flights that could follow."""
    theta = np.array((0.6, 2.2, 0.0, 1.2, 14.0, 2600.0, 0.03, 1e-5))
    times, states = np.array((-2.0, 3.0, 20.0, 60.0)), np.empty((4, 6))
    flight.ascend(theta, 8.0, times, states, np.empty((11, 6)))
    geometry = np.array([telescope_look(s, 6.6 * states[0, :3], 1e-5, first=8)[:4] for s in states])
    offsets, flown_s = np.empty(8), np.empty(2)
    flight.ascent_offsets(theta, 8.0, times + 0.5, geometry, offsets)
    on = np.zeros((2, 8))
    on[:, :6], on[:, 6:] = states[3], (20.0, 0.007)
    flight.fly_out_all(on, np.array((2500.0, 4500.0)), np.full(2, 2e-4), 5400.0, flown_s)
    return np.concatenate((states.ravel(), offsets, on.ravel(), flown_s))


def rays() -> Array:
    """Three rays through air and plasma: error in elevation, delay and range on their way."""
    medium = np.array((6.371e6, 315e-6, 7350.0, 4e-4, 350e3, 60e3))
    out = np.empty((3, 2, 3))
    for row, elevation in zip(out, (0.0, 0.05, 1.5), strict=True):
        trace_ray(elevation, medium, np.array((1e4, 2e6)), row)
    return out


def sky_of_a_radar() -> Array:
    """Views of twenty passes, states on their arcs, and the steps in which they cross a band."""
    random = np.random.default_rng(3)
    site = np.vstack((above(0.7, 2.2, 100.0), np.linalg.qr(random.normal(size=(3, 3)))[0]))
    position = above(0.8, 2.3, 900e3) + random.normal(0.0, 4e5, (20, 1, 3))
    velocity = random.normal(0.0, 4e3, (20, 1, 3)) * np.ones((1, 6, 1))
    position = position + velocity * (30.0 * np.arange(6))[None, :, None]
    arcs = np.stack((position[:, 0], velocity[:, 0], position[:, 1], velocity[:, 1]), axis=1)
    states, rates, views = np.empty((20, 3)), np.empty((20, 3)), np.empty((20, 4))
    radar_view.arc_states(arcs, np.arange(20), np.linspace(-5.0, 40.0, 20), 30.0, states, rates)
    radar_view.view_all(states, rates, site[0], site[1:], views)
    steps = np.full((40, 2), -1)
    band, sector = np.array((0.1, 0.9, 3.0)), np.array((1.0, 2.0))
    count = radar_view.crossings(
        position, velocity, 30.0, site, sector, band, np.full(20, 3e6), steps
    )
    return np.concatenate((states.ravel(), rates.ravel(), views.ravel(), steps.ravel(), (count,)))


def recorded() -> Array:
    """A recorded flight: rise, straying burn in wind, glide and fall, with its events."""
    x, axes = np.zeros(6), np.zeros((2, 3))
    flight.launch_state(0.6, 2.2, 30.0, 1.2, x, axes)
    phases = np.zeros((4, trajectory.PHASE_COLUMNS))
    phases[:, trajectory.END] = 3.0, 60.0, 400.0, 800.0
    phases[:, trajectory.SPACING], phases[:, trajectory.AREA] = 5.0, 0.3
    phases[:, trajectory.MASS] = 10e3, 9.8e3, 2e3, 2e3
    phases[:2, trajectory.THRUST], phases[:2, trajectory.FLOW] = 250e3, 100.0
    phases[:2, trajectory.LOSS], phases[:, trajectory.STOP] = 0.1, -np.inf
    phases[0, trajectory.STEERING], phases[1, trajectory.KICK] = trajectory.HELD_UP, 0.3
    phases[2, trajectory.LIFT], phases[2, trajectory.STEADY] = 2.0, 1.0
    phases[2, trajectory.STOP] = 20e3
    earth = np.array((3.986e14, 6.378e6, 6.357e6, 1.08e-3, -2.5e-6, -1.6e-6, 7.29e-5, 1.0))
    whole = trajectory.Flight(
        phases=phases,
        earth=earth,
        wind=np.array(((0.0, 5.0, -3.0), (12e3, 40.0, 10.0), (30e3, 0.0, 0.0))),
        wander=np.array(((0.05, 0.01), (-0.08, 0.02), (0.02, -0.03))),
        axes=axes,
        ground_m=30.0,
        tolerance=1e-8,
        rows=np.zeros((400, 8)),
        events=np.zeros((20, trajectory.EVENT_COLUMNS)),
    )
    status, rows, events = trajectory.fly(x, whole, trajectory.work_space())
    ended = (status, rows, events)
    return np.concatenate((whole.rows[:rows].ravel(), whole.events[:events].ravel(), x, ended))


def mass_flights() -> Array:
    """A flight of two stages, a fall, one that crashes and one without numbers, side by side."""
    if jit.numba.config.DISABLE_JIT:
        # Idle lanes cost plain Python time; no lane knows how many there are.
        mass_flight.LANES = 2
    world = (3.986e14, 6.378e6, 0.0067, 6.6e10, -1.6e15, -5e21, 7.3e-5, 1.0)
    starts = np.zeros((4, mass_flight.START_COLUMNS))
    mass_flight.stand(np.array(((0.6, 2.2, 30.0, 1.2),) * 4), world, starts)
    plans = np.zeros((4, mass_flight.PLAN_COLUMNS))
    plans[:, : mass_flight.BURNS] = 5.0, 0.1, 2.0, 1e-4, 900.0
    plans[:, mass_flight.BURNS :] = (
        *(20.0, 2600.0, 40.0, 2e-5, 0.1),
        *(25.0, 2700.0, 20.0, 4e-5, 0.0),
        *(0.0, 1.0, 0.0, 0.0, 0.0),
    )
    starts[1, :6] = arc(300e3)
    plans[1, mass_flight.BURNS + mass_flight.DURATION :: mass_flight.BURN_COLUMNS] = 0.0
    plans[2, mass_flight.KICK] = 1.4
    plans[3, mass_flight.KICK] = np.nan
    results, status = np.zeros((4, mass_flight.RESULT_COLUMNS)), np.zeros(4, np.int64)
    mass_flight.fly_lanes(starts, plans, world, 100.0, 400, results, status)
    numbers = np.concatenate((starts.ravel(), results.ravel(), status))
    return np.nan_to_num(numbers, nan=-1.0)


def tracking() -> dict[str, Array]:
    """A track through a burn, a coast in space and a glide in air, looks of both kinds and misses.

    In units of sigma.
    """
    n = filters.BODY + 5
    truth = np.zeros(8)
    truth[:3] = above(0.7, 2.2, 30e3)
    truth[3:] = -400.0, 700.0, 900.0, 25.0, 0.008
    means, covariances = np.zeros((4, n)), np.zeros((4, n, n))
    weights = np.array((0.9, 0.0, 0.1, 0.0))
    sigma = np.array((600.0,) * 3 + (60.0,) * 3 + (0.0,) * 2 + (1e-5,) * 2 + (30.0, 1e-3, 1e-3))
    for model in range(filters.MODELS):
        means[model, :6] = truth[:6] + 100.0
        covariances[model] = np.diag(sigma**2)
        filters.set_parameter_prior(means[model], covariances[model], model)
    satellite, work = above(0.0, 2.0, 35.8e6), np.empty((7, 6))
    radar = radar_geometry(above(0.72, 2.1, 0.0), np.array((30.0, 1e-3, 1e-3, 10.0)), first=10)
    said: list[float] = []
    flown = (filters.BOOST,) * 5 + (filters.BALLISTIC,) * 3 + (filters.GLIDE,) * 4
    for i, model in enumerate(flown):
        if i in (5, 8):  # cut off; and lifted up or let down, with all models, to where it is next
            there = above(0.7, 2.2, 300e3 if i == 5 else 60e3)
            means[:, :3] += there - truth[:3]
            truth[:3], truth[6:] = there, (-8.5, 1.5 if i == 8 else 0.0)
        if i == 8:
            means[:, 3:6] -= 2.0 * truth[3:6]
            truth[3:6] *= -1.0
        filters.move(truth, model, 2.5, work)
        said.append(float(filters.predict(means, covariances, weights, 2.5)))
        telescope = telescope_look(truth, satellite, 1e-5, first=8, offset=np.array((1e-5, 0.0)))
        echo = measured(radar, truth, np.array((20.0, 1e-3, -1e-3, 5.0)))
        kind, g = (filters.LINE_OF_SIGHT, telescope) if i < 5 else (filters.RADAR, echo)
        said += filters.distance(means, covariances, weights, kind, g)
        said += filters.update(means, covariances, weights, kind, g, np.full(4, 0.5))
        said.append(filters.miss(weights, np.array((0.5, 1e-3, 1e-3, 1e-3))))
    sigmas = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return {
        "means": means / sigmas,
        "sigmas": sigmas,
        "correlations": covariances / (sigmas[:, :, None] * sigmas[:, None, :]),
        "weights": weights,
        "said": np.array(said),
    }


def planes() -> Array:
    """Tracks of the planar models, with the looks in a plane; a sharp one in Joseph's form."""
    found: list[float] = []
    for model, kind, constants in (
        (planar.STRAIGHT, unscented.PLANE_BEARING, (2.0, 0.0, 0.0)),
        (planar.FLAT_REENTRY, unscented.PLANE_RANGE_BEARING, (-8.3, 1.0, 0.0)),
        (planar.FLAT_REENTRY_DRAG, unscented.PLANE_POSITION, (-8.3, 1.0, 1e-3)),
        (planar.ROUND_REENTRY, unscented.PLANE_RANGE_BEARING, (0.1, 200.0, 1e-5)),
    ):
        x = np.array((6.5e6, 350e3, -1.8e3, -6.8e3, *constants))
        if model != planar.ROUND_REENTRY:
            x[0], x[1], x[3] = 200e3, 30e3, -300.0
        p = np.diag((1e6, 2e6, 400.0, 300.0, 0.2, 0.0, 0.0))
        g = np.zeros((8, 3))
        g[0, :2] = 6.374e6 if model == planar.ROUND_REENTRY else 0.0, 100.0
        g[6, :2] = 1e-5
        for _ in range(3):
            assert unscented.predict_model(x, p, model, 0.5)
            r, angle = np.hypot(*(x[:2] - g[0, :2])), np.arctan2(*(x[:2] - g[0, :2])[::-1])
            bearing, place = (angle + 1e-3, 0.0), x[:2] - g[0, :2] + 10.0
            g[4, :2] = (r + 50.0, angle) if kind == unscented.PLANE_RANGE_BEARING else bearing
            if kind == unscented.PLANE_POSITION:
                g[4, :2] = place
            found += unscented.update_model(x, p, kind, g)
        found += [*x, *np.diag(p)]
    return np.array(found)


def hypotheses() -> Array:
    """Joint probabilities, the best hypotheses and the clusters of a crowd."""
    gain = np.random.default_rng(8).normal(1.0, 3.0, (5, 4))
    joint, chosen, worth = np.empty((5, 5)), np.empty((6, 5), np.int64), np.empty(6)
    clusters.association_probabilities(gain, joint)
    count = clusters.k_best(gain, chosen, worth)
    label = np.empty(7, np.int64)
    clusters.label_clusters(np.array(((0, 1), (1, 2), (2, 1))), 4, 3, label)
    return np.concatenate((joint.ravel(), chosen.ravel(), worth, label, (count,)))


def banked() -> Array:
    """A close group of six before a radar with a bias for seven scans, in units of sigma."""
    bank = Bank(bias_sigmas=np.array((1e-4,)))
    state = bank.initial_state()
    for plots in scene_plots(make_scene("tight", 6, 2))[:7]:
        bank.scan(state, plots._replace(bias=np.array((-1, 6, -1, -1))))
    assert len(state.confirmed()) >= 4
    means, covariances, group = bank.estimates(state, plots.middle_tai_ns)
    sigmas = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    facts = (state.numbers, state.statuses, state.scores, group)
    whole = np.concatenate([np.asarray(a, np.float64).ravel() for a in (means / sigmas, sigmas)])
    return np.concatenate((np.nan_to_num(whole), *facts))


def numbers() -> dict[str, list[str]]:
    """All of them, by name, without loss."""
    found = {"air": air(), "crowd": crowd(), "falls": falls(), "ascents": ascents()}
    found |= {"rays": rays(), "recorded": recorded(), "mass": mass_flights()} | tracking()
    found["sky"] = sky_of_a_radar()
    found["planes"] = planes()
    found |= {"sky": sky_of_a_radar(), "hypotheses": hypotheses(), "banked": banked()}
    return {name: [float(v).hex() for v in array.ravel()] for name, array in found.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(numbers()))
