"""An impulse ask is checked as if it stood in the book, and judged against the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_cli import run
from workbench.model.quarter import plan_quarter
from workbench.sources.imports.impulse import read_impulse
from workbench.sources.tables.folder import load_book, load_scenario

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "impulse.toml"
GOOD = """\
ask = "A9"
title = "Night mode"
product = "007"
kind = "base"
need = "audit"
requires = ["A1"]

[[impacts]]
segment = "health"
revenue_y = 9000.5
confidence = 0.5

[efforts]
core = 5
"""


@pytest.fixture
def impulse(tmp_path):
    """`impulse(old, new)` writes the good ask with one part replaced."""

    def write(old="", new="", name="ask.toml"):
        assert old in GOOD
        path = tmp_path / name
        path.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
        return path

    return write


WRONG = {
    "unknown key": ('kind = "base"', 'kin = "base"', "key kin: found an unknown key", "next: write 'kind'."),
    "missing key": ('title = "Night mode"\n', "", "key title: found nothing", "add the key"),
    "unknown product": ('"007"', '"07"', "key product: found the unknown product '07'", "write '007'"),
    "unknown segment": (
        '"health"',
        '"heath"',
        "key impacts.1.segment: found the unknown segment 'heath'",
        "write 'health'",
    ),
    "unknown need": ('"audit"', '"audits"', "key need: found the unknown need 'audits'", "write 'audit'"),
    "unknown ask": ('["A1"]', '["A7"]', "key requires: found the unknown ask 'A7'", "allowed: a key in asks"),
    "needs itself": ('["A1"]', '["A9"]', "key requires: found the ask 'A9' itself", "remove it"),
    "unknown team": ("core = 5", "cores = 5", "key efforts.cores: found the unknown team 'cores'", "write 'core'"),
    "negative effort": ("core = 5", "core = -5", "key efforts.core: found '-5'", "a number of at least 0"),
    "percent": ("0.5\n\n[eff", "50\n\n[eff", "key impacts.1.confidence: found '50'", "write 0.5 if 50 % is meant"),
    "key taken": ('"A9"', '"A1"', "key ask: found the key 'A1', which the book has", "choose another"),
    "no effect": ("[[impacts]]", "[[impact]]", "key impacts: found nothing", "add [[impacts]]"),
    "a date": ("9000.5", "2026-01-01", "key impacts.1.revenue_y: found datetime.date(2026, 1, 1)", "text or a number"),
    "not TOML": ('ask = "A9"', "ask: A9", "row 1: found a line that is not TOML", "correct the line"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_an_ask_is_a_sentence_with_its_key(capsys, tiny_book, impulse, name):
    old, new, *parts = WRONG[name]
    code, out, err = run(capsys, "triage", tiny_book, impulse(old, new))
    assert (code, out) == (1, "") and all(part in err for part in parts), err
    assert "Traceback" not in err


def test_every_problem_of_every_file_is_told_at_once(capsys, tiny_book, impulse):
    files = [impulse('"007"', '"07"', "one.toml"), impulse('"health"', '"heath"', "two.toml"), "none.toml"]
    code, _, err = run(capsys, "triage", tiny_book, *files)
    assert code == 1 and "3 problems" in err
    assert all(f"{name}" in err for name in ("one.toml", "two.toml", "none.toml: found no such file"))


def test_the_verdict_carries_its_numbers(capsys, tiny_book, impulse):
    code, out, err = run(capsys, "triage", tiny_book, impulse(), impulse('"health"', '"public"', "other.toml"))
    lines = out.splitlines()
    assert (code, err) == (0, "") and lines[0] == "Tiny Ltd, plan for 2026Q4, scenario base, money in EUR"
    assert re.match(r"Night mode: (funded|parking lot)\. .*\d", lines[1])
    assert "Night mode: parking lot. Its effects lie in Public sector (rank 3 of 3), not among the chosen." in lines
    assert "What would make it a yes: No single change: it needs Public sector chosen." in lines
    assert lines[-1] == "Each of the 2 asks is judged on its own against the plan, without the others."


def test_a_funded_ask_is_told_with_what_it_displaces(capsys, tiny_book, impulse):
    path = impulse("revenue_y = 9000.5", "retention_points = 30")
    path.write_text(
        path.read_text("utf-8").replace('requires = ["A1"]\n', "").replace("core = 5", "core = 40"), "utf-8"
    )
    _, out, _ = run(capsys, "triage", tiny_book, path)
    assert "Night mode: funded. Claims " in out and "gross profit a year." in out
    assert "It displaces Access log" in out and "What would drop it: Claims " in out


def test_the_book_with_the_ask_is_the_book_as_if_it_had_been_written_into_its_files(tiny_book, impulse):
    book, ask = read_impulse(impulse(), load_book(tiny_book))
    for name, line in {"asks": "A9,Night mode,007,,base,audit,,A1,", "impacts": "A9,health,9000.5,,,0.5,",
                       "efforts": "A9,core,5"}.items():  # fmt: skip
        with (tiny_book / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    written, scenario = load_book(tiny_book), load_scenario("base", tiny_book)
    assert ask == "A9"
    assert plan_quarter(book, scenario, "2026Q3").to_json() == plan_quarter(written, scenario, "2026Q3").to_json()


def test_the_example_in_the_docs_is_judged(capsys):
    code, out, _ = run(capsys, "triage", "sample", EXAMPLE)
    assert code == 0 and "Time stamps from badge readers: funded." in out


def test_a_title_of_two_lines_is_shown_in_one(capsys, tiny_book, impulse):
    code, out, _ = run(capsys, "triage", tiny_book, impulse('"Night mode"', '"Night\\nmode"'))
    assert code == 0 and "Night mode: " in out
