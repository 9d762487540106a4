"""From a CRM export to a book: every row accounted for, the figures those of a plain loop over the file."""

from __future__ import annotations

import csv
import random
import shutil
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.sources.shared_data import MAPPINGS, changed, rows, shared, tables
from workbench.errors import BookError
from workbench.sources.imports.crm import import_crm

MAVEN = MAPPINGS / "crm_maven.toml"
NO_ALIAS = ('GTXPro = "GTX Pro"', "")


@pytest.fixture
def maven() -> Path:
    return shared("crm_maven")


@pytest.fixture
def book(maven: Path, tmp_path: Path) -> Path:
    import_crm(maven, MAVEN, tmp_path / "book")
    return tmp_path / "book"


def opportunities(maven: Path) -> list[dict[str, str]]:
    """The opportunities with an account, with the segment and the quarter of closing: the naive oracle."""
    sectors = {row["account"]: row["sector"].replace("technolgy", "technology") for row in rows(maven / "accounts.csv")}
    found = [row for row in rows(maven / "sales_pipeline.csv") if row["account"]]
    for row in found:
        row["product"] = row["product"].replace("GTXPro", "GTX Pro")
        row["segment"] = sectors[row["account"]]
        row["quarter"] = quarter(row["close_date"])
    return found


def quarter(day: str) -> str:
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}" if day else ""


def stopped(export: Path, mapping: Path, out: Path) -> list[str]:
    with pytest.raises(BookError) as error:
        import_crm(export, mapping, out)
    return [problem.sentence() for problem in error.value.problems]


def test_all_8800_opportunities_are_accounted_for(maven: Path, tmp_path: Path) -> None:
    report = import_crm(maven, MAVEN, tmp_path / "book")
    count = report.file("opportunities")
    assert (count.rows, count.used, dict(count.left_out)) == (8800, 7375, {"no account": 1425})
    assert dict(count.parts) == {"won": 4238, "lost": 2473, "open": 664}
    assert count.sentence() == (
        "sales_pipeline.csv: 8,800 rows: 7,375 used (4,238 won, 2,473 lost, 664 open), "
        "1,425 left out by the rule 'no account'."
    )
    listed = rows(tmp_path / "book/import/crm_rows.csv")
    assert sum(int(line["rows"]) for line in listed if line["file"] == "sales_pipeline.csv") == 8800
    left_out = rows(tmp_path / "book/import/crm_left_out.csv")
    blank = [str(row) for row, line in enumerate(rows(maven / "sales_pipeline.csv"), start=2) if not line["account"]]
    assert [line["row"] for line in left_out] == blank
    assert {line["reason"] for line in left_out} == {"no account"}


def test_revenue_and_deals_are_those_of_a_plain_loop(maven: Path, book: Path) -> None:
    revenue: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    closed: Counter[tuple[str, ...]] = Counter()
    for row in opportunities(maven):
        cell = (row["product"], row["segment"], row["quarter"])
        closed[(*cell, row["deal_stage"])] += 1
        if row["deal_stage"] == "Won":
            revenue[cell] += Decimal(row["close_value"])
    found = {(r["product"], r["segment"], r["quarter"]): r for r in rows(book / "deals.csv")}
    assert {
        (r["product"], r["segment"], r["quarter"]): Decimal(r["revenue"]) for r in rows(book / "revenue.csv")
    } == revenue
    for cell, row in found.items():
        assert (int(row["won"]), int(row["lost"])) == (closed[(*cell, "Won")], closed[(*cell, "Lost")])
        assert Decimal(row["won_value"]) == revenue.get(cell, 0)
    assert sum(int(row["won"]) + int(row["lost"]) for row in found.values()) == 4238 + 2473


def test_customers_are_accounts_with_a_won_deal_so_far(maven: Path, book: Path) -> None:
    won = [row for row in opportunities(maven) if row["deal_stage"] == "Won"]
    for row in rows(book / "customers.csv"):
        so_far = [w for w in won if w["segment"] == row["segment"] and w["quarter"] <= row["quarter"]]
        before = {w["account"] for w in so_far if w["quarter"] < row["quarter"]}
        assert int(row["customers"]) == len({w["account"] for w in so_far})
        assert int(row["new"]) == len({w["account"] for w in so_far} - before)
        assert int(row["product_customers"]) == len({(w["account"], w["product"]) for w in so_far})
        assert row["lost"] == ""


