"""Compiled numerical kernels on plain floats and arrays.

Importing this package imports none of them, and so not the compiler either.
"""

from __future__ import annotations


def warmup() -> None:
    """Call every kernel that other rooms call, so that it is compiled, and kept for later starts.

    The argument types are those of the chain: a kernel called with others would be compiled again.
    Takes two or three minutes the first time, a second from then on.
    """
    _warm_flight()
    _warm_trajectory()
    _warm_mass_flight()
    _warm_filter()
    _warm_ray()
    _warm_radar_view()
    _warm_known_sky()
    _warm_bank()
    _warm_ascents()
    _warm_mixed()


def _warm_flight() -> None:
    import numpy as np

    from forewarn.kernels import burn_on, density, flight

    x, axes, work = np.zeros(6), np.zeros((2, 3)), np.zeros((11, 6))
    flight.launch_state(0.6, 2.2, 0.0, 1.2, x, axes)
    flight.height_m(x[0], x[1], x[2])

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
    plans, speeds_m_s = np.array(((50.0, 15.0, 0.006, 0.0, 0.0),)), np.array(((50.0,),))
    burn_on.burn_on_all(states, plans, speeds_m_s, 10.0, np.zeros((1, 1, 7)))
    density.kernel_density(np.zeros((2, 2)), np.ones(2), np.zeros(2))


def _warm_trajectory() -> None:
    import numpy as np

    from forewarn.kernels import trajectory

    phases = np.zeros((1, trajectory.PHASE_COLUMNS))
    phases[0, trajectory.END] = phases[0, trajectory.SPACING] = phases[0, trajectory.MASS] = 1.0
    flight = trajectory.Flight(
        phases=phases,
        earth=np.array((3.986e14, 6.378e6, 6.357e6, 1e-3, 0.0, 0.0, 7.3e-5, 1.0)),
        wind=np.zeros((0, 3)),
        wander=np.zeros((0, 2)),
        axes=np.zeros((2, 3)),
        ground_m=0.0,
        tolerance=1e-6,
        rows=np.zeros((8, 8)),
        events=np.zeros((8, trajectory.EVENT_COLUMNS)),
    )
    trajectory.fly(np.array((7e6, 0.0, 0.0, 0.0, 1e3, 0.0)), flight, trajectory.work_space())


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
    means, covariances = np.zeros((filters.MODELS, n)), np.zeros((filters.MODELS, n, n))
    weights, seen_if = np.full(filters.MODELS, 0.25), np.full(filters.MODELS, 0.5)
    for model in range(filters.MODELS):
        means[model, :6] = 7e6, 0.0, 0.0, 1e3, 1e3, 0.0
        covariances[model] = np.eye(n)
        filters.set_parameter_prior(means[model], covariances[model], model)
    filters.falling_model(means[0], 0.0)
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


def _warm_ray() -> None:
    import numpy as np

    from forewarn.kernels import ray

    medium = np.array((6.4e6, 3e-4, 7e3, 4e-4, 3.5e5, 6e4))
    ray.trace_ray(0.1, medium, np.array((1e3, 2e3)), np.empty((2, 3)))


def _warm_radar_view() -> None:
    import numpy as np

    from forewarn.kernels import radar_view

    site, axes, indices = np.array((6.4e6, 0.0, 0.0)), np.eye(3), np.zeros((1, 2), dtype=np.int64)
    arcs = np.array((((7e6, 1e6, 0.0), (0.0, 7e3, 0.0), (7e6, 1.2e6, 0.0), (0.0, 7e3, 0.0)),))
    p, v = np.empty((1, 3)), np.empty((1, 3))
    radar_view.arc_states(arcs, indices[0, :1], np.array((10.0,)), 30.0, p, v)
    radar_view.view_all(p, v, site, axes, np.empty((1, 4)))
    sector, band = np.array((0.0, 1.0)), np.array((0.0, 0.1, 3.0))
    steps = np.ascontiguousarray(arcs[:, ::2]), np.ascontiguousarray(arcs[:, 1::2])
    site_and_axes, reach = np.vstack((site, axes)), np.array((1e7,))
    radar_view.crossings(*steps, 30.0, site_and_axes, sector, band, reach, indices)


def _warm_known_sky() -> None:
    import numpy as np

    from forewarn.kernels import known_sky

    def space(count: int) -> known_sky.Weighed:
        size = known_sky.STATE
        shapes = (count, size), (count, size, size), (count, 4, size), (count, 4), (count, 3)
        return known_sky.Weighed(*(np.zeros(shape) for shape in shapes))

    arcs = np.array((((7e6, 1e6, 0.0), (0.0, 7e3, 0.0), (7e6, 1.4e6, 0.0), (0.0, 7e3, 0.0)),))
    site, orbit = np.vstack((np.array((6.4e6, 0.0, 0.0)), np.eye(3))), np.full((1, 5), 0.01)
    sky = known_sky.Sky(arcs, orbit, site, 60.0, 0.0)
    bias, plots = known_sky.Bias(np.zeros(4), np.eye(4)), np.ones((1, 9))
    pairs, out, first = np.full((1, 3), -1, dtype=np.int64), space(1), np.zeros(1, dtype=np.int64)
    pairs[0, :2] = 0
    view, found = np.ones((1, 5)), np.zeros((4, 2), dtype=np.int64)
    known_sky.near(view[:, 0].copy(), view, plots, np.ones(4), 5.0, 2.0, found)
    known_sky.weigh(sky, bias, space(0), pairs, plots, np.zeros(1), out)
    known_sky.learn(first, plots[:, 5:].copy(), out, np.zeros((1, 4)))


