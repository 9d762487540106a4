"""What goes wrong, as sentences for an analyst."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what was found, what is allowed, what to do next."""

    where: str
    row: int | None
    column: str | None
    found: str
    allowed: str
    next: str

    @property
    def _of_toml(self) -> bool:
        return self.where.endswith(".toml") or self.where.startswith("scenario ")

    def sentence(self) -> str:
        """The problem as one line: place, found, allowed, next step."""
        place = [self.where]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"{'key' if self._of_toml else 'column'} {self.column}")
        return f"{', '.join(place)}: found {self.found}; allowed: {self.allowed}; next: {self.next}."


class WorkbenchError(Exception):
    """A stop with its reasons; `.problems` holds all of them, not only the first."""

    title = "The workbench stopped"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{self.title}: {count} problem{'' if count == 1 else 's'}."
        return "\n".join([head, *(f"  {problem.sentence()}" for problem in self.problems)])

    def __reduce__(self) -> tuple[type[WorkbenchError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class BookError(WorkbenchError):
    """The book, or an export on its way into one, cannot be used as it is."""

    title = "The book cannot be used"


class ScenarioError(WorkbenchError):
    """The scenario cannot be used as it is."""

    title = "The scenario cannot be used"


class InfeasibleError(WorkbenchError):
    """No plan keeps all the rules; each problem carries both amounts."""

    title = "No plan keeps all the rules"


class RunError(WorkbenchError):
    """A report could not be made; the last good one stands."""

    title = "The report was not published"
