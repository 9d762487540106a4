"""Hostile strings in a real browser: on pages made from hostile books, and raw, as the control.

`python -m tests.browser.injection` prints how many there are, where they were shown, and what ran.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import mistune
from playwright.sync_api import Browser, Page

from tests.browser.injected_books import BOOKS, QUARTER, Deal, Sizes, write_book
from tests.browser.inprocess import write_report
from tests.browser.pages import launched
from tests.browser.strings import EVENTS, HOST, Hostile, hostile_strings
from workbench import load_book, load_scenario, plan_quarter
from workbench.model.plan import Plan
from workbench.report.render import fill

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
  for (const element of [root, ...root.querySelectorAll("*")]) {
    const own = element.getAttributeNames().some(name => name.startsWith("on"));
    for (const name of own ? all : some) {
      const kind = name.startsWith("key") ? "KeyboardEvent" : /mouse|click|pointer|wheel|drag/.test(name) ? "MouseEvent" : "Event";
      const at = element.getBoundingClientRect();
      const more = {bubbles: name !== "toggle", cancelable: true, view, clientX: at.x + 1, clientY: at.y + 1};
      try { element.dispatchEvent(new view[kind](name, more)); } catch (error) { }
    }
    if (element.focus && element.tabIndex >= 0) element.focus({preventScroll: true});
    if (own || /^(a|area|button|summary|input|label)$/i.test(element.localName)) {
      try { element.click ? element.click() : element.dispatchEvent(new view.MouseEvent("click", {bubbles: true, view})); }
      catch (error) { }
    }
  }
  view.removeEventListener("click", stay);
}"""
SOME = ("pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove", "pointerdown", "mousedown", "focus", "pointerup",
        "mouseup", "click", "mouseout")  # fmt: skip

# What stands on a page that no template of ours writes.
ODD = """() => {
  const tags = new Set(`a article b body button caption circle clipPath code defs desc details div em fieldset figure footer g h1
    h2 h3 h4 head header html i input label legend li line linearGradient link main meta nav ol p path polygon rect script section
    small span stop style summary svg symbol table tbody td text th thead title tr tspan ul use`.split(/\\s+/));
  const found = [];
  for (const each of document.querySelectorAll("*")) {
    if (!tags.has(each.localName)) found.push(`<${each.localName}>`);
    for (const {name, value} of each.attributes) {
      const known = name === "href" && (value.startsWith("#") || value === "data:," || /^[\\w./-]+\\.(html|xlsx|csv)$/.test(value));
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

    def ask(self, address: str) -> None:
        self.asked.append(address)
        found = re.search(r":47811/(\d+)", address)
        if found:
            self.fired.add(int(found[1]))


@contextmanager
def bench(browser: Browser) -> Iterator[tuple[Page, Marks]]:
    """A page on which marks are noted; nothing but files of this machine is answered."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
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
            marks.ask(route.request.url)
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
    known = [name for name in (link.get_attribute("href") for link in page.query_selector_all("a[href]"))
             if name and _leads_to_a_file(path, name)]  # fmt: skip
    for part in page.query_selector_all("header, nav.contents, main"):
        part.evaluate(POKE, [list(SOME), list(EVENTS), known])
    page.evaluate(UNFOLD)
    page.evaluate(SLIDE)
    hovered(page)
    page.wait_for_timeout(60)
    marks.odd += page.evaluate(ODD)
    if page.url.partition("#")[0] != address:
        marks.odd.append(f"moved to {page.url}")
    return str(page.evaluate(READ))


def hovered(page: Page, most: int = 6) -> None:
    """A real mouse over some marks of some charts, so that tooltips are shown, and a real key that walks on."""
    for figure in page.query_selector_all("figure.chart svg")[:4]:
        for mark in figure.query_selector_all("[role=graphics-symbol], .mark-rect path, .mark-text text")[:: 7][:most]:
            box = mark.bounding_box()
            if box and box["width"] > 0:
                mark.scroll_into_view_if_needed()
                box = mark.bounding_box() or box
                page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
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
LOOSE = mistune.create_markdown(renderer=mistune.HTMLRenderer(escape=False), plugins=["table", "strikethrough"])
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
    """The numbers of the strings that run when they stand raw in a page, with the same marks and the same hands."""
    fired: set[int] = set()
    for start in range(0, len(strings), at_once):
        some = strings[start : start + at_once]
        with bench(browser) as (page, marks):
            page.goto(CONTROL)
            documents = [raw(each, policy) for each in some]
            page.evaluate(FRAMES, [documents, [each.place for each in some], [each.text for each in some], list(EVENTS)])
            page.wait_for_timeout(200)
            fired |= marks.fired
    return fired


def page_policy() -> str:
    """The content security policy of a page with charts."""
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', _any_page())
    assert found
    return html.unescape(found[1])


def _any_page() -> str:
    from workbench.report.render import SCRIPTS, Head, Page

    return fill("page.html.j2", SCRIPTS, page=Page(Head("", "", "", "")), name="", parts=[], contents=[])


def shown_in(text: str, strings: Sequence[Hostile]) -> set[int]:
    """The numbers of the strings that can be read in the text, spaces apart."""
    plain = re.sub(r"\s+", " ", text)
    return {each.number for each in strings if re.sub(r"\s+", " ", each.text).strip() in plain}
