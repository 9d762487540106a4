"""A hostile book in a real JupyterLab: executed notebooks, trusted and not, and a panel that lives; nothing runs of the book."""

# ruff: noqa: E501
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from playwright.sync_api import Browser, Page

from tests.browser.injected_books import QUARTER, Deal, Sizes, write_book
from tests.browser.injection import MARK, POKE, SOME, Marks, shown_in
from tests.browser.inprocess import BRIEF, NOTEBOOKS, _shown
from tests.browser.lab import open_notebook, run_all, running_lab
from tests.browser.pages import quiet
from tests.browser.strings import EVENTS, hostile_strings
from tests.stages import later, slow
from workbench import load_book, load_scenario, plan_quarter
from workbench.lab import prepare
from workbench.view import theme
from workbench.view.blocks import BLOCK_MIME, Block

pytestmark = slow  # one page in a browser is test_report_page's

FEW = Sizes(segments=5, products=4, asks=8, needs=8, others=8)
STRINGS = hostile_strings()[::9]  # of every family some
NAMES = ("0_quarterly_plan", "1_swot", "2_ranking", "3_allocation", "4_asks", "5_segment_brief")
LIVE = ("2_ranking",)
CONTROL = "control"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("books") / "hostile", Deal(STRINGS, 1).texts(0), FEW)


@pytest.fixture(scope="module")
def lab(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab on executed notebooks, once as they are and once signed, and on working copies for the panels."""
    home = tmp_path_factory.mktemp("lab")
    folder, private = prepare(str(book), home / "copies"), home / "private"
    loaded, scenario = load_book(book), load_scenario("base", book)
    plan = plan_quarter(loaded, scenario, QUARTER)
    given = {
        "plan": plan,
        "company": loaded,
        "assumptions": scenario,
        "quarter": QUARTER,
        "segment": plan.ranking.order["segment"].iloc[0],
    }
    (private / "data").mkdir(parents=True)  # before the notary: without it, it would keep signatures in memory
    notary = NotebookNotary(data_dir=str(private / "data"))
    for name in (*NAMES, CONTROL):
        notebook = raw_notebook() if name == CONTROL else executed(NOTEBOOKS / f"{name}.ipynb", given)
        for kind in ("plain", "signed"):
            notebook.metadata["kind"] = kind  # a signature is of the content, wherever it lies
            nbformat.write(notebook, folder / f"{kind}_{name}.ipynb")
        notary.sign(nbformat.read(folder / f"signed_{name}.ipynb", as_version=4))
    with running_lab(folder, private) as address:
        yield address


def executed(path: Path, given: dict[str, Any]) -> Any:
    """The notebook as a kernel would have left it: every output with all that JupyterLab gets to see."""
    theme.use_theme()
    notebook, known = nbformat.read(path, as_version=4), dict(given)
    shown = theme._render
    for place, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], place
        if "parameters" not in tags and "interactive" not in tags:
            for output in _shown(cell.source, known):
                block = output.data.get(BLOCK_MIME)
                if block is not None:
                    output.data = Block(json.loads(json.dumps(block)))._repr_mimebundle_()
                else:
                    output.data = shown(output.data[theme.VEGALITE_MIME])
                cell.outputs.append(output)
    style = nbformat.v4.new_output("display_data", data=theme.use_theme()._repr_mimebundle_())
    notebook.cells.insert(0, nbformat.v4.new_code_cell("theme.use_theme()", outputs=[style], execution_count=1))
    return notebook


def raw_notebook() -> Any:
    """The control: markup of a book as it must never be shown."""
    shown = nbformat.v4.new_output("display_data", data={"text/html": "<img src=x onerror=hit(10000)>"})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[shown], execution_count=1)],
                                    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})  # fmt: skip


def listened(page: Page) -> Marks:
    """Marks of a page of JupyterLab, from now on; its own words on the console do not count."""
    marks = Marks()
    page.on("console", lambda message: marks.hear(message.text) if message.text.startswith("hit ") else None)
    page.on("dialog", lambda dialog: (marks.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: marks.ask(request.url, False) if ":47811" in request.url else None)
    return marks


def touched(page: Page) -> str:
    """The text of the outputs, after every element of them was pointed at and clicked; a real mouse over the charts."""
    outputs = page.locator(".jp-OutputArea-output")
    for place in range(outputs.count()):
        outputs.nth(place).evaluate(POKE, [[*SOME], list(EVENTS), []])
    for mark in page.query_selector_all(
        ".jp-OutputArea-output svg .mark-rect path, .jp-OutputArea-output svg .mark-symbol path"
    )[::25]:
        box = mark.bounding_box()
        if box:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    quiet(page)
    return "\n".join(outputs.all_text_contents())


def opened_with_marks(browser: Browser, lab: str, name: str, run: bool = False) -> tuple[Marks, list[str], str]:
    """What a notebook in JupyterLab did, what it asked of other machines, and the text of its outputs."""
    made: list[Marks] = []

    class Marking:
        """The browser, its pages with the mark from their first moment."""

        @staticmethod
        def new_context(**options: Any) -> Any:
            context = browser.new_context(**options)
            context.add_init_script(MARK)
            context.on("page", lambda page: made.append(listened(page)))
            return context

    with open_notebook(Marking(), lab, f"{name}.ipynb") as opened:  # type: ignore[arg-type]
        if run:
            run_all(opened.page)
            opened.page.wait_for_function(
                "/digest [0-9a-f]{64}/.test(document.querySelector('.wb-panel')?.textContent)", timeout=60_000
            )
        opened.page.wait_for_selector(".jp-OutputArea-output", state="attached")
        quiet(opened.page)
        text = touched(opened.page)
        return made[0], opened.elsewhere, text


@pytest.mark.parametrize(
    ("name", "kind"),
    later([*((name, "signed") for name in NAMES), ("0_quarterly_plan", "plain"), ("4_asks", "plain")], names=2),
)
def test_an_executed_notebook_of_a_hostile_book_runs_nothing_of_it(
    browser: Browser, lab: str, name: str, kind: str
) -> None:
    marks, elsewhere, text = opened_with_marks(browser, lab, f"{kind}_{name}")
    assert marks == Marks() and elsewhere == []
    assert len(shown_in(text, STRINGS)) > 20


@slow
def test_raw_markup_runs_in_a_signed_notebook_only(browser: Browser, lab: str) -> None:
    """The control: a signed notebook is trusted, so that what is not escaped runs."""
    assert opened_with_marks(browser, lab, f"signed_{CONTROL}")[0].fired == {10_000}
    assert opened_with_marks(browser, lab, f"plain_{CONTROL}")[0].fired == set()


@pytest.mark.parametrize("name", LIVE)
@slow
def test_a_panel_on_a_hostile_book_runs_nothing_of_it(browser: Browser, lab: str, name: str) -> None:
    marks, elsewhere, text = opened_with_marks(browser, lab, name, run=True)
    assert marks == Marks() and elsewhere == []
    assert len(shown_in(text, STRINGS)) > 20


def test_the_brief_is_among_the_notebooks() -> None:
    assert set(NAMES) == {path.stem for path in NOTEBOOKS.glob("*.ipynb")} and f"{NAMES[-1]}.ipynb" == BRIEF
