"""Many runs summed up: moments, medians and ratios, and what has no bound."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.simulation import Scenario
from forewarn.studies import bounds_words as words
from forewarn.studies.bounds_achieved import Miss
from forewarn.studies.bounds_page import page
from forewarn.studies.bounds_picture import draw
from forewarn.studies.bounds_study import (
    BoundsStudy,
    LaunchStudy,
    Moment,
    Sample,
    ScenarioError,
    bounded_launches,
    moment_of,
    study,
)
from tests.studies.bounds_scene import ORIENTATION, SCENARIOS, lean, scenario


@pytest.fixture(scope="module")
def done() -> BoundsStudy:
    """Two short runs, all the way."""
    told: list[int] = []
    found = study(lean(), ORIENTATION, run_count=2, progress=told.append)
    assert told == [1, 2]
    return found


def sample(bound: float, error: float | None, *, nees: float = 1.0, looks: int = 3) -> Sample:
    """Return a sample with one quantity."""
    miss = {} if error is None else {"launch_place_m": Miss(error, nees, nees < 2.0)}
    return Sample(
        since_launch_s=60.0,
        looks={"S": looks},
        bounds={"launch_place_m": (bound, 2.0 * bound**2)},
        misses=miss,
    )


def test_a_study_has_its_moments_and_its_curve(done: BoundsStudy) -> None:
    """Confirmation and half a minute on; every five seconds to the scenario's end; looks grow."""
    (launch,) = done.launches
    assert launch.launch_id == "sunan-1"
    assert [m.name for m in launch.moments] == ["first confirmation", "last look"]
    assert [m.since_launch_s for m in launch.curve] == list(range(5, 71, 5))
    counts = [sum(m.looks.values()) for m in launch.curve]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] > 20
    last = launch.moments[-1].scores
    assert last["launch_place_m"].estimate_count == 2
    assert 100.0 < last["launch_place_m"].bound < 2e3
    assert last["impact_place_m"].bound > 100e3
    assert last["position_m"].bound < last["position_m"].bound_rms * 1.1


def test_two_processes_find_the_same(done: BoundsStudy) -> None:
    """The number of workers decides about time alone."""
    again = study(lean(), ORIENTATION, run_count=2, workers=2)
    first, second = (msgspec.json.encode(each) for each in (done, again))
    assert len(first) == len(second)
    for a, b in zip(done.launches[0].curve, again.launches[0].curve, strict=True):
        assert a.looks == b.looks
        for name in a.scores:
            assert b.scores[name].bound == pytest.approx(a.scores[name].bound, rel=1e-6)
            assert b.scores[name].error == a.scores[name].error


def test_ratio_nees_and_medians_by_hand() -> None:
    """The ratio is the median over runs of error over bound, not of medians over each other."""
    runs = [sample(100.0, 150.0, nees=0.5), sample(10.0, 30.0, nees=3.0), sample(1e3, None)]
    moment = moment_of("burn-out", runs)
    score = moment.scores["launch_place_m"]
    assert moment.run_count == 3
    assert score.estimate_count == 2
    assert score.held_count == 1
    assert score.bound == 100.0
    assert score.bound_rms == pytest.approx(math.sqrt(2.0 * (1e4 + 1e2 + 1e6) / 3.0))
    assert score.error == 90.0
    assert score.error_rms == pytest.approx(math.sqrt((150.0**2 + 30.0**2) / 2.0))
    assert score.ratio == pytest.approx((1.5 + 3.0) / 2.0)
    assert score.nees == pytest.approx(1.75)


def test_runs_without_an_estimate_are_counted_as_such() -> None:
    """They have a bound, and nothing else; an endless NEES is none."""
    score = moment_of("+ 30 s", [sample(50.0, None)]).scores["launch_place_m"]
    assert (score.estimate_count, score.held_count, score.error) == (0, 0, None)
    assert "no estimate" in words._cells("launch_place_m", score, 1)
    endless = moment_of("", [sample(5.0, 1.0, nees=math.inf)]).scores["launch_place_m"]
    assert endless.nees is None
    assert words._cells("launch_place_m", endless, 1)[4] == "infinite"


