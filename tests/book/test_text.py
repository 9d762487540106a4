"""The text of a cell becomes a value by a named rule, or the rule says what to write instead."""

from __future__ import annotations

import math

import pytest

from workbench.book.tables import DECLARED
from workbench.book.text import RULES, TextError, key, nearest, number, plain, shown, whole, words, year


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("007", 7),
        ("-3", -3),
        ("+3", 3),
        ("1234.5", 1234.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("2E-2", 0.02),
    ],
)
def test_a_plain_number_is_read(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1,5", "write 1.5 with a decimal point"),
        ("1 200,50", "write 1200.50 with a decimal point"),
        ("1,234", "write 1.234 if the comma is a decimal comma, 1234 if it separates thousands"),
        ("1,234,567", "write the number without thousands separators"),
        ("1.234,56", "write the number without thousands separators"),
        ("12 %", "write a percentage as a share: 12 % is 0.12"),
        (" 12", "write 12 without spaces around it"),
        ("12\n", "write 12 without spaces around it"),
        ("1,2 Mio", "write the number alone, without unit or text, or leave the cell empty where that is allowed"),
    ],
)
def test_a_number_written_otherwise_is_refused_with_advice(text, advice):
    with pytest.raises(TextError) as stop:
        number(text)
    assert (stop.value.allowed, stop.value.advice) == ("a plain number such as 1234.5", advice)


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "inf", "-Infinity", "1e400", "1e18", "9" * 400, "0x10", "1_000", "١٢", "", "--1"]
)
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(TextError):
        number(text)
    with pytest.raises(TextError):
        whole(text)


def test_zero_has_no_sign():
    assert math.copysign(1, number("-0.0")) == 1


def test_a_count_is_whole():
    assert whole("12.0") == 12
    with pytest.raises(TextError, match="a whole number"):
        whole("12.5")


@pytest.mark.parametrize("text", ["NA", "007", "null", "None", "TRUE", "1e3", "../x", "Öl & Gas", "日本"])
def test_a_key_stays_as_it_stands(text):
    assert key(text) == text


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\x00b", "a\u00a0b", "a\u200bb", "a\u202eb", "\ufeffa", "e\u0301"])
def test_a_key_that_looks_like_another_one_is_refused(text):
    with pytest.raises(TextError) as stop:
        key(text)
    assert repr(plain(text)) in stop.value.advice
    assert key(plain(text)) == plain(text)


def test_free_text_may_hold_line_breaks_and_is_the_same_from_every_system():
    assert words("a\r\nb\rc\nd") == "a\nb\nc\nd"
    with pytest.raises(TextError):
        words("a\x07b")


@pytest.mark.parametrize("text", ["26", "1799", "2200", "2026.0", "2026\n", "２０２６"])
def test_a_year_has_four_digits(text):
    assert year("2026") == 2026
    with pytest.raises(TextError):
        year(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "30.06.2026", "2026-6-30", "20260630", "2026-06-30T00:00:00", "2026-06-30\n"]
)
def test_a_date_is_year_month_day(text):
    assert RULES["date"]("2026-06-30") == "2026-06-30"
    with pytest.raises(TextError):
        RULES["date"](text)


def test_the_nearest_name_is_found_whatever_its_capitals_spaces_and_leading_zeros():
    assert nearest("Helth ", ["health", "public"]) == "health"
    assert nearest("HEALTH", ["health"]) == "health"
    assert nearest("7", ["007", "beam"]) == "007"
    assert nearest("quite another", ["health", "007"]) is None


def test_a_long_text_is_cut_where_it_is_shown():
    assert shown("a\tb") == r"'a\tb'"
    assert len(shown("x" * 10_000)) < 120


def test_every_declared_column_has_a_rule():
    assert {column.kind for table in DECLARED for column in table.columns} <= RULES.keys()
