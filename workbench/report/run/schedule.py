"""What a run has to do: a notebook per scenario, and per segment where it is a brief, each with the key of its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.book.text import shown
from workbench.errors import Problem, RunError
from workbench.report.kernels import code_key, files_key, key_of
from workbench.report.run.inputs import Inputs, input_hashes
from workbench.report.store import brief_name, safe_name


@dataclass(frozen=True)
class Job:
    """A notebook to run for a scenario (a brief: and a segment); `file` takes the result, `key` tells what it depends on."""

    scenario: str
    folder: str
    notebook: str
    segment: str | None
    file: str
    key: str

    @property
    def where(self) -> str:
        """The job in words."""
        told = f"{self.notebook}, scenario {self.scenario}"
        return told if self.segment is None else f"{told}, segment {shown(self.segment)}"


@dataclass(frozen=True)
class Schedule:
    """The jobs of a run in order, the hashes of its inputs by their name in the manifest, and the key of the whole report."""

    jobs: tuple[Job, ...]
    hashes: Mapping[str, str]
    key: str


def make_schedule(inputs: Inputs, about: Mapping[str, str]) -> Schedule:
    """The schedule of a run; `about` is what else the report depends on, beside its notebooks.

    Raises RunError where two scenarios would share a folder.
    """
    hashes = input_hashes(inputs)
    book = files_key({name: value for name, value in hashes.items() if name.count("/") == 1}, ["book/"])
    segments = list(inputs.book.table("segments")["segment"])
    jobs: list[Job] = []
    folders: dict[str, str] = {}
    for name, scenario in inputs.scenarios.items():
        folder = safe_name(name)
        if folders.setdefault(folder.casefold(), name) != name:
            raise RunError([Problem(f"scenario {name}", None, None, f"a name that gives the folder {folder} again",
                                    "names that differ in letters and digits", "rename the scenario's file")])  # fmt: skip
        for path in inputs.notebooks:
            depends = {"code": code_key(), "book": book, "quarter": inputs.quarter, "notebook": path.name,
                       "cells": hashes[f"notebooks/{path.name}"], "scenario": scenario.model_dump_json()}  # fmt: skip
            if path.name in inputs.briefs:
                jobs += [Job(name, folder, path.name, each, f"{folder}/{brief_name(path.stem, each)}.ipynb",
                             key_of(**depends, segment=each)) for each in segments]  # fmt: skip
            else:
                jobs.append(Job(name, folder, path.name, None, f"{folder}/{path.name}", key_of(**depends)))
    whole = key_of(jobs=[[job.file, job.key] for job in jobs], inputs=hashes, about=dict(about))
    return Schedule(tuple(jobs), hashes, whole)


def in_words(inputs: Inputs, schedule: Schedule, known: Mapping[str, object], at_a_time: str) -> list[str]:
    """What a run would do, a line each."""
    count = len(schedule.jobs)
    lines = [f"{inputs.book.settings.company}, quarter {inputs.quarter}: {count} notebooks, {at_a_time}."]
    for name in inputs.scenarios:
        jobs = [job for job in schedule.jobs if job.scenario == name]
        done = sum(job.key in known for job in jobs)
        briefs = sum(job.segment is not None for job in jobs)
        what = f"{len(jobs) - briefs} notebooks" + (f" and {briefs} briefs" if briefs else "")
        lines.append(f"  scenario {name}: {what}; {len(jobs) - done} to run, {done} unchanged and used again")
    return lines
