"""The control of the hostile strings, what a hostile notebook may hold, and the files beside the pages."""

# ruff: noqa: E501
from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from playwright.sync_api import Browser

from tests.browser.injected_books import BOOKS, Deal
from tests.browser.injection import (
    LEAST,
    Marks,
    bench,
    control,
    hostile_report,
    page_policy,
    used,
)
from tests.browser.strings import FIRST, HOST, hostile_strings
from tests.stages import slow
from workbench.report.exports.exports import write_exports
from workbench.report.pages.outputs import UNSHOWN, VEGALITE_MIME, chart, page_parts
from workbench.report.pages.render import Head, Page, PageExporter
from workbench.report.store.names import brief_name, safe_name
from workbench.view.blocks import BLOCK_MIME, answer, bar, figures, grades, said, table, toned, turn

STRINGS = hostile_strings()
ABLE = [each for each in STRINGS if each.place != "nowhere"]
AWAY = f"{HOST}away"
HEAD = Head("Company", "2026 Q4", "30 September 2026", "EUR", "base")
ROWS = [{"name": each.text, "figure": place} for place, each in enumerate(STRINGS[::40])]


def written(path: Path, cells: list[Any]) -> Path:
    """A page of these cells, as a report renders it."""
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": Page(HEAD)})
    path.write_text(html, encoding="utf-8")
    return path


def shows(kind: str, content: Any) -> Any:
    shown = nbformat.v4.new_output("display_data", data={kind: content})
    return nbformat.v4.new_code_cell("x", outputs=[shown], execution_count=1)


def test_there_are_a_thousand_strings_and_more_each_with_a_mark_of_its_own() -> None:
    assert len({each.text for each in STRINGS}) == len(STRINGS) >= 1_500 and len(ABLE) >= 1_150
    assert all(str(each.number) in each.text for each in STRINGS)
    assert [each.number for each in STRINGS] == list(range(FIRST, FIRST + len(STRINGS)))


@slow
def test_raw_a_thousand_of_them_run_and_none_under_the_policy_of_the_pages(browser: Browser) -> None:
    """The control: the same marks, the same hands, no escaping. Without it, zero hits on a page would mean nothing."""
    ran = control(browser, ABLE)
    assert len(ran) >= LEAST
    assert {each.place for each in ABLE if each.number in ran} == {each.place for each in ABLE}
    assert control(browser, [each for each in ABLE if each.number in ran][::6], page_policy()) == set()


def test_a_page_of_ours_without_escaping_and_policy_runs_what_stands_in_it(browser: Browser, tmp_path: Path) -> None:
    items = [f"<img src=x onerror=hit({FIRST + place})>" for place in range(20)]
    path = written(tmp_path / "page.html", [shows(BLOCK_MIME, said("Said", items, "").content)])
    safe = path.read_text(encoding="utf-8")
    raw = safe.replace("&lt;", "<").replace("&gt;", ">")
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    wanted = {"page.html": safe, "raw.html": policy.sub("", raw), "guarded.html": raw}
    for name, text in wanted.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with bench(browser) as (page, marks):
            used(page, tmp_path / name, marks)
            assert len(marks.fired) == (20 if name == "raw.html" else 0)
            assert bool(marks.odd) == (name != "page.html")
            assert any("Content Security Policy" in each for each in marks.said) == (name == "guarded.html")


BLOCKS = {
    "answer": lambda t: answer(t, t, [t], t), "figures": lambda t: figures([(t, t)]), "list": lambda t: said(t, [t], t),
    "turn": lambda t: turn(t, t, t), "grades": lambda t: grades(t, t, [(t, 1, t, t)]),
    "table": lambda t: table(t, [(t, "l"), (t, "n"), (t, "l"), (t, "l"), (t, "l")], [[t, bar([0.5], t), toned(t, "up"), t, t]] * 5,
                             caption=t, key=[t]),
}  # fmt: skip


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_string_is_text_in_every_part_of_a_block(browser: Browser, tmp_path: Path, kind: str) -> None:
    cells = [shows(BLOCK_MIME, BLOCKS[kind](each.text).content) for each in STRINGS[:: 24 if kind == "table" else 8]]
    with bench(browser) as (page, marks):
        used(page, written(tmp_path / "page.html", cells), marks)
        assert marks == Marks()


