"""Bodies that glow because they are fast: gliders, and stages that come down from orbit."""

from __future__ import annotations

import dataclasses

import numpy as np

from forewarn.missiles.trajectory import Trajectory
from forewarn.sensors.plume import radiative_equilibrium_temperature_k, skin_intensity_w_sr
from forewarn.sensors.sight import height_m

_EMISSIVITY = 0.85
_FLUX_SHARE = 0.1  # of the nose's heat flux that the rest of the body takes up: soft
_COOLEST_K = 600.0  # colder bodies are as good as dark in both bands
_LOWEST_FAST_M_S = 1_000.0  # slower, the formula for the heat flux means nothing


def glowing(flown: Trajectory, *, nose_radius_m: float, area_m2: float) -> Trajectory:
    """Return the flight with the in-band light of its hot skin, where no engine burns.

    The light is that of a grey body of the given area, in equilibrium with a share of the heat that
    the nose takes up. In band means 2.7 micrometres, as for plumes.
    """
    speed_m_s = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    heights_m = height_m(flown.position_ecef_m)
    nose_k = radiative_equilibrium_temperature_k(speed_m_s, heights_m, nose_radius_m, _EMISSIVITY)
    skin_k = _FLUX_SHARE**0.25 * nose_k
    hot = (skin_k > _COOLEST_K) & (speed_m_s > _LOWEST_FAST_M_S) & (flown.intensity_w_sr == 0.0)
    skin_w_sr = skin_intensity_w_sr(area_m2, np.maximum(skin_k, _COOLEST_K), _EMISSIVITY)
    intensity = np.where(hot, skin_w_sr, flown.intensity_w_sr)
    return dataclasses.replace(flown, intensity_w_sr=intensity)
