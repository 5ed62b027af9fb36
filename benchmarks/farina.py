"""The published re-entry benchmark: our unscented filter beside the bound and a reproduced table.

    python -m benchmarks.farina [--runs 500] [--seed 1]

Farina, Ristic and Benvenuti, "Tracking a ballistic target: comparison of several nonlinear
filters", IEEE TAES 38 (2002) 854-867: one radar, a flat Earth, two exponentials of air, a known
ballistic coefficient. The paper shows curves; the figures beside ours were computed apart from this
package, by a program in plain linear algebra whose draws of truth and noise 500 runs of seed 1
repeat, so that chance does not stand between the two. The bound is the posterior Cramer-Rao one
(Tichavsky, Muravchik and Nehorai, IEEE Trans. Signal Processing 46 (1998) 1386).
Nothing here is a test.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import planar, unscented

Array = NDArray[np.float64]

STEP_S = 2.0
LOOKS = 61  # one each step from 0 to 120 s
ACCELERATION_DENSITY = 1.0  # q, m2/s3
INVERSE_BETA_M2_KG = 9.81 / 40_000.0  # the paper's coefficient is a weight per area
NOISE = np.array((100.0, 0.017))  # range [m], elevation [rad]
_SPEED_M_S, _HEADING_RAD = 2_290.0, math.radians(190.0)
START = np.array(
    (
        *(232e3, 88e3),
        *(_SPEED_M_S * math.cos(_HEADING_RAD), _SPEED_M_S * math.sin(_HEADING_RAD)),
    )
)
# White acceleration over a step, for one axis: (position, velocity).
_AXIS = np.array(((STEP_S**3 / 3.0, STEP_S**2 / 2.0), (STEP_S**2 / 2.0, STEP_S)))
PROCESS_NOISE = ACCELERATION_DENSITY * np.kron(_AXIS, np.eye(2))

# t [s]: root-mean-square error of an unscented filter (kappa = 0) in x, vx, y, vy [m, m/s], and its
# normalised squared error (4 expected).
TABLE = {
    2: (1449.0, 1069.0, 3769.0, 2801.0, 4.80),
    10: (1076.0, 172.0, 2707.0, 441.0, 5.5),
    20: (782.0, 65.0, 1908.0, 163.0, 5.5),
    40: (509.0, 24.4, 1148.0, 57.4, 4.8),
    60: (355.0, 13.7, 742.0, 27.4, 4.8),
    80: (210.0, 11.7, 385.0, 12.7, 4.1),
    100: (80.9, 6.6, 78.9, 3.3, 4.1),
    120: (39.0, 2.7, 43.8, 2.5, 3.9),
}
BOUND = {
    2: (1485.0, 1055.0, 3868.0, 2762.0),
    10: (1027.0, 171.0, 2593.0, 440.0),
    20: (743.0, 63.7, 1808.0, 160.0),
    40: (472.0, 21.6, 1067.0, 50.3),
    60: (329.0, 12.2, 689.0, 24.4),
    80: (205.0, 11.0, 372.0, 11.8),
    100: (79.1, 6.4, 76.4, 3.3),
    120: (41.2, 2.7, 44.9, 2.5),
}
TABLE_ORDER = (0, 2, 1, 3)  # x, vx, y, vy of our x, y, vx, vy


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Errors (runs, looks, 4) [m, m/s], squared in their sigmas (runs, looks), runs in trouble."""

    errors: Array
    squared: Array
    troubled: int

    @property
    def rms(self) -> Array:
        """Root-mean-square errors (looks, 4)."""
        return np.asarray(np.sqrt(np.mean(self.errors**2, axis=0)))

    @property
    def converged(self) -> int:
        """Runs without trouble whose last error lies within the one-in-a-million ellipse."""
        chi_square_4_one_in_a_million = 33.4
        return int(np.sum(self.squared[:, -1] < chi_square_4_one_in_a_million))


