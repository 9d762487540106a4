"""Hostile strings in a real browser: on pages made from hostile books, and raw, as the control.

`python -m tests.browser.injection` prints how many there are, where they were shown, and what ran.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import html
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import mistune
from playwright.sync_api import Browser, Page

from tests.browser.injected_books import BOOKS, QUARTER, Deal, write_book
from tests.browser.inprocess import write_report
from tests.browser.pages import launched, quiet
from tests.browser.strings import EVENTS, Hostile, hostile_strings
from workbench import load_book, load_scenario, plan_quarter
from workbench.model.plan import Plan
from workbench.report.pages.render import fill

LEAST = 1_000  # strings that run where nothing stops them
CONTROL = "http://control.invalid/"
MARK = "window.hit = number => { console.info(`hit ${number}`); return number; };"
DRAWN = """() => [...document.querySelectorAll('figure.chart')].filter(each => !each.closest('details:not([open])'))
  .every(each => each.querySelector('svg.marks') || !each.querySelector('p.undrawn').hidden)"""
UNFOLD = "() => { for (const each of document.querySelectorAll('details')) each.open = true; }"

# Every element is given the events that scripts wait for; one that has a handler of its own is given them all. Links to
# pages of the report are not followed: any other is.
POKE = """(root, [some, all, known]) => {
  const follow = new Set(known), view = root.ownerDocument.defaultView;
  const stay = event => {
    const link = event.target.closest?.("a[href]");
    if (link && (follow.has(link.getAttribute("href")) || link.getAttribute("href")[0] === "#")) event.preventDefault();
  };
  if (known.length) view.addEventListener("click", stay);
  const places = [root, ...root.querySelectorAll("*")].map(each => [each, each.getBoundingClientRect()]);
  for (const [element, at] of places) {
    const own = element.getAttributeNames().some(name => name.startsWith("on"));
    const more = {bubbles: true, cancelable: true, view, clientX: at.x + 1, clientY: at.y + 1};
    for (const name of own ? all : some) {
      const kind = /mouse|click|pointer|wheel|drag/.test(name) ? "MouseEvent" : "Event";
      try { element.dispatchEvent(new view[kind](name, more)); } catch (error) { }
    }
    if (element.tabIndex >= 0 && element.focus) element.focus({preventScroll: true});
    if (own || /^(a|area|button|summary|input|label)$/i.test(element.localName)) {
      try { element.click ? element.click() : element.dispatchEvent(new view.MouseEvent("click", more)); } catch (error) { }
    }
  }
  view.removeEventListener("click", stay);
}"""
SOME = ("mouseover", "mousemove", "focus", "mousedown", "mouseup", "click", "mouseout")

# What stands on a page that no template of ours writes.
ODD = """() => {
  const tags = new Set(`a article b body button caption circle clipPath code defs desc details div em fieldset figure footer form g h1
    h2 h3 h4 head header html i input label legend li line linearGradient link main meta nav ol p path polygon rect script section
    small span stop style summary svg symbol table tbody td text th thead title tr tspan ul use`.split(/\\s+/));
  const found = [];
  for (const each of document.querySelectorAll("*")) {
    if (!tags.has(each.localName)) found.push(`<${each.localName}>`);
    for (const {name, value} of each.attributes) {
      const known = name === "href" && (value.startsWith("#") || value === "data:," || /^[\\w./-]+\\.(html|xlsx|csv|pdf|ipynb)$/.test(value));
      if (/^on/.test(name) || /^(src|srcdoc|srcset|action|formaction|background|poster|ping|data|xlink:href|nonce|target)$/.test(name)
        || (name === "href" && !known) || (name === "style" && /url|@import|expression/i.test(value))) found.push(`${name}=${value}`);
    }
  }
  const scripts = [...document.scripts].filter(each => each.type !== "application/json");
  if (scripts.length > 1 || scripts.some(each => each.src)) found.push("a script that is not ours");
  if (document.head.querySelectorAll("meta").length !== 4 || document.body.querySelector("meta, link, base")) found.push("meta");
  if (document.querySelectorAll("link").length !== 1 || document.querySelectorAll("title").length < 1) found.push("link");
  return found;
}"""
SPOTS = """() => [...document.querySelectorAll("figure.chart")].flatMap(figure => {
  const marks = [...figure.querySelectorAll("svg.marks .mark-rect path, svg.marks .mark-symbol path, svg.marks .mark-text text")];
  return marks.filter((each, at) => at % Math.ceil(marks.length / 4) === 0).map(each => {
    const at = each.getBoundingClientRect();
    return [at.x + Math.min(at.width, 40) / 2, at.y + at.height / 2];
  });
}).slice(0, 12)"""
READ = """() => {
  const texts = [document.title];
  for (const each of document.querySelectorAll("body *")) {
    if (each.localName === "script" || each.localName === "style") continue;
    for (const node of each.childNodes) if (node.nodeType === 3) texts.push(node.data);
    if (each.hasAttribute("aria-label")) texts.push(each.getAttribute("aria-label"));
  }
  return texts.join("\\n");
}"""
SLIDE = """() => {
  for (const input of document.querySelectorAll("input[type=range]"))
    for (const value of [input.max, 0, input.max / 3]) { input.value = value; input.dispatchEvent(new Event("input")); }
  for (const input of document.querySelectorAll("input[type=search]"))
    for (const value of ["<", "hit(", ""]) { input.value = value; input.dispatchEvent(new Event("input")); }
}"""


@dataclass
class Marks:
    """What strings did: the numbers of those that ran or asked, and all that a page did that it should not do."""

    fired: set[int] = field(default_factory=set)
    led: set[int] = field(default_factory=set)  # only led away: a link that was clicked, a page that moves on
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def hear(self, text: str) -> None:
        found = re.fullmatch(r"hit (\d+)", text)
        if found:
            self.fired.add(int(found[1]))
        else:
            self.said.append(text)

    def ask(self, address: str, by_hand: bool) -> None:
        self.asked.append(address)
        found = re.search(r":47811/(\d+)", address)
        if found:
            (self.led if by_hand else self.fired).add(int(found[1]))


@contextmanager
def bench(browser: Browser) -> Iterator[tuple[Page, Marks]]:
    """A page on which marks are noted; nothing but files of this machine is answered."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}
    )  # all of a page in sight, with nothing to scroll
    context.add_init_script(MARK)
    marks = Marks()

    def route(route: Any) -> None:
        if route.request.url.startswith("file://"):
            route.continue_()
        elif route.request.url == CONTROL:
            route.fulfill(body="<!doctype html><title>control</title>", content_type="text/html")
        elif route.request.url.startswith(CONTROL):
            route.fulfill(status=404)
        else:
            marks.ask(route.request.url, by_hand=route.request.is_navigation_request())
            route.fulfill(status=204)

    context.route("**/*", route)
    page = context.new_page()
    page.on("console", lambda message: marks.hear(message.text))
    page.on("pageerror", lambda error: marks.said.append(str(error)))
    page.on("dialog", lambda dialog: (marks.dialogs.append(dialog.message), dialog.dismiss()))
    context.on("page", lambda other: marks.odd.append(f"a window: {other.url}") if other is not page else None)
    yield page, marks
    context.close()


