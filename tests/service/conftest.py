"""Fixtures of the service's tests."""

from __future__ import annotations

import pytest

from forewarn.pipeline import Pipeline
from forewarn.records import Realm
from forewarn.service.journal import FORMAT_VERSION, Header
from tests.service.toy import AREAS, NETWORK, ORIENTATION, POLICY


@pytest.fixture
def header() -> Header:
    """A header for journals that hold no pipeline's work."""
    return Header(
        format_version=FORMAT_VERSION,
        forewarn_version="0.1.0",
        realm=Realm.SIMULATION,
        network=NETWORK,
        areas=AREAS,
        policy=POLICY,
        orientation=ORIENTATION,
    )


@pytest.fixture
def toy_pipeline() -> Pipeline:
    """A pipeline of which a run reads only the configuration; the toy chain steps."""
    return Pipeline(NETWORK, AREAS, POLICY, ORIENTATION, Realm.SIMULATION)
