"""The diagnosis finds what was planted in 500 invented companies, and keeps every cell of its decision table."""

from __future__ import annotations

import dataclasses
import sys
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.model import planted
from tests.model.planted import HEADERS, KINDS, Planted, plant
from workbench.book.book import Book, build_book
from workbench.book.convert import RawTable, convert
from workbench.book.settings import BookSettings
from workbench.book.tables import TABLES
from workbench.model.facts.facts import observe
from workbench.model.quarter import segment_facts
from workbench.model.swot.swot import score_swot

COMPANIES, SEED = 500, 20260930
SETTINGS = BookSettings(company="Planted Ltd", currency="EUR")
FOUND = (*KINDS, "not judged")
RIGHT, RECALL = 0.95, 0.9  # least part right of all segments, and of the segments of each kind

# ---------------------------------------------------------------------------------------------- planted portfolios


def raw(companies: list[Planted]) -> dict[str, RawTable]:
    return {
        name: RawTable(name, HEADERS[name], [row for one in companies for row in one.tables[name]]) for name in HEADERS
    }


def side_by_side(companies: list[Planted]) -> Book:
    """Many companies in one book, no key shared, without the checks between tables: a book for each takes minutes."""
    tables = {}
    for name, table in raw(companies).items():
        frame, problems = convert(table, TABLES[name])
        assert frame is not None and not problems
        tables[name] = frame.drop(columns="row_").sort_values(list(TABLES[name].key), ignore_index=True)
    return Book(SETTINGS, tables)


def scene_of(company: Planted, scenario):
    """The scenario with the neutral points of the company."""
    anchors = scenario.anchors.model_dump()
    return scenario.with_values(
        anchors={name: anchors[name] | {"neutral": company.neutral[name]} for name in company.neutral}
    )


def diagnosed(facts, book, scenario) -> dict[str, str]:
    balances = score_swot(facts, book, scenario).balances
    return dict(zip(balances["segment"], balances["diagnosis"], strict=True))


@pytest.fixture(scope="module")
def found(sample_plan) -> pd.DataFrame:
    """Per segment of the 500 companies what was planted, which boundary is near, and what was found.

    Growth plays no part in the diagnosis and is left out, for a forecast takes longer than all the rest.
    """
    shelves: dict[tuple, list[Planted]] = {}
    for company in (plant(number, SEED) for number in range(COMPANIES)):
        shelves.setdefault((company.quarter, *company.neutral.values()), []).append(company)
    rows = []
    for companies in shelves.values():
        book, scenario = side_by_side(companies), scene_of(companies[0], sample_plan.scenario)
        facts = observe(book, scenario, companies[0].quarter)
        facts = dataclasses.replace(facts, segments=facts.segments.assign(growth=np.nan))
        kinds = diagnosed(facts, book, scenario)
        rows += [
            (one.number, key, kind, one.near[key], kinds[key]) for one in companies for key, kind in one.kinds.items()
        ]
    return pd.DataFrame(rows, columns=["company", "segment", "planted", "near", "found"])


def matrix(part: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(part["planted"], part["found"])
    return counts.reindex(index=KINDS, columns=FOUND, fill_value=0).rename_axis(index="planted", columns="found")


def right(part: pd.DataFrame) -> float:
    return float((part["planted"] == part["found"]).mean())


def shortfalls(part: pd.DataFrame) -> list[str]:
    """Where the diagnosis misses what it promises, in sentences; empty where it keeps it."""
    said = [] if right(part) >= RIGHT else [f"{right(part):.1%} of {len(part)} segments are right"]
    recall = {kind: right(part[part["planted"] == kind]) for kind in KINDS}
    return said + [f"{figure:.1%} of {kind} are found" for kind, figure in recall.items() if not figure >= RECALL]


def report(found: pd.DataFrame) -> str:
    lines = [f"\nDiagnosis of {len(found)} segments in {found['company'].nunique()} planted companies, planted × found"]
    for title, part in (("Away from boundaries", found[found["near"] == ""]), ("Near one", found[found["near"] != ""])):
        lines += ["", f"{title}: {right(part):.1%} of {len(part)} right", matrix(part).to_string()]
    return "\n".join([*lines, ""])


def test_what_is_planted_away_from_boundaries_is_found(found, capsys):
    with capsys.disabled():
        sys.stdout.write(report(found))
    away, near = found[found["near"] == ""], found[found["near"] != ""]
    assert found["company"].nunique() == COMPANIES and 0.15 < len(near) / len(found) < 0.25
    assert (away["planted"].value_counts(normalize=True)[list(KINDS)] > 0.2).all()
    assert not shortfalls(away), f"{'; '.join(shortfalls(away))}\n{report(found)}"


def test_near_a_boundary_noise_tips_the_diagnosis(found):
    away, near = found[found["near"] == ""], found[found["near"] != ""]
    assert right(near) < right(away) - 0.1, report(found)
    assert set(near["near"]) == {"relevance", "coverage", "share"}


def test_wrong_diagnoses_would_be_noticed(found):
    away = found[found["near"] == ""]
    shuffled = np.random.default_rng(SEED).permutation(away["planted"].to_numpy())
    assert len(shortfalls(away.assign(found=shuffled))) == 1 + len(KINDS)
    for one, other in combinations(KINDS, 2):
        swapped = away["planted"].replace({one: other, other: one})
        assert len(shortfalls(away.assign(found=swapped))) == 3
    for kind in KINDS:
        assert shortfalls(away.assign(found=kind))


@pytest.mark.parametrize("number", [0, 7, 13])
def test_a_company_alone_in_a_checked_book_with_its_forecast_is_diagnosed_as_among_others(found, sample_plan, number):
    company = plant(number, SEED)
    book, scenario = build_book(SETTINGS, raw([company])), scene_of(company, sample_plan.scenario)
    alone = diagnosed(segment_facts(book, scenario, company.quarter), book, scenario)
    among = found[found["company"] == number]
    assert alone == dict(zip(among["segment"], among["found"], strict=True))


def test_the_generator_shares_no_code_with_the_workbench():
    lines = Path(planted.__file__).read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.lstrip().startswith(("import ", "from "))]
    assert {line.split()[1].split(".")[0] for line in imports} == {"__future__", "dataclasses", "numpy"}