def density_kg_m3(height_m: Array) -> Array:
    """The benchmark's air, apart from the kernel's."""
    low = height_m < 9_144.0
    return np.where(low, 1.227 * np.exp(-1.093e-4 * height_m), 1.754 * np.exp(-1.49e-4 * height_m))


def advanced(states: Array) -> Array:
    """States (runs, 4) a step later without noise, apart from the kernel's."""
    velocity_m_s = states[:, 2:]
    speed_m_s = np.linalg.norm(velocity_m_s, axis=1)
    brake = 0.5 * density_kg_m3(states[:, 1]) * INVERSE_BETA_M2_KG * speed_m_s
    pull = -brake[:, None] * velocity_m_s - np.array((0.0, 9.81))
    return np.hstack(
        (
            states[:, :2] + STEP_S * velocity_m_s + 0.5 * STEP_S**2 * pull,
            velocity_m_s + STEP_S * pull,
        )
    )


def slope(states: Array) -> Array:
    """Derivative (runs, 4, 4) of `advanced`."""
    y, v = states[:, 1], states[:, 2:]
    speed = np.linalg.norm(v, axis=1)
    low = y < 9_144.0
    k = -0.5 * INVERSE_BETA_M2_KG * density_kg_m3(y)
    pull = np.zeros((len(states), 2, 4))
    pull[:, :, 1] = (np.where(low, -1.093e-4, -1.49e-4) * k * speed)[:, None] * v
    pull[:, :, 2:] = k[:, None, None] * (
        speed[:, None, None] * np.eye(2) + v[:, :, None] * v[:, None, :] / speed[:, None, None]
    )
    whole = np.tile(np.eye(4), (len(states), 1, 1))
    whole[:, :2, 2:] += STEP_S * np.eye(2)
    whole[:, :2] += 0.5 * STEP_S**2 * pull
    whole[:, 2:] += STEP_S * pull
    return whole


def seen(states: Array) -> Array:
    """Range [m] and elevation [rad] (..., 2) of states (..., 4)."""
    x, y = states[..., 0], states[..., 1]
    return np.stack((np.hypot(x, y), np.arctan2(y, x)), axis=-1)


def simulated(runs: int, seed: int) -> tuple[Array, Array]:
    """Truths (runs, looks, 4) and measurements (runs, looks, 2)."""
    random = np.random.default_rng(seed)
    # Drawn in the order x, vx, y, vy, as the table's were.
    lower = np.linalg.cholesky(ACCELERATION_DENSITY * np.kron(np.eye(2), _AXIS))
    strays = (random.standard_normal((runs, LOOKS - 1, 4)) @ lower.T)[..., TABLE_ORDER]
    truths = np.empty((runs, LOOKS, 4))
    truths[:, 0] = START
    for k in range(1, LOOKS):
        truths[:, k] = advanced(truths[:, k - 1]) + strays[:, k - 1]
    return truths, seen(truths) + NOISE * random.standard_normal((runs, LOOKS, 2))


def initiated(first: Array, second: Array) -> tuple[Array, Array]:
    """Mean (4,) and covariance (4, 4) at the second of two measurements (2,)."""
    points, spreads = [], []
    for r, elevation in (first, second):
        c, s = math.cos(elevation), math.sin(elevation)
        turn = np.array(((c, -r * s), (s, r * c)))
        points.append(r * np.array((c, s)))
        spreads.append(turn @ np.diag(NOISE**2) @ turn.T)
    mean = np.concatenate((points[1], (points[1] - points[0]) / STEP_S))
    cross = spreads[1] / STEP_S
    both = (spreads[0] + spreads[1]) / STEP_S**2
    return mean, np.block([[spreads[1], cross], [cross, both]])


