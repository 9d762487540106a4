"""From a table of industries and years to a book's market: every row accounted for, sizes added up exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.sources.shared_data import MAPPINGS, changed, rows, shared, tables
from workbench.errors import BookError
from workbench.sources.imports.crm import import_crm
from workbench.sources.imports.market import import_market
from workbench.sources.tables.folder import load_book

DECLARED = ('addressable_rate = "not declared"', "addressable_rate = 0.02")
HEAD = "industry,year,output,what\n"
FARMS = "Farms,2020,100.5,seen\nFarms,2021,110,foreseen\n"
HALF = """\
addressable_rate = 0.5
[table]
industry = "industry"
year = "year"
size = "output"
unit = 1e3
kind = "actual"
source = "Office"
"""
ONE = '[industries]\n"Farms" = "north"\n'


def table(folder: Path, text: str = FARMS) -> Path:
    """A market table beside a book with two segments."""
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book/segments.csv").write_text("segment,name\nnorth,North\nsouth,South\n")
    (folder / "table.csv").write_text(HEAD + text)
    return folder / "table.csv"


def mapped(folder: Path, text: str) -> Path:
    (folder / "m.toml").write_text(text)
    return folder / "m.toml"


def stopped(folder: Path, mapping: str, text: str = FARMS) -> list[str]:
    path = table(folder, text)
    before = tables(folder / "book")
    with pytest.raises(BookError) as error:
        import_market(path, mapped(folder, mapping), folder / "book")
    assert tables(folder / "book") == before
    return [problem.sentence() for problem in error.value.problems]


def test_a_crm_export_and_the_bea_table_make_a_book_that_loads(tmp_path: Path) -> None:
    bea = shared("bea") / "bea_summary_long_1997_2023.csv"
    import_crm(shared("crm_maven"), MAPPINGS / "crm_maven.toml", tmp_path / "book")
    report = import_market(bea, MAPPINGS / "bea.toml", tmp_path / "book")
    count = report.file("market")
    assert (count.rows, count.used, dict(count.left_out)) == (1917, 459, {"not our industries": 1458})
    book = load_book(tmp_path / "book")
    assert sorted(book.tables()) == ["customers", "deals", "market", "products", "relevance", "revenue", "segments"]
    assert book.table("relevance")["relevance"].isna().all() and len(book.table("segments")) == 10
    market = {(row["segment"], row["year"]): row for row in rows(tmp_path / "book/market.csv")}
    assert len(market) == 10 * 27
    industries = ("Ambulatory health care services", "Hospitals")
    for year in ("1997", "2017", "2023"):
        parts = [
            Decimal(r["gross_output_musd"]) for r in rows(bea) if r["industry"] in industries and r["year"] == year
        ]
        assert len(parts) == 2
        assert Decimal(market["medical", year]["size"]) == sum(parts) * 1_000_000
    assert {row["addressable_rate"] for row in market.values()} == {""}
    assert any("addressable rate is not declared" in sentence for sentence in report.sentences())
    left_out = rows(tmp_path / "book/import/market_left_out.csv")
    assert len(left_out) == 1458 and left_out[0]["value"] == "Farms"


def test_a_declared_rate_stands_in_every_row_and_a_second_import_replaces_the_first(tmp_path: Path) -> None:
    bea = shared("bea") / "bea_summary_long_1997_2023.csv"
    import_crm(shared("crm_maven"), MAPPINGS / "crm_maven.toml", tmp_path / "book")
    import_market(bea, MAPPINGS / "bea.toml", tmp_path / "book")
    import_market(bea, changed("bea.toml", tmp_path / "m.toml", DECLARED), tmp_path / "book")
    market = load_book(tmp_path / "book").table("market")
    assert len(market) == 270 and set(market["addressable_rate"]) == {0.02}


def test_an_industry_that_is_not_mapped_stops_it(tmp_path: Path) -> None:
    said = stopped(tmp_path, HALF + ONE, FARMS + "Farmss,2020,5,seen\nFarmss,2021,5,seen\n,2021,5,seen\n")
    assert "table.csv, row 4, column industry: found the unknown industry 'Farmss' in 2 rows" in said[0]
    assert "say under [industries] which segment it serves (is it 'Farms'?)" in said[0]
    assert "row 6, column industry: found no industry in 1 row" in said[1]


def test_without_an_addressable_rate_it_asks(tmp_path: Path) -> None:
    (sentence,) = stopped(tmp_path, HALF.replace("addressable_rate = 0.5\n", "") + ONE)
    assert "key addressable_rate: found no addressable rate" in sentence
    assert 'their whole output is not your market; addressable_rate = "not declared" leaves it open' in sentence
    per_segment = HALF.replace("addressable_rate = 0.5\n", "") + ONE + "[addressable_rate]\nsoth = 0.5\n"
    asked, unknown = stopped(tmp_path, per_segment)
    assert "key addressable_rate.north: found no addressable rate" in asked
    assert "the unknown segment 'soth'" in unknown and "next: write 'south'" in unknown


def test_shares_split_an_industry_and_rates_may_differ_by_segment(tmp_path: Path) -> None:
    shares = """\
