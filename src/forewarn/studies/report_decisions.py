"""The reasons: one card for each decision, with the weight of every piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence

from forewarn.records import AreaWarning, Evidence, WarningDecision
from forewarn.studies.report_drawing import Markup, element, joined, line, path_data
from forewarn.studies.report_run import Case, Run
from forewarn.studies.report_words import (
    AREA_WORDS,
    CASE_WORDS,
    CLASS_WORDS,
    END_WORDS,
    clock,
    counted,
    percent,
    short_since,
)

MOST_OPEN = 12
MOST_CARDS = 60
_BAR_PX = 132.0
LONGEST = 60.0  # decibans: a million to one; what is heavier gets a bar with a torn end


def decision_cards(run: Run, case: Case) -> Markup:
    """Return the decisions of a case in order; in a long list only the public ones start open."""
    if not case.decisions:
        return element("p", "No decision was made about this case.")
    shown = case.decisions[:MOST_CARDS]
    weights = [e.decibans for d in shown for e in d.evidence]
    limits = (max(min([-4.0, *weights]), -LONGEST), min(max([20.0, *weights]), LONGEST))
    cards = []
    before: WarningDecision | None = None
    for decision in shown:
        is_open = len(shown) <= MOST_OPEN or decision.public
        cards.append(_card(run, case, (before, decision), limits, is_open=is_open))
        before = decision
    hidden = len(case.decisions) - len(shown)
    more = element("p", f"{counted(hidden, 'further decision')} in outputs.jsonl.")
    return joined([_reading_help(), *cards, more if hidden > 0 else None])


def _reading_help() -> Markup:
    return element(
        "p",
        "Weights are in decibans: 10 make a hypothesis ten times as likely against its opposite, "
        "20 a hundred times. Bars to the right speak for it, bars to the left against; a bar with "
        f"a torn end is longer than the {LONGEST:.0f} that fit.",
        class_="note",
    )


def _card(
    run: Run,
    case: Case,
    steps: tuple[WarningDecision | None, WarningDecision],
    limits: tuple[float, float],
    *,
    is_open: bool,
) -> Markup:
    before, decision = steps
    summary = element(
        "summary",
        element("span", short_since(case.seconds(decision.time_tai_ns)), class_="when"),
        element("span", decision.headline, class_="headline"),
        element("span", _change(before, decision), class_=f"chip case-{decision.case_state.value}"),
        element("span", "public", class_="chip public") if decision.public else None,
    )
    age_s = (decision.time_tai_ns - decision.last_evidence_tai_ns) / 1e9
    facts = (
        f"{clock(decision.time_tai_ns, 1)} UTC · {decision.decision_id}, number "
        f"{decision.sequence} of its case · last evidence {age_s:.1f} s old · policy "
        f"{decision.policy_id}"
    )
    return element(
        "details",
        summary,
        element("p", facts, class_="facts"),
        _areas(run, decision),
        _evidence(decision.evidence, limits),
        element(
            "div",
            _sentences("Missing", decision.missing),
            _sentences("What would change it", decision.would_change),
            class_="open-ends",
        ),
        class_="decision",
        open=is_open,
    )


def _change(before: WarningDecision | None, decision: WarningDecision) -> str:
    words = CASE_WORDS[decision.case_state]
    if decision.end_reason:
        words += f": {END_WORDS.get(decision.end_reason, decision.end_reason)}"
    if before is not None and before.case_state is not decision.case_state:
        return f"{CASE_WORDS[before.case_state]} → {words}"
    return words


def _areas(run: Run, decision: WarningDecision) -> Markup | None:
    changed = [area for area in decision.areas if area.changed]
    if not changed:
        return None
    items = [
        element(
            "li",
            element("strong", run.area_name(area.area_id)),
            " ",
            element("span", AREA_WORDS[area.state], class_=f"chip state-{area.state.value}"),
            " ",
            element("span", _forecast(area), class_="muted"),
        )
        for area in changed
    ]
    return element("ul", *items, class_="areas")


def _forecast(area: AreaWarning) -> str:
    words = f"impact inside {percent(area.probability)}"
    if area.expected_tai_ns is not None:
        words += f", expected {clock(area.expected_tai_ns)}"
    if area.earliest_tai_ns is not None:
        words += f", earliest {clock(area.earliest_tai_ns)}"
    return words


def _evidence(evidence: Sequence[Evidence], limits: tuple[float, float]) -> Markup | None:
    if not evidence:
        return None
    groups: dict[str, list[Evidence]] = {}
    for piece in evidence:
        groups.setdefault(piece.hypothesis, []).append(piece)
    parts = []
    for hypothesis, pieces in groups.items():
        total = sum(p.decibans for p in pieces)
        together = f"together {signed(total)}: " if len(pieces) > 1 else ""
        named = CLASS_WORDS.get(hypothesis, hypothesis.replace("_", " "))
        named = CLASS_WORDS.get(hypothesis, hypothesis.replace("_", " "))
        head = element(
            "h5",
            named[:1].upper() + named[1:],
            element("span", together + odds_words(total), class_="muted"),
        )
        rows = [
            element(
                "li",
                _bar(piece.decibans, limits),
                element("span", signed(piece.decibans), class_="weight"),
                element("span", piece.text, class_="said"),
            )
            for piece in sorted(pieces, key=lambda p: -abs(p.decibans))
        ]
        parts.append(element("div", head, element("ul", *rows), class_="evidence"))
    return joined(parts)


def _bar(decibans: float, limits: tuple[float, float]) -> Markup:
    """Return a bar from nought to the right (for) or left (against); all share one scale."""
    scale = _BAR_PX / (limits[1] - limits[0])
    middle = -limits[0] * scale
    shown = min(max(decibans, limits[0]), limits[1])
    length_px = abs(shown) * scale
    left_px = middle if decibans >= 0 else middle - length_px
    bar = element(
        "rect", x=left_px, y=3.0, width=max(length_px, 0.8), height=10.0,
        class_="speaks-for" if decibans >= 0 else "speaks-against",
    )  # fmt: skip
    axis = line((middle, 0), (middle, 16), "axis")
    torn = None
    if shown != decibans:
        end_px = left_px + length_px - 9 if decibans > 0 else left_px + 3
        slash = [(end_px, 16.0), (end_px + 4, 0.0), (end_px + 7, 0.0), (end_px + 3, 16.0)]
        torn = element("path", d=path_data(slash, closed=True), class_="torn")
    return element("svg", bar, axis, torn, viewBox=f"0 0 {_BAR_PX:.0f} 16", class_="weight-bar",
                   aria_hidden="true")  # fmt: skip


def signed(decibans: float) -> str:
    """Return ``+34.0``, with a true minus sign; whole numbers from a hundred, nothing as ``0``."""
    size = abs(decibans)
    if size < 0.05:
        return "0"
    return ("+" if decibans > 0 else "−") + (f"{size:,.0f}" if size >= 99.95 else f"{size:.1f}")


def odds_words(decibans: float) -> str:
    """Return a weight of evidence as a factor on the odds, in words."""
    factor = 10.0 ** (min(abs(decibans), 90.0) / 10.0)
    if abs(decibans) < 0.5:
        return "hardly any weight" if abs(decibans) >= 0.05 else "no weight either way"
    if factor < 10:
        shown = f"{factor:.1f}"
    elif factor < 1e6:
        digits = 10 ** (len(str(int(factor))) - 2)
        shown = f"{round(factor / digits) * digits:,.0f}"
    else:
        return "more than a million times " + ("likelier" if decibans > 0 else "less likely")
    return f"{shown} times " + ("likelier" if decibans > 0 else "less likely")


def _sentences(title: str, sentences: Sequence[str]) -> Markup | None:
    if not sentences:
        return None
    items = [element("li", sentence) for sentence in sentences]
    return element("div", element("h5", title), element("ul", *items))
