"""What each class of vehicle is: the speed at cut-off, how long it burns, how often it is flown.

Cut-off speeds follow from range by the minimum-energy relation v^2 = (2 mu / R) s / (1 + s),
s = sin(range angle / 2) (Bate, Mueller and White, Fundamentals of Astrodynamics, eq. 6.2-17), for
the range bands of open usage: short to 1,000 km, medium to 3,000, intermediate to 5,500,
intercontinental beyond. The ends are widened by a tenth, because a lofted or depressed flight needs
more and an Earth-relative speed may differ from the inertial one.
"""

from __future__ import annotations

MISSILE_CLASSES = (
    "short_range",
    "medium_range",
    "intermediate_range",
    "intercontinental",
    "unknown",
)
RANGE_BAND_M: dict[str, tuple[float, float]] = {
    "short_range": (0.0, 1_000e3),
    "medium_range": (1_000e3, 3_000e3),
    "intermediate_range": (3_000e3, 5_500e3),
    "intercontinental": (5_500e3, 20_000e3),
}
CLASS_CUT_OFF_M_S: dict[str, tuple[float, float]] = {
    "short_range": (900.0, 3_300.0),
    "medium_range": (2_700.0, 5_350.0),
    "intermediate_range": (4_400.0, 6_700.0),
    "intercontinental": (5_600.0, 7_800.0),
    "unknown": (500.0, 7_800.0),
    "space_launch": (6_900.0, 11_000.0),
}
LONGEST_BURN_S: dict[str, float] = {  # generic; a burn this long makes the class unlikely
    "short_range": 100.0,
    "medium_range": 150.0,
    "intermediate_range": 200.0,
    "intercontinental": 330.0,
    "unknown": 400.0,
    "space_launch": 900.0,
}
# Share of each class among launches that a network sees, before anything is known of this one.
# Orbital launches are counted yearly (about 220 in 2023); missiles of all ranges are of the same
# order.
PRIOR: dict[str, float] = {
    "short_range": 0.25,
    "medium_range": 0.15,
    "intermediate_range": 0.10,
    "intercontinental": 0.08,
    "space_launch": 0.35,
    "unknown": 0.07,
}
