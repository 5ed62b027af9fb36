"""What shines beside the launches of a run, drawn once from its seed and seen by every sensor."""

from __future__ import annotations

from dataclasses import dataclass

from forewarn.missiles.aircraft import level_flight
from forewarn.simulation.bolides import falling, random_falls
from forewarn.simulation.clutter import Aircraft, Clutter
from forewarn.simulation.flights import Flier, Flights, flights
from forewarn.simulation.glints import MirrorPatches, mirror_patches
from forewarn.simulation.hot_spots import BurningSpots, burning_spots
from forewarn.simulation.lightning import Flashes, flashes
from forewarn.simulation.weather import CloudField


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Clutter of one run, each kind None or empty where the scenario asks for none of it.

    Intensities of ``bolides`` are of all colours, those of ``aircraft`` in band.
    """

    spots: BurningSpots | None
    flashes: Flashes | None
    bolides: Flights
    aircraft: Flights
    patches: MirrorPatches | None


def surroundings(
    clutter: Clutter, clouds: CloudField | None, *, seed: int, span_tai_ns: tuple[int, int]
) -> Surroundings:
    """Draw a run's clutter. Glints need clouds: without them there are none."""
    falls = random_falls(clutter.bolides_per_year, seed=seed, span_tai_ns=span_tai_ns)
    storms, glints = clutter.lightning, clutter.glints
    return Surroundings(
        spots=burning_spots(clutter.hot_spots, seed=seed) if clutter.hot_spots else None,
        flashes=None if storms is None else flashes(storms, seed=seed, span_tai_ns=span_tai_ns),
        bolides=flights(falling((*clutter.falls, *falls))),
        aircraft=flights([_cruising(aircraft) for aircraft in clutter.aircraft]),
        patches=None
        if glints is None or clouds is None
        else mirror_patches(glints, clouds, seed=seed),
    )


def _cruising(aircraft: Aircraft) -> Flier:
    return Flier(
        name=aircraft.aircraft_id,
        start_tai_ns=aircraft.time_tai_ns,
        trajectory=level_flight(
            latitude_rad=aircraft.latitude_rad,
            longitude_rad=aircraft.longitude_rad,
            height_m=aircraft.height_m,
            azimuth_rad=aircraft.azimuth_rad,
            speed_m_s=aircraft.speed_m_s,
            duration_s=aircraft.duration_s,
            intensity_w_sr=aircraft.intensity_w_sr,
        ),
    )
