"""Compiled numerical kernels on plain floats and arrays.

Importing this package imports none of them, and so not the compiler either.
"""

from __future__ import annotations


def warmup() -> None:
    """Call every kernel that other rooms call, so that it is compiled, and kept for later starts.

    The argument types are those of the chain: a kernel called with others would be compiled again.
    Takes most of a minute the first time, a second from then on.
    """
    _warm_flight()
    _warm_mass_flight()
    _warm_filter()


def _warm_flight() -> None:
    import numpy as np

    from forewarn.kernels import density, flight

    x, axes, work = np.zeros(6), np.zeros((2, 3)), np.zeros((11, 6))
    flight.launch_state(0.6, 2.2, 0.0, 1.2, x, axes)
    flight.height_m(x[0], x[1], x[2])
    rocket = np.array((15.0, 2600.0, 1e-5, 0.1))
    flight.record_rise(x, axes[0], rocket, 1.0, np.zeros((3, 6)), work)
    flight.record_burn(x, 15.0, 2600.0, 1e-5, 0.1, 1.0, np.zeros((3, 6)), work)
    flight.kick(x, axes[0], axes[1], 0.02)
    flight.record_coast(x, 1e-4, 2.0, 0.0, np.zeros((3, 6)), work)

    theta = np.array((0.6, 2.2, 0.0, 1.2, 15.0, 2600.0, 0.02, 1e-5))
    times_s = np.array((0.0, 1.0))
    flight.ascend(theta, 8.0, times_s, np.zeros((2, 6)), work)
    geometry = np.zeros((2, 4, 3))
    geometry[:, 0] = 6.0 * x[:3]
    geometry[:, 1] = -x[:3] / np.linalg.norm(x[:3])
    flight.ascent_offsets(theta, 8.0, times_s, geometry, np.zeros(4))

    states = np.zeros((1, 8))
    states[0, :6] = x
    states[0, 6:] = 15.0, 0.006
    flight.fly_out_all(states, np.array((50.0,)), np.array((1e-4,)), 5400.0, np.zeros(1))
    density.kernel_density(np.zeros((2, 2)), np.ones(2), np.zeros(2))


def _warm_mass_flight() -> None:
    import numpy as np

    from forewarn.kernels import mass_flight

    world = (4e14, 6.4e6, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    starts = np.zeros((1, mass_flight.START_COLUMNS))
    plans = np.zeros((1, mass_flight.PLAN_COLUMNS))
    results, status = np.zeros((1, mass_flight.RESULT_COLUMNS)), np.zeros(1, np.int64)
    mass_flight.stand(np.zeros((1, 4)), world, starts)
    mass_flight.fly_lanes(starts, plans, world, 1.0, 1, results, status)


def _warm_filter() -> None:
    import numpy as np

    from forewarn.kernels import filter as filters
    from forewarn.kernels import measure

    n = filters.BODY + 3
    means, covariances = np.zeros((2, n)), np.zeros((2, n, n))
    weights, seen_if = np.array((0.5, 0.5)), np.array((0.9, 0.1))
    for model in (filters.BOOST, filters.BALLISTIC):
        means[model, :6] = 7e6, 0.0, 0.0, 1e3, 1e3, 0.0
        covariances[model] = np.eye(n)
        filters.set_parameter_prior(means[model], covariances[model], model)
    filters.predict(means, covariances, weights, 1.0)

    geometry, seen = np.zeros((8, 3)), np.zeros(4)
    geometry[0] = 4e7, 0.0, 0.0
    geometry[1] = -1.0, 0.0, 0.0
    measure.tangent_axes(geometry[1], geometry[2:4])
    geometry[6:8] = 1.0
    geometry[7, 1:] = filters.BODY, 2.0
    measure.line_of_sight_offset(means[0], geometry[0], geometry[1], geometry[2:4], seen)
    measure.radar_from_ecef(means[0], geometry[0], np.eye(3), seen)
    for kind in (filters.LINE_OF_SIGHT, filters.RADAR):
        filters.distance(means, covariances, weights, kind, geometry)
        filters.update(means, covariances, weights, kind, geometry, seen_if)
    filters.miss(weights, seen_if)
    filters.cholesky(np.eye(filters.BODY), filters.BODY, np.zeros((filters.BODY, filters.BODY)))
