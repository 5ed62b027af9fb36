"""The page of a study of bounds: one HTML document that opens anywhere, with nothing to fetch."""

from __future__ import annotations

from forewarn.studies import bounds_words as words
from forewarn.studies.bounds_picture import draw
from forewarn.studies.bounds_study import BoundsStudy, LaunchStudy
from forewarn.studies.report_drawing import Markup, element, joined

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; margin: 2rem auto;
  max-width: 62rem; padding: 0 1rem }
h1, h2 { line-height: 1.2 }
svg { width: 100%; height: auto }
table { border-collapse: collapse; margin: 1rem 0 2rem; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem }
th, td { text-align: right; padding: .15rem .8rem; border-bottom: 1px solid #e3e7eb }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
p.note { color: #6a737d; font-size: .9rem }
"""


def page(study: BoundsStudy) -> str:
    """Return a study as one HTML document; the same study gives the same bytes."""
    title = f"Bounds: {study.title}"
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            Markup(f"<style>{_STYLE}</style>"),
        ]
    )
    body = joined(
        [
            element("h1", title),
            *(_section(launch, study.run_count) for launch in study.launches),
            *(element("p", note, class_="note") for note in words.NOTES),
        ]
    )
    document = element("html", element("head", head), element("body", body), lang="en")
    return f"<!doctype html>\n{document.html}\n"


def _section(launch: LaunchStudy, run_count: int) -> Markup:
    picture = draw(launch, run_count).decode()
    looks = [
        (moment.name, f"{moment.since_launch_s:.0f} s", words.looks_words(moment))
        for moment in launch.moments
    ]
    return element(
        "section",
        element("h2", words.headline(launch)),
        element("p", words.about(launch, run_count)),
        Markup(picture[picture.index("<svg") :]),
        _table("Looks by then", ("", "after launch", "by sensor"), looks),
        *(_table(heading, words.COLUMNS, rows) for heading, rows in words.tables(launch)),
    )


def _table(
    caption: str, columns: tuple[str, ...], rows: list[tuple[str, ...]] | list[tuple[str, str, str]]
) -> Markup:
    head = element("tr", *(element("th", cell, scope="col") for cell in columns))
    lines = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *lines),
    )
