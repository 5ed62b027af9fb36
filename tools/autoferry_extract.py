"""Cut forty seconds of radar and infrared out of one scene of the Autoferry data, for a test.

    python -m tools.autoferry_extract FOLDER

FOLDER holds `scenario16_detections.json.gz` and `scenario16_groundTruth.json.gz`, which are
github Autoferry/sensor_fusion_dataset at 319ed9a5 (CC0). Written is tests/vectors/autoferry.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

SCENE, SECONDS, SENSORS, CAMERA, EVERY_S = 16, (30.0, 70.0), (2, 3), 3, 0.9
OUT = Path(__file__).parents[1] / "tests" / "vectors" / "autoferry"


def main(folder: Path) -> None:
    """Write the excerpt."""
    names = [f"scenario{SCENE}_{kind}.json.gz" for kind in ("detections", "groundTruth")]
    reports, truth = (json.loads(gzip.decompress((folder / n).read_bytes())) for n in names)
    began = min(row["time"] for row in reports)
    kept = []
    last = 0.0
    for k, row in enumerate(reports):
        inside = SECONDS[0] <= row["time"] - began < SECONDS[1] and row["sensorID"] in SENSORS
        if not inside or (row["sensorID"] == CAMERA and row["time"] < last + EVERY_S):
            continue
        last = row["time"] if row["sensorID"] == CAMERA else last
        kept.append(k)
    for name, rows in zip(names, (reports, truth), strict=True):
        text = json.dumps([rows[k] for k in kept], separators=(",", ":"))
        (OUT / name).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
