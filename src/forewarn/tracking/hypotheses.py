"""Several explanations kept where one would be a guess: a Poisson multi-Bernoulli mixture.

Theory of operation. What there is to know of all objects is, exactly, a *Poisson multi-Bernoulli
mixture* [1, 2]: objects never yet detected are a Poisson intensity; every object that may have
been detected is a *tree*, born with one measurement; a *leaf* of a tree is one history of
measurements, with the Gaussian and the probability of existence that follow from it; a *global
hypothesis* picks one leaf of every tree (or none) so that no measurement is used twice, and
has a weight. One scan makes each hypothesis into its children, of which the most likely are kept.

Trees that never contested a measurement are independent, so hypotheses are kept per *cluster*
of trees: clusters whose gates share a measurement merge, and a tree on which all hypotheses
agree leaves its cluster. An untroubled object costs one leaf in a cluster of its own.

The best children of all parents together are found in one pass, tree by tree, by branch and
bound: the same answer as ranking each parent's assignments by Murty's algorithm [3] and sorting,
exact up to the limit on width in `Limits`. States are values: a step returns a new one.

[1] Williams, Marginal multi-Bernoulli filters, IEEE TAES 51(3), 2015, pp. 1664-1687.
[2] Garcia-Fernandez, Williams, Granstrom, Svensson, Poisson multi-Bernoulli mixture filter:
    direct derivation and implementation, IEEE TAES 54(4), 2018, pp. 1883-1901, eqs. (20)-(39).
[3] Murty, An algorithm for ranking all the assignments, Operations Research 16(3), 1968.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Place = Callable[[Array], Array]
NONE = -1  # no leaf, no measurement
_TINY = float(np.finfo(float).tiny)  # stands for an impossible event in a logarithm


class Motion(Protocol):
    """How objects move and how long they last."""

    def predict(self, means: Array, covariances: Array, dt_s: float) -> tuple[Array, Array]:
        """Means (k, n) and covariances (k, n, n) after ``dt_s`` seconds."""
        ...

    def survival(self, dt_s: float) -> float:
        """Probability to be still there after ``dt_s`` seconds."""
        ...


class Sensor(Protocol):
    """What one look of a sensor would report of a state. ``m`` numbers make a measurement."""

    def expected(self, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
        """What is expected of states with means (k, n) and covariances (k, n, n).

        Measurement (k, m), its covariance without noise (k, m, m), and the covariance of state
        with measurement (k, n, m). `linearised` and `by_cubature` make the last two.
        """
        ...

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Differences (..., m), angles wrapped, of arrays that broadcast."""
        ...

    def noise(self, measurements: Array) -> Array:
        """Covariances (j, m, m) of measurements (j, m), or (1, m, m) where all are alike."""
        ...

    def detection(self, means: Array) -> Array:
        """Probability (k,) that an object in this state is reported."""
        ...

    def clutter(self, measurements: Array) -> Array:
        """Expected false reports (j,) per unit of measurement space and look."""
        ...

    def points(self, measurements: Array) -> Points | None:
        """The measurements as linear ones, from which tracks start; None: it starts no track."""
        ...


