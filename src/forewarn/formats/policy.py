"""Policy files (``forewarn: policy/1``): the thresholds of the warning decision."""

from __future__ import annotations

from pathlib import Path

from forewarn.formats.document import read_document, read_text
from forewarn.formats.fields import ID, NAME, PROBABILITY, Field, Integer, Number, Table, read_table
from forewarn.warning.faults import policy_faults
from forewarn.warning.policy import Policy

HEADER = "policy/1"
_LONGEST_S = 86_400.0
_COUNT = Integer(1, 100)

TABLE = Table(
    (
        Field("policy_id", ID, "the policy's id, named by every decision made under it"),
        Field("version", Integer(1), "counts up with every change"),
        Field("title", NAME, "what the policy is for"),
        Field(
            "threat_probability",
            PROBABILITY,
            "least probability of a hostile class for a case to be more than possible",
        ),
        Field(
            "prepare_probability", PROBABILITY, "probability of an impact in an area that warns it"
        ),
        Field(
            "shelter_probability",
            PROBABILITY,
            "probability of an impact in an area that sends it to shelter, once confirmed",
        ),
        Field(
            "release_probability", PROBABILITY, "probability below which a warned area is released"
        ),
        Field("probable_domains", _COUNT, "independent failure domains that make a case probable"),
        Field("confirmed_domains", _COUNT, "independent failure domains that confirm a case"),
        Field("minimum_measurements", _COUNT, "measurements a track needs before it is a case"),
        Field(
            "lost_after_s",
            Number(0.0, _LONGEST_S, True),
            "unseen for so long while it should be seen, a case is lost",
        ),
        Field(
            "all_clear_after_s",
            Number(0.0, _LONGEST_S),
            "wait after the expected impact before the all clear",
        ),
        Field(
            "extrapolation_limit_s",
            Number(0.0, _LONGEST_S, True),
            "a lost case whose forecast is older is withdrawn",
            1200.0,
        ),
        Field(
            "confirmed_physics",
            Integer(1, 2),
            "how many of infrared and radar must agree before a case is confirmed",
            1,
        ),
        Field(
            "orbital_probability",
            PROBABILITY,
            "probability of no impact from which a space launch counts as in orbit",
            0.99,
        ),
        Field(
            "narrow_probability",
            PROBABILITY,
            "probability of cut-off below which no area is narrowed out",
            0.9,
        ),
    )
)


def load_policy(path: Path) -> Policy:
    """Return the policy in a file. Raises FormatError, also for one that contradicts itself."""
    document = read_document(read_text(path), file=str(path))
    row = read_table(TABLE, document, file=str(path), header=HEADER)
    policy = row.build(Policy)
    for fault in policy_faults(policy):
        raise row.fault(fault.split()[0], fault, "")
    return policy
