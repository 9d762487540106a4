"""What every test can have: a tiny valid book, the sample's plans, a browser; and no skips in CI."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sample import SamplePlans
from workbench.model.plan import Plan

PANEL = "a panel is alive only in JupyterLab; tests/browser/test_lab.py opens it there"
ALLOWED_SKIPS: dict[str, str] = {  # test name (node id) -> why it may be skipped in CI
    "notebooks/1_swot.ipynb::Cell 9": PANEL,
    "notebooks/2_ranking.ipynb::Cell 15": PANEL,
    "notebooks/3_allocation.ipynb::Cell 14": PANEL,
    "notebooks/4_asks.ipynb::Cell 7": PANEL,
}

SEGMENTS = ("NA", "health", "public")  # a region called NA, which is no missing value
PRODUCTS = ("007", "beam")  # a product called 007, which is not 7
QUARTERS = tuple(f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4))[2:11]

BOOK_TOML = """\
company = "Tiny Ltd"
currency = "EUR"
fiscal_month = 1
"""

BASE_TOML = """\
name = "base"
description = "As the owners see it"
focus = 2

[weights]
size = 2
growth = 2
runway = 1
revenue = 2
share = 1
win_rate = 1
retention = 1
coverage = 1
judgement = 1

[anchors]
size = { low = 100000, neutral = 1000000, high = 10000000, scale = "log" }
growth = { low = -0.1, neutral = 0.03, high = 0.2 }
runway = { low = 10000, neutral = 100000, high = 1000000, scale = "log" }
revenue = { low = 10000, neutral = 100000, high = 1000000, scale = "log" }
share = { low = 0, neutral = 0.1, high = 0.5 }
win_rate = { low = 0.1, neutral = 0.3, high = 0.6 }
retention = { low = 0.6, neutral = 0.85, high = 1 }
coverage = { low = 0, neutral = 0.5, high = 1 }
"""

WRITTEN = {
    "segments": """\
segment,name,owner,description
NA,North America,Ana,Mid-sized firms in North America
health,Health,Ben,"Hospitals, clinics"
public,Public sector,Cem,
""",
    "products": """\
product,name,owner,category,gross_margin
007,Agent,Dee,security,0.7
beam,Beam,Eva,analytics,0.6
""",
    "relevance": """\
product,segment,relevance,judged_by,judged_on
007,NA,1,Ana,2026-06-30
007,health,0.5,Ben,2026-06-30
007,public,0.75,Cem,2026-06-30
beam,NA,0.5,Ana,2026-06-30
beam,health,0.75,Ben,2026-06-30
beam,public,,,
""",
    "statements": """\
segment,quadrant,statement,impact,likelihood,rater,evidence
NA,S,Fast support,4,0.8,Ana,survey
NA,T,New rival,3,0.5,Ben,
health,O,New law,5,0.6,Cem,gazette
""",
    "needs": """\
need,what
audit,Show who saw what
speed,Answers within a second
""",
    "segment_needs": """\
segment,need,who,why,outcome,importance,validated_by,validated_on
NA,speed,Analysts,Traders wait,Answers in time,0.8,Ana,2026-05-04
health,audit,Data officers,The law asks,No fines,0.9,Ben,2026-05-05
public,audit,Clerks,Parliament asks,Answers ready,0.6,,
""",
    "coverage": """\
product,need,coverage,kind
007,audit,0.8,base
beam,speed,0.5,specific
beam,audit,0.2,
""",
    "spend": """\
product,lever,segment,current_y,minimum_y,maximum_y,half_saturation_y,erosion,shape
007,product,NA,20000,5000,60000,,0.1,1
007,sales,NA,15000,0,,,,
beam,product,health,12000,,,,,
beam,marketing,public,0,,40000,30000,,1
""",
    "asks": """\
ask,title,product,requester,kind,need,theme,requires,excludes
A1,Access log,007,Ben,base,audit,,,
A2,Log export,007,Cem,specific,audit,,A1,A3
A3,Cache,beam,Ana,specific,speed,,,A2
""",
    "impacts": """\
