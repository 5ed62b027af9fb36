"""Constants of the Earth, each with its source. SI units.

Sources: [WGS84] NGA.STND.0036_1.0.0_WGS84, 2014, tables 3.1 and 3.5; [EGM96] Lemoine et al.,
NASA/TP-1998-206861 (zonal coefficients, unnormalised); [USSA76] U.S. Standard Atmosphere 1976,
NOAA-S/T 76-1562.
"""

SEMI_MAJOR_AXIS_M = 6_378_137.0  # [WGS84] table 3.1
FLATTENING = 1.0 / 298.257223563  # [WGS84] table 3.1
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)
SEMI_MINOR_AXIS_M = SEMI_MAJOR_AXIS_M * (1.0 - FLATTENING)
MEAN_RADIUS_M = 6_371_008.771_4  # [WGS84] (2a + b) / 3
GRAVITATIONAL_PARAMETER_M3_S2 = 3.986004418e14  # [WGS84] table 3.1, atmosphere included
ROTATION_RATE_RAD_S = 7.292115e-5  # [WGS84] table 3.1
J2 = 1.0826266836e-3  # [EGM96], -C20 sqrt(5)
J3 = -2.5326564853e-6  # [EGM96]
J4 = -1.6196215914e-6  # [EGM96]
STANDARD_GRAVITY_M_S2 = 9.80665  # [USSA76] g0
SPEED_OF_LIGHT_M_S = 299_792_458.0  # SI definition
BOLTZMANN_J_K = 1.380649e-23  # SI definition
PLANCK_J_S = 6.62607015e-34  # SI definition
SUN_TEMPERATURE_K = 5_772.0  # IAU 2015 resolution B3, nominal effective temperature
SUN_RADIUS_M = 6.957e8  # IAU 2015 resolution B3, nominal
ASTRONOMICAL_UNIT_M = 149_597_870_700.0  # IAU 2012 resolution B2
MOON_RADIUS_M = 1_737_400.0  # IAU working group on cartographic coordinates, 2015, mean
