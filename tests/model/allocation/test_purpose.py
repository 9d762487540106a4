"""What the money is for: base and specific spend, and why it departs from the order of the segments."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.model.raw import plan_of, rows
from workbench.sources.tables.folder import SAMPLE


def test_base_and_specific_spend_follow_the_open_needs_by_hand(sample_plan):
    """Each product line's spend by importance × (1 − coverage) of the needs that the product addresses in the segment."""
    importance = {(row["segment"], row["need"]): float(row["importance"]) for row in rows(SAMPLE, "segment_needs")}
    wanted, spend = defaultdict(float), sample_plan.allocation.spend
    for line in spend[spend["lever"] == "product"].itertuples():
        open_ = defaultdict(float)
        for row in rows(SAMPLE, "coverage"):
            if row["product"] == line.product and (line.segment, row["need"]) in importance:
                open_[row["kind"] or "not known"] += importance[line.segment, row["need"]] * (
                    1 - float(row["coverage"])
                )
        total = sum(open_.values())
        for kind, part in (open_ if total > 0 else {"not known": 1.0}).items():
            wanted[kind] += line.plan_y * part / (total or 1.0)
    found = sample_plan.allocation.kinds.set_index("kind")["plan_y"]
    assert {kind: wanted[kind] for kind in found.index} == pytest.approx(found.to_dict(), abs=0.02)
    assert found.sum() == pytest.approx(spend.loc[spend["lever"] == "product", "plan_y"].sum(), abs=0.02)


def test_without_needs_the_kind_of_the_spend_is_not_known(tiny_book):
    for name in ("segment_needs", "coverage", "needs", "asks", "impacts", "efforts"):
        (tiny_book / f"{name}.csv").unlink()
    kinds = plan_of(tiny_book).allocation.kinds.set_index("kind")
    assert kinds.loc[["base", "specific"], "plan_y"].sum() == 0 < kinds.loc["not known", "plan_y"]


@pytest.mark.parametrize("name", ["growth", "defend"])
def test_a_line_out_of_rank_order_says_what_the_money_earns_here_and_there(planned, name):
    plan = planned(name)
    lines = plan.allocation.growth_lines
    sums = plan.allocation.segments.set_index("segment")[["rank", "change_y"]]
    weight = 1 + plan.scenario.tilt * (2 * plan.ranking.order.set_index("name")["score"] - 1)
    told = 0
    for line in lines.itertuples():
        own = sums.loc[line.segment, "change_y"]
        before = sums[(sums["rank"] < line.rank) & (sums["change_y"] < own - 1)]
        assert (line.departs != "") == (len(before) > 0)
        figures = re.search(
            r"^(.*) \(rank \d+\).* here earns ([\d,]+) a year, a further one there ([\d,]+)$", line.departs
        )
        if figures:
            here, there = (float(figures[place].replace(",", "")) for place in (2, 3))
            assert here * weight[line.name] >= there * weight[figures[1]] * 0.99
            told += 1
    assert told
