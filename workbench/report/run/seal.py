"""The seal of a plan: one execution of each scenario computed it anew, and what that gave is what the pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import Problem
from workbench.model.plan import Plan
from workbench.report.kernels import plan_anew
from workbench.report.run.execute import Workers, in_words
from workbench.report.run.progress import Progress


def unsealed(
    pool: Workers, plans: Mapping[str, Plan], names: Sequence[str], quarter: str, progress: Progress
) -> list[Problem]:
    """What keeps the plans of the scenarios `names`, which no whole notebook computed anew, from being published.

    A worker process computes each of them anew.
    """
    if not names:
        return []
    progress.phase("Computing plans anew", names)
    results = pool.run(plan_anew, [(name, quarter) for name in names],
                       lambda place, _: progress.done(names[place]), lambda place: progress.begin(names[place]))  # fmt: skip
    found = [(name, _differs(plans[name].digest, result)) for name, result in zip(names, results, strict=True)]
    return [Problem(f"scenario {name}", None, None, said, "a plan that a second computing gives alike",
                    "run again; where it comes again, look at its plan.json") for name, said in found if said]  # fmt: skip


def _differs(digest: str, result: Any) -> str:
    """How a second computing differs from the plan with `digest`, in words; blank where it does not."""
    if isinstance(result, BaseException):
        return f"no second computing of the plan ({in_words(result, 0)})"
    other = result.digest
    return (
        "" if other == digest else f"the digest {other[:12]}… when computed anew, instead of the plan's {digest[:12]}…"
    )
