"""Make the small real extracts of fires, flares, flashes and fireballs from the published files.

    python -m tools.clutter_extracts fires IN.csv.gz OUT.csv
    python -m tools.clutter_extracts flares IN.csv OUT.csv
    python -m tools.clutter_extracts flashes IN.nc... OUT.csv
    python -m tools.clutter_extracts fireballs IN.csv OUT.csv

Fires: MODIS collection 6.1 active fires of 24 hours, from LANCE FIRMS. Flares: platforms of the
North Sea with their counts of VIIRS detections, from github strath-ace/smart-eo. Flashes: GOES-16
GLM level 2 files; reading NetCDF-4 needs ``h5py``, which forewarn itself does not. Fireballs: the
table of JPL's CNEOS. Every file is read as published, thinned as said here, and rewritten.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path

FIRE_TEMPERATURE_K = 1_100.0  # flaming vegetation, 1,000 to 1,200 K (soft)
FLARE_TEMPERATURE_K = 1_800.0  # gas flares 1,600 to 2,200 K: Remote Sensing 18 (2026) 314
FLARE_POWER_MW = 5.0  # a usual flare radiates 1 to 10 MW (from memory, soft)

_EVERY = 65  # of 19,416 fire pixels, in order of time
_LEAST_SIGHTINGS = 100  # of a platform, so that it burns on most nights
_SPOT_HEADER = ("latitude_deg", "longitude_deg", "radiant_power_mw", "temperature_k", "height_m")

Row = tuple[object, ...]


def fires(source: Path) -> list[Row]:
    """Every 65th fire pixel: place and fire radiative power."""
    with gzip.open(source, "rt", encoding="utf-8") as text:
        pixels = [p for p in csv.DictReader(text) if float(p["frp"]) > 0.0]
    return [_SPOT_HEADER] + [
        (p["latitude"], p["longitude"], p["frp"], f"{FIRE_TEMPERATURE_K:g}", "0")
        for p in pixels[::_EVERY]
    ]


def flares(source: Path) -> list[Row]:
    """Every platform that was seen burning a hundred times, each with the same power."""
    rows: list[Row] = [_SPOT_HEADER]
    with source.open(encoding="utf-8") as text:
        for platform in csv.DictReader(text):
            if float(platform["Observations"] or 0.0) < _LEAST_SIGHTINGS:
                continue
            longitude_deg, latitude_deg, *_ = json.loads(platform["coordinates"])
            place = (f"{latitude_deg:.4f}", f"{longitude_deg:.4f}")
            rows.append((*place, f"{FLARE_POWER_MW:g}", f"{FLARE_TEMPERATURE_K:g}", "0"))
    return rows


def flashes(sources: Iterable[Path]) -> list[Row]:
    """Every flash: time from the first file's start, duration, place, energy at the lens."""
    h5py = importlib.import_module("h5py")  # only this needs it

    rows: list[Row] = [("time_s", "duration_s", "latitude_deg", "longitude_deg", "energy_j")]
    start = math.nan
    for source in sources:
        with h5py.File(source) as file:
            start = float(file["product_time"][()]) if math.isnan(start) else start
            since = float(file["product_time"][()]) - start
            first = _unpacked(file["flash_time_offset_of_first_event"])
            last = _unpacked(file["flash_time_offset_of_last_event"])
            columns = (first, last, file["flash_lat"][:], file["flash_lon"][:])
            energies = _unpacked(file["flash_energy"])
            for begin, end, latitude, longitude, energy in zip(*columns, energies, strict=True):
                place = (f"{latitude:.3f}", f"{longitude:.3f}")
                begins = f"{since + begin / 1e3:.3f}"
                rows.append((begins, f"{(end - begin) / 1e3:.3f}", *place, f"{energy:.3e}"))
    return rows


def _unpacked(variable: object) -> list[float]:
    """Undo the packing; whole numbers marked unsigned are stored as signed."""
    values = variable[:]  # type: ignore[index]
    marks = variable.attrs  # type: ignore[attr-defined]
    if "_Unsigned" in marks:
        values = values.view(values.dtype.str.replace("i", "u"))
    scaled = values * float(marks["scale_factor"][0]) + float(marks["add_offset"][0])
    return [float(value) for value in scaled]


def fireballs(source: Path) -> list[Row]:
    """Every event: height of peak brightness, speed, angle of entry, light and total energy."""
    header = ("date_utc", "peak_height_km", "speed_km_s", "entry_angle_deg", "light_j", "energy_kt")
    rows: list[Row] = [header]
    with source.open(encoding="utf-8") as text:
        for event in list(csv.reader(text))[1:]:
            date, latitude, longitude, height, speed, *velocity, light, energy = event
            angle = _entry_angle_deg(latitude, longitude, velocity)
            rows.append((date[:10], height, speed, angle, light, energy))
    return rows


def _entry_angle_deg(latitude: str, longitude: str, velocity: list[str]) -> str:
    """Angle below the horizontal of a velocity in the Earth's axes, empty if it is not known."""
    if not latitude or not all(velocity):
        return ""
    lat, lon = (
        math.radians(float(t[:-1])) * (1 if t[-1] in "NE" else -1) for t in (latitude, longitude)
    )
    up = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    v = [float(component) for component in velocity]
    sine = -sum(a * b for a, b in zip(up, v, strict=True)) / math.hypot(*v)
    return f"{math.degrees(math.asin(sine)):.1f}"


def main(arguments: list[str]) -> None:
    """Write the extract that the first argument names."""
    what, *sources, target = arguments
    paths = [Path(source) for source in sources]
    if what == "flashes":
        rows = flashes(paths)
    else:
        rows = {"fires": fires, "flares": flares, "fireballs": fireballs}[what](paths[0])
    with Path(target).open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
