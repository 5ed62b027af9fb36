"""The after-action report: whole pages from run folders, complete, partial and hostile."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from forewarn.records import (
    Assessment,
    CaseState,
    Output,
    Realm,
    Rejected,
    Track,
    WarningDecision,
)
from forewarn.studies.report import write_report
from forewarn.studies.report_run import read_run
from forewarn.studies.report_words import outcome_sentence, realm_words
from tests.studies.sample_run import (
    instant,
    sample_outputs,
    sample_summary,
    write_sample_run,
)

VOID = {"meta"}


class Outline(HTMLParser):
    """Checks that elements nest, and gathers what a reader's tools need."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.labelled: list[str] = []
        self.headings: list[str] = []
        self.svgs: list[dict[str, str | None]] = []
        self.tables = 0
        self.captions = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if known.get("id"):
            self.ids[str(known["id"])] += 1
        if known.get("aria-labelledby"):
            self.labelled.append(str(known["aria-labelledby"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "svg":
            self.svgs.append(known)
        self.tables += tag == "table"
        self.captions += tag == "caption"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "script" not in self.open:
            self.text.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def report_of(folder: Path, outputs: list[Output] | None = None, truth: bool = True) -> str:
    write_sample_run(folder, truth=truth, outputs=outputs)
    return write_report(folder).read_text("utf-8")


def words_of(page: str) -> str:
    return " ".join(" ".join(outline(page).text).split())


def test_the_page_is_one_file_that_fetches_nothing(tmp_path: Path) -> None:
    page = report_of(tmp_path)
    assert len(page) < 2_000_000
    assert not re.search(r"https?:|@import|\bsrc=|<link|url\((?!#)", page)


def test_the_same_run_gives_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    first = report_of(tmp_path / "one")
    assert report_of(tmp_path / "two") == first


def test_the_page_is_well_formed_and_readable_by_tools(tmp_path: Path) -> None:
    found = outline(report_of(tmp_path))
    assert max(found.ids.values()) == 1
    assert set(found.labelled) <= set(found.ids)
    assert found.headings.count("h1") == 1
    assert found.tables == found.captions > 4
    for drawing in found.svgs:
        assert drawing.get("aria-label") or drawing.get("aria-hidden") == "true"


def test_every_section_is_there_in_order(tmp_path: Path) -> None:
    page = report_of(tmp_path)
    names = ["map", "seconds", "altitude", "errors", "threat", "class", "decisions", "sensors",
             "refused", "record"]  # fmt: skip
    places = [page.index(f'<section id="{name}"') for name in names]
    assert places == sorted(places)


def test_the_outcome_and_the_times_are_told(tmp_path: Path) -> None:
    words = words_of(report_of(tmp_path))
    assert (
        "Warned 3 areas at launch + 82 s; the missile passed over; no impact in any area." in words
    )
    assert "in history, the alert came + 4 min" in words
    assert "5 min 50 s left" in words
    assert "forewarn run scenarios/overflight-sample.yaml --seed 7" in words
    assert "All times are UTC" in words
    assert "purely defensive" in words


def test_only_areas_that_were_ever_threatened_get_a_chart(tmp_path: Path) -> None:
    page = report_of(tmp_path)
    assert "Akita: probability of an impact over time, highest 3.0 %." in page
    assert "Tokyo: probability" not in page
    assert "Not drawn, no threat at all: Tokyo." in page


def test_a_bar_too_long_for_the_scale_is_torn(tmp_path: Path) -> None:
    assert 'class="torn"' not in report_of(tmp_path / "one")
    outputs: list[Output] = []
    for output in sample_outputs():
        if isinstance(output, WarningDecision):
            heavy = [msgspec.structs.replace(e, decibans=1420.8) for e in output.evidence]
            output = msgspec.structs.replace(output, evidence=tuple(heavy))
        outputs.append(output)
    page = report_of(tmp_path / "two", outputs=outputs)
    assert 'class="torn"' in page
    assert "+1,421" in page


def test_without_truth_nothing_is_compared_with_it(tmp_path: Path) -> None:
    page = report_of(tmp_path, truth=False)
    assert '<section id="errors"' not in page
    assert "True impact" not in page
    assert "launch as estimated" in page


@pytest.mark.parametrize("realm", list(Realm))
def test_only_live_looks_live(tmp_path: Path, realm: Realm) -> None:
    outputs = [msgspec.structs.replace(o, realm=realm) for o in sample_outputs()]
    page = report_of(tmp_path, outputs=outputs)
    assert ('class="realm realm-live"' in page) == (realm is Realm.LIVE)
    assert page.count(realm.value.upper()) >= 2


def test_a_realm_nobody_knows_is_not_live() -> None:
    assert "LIVE" not in realm_words("lively")
    assert "REALM NOT STATED" in realm_words("")


def test_text_of_records_never_becomes_markup(tmp_path: Path) -> None:
    evil = "</style><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    outputs = [
        msgspec.structs.replace(o, headline=evil, case_id=evil, missing=(evil,), policy_id=evil)
        if isinstance(o, WarningDecision)
        else o
        for o in sample_outputs()
    ]
    write_sample_run(tmp_path, outputs=outputs)
    summary = sample_summary() | {"title": evil, "history_note": evil, "command": evil}
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    page = write_report(tmp_path).read_text("utf-8")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert evil in "".join(outline(page).text)


@pytest.mark.parametrize(
    "kept",
    [(), (Track,), (Assessment,), (Track, Assessment), (WarningDecision,), (Rejected,)],
    ids=lambda kept: "+".join(k.__name__ for k in kept) or "nothing",
)
@pytest.mark.parametrize("truth", [True, False])
def test_partial_runs_give_a_page(tmp_path: Path, kept: tuple[type, ...], truth: bool) -> None:
    outputs = [o for o in sample_outputs() if isinstance(o, kept)] if kept else []
    page = report_of(tmp_path, outputs=outputs, truth=truth)
    assert outline(page).headings.count("h1") == 1


def test_a_run_without_summary_gives_a_page(tmp_path: Path) -> None:
    write_sample_run(tmp_path)
    (tmp_path / "summary.json").unlink()
    words = words_of(write_report(tmp_path).read_text("utf-8"))
    assert "Untitled run" in words
    assert "hokkaido-south" in words


def test_an_empty_run_says_so(tmp_path: Path) -> None:
    words = words_of(report_of(tmp_path, outputs=[]))
    assert "1 vehicle was launched, and no case was opened; no warning was issued." in words
    assert "No input was refused." in words
    quiet = words_of(report_of(tmp_path / "quiet", outputs=[], truth=False))
    assert "Nothing was seen that asked for a decision" in quiet


def test_a_space_launch_says_no_threat(tmp_path: Path) -> None:
    outputs: list[Output] = []
    for output in sample_outputs():
        if isinstance(output, WarningDecision):
            if output.sequence > 2:
                continue
            ended = {"end_reason": "space launch, no threat"} if output.sequence == 2 else {}
            output = msgspec.structs.replace(output, **ended)
        outputs.append(output)
    write_sample_run(tmp_path, outputs=outputs)
    run = read_run(tmp_path)
    assert outcome_sentence(run) == "A space launch, no threat; no warning was issued."
    assert "No area was warned." in words_of(write_report(tmp_path).read_text("utf-8"))


def test_several_cases_have_their_own_chapters(tmp_path: Path) -> None:
    second = {"track_id": "T2", "assessment_id": "B", "case_id": "C2", "input_ids": ("T2",)}
    outputs = sample_outputs()
    for output in sample_outputs():
        if isinstance(output, Track | Assessment | WarningDecision):
            fields = {k: v for k, v in second.items() if hasattr(output, k)}
            if isinstance(output, Assessment):
                fields["assessment_id"] = f"B{output.assessment_id}"
            outputs.append(msgspec.structs.replace(output, **fields))
    page = report_of(tmp_path, outputs=outputs)
    found = outline(page)
    assert max(found.ids.values()) == 1
    assert "Case C1" in page
    assert "Case C2" in page
    assert found.headings.count("h1") == 1


def test_the_gravest_case_comes_first_and_has_the_map(tmp_path: Path) -> None:
    """A case that warned nobody, opened earlier, stands behind the one that did."""
    quiet = []
    for output in sample_outputs():
        if isinstance(output, Track):
            quiet.append(msgspec.structs.replace(output, track_id="T0"))
        elif isinstance(output, WarningDecision):
            calm = msgspec.structs.replace(
                output, case_id="C0", areas=(), input_ids=("T0",), case_state=CaseState.POSSIBLE
            )
            quiet.append(calm)
    page = report_of(tmp_path, outputs=[*quiet, *sample_outputs()])
    assert page.index("Case C1") < page.index("Case C0")
    assert words_of(page).index("C1: ") < words_of(page).index("C0: ")
    run = read_run(tmp_path)
    assert [case.case_id for case in run.cases] == ["C1", "C0"]
    assert [case.case_id for case in run.mapped_cases] == ["C1"]


def test_a_track_without_a_case_is_listed(tmp_path: Path) -> None:
    outputs = sample_outputs()
    stray = next(o for o in outputs if isinstance(o, Track))
    outputs.append(msgspec.structs.replace(stray, track_id="T9", time_tai_ns=instant(50)))
    assert "1 track that never became a case" in words_of(report_of(tmp_path, outputs=outputs))


def test_a_last_line_that_breaks_off_is_left_out_and_told(tmp_path: Path) -> None:
    write_sample_run(tmp_path)
    source = tmp_path / "outputs.jsonl"
    source.write_bytes(source.read_bytes()[:-40])
    assert "broke off" in words_of(write_report(tmp_path).read_text("utf-8"))


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    write_sample_run(tmp_path)
    source = tmp_path / "outputs.jsonl"
    lines = source.read_bytes().split(b"\n")
    lines[4] = b'{"output":"track"}'
    source.write_bytes(b"\n".join(lines))
    with pytest.raises(ValueError, match=r"outputs\.jsonl, line 5: not an output record"):
        write_report(tmp_path)


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="give the folder that run"):
        write_report(tmp_path)


@pytest.mark.parametrize("name", ["summary.json", "truth.json"])
def test_a_file_that_is_not_json_is_named(tmp_path: Path, name: str) -> None:
    write_sample_run(tmp_path)
    (tmp_path / name).write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(name)):
        write_report(tmp_path)