def test_every_string_is_text_in_markdown_and_in_the_words_of_a_fold(browser: Browser, tmp_path: Path) -> None:
    cells = [nbformat.v4.new_markdown_cell(f"# {STRINGS[5].text}\n\nWords")]
    for each in STRINGS:
        if each.place == "markdown" or each.number % 3 == 0:
            cells.append(
                nbformat.v4.new_markdown_cell(f"Words\n\n{each.text}\n\n- [x]({each.text})\n- ![x](<{each.text}>)")
            )
    for each in STRINGS[::9]:
        cells.append(nbformat.v4.new_markdown_cell(f"## {each.text}\n\n{each.text}", metadata={"tags": ["folded"]}))
        cells.append(shows(BLOCK_MIME, said(each.text, [], "None").content))
    with bench(browser) as (page, marks):
        path = written(tmp_path / "page.html", cells)
        page.goto(path.as_uri())
        found = page.evaluate("""() => [...document.querySelectorAll("main a")].map(each => each.protocol)""")
        assert set(found) <= {"http:", "https:", "mailto:", "ftp:", "file:", ":"}
        page.evaluate("for (const each of document.querySelectorAll('main a')) each.remove()")
        tags = page.evaluate("[...new Set([...document.querySelectorAll('main *')].map(each => each.localName))]")
        assert not set(tags) & {
            "script",
            "img",
            "iframe",
            "svg",
            "form",
            "object",
            "embed",
            "style",
            "base",
            "meta",
            "input",
        }
        handlers = page.evaluate("""[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())""")
        assert not [name for name in handlers if name.startswith("on")]
        assert marks == Marks()


FOREIGN = {
    "text/html": "<script>hit(1)</script><img src=x onerror=hit(2)>", "text/markdown": "<img src=x onerror=hit(1)>",
    "image/svg+xml": "<svg onload=hit(1)></svg>", "application/javascript": "hit(1)", "text/javascript": "hit(1)",
    "text/latex": "\\href{javascript:hit(1)}{x}", "image/png": "iVBORw0KGgo=", "image/jpeg": "x", "image/gif": "x",
    "application/pdf": "x", "application/json": {"x": "<script>hit(1)</script>"}, "application/geo+json": {"x": 1},
    "application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "application/vnd.plotly.v1+json": {"data": []},
    "application/vnd.bokehjs_exec.v0+json": {"x": 1}, "application/vnd.vega.v5+json": {"data": [{"url": AWAY}]},
    "application/vnd.vegalite.v4+json": {"data": {"url": AWAY}}, "text/plain": "<script>hit(1)</script>",
    "application/x-unknown": "<script>hit(1)</script>",
}  # fmt: skip


def test_outputs_of_other_kinds_never_reach_a_page() -> None:
    cells = [shows(kind, content) for kind, content in FOREIGN.items()]
    error = nbformat.v4.new_output(
        "error", ename="<b>E</b>", evalue="\u001b[31m<script>hit(1)</script>", traceback=["<b>"]
    )
    stream = nbformat.v4.new_output("stream", name="stderr", text="<script>hit(1)</script>")
    result = nbformat.v4.new_output("execute_result", data=dict(FOREIGN), execution_count=1)
    cells.append(
        nbformat.v4.new_code_cell("<script>hit(1)</script>", outputs=[error, stream, result], execution_count=1)
    )
    cells.append(nbformat.v4.new_raw_cell("<script>hit(1)</script>"))
    assert page_parts(cells) == []


def spec(**more: Any) -> dict[str, Any]:
    encoding = {"x": {"field": "figure", "type": "quantitative"}, "y": {"field": "name", "type": "nominal"}}
    return {"data": {"values": ROWS}, "mark": "bar", "encoding": encoding, "width": 300, **more}