def used(page: Page, path: Path, marks: Marks) -> str:
    """The text of a page of a report once everything on it was opened, pointed at, clicked, moved, sorted and filtered."""
    address = path.resolve().as_uri()
    page.goto(address)
    page.wait_for_function(DRAWN)
    page.evaluate(UNFOLD)
    page.wait_for_function(DRAWN)
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(each => each.getAttribute('href'))")
    known = [name for name in links if _leads_to_a_file(path, name)]
    for part in ("header", "main"):
        page.locator(part).evaluate(POKE, [list(SOME), list(EVENTS), known])
    page.evaluate(UNFOLD)
    page.evaluate(SLIDE)
    hovered(page)
    quiet(page)
    marks.odd += page.evaluate(ODD)
    if page.url.partition("#")[0] != address:
        marks.odd.append(f"moved to {page.url}")
    return str(page.evaluate(READ))


def hovered(page: Page) -> None:
    """A real mouse over a part of each chart, so that its tooltip is shown, and a real key that walks on."""
    for x, y in page.evaluate(SPOTS):
        page.mouse.move(x, y)
    page.keyboard.press("Tab")


def _leads_to_a_file(path: Path, name: str) -> bool:
    return re.fullmatch(r"[\w./-]+", name) is not None and (path.parent / name).is_file()


