"""The command line speaks in sentences, and its exit code tells what happened."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.errors import BookError

ROOT = Path(__file__).resolve().parents[1]


def run(capsys, *arguments):
    """Exit code, standard output and standard error of a command run in this process."""
    try:
        code = main([str(each) for each in arguments])
    except SystemExit as stop:
        code = stop.code
    told = capsys.readouterr()
    return code, told.out, told.err


def test_check_finds_nothing_wrong_with_the_sample(capsys):
    code, out, err = run(capsys, "check", "sample")
    assert (code, err) == (0, "")
    assert "Aurora Systems: no problem in 17 tables" in out and "scenarios base, defend, growth" in out


def test_a_region_called_na_and_a_product_called_007_pass(capsys, tiny_book):
    code, out, err = run(capsys, "check", tiny_book)
    assert (code, err) == (0, "") and "Tiny Ltd: no problem" in out
    target = tiny_book / "plan.json"
    assert run(capsys, "plan", tiny_book, "--json", target)[0] == 0
    rows = json.loads(target.read_text(encoding="utf-8"))["tables"]["allocation.spend"]
    assert {row["segment"] for row in rows} == {"NA", "health", "public"}
    assert {row["product"] for row in rows} == {"007", "beam"}


def test_a_plan_in_words_opens_with_the_decision_and_ends_with_its_digest(capsys, tiny_book):
    code, out, err = run(capsys, "plan", tiny_book)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Tiny Ltd, plan for 2026Q4, scenario base, money in EUR"
    assert lines[1].startswith("Put growth money into North America")
    assert re.fullmatch("Digest [0-9a-f]{64}", lines[-1])


def test_an_earlier_quarter_can_be_planned(capsys, tiny_book):
    code, out, _ = run(capsys, "plan", tiny_book, "--quarter", "2025Q4")
    assert code == 0 and out.startswith("Tiny Ltd, plan for 2026Q1")
    assert "Revenue growth is absent" in out


BROKEN = {
    "missing file": (lambda book: (book / "segments.csv").unlink(), "segments.csv: found no such file"),
    "text in a number": (
        lambda book: swap(book, "revenue.csv", "30000.50", "thirty"), "revenue.csv, row 2, column revenue: found 'thirty'"),
    "unknown product": (lambda book: swap(book, "revenue.csv", "007,NA", "7,NA"), "the unknown product '7'"),
    "weights all zero": (
        lambda book: rewrite(book, r"(?s)\[weights\].*?\n\n", "[weights]\nsize = 0\n\n"), "at least one weight above 0"),
    "unknown segment in the scenario": (
        lambda book: rewrite(book, r"^\[weights\]", 'pins = ["heath"]\n\n[weights]'), "write 'health'"),
    "weight on nothing that the book has": (
        lambda book: ((book / "deals.csv").unlink(),
                      rewrite(book, r"(?s)\[weights\].*?\n\n", "[weights]\nwin_rate = 1\n\n")),
        "no weight on any criterion in the book"),
    "budget below minima": (
        lambda book: rewrite(book, r"^\[weights\]", "[budget]\ntotal_y = 4000\n\n[weights]"),
        "scenario base, key budget.total_y: found that the minimum of Agent (product) in North America of 5 k exceeds the "
        "budget of 4 k by 1 k; allowed: rules that leave room for a plan; next: raise the budget by 1 k to 5 k, or lower the "
        "minimum of Agent (product) in North America by 1 k to 4 k."),
    "not TOML": (lambda book: swap(book, "book.toml", "=", ":"), "book.toml, row 1: found a line that is not TOML"),
}  # fmt: skip


def swap(book, file, old, new):
    text = (book / file).read_text(encoding="utf-8")
    assert old in text
    (book / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def rewrite(book, pattern, text):
    path = book / "scenarios" / "base.toml"
    path.write_text(re.sub(pattern, text, path.read_text(encoding="utf-8"), count=1, flags=re.M), encoding="utf-8")


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_broken_book_is_a_sentence_and_exit_1(capsys, tiny_book, command, name):
    breaks, sentence = BROKEN[name]
    breaks(tiny_book)
    code, out, err = run(capsys, command, tiny_book)
    assert (code, out) == (1, "")
    assert sentence in err and "; allowed: " in err and "; next: " in err
    assert "Traceback" not in err


def test_all_problems_of_book_and_scenarios_are_told_at_once(capsys, tiny_book):
    for name in ("text in a number", "missing file", "weights all zero"):
        BROKEN[name][0](tiny_book)
    code, _, err = run(capsys, "check", tiny_book)
    assert code == 1
    for name in ("text in a number", "missing file", "weights all zero"):
        assert BROKEN[name][1] in err
    count = len([line for line in err.splitlines() if "; next: " in line])
    assert f": {count} problems." in err.splitlines()[0]


WRONG_USAGE = [[], ["plan"], ["dance", "sample"], ["plan", "sample", "--no-such-option"], ["check", "sample", "twice"]]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_exit_2(capsys, arguments):
    code, _, err = run(capsys, *arguments)
    assert code == 2 and "usage: workbench" in err


NOT_THERE = {
    "book": (["plan", "nowhere"], "nowhere: found no such folder"),
    "scenario": (["plan", "sample", "--scenario", "boom"], "boom.toml: found no such scenario; allowed: base, defend, growth"),
    "quarter": (["plan", "sample", "--quarter", "2031Q1"], "quarter: found '2031Q1'; allowed: a quarter from 2023Q4 to 2026Q3"),
    "no quarter": (["plan", "sample", "--quarter", "summer"], "quarter: found 'summer'"),
    "folder to write to": (["plan", "sample", "--json", "/no/such/folder/plan.json"], "The workbench stopped: No such file"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_is_not_there_is_told(capsys, name):
    arguments, sentence = NOT_THERE[name]
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "") and sentence in err and "Traceback" not in err


def test_debug_raises_the_error_itself(capsys, tiny_book):
    (tiny_book / "segments.csv").unlink()
    with pytest.raises(BookError):
        main(["--debug", "plan", str(tiny_book)])


def test_interrupted_is_exit_130(capsys, tiny_book, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.sources.tables.load_book", interrupt)
    code, _, err = run(capsys, "plan", tiny_book)
    assert code == 130 and "Interrupted" in err


def test_a_terminal_that_knows_ascii_only_gets_sentences_too(tiny_book):
    """Company and segment names have letters that the terminal may lack; nothing stops for that."""
    (tiny_book / "book.toml").write_text('company = "Łódź 東京"\ncurrency = "EUR"\n', encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "workbench", "plan", str(tiny_book)], capture_output=True, check=False,
                          cwd=tiny_book, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"})  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"plan for 2026Q4" in done.stdout
