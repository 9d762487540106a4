"""The PDF of a page: whole, on A4, the same bytes each time; without a browser none, and the reason is said."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.processes import alive, command_line, family
from tests.stages import later
from tests.waiting import soon
from workbench.report.kernels.lifeline import PREFIX
from workbench.report.printing import pdf
from workbench.report.printing.pdf import find_browser, print_pages, without_chance

PAGES = re.compile(rb"/Type /Page\b")
TABLE = "<table><tr><th id=a>City<th>Shops</tr>" + "".join(f"<tr><th>Town {n}<td>{n}" for n in range(60)) + "</table>"


@pytest.fixture(scope="module", autouse=True)
def browser():
    if find_browser() is None:
        said = "no Chromium found: nothing was printed; apt-get install chromium"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)


@pytest.fixture
def page(tmp_path):
    """`page(body)` writes an HTML file and says where it and its PDF are."""

    def write(body, name="page"):
        html = tmp_path / f"{name}.html"
        html.write_text(f"<!doctype html><html lang=en><title>A page</title><body>{body}", encoding="utf-8")
        return html, tmp_path / f"{name}.pdf"

    return write


def text_of(path):
    """The words of a PDF, by another program."""
    if shutil.which("pdftotext") is None:
        said = "no pdftotext found: the words of the PDF were not read; apt-get install poppler-utils"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=60)
    return " ".join(done.stdout.decode().split())


def fake(tmp_path, script):
    """A command that takes the browser's place."""
    path = tmp_path / "browser"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_pages_are_printed_on_a4_and_twice_the_same_whatever_was_printed_before(page):
    one, two = page(f"<h1>Twenty towns</h1>{TABLE}", "one"), page("<h1>Another</h1>" * 3, "two")
    assert print_pages([two, one]) == ""
    first = one[1].read_bytes()
    assert first.startswith(b"%PDF-") and b"/MediaBox [0 0 595.9" in first and len(PAGES.findall(first)) == 2
    assert b"(node00000001)" in first  # its tables are tagged for those who listen to it
    time.sleep(1.1)
    assert print_pages([one]) == "" and one[1].read_bytes() == first
    assert "Town 59" in text_of(one[1]) and "Another" in text_of(two[1])


def test_the_boards_page_keeps_its_headline_and_its_charts(sample_page, tmp_path):
    html, plan = sample_page
    assert print_pages([(html, tmp_path / "plan.pdf")]) == ""
    words = text_of(tmp_path / "plan.pdf")
    assert " ".join(plan.answer.split()[:12]) in words and plan.digest in words
    assert (
        "spend, EUR m a year" in words and "gross profit against today, EUR m a year" in words
    )  # axes, drawn by script


@pytest.fixture
def sample_page(tmp_path, sample_plan):
    """The board's page of the sample company, and its plan."""
    from tests.browser.inprocess import write_report
    from workbench import load_book

    (tmp_path / "report").mkdir()
    page = write_report(tmp_path / "report", sample_plan, load_book("sample")) / "base" / "0_quarterly_plan.html"
    return page, sample_plan


def test_dates_numbers_and_names_of_elements_are_those_of_any_print():
    def made(day, number, first, second):
        return (b"%%PDF-1.4 /CreationDate (D:%s+00'00')\n/ModDate (D:%s+00'00') 7 0 obj /ID (node%s) 8 0 obj /ID (node%s) "
                b"/Headers [(node%s)] /Limits [(node%s) (node%s)] /Names [%s] /ID [<%s> <%s>] D:%s"
                % (day, day, first, second, second, min(first, second), max(first, second),
                   b" ".join(b"(node%s) %d 0 R" % pair for pair in sorted([(first, 7), (second, 8)])),
                   number, number, b"20260101000000"))  # fmt: skip

    one = made(b"20261123035226", b"0F" * 16, b"00000132", b"00000134")
    two = made(b"20270101000000", b"A1" * 16, b"00000301", b"00000299")
    assert one != two and without_chance(one) == without_chance(two) and len(without_chance(one)) == len(one)
    assert b"/Names [(node00000001) 7 0 R (node00000002) 8 0 R]" in without_chance(two)
    assert without_chance(two).endswith(b"20260101000000")


