"""A copy of the workbench with one more criterion: one declaration, one table, one figure."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TABLE = """\
    Table(
        "surveys", "segment × quarter", ("segment", "quarter"),
        (SEGMENT, _quarter(), Column("mean", "number", "how customers rate us, mean of the answers", "0–10", low=0, high=10)),
        feeds="satisfaction",
    ),
"""
CRITERION = """\
    Criterion(
        "happy_users", "internal", "satisfaction", count("Satisfaction", "0–10"), "mean of the answers to our survey",
        ("surveys",), ("satisfaction of users",), "claimed", Start(4.0, 9.0, 7.0), brief="satisfaction, 0–10",
    ),
"""
FIGURE = '''\
def _surveys(seen: Seen) -> Figures:
    """What customers answered in the quarter."""
    table = seen.book.table("surveys")
    now = table[table["quarter"] == seen.quarter].set_index("segment").reindex(seen.segments)
    return {"satisfaction": now["mean"].astype("float64")}


'''
SURVEYS = "segment,quarter,mean\n"


def workbench_with_eleven(folder: Path) -> None:
    """Copies the package into `folder` and declares the criterion there."""
    house = folder / "workbench"
    shutil.copytree(ROOT / "workbench", house)
    criteria, figures = house / "criteria.py", house / "model" / "facts" / "by_segment.py"
    before(house / "book" / "tables.py", ")  # fmt: skip\n\nTABLES", TABLE)
    before(criteria, ")  # fmt: skip\n\nCRITERIA", CRITERION)
    before(criteria, "from workbench.book.tables import", "from workbench.book.measures import count\n")
    before(figures, "FIGURES: tuple", FIGURE)
    before(figures, ")\n\x00", ", _surveys")


def book_with_surveys(folder: Path, answers: dict[str, float]) -> None:
    """Copies the sample company's book, with the new table: the mean answer of each segment in 2026Q3."""
    shutil.copytree(ROOT / "data" / "sample", folder)
    lines = [f"{segment},2026Q3,{mean}\n" for segment, mean in answers.items()]
    (folder / "surveys.csv").write_text(SURVEYS + "".join(lines), encoding="utf-8")


def before(path: Path, mark: str, text: str) -> None:
    """Puts a text before a mark that stands in the file once; NUL in the mark is the file's end."""
    content = path.read_text(encoding="utf-8") + "\x00"
    assert content.count(mark) == 1, f"{path.name} holds {mark!r} {content.count(mark)} times"
    path.write_text(content.replace(mark, text + mark).removesuffix("\x00"), encoding="utf-8")
