"""From a CRM export and a public market table to a published page, as an analyst would go."""

from __future__ import annotations

import csv
import json
import shutil

import pandas as pd

from tests.browser.pages import Seen, opened
from tests.sources.shared_data import MAPPINGS, changed, shared
from workbench.cli import main
from workbench.model.quarter import plan_quarter
from workbench.report.run.inputs import NOTEBOOKS
from workbench.report.run.run import publish_report
from workbench.sources.tables.folder import load_book, load_scenario

RELEVANCE = {"GTK 500": "0.25", "MG Special": "0.5"}  # as an analyst would judge; all others 0.75


def plan_of(book):
    return plan_quarter(load_book(book), load_scenario("base", book), "2017Q4")


def fill_in_relevance(book):
    path = book / "relevance.csv"
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert (sheet["relevance"] == "").all()
    sheet["relevance"] = sheet["product"].map(RELEVANCE).fillna("0.75")
    sheet.assign(judged_by="an analyst", judged_on="2018-01-10").to_csv(path, index=False, lineterminator="\n")


def test_a_crm_export_and_a_market_table_become_a_published_plan(tmp_path, capsys, browser):
    export, market = shared("crm_maven"), shared("bea") / "bea_summary_long_1997_2023.csv"
    book = tmp_path / "maven"
    crm = ["import-crm", str(export), "--out", str(book), "--mapping"]

    # Without the alias the import stops, counts the rows, names the product, and writes nothing.
    assert main([*crm, str(changed("crm_maven.toml", tmp_path / "no_alias.toml", ('GTXPro = "GTX Pro"', "")))]) == 1
    told = capsys.readouterr().err
    assert "'GTXPro' in 1,480 rows" in told
    assert "GTX Pro" in told.split("next:")[1]
    assert not (book / "revenue.csv").exists()

    # With it every row is accounted for: 8,800 = won + lost + open + left out by the rule.
    assert main([*crm, str(MAPPINGS / "crm_maven.toml")]) == 0
    told = capsys.readouterr().out
    for figure in ("8,800 rows", "4,238 won", "2,473 lost", "664 open", "1,425 left out by the rule 'no account'"):
        assert figure in told
    assert 4238 + 2473 + 664 + 1425 == 8800
    segments = [row["segment"] for row in csv.DictReader((book / "segments.csv").open(encoding="utf-8"))]
    assert len(segments) == 10 and "technology" in segments and "technolgy" not in segments

    # The market without an addressable rate: share and runway are refused, in a sentence.
    into = ["import-market", str(market), "--out", str(book), "--mapping"]
    assert main([*into, str(MAPPINGS / "bea.toml")]) == 0
    assert main(["scenario", str(book)]) == 0
    plan = plan_of(book)
    facts = plan.facts.segments
    assert list(plan.ranking.order["rank"]) == sorted(plan.ranking.order["rank"]) and len(plan.ranking.order) == 10
    assert facts["share"].isna().all() and facts["runway_y"].isna().all() and facts["revenue_growth"].isna().all()
    assert set(plan.swot.cells["kind"]) == {"not judged"}
    said = " ".join(plan.missing)
    for words in ("no addressable rate is declared", "Revenue growth is absent", "2017Q1 is cut short",
                  "2017-03-01", "Relevance is not judged"):  # fmt: skip
        assert words in said
    latest = plan.facts.growth.query("kind == 'actual'").groupby("segment")["year"].max()
    assert set(latest) == {2017}

    # With a rate and judged relevance they are there.
    rate = changed(
        "bea.toml", tmp_path / "rate.toml", ('addressable_rate = "not declared"', "addressable_rate = 0.00001")
    )
    assert main([*into, str(rate)]) == 0
    fill_in_relevance(book)
    plan = plan_of(book)
    assert plan.facts.segments["share"].notna().all() and plan.facts.segments["runway_y"].notna().all()
    assert "not judged" not in set(plan.swot.cells["kind"])

    # And the report is published; its plan is this plan, and its page opens.
    capsys.readouterr()
    pages = tmp_path / "notebooks"  # without the ten briefs, which would take a minute
    shutil.copytree(NOTEBOOKS, pages, ignore=lambda _, names: [name for name in names if name[:1] not in "01234"])
    publish_report(book, quarter="2017Q4", reports=tmp_path / "reports", notebooks=pages)
    published = tmp_path / "reports" / "maven" / "2017Q4"
    assert (published / "base" / "plan.json").read_bytes() == plan.to_json()
    assert (
        len(json.loads((published / "base" / "plan.json").read_text(encoding="utf-8"))["tables"]["ranking.order"]) == 10
    )
    with opened(browser, published / "base" / "0_quarterly_plan.html") as (page, seen):
        assert "Medical" in page.inner_text("h1") and seen == Seen()
