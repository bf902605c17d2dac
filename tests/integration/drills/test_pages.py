# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of a drill in a real browser, without a network: every chart drew, and nothing is cut off.

`graceful.json` is the report of a real drill.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drills.overview import write_overview
from harness.report.page import write_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REPORT = json.loads(Path(__file__).with_name("graceful.json").read_text(encoding="utf-8"))
CHARTS = 6
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

CUT_OFF = """() => {
  const outside = [];
  for (const text of document.querySelectorAll('svg text')) {
    const box = text.getBoundingClientRect(), frame = text.closest('.js-plotly-plot')?.getBoundingClientRect();
    if (!frame || !box.width || !text.textContent.trim()) continue;
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1 ||
        box.top < frame.top - 1) outside.push(text.textContent);
  }
  for (const cell of document.querySelectorAll('td, th, .tile, h1, h2, p'))
    if (cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth) outside.push(cell.textContent);
  return outside;
}"""
MARKS = """() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => ({
  bars: plot.querySelectorAll('.bars .point path').length,
  points: plot.querySelectorAll('.scatterlayer .point').length,
  lines: [...plot.querySelectorAll('.scatterlayer .trace')].filter(trace => trace.querySelector('.js-line')).length,
  areas: plot.querySelectorAll('.fills path').length}))"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; on Debian: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a page's text at a width; fails the test on any error in its console and any request it makes."""
    complaints: list[str] = []
    opened = []

    def show(text: str, width: int = 1280) -> Any:
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith("file:") else None)
        page.goto(file.as_uri())
        opened.append(page)
        return page

    yield show
    for page in opened:
        page.close()
    assert complaints == []


def overflows(page: Any) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("width", [1280, 900])
def test_every_chart_is_drawn_and_nothing_is_cut_off(show: Any, tmp_path: Path, width: int) -> None:
    page = show(write_page(REPORT), width)
    page.wait_for_function(f"document.querySelectorAll('.js-plotly-plot .xaxislayer-above').length == {CHARTS}")
    marks = page.evaluate(MARKS)
    assert len(marks) == CHARTS
    timeline, requests, _errors, latency, backlog, states = marks
    steps = sum(len(switch["steps"]) for switch in REPORT["figures"]["switches"])
    assert timeline["bars"] >= steps and timeline["points"] == len(REPORT["events"])
    assert requests["areas"] == len(REPORT["series"]["requests"])
    assert latency["lines"] == 3 and backlog["lines"] == len(REPORT["series"]["backlog"])
    assert states["bars"] == sum(len(spans) for spans in REPORT["series"]["states"].values())
    assert overflows(page) <= 0
    assert page.evaluate(CUT_OFF) == []
    picture = tmp_path / "page.png"
    page.screenshot(path=picture, full_page=True)
    assert distinct_colours(page) >= 5 and picture.stat().st_size > 50_000


def distinct_colours(page: Any) -> int:
    """How many fills the marks have: a chart drawn in one colour tells nothing apart."""
    return page.evaluate("new Set([...document.querySelectorAll('.point path')].map(p => p.style.fill)).size")


def test_the_figures_and_the_verdict_are_at_the_top(show: Any) -> None:
    page = show(write_page(REPORT))
    first_chart = page.query_selector(".chart").bounding_box()["y"]
    for selector in (".verdict", ".tiles"):
        assert page.query_selector(selector).bounding_box()["y"] < first_chart
    tiles = page.inner_text(".tiles")
    assert str(REPORT["figures"]["posted"]) in tiles and "sales acknowledged" in tiles
    (alarm,) = REPORT["figures"]["switches"][1]["alarms"]
    assert alarm["name"] in page.inner_text("body")


def test_a_drill_without_switches_errors_or_backlog_has_a_page_too(show: Any) -> None:
    report = copy.deepcopy(REPORT)
    report["figures"]["switches"] = []
    report["series"]["backlog"], report["series"]["states"], report["events"] = {}, {}, []
    page = show(write_page(report))
    assert len(page.evaluate(MARKS)) == CHARTS and page.evaluate(CUT_OFF) == []


def test_what_a_playbook_said_cannot_become_markup(show: Any) -> None:
    report = copy.deepcopy(REPORT)
    hostile = "<script>document.title = 'taken'</script><b>bold</b>"
    report["figures"]["switches"][0]["steps"][0]["sentence"] = hostile
    report["figures"]["switches"][1]["alarms"][0]["reason"] = hostile
    report["events"][0]["text"] = hostile
    report["failures"] = {hostile: 3}
    page = show(write_page(report))
    page.wait_for_timeout(300)
    assert page.title() == REPORT["drill"] and hostile in page.inner_text("body")


@pytest.mark.parametrize("width", [1280, 1000])
def test_the_overview_has_a_row_for_each_drill(show: Any, width: int) -> None:
    other = copy.deepcopy(REPORT) | {"drill": "split-brain-throttled", "passed": False}
    page = show(write_overview([REPORT, other]), width)
    rows = page.query_selector_all("tbody tr")
    assert [row.query_selector("a").get_attribute("href") for row in rows] == [
        f"{REPORT['drill']}.html",
        "split-brain-throttled.html",
    ]
    assert "not passed" in rows[1].inner_text()
    assert overflows(page) <= 0 and page.evaluate(CUT_OFF) == []


def test_it_can_be_printed(show: Any, tmp_path: Path) -> None:
    page = show(write_page(REPORT))
    paper = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF") and paper.count(b"/Type /Page") > 1