def _warm_bank() -> None:
    import numpy as np

    from forewarn.kernels import bank, births

    rows = bank.Rows(
        np.zeros((4, 6)),
        np.zeros((4, 6, 6)),
        np.zeros((4, bank.MARKS)),
        np.zeros((4, bank.FACTS), np.int64),
    )
    plots = bank.Plots(
        measured=np.array(((1e6, 0.1, 0.5, np.nan),)),
        sigma=np.array(((50.0, 1e-3, 1e-3, np.nan),)),
        tai_ns=np.zeros(1, np.int64),
        site=np.array(((6.4e6, 0.0, 0.0),)),
        axes=np.eye(3),
        sector=np.array((0.0, 1e7, 0.0, 6.0, 0.0, 1.0)),
        bias=np.full(4, -1),
        clutter=1e-6,
        seen_if=0.9,
        first=0,
        last=3,
        middle_tai_ns=0,
        middle_site=np.array((6.4e6, 0.0, 0.0)),
    )
    rules = bank.Rules(9.0, 25.0, 1e-3, 60.0, 1e5, 100)
    birth_rules = births.BirthRules(-4.6, 3.0, 6.0, 10, 100, 3, 35.0)
    memory = births.Memory(
        np.zeros((0, 4)),
        np.zeros((0, 4)),
        np.zeros(0, np.int64),
        np.zeros((0, 3)),
        np.zeros((0, 3)),
        np.zeros(0, np.int64),
        np.zeros((0, births.WAYS), np.int64),
        np.zeros((0, births.WAYS)),
    )
    owner = np.empty(1, np.int64)
    bank.drop_ended(rows, 0)
    bank.scan_all(rows, 0, plots, rules, np.zeros(0), owner)
    found = births.find_births(memory, plots, owner, np.zeros(0), 1, birth_rules)
    bank.begin_all(rows, 0, found[1:5], rules, 1, 1)
    bank.regroup(rows, 0, 0)
    bank.merge_duplicates(rows, 0, 0, 0)
    bank.estimate_all(rows, 0, 0)


def _warm_ascents() -> None:
    import numpy as np

    from forewarn.kernels import ascents

    phi, one = np.zeros((1, ascents.SIZE)), np.ones(ascents.SIZE)
    times_s, states = np.array((1.0,)), np.zeros((1, 1, 6))
    belief = np.array((0.6, 2.2, 3.0, 2750.0, -900.0))
    ascents.believed_states(phi, one, one, belief, times_s, states)
    theta = np.zeros((1, ascents.COLUMNS))
    ascents.ascent_states(theta, np.zeros(1), times_s, states)
    kinds, lower, z = np.zeros(1, np.int64), np.eye(2), np.zeros((1, 2))
    ascents.white_offsets(states, kinds, np.ones((1, 8, 3)), lower, z)
    ascents.tilt_per_slant(15.0, 3.0)


def _warm_mixed() -> None:
    import numpy as np

    from forewarn.kernels import bank, mixed, sights

    n, models = 11, 4
    rows = mixed.MixedRows(
        np.zeros((1, models, n)),
        np.tile(np.eye(n), (1, models, 1, 1)),
        np.array(((0.5, 0.5, 0.0, 0.0),)),
        np.zeros((1, mixed.MARKS)),
        np.zeros((1, mixed.FACTS), np.int64),
        np.zeros((1, 1), np.int64),
    )
    rows.X[:, :, :6] = 7e6, 0.0, 0.0, 1e3, 1e3, 0.0
    calm = bank.Rows(
        np.zeros((1, n - 2)),
        np.tile(np.eye(n - 2), (1, 1, 1)),
        np.zeros((1, bank.MARKS)),
        np.zeros((1, bank.FACTS), np.int64),
    )
    calm.x[:, :6] = rows.X[0, 0, :6]
    rules = bank.Rules(25.0, 25.0, 1e-3, 60.0, 1e5, 100)
    numbers, seen_if, life = np.zeros(6), np.full(models, 0.5), np.ones(5)
    near, counts = np.ones(2), (1, 1)
    for first, last, kind in ((0, 4, 1), (1, 3, 0)):
        g = np.ones((1, 8, 3))
        sights.sight_geometry(np.eye(3)[:1], 6.0 * rows.X[0, :1, :3], np.ones(1), 8, g)
        plots = bank.Plots(
            np.ones((1, 4)),
            np.ones((1, 4)),
            np.zeros(1, np.int64),
            np.zeros((1, 3)),
            np.eye(3),
            np.zeros(6),
            np.full(4, -1),
            1.0,
            0.5,
            first,
            last,
            0,
            np.zeros(3),
        )
        cover = mixed.Cover(kind, numbers, np.zeros((1, 2)), 0, 1)
        mixed.propose(rows, 1, plots, g, kind, np.zeros(4), 0)
        chosen, counters = np.array((-1,)), np.zeros(bank.COUNTERS, np.int64)
        mixed.take_all(rows, chosen, plots, g, kind, cover, seen_if)
        mixed.weigh_silence(rows, 1, plots, cover, seen_if, seen_if)
        mixed.weigh_calm_silence(calm, 1, plots, cover, 0.5, rules)
        pairs, gain, z = bank.propose(calm, 1, plots, rules, counters)
        bank.assign_pairs(pairs, gain, 1, np.zeros(1, np.int64), chosen)
        bank.conclude(calm, 1, plots, rules, (chosen, z, np.zeros(1)), counters)
    mixed.settle_all(rows, 1, 0, life)
    body, spread = rows.X[0, 0, :6].copy(), np.eye(6)
    mixed.follows(rows, calm, counts, 0, body, spread)
    mixed.follows(rows, calm, counts, 0, body, np.eye(7)[:6, :6])
    mixed.nearest_row(rows, calm, counts, 0, body, near)
    mixed.drop_rows(rows, 1, np.zeros(1, np.bool_))