def test_an_efficient_estimator_has_ratio_and_nees_one() -> None:
    """Errors drawn from bounds of many sizes: both are 1 within the scatter of 4,000 runs."""
    rng = np.random.default_rng(10)
    runs = []
    for sigma in np.exp(rng.normal(5.0, 1.5, 4000)):
        error = rng.standard_normal(2) * sigma
        nees = float(error @ error) / sigma**2 / 2.0
        miss = Miss(float(np.linalg.norm(error)), nees, nees < 2.3)
        bound = 1.17741 * sigma, 2.0 * sigma**2
        runs.append(Sample(0.0, {}, {"launch_place_m": bound}, {"launch_place_m": miss}))
    score = moment_of("", runs).scores["launch_place_m"]
    assert score.ratio == pytest.approx(1.0, abs=0.04)
    assert score.nees == pytest.approx(1.0, abs=0.06)
    assert score.held_count / 4000 == pytest.approx(0.9, abs=0.02)


def test_what_has_no_bound_is_refused_with_a_lesson() -> None:
    """No launches, telemetry, and a name that is none."""
    from forewarn.formats.scenario import load_scenario

    empty: Scenario = msgspec.structs.replace(scenario(), launches=())
    falcon = load_scenario(SCENARIOS / "falcon" / "ses-10.yaml")
    both = msgspec.structs.replace(scenario(), launches=(*scenario().launches, *falcon.launches))
    name = falcon.launches[0].launch_id
    for which, launch_id, lesson in (
        (empty, None, "no launches: there is nothing to bound"),
        (falcon, None, "all its launches are telemetry"),
        (falcon, name, "name another scenario"),
        (both, name, "write one of sunan-1"),
        (both, "x", f"it has no launch 'x': write one of sunan-1, {name}"),
    ):
        with pytest.raises(ValueError, match=lesson):
            bounded_launches(which, launch_id)
    assert [one.launch_id for one in bounded_launches(both)] == ["sunan-1"]


def test_a_scenario_that_cannot_be_flown_says_with_which_seed() -> None:
    """It is the scenario's mistake, told apart from ours."""
    (launch,) = scenario().launches
    far = msgspec.structs.replace(launch, range_m=19e6)
    bad = msgspec.structs.replace(scenario(), launches=(far,))
    with pytest.raises(ScenarioError, match=r"seed 1: .*cannot fly"):
        study(bad, ORIENTATION, run_count=1)


def test_words_have_units_and_three_digits() -> None:
    """Metres, kilometres, seconds, metres per second."""
    assert words.amount("launch_place_m", 12.34) == "12.3 m"
    assert words.amount("launch_place_m", 1234.0) == "1.2 km"
    assert words.amount("impact_time_s", 0.0456) == "0.05 s"
    assert words.amount("impact_time_s", 1234.0) == "1,234 s"
    assert words.amount("velocity_m_s", 99.6) == "100 m/s"
    assert words.amount("velocity_m_s", None) == "none"


def test_text_page_and_picture_tell_the_same(done: BoundsStudy) -> None:
    """Headline and tables on both, everything inside, and the same bytes again."""
    (launch,) = done.launches
    text = words.text(done)
    assert words.headline(launch) in text
    assert max(map(len, text.splitlines())) <= 100
    html = page(done)
    assert html.count("<svg") == 1
    assert "http://" not in html.replace("http://www.w3.org", "").replace(
        "http://purl.org", ""
    ).replace("http://creativecommons.org", "")
    for heading, rows in words.tables(launch):
        assert heading in text
        assert heading in html
        assert all(cell in html for row in rows for cell in row)
    drawn = draw(launch, 2).decode()
    assert drawn[drawn.index("<svg") :] in html


def test_a_launch_that_nobody_saw_has_a_page_too() -> None:
    """No looks, no impact, no moments: words instead of lines."""
    moment = Moment(name="", since_launch_s=5.0, run_count=1, looks={}, scores={})
    launch = LaunchStudy(
        launch_id="quiet",
        vehicle_id="v",
        vehicle_class="space_launch",
        burnout_s=100.0,
        moments=(),
        curve=(moment,),
    )
    assert words.headline(launch) == "quiet: the scenario ends before burn-out"
    assert words.looks_words(moment) == "none"
    assert b"<svg" in draw(launch, 1)
    never = msgspec.structs.replace(launch, curve=())
    assert draw(never, 1, form="png").startswith(b"\x89PNG")
