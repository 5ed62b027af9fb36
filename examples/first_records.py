"""Make a scan, write it as JSON, read it back, and see a bad one refused."""

import msgspec

from forewarn.records import Cone, InfraredMeasurement, Realm, Scan

SEEN_TAI_NS = 1_503_954_000_000_000_000

measurement = InfraredMeasurement(
    measurement_id="east-1/41/0",
    seen_tai_ns=SEEN_TAI_NS,
    right_ascension_rad=1.234,
    declination_rad=-0.123,
    irradiance_w_m2=3.0e-9,
    snr=21.0,
)
scan = Scan(
    scan_id="east-1/41",
    realm=Realm.TEST,
    sensor_id="east-1",
    sequence=41,
    start_tai_ns=SEEN_TAI_NS,
    end_tai_ns=SEEN_TAI_NS + 10_000_000_000,
    received_tai_ns=SEEN_TAI_NS + 11_500_000_000,
    volume=Cone(axis_gcrf=(-1.0, 0.0, 0.0), half_angle_rad=0.15),
    sensitivity=2.0e-10,
    measurements=(measurement,),
    position_gcrf_m=(42_164_000.0, 0.0, 0.0),
    velocity_gcrf_m_s=(0.0, 3_075.0, 0.0),
)

line = msgspec.json.encode(scan)
assert msgspec.json.decode(line, type=Scan) == scan
print(line.decode()[:72] + "...")

stranger = line.replace(b'"sensitivity"', b'"sensitivty"')
try:
    msgspec.json.decode(stranger, type=Scan)
except msgspec.ValidationError as error:
    print(f"refused: {error}")