[addressable_rate]
north = 0.25
south = "not declared"
[[shares]]
industry = "Farms"
segment = "north"
share = 0.7
[[shares]]
industry = "Farms"
segment = "south"
share = 0.1
"""
    path = table(tmp_path)
    import_market(path, mapped(tmp_path, HALF.replace("addressable_rate = 0.5\n", "") + shares), tmp_path / "book")
    assert [
        (r["segment"], r["year"], r["size"], r["addressable_rate"]) for r in rows(tmp_path / "book/market.csv")
    ] == [
        ("north", "2020", "70350.00", "0.25"),
        ("north", "2021", "77000.00", "0.25"),
        ("south", "2020", "10050.00", ""),
        ("south", "2021", "11000.00", ""),
    ]
    said = stopped(
        tmp_path, HALF + shares.partition("[[shares]]")[1] + shares.partition("[[shares]]")[2].replace("0.7", "0.95")
    )
    assert "key shares: found 1.05 of 'Farms' in all; allowed: at most 1" in said[0]
    both = HALF + ONE + "[[shares]]" + shares.partition("[[shares]]")[2]
    assert "found 'Farms' under [industries] too; allowed: one of the two" in "\n".join(stopped(tmp_path, both))


def test_the_kind_may_come_from_a_column(tmp_path: Path) -> None:
    mapping = HALF.replace('kind = "actual"', 'kind_column = "what"') + ONE
    text = FARMS.replace("foreseen", "forecast").replace("seen", "actual")
    import_market(table(tmp_path, text), mapped(tmp_path, mapping), tmp_path / "book")
    assert [row["kind"] for row in rows(tmp_path / "book/market.csv")] == ["actual", "forecast"]
    assert "found 'seen' in 1 row; allowed: actual or forecast" in stopped(tmp_path, mapping)[0]


@pytest.mark.parametrize(
    ("mapping", "text", "said"),
    [
        (ONE, FARMS + "Farms,2022,,seen\n", "row 4, column output: found no size in 1 row"),
        (ONE, FARMS + "Farms,2022,NA,seen\n", "row 4, column output: found 'NA' in 1 row; allowed: a plain number"),
        (ONE, FARMS + 'Farms,2022,"1,5",seen\n', "write 1.5 with a decimal point"),
        (ONE, FARMS + "Farms,22,5,seen\n", "row 4, column year: found '22' in 1 row; allowed: a year such as 2026"),
        (ONE, FARMS + "Farms,2021,5,seen\n", "row 3, column industry, year: found Farms in 2021 in 2 rows"),
        (ONE.replace("north", "nroth"), FARMS, "the unknown segment 'nroth' for 'Farms'; allowed: north, south"),
        (ONE + '"Frams" = "north"\n', FARMS, "the industry 'Frams', which table.csv does not have"),
        (ONE + '"Mines" = "north"\n', FARMS + "Mines,2020,5,seen\n", "no actual of 'Mines' for 2021"),
        (ONE + "[[leave_out]]\nname = \"x\"\ncolumn = \"yaer\"\nblank = true\n", FARMS, "the unknown column 'yaer'"),
        (ONE + "[[leave_out]]\nname = \"x\"\ncolumn = \"year\"\n", FARMS, "say which rows: blank = true"),
    ],
)  # fmt: skip
def test_what_nothing_explains_stops_it(tmp_path: Path, mapping: str, text: str, said: str) -> None:
    assert said in "\n".join(stopped(tmp_path, HALF + mapping, text))


def test_rows_of_other_sources_stay_and_no_year_is_doubled(tmp_path: Path) -> None:
    path = table(tmp_path)
    market = tmp_path / "book/market.csv"
    market.write_text("segment,year,size,kind,source\nnorth,2024,9,forecast,Ann\nnorth,2020,5,actual,Office\n")
    report = import_market(path, mapped(tmp_path, HALF + ONE), tmp_path / "book")
    assert [(row["year"], row["size"], row["source"]) for row in rows(market)] == [
        ("2020", "100500.00", "Office"), ("2021", "110000.00", "Office"), ("2024", "9", "Ann"),
    ]  # fmt: skip
    assert "No industry serves south: the book has no market for it." in report.notes
    market.write_text("segment,year,size,kind,source\nnorth,2021,9,forecast,Ann\n")
    (sentence,) = stopped(tmp_path, HALF + ONE)
    assert "market.csv, row 2, column segment, year: found 1 row of north from the source 'Ann'" in sentence


def test_without_segments_it_says_what_comes_first(tmp_path: Path) -> None:
    path = table(tmp_path)
    (tmp_path / "book/segments.csv").unlink()
    with pytest.raises(BookError, match="run workbench import-crm first"):
        import_market(path, mapped(tmp_path, HALF + ONE), tmp_path / "book")