class Curved(Protocol):
    """The part of a sensor that `by_cubature` needs."""

    def measured(self, states: Array) -> Array:
        """Measurements (..., m) of states (..., n), without error."""
        ...

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Differences (..., m), angles wrapped, of arrays that broadcast."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Measurements turned into linear functions of the state.

    ``values`` [j, w] with ``covariances`` [j, w, w] measure ``matrix`` [w, n] times the state;
    ``stretch`` [j] is the volume of point space per unit of measurement space there.
    """

    values: Array
    covariances: Array
    matrix: Array
    stretch: Array


@dataclass(frozen=True, slots=True, eq=False)
class Intensity:
    """A Gaussian mixture of expected number: weights [k], means [k, n], covariances [k, n, n]."""

    weights: Array
    means: Array
    covariances: Array

    def times(self, factor: Array | float) -> Intensity:
        """The same mixture with its weights multiplied."""
        return Intensity(self.weights * factor, self.means, self.covariances)

    def where(self, kept: NDArray[np.bool_]) -> Intensity:
        """The components that are kept."""
        return Intensity(self.weights[kept], self.means[kept], self.covariances[kept])

    def plus(self, other: Intensity) -> Intensity:
        """Both mixtures together."""
        return Intensity(
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.means, other.means]),
            np.concatenate([self.covariances, other.covariances]),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """Where exactness ends. The defaults of hypotheses to undetected are those of source [2]."""

    hypotheses: int = 200
    """Global hypotheses kept in a cluster."""
    weight: float = 1e-4
    """A hypothesis of less weight is dropped."""
    existence: float = 1e-5
    """A leaf that exists with less probability is dropped."""
    gate: float = 20.0
    """Squared distance beyond which a measurement is not of a leaf."""
    undetected: float = 1e-5
    """A component of the intensity with less expected number is dropped."""
    components: int = 30
    """Components of the intensity kept, the heaviest."""
    width: int = 20_000
    """Rows of the search for the best children; beyond, the worst are dropped unseen."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Trees that contested measurements, their leaves, and the hypotheses over them.

    ``ids`` [t] name the trees for good. Leaf arrays: ``owner`` [l] the tree's place in ``ids``,
    ``means`` [l, n], ``covariances`` [l, n, n], ``existence`` [l], ``seen_as`` [l] the
    measurement of the last scan or NONE. ``choice`` [h, t] is a leaf or NONE;
    ``log_weights`` [h] of weights that sum to one, the heaviest first.
    """

    ids: Ints
    owner: Ints
    means: Array
    covariances: Array
    existence: Array
    seen_as: Ints
    choice: Ints
    log_weights: Array


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """All that is known: clusters, the intensity of the undetected, and the next tree's name."""

    clusters: tuple[Cluster, ...]
    undetected: Intensity
    next_id: int

    def copy(self) -> Belief:
        """An exact copy that shares no array with this one."""
        return Belief(
            tuple(
                Cluster(*(getattr(c, f).copy() for f in Cluster.__slots__)) for c in self.clusters
            ),
            Intensity(*(getattr(self.undetected, f).copy() for f in Intensity.__slots__)),
            self.next_id,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Objects, one a row: tree's id [k], probability of existence [k], mean and covariance."""

    ids: Ints
    existence: Array
    means: Array
    covariances: Array


@dataclass(frozen=True, slots=True, eq=False)
class MultiHypothesis:
    """The tracker: `start` makes a belief, `step` moves it through one scan.

    ``births`` is the expected number of new objects a second, by where they appear.
    """

    motion: Motion
    births: Intensity
    limits: Limits = field(default_factory=Limits)

    def start(self, undetected: Intensity | None = None, known: Intensity | None = None) -> Belief:
        """A belief before any scan: objects undetected so far, and objects known.

        Weights of ``known`` are probabilities of existence; each becomes a tree of its own.
        """
        empty = self.births.where(np.zeros(len(self.births.weights), dtype=bool))
        undetected = empty if undetected is None else undetected
        known = empty if known is None else known
        clusters = tuple(
            _lone(i, known.means[i], known.covariances[i], known.weights[i], NONE)
            for i in range(len(known.weights))
        )
        return Belief(clusters, undetected, len(clusters))

    def step(self, belief: Belief, dt_s: float, measurements: Array, sensor: Sensor) -> Belief:
        """Predict by ``dt_s`` >= 0 seconds, then take a scan of measurements [j, m] (j may be 0).

        A measurement with a number that is not finite is ignored: it says nothing.
        """
        predicted = self._predict(belief, dt_s)
        rows = np.flatnonzero(np.isfinite(measurements).all(axis=1))
        return self._update(predicted, rows, measurements[rows], sensor)

    def _predict(self, belief: Belief, dt_s: float) -> Belief:
        survival = self.motion.survival(dt_s)
        undetected = belief.undetected
        means, covariances = self.motion.predict(undetected.means, undetected.covariances, dt_s)
        undetected = Intensity(undetected.weights * survival, means, covariances)
        if dt_s > 0.0:
            undetected = undetected.plus(self.births.times(dt_s))
        if not belief.clusters:
            return Belief((), undetected, belief.next_id)
        means, covariances = self.motion.predict(*_all_leaves(belief.clusters), dt_s)
        clusters = []
        first = 0
        for c in belief.clusters:
            span = slice(first, first + len(c.owner))
            first = span.stop
            clusters.append(
                Cluster(
                    c.ids, c.owner, means[span], covariances[span], c.existence * survival,
                    c.seen_as, c.choice, c.log_weights,
                )
            )  # fmt: skip
        return Belief(tuple(clusters), undetected, belief.next_id)

    def _update(self, belief: Belief, rows: Ints, z: Array, sensor: Sensor) -> Belief:
        limits = self.limits
        newborn = _newborn(belief.undetected, z, sensor, limits.gate)
        undetected = belief.undetected.times(1.0 - sensor.detection(belief.undetected.means))
        undetected = _heaviest(undetected, limits)
        next_id = belief.next_id + len(z)
        names = belief.next_id + np.arange(len(z))
        looks = _looked_at(belief.clusters, z, sensor, limits.gate)
        clusters: list[Cluster] = []
        taken = np.zeros(len(z), dtype=bool)
        for members in _contests(looks):
            parent = _product([belief.clusters[i] for i in members], limits)
            look = _joined([looks[i] for i in members])
            contested = np.flatnonzero(np.isfinite(look.gain).any(axis=0))
            taken[contested] = True
            fresh = _Fresh(names[contested], newborn, contested, rows[contested])
            child = _children(parent, look, fresh, limits)
            clusters.extend(_split(_pruned(child, limits)))
        first_seen = np.flatnonzero(~taken & (newborn.existence > limits.existence))
        clusters.extend(
            _lone(int(names[j]), newborn.means[j], newborn.covariances[j],
                  float(newborn.existence[j]), int(rows[j]))
            for j in first_seen
        )  # fmt: skip
        return Belief(tuple(clusters), undetected, next_id)


def linearised(covariances: Array, jacobian: Array) -> tuple[Array, Array]:
    """Covariance of the measurement, and of state with measurement, by the Jacobian [k, m, n]."""
    cross = covariances @ jacobian.transpose(0, 2, 1)
    return jacobian @ cross, cross


def by_cubature(sensor: Curved, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
    """`Sensor.expected` of a curved measurement, by cubature of third degree.

    Arasaratnam, Haykin, Cubature Kalman filters, IEEE TAC 54(6), 2009, eqs. (18)-(24). Where what
    is seen bends within the spread of the state (a beam kilometres wide, a range good to metres),
    a Jacobian is overconfident and this is not.
    """
    n = means.shape[1]
    L = math.sqrt(n) * np.linalg.cholesky(covariances)
    away = np.concatenate([L, -L], axis=2).transpose(0, 2, 1)  # [k, 2n, n]
    centre = sensor.measured(means)
    off = sensor.residual(sensor.measured(means[:, None] + away), centre[:, None])
    bend = off.mean(axis=1)
    off = off - bend[:, None]
    spread = np.einsum("kpi,kpj->kij", off, off) / (2 * n)
    return centre + bend, spread, np.einsum("kpi,kpj->kij", away, off) / (2 * n)


def estimates(belief: Belief, least_existence: float = 0.4) -> Estimates:
    """The objects of the most likely hypothesis of every cluster, as source [2], estimator 1.

    Objects that exist with more than ``least_existence`` (0.4 there) are reported, by id.
    """
    n = belief.undetected.means.shape[1]
    ids, existence = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    means, covariances = [np.zeros((0, n))], [np.zeros((0, n, n))]
    for c in belief.clusters:
        leaves = c.choice[0]
        leaves = leaves[leaves != NONE]
        leaves = leaves[c.existence[leaves] > least_existence]
        ids.append(c.ids[c.owner[leaves]])
        existence.append(c.existence[leaves])
        means.append(c.means[leaves])
        covariances.append(c.covariances[leaves])
    order = np.argsort(np.concatenate(ids), kind="stable")
    return Estimates(
        np.concatenate(ids)[order],
        np.concatenate(existence)[order],
        np.concatenate(means)[order],
        np.concatenate(covariances)[order],
    )


def balanced(
    belief: Belief, place: Place, cutoff_m: float, least_existence: float = 0.4
) -> Estimates:
    """Objects placed so that all hypotheses together are least wrong, whoever is who.

    `estimates` believes one hypothesis. Here its objects are where the search starts: every
    hypothesis of the cluster is matched to them, and each becomes the mean of what it was matched
    with. That lessens the expected squared GOSPA, cut-off ``cutoff_m``, of what ``place`` makes of
    states, [k, n] to [k, d] (one round of the minimum mean OSPA estimate: Guerriero,
    Svensson, Svensson, Willett, Shooting two birds with two bullets, Fusion 2010). Covariances
    include how the hypotheses differ. Ids are those of the most likely hypothesis.
    """
    found = [_balanced(c, place, cutoff_m, least_existence) for c in belief.clusters]
    n = belief.undetected.means.shape[1]
    ids = np.concatenate([np.zeros(0, dtype=np.int64), *(e.ids for e in found)])
    existence = np.concatenate([np.zeros(0), *(e.existence for e in found)])
    means = np.concatenate([np.zeros((0, n)), *(e.means for e in found)])
    covariances = np.concatenate([np.zeros((0, n, n)), *(e.covariances for e in found)])
    order = np.argsort(ids, kind="stable")
    order = order[existence[order] > least_existence]
    return Estimates(ids[order], existence[order], means[order], covariances[order])


def _balanced(c: Cluster, place: Place, cutoff_m: float, least_existence: float) -> Estimates:
    top = c.choice[0][c.choice[0] != NONE]
    top = top[c.existence[top] > least_existence]
    ids = c.ids[c.owner[top]]
    if len(c.log_weights) == 1:
        return Estimates(ids, c.existence[top], c.means[top], c.covariances[top])
    at = place(c.means)
    square = ((at[:, None] - at[top][None]) ** 2).sum(axis=2)
    gain = c.existence[:, None] * np.maximum(cutoff_m**2 - square, 0.0)
    share = np.zeros(gain.shape)
    for leaves, weight in zip(c.choice, np.exp(c.log_weights), strict=True):
        held = leaves[leaves != NONE]
        row, column = linear_sum_assignment(gain[held], maximize=True)
        share[held[row], column] += weight * (gain[held[row], column] > 0.0)
    share *= c.existence[:, None]
    existence = share.sum(axis=0)
    kept = np.flatnonzero(existence > 0.0)
    moments = [_moments(share[:, k] / existence[k], c.means, c.covariances) for k in kept]
    n = c.means.shape[1]
    return Estimates(
        ids[kept],
        existence[kept],
        np.array([mean for mean, _ in moments]).reshape(-1, n),
        np.array([covariance for _, covariance in moments]).reshape(-1, n, n),
    )


def marginals(belief: Belief, least_existence: float = 0.4) -> Estimates:
    """Every tree's mean and covariance over all hypotheses: what is known of *that* object.

    Existence is its probability over hypotheses too; those above ``least_existence`` are given.
    """
    n = belief.undetected.means.shape[1]
    found: list[tuple[int, float, Array, Array]] = []
    for c in belief.clusters:
        weights = np.exp(c.log_weights)
        for t, name in enumerate(c.ids):
            picked = c.choice[:, t] != NONE
            leaves = c.choice[picked, t]
            share = weights[picked] * c.existence[leaves]
            total = float(share.sum())
            if total <= least_existence:
                continue
            mean, covariance = _moments(share / total, c.means[leaves], c.covariances[leaves])
            found.append((int(name), total, mean, covariance))
    found.sort(key=lambda row: row[0])
    return Estimates(
        np.array([row[0] for row in found], dtype=np.int64),
        np.array([row[1] for row in found]),
        np.array([row[2] for row in found]).reshape(-1, n),
        np.array([row[3] for row in found]).reshape(-1, n, n),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Newborn:
    """What each measurement would be if no known tree explains it."""

    means: Array
    covariances: Array
    existence: Array
    log_weight: Array  # of clutter or a first detection


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A cluster's leaves against the scan. ``gain`` [l, j]: log of seen as j over missed."""

    gain: Array
    missed: Array  # log-probability of being missed [l]
    existence_missed: Array
    cross: Array  # covariance of state with measurement [l, n, m]
    residual: Array  # [l, j, m]
    spread: Array  # covariance of the residual [l, j or 1, m, m]


@dataclass(frozen=True, slots=True, eq=False)
class _Fresh:
    """The trees that contested measurements may give birth to."""

    names: Ints
    newborn: _Newborn
    columns: Ints
    rows: Ints


def _lone(name: int, mean: Array, covariance: Array, existence: float, row: int) -> Cluster:
    """A cluster of one tree with one leaf."""
    return Cluster(
        np.array([name]),
        np.zeros(1, dtype=np.int64),
        mean[None].copy(),
        covariance[None].copy(),
        np.array([existence], dtype=float),
        np.array([row]),
        np.zeros((1, 1), dtype=np.int64),
        np.zeros(1),
    )


def _all_leaves(clusters: tuple[Cluster, ...]) -> tuple[Array, Array]:
    return (
        np.concatenate([c.means for c in clusters]),
        np.concatenate([c.covariances for c in clusters]),
    )


def _heaviest(intensity: Intensity, limits: Limits) -> Intensity:
    """The components heavy enough, and no more than allowed of them."""
    kept = intensity.weights >= limits.undetected
    if np.count_nonzero(kept) > limits.components:
        order = np.argsort(-intensity.weights, kind="stable")
        kept = np.zeros(len(kept), dtype=bool)
        kept[order[: limits.components]] = True
    return intensity.where(kept)


def _moments(weights: Array, means: Array, covariances: Array) -> tuple[Array, Array]:
    """Mean and covariance of a Gaussian mixture whose weights sum to one."""
    mean = weights @ means
    away = means - mean
    spread = np.einsum("k,kij->ij", weights, covariances)
    return mean, spread + np.einsum("k,ki,kj->ij", weights, away, away)


def _newborn(undetected: Intensity, z: Array, sensor: Sensor, gate: float) -> _Newborn:
    """Each measurement as clutter or the first sight of an object, [2] eqs. (35)-(38)."""
    n = undetected.means.shape[1]
    clutter = sensor.clutter(z)
    points = sensor.points(z) if len(z) and len(undetected.weights) else None
    if points is None:
        nothing = np.zeros(len(z))
        zeros = np.zeros((len(z), n, n))
        return _Newborn(zeros[:, 0], zeros, nothing, np.log(np.maximum(clutter, _TINY)))
    H = points.matrix
    PH = undetected.covariances @ H.T  # [k, n, w]
    S = (H @ PH)[:, None] + points.covariances[None]  # [k, j, w, w]
    v = points.values[None] - (undetected.means @ H.T)[:, None]
    inverse = np.linalg.inv(S)
    d2 = np.einsum("kjw,kjwu,kju->kj", v, inverse, v)
    log_norm = -0.5 * np.linalg.slogdet(2.0 * math.pi * S)[1]
    seen = undetected.weights * sensor.detection(undetected.means)
    density = seen[:, None] * np.exp(log_norm - 0.5 * d2) * points.stretch
    density = np.where(d2 < gate, density, 0.0)
    total = density.sum(axis=0)
    share = density / np.where(total > 0.0, total, 1.0)
    K = np.einsum("knw,kjwu->kjnu", PH, inverse)
    means = undetected.means[:, None] + np.einsum("kjnu,kju->kjn", K, v)
    P = undetected.covariances[:, None] - np.einsum("kjnw,kmw->kjnm", K, PH)
    mean = np.einsum("kj,kjn->jn", share, means)
    away = means - mean
    covariance = np.einsum("kj,kjnm->jnm", share, P)
    covariance += np.einsum("kj,kjn,kjm->jnm", share, away, away)
    covariance = 0.5 * (covariance + covariance.transpose(0, 2, 1))
    either = np.maximum(total + clutter, _TINY)
    return _Newborn(mean, covariance, total / either, np.log(either))


def _looked_at(clusters: tuple[Cluster, ...], z: Array, sensor: Sensor, gate: float) -> list[_Look]:
    """All leaves against all measurements at once, then cut up by cluster; [2] eqs. (27)-(34)."""
    if not clusters:
        return []
    means, covariances = _all_leaves(clusters)
    existence = np.concatenate([c.existence for c in clusters])
    expected, spread, cross = sensor.expected(means, covariances)
    seen = sensor.detection(means)
    S = spread[:, None] + sensor.noise(z)[None]
    v = sensor.residual(z[None], expected[:, None])
    d2 = np.einsum("ljm,ljmu,lju->lj", v, np.linalg.inv(S), v)
    missed = np.maximum(1.0 - existence * seen, _TINY)
    log_missed = np.log(missed)
    gain = np.log(np.maximum(existence * seen, _TINY))[:, None] - 0.5 * d2 - log_missed[:, None]
    gain = gain - 0.5 * np.linalg.slogdet(2.0 * math.pi * S)[1]
    gain = np.where(d2 < gate, gain, -np.inf)
    still = existence * (1.0 - seen) / missed
    looks = []
    first = 0
    for c in clusters:
        span = slice(first, first + len(c.owner))
        first = span.stop
        looks.append(
            _Look(gain[span], log_missed[span], still[span], cross[span], v[span], S[span])
        )
    return looks


def _contests(looks: list[_Look]) -> list[list[int]]:
    """Clusters linked by measurements they could both have caused, in order."""
    label = list(range(len(looks)))

    def root(i: int) -> int:
        while label[i] != i:
            i = label[i]
        return i

    owner_of: dict[int, int] = {}
    for i, look in enumerate(looks):
        for j in np.flatnonzero(np.isfinite(look.gain).any(axis=0)):
            a, b = root(owner_of.setdefault(int(j), i)), root(i)
            label[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for i in range(len(looks)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _product(members: list[Cluster], limits: Limits) -> Cluster:
    """Independent clusters as one: every pair of their hypotheses, the likely ones kept."""
    whole = members[0]
    for c in members[1:]:
        log_weights = (whole.log_weights[:, None] + c.log_weights[None]).ravel()
        kept = _likeliest(log_weights, limits)
        a, b = np.divmod(kept, len(c.log_weights))
        shifted = np.where(c.choice == NONE, NONE, c.choice + len(whole.owner))
        whole = Cluster(
            np.concatenate([whole.ids, c.ids]),
            np.concatenate([whole.owner, c.owner + len(whole.ids)]),
            np.concatenate([whole.means, c.means]),
            np.concatenate([whole.covariances, c.covariances]),
            np.concatenate([whole.existence, c.existence]),
            np.concatenate([whole.seen_as, c.seen_as]),
            np.concatenate([whole.choice[a], shifted[b]], axis=1),
            _normal(log_weights[kept]),
        )
    return whole


def _joined(looks: list[_Look]) -> _Look:
    if len(looks) == 1:
        return looks[0]
    return _Look(*(np.concatenate([getattr(x, f) for x in looks]) for f in _Look.__slots__))


def _normal(log_weights: Array) -> Array:
    top = log_weights.max()
    return np.asarray(log_weights - top - math.log(np.exp(log_weights - top).sum()))


def _likeliest(log_weights: Array, limits: Limits) -> Ints:
    """Indices of the hypotheses worth keeping, the heaviest first, ties in order."""
    order = np.argsort(-log_weights, kind="stable")[: limits.hypotheses]
    kept = order[_normal(log_weights)[order] > math.log(limits.weight)]
    return kept if len(kept) else order[:1]


def _children(parent: Cluster, look: _Look, fresh: _Fresh, limits: Limits) -> Cluster:
    """The best child hypotheses of a cluster, their leaves updated."""
    columns = fresh.columns
    alone = fresh.newborn.log_weight[columns]
    base = np.where(parent.choice == NONE, 0.0, look.missed[parent.choice]).sum(axis=1)
    parents, taken, log_weights = k_best(
        parent.log_weights + base + alone.sum(),
        parent.choice,
        look.gain[:, columns] - alone,
        limits,
    )
    kept = _likeliest(log_weights, limits)
    parents, taken, log_weights = parents[kept], taken[kept], _normal(log_weights[kept])
    leaf = parent.choice[parents]
    code = np.where(leaf == NONE, NONE, leaf * (len(columns) + 1) + taken + 1)
    used, place = np.unique(code, return_inverse=True)
    skipped = int(used[0] == NONE) if len(used) else 0
    choice = place.reshape(code.shape) - skipped
    source, column = np.divmod(used[skipped:], len(columns) + 1)
    column = column - 1
    means, covariances = _seen(parent, look, source, np.append(columns, NONE)[column])
    existence = np.where(column == NONE, look.existence_missed[source], 1.0)
    born = np.flatnonzero(fresh.newborn.existence[columns] > limits.existence)
    free = (taken[:, :, None] != born).all(axis=1)
    newleaf = len(source) + np.arange(len(born))
    where = columns[born]
    return Cluster(
        np.concatenate([parent.ids, fresh.names[born]]),
        np.concatenate([parent.owner[source], len(parent.ids) + np.arange(len(born))]),
        np.concatenate([means, fresh.newborn.means[where]]),
        np.concatenate([covariances, fresh.newborn.covariances[where]]),
        np.concatenate([existence, fresh.newborn.existence[where]]),
        np.concatenate([np.append(fresh.rows, NONE)[column], fresh.rows[born]]),
        np.concatenate([choice, np.where(free, newleaf, NONE)], axis=1),
        log_weights,
    )


def _seen(parent: Cluster, look: _Look, source: Ints, column: Ints) -> tuple[Array, Array]:
    """Means and covariances of leaves ``source`` after measurement ``column`` (NONE: missed)."""
    means, covariances = parent.means[source], parent.covariances[source]
    at = np.flatnonzero(column != NONE)
    if not len(at):
        return means, covariances
    leaf, j = source[at], column[at]
    cross, P, v = look.cross[leaf], covariances[at], look.residual[leaf, j]
    S = look.spread[leaf, j if look.spread.shape[1] > 1 else 0]
    K = np.linalg.solve(S, cross.transpose(0, 2, 1)).transpose(0, 2, 1)
    means[at] += np.einsum("inm,im->in", K, v)
    P = P - K @ cross.transpose(0, 2, 1)
    covariances[at] = 0.5 * (P + P.transpose(0, 2, 1))
    return means, covariances


def k_best(
    log_weights: Array, choice: Ints, gain: Array, limits: Limits
) -> tuple[Ints, Ints, Array]:
    """The best ways to give measurements to trees, over all parent hypotheses together.

    ``log_weights`` [h] if every tree is missed; ``choice`` [h, t] leaves; ``gain`` [l, j] what a
    leaf adds by taking a measurement (-inf: it cannot). Returned are parent [k], the measurement
    that each tree takes [k, t] (or NONE) and log-weight [k]: every one that is among the best
    ``limits.hypotheses`` and within ``limits.weight`` of the best, with some that are not.

    Trees are gone through in turn. A partial answer completed by misses is an answer, so the
    best such bound from below what can be kept; its trees to come, each at its best and
    contest ignored, bound from above what it can become.
    """
    count, trees = choice.shape
    hopeless = np.full((1, gain.shape[1]), -np.inf)
    gain = np.concatenate([gain, hopeless])  # NONE = -1 finds the last row
    best = np.maximum(gain.max(axis=1, initial=0.0), 0.0)[choice]
    hope = np.concatenate([np.cumsum(best[:, ::-1], axis=1)[:, ::-1], np.zeros((count, 1))], axis=1)
    parent = np.arange(count)
    taken = np.full((count, trees), NONE)
    total = np.asarray(log_weights, dtype=float)
    for t in range(trees):
        offer = gain[choice[parent, t]]
        for earlier in range(t):
            used = np.flatnonzero(taken[:, earlier] != NONE)
            offer[used, taken[used, earlier]] = -np.inf
        scores = total[:, None] + np.concatenate([np.zeros((len(parent), 1)), offer], axis=1)
        bound = scores + hope[parent, t + 1][:, None]
        floor = scores.max() + math.log(limits.weight)
        if scores.size > limits.hypotheses:
            floor = max(
                floor, np.partition(scores, -limits.hypotheses, axis=None)[-limits.hypotheses]
            )
        row, option = np.nonzero((bound >= floor) & np.isfinite(scores))
        if len(row) > limits.width:
            order = np.argsort(-bound[row, option], kind="stable")[: limits.width]
            row, option = row[np.sort(order)], option[np.sort(order)]
        parent, total = parent[row], scores[row, option]
        taken = taken[row]
        taken[:, t] = option - 1
    return parent, taken, total


def _pruned(cluster: Cluster, limits: Limits) -> Cluster | None:
    """Without leaves that hardly exist, leaves and trees unused, and twin hypotheses."""
    faint = np.append(cluster.existence < limits.existence, True)  # NONE = -1 finds the last
    choice = np.where(faint[cluster.choice], NONE, cluster.choice)
    return _without_twins(cluster, choice, cluster.log_weights)


def _without_twins(cluster: Cluster, choice: Ints, log_weights: Array) -> Cluster | None:
    """A cluster with hypotheses ``choice`` over its trees, twins merged, only what is used kept."""
    trees = np.flatnonzero((choice != NONE).any(axis=0))
    if not len(trees):
        return None
    choice = choice[:, trees]
    unique, twin = np.unique(choice, axis=0, return_inverse=True)
    weights = np.bincount(twin.ravel(), weights=np.exp(log_weights))
    order = np.argsort(-weights, kind="stable")
    choice, log_weights = unique[order], np.log(weights[order] / weights.sum())
    used, place = np.unique(choice, return_inverse=True)
    skipped = int(used[0] == NONE)
    leaves = used[skipped:]
    new_tree = np.full(len(cluster.ids), NONE)
    new_tree[trees] = np.arange(len(trees))
    return Cluster(
        cluster.ids[trees],
        new_tree[cluster.owner[leaves]],
        cluster.means[leaves],
        cluster.covariances[leaves],
        cluster.existence[leaves],
        cluster.seen_as[leaves],
        place.reshape(choice.shape) - skipped,
        log_weights,
    )


def _split(cluster: Cluster | None) -> list[Cluster]:
    """A tree on which every hypothesis agrees is independent of the others: it leaves."""
    if cluster is None:
        return []
    if len(cluster.ids) == 1:
        return [cluster]
    agreed = (cluster.choice == cluster.choice[0]).all(axis=0)
    if not agreed.any():
        return [cluster]
    apart = []
    for t in np.flatnonzero(agreed):
        leaf = cluster.choice[0, t]
        apart.append(
            _lone(int(cluster.ids[t]), cluster.means[leaf], cluster.covariances[leaf],
                  float(cluster.existence[leaf]), int(cluster.seen_as[leaf]))
        )  # fmt: skip
    rest = np.where(agreed, NONE, cluster.choice)
    remaining = _without_twins(cluster, rest, cluster.log_weights)
    return apart + ([remaining] if remaining is not None else [])
