"""The weather of a scenario file: how much cloud, how high, how patchy."""

from __future__ import annotations

from forewarn.formats.fields import Field, Number, Row, Table
from forewarn.simulation.weather import HIGHEST_CLOUD_M, MOST_SIGMAS, Weather

_HIGHEST_KM = HIGHEST_CLOUD_M / 1e3

WEATHER = Table(
    (
        Field("cover_percent", Number(0.0, 100.0), "how much of the Earth lies under cloud"),
        Field("mean_top_km", Number(0.0, _HIGHEST_KM, True), "mean height of the cloud tops"),
        Field("top_sigma_km", Number(0.0, _HIGHEST_KM), "one sigma of the tops about that", 0.0),
        Field(
            "correlation_km",
            Number(1.0, 2_000.0),
            "distance at which cloud and tops are still correlated by 0.48",
        ),
        Field("albedo", Number(0.0, 1.0), "share of sunlight, in band, that clouds reflect", 0.5),
    )
)


def weather_from_row(row: Row) -> Weather:
    """Return the weather that a row says. Raises FormatError for clouds that cannot be so high."""
    mean_km, sigma_km = row["mean_top_m"] / 1e3, row["top_sigma_m"] / 1e3
    reach_km = mean_km + MOST_SIGMAS * sigma_km
    if reach_km > _HIGHEST_KM:
        raise row.fault(
            "top_sigma_km",
            f"tops of {mean_km:g} km within {sigma_km:g} km reach {reach_km:g} km at two sigma, "
            "into the stratosphere, where no cloud is",
            f"it must be at most {(_HIGHEST_KM - mean_km) / MOST_SIGMAS:g} for this mean_top_km",
        )
    if mean_km < MOST_SIGMAS * sigma_km:
        raise row.fault(
            "top_sigma_km",
            f"tops of {mean_km:g} km within {sigma_km:g} km lie below the ground at two sigma",
            f"it must be at most {mean_km / MOST_SIGMAS:g} for this mean_top_km",
        )
    return row.build(Weather)