def test_open_deals_count_where_they_were_open_and_carry_no_invented_value(maven: Path, book: Path) -> None:
    found = {(r["product"], r["segment"], r["quarter"]): r["open_value"] for r in rows(book / "deals.csv")}
    was_open = set()
    for row in opportunities(maven):
        for end in ("2017Q1", "2017Q2", "2017Q3", "2017Q4"):
            if (
                row["engage_date"]
                and quarter(row["engage_date"]) <= end
                and (not row["quarter"] or row["quarter"] > end)
            ):
                was_open.add((row["product"], row["segment"], end))
    assert was_open <= set(found)
    assert {cell for cell, value in found.items() if value == ""} == was_open
    assert {value for cell, value in found.items() if cell not in was_open} == {"0.00"}


def test_the_evidence_stands_beside_each_blank_cell_of_the_relevance_sheet(maven: Path, book: Path) -> None:
    sheet = rows(book / "relevance.csv")
    assert len(sheet) == 70 and not any(row["relevance"] or row["judged_by"] for row in sheet)
    evidence = {(row["product"], row["segment"]): row for row in rows(book / "import/relevance_evidence.csv")}
    assert set(evidence) == {(row["product"], row["segment"]) for row in sheet}
    mine = [row for row in opportunities(maven) if (row["product"], row["segment"]) == ("GTX Pro", "technology")]
    stages = Counter(row["deal_stage"] for row in mine)
    cell = evidence["GTX Pro", "technology"]
    assert int(cell["accounts"]) == 12
    assert int(cell["buyers"]) == len({row["account"] for row in mine if row["deal_stage"] == "Won"})
    assert (int(cell["won"]), int(cell["lost"])) == (stages["Won"], stages["Lost"])
    assert int(cell["open"]) == stages["Engaging"] + stages["Prospecting"]
    assert cell["win_rate"] == f"{stages['Won'] / (stages['Won'] + stages['Lost']):.4f}"


def test_the_short_first_quarter_is_named_and_written_into_a_new_book(maven: Path, tmp_path: Path) -> None:
    report = import_crm(maven, MAVEN, tmp_path / "book")
    assert "2017Q1 is covered from 2017-03-01 only." in report.sentences()
    assert "data_from = 2017-03-01\n" in (tmp_path / "book/book.toml").read_text()
    plain = 'company = "Maven Hardware"\ncurrency = "USD"\n'
    (tmp_path / "book/book.toml").write_text(plain)
    again = import_crm(maven, MAVEN, tmp_path / "book")
    assert "book.toml was left as it is: add data_from = 2017-03-01." in again.sentences()
    assert (tmp_path / "book/book.toml").read_text() == plain


def test_without_the_alias_it_stops_and_names_the_product(maven: Path, tmp_path: Path) -> None:
    mapping = changed("crm_maven.toml", tmp_path / "m.toml", NO_ALIAS, ('technolgy = "technology"', ""))
    sentences = stopped(maven, mapping, tmp_path / "book")
    assert len(sentences) == 2
    assert "accounts.csv, row 2, column sector: found the unknown segment 'technolgy' in 12 rows" in sentences[0]
    assert "sales_pipeline.csv, row 3, column product: found the unknown product 'GTXPro' in 1,480 rows" in sentences[1]
    assert 'add the alias "GTXPro" = "GTX Pro" under [opportunities.product_aliases]' in sentences[1]
    assert not (tmp_path / "book").exists()


def test_a_stop_leaves_the_book_as_it_was(maven: Path, book: Path, tmp_path: Path) -> None:
    before = tables(book)
    stopped(maven, changed("crm_maven.toml", tmp_path / "m.toml", NO_ALIAS), book)
    assert tables(book) == before
    assert sorted(path.name for path in book.iterdir() if path.is_dir()) == ["import"]


def test_us_dates_give_the_same_tables(maven: Path, book: Path, tmp_path: Path) -> None:
    mapping = changed("crm_maven.toml", tmp_path / "m.toml", ("YYYY-MM-DD", "MM/DD/YYYY"),
                      ("sales_pipeline.csv", "sales_pipeline_mdy_dates_variant.csv"))  # fmt: skip
    import_crm(maven, mapping, tmp_path / "other")
    assert tables(tmp_path / "other") == tables(book)