# -------------------------------------------------------------------------------------------------- decision table

TABLE = {  # relevance, coverage: the diagnosis where the share is unknown, below its neutral point, at or above it
    ("not judged", "unknown"): ("not judged", "not judged", "not judged"),
    ("not judged", "low"): ("not judged", "not judged", "not judged"),
    ("not judged", "high"): ("not judged", "not judged", "not judged"),
    ("low", "unknown"): ("not ours", "not ours", "not ours"),
    ("low", "low"): ("not ours", "not ours", "not ours"),
    ("low", "high"): ("not ours", "not ours", "not ours"),
    ("high", "unknown"): ("not judged", "not judged", "healthy"),
    ("high", "low"): ("product", "product", "product"),
    ("high", "high"): ("not judged", "go-to-market", "healthy"),
}
LEVERS = {  # the lever where the win rate is unknown, below its neutral point, at or above it
    "go-to-market": ("marketing", "sales", "marketing"),
    "product": ("product", "product", "product"),
    "not ours": ("", "", ""),
    "healthy": ("", "", ""),
    "not judged": ("", "", ""),
}
NEUTRAL = {"relevance": 0.5, "coverage": 0.55, "share": 0.08, "win_rate": 0.28}  # the last three as in the sample
LOW = {"relevance": 0.25, "coverage": 0.3, "share": 0.02, "win_rate": 0.1}
HIGH = {"relevance": 0.75, "coverage": 0.8, "share": 0.2, "win_rate": 0.5}
LEVELS = ("unknown", "low", "high")
CELLS = [
    (relevance, coverage, share, win_rate, TABLE[relevance, coverage][LEVELS.index(share)])
    for (relevance, coverage), share, win_rate in product(TABLE, LEVELS, LEVELS)
]


def figures(levels: dict[str, str]) -> dict[str, float]:
    return {name: {"low": LOW[name], "high": HIGH[name]}.get(level, np.nan) for name, level in levels.items()}


def judged(plan, book, rows: list[dict[str, float]]) -> pd.DataFrame:
    """The balances of segments that are alike but for the figures in `rows`, in their order."""
    first = plan.facts.segments.iloc[[0] * len(rows)].reset_index(drop=True)
    names = [f"x{place:03d}" for place in range(len(rows))]
    table = first.assign(segment=names, name=names, **pd.DataFrame(rows))
    balances = score_swot(dataclasses.replace(plan.facts, segments=table), book, plan.scenario).balances
    return balances.set_index("segment").loc[names]


@pytest.fixture(scope="module")
def cells(sample_plan, sample_book) -> dict[tuple[str, ...], pd.Series]:
    """The balances of a segment for every cell of the table and every win rate."""
    keys = [cell[:4] for cell in CELLS]
    levels = [dict(zip(("relevance", "coverage", "share", "win_rate"), key, strict=True)) for key in keys]
    balances = judged(sample_plan, sample_book, [figures(each) for each in levels])
    return dict(zip(keys, (row for _, row in balances.iterrows()), strict=True))


def test_the_table_covers_every_combination():
    assert len(TABLE) == 9 and len(CELLS) == 81 and len({cell[:4] for cell in CELLS}) == 81


@pytest.mark.parametrize(("relevance", "coverage", "share", "win_rate", "diagnosis"), CELLS)
def test_each_cell_of_the_decision_table(cells, relevance, coverage, share, win_rate, diagnosis):
    row = cells[relevance, coverage, share, win_rate]
    assert (row["diagnosis"], row["lever"]) == (diagnosis, LEVERS[diagnosis][LEVELS.index(win_rate)])


@pytest.mark.parametrize(
    ("name", "below", "reached"),
    [
        ("relevance", ("not ours", ""), ("go-to-market", "sales")),
        ("coverage", ("product", "product"), ("go-to-market", "sales")),
        ("share", ("go-to-market", "sales"), ("healthy", "")),
        ("win_rate", ("go-to-market", "sales"), ("go-to-market", "marketing")),
    ],
)
def test_a_boundary_belongs_to_its_upper_side_and_zero_is_a_figure(sample_plan, sample_book, name, below, reached):
    start = {
        "relevance": HIGH["relevance"],
        "coverage": HIGH["coverage"],
        "share": LOW["share"],
        "win_rate": LOW["win_rate"],
    }
    at = NEUTRAL[name]
    if name != "relevance":
        assert getattr(sample_plan.scenario.anchors, name).neutral == at
    rows = [start | {name: figure} for figure in (0.0, np.nextafter(at, 0), at, np.nextafter(at, 1))]
    balances = judged(sample_plan, sample_book, rows)
    found = list(zip(balances["diagnosis"], balances["lever"], strict=True))
    assert found == [below, below, reached, reached]