class Once(Plan):
    """A plan that works its digest out once."""

    digest = cached_property(lambda self: Plan.digest.fget(self))  # type: ignore[assignment, attr-defined]


def hostile_report(folder: Path, deal: Deal, book: int) -> tuple[Path, Plan]:
    """The report of the deal's book of this number, as `write_report` makes it, and its plan."""
    return report_of(write_book(folder / "book", deal.texts(book)), folder)


def report_of(place: Path, folder: Path) -> tuple[Path, Plan]:
    """The report of the book at `place` in `folder`, and its plan."""
    loaded = load_book(place)
    plan = plan_quarter(loaded, load_scenario("base", place), QUARTER)
    known = object.__new__(Once)
    known.__dict__.update(plan.__dict__)
    return write_report(folder, known, loaded), known


# The control: each string raw where it runs, in a frame of its own.
WRAPS = {
    "body": "{}", "innerhtml": "", "nowhere": "{}", "double": '<a tabindex=0 title="{}">x</a>', "single": "<a tabindex=0 title='{}'>x</a>",
    "bare": "<a tabindex=0 title={}>x</a>", "address": '<a href="{}">x</a>', "frame": '<iframe src="{}"></iframe>',
    "js double": '<script>var text = "{}";</script>', "js single": "<script>var text = '{}';</script>",
    "js back": "<script>var text = `{}`;</script>", "json": '<script type="application/json">{{"text": "{}"}}</script>',
    "css": '<style>p::before {{ content: "{}" }}</style><p>x</p>', "style": '<p style="color: {}">x</p>',
    "title": "<title>{}</title>", "textarea": "<textarea>{}</textarea>", "comment": "<!-- {} -->", "markdown": "{}",
}  # fmt: skip
LOOSE = mistune.create_markdown(
    renderer=mistune.HTMLRenderer(escape=False, allow_harmful_protocols=True), plugins=["table", "strikethrough"]
)
FRAMES = """([documents, places, texts, all]) => {
  document.body.replaceChildren();
  window.poke = POKE;
  return Promise.all(documents.map((text, at) => new Promise(done => {
    const frame = document.createElement("iframe");
    setTimeout(done, 15000);
    frame.onload = () => {
      frame.onload = null;
      const inside = frame.contentDocument;
      if (places[at] === "innerhtml") for (let turn = 0; turn < 2; turn++) inside.body.innerHTML = turn ? inside.body.innerHTML : texts[at];
      setTimeout(() => {
        try { window.poke(inside.documentElement, [all, all, []]); } catch (error) { }
        setTimeout(done, 100);
      }, 50);
    };
    frame.srcdoc = text;
    document.body.append(frame);
  })));
}""".replace("POKE", POKE)


