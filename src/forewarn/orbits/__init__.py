"""Where satellites are: mean elements in TLE, Alpha-5 and OMM, propagated by SGP4."""

from forewarn.orbits.catalogue import Catalogue
from forewarn.orbits.elements import Elements
from forewarn.orbits.omm import read_omm
from forewarn.orbits.placing import geostationary, molniya, notional, perigee_height_m, reepoch
from forewarn.orbits.satellite import PropagationError, Satellite
from forewarn.orbits.tle import read_tle

__all__ = [
    "Elements",
    "Catalogue",
    "read_tle",
    "read_omm",
    "Satellite",
    "PropagationError",
    "reepoch",
    "notional",
    "perigee_height_m",
    "geostationary",
    "molniya",
]
