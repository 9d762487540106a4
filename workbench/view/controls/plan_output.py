"""What follows once the hand rests: the whole plan under the scenario as it stands, as HTML made in another process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
from markupsafe import escape

from workbench.book.book import Book
from workbench.model.comparison import compare_plans
from workbench.model.plan import Plan
from workbench.model.quarter import FactsMemory, plan_with
from workbench.scenario import Scenario
from workbench.view import blocks, charts, money, money_tables, robustness, summary, tables
from workbench.view.blocks import Block, block_html
from workbench.view.comparison import comparison_blocks

ROOM = {
    "left": 14,
    "top": 5,
    "right": 44,
    "bottom": 5,
}  # pixels: the browser's letters may be wider than those measured


@dataclass(frozen=True)
class Shown:
    """HTML that is safe as it stands, and the digest of the plan it tells of (blank where it tells of several)."""

    html: str
    digest: str = ""


class Planner:
    """Answers `plan` (a scenario) with what panel `step` shows of its plan, and `compare` (names and scenarios)."""

    def __init__(self, step: str, book: Book, quarter: str, start: Scenario) -> None:
        self._step, self._book, self._quarter = step, book, quarter
        self._facts_of = FactsMemory()
        self._start = start
        self._start_plan: Plan | None = None

    def __call__(self, kind: str, question: Any) -> Shown:
        """The answer. Raises a WorkbenchError with every problem."""
        return self._compared(question) if kind == "compare" else self._planned(*question)

    def _plan(self, scenario: Scenario) -> Plan:
        return plan_with(self._facts_of, self._book, scenario, self._quarter)

    def _planned(self, scenario: Scenario, start: Scenario) -> Shown:
        plan = self._plan(scenario)
        if self._start_plan is None or self._start != start:
            self._start, self._start_plan = start, plan if scenario == start else self._plan(start)
        return Shown(as_html(FOLLOWS[self._step](plan, self._start_plan)), plan.digest)

    def _compared(self, scenarios: Sequence[tuple[str, Scenario]]) -> Shown:
        found = compare_plans({name: self._plan(scenario) for name, scenario in scenarios})
        return Shown(as_html(comparison_blocks(found, self._book.settings.currency)))


def as_html(parts: Sequence[Block | alt.TopLevelMixin]) -> str:
    """Blocks and charts as HTML, everything in it escaped; charts as still pictures with their text alternative."""
    return "".join(block_html(part.content) if isinstance(part, Block) else _picture(part) for part in parts)


def _picture(chart: alt.TopLevelMixin) -> str:
    from vl_convert import vegalite_to_svg

    spec = {**chart.to_dict(), "padding": ROOM}
    return f'<figure role="img" aria-label="{escape(spec.get("description", ""))}">{vegalite_to_svg(spec)}</figure>'


def _of_swot(plan: Plan, start: Plan) -> list[Any]:
    return [tables.headline(plan), tables.diagnosis_table(plan.swot, plan.currency)]


def _of_ranking(plan: Plan, start: Plan) -> list[Any]:
    return [tables.headline(plan), blocks.answer(plan.robustness.answer), robustness.sureness_table(plan.robustness)]


def _of_allocation(plan: Plan, start: Plan) -> list[Any]:
    return [tables.headline(plan), summary.key_figures(plan), money.spend_chart(plan.allocation, plan.currency),
            money.same_rules_chart(plan.allocation, plan.currency), money_tables.spend_table(plan)]  # fmt: skip


def _of_asks(plan: Plan, start: Plan) -> list[Any]:
    return [tables.step_answer(plan.asks), _turned(plan, start), charts.teams_chart(plan.asks),
            tables.roadmap(plan.asks, plan.currency), tables.parking_lot(plan.asks)]  # fmt: skip


FOLLOWS: dict[str, Callable[[Plan, Plan], list[Any]]] = {
    "swot": _of_swot, "ranking": _of_ranking, "allocation": _of_allocation, "asks": _of_asks,
}  # fmt: skip


def _turned(plan: Plan, start: Plan) -> Block:
    """The asks that are decided otherwise than under the starting scenario."""
    before = dict(zip(start.asks.asks["ask"], start.asks.asks["decision"], strict=True))
    now = plan.asks.asks
    said = [f"{title}: {decision}, was {before[ask]}" for ask, title, decision
            in zip(now["ask"], now["title"], now["decision"], strict=True) if before[ask] != decision]  # fmt: skip
    return blocks.said("Decided otherwise than in the starting scenario", said, "Every ask is decided as there.")
