"""The site in a real browser: from disk, without a network. Every page is kept as a picture in build/screenshots."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import accuracy, make_function_result, make_result, make_task, ratio
from synthetic import LOG, details_for, make_class

from grader.curriculum import Task, all_tasks
from grader.records import Measured, Result, Status
from reports.site import Kept, build

pytestmark = pytest.mark.browser
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
PICTURES = Path(__file__).resolve().parent.parent / "build" / "screenshots"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 800}}
LOOKS = [("light", "desk"), ("dark", "desk"), ("light", "phone")]
COURSE = ("neuron", "digits", "mnist", "text-generation", "gan", "imdb")


def entry(author: str, total: float, value: float, train: float) -> Result:
    measurements = {
        "accuracy": accuracy(value),
        "train_seconds": Measured(value=train, unit="seconds"),
        "speed_ratio": ratio(train / 10),
    }
    return make_result(author, f"net of {author}", points=(total, 0, 0), measurements=measurements)


def course() -> list[Task]:
    return [task for task in all_tasks() if task.id in COURSE]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site whose every row is known, with a hostile one."""
    results = [
        entry("Ada", 90, 0.98, 9.0),
        entry("Bo", 80, 0.95, 100.0),
        entry("Cy", 70, 0.92, 25.0),
        entry(HOSTILE, 60, 0.90, 30.0),
        make_result("Di", status=Status.RUNTIME_ERROR, points=(0, 0, 0), measurements={}),
        make_function_result("Ada", 9),
        make_function_result("<b>Bo</b>", 4),
    ]
    tasks = [make_task("mnist"), make_task("softmax", order=2, exam="functions", needs=["mnist"])]
    kept = Kept(log=lambda result: HOSTILE, details=details_for)
    return build(results, tmp_path_factory.mktemp("browser") / "site", tasks=tasks, kept=kept)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a class, with every kind of page: what the pictures are made of."""
    results = list(make_class(150, course(), authors=16))
    kept = Kept(log=lambda result: LOG if result.measurements else "", details=details_for)
    left_out = ["mnist/20250303T091500Z-0a1b2c3d/result.json is left out: it is not whole JSON (512 bytes)"]
    return build(results, tmp_path_factory.mktemp("gallery") / "site", tasks=course(), kept=kept, left_out=left_out)


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

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.go(path)

    def go(self, path: Path) -> None:
        self.page.goto(path.as_uri())

    def draw(self) -> None:
        """Wait until every plot of the page is drawn."""
        self.page.evaluate("async () => { await document.graderDraw?.() }")

    def column(self, key: str = "author") -> list[str]:
        return list(self.page.locator(f"table.dataTable tbody td.{key}").all_inner_texts())

    def authors(self) -> list[str]:
        return [text[:3] for text in self.column()]


@pytest.fixture
def board(browser: Any, index: Path) -> Iterator[Watched]:
    opened = Watched(browser, index.parent / "boards" / "mnist.html")
    yield opened
    opened.context.close()


def pages_of(index: Path) -> dict[str, Path]:
    """Return a page of every kind: its name for a picture, and its path."""
    site = index.parent
    found = {path.stem: path for path in sorted(site.glob("*.html"))}
    found |= {f"board-{path.stem}": path for path in sorted((site / "boards").glob("*.html"))[:6]}
    marks = {
        "result-pictures": "Most confident mistakes",
        "result-language": "Written by the model",
        "result-generation": "made by the model",
        "result-failed": "runtime_error",
        "result-functions": "<h2>Cases</h2>",
    }
    texts = {path: path.read_text("utf-8") for path in sorted((site / "results").glob("*.html"))}
    for name, mark in marks.items():
        found |= dict([(name, path) for path, text in texts.items() if mark in text][:1])
    return found


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_every_page_is_quiet_fits_its_window_and_is_kept_as_a_picture(
    scheme: str, size: str, browser: Any, gallery: Path
) -> None:
    opened = Watched(browser, gallery, color_scheme=scheme, viewport=SIZES[size])
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        kinds = pages_of(gallery)
        assert len(kinds) >= 14
        for name, path in kinds.items():
            opened.go(path)
            opened.draw()
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], name
            opened.page.screenshot(path=PICTURES / f"{name}-{scheme}-{size}.png", full_page=True)
        site = gallery.parent.as_uri()
        assert opened.complaints == []
        assert [address for address in opened.requests if not address.startswith((site, "data:image/png"))] == []
    finally:
        opened.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_every_text_stands_out(scheme: str, browser: Any, gallery: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = Watched(browser, gallery, color_scheme=scheme, bypass_csp=True)
    try:
        for name, path in pages_of(gallery).items():
            opened.go(path)
            opened.draw()
            found = axe.run(opened.page).response["violations"]
            grave = [
                (each["id"], [node["html"][:160] for node in each["nodes"][:3]])
                for each in found
                if each["impact"] in ("serious", "critical")
            ]
            assert grave == [], name
            weak = opened.page.evaluate(CONTRAST)
            assert weak["texts"] > 10, name
            assert weak["below"] == [], name
    finally:
        opened.context.close()


def test_hostile_names_do_not_run(board: Watched, index: Path) -> None:
    board.draw()
    board.page.locator("#plot-1 .scatterlayer .point").last.hover(force=True)
    assert board.page.evaluate("window.hacked") is None
    assert board.page.locator("img").count() == 0
    assert HOSTILE[:20] in board.column()[3]
    for path in (index, *sorted(index.parent.rglob("*.html"))):
        board.go(path)
        assert board.page.evaluate("window.hacked") is None
    assert board.complaints == []


def test_a_script_that_got_into_a_page_is_refused(browser: Any, index: Path, tmp_path: Path) -> None:
    shutil.copytree(index.parent, tmp_path / "site")
    page = tmp_path / "site" / "index.html"
    page.write_text(page.read_text("utf-8").replace("</main>", "<script>window.hacked=1</script></main>"), "utf-8")
    opened = Watched(browser, page)
    try:
        assert opened.page.evaluate("window.hacked") is None
        assert "Content Security Policy" in opened.complaints[0]
    finally:
        opened.context.close()


def test_a_name_with_markup_is_drawn_as_text(browser: Any, index: Path) -> None:
    opened = Watched(browser, index.parent / "boards" / "softmax.html")
    try:
        opened.draw()
        assert "<b>Bo</b>" in opened.page.locator("#plot-1 .ytick text").all_text_contents()
    finally:
        opened.context.close()


def test_a_click_on_a_heading_sorts_by_number_with_what_is_missing_last(board: Watched) -> None:
    ranked = board.authors()
    heading = board.page.locator("th.train_seconds")
    heading.click()
    assert board.authors() == ["Ada", "Cy", HOSTILE[:3], "Bo", "Di"]
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.click()
    assert board.authors() == ["Bo", HOSTILE[:3], "Cy", "Ada", "Di"]
    assert heading.get_attribute("aria-sort") == "descending"
    heading.click()
    assert board.authors() == ranked


def test_headings_sort_from_the_keyboard(board: Watched) -> None:
    board.page.locator("th.author [tabindex='0']").first.focus()
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("Enter")
    assert board.page.locator("th.author").get_attribute("aria-sort") == "descending"
    assert board.authors()[0] == "Di"


def test_the_search_hides_what_does_not_match_and_says_how_much_is_left(board: Watched) -> None:
    board.page.fill(".dt-search input", "of ADA net")
    assert board.authors() == ["Ada"]
    assert "1 to 1 of 1" in board.page.inner_text(".dt-info")
    board.page.fill(".dt-search input", "nobody is called so")
    assert "No entry matches" in board.page.inner_text("table.dataTable tbody")
    board.page.fill(".dt-search input", "")
    assert len(board.authors()) == 5


def test_a_board_is_filtered_by_verdict(board: Watched) -> None:
    board.page.locator("th.verdict .dtcc-button_dropdown").click()
    board.page.locator(".dtcc-dropdown .dtcc-button", has_text="Runtime error").click()
    assert board.authors() == ["Di"]


def test_plots_are_drawn_with_a_mark_for_every_entry(board: Watched) -> None:
    board.draw()
    assert board.page.locator("#plot-1 .scatterlayer .points path.point").count() == 4
    before = board.page.locator("#plot-1 .xtick text").all_text_contents()
    board.page.evaluate("Plotly.relayout('plot-1', {'xaxis.range': [-0.1, 0.1]})")
    assert board.page.locator("#plot-1 .xtick text").all_text_contents() != before


def test_the_dark_theme_reaches_tables_and_plots(board: Watched) -> None:
    board.draw()
    colour = "getComputedStyle(document.querySelector('#plot-1 .xtick text')).fill"
    cell = "getComputedStyle(document.querySelector('td.author')).backgroundColor"
    light = board.page.evaluate(colour), board.page.evaluate(cell)
    board.page.emulate_media(color_scheme="dark")
    board.page.wait_for_function(f"{colour} !== '{light[0]}'")
    assert board.page.evaluate(cell) != light[1]


def test_the_course_shows_one_learners_way(browser: Any, index: Path) -> None:
    opened = Watched(browser, index.parent / "curriculum.html")
    try:
        opened.page.select_option("#learner", label="Ada")
        assert opened.page.inner_text("#mnist .state").startswith("✓ Done")
        assert opened.page.inner_text("#softmax .state").startswith("✓ Done")
        opened.page.select_option("#learner", label="Di")
        assert opened.page.inner_text("#mnist .state").startswith("→ Next")
        assert opened.page.inner_text("#softmax .state").startswith("○ Locked")
        assert "0 of 2 done" in opened.page.inner_text("#way")
        opened.page.select_option("#learner", label="everybody")
        assert not opened.page.locator("#mnist .state").is_visible()
    finally:
        opened.context.close()


def test_pages_can_be_read_without_scripts(browser: Any, index: Path) -> None:
    plain = Watched(browser, index.parent / "boards" / "mnist.html", java_script_enabled=False)
    try:
        assert plain.page.locator("noscript td.author").count() == 5
        assert plain.page.locator("noscript td.author").first.is_visible()
    finally:
        plain.context.close()


def test_a_printed_page_has_no_menus(board: Watched) -> None:
    board.page.emulate_media(media="print")
    assert not board.page.locator(".menu").is_visible()
    assert board.page.locator("table.dataTable").is_visible()


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