def test_a_wrong_date_format_is_said_once_not_8800_times(maven: Path, tmp_path: Path) -> None:
    mapping = changed("crm_maven.toml", tmp_path / "m.toml", ("YYYY-MM-DD", "DD.MM.YYYY"))
    sentences = stopped(maven, mapping, tmp_path / "book")
    assert len(sentences) == 8
    assert "found '2017-03-01' in 24 rows; allowed: a day written DD.MM.YYYY, without a time" in sentences[0]


def test_the_order_of_the_rows_changes_no_byte(maven: Path, book: Path, tmp_path: Path) -> None:
    for name in ("accounts.csv", "products.csv", "sales_pipeline.csv"):
        head, *lines = (maven / name).read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(7).shuffle(lines)
        (tmp_path / name).write_text(head + "".join(lines), encoding="utf-8")
    import_crm(tmp_path, MAVEN, tmp_path / "other")
    assert tables(tmp_path / "other") == tables(book)


def test_what_people_wrote_stays(maven: Path, book: Path) -> None:
    sheet = rows(book / "relevance.csv")
    judged = {**sheet[3], "relevance": "0.75", "judged_by": "Ann", "judged_on": "2018-01-15"}
    with (book / "relevance.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(judged), lineterminator="\n")
        writer.writeheader()
        writer.writerows([judged, *sheet[10:]])
    text = (book / "segments.csv").read_text().replace("medical,Medical,,", "medical,Medical,Bea,hospitals")
    (book / "segments.csv").write_text(text)
    report = import_crm(maven, MAVEN, book)
    after = rows(book / "relevance.csv")
    assert len(after) == 70 and after[3] == judged
    assert (book / "segments.csv").read_text() == text
    assert any("69 of 70 cells are not judged yet" in sentence for sentence in report.sentences())


def test_a_judgement_is_never_dropped(maven: Path, book: Path) -> None:
    path = book / "relevance.csv"
    path.write_text(path.read_text() + "GTX Max,medical,1,Ann,2018-01-15\n")
    (sentence,) = stopped(maven, MAVEN, book)
    assert "relevance.csv, row 72, column product, segment: found a judgement of GTX Max × medical" in sentence


def small(
    folder: Path, opportunities: str = "", accounts: str = "Alpha,north\nNA,south\n", products: str = "007,7\n"
) -> Path:
    """An export of two accounts, one called NA, and a product called 007."""
    folder.mkdir(exist_ok=True)
    (folder / "accounts.csv").write_text("name,region\n" + accounts, encoding="utf-8")
    (folder / "products.csv").write_text("code,label\n" + products, encoding="utf-8")
    (folder / "deals.csv").write_text("id,who,what,stage,from,until,eur\n" + opportunities, encoding="utf-8")
    (folder / "mapping.toml").write_text(SMALL, encoding="utf-8")
    return folder


SMALL = """\
[book]
company = "Small"
currency = "EUR"
fiscal_month = 10
[segments]
north = "North"
south = "South"
[accounts]
file = "accounts.csv"
account = "name"
segment = "region"
[products]
file = "products.csv"
product = "code"
name = "label"
gross_margin = 0.5
[opportunities]
file = "deals.csv"
opportunity = "id"
account = "who"
product = "what"
stage = "stage"
opened = "from"
closed = "until"
date_format = "D.M.YYYY"
value = "eur"
[opportunities.stages]
won = ["won"]
lost = ["lost"]
open = ["open"]
[[leave_out]]
name = "renewals"
table = "opportunities"
column = "stage"
equals = ["renewal"]
when = { who = ["NA"] }
[[leave_out]]
name = "unknown accounts"
table = "opportunities"
column = "who"
unmapped = true
"""
GOOD = """\
a,Alpha,007,won,1.9.2020,1.10.2020,100.10
b,NA,007,won,1.9.2020,31.12.2020,0.005
c,NA,007,open,5.12.2020,9.9.2030,7.5
"""


def test_keys_stay_text_and_quarters_follow_the_fiscal_year(tmp_path: Path) -> None:
    export = small(tmp_path / "x", GOOD)
    import_crm(export, export / "mapping.toml", tmp_path / "book")
    assert (tmp_path / "book/revenue.csv").read_text() == (
        "product,segment,quarter,revenue\n007,north,2021Q1,100.10\n007,south,2021Q1,0.00\n"
    )
    deals = rows(tmp_path / "book/deals.csv")
    assert [row["open_value"] for row in deals] == ["0.00", "7.50"], "an expected closing day is no closing"


def test_rules_leave_out_what_they_name_and_no_more(tmp_path: Path) -> None:
    export = small(
        tmp_path / "x", GOOD + "d,NA,007,renewal,,,\ne,Alpah,007,won,,2.10.2020,5\nf,=Beta,007,won,,2.10.2020,5\n"
    )
    report = import_crm(export, export / "mapping.toml", tmp_path / "book")
    assert dict(report.file("opportunities").left_out) == {"renewals": 1, "unknown accounts": 2}
    listed = rows(tmp_path / "book/import/crm_left_out.csv")
    assert [(line["row"], line["value"], line["nearest"]) for line in listed] == [
        ("5", "renewal", ""), ("6", "Alpah", "Alpha"), ("7", "'=Beta", ""),
    ]  # fmt: skip
    (export / "deals.csv").write_text((export / "deals.csv").read_text() + "g,Alpha,007,renewal,,,\n")
    (sentence,) = stopped(export, export / "mapping.toml", tmp_path / "book")
    assert "the unknown stage 'renewal' in 2 rows" in sentence


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,Alpha,007,won,,2.10.2020,5", "column id: found the opportunity 'a' in 2 rows"),
        (",Alpha,007,won,,2.10.2020,5", "row 5, column id: found no opportunity in 1 row"),
        ("x,Alpha,,won,,2.10.2020,5", "row 5, column what: found no product in 1 row"),
        ("x,Alpha,7,won,,2.10.2020,5", "row 5, column what: found the unknown product '7' in 1 row"),
        (
            "x,Alpha,007,wonn,,2.10.2020,5",
            "add it to won, lost or open (is it 'won'?), or leave the rows out by a rule",
        ),
        ("x,Alpha,007,lost,,,5", "row 5, column until: found no day in 1 row of the stage 'lost'"),
        (
            "x,Alpha,007,won,,2020-10-02,5",
            "row 5, column until: found '2020-10-02' in 1 row; allowed: a day written D.M.YYYY",
        ),
        ("x,Alpha,007,won,,31.2.2020,5", "row 5, column until: found '31.2.2020' in 1 row"),
        ("x,Alpha,007,won,soon,2.10.2020,5", "row 5, column from: found 'soon' in 1 row"),
        ("x,Alpha,007,won,,2.10.2020,", "row 5, column eur: found no value in 1 row of the stage 'won'"),
        ('x,Alpha,007,won,,2.10.2020,"1,5"', "row 5, column eur: found '1,5' in 1 row; allowed: a plain number"),
        ("x,Alpha,007,won,,2.10.2020,-5", "row 5, column eur: found '-5' in 1 row"),
        ("x,Alpha,007,won,,2.10.2020,5,6", "row 5, column after eur: found 8 fields"),
        ("x,Alpha,007", "row 5, column stage: found 3 fields"),
        ('x,Alpha,"007,won,,2.10.2020,5', "row 5, column what: found a quotation mark that does not fit"),
    ],
)
def test_a_row_that_nothing_explains_stops_the_import(tmp_path: Path, line: str, said: str) -> None:
    export = small(tmp_path / "x", GOOD + line + "\n")
    (sentence,) = stopped(export, export / "mapping.toml", tmp_path / "book")
    assert said in sentence
    assert not (tmp_path / "book").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbfname,region\nAlpha,north\n", "row 1: found a byte-order mark before the header"),
        (b"\xff\xfen\x00", "row 1: found UTF-16 text before the header"),
        (b"name,region\nAlpha,north\nM\xfcller,north\n", "row 3, column name: found text that is not UTF-8"),
        (b"name;region\nAlpha;north\n", "row 1, column name: found columns that commas do not separate"),
        (b"", "row 1, column name: found an empty file"),
        (b"name,regoin\nAlpha,north\n", "next: write 'regoin' in the mapping"),
        (b"name,region,name\nAlpha,north,x\n", "row 1, column name: found the column twice"),
        (b"name,region\nAlpha,north\nAlpha,south\nNA,south\n", "column name: found the account 'Alpha' in 2 rows"),
        (b"name,region\nAlpha,nroth\nNA,south\n", 'add the alias "nroth" = "north" under [accounts.segment_aliases]'),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    export = small(tmp_path / "x", GOOD)
    (export / "accounts.csv").write_bytes(content)
    (sentence,) = stopped(export, export / "mapping.toml", tmp_path / "book")
    assert sentence.startswith("accounts.csv") and said in sentence


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    export = small(tmp_path / "x", GOOD + "x,Alpha,008,wonn,,2.10.2020,1 000\n", accounts="Alpha,west\nNA,south\n")
    said = "\n".join(stopped(export, export / "mapping.toml", tmp_path / "book"))
    for word in ("'west'", "'008'", "'wonn'", "'1 000'"):
        assert word in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gross_margin = 0.5", "", "key products.gross_margin: found nothing"),
        ("gross_margin = 0.5", "gross_margin = 50", "a share from 0 to 1, or the name of a column"),
        ("unmapped = true", "unmaped = true", "next: write 'unmapped'"),
        ("D.M.YYYY", "D.M.YY", "year YYYY, month MM and day DD"),
        ('open = ["open"]', 'open = ["won"]', "a stage is won, lost or open, once"),
        ('column = "who"\nunmapped', 'column = "eur"\nunmapped', "unmapped = true for the column 'eur'"),
        ('column = "stage"', 'column = "phase"', "the unknown column 'phase'"),
        ("[[leave_out]]\nname = \"renewals\"", '[opportunities.product_aliases]\nx = "07"\n[[leave_out]]\nname = "r"',
         "the unknown product '07'; allowed: a known product; next: write '007'"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used_is_a_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    export = small(tmp_path / "x", GOOD)
    assert old in SMALL
    (export / "mapping.toml").write_text(SMALL.replace(old, new, 1))
    assert said in "\n".join(stopped(export, export / "mapping.toml", tmp_path / "book"))


def test_the_book_of_another_company_is_not_overwritten(tmp_path: Path) -> None:
    export = small(tmp_path / "x", GOOD)
    (tmp_path / "book").mkdir()
    (tmp_path / "book/book.toml").write_text('company = "Large"\ncurrency = "EUR"\nfiscal_month = 1\n')
    said = stopped(export, export / "mapping.toml", tmp_path / "book")
    assert [sentence.split(":")[0] for sentence in said] == [
        "mapping.toml, key book.company", "mapping.toml, key book.fiscal_month",
    ]  # fmt: skip


def test_a_switch_that_fails_midway_puts_the_former_files_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export, out = small(tmp_path / "x", GOOD), tmp_path / "book"
    import_crm(export, export / "mapping.toml", out)
    before = tables(out)
    small(export, GOOD.replace("100.10", "200.20"))
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if Path(target).name == "revenue.csv" and self.parent.name == "new":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        import_crm(export, export / "mapping.toml", out)
    monkeypatch.undo()
    assert tables(out) == before
    assert not list(out.glob(".import-*"))
    shutil.rmtree(out)


def test_a_row_of_an_unknown_account_that_a_rule_leaves_out_for_its_stage_is_not_counted_twice(tmp_path: Path) -> None:
    mapping = SMALL.replace('when = { who = ["NA"] }\n', "")
    export = small(tmp_path / "x", GOOD + "d,Alpah,007,renewal,,2.10.2020,5\ne,Alpah,007,won,,2.10.2020,5\n")
    (export / "mapping.toml").write_text(mapping, encoding="utf-8")
    report = import_crm(export, export / "mapping.toml", tmp_path / "book")
    assert dict(report.file("opportunities").left_out) == {"renewals": 1, "unknown accounts": 1}
    assert report.file("opportunities").rows == 5


@pytest.mark.parametrize("left_out", [True, False])
def test_an_account_of_an_unknown_segment_stops_unless_a_rule_leaves_it_out(tmp_path: Path, left_out: bool) -> None:
    rule = '[[leave_out]]\nname = "elsewhere"\ntable = "accounts"\ncolumn = "region"\nequals = ["east"]\n'
    export = small(tmp_path / "x", GOOD, accounts="Alpha,north\nNA,south\nGamma,east\n")
    (export / "mapping.toml").write_text(SMALL + (rule if left_out else ""), encoding="utf-8")
    if left_out:
        report = import_crm(export, export / "mapping.toml", tmp_path / "book")
        assert dict(report.file("accounts").left_out) == {"elsewhere": 1}
    else:
        (sentence,) = stopped(export, export / "mapping.toml", tmp_path / "book")
        assert "the unknown segment 'east' in 1 row" in sentence