ask,segment,revenue_y,retention_points,adopters,confidence,evidence
A1,health,20000,2,1,0.7,two letters
A2,public,8000,,,0.4,
A3,NA,15000,1,2,0.6,pilot
""",
    "efforts": "ask,team,effort\nA1,core,20\nA2,core,15\nA3,data,30\n",
    "capacity": "team,quarter,capacity\ncore,2026Q4,40\ndata,2026Q4,25\n",
    "goals": "goal,measure,target,by_quarter\ngrow,added_gross_profit_y,50000,2027Q4\n",
}


def _revenue() -> str:
    start = {("007", "NA"): 30000, ("007", "health"): 12000, ("beam", "NA"): 8000, ("beam", "public"): 5000}
    lines = [
        f"{product},{segment},{quarter},{amount + 500 * step}.50"
        for (product, segment), amount in start.items()
        for step, quarter in enumerate(QUARTERS)
    ]
    return "\n".join(["product,segment,quarter,revenue", *lines]) + "\n"


def _market() -> str:
    size = {("NA", "security"): 4000000, ("NA", "analytics"): 2000000, ("health", ""): 1500000, ("public", ""): 900000}
    lines = ["segment,category,year,size,kind,low,high,addressable_rate,source"]
    for (segment, category), amount in size.items():
        for year in range(2021, 2030):
            now = amount + (year - 2025) * amount // 20
            actual = year <= 2025
            ends = "," if actual else f"{now * 9 // 10},{now * 11 // 10}"
            lines.append(f"{segment},{category},{year},{now},{'actual' if actual else 'forecast'},{ends},0.2,Census")
    return "\n".join(lines) + "\n"


def _customers() -> str:
    lines = ["segment,quarter,customers,new,lost,product_customers"]
    for segment, count in zip(SEGMENTS, (40, 20, 8), strict=True):
        lines += [f"{segment},{quarter},{count + step},2,1,{count + step + 5}" for step, quarter in enumerate(QUARTERS)]
    return "\n".join(lines) + "\n"


def _deals() -> str:
    lines = ["product,segment,quarter,won,lost,won_value,open_value"]
    for product, segment, won in (("007", "NA", 6), ("007", "health", 2), ("beam", "public", 1)):
        lines += [f"{product},{segment},{quarter},{won},4,{won * 5000},20000" for quarter in QUARTERS]
    return "\n".join(lines) + "\n"


TABLE_TEXT = {**WRITTEN, "revenue": _revenue(), "market": _market(), "customers": _customers(), "deals": _deals()}


@pytest.fixture
def tiny_book(tmp_path: Path) -> Path:
    """The folder of a small valid book with every table; its latest quarter is 2026Q3, its scenario `base`."""
    folder = tmp_path / "tiny"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "book.toml").write_text(BOOK_TOML, encoding="utf-8")
    (folder / "scenarios" / "base.toml").write_text(BASE_TOML, encoding="utf-8")
    for name, text in TABLE_TEXT.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def edit(tiny_book: Path) -> Callable[[str, str, str], None]:
    """`edit(file, old, new)` replaces the first `old` in a file of the tiny book; it must be there."""

    def change(file: str, old: str, new: str) -> None:
        text = (tiny_book / file).read_bytes().decode("utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        (tiny_book / file).write_bytes(text.replace(old, new, 1).encode("utf-8"))

    return change


def _unexcused(config: pytest.Config) -> list[str]:
    """Where CI is set: the tests that were skipped and do not stand on the list. Empty in the workers of xdist."""
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI", "").lower() not in ("1", "true") or terminal is None or hasattr(config, "workerinput"):
        return []
    return sorted({report.nodeid for report in terminal.stats.get("skipped", [])} - set(ALLOWED_SKIPS))


def pytest_configure() -> None:
    """Ctrl-C reaches the runs that tests start, also where the tests themselves were started in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure."""
    if _unexcused(session.config) and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Names the skipped tests that made the run fail."""
    for name in _unexcused(config):
        terminalreporter.write_line(f"FAILED {name}: skipped, and not on the list ALLOWED_SKIPS", red=True)


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Plan]:
    """`planned("base")` is the sample company's plan by that scenario, made once for all tests of all workers."""
    folder = tmp_path_factory.getbasetemp()
    return SamplePlans(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def sample_plan(planned: Callable[[str], Plan]) -> Plan:
    """The sample company's plan, scenario base."""
    return planned("base")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless browser; not for longer than a module, because its event loop runs on in this thread until it is closed."""
    from tests.browser.pages import launched

    with launched() as browser:
        yield browser
