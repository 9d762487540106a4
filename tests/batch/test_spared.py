"""What of a run needs no kernel to be seen: pages are escaped and closed, the whole is checked, one run at a time."""

from __future__ import annotations

import os
import shutil
from html import escape
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.batch.company import QUARTER, key, published, write_company
from tests.batch.spared import spared_report
from tests.report.conftest import NASTY
from workbench.report.kernels.environment import FIXED, allowed
from workbench.report.run import make
from workbench.report.store.journal import Finished, take
from workbench.report.store.lock import held
from workbench.report.store.manifest import file_hash


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with a published report; one of its segments is called by a script."""
    root = tmp_path_factory.mktemp("finished")
    write_company(root)
    assert spared_report(root) == 0
    return root


@pytest.fixture
def company(finished: Path, tmp_path: Path) -> Path:
    """The company with its old report, and other revenue that is not published yet."""
    shutil.copytree(finished, tmp_path / "company", symlinks=True)
    write_company(tmp_path / "company", revenue=1.7)
    return tmp_path / "company"


def pages(root: Path) -> dict[str, str]:
    """Every page of the company's reports by its name, the one over all quarters among them."""
    home = root / "reports" / "twin"
    found = [home / "index.html", *sorted((home / QUARTER).rglob("*.html"))]
    return {path.relative_to(home).as_posix(): path.read_text(encoding="utf-8") for path in found}


def test_the_name_of_a_segment_is_text_on_every_page_that_shows_it(finished: Path) -> None:
    shown = {name for name, page in pages(finished).items() if escape(NASTY) in page}
    assert {"index.html", f"{QUARTER}/index.html", f"{QUARTER}/base/5_brief_north.html"} <= shown
    assert [name for name, page in pages(finished).items() if NASTY in page] == []


def test_every_page_forbids_all_that_is_not_its_own(finished: Path) -> None:
    for name, page in pages(finished).items():
        head = page.partition("</head>")[0]
        assert head.count('<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;') == 1, name
        assert "unsafe-eval" not in head and "script-src &#39;unsafe-inline" not in head, name


@pytest.mark.parametrize("fault", ["gone", "added", "cut short"])
def test_a_report_that_is_not_whole_is_not_published(company: Path, fault: str, capfd: Any) -> None:
    before, write = published(company), make.write_report

    def spoil(staging: Path, *rest: Any) -> str:
        said = write(staging, *rest)
        page = staging / "base" / "1_page.html"
        if fault == "gone":
            page.unlink()
        elif fault == "added":
            page.with_name("2_more.html").write_text("more", encoding="utf-8")
        else:
            page.write_bytes(page.read_bytes()[:-100])
        return said

    with patch.object(make, "write_report", spoil):
        assert spared_report(company) == 1
    assert "html: found " in "".join(capfd.readouterr()) and published(company) == before


def test_a_second_run_of_a_quarter_leaves_with_a_sentence(company: Path, capfd: Any) -> None:
    before = key(company)
    with held(company / "reports" / "twin", QUARTER):
        assert spared_report(company) == 1
    assert "another run at work" in "".join(capfd.readouterr()) and key(company) == before
    assert spared_report(company) == 0 and key(company) != before


def test_a_finished_notebook_is_used_again_only_with_the_bytes_written_down(tmp_path: Path) -> None:
    done, goal = tmp_path / "done.ipynb", tmp_path / "goal.ipynb"
    done.write_text("{}", encoding="utf-8")
    known = Finished(done, file_hash(done))
    assert take(known, goal) and goal.read_bytes() == done.read_bytes()
    done.write_text("[]", encoding="utf-8")
    assert not take(known, goal) and not goal.exists()


def test_no_variable_that_is_not_on_the_list_is_handed_on() -> None:
    secret = dict.fromkeys(("DATABASE_URL", "PGPASSWORD", "API_TOKEN", "PYTHONSTARTUP", "PATH_TO_KEY", "X"), "canary")
    known = allowed({**secret, "PATH": os.defpath, "LC_ALL": "C"})
    assert known == {"PATH": os.defpath, "LC_ALL": "C", **FIXED}
