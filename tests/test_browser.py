"""The leaderboard in a real browser: from disk, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import accuracy, make_function_result, make_result, make_task, ratio

from grader.records import Measured, Result
from reports.site import build

pytestmark = pytest.mark.browser
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def entry(author: str, total: float, value: float, train: float) -> Result:
    measurements = {
        "accuracy": accuracy(value),
        "train_seconds": Measured(value=train, unit="seconds"),
        "speed_ratio": ratio(train / 10),
    }
    return make_result(author, f"net of {author}", points=(total, 0, 0), measurements=measurements)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = [
        entry("Ada", 90, 0.98, 9.0),
        entry("Bo", 80, 0.95, 100.0),
        entry("Cy", 70, 0.92, 25.0),
        entry(HOSTILE, 60, 0.90, 30.0),
        make_function_result("Ada", 9),
        make_function_result("<b>Bo</b>", 4),
    ]
    tasks = [make_task("mnist"), make_task("softmax", order=2, exam="functions")]
    return build(results, tmp_path_factory.mktemp("browser") / "site", tasks=tasks)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=ARGUMENTS)
        yield running
        running.close()


class Watched:
    """A page with what it asked for and complained about."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def authors(self) -> list[str]:
        cells = self.page.locator("#task-mnist-1 tbody tr:not([hidden]) td.author bdi")
        return list(cells.all_text_contents())


@pytest.fixture
def watched(browser: Any, index: Path) -> Iterator[Watched]:
    opened = Watched(browser, index.as_uri())
    yield opened
    opened.context.close()


def draw_all(watched: Watched) -> None:
    for plot in watched.page.locator(".plot").all():
        plot.scroll_into_view_if_needed()
        plot.locator(".main-svg").first.wait_for()


def test_the_page_asks_for_nothing_but_itself_and_complains_about_nothing(watched: Watched, index: Path) -> None:
    draw_all(watched)
    assert watched.requests == [index.as_uri()]
    assert watched.complaints == []


def test_hostile_names_do_not_run(watched: Watched) -> None:
    draw_all(watched)
    watched.page.locator("#task-mnist-1 .scatterlayer .point").last.hover(force=True)
    assert watched.page.evaluate("window.hacked") is None
    assert watched.page.locator("img").count() == 0
    assert HOSTILE[:20] in watched.authors()[3]


def test_a_name_with_markup_is_drawn_as_text(watched: Watched) -> None:
    draw_all(watched)
    labels = watched.page.locator("#task-softmax-1 .ytick text").all_text_contents()
    assert "<b>Bo</b>" in labels


def test_a_click_on_a_heading_sorts_by_number_and_a_third_restores_the_ranks(watched: Watched) -> None:
    ranked = watched.authors()
    heading = watched.page.locator("#task-mnist-1 th.train_seconds")
    button = heading.locator("button")
    button.click()
    assert [author[:3] for author in watched.authors()] == ["Ada", "Cy", HOSTILE[:3], "Bo"]
    assert heading.get_attribute("aria-sort") == "ascending"
    button.click()
    assert [author[:3] for author in watched.authors()] == ["Bo", HOSTILE[:3], "Cy", "Ada"]
    assert heading.get_attribute("aria-sort") == "descending"
    button.click()
    assert watched.authors() == ranked
    assert heading.get_attribute("aria-sort") is None


def test_headings_sort_from_the_keyboard(watched: Watched) -> None:
    watched.page.locator("#task-mnist-1 th.author button").focus()
    watched.page.keyboard.press("Enter")
    watched.page.keyboard.press("Enter")
    assert watched.page.locator("#task-mnist-1 th.author").get_attribute("aria-sort") == "descending"
    assert watched.authors()[0] == "Cy"


def test_the_filter_hides_what_does_not_match_and_says_how_much_is_left(watched: Watched) -> None:
    watched.page.fill("#filter", "of ADA net")
    assert watched.authors() == ["Ada"]
    assert watched.page.locator("#matches").text_content() == "1 of 6"
    assert watched.page.locator("#task-softmax-1 .nothing").is_visible()
    watched.page.fill("#filter", "")
    assert len(watched.authors()) == 4
    assert not watched.page.locator("#task-softmax-1 .nothing").is_visible()


def test_plots_are_drawn_with_a_mark_for_every_entry(watched: Watched) -> None:
    draw_all(watched)
    first = watched.page.locator("#task-mnist-1-plot-1")
    assert first.locator(".scatterlayer .points path.point").count() == 4
    assert watched.page.locator("#task-softmax-1-plot-1 .barlayer .point").count() == 2


@pytest.mark.parametrize("page", ["index.html", "curriculum.html", "results"])
def test_no_page_is_wider_than_a_phone(page: str, browser: Any, index: Path) -> None:
    path = index.parent / page
    path = next(iter(sorted(path.iterdir()))) if path.is_dir() else path
    phone = Watched(browser, path.as_uri(), viewport={"width": 360, "height": 740})
    try:
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert phone.complaints == []
    finally:
        phone.context.close()


def test_tables_are_complete_without_scripts(browser: Any, index: Path) -> None:
    plain = Watched(browser, index.as_uri(), java_script_enabled=False)
    try:
        assert len(plain.authors()) == 4
        assert plain.page.locator("noscript").first.is_visible()
    finally:
        plain.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "curriculum.html", "results"])
def test_every_text_stands_out_from_its_background(scheme: str, page: str, browser: Any, index: Path) -> None:
    path = index.parent / page
    path = next(iter(sorted(path.iterdir()))) if path.is_dir() else path
    opened = Watched(browser, path.as_uri(), color_scheme=scheme)
    try:
        weak = opened.page.evaluate(CONTRAST)
        assert weak["texts"] > 20
        assert weak["below"] == []
    finally:
        opened.context.close()


# WCAG 2 contrast of every element that holds text of its own, against the nearest opaque background.
CONTRAST = """
() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = (v) => v <= 10.0164 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(linear)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length && colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const below = [];
  let texts = 0;
  for (const node of document.querySelectorAll("body *:not(script):not(style):not(noscript)")) {
    if (node.closest("svg") || !node.checkVisibility()) continue;
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    texts += 1;
    const a = light(parse(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) below.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return { texts, below };
}
"""
