"""The page over all quarters of a book: what each whole published report decided, and how the order moved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from workbench.book.quarters import is_quarter, shift
from workbench.model.plan import Plan
from workbench.model.results import listed
from workbench.report.pages.render import LIGHT, fill, spoken
from workbench.report.store import FRESH, INDEX, RUNS, held, read_manifest
from workbench.view.markup import block_html
from workbench.view.tables import headline
from workbench.view.theme import amount, signed, unit_of

WAIT = 60  # seconds for another quarter's run to write the page


@dataclass(frozen=True)
class Volume:
    """A published report as the page shows it: its quarter, the quarter it decides, its scenarios."""

    quarter: str
    decides: str
    scenarios: Sequence[dict[str, Any]]


def about(plan: Plan, folder: str, page: str) -> dict[str, Any]:
    """What the manifest tells of a scenario: enough for this page, so that no plan has to be read for it."""
    order, spend, asks = plan.ranking.order, plan.allocation.spend, plan.asks.asks
    return {
        "digest": plan.digest,
        "folder": folder,
        "page": page,
        "headline": headline(plan).content,
        "currency": plan.currency,
        "order": [[str(row["name"]), int(row["rank"]), bool(row["chosen"])] for _, row in order.iterrows()],
        "spend_y": round(float(spend["plan_y"].sum()), 2) if len(spend) else None,
        "gain_y": round(float(plan.allocation.segments["gain_y"].sum()), 2) if len(spend) else None,
        "asks": len(asks),
        "funded": int((asks["decision"] == "funded").sum()) if len(asks) else 0,
    }


@contextmanager
def shelved(home: Path, quarter: str, folder: Path) -> Iterator[None]:
    """`index.html` of a book's reports for a body that turns the link of `quarter` to the report in `folder`.

    The page is on disk before the body runs and takes its place by one rename after it: a full disk stops it before
    readers see anything new. Where it stops between the two, the page stays beside (publish.behind).
    """
    with held(home, INDEX, WAIT):
        fresh = home / RUNS / FRESH
        try:
            fresh.write_text(shelf_page(home, {quarter: folder}), encoding="utf-8", newline="\n")
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        yield
        fresh.replace(home / INDEX)


def shelf_page(home: Path, coming: Mapping[str, Path]) -> str:
    """The HTML of the page over all quarters: whole published reports, and those of the quarters that are `coming`."""
    folders = {link.name: link for link in home.glob("*") if link.is_symlink() and is_quarter(link.name)} | dict(coming)
    found = [(quarter, read_manifest(folders[quarter])) for quarter in sorted(folders, reverse=True)]
    whole = [(quarter, content) for quarter, content in found if content and not content["partial"]]
    volumes = [volume(quarter, content) for quarter, content in whole]
    first = next((each["name"] for each in volumes[0].scenarios), "") if volumes else ""
    return fill(
        "shelf.html.j2", LIGHT, head=None, company=whole[0][1]["company"] if whole else home.name, volumes=volumes, first=first,
        ranks=rank_rows(whole, first), quarters=[spoken(shift(quarter, 1)) for quarter, content in whole
                                                 if first in content["scenarios"]],
        partial=listed([spoken(shift(quarter, 1)) for quarter, content in found if content and content["partial"]]),
    )  # fmt: skip


def volume(quarter: str, content: dict[str, Any]) -> Volume:
    """A published report from its manifest."""
    rows = []
    for name in sorted(content["scenarios"], key=lambda each: (each != "base", each)):
        told = content["scenarios"][name]
        unit = unit_of([each for each in (told["spend_y"],) if each is not None])
        rows.append({
            "name": name, "headline": Markup(block_html(told["headline"])),
            "href": f"{quarter}/{told['folder']}/{told['page']}",
            "chosen": listed([name for name, _, chosen in told["order"] if chosen]),
            "spend": "–" if told["spend_y"] is None else f"{amount(told['spend_y'], unit)} {unit.letter} {told['currency']}",
            "gain": "–" if told["gain_y"] is None else f"{signed(told['gain_y'], unit=unit)} {unit.letter} {told['currency']}",
            "asks": f"{told['funded']} of {told['asks']}" if told["asks"] else "–",
        })  # fmt: skip
    return Volume(quarter, spoken(shift(quarter, 1)), rows)


def rank_rows(whole: Sequence[tuple[str, dict[str, Any]]], scenario: str) -> list[dict[str, Any]]:
    """A row per segment by name, in the newest order: its rank and choice in each quarter that has the scenario."""
    orders = [{name: (rank, chosen) for name, rank, chosen in content["scenarios"][scenario]["order"]}
              for _, content in whole if scenario in content["scenarios"]]  # fmt: skip
    names = dict.fromkeys(name for order in orders for name in order)
    return [{"name": name, "cells": [order.get(name) for order in orders]} for name in names]
