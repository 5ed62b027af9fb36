"""What a CAP message says for each state of an area: reviewed sentences and coded fields.

Warnings contain these sentences and times only, never text made up while a missile flies. One
`Texts` is one language; a reviewed translation is another value of the same class.
"""

from __future__ import annotations

import msgspec

from forewarn.records import AreaState, Realm


class StateText(msgspec.Struct, frozen=True, kw_only=True):
    """The wording for one area state. ``{arrival}`` in it becomes `Texts.arrival`, or nothing.

    The coded fields have the values of CAP 1.2, section 3.2.2.
    """

    headline: str
    description: str
    instruction: str
    response_type: str
    urgency: str
    severity: str
    certainty: str


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """All the wording in one language (an RFC 3066 code)."""

    language: str
    event: str
    arrival: str
    states: dict[AreaState, StateText]
    prefixes: dict[Realm, str]
    notes: dict[Realm, str]


_TEST_NOTE = "This is a test message from {realm} data. No missile was detected. Take no action."

ENGLISH = Texts(
    language="en",
    event="Missile warning",
    arrival=" from {time} UTC",
    states={
        AreaState.PREPARE: StateText(
            headline="Missile warning: prepare to take shelter",
            description="A missile has been detected in flight. It could come down in this area"
            "{arrival}.",
            instruction="Find out where you would take shelter and stay close to it. Listen for"
            " the next message. Keep roads and telephone lines free.",
            response_type="Prepare",
            urgency="Expected",
            severity="Severe",
            certainty="Possible",
        ),
        AreaState.EXTENDED: StateText(
            headline="Missile warning extended to this area: prepare to take shelter",
            description="A missile has been detected in flight. The warning has been extended: it"
            " could come down in this area{arrival}.",
            instruction="Find out where you would take shelter and stay close to it. Listen for"
            " the next message. Keep roads and telephone lines free.",
            response_type="Prepare",
            urgency="Expected",
            severity="Severe",
            certainty="Possible",
        ),
        AreaState.SHELTER: StateText(
            headline="Missile warning: take shelter now",
            description="A missile has been detected in flight. It is likely to come down in this"
            " area{arrival}.",
            instruction="Go to the nearest shelter now. If there is none, go into a solid"
            " building, to an inner room or below ground, away from windows. Outdoors, lie down"
            " behind cover and protect your head. Stay there until the all clear.",
            response_type="Shelter",
            urgency="Immediate",
            severity="Extreme",
            certainty="Likely",
        ),
        AreaState.NARROWED: StateText(
            headline="Missile warning lifted for this area",
            description="The missile is still in flight. It is no longer expected to come down in"
            " this area.",
            instruction="You may leave shelter. Keep listening: the warning can return. Do not"
            " travel towards areas that are still warned.",
            response_type="Monitor",
            urgency="Future",
            severity="Minor",
            certainty="Unlikely",
        ),
        AreaState.ALL_CLEAR: StateText(
            headline="Missile warning: all clear",
            description="The danger from the missile is over for this area.",
            instruction="You may leave shelter. Do not touch fallen objects: report them to the"
            " authorities.",
            response_type="AllClear",
            urgency="Past",
            severity="Minor",
            certainty="Unlikely",
        ),
        AreaState.CANCELLED: StateText(
            headline="Missile warning cancelled",
            description="The missile warning for this area has been withdrawn. No missile is"
            " expected to come down here.",
            instruction="You may leave shelter. No action is needed.",
            response_type="AllClear",
            urgency="Past",
            severity="Minor",
            certainty="Unlikely",
        ),
    },
    prefixes={
        Realm.LIVE: "",
        Realm.EXERCISE: "EXERCISE: ",
        Realm.REPLAY: "TEST: ",
        Realm.SIMULATION: "TEST: ",
        Realm.TEST: "TEST: ",
    },
    notes={
        Realm.LIVE: "",
        Realm.EXERCISE: "This is an exercise. No missile was detected. Take no action.",
        Realm.REPLAY: _TEST_NOTE.format(realm="replayed"),
        Realm.SIMULATION: _TEST_NOTE.format(realm="simulated"),
        Realm.TEST: _TEST_NOTE.format(realm="test"),
    },
)
