"""Call every kernel once or more and print the numbers, exactly, as JSON of hexadecimal floats.

Run as it is, and with NUMBA_DISABLE_JIT=1: the test compares the two.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import filter as filters
from forewarn.kernels import flight, jit, mass_flight
from forewarn.kernels.air import density_kg_m3
from forewarn.kernels.density import kernel_density
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


def burns() -> Array:
    """A burn with pressure loss, and a coast, recorded."""
    x, axes, work = np.zeros(6), np.zeros((2, 3)), np.empty((7, 6))
    flight.launch_state(0.6, 2.2, 30.0, 1.2, x, axes)
    burnt, coasted = np.empty((21, 6)), np.empty((200, 6))
    flight.record_rise(x, axes[0], np.array((16.0, 2700.0, 1e-5, 0.1)), 10.0, burnt, work)
    flight.kick(x, axes[0], axes[1], 0.1)
    flight.record_burn(x, 17.0, 2700.0, 1e-5, 0.1, 60.0, burnt, work)
    rows, flown_s = flight.record_coast(x, 1e-4, 2.0, 0.0, coasted, work)
    return np.concatenate((burnt.ravel(), coasted[:rows].ravel(), (flown_s,)))


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
    """A track through twelve steps of looks of both kinds, misses between; in units of sigma."""
    n = filters.BODY + 5
    truth = np.zeros(8)
    truth[:3] = above(0.7, 2.2, 30e3)
    truth[3:] = -400.0, 700.0, 900.0, 25.0, 0.008
    means, covariances, weights = np.zeros((2, n)), np.zeros((2, n, n)), np.array((0.9, 0.1))
    sigma = np.array((600.0,) * 3 + (60.0,) * 3 + (0.0,) * 2 + (1e-5,) * 2 + (30.0, 1e-3, 1e-3))
    for model in (filters.BOOST, filters.BALLISTIC):
        means[model, :6] = truth[:6] + 100.0
        covariances[model] = np.diag(sigma**2)
        filters.set_parameter_prior(means[model], covariances[model], model)
    satellite, work = above(0.0, 2.0, 35.8e6), np.empty((7, 6))
    radar = radar_geometry(above(0.72, 2.1, 0.0), np.array((30.0, 1e-3, 1e-3, 10.0)), first=10)
    said = []
    for i in range(12):
        model = filters.BOOST if i < 6 else filters.BALLISTIC
        if i == 6:
            truth[6:] = -8.5, 0.0
        filters.move(truth, model, 2.5, work)
        said.append(float(filters.predict(means, covariances, weights, 2.5)))
        telescope = telescope_look(truth, satellite, 1e-5, first=8, offset=np.array((1e-5, 0.0)))
        echo = measured(radar, truth, np.array((20.0, 1e-3, -1e-3, 5.0)))
        kind, g = (filters.LINE_OF_SIGHT, telescope) if i < 6 else (filters.RADAR, echo)
        said += filters.distance(means, covariances, weights, kind, g)
        said += filters.update(means, covariances, weights, kind, g, np.array((0.9, 0.4)))
        said.append(filters.miss(weights, np.array((0.5, 1e-3))))
    sigmas = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return {
        "means": means / sigmas,
        "sigmas": sigmas,
        "correlations": covariances / (sigmas[:, :, None] * sigmas[:, None, :]),
        "weights": weights,
        "said": np.array(said),
    }


def numbers() -> dict[str, list[str]]:
    """All of them, by name, without loss."""
    found = {"air": air(), "crowd": crowd(), "falls": falls(), "ascents": ascents()}
    found |= {"burns": burns(), "mass": mass_flights()} | tracking()
    return {name: [float(v).hex() for v in array.ravel()] for name, array in found.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(numbers()))