def encoded(**more: Any) -> dict[str, Any]:
    made = spec()
    return {**made, "encoding": {**made["encoding"], **more}}


CALLS = ("hit(1)", "event.view.hit(1)", "[].constructor.constructor('hit(1)')()", "datum.constructor.constructor('hit(1)')()",
         "toString.constructor('hit(1)')()", "view.constructor.constructor('hit(1)')()")  # fmt: skip
CHARTS = {
    "link": encoded(href={"value": AWAY}), "link of script": encoded(href={"value": "javascript:hit(1)"}),
    "link of data": encoded(href={"field": "name"}), "link of the mark": spec(mark={"type": "bar", "href": AWAY}),
    "link of the settings": spec(config={"mark": {"href": AWAY}, "bar": {"href": AWAY, "cursor": "pointer"}}),
    "picture": {**encoded(url={"value": AWAY}), "mark": "image"},
    "picture of the mark": spec(mark={"type": "image", "url": AWAY, "width": 20, "height": 20}),
    "address of data": {**spec(), "data": {"url": AWAY}},
    "looked up": spec(transform=[{"lookup": "name", "from": {"data": {"url": AWAY}, "key": "name", "fields": ["a"]}}]),
    "map": {"data": {"url": AWAY, "format": {"type": "topojson", "feature": "x"}}, "mark": "geoshape"},
    "settings of the embedding": spec(usermeta={"embedOptions": {"actions": True, "patch": AWAY, "loader": {"baseURL": HOST},
                                                "config": AWAY, "defaultStyle": "</style><script>hit(1)</script>",
                                                "tooltip": {"disableDefaultStyle": False}, "ast": False, "mode": "vega"}}),
    "tooltip of markup": encoded(tooltip={"value": "<img src=x onerror=hit(1)>"}), "tooltip of data": encoded(tooltip={"field": "name"}),
    "tooltip with a picture": encoded(tooltip=[{"field": "name", "title": "image"}, {"field": "name", "title": "title"}]),
    "tooltip by an expression": encoded(tooltip={"value": {"expr": f"{{'image': '{AWAY}', 'title': '<b onclick=hit(1)>'}}"}}),
    "control": spec(params=[{"name": "p", "value": 1, "bind": {"input": "text", "autofocus": "", "onfocus": "hit(1)", "src": AWAY}}]),
    "control elsewhere": spec(params=[{"name": "p", "value": 1, "bind": {"element": "body", "input": "range", "onclick": "hit(1)"}}]),
    "field": encoded(x={"field": "constructor.constructor('hit(1)')()", "type": "quantitative"}),
    "title": spec(title={"text": "<img src=x onerror=hit(1)>", "subtitle": ["<script>hit(1)</script>"]}),
    "description": spec(description='"><img src=x onerror=hit(1)>'),
    "format": encoded(x={"field": "figure", "type": "quantitative", "axis": {"format": "<script>hit(1)</script>"}}),
    "locale": spec(config={"locale": {"number": {"decimal": "<img src=x onerror=hit(1)>"}}}),
    "letters": spec(config={"font": "x;background:url(" + AWAY + ")", "background": f"url({AWAY})"}, background=f"url({AWAY})"),
    "colour": encoded(color={"value": f"url({AWAY})"}), "colour of markup": encoded(color={"value": '"><img src=x onerror=hit(1)>'}),
    **{f"expression {place}": spec(transform=[{"calculate": call, "as": "q"}]) for place, call in enumerate(CALLS)},
    **{f"filter {place}": spec(transform=[{"filter": call}]) for place, call in enumerate(CALLS)},
    **{f"signal {place}": spec(params=[{"name": "p", "expr": call}]) for place, call in enumerate(CALLS)},
    **{f"event {place}": spec(params=[{"name": "p", "select": {"type": "point", "on": f"click[{call}]"}}]) for place, call in enumerate(CALLS)},
}  # fmt: skip


