# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The website of the mysfits in a real browser, at the names that AWS gives: the monolith counts what is clicked.

All names lead to the front door; whatever else the page might ask for does not answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.mysfits import REGION, Mysfits
from tests.support.waiting import eventually

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SITE = f"http://mysfits-site-123456789012-{REGION}.s3-website-{REGION}.amazonaws.com"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; on Debian: apt-get install chromium")


@pytest.fixture(scope="module")
def browser(mysfits: Mysfits) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    names = f"--host-resolver-rules=MAP *.amazonaws.com {mysfits.cloud.door}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, names])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """The page with all its mysfits; fails the test on any error in its console."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(SITE)
    page.wait_for_selector(".card")
    yield page
    page.close()
    assert complaints == []


def names(page: Any) -> list[str]:
    return [each.inner_text() for each in page.query_selector_all(".card h2")]


def choose(page: Any, text: str) -> list[str]:
    """The names of those that a filter leaves."""
    page.click(f'.chip[data-filter="{text}"]' if "=" in text else f".chip:text('{text}')")
    page.wait_for_selector("#cards[aria-busy=false]")
    return names(page)


def count(page: Any, place: str) -> int:
    return int(page.inner_text(f"{place} .heart .count"))


def test_all_are_listed_and_each_filter_of_the_monolith_leaves_its_own(page: Any, mysfits: Mysfits) -> None:
    everybody = ["Bramble", "Cinder", "Dusk", "Mire", "Quill", "Tarn"]
    assert names(page) == everybody
    chips = [each.get_attribute("data-filter") for each in page.query_selector_all(".chip[data-filter]")]
    assert chips == [
        *(f"good_evil={value}" for value in ("Good", "Neutral", "Evil")),
        *(f"law_chaos={value}" for value in ("Lawful", "Neutral", "Chaotic")),
    ]
    for chip in chips:
        attribute, _is, value = chip.partition("=")
        _status, told = mysfits.ask("GET", f"/mysfits?filter={attribute}&value={value}")
        assert choose(page, chip) == [each["name"] for each in told["mysfits"]] != everybody
        pressed = page.query_selector_all(".chip[aria-pressed=true]")
        assert [each.get_attribute("data-filter") for each in pressed] == [chip]
    assert choose(page, "Everybody") == everybody


def test_a_heart_in_a_profile_is_counted_by_the_monolith_and_shown_everywhere(
    page: Any, mysfits: Mysfits, tmp_path: Path
) -> None:
    before = mysfits.ask("GET", "/mysfits/dusk")[1]["likes"]
    processed = mysfits.lines("like").count("Like processed.")
    page.click(".card[data-mysfit=dusk] .open")
    page.wait_for_selector("#profile[open][data-mysfit=dusk]")
    told = page.inner_text("#profile")
    for text in ("Lantern moth", "31 years", "Good", "Lawful", "Leads lost walkers home"):
        assert text in told
    assert count(page, "#profile") == before
    page.click("#profile .heart")
    page.wait_for_selector("#profile .heart.liked")
    assert count(page, "#profile") == before + 1
    picture = tmp_path / "profile.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 30_000
    page.click("#profile .close")
    assert not page.is_visible("#profile")
    assert count(page, ".card[data-mysfit=dusk]") == before + 1
    assert mysfits.ask("GET", "/mysfits/dusk")[1]["likes"] == before + 1
    eventually(lambda: mysfits.lines("like").count("Like processed.") == processed + 1, 15)


def test_a_heart_on_a_card_is_still_there_after_a_reload(page: Any, mysfits: Mysfits, tmp_path: Path) -> None:
    before = count(page, ".card[data-mysfit=quill]")
    for more in (1, 2):
        page.click(".card[data-mysfit=quill] .heart")
        page.wait_for_function(
            "wanted => document.querySelector('.card[data-mysfit=quill] .count').textContent == wanted",
            arg=before + more,
        )
    assert not page.is_visible("#profile")
    page.reload()
    page.wait_for_selector(".card")
    assert count(page, ".card[data-mysfit=quill]") == before + 2
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.screenshot(path=tmp_path / "page.png", full_page=True)


def test_a_page_may_send_what_a_browser_asks_for_first(page: Any, mysfits: Mysfits) -> None:
    """A preflight, of the monolith and of the service that was split off."""
    send = """([url, method]) => fetch(url, {method, body: "{}", headers: {"Content-Type": "application/json"}})
      .then(answer => answer.status)"""
    for route in ("adopt", "like"):
        assert page.evaluate(send, [f"http://{mysfits.name}/mysfits/tarn/{route}", "POST"]) == 200


def test_without_the_monolith_it_says_so_and_goes_on_when_that_answers(browser: Any, mysfits: Mysfits) -> None:
    page = browser.new_page()
    api = f"http://{mysfits.name}/**"
    page.route(api, lambda route: route.abort())
    page.goto(SITE)
    page.wait_for_selector("#notice:not([hidden])")
    assert "not answering yet" in page.inner_text("#notice") and names(page) == []
    page.unroute(api)
    page.wait_for_selector(".card")
    assert not page.is_visible("#notice")
    page.close()


def test_a_wrong_address_is_shown_as_such(browser: Any, mysfits: Mysfits) -> None:
    page = browser.new_page()
    assert page.goto(f"{SITE}/nobody/at/all").status == 404
    assert page.inner_text("h1") == "Nobody lives here"
    page.click("a")
    page.wait_for_selector(".card")
    page.close()
