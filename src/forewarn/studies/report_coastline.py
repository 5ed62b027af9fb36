"""Coastlines for maps: a reduced copy of Natural Earth 1:50m land, and the program that made it.

``python -m forewarn.studies.report_coastline land-50m.json`` reduces the TopoJSON file of the
``world-atlas`` package (2.0.2) to ``data/coastline.json``: rings of (longitude, latitude) in
hundredths of a degree, first point absolute, the others as differences. Lines are simplified
after Douglas and Peucker, "Algorithms for the reduction of the number of points required to
represent a digitized line or its caricature", Cartographica 10 (1973), 112-122. Natural Earth is
in the public domain; world-atlas is under the ISC licence.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
"""A closed line: shape (n, 2), longitude and latitude [deg], the first point not repeated."""

SCALE_DEG = 0.01  # the grid of the stored copy: about 1 km
TOLERANCE_DEG = 0.018  # about 2 km: less than a pixel on a map of 2,000 km
SMALLEST_AREA_DEG2 = 0.006  # about 70 km2: smaller islands are left out
CREDIT = "Made with Natural Earth, from world-atlas 2.0.2 (land-50m)"


@cache
def load_coastline() -> tuple[Ring, ...]:
    """Return the rings of all land and of the lakes in it, filled by the even-odd rule.

    Every ring runs clockwise round what it encloses, so that a map can tell whether a ring that
    winds round its middle encloses that, or the point opposite.
    """
    text = resources.files("forewarn.studies").joinpath("data/coastline.json").read_text("utf-8")
    stored = json.loads(text)
    rings = []
    for steps in stored["rings"]:
        ring = np.cumsum(np.array(steps, dtype=np.float64).reshape(-1, 2), axis=0)
        ring *= stored["scale_deg"]
        rings.append(ring if _turns_right(ring) else ring[::-1])
    return tuple(rings)


def _turns_right(ring: Ring) -> bool:
    """Whether a ring runs clockwise on a map; round the south pole, whether it runs eastward."""
    if abs(ring[-1, 0] - ring[0, 0]) > 180.0:
        return bool(ring[-1, 0] > ring[0, 0])
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) < 0.0


def reduce_topology(topology: dict[str, Any]) -> tuple[Ring, ...]:
    """Return the simplified land rings of a TopoJSON ``topology`` with an object ``land``."""
    arcs = _decoded_arcs(topology)
    rings = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring_arcs in (ring for polygon in polygons for ring in polygon):
            ring = _joined(arcs, ring_arcs)
            if _area_deg2(ring) >= SMALLEST_AREA_DEG2:
                rings.append(_simplified(ring, TOLERANCE_DEG))
    return tuple(ring for ring in rings if len(ring) >= 4)


def stored_form(rings: tuple[Ring, ...]) -> str:
    """Return the JSON text that `load_coastline` reads."""
    deltas = []
    for ring in rings:
        grid = np.rint(ring / SCALE_DEG).astype(np.int64)
        steps = np.vstack([grid[:1], np.diff(grid, axis=0)])
        kept = np.concatenate([[True], np.any(steps[1:] != 0, axis=1)])
        deltas.append(steps[kept].ravel().tolist())
    document = {"credit": CREDIT, "scale_deg": SCALE_DEG, "rings": deltas}
    return json.dumps(document, separators=(",", ":")) + "\n"


def _decoded_arcs(topology: dict[str, Any]) -> list[Ring]:
    """Undo the delta coding of TopoJSON (format specification 2.1.3)."""
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]


def _joined(arcs: list[Ring], ring_arcs: list[int]) -> Ring:
    """Join arcs to one ring, unwrapped in longitude; a negative index ~i is arc i reversed."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring_arcs]
    ring = np.vstack([part[:-1] for part in parts])
    ring[:, 0] = np.degrees(np.unwrap(np.radians(ring[:, 0])))
    return ring


def _area_deg2(ring: Ring) -> float:
    """Area in square degrees of latitude (shoelace, longitudes shrunk by the mean latitude)."""
    x, y = ring[:, 0] * np.cos(np.radians(ring[:, 1].mean())), ring[:, 1]
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2.0


def _simplified(ring: Ring, tolerance_deg: float) -> Ring:
    """Drop points closer than ``tolerance_deg`` to the line through those kept."""
    x = ring[:, 0] * np.cos(np.radians(ring[:, 1]))
    points = np.column_stack([x, ring[:, 1]])
    far = int(np.argmax(np.sum((points - points[0]) ** 2, axis=1)))
    kept = np.zeros(len(ring), dtype=np.bool_)
    kept[[0, far]] = True
    closed = np.vstack([points, points[:1]])
    pending = [(0, far), (far, len(ring))]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        offsets = _line_distances(closed[first + 1 : last], closed[first], closed[last])
        worst = int(np.argmax(offsets))
        if offsets[worst] > tolerance_deg:
            middle = first + 1 + worst
            kept[middle] = True
            pending += [(first, middle), (middle, last)]
    return ring[kept]


def _line_distances(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distances (n,) of ``points`` (n, 2) from the segment from start to end."""
    along = end - start
    length2 = float(along @ along)
    offset = points - start
    share = np.clip(offset @ along / length2, 0.0, 1.0) if length2 > 0 else np.zeros(len(points))
    distances: NDArray[np.float64] = np.linalg.norm(offset - share[:, None] * along, axis=1)
    return distances


def main(arguments: list[str]) -> None:
    """Reduce the TopoJSON file named in ``arguments`` and write the stored copy."""
    topology = json.loads(Path(arguments[0]).read_text("utf-8"))
    target = Path(__file__).parent / "data" / "coastline.json"
    target.write_text(stored_form(reduce_topology(topology)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
