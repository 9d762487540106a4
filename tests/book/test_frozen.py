"""What is frozen is told apart by what it is, not by its class; its tables are copies."""

from __future__ import annotations

import dataclasses

from workbench import load_book, load_scenario, segment_facts


def test_two_books_are_never_taken_for_one(tiny_book):
    one, other = load_book(tiny_book), load_book(tiny_book)
    assert one != other and len({one, other}) == 2
    facts = segment_facts(one, load_scenario("base", tiny_book), "2026Q3")
    assert dataclasses.replace(facts, quarter="2026Q2") != facts


def test_a_changed_table_changes_nothing(tiny_book):
    facts = segment_facts(load_book(tiny_book), load_scenario("base", tiny_book), "2026Q3")
    table = facts.segments
    table["revenue_y"] = 0.0
    assert (facts.segments["revenue_y"] > 0).any()