def test_no_browser_is_said_and_nothing_is_written(page, monkeypatch):
    monkeypatch.setattr(pdf, "COMMANDS", ("no-such-browser",))
    monkeypatch.setattr(pdf, "PLACES", ())
    html, out = page("<p>Words")
    assert print_pages([(html, out)]) == "No PDF of the pages: no Chromium or Chrome was found on this machine."
    assert not out.exists()


@pytest.mark.parametrize(
    ("script", "said"),
    later(
        [("exit 0", "the browser ended"), ("sleep 60", "did not answer in time"), ("kill -9 $$", "the browser ended")],
        names=2,
    ),
)
def test_a_browser_that_fails_is_said_and_leaves_nothing(page, tmp_path, monkeypatch, script, said):
    monkeypatch.setattr(pdf, "COMMANDS", (fake(tmp_path, f"echo $HOME > {tmp_path}/home; {script}"),))
    monkeypatch.setattr(pdf, "STARTING", 1)
    html, out, before = *page("<p>Words"), family(os.getpid())
    assert said in print_pages([(html, out)]) and not out.exists()
    home = Path((tmp_path / "home").read_text(encoding="utf-8").strip())
    assert home.name.startswith(PREFIX) and not home.exists() and family(os.getpid()) <= before


def test_a_page_that_fails_is_named_and_the_others_are_printed(page, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "DRAWING", 1)
    good, undrawn = page("<p>Words"), page("<figure class=chart><p>nothing", "undrawn")
    absent = tmp_path / "absent.html", tmp_path / "absent.pdf"
    said = print_pages([absent, undrawn, good])
    assert "absent.html" in said and "undrawn.html (its charts were not drawn)" in said and "page.html" not in said
    assert good[1].exists() and not absent[1].exists() and not undrawn[1].exists()


def test_the_browser_is_told_none_of_our_secrets(page, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CANARY", "hunter2")
    monkeypatch.setattr(
        pdf, "COMMANDS", (fake(tmp_path, f"env > {tmp_path}/seen; tr '\\0' ' ' < /proc/$$/cmdline >> {tmp_path}/seen"),)
    )
    print_pages([page("<p>Words")])
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "PATH=" in seen and "hunter2" not in seen and "WORKBENCH_CANARY" not in seen


def test_a_page_reaches_no_server(page, tmp_path):
    """The same page asks for the picture when Chromium opens it with the network on."""
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    html, out = page(f"<img src='http://127.0.0.1:{server.server_port}/pixel'><p>Words")
    try:
        assert print_pages([(html, out)]) == "" and out.exists() and asked == []
        flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
        subprocess.run([find_browser(), *flags, html.as_uri()], capture_output=True, timeout=60, check=False)
        assert asked == ["/pixel"]
    finally:
        server.shutdown()


def test_a_page_is_printed_where_the_folder_for_temporary_files_has_a_long_name(page, tmp_path, monkeypatch):
    """The browser puts a socket into it, whose path the system allows 107 characters."""
    place = tmp_path / ("far" * 30)
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    html, out = page("<p>Words")
    assert print_pages([(html, out)]) == "" and out.exists()


def test_no_browser_outlives_a_run_that_is_killed(page, tmp_path):
    html, out = page("<figure class=chart>never drawn</figure>")
    code = "import sys; from pathlib import Path; from workbench.report.printing.pdf import print_pages"
    code += "; print_pages([tuple(map(Path, sys.argv[1:]))])"
    given = {**os.environ, "TMPDIR": str(tmp_path)}
    run = subprocess.Popen([sys.executable, "-c", code, str(html), str(out)], env=given, start_new_session=True)
    assert soon(lambda: len(family(run.pid)) > 5, 60)  # the browser and those it started
    started = family(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert soon(lambda: not any(map(alive, started)), 10), [command_line(each) for each in started if alive(each)]
    assert not out.exists()
