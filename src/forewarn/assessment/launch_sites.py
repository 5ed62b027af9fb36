"""Where orbital launches have come from: the prior that a launch from there is a space launch.

Counts of orbital launch attempts 1990 to 2020 by site, from J. McDowell, General Catalog of
Artificial Space Objects (planet4589.org/space/gcat), launch log and site table, CC BY. The radius
covers the pads round the site's catalogued point, which is coarse for the widest sites.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaunchSite:
    """A known orbital launch site: centre, one-sigma radius, orbital launches counted."""

    name: str
    latitude_rad: float
    longitude_rad: float
    radius_m: float
    orbital_launches: int


_CATALOGUE = (  # name, latitude and longitude [deg], radius [m], orbital launches 1990-2020
    ("Baikonur", 46.0, 63.0, 30000.0, 592),
    ("Cape Canaveral", 28.46, -80.54, 12000.0, 387),
    ("Kourou", 5.2333, -52.7517, 12000.0, 261),
    ("Plesetsk", 62.9, 40.5, 20000.0, 345),
    ("Xichang", 28.2472, 102.0291, 12000.0, 146),
    ("Kennedy Space Center", 28.6083, -80.6041, 12000.0, 132),
    ("Jiuquan", 41.31, 100.31, 12000.0, 113),
    ("Vandenberg (south)", 34.63, -120.61, 12000.0, 90),
    ("Taiyuan", 37.5, 112.6, 12000.0, 88),
    ("Vandenberg (north)", 34.75, -120.62, 12000.0, 76),
    ("Sriharikota", 13.621, 80.303, 12000.0, 70),
    ("Tanegashima", 30.4, 130.97, 12000.0, 63),
    ("Wallops Island", 37.83, -75.48, 12000.0, 26),
    ("Mahia", -39.2609, 177.8655, 12000.0, 17),
    ("Uchinoura", 31.25, 131.079, 12000.0, 17),
    ("Palmachim", 31.9, 34.7, 12000.0, 10),
    ("Yasny", 50.75, 59.5, 27750.0, 10),
    ("Semnan", 35.2347, 53.921, 12000.0, 10),
    ("Wenchang", 19.6142, 110.9511, 12000.0, 10),
    ("Kwajalein", 8.9917, 167.72, 12000.0, 9),
    ("Vostochny", 51.7, 128.0, 55500.0, 11),
    ("Kodiak", 57.4359, -152.3378, 12000.0, 3),
    ("Naro", 34.4318, 127.5363, 12000.0, 3),
    ("Sohae", 39.66, 124.706, 12000.0, 3),
)
LAUNCH_SITES = tuple(
    LaunchSite(name, math.radians(latitude), math.radians(longitude), radius_m, count)
    for name, latitude, longitude, radius_m, count in _CATALOGUE
)