@slow
def test_a_hostile_chart_loads_nothing_runs_nothing_and_leads_nowhere(browser: Browser, tmp_path: Path) -> None:
    """Words on the console are allowed: most of these charts are wrong, and say so."""
    with bench(browser) as (page, marks):
        for name, made in CHARTS.items():
            used(page, written(tmp_path / f"{len(name)}-{abs(hash(name))}.html", [shows(VEGALITE_MIME, made)]), marks)
            assert (marks.fired, marks.led, marks.asked, marks.dialogs) == (set(), set(), [], []), name
            assert set(marks.odd) <= {"<image>", "href="}, name  # pictures of nothing
            marks.odd.clear()


@pytest.mark.parametrize("name", ["link", "link of the mark", "link of the settings", "address of data", "looked up", "control",
                                  "picture", "picture of the mark", "settings of the embedding"])  # fmt: skip
def test_what_leads_out_of_a_chart_is_left_out_and_its_rows_stay(name: str) -> None:
    made = chart(CHARTS[name]).spec
    kept = json.loads(made)
    assert AWAY not in made and "embedOptions" not in made and '"bind"' not in made
    assert kept.get("data", {}).get("values", ROWS) == ROWS
    assert json.loads(chart(spec(data={"values": [{"url": "a", "href": "b"}]})).spec)["data"]["values"] == [
        {"url": "a", "href": "b"}
    ]


def test_where_links_are_kept_a_chart_leads_away(browser: Browser, tmp_path: Path) -> None:
    """The control: the same chart, its links and its addresses put back into the page."""
    path = written(tmp_path / "page.html", [shows(VEGALITE_MIME, spec())])
    text = path.read_text(encoding="utf-8")
    opened = text.replace('"mark": "bar"', f'"mark": {{"type": "bar", "href": "{HOST}{FIRST}"}}')
    assert opened != text
    path.write_text(opened, encoding="utf-8")
    with bench(browser) as (page, marks):
        page.goto(path.as_uri())
        page.wait_for_selector("svg.marks")
        page.locator("svg.marks .mark-rect path, svg.marks .mark-rect a").last.click(force=True)
        page.wait_for_timeout(300)
        assert marks.led == {FIRST}


WRONG = [{"type": kind, **more} for kind in ("answer", "figures", "table", "list", "turn", "grades") for more in (
    {}, {"title": 5, "items": 5, "rows": 5, "columns": 5, "parts": 5, "grades": 5}, {"rows": [1], "columns": [1], "title": "<b>"},
    {"items": [[["<b>"]]], "title": {"__html__": "<script>hit(1)</script>"}, "empty": "<b>"}, {"text": "<b>", "title": None},
    {"parts": [["<script>hit(1)</script>", True]], "sub": ["<b>"], "note": {"a": "<b>"}, "text": ""},
    {"grades": [{"count": "9;background:url(http://x)", "grade": "<b>", "words": "", "names": "", "tone": '"><b>'}], "title": "",
     "caption": ""},
    {"title": "t", "caption": "", "key": [], "head": 0, "columns": [{"label": "<b>", "align": '"><b>'}],
     "rows": [{"cells": [{"bar": [['"><b>', "<b>"]], "text": "<b>", "width": '"><script>hit(1)</script>'}], "mark": '"><b>',
               "values": ['"><b>']}]})]  # fmt: skip
UNKNOWN = [
    {"type": "html", "html": "<b>"},
    {"type": None},
    {"type": ["table"]},
    {"type": {}},
    {},
    [],
    "<b>",
    5,
    None,
    True,
]
BENT = [{"layer": 5}, {"data": 5, "mark": "bar"}, {"mark": "bar", "encoding": 5}, {"mark": "bar", "encoding": {"tooltip": [1]}},
        {"datasets": 5, "mark": "bar"}, {"usermeta": 5}, {"usermeta": {"workbench": {"live": 5}}}, {"title": {"text": {"a": 1}}},
        {"data": {"values": [float("nan")]}}, {"hconcat": [5]}, {"spec": {"spec": {}}}, {"facet": {}, "spec": 5}]  # fmt: skip


