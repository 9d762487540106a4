"""What enters a page: two kinds of output and our own words, nothing that could run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from typing import Any

import nbformat
import pytest

from workbench.report.kernels.complete import check
from workbench.report.pages.outputs import (
    Fold,
    Row,
    Text,
    chart,
    contents,
    markdown,
    page_parts,
    page_title,
    script_json,
)
from workbench.report.pages.render import Head, Page, PageExporter
from workbench.view.blocks import BLOCK_MIME, answer, said, table

PAGE = Page(Head("Co", "2026 Q4", "30 September 2026", "EUR", "base"), digest="7c")
VEGALITE = "application/vnd.vegalite.v5+json"
PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><script>alert(1)</script>", "{{7*7}}",
            "<!--<script>", "a\u2028b"]  # fmt: skip


def showing(kind: str, content: Any) -> Any:
    return nbformat.v4.new_code_cell(
        "x", outputs=[nbformat.v4.new_output("display_data", data={kind: content})], execution_count=1
    )


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "image/svg+xml", "text/markdown", "application/javascript",
                                  "application/vnd.jupyter.widget-view+json", "text/latex"])  # fmt: skip
def test_every_other_kind_of_output_is_dropped(kind: str) -> None:
    content = {"model_id": "x"} if kind.endswith("+json") else "<b>raw</b>"
    stream = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("stream", text="<b>raw</b>")])
    assert page_parts([showing(kind, content), stream]) == []


def test_a_block_of_an_unknown_kind_is_dropped() -> None:
    assert page_parts([showing(BLOCK_MIME, {"type": "html", "html": "<b>"}), showing(BLOCK_MIME, "<b>")]) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_json_in_a_script_tag_cannot_end_it_and_reads_back(payload: str) -> None:
    text = script_json({"value": payload})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {"value": payload}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_raw_html_in_markdown_is_text(payload: str) -> None:
    html = markdown(f"# Title\n\nWords {payload}\n\n{payload}\n")
    assert "<script" not in html and "<img" not in html and "Title" not in html


def test_markdown_loads_no_picture_and_runs_no_link() -> None:
    html = markdown("![seen](https://example.org/x.png) [run](javascript:alert(1)) [read](1_swot.html)")
    assert "<img" not in html and "seen" in html and "javascript:" not in html and 'href="1_swot.html"' in html


def test_a_chart_has_its_title_on_the_page_and_the_width_of_the_page() -> None:
    made = chart(
        {"title": {"text": "A & B", "subtitle": ["one", "two"]}, "width": 600, "description": "All", "mark": "bar"}
    )
    assert (made.title, made.caption, made.label) == ("A & B", "one two", "All")
    spec = json.loads(made.spec)
    assert spec["width"] == "container" and "title" not in spec and "/v6" in spec["$schema"]


def test_a_chart_whose_colours_are_a_scale_stays_on_light_paper() -> None:
    scaled = {"layer": [{"encoding": {"color": {"field": "a", "type": "quantitative"}}}]}
    assert chart(scaled).plain and not chart({"encoding": {"color": {"field": "a", "type": "nominal"}}}).plain


def test_charts_that_follow_one_another_stand_side_by_side() -> None:
    spec = showing(VEGALITE, {"mark": "bar"})
    text = showing(BLOCK_MIME, said("Said", [], "Nothing").content)
    kinds = [len(part.charts) if isinstance(part, Row) else "text" for part in page_parts([spec, spec, text, spec])]
    assert kinds == [2, "text", 1] and isinstance(page_parts([text])[0], Text)


def test_a_chart_with_sliders_has_a_row_to_itself_and_keeps_its_width() -> None:
    spec, moved = {"mark": "bar", "width": 600}, {"mark": "bar", "width": 600, "usermeta": {"workbench": {"live": {}}}}
    parts = page_parts([showing(VEGALITE, each) for each in (spec, moved, spec, spec)])
    rows = [[chart.live for chart in part.charts] for part in parts if isinstance(part, Row)]
    assert rows == [[False], [True], [False, False]]
    assert json.loads(chart(moved).spec)["width"] == 600 and not chart({"usermeta": {"workbench": "x"}}).live


def folded(source: str) -> Any:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": ["folded"]})


def test_a_fold_takes_in_what_follows_up_to_the_next_words_that_are_not_tagged() -> None:
    inside, outside = (showing(BLOCK_MIME, said(title, [], "Nothing").content) for title in ("Inside", "Outside"))
    cells = [outside, folded("## More\n\nWhat is\nin it."), inside, folded("Words inside"), showing(VEGALITE, {"mark": "bar"}),
             folded("## Empty"), nbformat.v4.new_markdown_cell("Words"), outside]  # fmt: skip
    first, fold, words, last = page_parts(cells)
    assert isinstance(fold, Fold) and (fold.title, fold.words) == ("More", "What is in it.")
    assert [type(part) for part in fold.parts] == [Text, Text, Row]
    assert isinstance(first, Text) and isinstance(words, Text) and isinstance(last, Text) and words.prose
    assert "<h3" in str(fold.parts[0].html) and "<h2" in first.html and "<h2" in last.html  # type: ignore[union-attr]


def test_the_answer_comes_first_and_the_contents_name_each_heading_and_its_place() -> None:
    block, inside = (showing(BLOCK_MIME, said(title, [], "Nothing").content) for title in ("A <b>", "Inside"))
    cells = [nbformat.v4.new_markdown_cell("# Page\n\nWords"), block, showing(BLOCK_MIME, answer("Yes").content),
             showing(VEGALITE, {"mark": "bar", "title": "B"}), folded("## C\n\nWords"), inside]  # fmt: skip
    parts = page_parts(cells)
    assert isinstance(parts[0], Text) and parts[0].answer
    places = contents(parts)
    assert [title for _, title in places] == ["A <b>", "B", "C"] and len({place for place, _ in places}) == 3
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": PAGE})
    assert all(f'href="#{place}"' in html and f'id="{place}"' in html for place, _ in places)
    assert "A &lt;b&gt;</a>" in html and "A <b>" not in html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_words_of_a_fold_are_text(payload: str) -> None:
    cells = [folded(f"## {payload}\n\n{payload}"), showing(BLOCK_MIME, said("In", [], "Nothing").content)]
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": PAGE})
    assert "<img" not in html and "alert(1)</script" not in html


@pytest.mark.parametrize(("titles", "listed"), [(["A", "B"], 0), (["A", "B", "C"], 2)])
def test_a_page_of_two_headings_has_no_contents(titles: list[str], listed: int) -> None:
    cells = [showing(BLOCK_MIME, said(title, [], "Nothing").content) for title in titles]
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": PAGE})
    assert html.count('href="#part-1"') == listed  # beside the page, and folded above it


@pytest.mark.parametrize(("kind", "content", "wanted"), [
    (BLOCK_MIME, said("A", [], "Nothing").content, 0),
    (BLOCK_MIME, table("A", [("B", "l")], [["x"]]).content, 1),
    (VEGALITE, {"mark": "bar"}, 2),
])  # fmt: skip
def test_a_page_carries_the_scripts_it_needs_and_its_policy_names_them(kind: str, content: Any, wanted: int) -> None:
    cells = [showing(kind, content)]
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"page": PAGE})
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == min(wanted, 1) and (len(html) > 500_000) == (wanted == 2)
    hashes = [f"sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}" for each in scripts]
    assert re.findall(r"script-src '([^']*)'", unescape(html)) == hashes


def test_what_a_specification_asks_of_the_drawing_library_is_dropped() -> None:
    made = chart({"mark": "bar", "usermeta": {"embedOptions": {"loader": {}}, "workbench": {"name": "N"}}})
    assert json.loads(made.spec)["usermeta"] == {"workbench": {"name": "N"}} and made.title == "N"


def test_cells_tagged_interactive_and_all_code_stay_out_of_the_page() -> None:
    slider = showing(BLOCK_MIME, answer("slider").content)
    words = nbformat.v4.new_markdown_cell("# Page\n\n## Try it")
    for each in (slider, words):
        each.metadata["tags"] = ["interactive"]
    plain = showing(BLOCK_MIME, answer("shown").content)
    plain.source = "secret = 1"
    html, _ = PageExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[slider, words, plain]), {"page": PAGE})
    assert "shown" in html and "slider" not in html and "Try it" not in html and "secret" not in html
    assert "script-src" not in html and "<script" not in html  # no chart, no script


def test_a_page_is_named_by_its_first_heading() -> None:
    words = [nbformat.v4.new_markdown_cell("Words"), nbformat.v4.new_markdown_cell("# The order\n\nMore")]
    assert page_title(words, "other") == "The order" and page_title(words[:1], "other") == "other"


def test_a_notebook_counts_as_run_only_with_every_cell_and_the_digest() -> None:
    ran = showing(BLOCK_MIME, {"type": "digest", "digest": "7c"})
    empty, waiting = nbformat.v4.new_code_cell(""), nbformat.v4.new_code_cell("plan")
    failed = nbformat.v4.new_code_cell("plan", execution_count=1)
    failed.outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])]
    slider = nbformat.v4.new_code_cell("explore()", metadata={"tags": ["interactive"]})
    assert check([empty, slider, ran], "7c") == ()
    assert [fault.found for fault in check([waiting, ran], "7c")] == ["that it never ran"]
    assert [fault.found for fault in check([failed, ran], "7c")] == ["ValueError: no"]
    assert [fault.found for fault in check([ran, waiting], "7c")] == ["that it never ran"]
    assert check([ran], "8d") and check([], "7c") and check([failed], "7c")