def filtered(measurements: Array) -> tuple[Array, Array] | None:
    """Means (looks, 4) and covariances (looks, 4, 4) from the second look on; None in trouble."""
    means, covariances = np.zeros((LOOKS, 4)), np.tile(np.eye(4), (LOOKS, 1, 1))
    x, p = np.zeros(6), np.zeros((6, 6))
    x[4:] = math.log(INVERSE_BETA_M2_KG), ACCELERATION_DENSITY
    x[:4], p[:4, :4] = initiated(measurements[0], measurements[1])
    g = np.zeros((8, 3))
    g[6, :2] = NOISE
    for k in range(1, LOOKS):
        if k > 1:
            if not unscented.predict_model(x, p, planar.FLAT_REENTRY, STEP_S):
                return None
            g[4, :2] = measurements[k]
            _, log_density = unscented.update_model(x, p, unscented.PLANE_RANGE_BEARING, g)
            if not math.isfinite(log_density):
                return None
        means[k], covariances[k] = x[:4], p[:4, :4]
    return means, covariances


def scored(truths: Array, measurements: Array) -> Scored:
    """Filter every run and compare with its truth."""
    runs = len(truths)
    errors, squared = np.zeros((runs, LOOKS, 4)), np.full((runs, LOOKS), np.inf)
    troubled = 0
    for run in range(runs):
        found = filtered(measurements[run])
        if found is None:
            troubled += 1
            continue
        errors[run] = found[0] - truths[run]
        solved = np.linalg.solve(found[1], errors[run][..., None])[..., 0]
        squared[run] = np.sum(errors[run] * solved, axis=1)
    return Scored(errors, squared, troubled)


def bound(truths: Array) -> Array:
    """Posterior Cramer-Rao bound (looks, 4): least possible root-mean-square errors."""
    least = np.zeros((LOOKS, 4))
    _, p = initiated(seen(truths[:, 0].mean(axis=0)), seen(truths[:, 1].mean(axis=0)))
    least[1] = np.sqrt(np.diag(p))
    information = np.linalg.inv(p)
    known = np.linalg.inv(PROCESS_NOISE)
    for k in range(2, LOOKS):
        f = slope(truths[:, k - 1])
        x, y = truths[:, k, 0], truths[:, k, 1]
        r = np.hypot(x, y)
        h = np.zeros((len(truths), 2, 4))
        h[:, 0, 0], h[:, 0, 1] = x / r, y / r
        h[:, 1, 0], h[:, 1, 1] = -y / r**2, x / r**2
        h /= NOISE[:, None]
        looked = np.mean(h.transpose(0, 2, 1) @ h, axis=0)
        first = np.mean(f.transpose(0, 2, 1) @ known @ f, axis=0)
        cross = -np.mean(f, axis=0).T @ known
        information = known + looked - cross.T @ np.linalg.inv(information + first) @ cross
        least[k] = np.sqrt(np.diag(np.linalg.inv(information)))
    return least


def main() -> None:
    """Run it and print the tables side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    truths, measurements = simulated(arguments.runs, arguments.seed)
    result, least = scored(truths, measurements), bound(truths)
    print("root-mean-square error in x, vx, y, vy [m, m/s] and mean squared error (4 expected)")
    print("  t s   bound                        ours                               table")
    order = list(TABLE_ORDER)
    worst = 0.0
    for t, published in TABLE.items():
        k = round(t / STEP_S)
        ours = result.rms[k, order]
        worst = max(worst, float(np.max(np.abs(ours / np.array(published[:4]) - 1.0))))
        cells = "  ".join(
            " ".join(f"{v:6.1f}" for v in row) for row in (least[k, order], ours, published[:4])
        )
        print(f"  {t:3d}   {cells}   {result.squared[:, k].mean():.2f} {published[4]:.2f}")
    late = result.squared[:, round(30 / STEP_S) :].mean(axis=0)
    print(f"worst ratio to the table {1.0 + worst:.3f}")
    print(f"mean squared error from 30 s on: {late.min():.2f} to {late.max():.2f}")
    print(f"converged in {result.converged} of {arguments.runs} runs, trouble in {result.troubled}")


if __name__ == "__main__":
    main()
