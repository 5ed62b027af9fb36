"""Where the shipped scenarios are: beside ``src`` in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

import forewarn
from forewarn.formats.faults import FormatError


def scenarios_folder() -> Path:
    """Return the folder of the shipped scenarios. Raises FormatError if there is none."""
    package = Path(forewarn.__file__).resolve().parent
    places = (package / "scenarios", package.parents[1] / "scenarios")
    for place in places:
        if place.is_dir():
            return place
    raise FormatError(
        "the shipped scenarios are not there",
        file=str(places[0]),
        mend="install forewarn again, or give the path of a scenario file",
    )


def shipped_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    folder = scenarios_folder()
    files = [*folder.glob("*.yaml"), *folder.glob("falcon/*.yaml")]
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)


def scenario_path(name: str) -> Path:
    """Return the file of a scenario that is named by its path or, if shipped, by its name.

    Shipped names are like ``falcon/ses-10``; the last part or the beginning is enough where it
    means only one. Raises FormatError if there is no such scenario, telling those that there are.
    """
    path = Path(name)
    if path.is_file() or path.suffix in (".yaml", ".yml"):
        return path
    names = shipped_names()
    fitting = [n for n in names if name in (n, n.rpartition("/")[2])] or [
        n for n in names if n.startswith(name)
    ]
    if len(fitting) != 1:
        known = ", ".join(names)
        raise FormatError(
            "no such scenario" if not fitting else f"may mean {' or '.join(fitting)}",
            file=name,
            mend=f"give a file, or one of the shipped: {known}",
        )
    return scenarios_folder() / f"{fitting[0]}.yaml"
