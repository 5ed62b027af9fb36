"""Our side of the comparison: a scene's plots through the bank's public interface, timed."""

from __future__ import annotations

import gc
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.tracking.bank import Bank, BankRules
from forewarn.tracking.plots import Plots, radar_plots

Array = NDArray[np.float64]
Estimates = list[tuple[list[int], Array]]

START_TAI_NS = 800_000_000 * SECOND_NS


def scene_plots(scene: dict[str, Any]) -> list[Plots]:
    """The scans of a scene, as a radar would hand them over; truth and its ids are not read."""
    fov = scene["fov"]
    volume = float(np.prod(fov[:, 1] - fov[:, 0]))
    sector = np.array((*fov[0], fov[1, 0], fov[1, 1] - fov[1, 0], *fov[2]))
    number = scene["meas"][:, 0].astype(int)
    return [
        radar_plots(
            scene["meas"][number == t, 1:],
            scene["sigma"],
            START_TAI_NS + round(float(seconds) * SECOND_NS),
            site_ecef_m=scene["sensor_ecef"],
            axes_enu=scene["R_enu"],
            false_plots_per_volume=float(scene["clutter_mean"]) / volume,
            detection_probability=float(scene["pd"]),
            sector=sector,
            middle_tai_ns=START_TAI_NS + round(float(seconds) * SECOND_NS),
        )
        for t, seconds in enumerate(scene["times"])
    ]


def track(
    scene: dict[str, Any], rules: BankRules | None = None
) -> tuple[Estimates, dict[str, Any]]:
    """Confirmed tracks after each scan (ids, positions (k, 3) in ENU), and what it cost."""
    scans = scene_plots(scene)
    bank = Bank(rules)
    _warm(bank, scans)
    state = bank.initial_state()
    estimates: Estimates = []
    covariances: list[Array] = []
    spent_s: list[float] = []
    gc.collect()
    gc.disable()  # as the peers' clock: what is kept for scoring is not their work either
    for plots in scans:
        begun = time.process_time()
        bank.scan(state, plots)
        means, covariance, _ = bank.estimates(state, plots.middle_tai_ns)
        rows = state.confirmed()
        spent_s.append(time.process_time() - begun)
        enu = (means[rows, :3] - scene["sensor_ecef"]) @ scene["R_enu"].T
        estimates.append((state.numbers[rows].tolist(), enu))
        covariances.append(covariance[rows, :3, :3].copy())
    gc.enable()
    cost = {
        "scans_per_cpu_s": len(scans) / sum(spent_s),
        "meas_per_cpu_s": len(scene["meas"]) / sum(spent_s),
        "worst_scan_cpu_s": max(spent_s),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
        "nees": position_nees(scene, estimates, covariances),
    }
    return estimates, cost


def _warm(bank: Bank, scans: list[Plots]) -> None:
    """Compile, or load what is compiled, outside the clock."""
    state = bank.initial_state()
    for plots in scans[:4]:
        bank.scan(state, plots)
        bank.estimates(state, plots.middle_tai_ns)


def position_nees(scene: dict[str, Any], estimates: Estimates, covariances: list[Array]) -> float:
    """Mean normalised squared error of position over its three degrees; 1 is honest.

    Each confirmed track is held against the nearest true object, by its own covariance; those
    farther than 100 (no object's track) are left out.
    """
    found: list[float] = []
    axes = scene["R_enu"]
    for t, ((_, points), covariance) in enumerate(zip(estimates, covariances, strict=True)):
        truth = scene["truth"][t, :, :3]
        truth = truth[~np.isnan(truth[:, 0])]
        if t < 10 or not len(points) or not len(truth):
            continue
        inverse = np.linalg.inv(axes @ covariance @ axes.T)
        for point, weight in zip(points, inverse, strict=True):
            away = truth - point
            d2 = np.einsum("ni,ij,nj->n", away, weight, away).min()
            if d2 < 100.0:
                found.append(float(d2))
    return float(np.mean(found)) / 3.0 if found else float("nan")


def load_scene(path: Path) -> dict[str, Any]:
    """A scene file as a dictionary of arrays."""
    with np.load(path) as file:
        return {key: file[key] for key in file.files}
