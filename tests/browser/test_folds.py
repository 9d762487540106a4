"""What lies below the first screen: folds that open, charts that draw when they do, tables that sort and filter."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from tests.browser.pages import opened
from workbench.model.plan import Plan

BOARD, ASKS = "base/0_quarterly_plan.html", "base/4_asks.html"


def first_cells(table: Locator) -> list[str]:
    """The names of the rows that are shown, in their order."""
    return [row.locator("th").inner_text() for row in table.locator("tbody tr:visible").all()]


def table_of(page: Page, title: str) -> Locator:
    return page.locator(f'.scroll[aria-label="{title}"] table')


def test_folds_are_closed_and_a_chart_in_one_is_drawn_as_wide_as_the_page_once_it_opens(
    browser: Browser, sample_report: Path
) -> None:
    with opened(browser, sample_report / BOARD) as (page, _):
        folds = page.locator("details.fold")
        assert folds.count() >= 3 and page.locator("details[open]").count() == 0
        fold = folds.filter(has=page.get_by_role("heading", name="How sure we are"))
        chart = fold.locator("figure.chart").first
        assert chart.locator("svg").count() == 0
        fold.locator("summary").first.focus()
        page.keyboard.press("Enter")
        chart.locator("svg.marks").wait_for()
        drawn, place = chart.locator("svg.marks").bounding_box(), chart.bounding_box()
        assert drawn and place and 0.9 * place["width"] < drawn["width"] <= place["width"] > 500


def test_a_link_from_the_contents_opens_the_fold_it_leads_to(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / BOARD, viewport={"width": 1400, "height": 900}) as (page, _):
        fold = page.locator("details.fold").last
        page.locator(f'nav.contents a[href="#{fold.get_attribute("id")}"]').click()
        page.wait_for_function("[...document.querySelectorAll('details.fold')].at(-1).open")


def test_without_scripts_folds_still_open_and_tables_are_plain(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / BOARD, java_script_enabled=False) as (page, _):
        assert page.locator("thead button, .filter").count() == 0
        fold = page.locator("details.fold").last
        fold.locator("summary").first.click()
        assert fold.locator("table").first.is_visible()


def test_a_table_sorts_by_the_number_behind_a_cell_and_returns_to_its_order(
    browser: Browser, sample_report: Path, sample_plan: Plan
) -> None:
    order = sample_plan.ranking.order
    names = list(order["name"])
    with opened(browser, sample_report / BOARD) as (page, _):
        table = table_of(page, "The pecking order")
        shown = [name.removesuffix("chosen").strip() for name in first_cells(table)]
        assert shown == names
        head = table.locator("thead th", has_text="Runway")
        head.locator("button").focus()
        for way, wanted in (("ascending", True), ("descending", False)):
            page.keyboard.press("Enter")
            assert head.get_attribute("aria-sort") == way
            found = [name.removesuffix("chosen").strip() for name in first_cells(table)]
            assert found == list(order.sort_values("runway_y", ascending=wanted, kind="stable")["name"])
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") is None
        assert [name.removesuffix("chosen").strip() for name in first_cells(table)] == names


def test_only_one_column_is_said_to_be_sorted(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / BOARD) as (page, _):
        table = table_of(page, "The pecking order")
        for name in ("Segment", "Runway"):
            table.locator("thead button", has_text=name).click()
            assert table.locator("[aria-sort]").all_inner_texts() == [table.locator("th", has_text=name).inner_text()]


def test_what_is_missing_comes_last_and_a_sum_stays_below(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / "base/5_segment_brief_manufacturing.html") as (page, _):
        money = page.locator("table:has(tr.sum)")
        for _ in range(3):
            money.locator("thead button").nth(1).click()
            assert money.locator("tbody tr").last.get_attribute("class") == "sum"
    with opened(browser, sample_report / BOARD) as (page, _):
        table = table_of(page, "The pecking order")
        table.locator("tbody tr").first.locator("td.n").last.evaluate("each => delete each.dataset.v")
        for _ in range(2):
            table.locator("thead button", has_text="Runway").click()
            assert first_cells(table)[-1].startswith("Healthcare")


def test_a_long_table_filters_by_any_of_its_words_and_says_how_many_rows_are_left(
    browser: Browser, sample_report: Path, sample_plan: Plan
) -> None:
    asks = sample_plan.asks.asks
    parked = asks[asks["decision"] == "parking lot"]
    with opened(browser, sample_report / ASKS) as (page, _):
        field = page.get_by_label("Filter rows: The parking lot")
        said = page.locator(".filter", has=field).get_by_role("status")
        assert said.inner_text() == f"{len(parked)} rows"
        field.fill("platform")
        left = first_cells(table_of(page, "The parking lot"))
        words = parked[["title", "requester", "reason", "change_needed"]].agg(" ".join, axis=1).str.lower()
        assert left == list(parked.loc[words.str.contains("platform"), "title"]) and 0 < len(left) < len(parked)
        assert said.inner_text() == f"{len(left)} of {len(parked)} rows"
        field.fill("")
        assert len(first_cells(table_of(page, "The parking lot"))) == len(parked)


def test_a_table_of_eight_rows_has_no_filter(browser: Browser, sample_report: Path) -> None:
    with opened(browser, sample_report / BOARD) as (page, _):
        assert table_of(page, "The pecking order").locator("tbody tr").count() == 8
        assert page.get_by_label("Filter rows: The pecking order").count() == 0


def test_each_chart_has_its_figures_below_it(browser: Browser, sample_report: Path) -> None:
    for path in sorted((sample_report / "base").glob("[0-4]*.html")):
        with opened(browser, path, java_script_enabled=False) as (page, _):
            for section in page.locator(".charts > section").all():
                live = '"live"' in str(section.locator("figure script").text_content())  # it has a table of its own
                assert (section.locator("details.data tbody tr").count() > 0) != live