def raw(each: Hostile, policy: str) -> str:
    """A document in which the string stands as it is where it runs, under a policy if one is given."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">' if policy else ""
    text = str(LOOSE(each.text)) if each.place == "markdown" else each.text
    return f'<!doctype html><html><head><meta charset="utf-8">{meta}{WRAPS[each.place].format(text)}'


def control(browser: Browser, strings: Sequence[Hostile], policy: str = "", at_once: int = 60) -> set[int]:
    """The numbers of the strings that run when they stand raw in a page, with the same marks and the same hands.

    Under a policy those do not count that only lead away: no policy forbids a link.
    """
    fired: set[int] = set()
    for start in range(0, len(strings), at_once):
        some = strings[start : start + at_once]
        with bench(browser) as (page, marks):
            page.goto(CONTROL)
            documents = [raw(each, policy) for each in some]
            page.evaluate(
                FRAMES, [documents, [each.place for each in some], [each.text for each in some], list(EVENTS)]
            )
            quiet(page)
            fired |= marks.fired if policy else marks.fired | marks.led
    return fired


def page_policy() -> str:
    """The content security policy of a page with charts."""
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', _any_page())
    assert found
    return html.unescape(found[1])


def _any_page() -> str:
    from workbench.report.pages.render import SCRIPTS, Head, Page

    return fill("page.html.j2", SCRIPTS, page=Page(Head("", "", "", "")), name="", parts=[], contents=[])


def shown_in(text: str, strings: Iterable[Hostile]) -> set[int]:
    """The numbers of the strings that can be read in the text, with whatever spaces or underscores between their words."""
    plain = _spaced(text)
    return {each.number for each in strings if _spaced(each.text).strip() in plain}


def _spaced(text: str) -> str:
    return re.sub(r"[\s_]+", " ", text)  # the name of a goal is shown with blanks for its underscores


def pages_of(folder: Path) -> list[Path]:
    """The pages of a report: those that stand over scenarios first."""
    return sorted(folder.glob("*.html")) + sorted(folder.glob("*/*.html"))


def used_report(page: Page, folder: Path, marks: Marks) -> str:
    """The text of all pages of a report, each used."""
    return "\n".join(used(page, path, marks) for path in pages_of(folder))


@dataclass
class Tally:
    """What a run over books saw: pages, and per field the strings that stood in it and those that could be read."""

    pages: int = 0
    given: dict[str, set[int]] = field(default_factory=dict)
    shown: dict[str, set[int]] = field(default_factory=dict)

    def add(self, deal: Deal, book: int, text: str, strings: Sequence[Hostile]) -> None:
        read = shown_in(text, strings)
        for name, books in deal.given.items():
            self.given.setdefault(name, set()).update(books[book])
            self.shown.setdefault(name, set()).update(books[book] & read)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the counts; 0 where nothing ran on a page, and the control ran."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.injection", description=__doc__)
    parser.add_argument(
        "--books", type=int, default=BOOKS, help="books over which the strings are dealt: the more, the fewer in a cell"
    )
    parser.add_argument("--only", type=int, help="only so many of these books are rendered")
    parser.add_argument(
        "--all", action="store_true", help="the control with the policy of the pages for every string, too"
    )
    asked = parser.parse_args(arguments)
    say, started = sys.stdout.write, time.monotonic()
    strings, tally = hostile_strings(), Tally()
    deal = Deal(strings, asked.books)
    able = [each for each in strings if each.place != "nowhere"]
    guarded = able if asked.all else able[::8]
    with launched() as browser:
        with bench(browser) as (page, marks):
            for book in range(asked.only or asked.books):
                with tempfile.TemporaryDirectory() as place:
                    folder = hostile_report(Path(place), deal, book)[0]
                    tally.pages += len(pages_of(folder))
                    tally.add(deal, book, used_report(page, folder, marks), strings)
        ran = control(browser, able)
        held = control(browser, guarded, page_policy())
    bad = len(marks.fired) + len(marks.asked) + len(marks.said) + len(marks.dialogs) + len(marks.odd)
    say(
        f"{len(strings)} strings, {len(deal.given)} fields, {asked.only or asked.books} of {asked.books} books, {tally.pages} pages\n"
    )
    for name, given in tally.given.items():
        say(
            f"  {name}: {len(given)} given, {len(tally.shown[name])} read on a page, {len(deal.refused[name])} refused\n"
        )
    say(
        f"on pages: {len(marks.fired)} ran, {len(marks.asked)} requests, {len(marks.dialogs)} dialogs, "
        f"{len(marks.said)} words on the console, {len(set(marks.odd))} odd parts {sorted(set(marks.odd) | set(marks.said))[:9]}\n"
    )
    count = Counter(each.family for each in strings)
    fired = Counter(each.family for each in able if each.number in ran)
    say(
        f"control, raw: {len(ran)} of {len(able)} that a browser can run; {len(strings) - len(able)} are for other programs\n"
    )
    say("".join(f"  {name}: {fired[name]} of {number}\n" for name, number in count.items()))
    say(f"control, raw under the pages' policy: {len(held)} of {len(guarded)}\n{time.monotonic() - started:.0f} s\n")
    return 0 if bad == 0 and len(ran) >= LEAST and not held else 1


if __name__ == "__main__":
    raise SystemExit(main())