@pytest.mark.parametrize("content", [*WRONG, *UNKNOWN], ids=str)
def test_a_block_of_a_wrong_shape_is_a_sentence_or_text_and_never_markup(content: Any) -> None:
    html = "".join(str(part.html) for part in page_parts([shows(BLOCK_MIME, content)]))  # type: ignore[union-attr]
    assert "<b>" not in re.sub(r"<b>[^<]*</b><span>|<b>\d* ?[^<]*</b> <span>", "", html) and "<script" not in html
    assert not re.search(r'flex-grow: [^"]*[^\d"]', html) and not re.search(
        r'"[^"<>]*"><b>', html.replace('"><b></b>', "")
    )


@pytest.mark.parametrize("content", BENT, ids=str)
def test_a_chart_of_a_wrong_shape_leaves_the_page_standing(content: Any) -> None:
    html, _ = PageExporter().from_notebook_node(
        nbformat.v4.new_notebook(
            cells=[shows(VEGALITE_MIME, content), shows(BLOCK_MIME, said("Said", ["This"], "").content)]
        ),
        {"page": Page(HEAD)},
    )
    assert "<li>This</li>" in html


def test_a_sentence_stands_where_a_block_cannot_be_shown() -> None:
    parts = page_parts([shows(BLOCK_MIME, {"type": "table"}), shows(VEGALITE_MIME, {"layer": 5})])
    assert [str(part.html) for part in parts] == [f'<p class="cap">{UNSHOWN}</p>'] * 2  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folder and plan of a hostile book dealt into two: each cell holds many strings, one that leads at its start."""
    return hostile_report(tmp_path_factory.mktemp("hostile"), Deal(STRINGS, BOOKS), 0)


def test_no_text_of_a_spreadsheet_is_a_formula(hostile: Any, tmp_path: Path) -> None:
    _, plan = hostile
    write_exports(tmp_path, plan)
    seen = 0
    for path in sorted(tmp_path.rglob("*")):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                cells = [cell for row in csv.reader(file) for cell in row]
            for cell in cells:
                seen += cell.startswith("'")
                assert cell[:1] not in tuple("=+-@\t\r") or re.fullmatch(r"[+-]?[\d.]+", cell), cell
        elif path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path).worksheets:
                for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
                    assert cell.hyperlink is None
                    if cell.data_type == "f":
                        assert "hit(" not in str(cell.value) and HOST not in str(cell.value), cell.value
                    elif isinstance(cell.value, str):
                        assert cell.value[:1] not in tuple("=+-@\t\r"), cell.value
    assert seen > 0  # some began like a formula


def test_the_plan_as_json_says_what_stands_in_the_book(hostile: Any) -> None:
    folder, plan = hostile
    text = plan.to_json()
    known = json.loads(text)
    owners = (folder / "book" / "segments.csv").read_text(encoding="utf-8")
    names = [row["name"] for row in known["tables"]["ranking.order"]]
    assert len(names) == 10 and all(name.replace('"', '""').replace("\r\n", "\n") in owners for name in names)


@pytest.mark.parametrize("number", range(0, len(STRINGS), 7))
def test_a_key_or_a_name_cannot_leave_its_folder(number: int) -> None:
    for each in STRINGS[number : number + 7]:
        for name in (brief_name("5_segment_brief", each.text), safe_name(each.text)):
            assert re.fullmatch(r"[\w.-]{1,400}", name) and not name.startswith(".") and name == Path(name).name
        assert len(brief_name("5_segment_brief", each.text)) < 100


def test_the_links_of_a_hostile_report_lead_to_its_own_files(hostile: Any) -> None:
    folder, _ = hostile
    for path in [*folder.glob("*.html"), *folder.glob("base/*.html")]:
        for link in set(re.findall(r'<a href="([^"#][^"]*)"', path.read_text(encoding="utf-8"))):
            assert (path.parent / link).resolve().is_relative_to(folder.resolve()) and (path.parent / link).is_file(), (
                link
            )
