"""The pictures of the documentation, each drawn from the package's own physics.

``python -m tools.gallery [FOLDER] [NAME...]`` draws them anew. A module here is a picture: its
``numbers`` computes what is shown, in SI units, and its ``draw`` puts that on a figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from tools.gallery import (
    cloud_break,
    fence,
    glint_1983,
    plume,
    radar_detection,
    radar_window_1995,
    refraction,
    style,
)

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "gallery"

PICTURES: Mapping[str, Callable[[Figure], None]] = {
    "plume": plume.draw,
    "cloud-break": cloud_break.draw,
    "glint-1983": glint_1983.draw,
    "radar-detection": radar_detection.draw,
    "refraction": refraction.draw,
    "fence": fence.draw,
    "radar-window-1995": radar_window_1995.draw,
}
"""What draws each picture, by the name of its file."""


def picture(name: str) -> bytes:
    """Return the SVG of a picture; ``name`` is one of `PICTURES`."""
    return style.svg(PICTURES[name])


def write(folder: Path, names: tuple[str, ...] = tuple(PICTURES)) -> list[Path]:
    """Draw pictures into a folder, which is made where it is not there; return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.svg" for name in names]
    for name, file in zip(names, files, strict=True):
        file.write_bytes(picture(name))
    return files
