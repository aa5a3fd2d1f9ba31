"""The site in a real browser: from disk, without a network. Every page is kept as a picture in
build/screenshots.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.factories import accuracy, make_function_result, make_result, make_task, ratio
from support.gallery import pages_of, write_gallery
from support.occasion import is_nightly
from support.paths import ROOT
from support.synthetic import details_for

from grader.records import Measured, Result, Status
from reports.site import Kept, build

pytestmark = pytest.mark.browser
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
PICTURES = ROOT / "build" / "screenshots"
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "tablet": {"width": 820, "height": 1100},
    "phone": {"width": 390, "height": 800},
    "paper": {"width": 718, "height": 1040},  # A4 within its margins
}
PRINT = ("print", "paper")
LOOKS = [("light", "desk"), ("dark", "desk"), ("light", "phone"), PRINT]
if is_nightly():  # between the largest window and the smallest, and the dark ones
    LOOKS += [("light", "tablet"), ("dark", "tablet"), ("dark", "phone")]
PATIENCE_SECONDS, PAUSE_MS = (
    20.0,
    20,
)  # tables and plots are redrawn after the event that asks for it
RANKED = ["Ada", "Bo", "Cy", HOSTILE[:3], "Di"]


def entry(author: str, total: float, value: float, train: float) -> Result:
    measurements = {
        "accuracy": accuracy(value),
        "train_seconds": Measured(value=train, unit="seconds"),
        "speed_ratio": ratio(train / 10),
    }
    return make_result(author, f"net of {author}", points=(total, 0, 0), measurements=measurements)


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
    return write_gallery(tmp_path_factory.mktemp("gallery") / "site")


class Watched:
    """A page with what it asked for and complained about."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "console", lambda message: self.complaints.append(f"{message.type}: {message.text}")
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.go(path)

    def go(self, path: Path) -> None:
        self.page.goto(path.as_uri())

    def draw(self) -> None:
        """Wait until every plot of the page is drawn."""
        self.page.evaluate("async () => { await document.graderDraw?.() }")

    def becomes(self, read: Callable[[], Any], expected: Any) -> None:
        """Wait until what is read is as expected; an AssertionError shows what was there last."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := read()) != expected and time.monotonic() < deadline:
            self.page.wait_for_timeout(PAUSE_MS)
        assert found == expected

    def shows(self, selector: str, text: str) -> None:
        """Wait until an element holds a text."""
        self.becomes(lambda: text in self.page.inner_text(selector), True)

    def column(self, key: str = "author") -> list[str]:
        return list(self.page.locator(f"table.dataTable tbody td.{key}").all_inner_texts())

    def authors(self) -> list[str]:
        return [text[:3] for text in self.column()]


@pytest.fixture
def board(browser: Any, index: Path) -> Iterator[Watched]:
    opened = Watched(browser, index.parent / "boards" / "mnist.html")
    opened.becomes(opened.authors, RANKED)
    yield opened
    opened.context.close()


@dataclass(frozen=True)
class Look:
    """What one page is like in one colour scheme and one size of window."""

    name: str
    width: int  # of the whole page, in CSS pixels
    texts: int
    weak: list[str]  # texts whose contrast is below 4.5
    grave: list[tuple[str, list[str]]]  # what axe finds: the rule and the first places
    layout: dict[str, Any]  # texts that lie over one another, and those that are clipped


@dataclass(frozen=True)
class Visit:
    """Every kind of page, opened once and looked at in all looks."""

    opened: Watched
    looks: dict[tuple[str, str], list[Look]]


@pytest.fixture(scope="module")
def visit(browser: Any, gallery: Path) -> Iterator[Visit]:
    """Look at every kind of page; a picture of each look is kept."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    PICTURES.mkdir(parents=True, exist_ok=True)
    opened = Watched(browser, gallery)
    looks: dict[tuple[str, str], list[Look]] = {look: [] for look in LOOKS}
    for name, path in pages_of(gallery).items():
        for scheme, size in LOOKS:
            opened.page.set_viewport_size(SIZES[size])
            dress(opened.page, scheme)
            if (scheme, size) == LOOKS[0]:
                opened.go(path)
                opened.page.evaluate(axe.axe_script)
            opened.page.evaluate(PRINTED if scheme == "print" else SETTLED)
            width = opened.page.evaluate("document.documentElement.scrollWidth")
            opened.page.screenshot(path=PICTURES / f"{name}-{scheme}-{size}.png", full_page=True)
            contrast = opened.page.evaluate(CONTRAST)
            layout = opened.page.evaluate(LAYOUT)
            found = opened.page.evaluate(f"axe.run({AXE[scheme, size]})")["violations"]
            grave = [
                (each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found
            ]
            looks[scheme, size].append(
                Look(name, width, contrast["texts"], contrast["below"], grave, layout)
            )
    yield Visit(opened, looks)
    opened.context.close()


def dress(page: Any, scheme: str) -> None:
    """Show a page in the light, in the dark or on paper, where its script is told as well."""
    is_print = scheme == "print"
    page.emulate_media(
        media="print" if is_print else "screen", color_scheme="light" if is_print else scheme
    )
    page.evaluate(f"dispatchEvent(new Event('{'before' if is_print else 'after'}print'))")


def test_pages_are_quiet_and_ask_for_nothing_outside_the_site(visit: Visit, gallery: Path) -> None:
    assert visit.opened.complaints == []
    own = (gallery.parent.as_uri(), "data:image/png")
    assert len(visit.opened.requests) > 14
    assert [address for address in visit.opened.requests if not address.startswith(own)] == []


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_every_kind_of_page_fits_its_window_and_is_kept_as_a_picture(
    look: tuple[str, str], visit: Visit
) -> None:
    seen, (scheme, size) = visit.looks[look], look
    assert len({each.name for each in seen}) >= 14
    assert [(each.name, each.width) for each in seen if each.width > SIZES[size]["width"]] == []
    assert [
        each.name
        for each in seen
        if not (PICTURES / f"{each.name}-{scheme}-{size}.png").stat().st_size
    ] == []


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_axe_finds_nothing_and_every_text_stands_out(look: tuple[str, str], visit: Visit) -> None:
    seen = visit.looks[look]
    assert [(each.name, each.grave) for each in seen if each.grave] == []
    assert [each.name for each in seen if each.texts <= 10] == []
    assert [(each.name, each.weak) for each in seen if each.weak] == []


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_no_text_lies_over_another_and_none_is_clipped(look: tuple[str, str], visit: Visit) -> None:
    seen = visit.looks[look]
    assert [(each.name, each.layout["over"]) for each in seen if each.layout["over"]] == []
    assert [(each.name, each.layout["clipped"]) for each in seen if each.layout["clipped"]] == []
    assert [each.name for each in seen if each.layout["texts"] <= 10] == []


def test_a_text_over_another_and_a_clipped_one_are_found(browser: Any, index: Path) -> None:
    opened = Watched(browser, index)
    try:
        opened.page.evaluate(
            """() => {
              const add = (style, text) => {
                const box = document.createElement("div");
                box.style.cssText = style;
                box.textContent = text;
                document.body.append(box);
              };
              add("position: absolute; top: 400px; left: 9px", "Lies");
              add("position: absolute; top: 402px; left: 12px", "over");
              add("width: 40px; overflow: hidden; white-space: nowrap", "cut off somewhere");
            }"""
        )
        found = opened.page.evaluate(LAYOUT)
        assert any("Lies" in each and "over" in each for each in found["over"])
        assert any("cut off" in each for each in found["clipped"])
    finally:
        opened.context.close()


def test_hostile_names_do_not_run(board: Watched, index: Path) -> None:
    board.draw()
    board.page.locator("#plot-1 .scatterlayer .point").last.hover(force=True)
    board.page.wait_for_selector("#plot-1 .hoverlayer .hovertext")
    assert board.page.evaluate("window.hacked") is None
    assert board.page.locator("img").count() == 0
    assert HOSTILE[:20] in board.column()[3]
    for path in (index, *sorted(index.parent.rglob("*.html"))):
        board.go(path)
        assert board.page.evaluate("window.hacked") is None
    assert board.complaints == []


def test_a_script_that_got_into_a_page_is_refused(
    browser: Any, index: Path, tmp_path: Path
) -> None:
    page = index.parent / f"changed-{tmp_path.name}.html"
    page.write_text(
        index.read_text("utf-8").replace("</main>", "<script>window.hacked=1</script></main>"),
        "utf-8",
    )
    opened = Watched(browser, page)
    try:
        opened.becomes(
            lambda: any("Content Security Policy" in line for line in opened.complaints), True
        )
        assert opened.page.evaluate("window.hacked") is None
    finally:
        opened.context.close()
        page.unlink()


def test_a_name_with_markup_is_drawn_as_text(board: Watched, index: Path) -> None:
    board.go(index.parent / "boards" / "softmax.html")
    board.draw()
    names = board.page.locator("#plot-1 .ytick text")
    board.becomes(lambda: "<b>Bo</b>" in names.all_text_contents(), True)


def test_a_click_on_a_heading_sorts_by_number_with_what_is_missing_last(board: Watched) -> None:
    board.page.locator("details.columns summary").click()
    board.page.get_by_role("checkbox", name="Training time").check()
    heading = board.page.locator("th.train_seconds")
    heading.click()
    board.becomes(board.authors, ["Ada", "Cy", HOSTILE[:3], "Bo", "Di"])
    board.becomes(lambda: heading.get_attribute("aria-sort"), "ascending")
    heading.click()
    board.becomes(board.authors, ["Bo", HOSTILE[:3], "Cy", "Ada", "Di"])
    board.becomes(lambda: heading.get_attribute("aria-sort"), "descending")
    heading.click()
    board.becomes(board.authors, RANKED)


def test_headings_sort_from_the_keyboard(board: Watched) -> None:
    heading = board.page.locator("th.author")
    heading.locator("[tabindex='0']").first.focus()
    board.page.keyboard.press("Enter")
    board.becomes(lambda: heading.get_attribute("aria-sort"), "ascending")
    board.page.keyboard.press("Enter")
    board.becomes(lambda: heading.get_attribute("aria-sort"), "descending")
    board.becomes(lambda: board.authors()[0], "Di")


def test_a_column_that_is_chosen_is_there_on_the_next_page_too(board: Watched, index: Path) -> None:
    assert board.column("date") == []
    board.page.locator("details.columns summary").click()
    board.page.get_by_label("Date").check()
    board.becomes(lambda: len(board.column("date")), 5)
    board.go(index.parent / "boards" / "softmax.html")
    board.becomes(lambda: len(board.column("date")), 2)


def test_a_board_fits_a_small_desk_and_is_cards_on_a_phone(board: Watched) -> None:
    place = "document.querySelector('.dt-layout-table')"
    board.page.set_viewport_size({"width": 1280, "height": 900})
    board.becomes(lambda: board.page.evaluate(f"{place}.scrollWidth - {place}.clientWidth"), 0)
    board.page.set_viewport_size(SIZES["phone"])
    board.becomes(board.page.locator("#board thead").is_visible, False)
    first = board.page.locator("#board tbody tr").first
    said = "getComputedStyle(document.querySelector('#board td.score'), '::before').content"
    assert board.page.evaluate(said) == "attr(data-title)" or "Score" in board.page.evaluate(said)
    box = first.bounding_box()
    assert box is not None
    assert box["width"] <= SIZES["phone"]["width"]
    assert box["height"] > 100


def test_the_first_page_finds_tasks_and_authors(board: Watched, index: Path) -> None:
    board.go(index)
    board.page.fill("#find", "ad")
    board.becomes(lambda: board.page.locator("#found li").all_inner_texts(), ["Ada author"])
    board.page.locator("#found a").click()
    board.shows("h1", "Ada")
    board.go(index)
    board.page.fill("#find", "nothing of this name")
    board.shows("#found", "Nothing is called that.")


def test_the_search_hides_what_does_not_match_and_says_how_much_is_left(board: Watched) -> None:
    board.page.fill(".dt-search input", "of ADA net")
    board.becomes(board.authors, ["Ada"])
    board.shows(".dt-info", "1 to 1 of 1")
    board.page.fill(".dt-search input", "nobody is called so")
    board.shows("table.dataTable tbody", "No entry matches")
    board.page.fill(".dt-search input", "")
    board.becomes(lambda: len(board.authors()), 5)


def test_two_ticked_entries_stand_side_by_side(board: Watched) -> None:
    ticks = board.page.locator("#board input.tick")
    ticks.nth(0).check()
    board.shows(".compare", "Tick another entry")
    ticks.nth(2).check()
    board.shows(".compare", "Side by side")
    said = {}
    for row in board.page.locator(".compare tbody tr").all():
        said[row.locator("th").inner_text()] = row.locator("td").last.inner_text()
    assert said["Accuracy"] == "differs"
    assert said["Training time"] == "not known"
    ticks.nth(3).check()
    board.becomes(lambda: ticks.nth(0).is_checked(), False)
    board.page.get_by_role("button", name="Close").click()
    board.becomes(board.page.locator(".compare").is_visible, False)
    assert not ticks.nth(3).is_checked()


def test_on_paper_a_board_has_every_column_and_light_plots_as_wide_as_the_paper(
    board: Watched,
) -> None:
    board.page.emulate_media(color_scheme="dark")
    board.draw()
    assert board.column("train_seconds") == []
    width = "document.querySelector('#plot-1 .main-svg').clientWidth"
    ink = "getComputedStyle(document.querySelector('#plot-1 .xtick text')).fill"
    dark = board.page.evaluate(ink)
    board.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    board.becomes(lambda: len(board.column("train_seconds")), 5)
    board.becomes(lambda: board.page.evaluate(width), 640)
    board.becomes(lambda: board.page.evaluate(ink) != dark, True)
    board.page.evaluate("dispatchEvent(new Event('afterprint'))")
    board.becomes(lambda: board.column("train_seconds"), [])
    board.becomes(lambda: board.page.evaluate(ink), dark)


def test_plots_that_nobody_scrolled_to_are_drawn_when_the_browser_is_idle(board: Watched) -> None:
    plots = board.page.locator(".plot").count()
    board.becomes(board.page.locator(".js-plotly-plot .main-svg").first.is_visible, True)
    board.becomes(lambda: board.page.locator(".js-plotly-plot").count(), plots)


def test_a_board_is_filtered_by_verdict(board: Watched) -> None:
    board.page.locator("th.verdict .dtcc-button_dropdown").click()
    board.page.locator(".dtcc-dropdown .dtcc-button", has_text="Runtime error").click()
    board.becomes(board.authors, ["Di"])


def test_plots_are_drawn_with_a_mark_for_every_entry(board: Watched) -> None:
    board.draw()
    board.becomes(board.page.locator("#plot-1 .scatterlayer .points path.point").count, 4)
    ticks = board.page.locator("#plot-1 .xtick text")
    before = ticks.all_text_contents()
    board.page.evaluate("Plotly.relayout('plot-1', {'xaxis.range': [-0.1, 0.1]})")
    board.becomes(lambda: ticks.all_text_contents() != before, True)


def test_the_dark_theme_reaches_tables_and_plots(board: Watched) -> None:
    board.draw()
    colour = "getComputedStyle(document.querySelector('#plot-1 .xtick text')).fill"
    cell = "getComputedStyle(document.querySelector('td.author')).backgroundColor"
    light = board.page.evaluate(colour), board.page.evaluate(cell)
    board.page.emulate_media(color_scheme="dark")
    board.becomes(lambda: board.page.evaluate(colour) != light[0], True)
    board.becomes(lambda: board.page.evaluate(cell) != light[1], True)


def test_the_course_shows_one_learners_way(board: Watched, index: Path) -> None:
    board.go(index.parent / "curriculum.html")

    def state(task: str) -> str:
        return str(board.page.inner_text(f"#{task} .state")).split(":")[0]

    board.page.select_option("#learner", label="Ada")
    board.becomes(lambda: (state("mnist"), state("softmax")), ("✓ Done", "✓ Done"))
    board.page.select_option("#learner", label="Di")
    board.becomes(lambda: (state("mnist"), state("softmax")), ("→ Next", "○ Locked"))
    board.shows("#way", "0 of 2 done")
    board.page.select_option("#learner", label="everybody")
    board.becomes(board.page.locator("#mnist .state").is_visible, False)


def test_pages_can_be_read_without_scripts(browser: Any, index: Path) -> None:
    plain = Watched(browser, index.parent / "boards" / "mnist.html", java_script_enabled=False)
    try:
        assert plain.page.locator("noscript td.author").count() == 5
        assert plain.page.locator("noscript td.author").first.is_visible()
    finally:
        plain.context.close()


def test_a_printed_page_has_no_menus(board: Watched) -> None:
    assert board.page.locator(".menu").is_visible()
    board.page.emulate_media(media="print")
    board.becomes(board.page.locator(".menu").is_visible, False)
    assert board.page.locator("table.dataTable").is_visible()


# Axe looks at everything once, and fetches no style sheet a second time. A dark page differs in its
# colours, a phone's in what its size hides and shows.
NARROWER = (
    "{resultTypes: ['violations'], preload: false, rules: {'color-contrast': {enabled: false}}}"
)
AXE = {
    ("light", "desk"): "{resultTypes: ['violations'], preload: false}",
    ("dark", "desk"): "{resultTypes: ['violations'], preload: false, runOnly: ['color-contrast']}",
    ("light", "tablet"): NARROWER,
    ("light", "phone"): NARROWER,
    ("dark", "tablet"): "{resultTypes: ['violations'], preload: false}",
    ("dark", "phone"): "{resultTypes: ['violations'], preload: false}",
    PRINT: "{resultTypes: ['violations'], preload: false}",
}
# On paper plots have the paper's width, whatever their places have.
PRINTED = """
async () => {
  await document.graderDraw?.();
  await new Promise((next) => setTimeout(next, 200));
}
"""
# Every visible line of text as a box, cut to what its scrolling parents show of it: two of
# different texts may not share more than a third of the lower one's height. A text is clipped if
# its element hides what sticks out.
LAYOUT = """
() => {
  const shown = (box, node) => {
    let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
    for (let at = node; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflow === "visible") continue;
      const edge = at.getBoundingClientRect();
      left = Math.max(left, edge.left); right = Math.min(right, edge.right);
      top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
    }
    return { left, top, right, bottom };
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const boxes = [], clipped = new Set();
  let texts = 0;
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.textContent.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
    if (node.closest("svg, script, style, noscript, .hidden, .skip, .menu, option")) continue;
    texts += 1;
    const words = text.textContent.trim().slice(0, 40);
    const style = getComputedStyle(node);
    if (["hidden", "clip"].includes(style.overflowX) && node.scrollWidth > node.clientWidth + 1) {
      clipped.add(`${node.tagName}.${node.className}: ${words}`);
    }
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const each of range.getClientRects()) {
      const box = shown(each, node);
      if (box.right - box.left > 1 && box.bottom - box.top > 1) boxes.push({ ...box, text, words });
    }
  }
  boxes.sort((one, other) => one.top - other.top);
  const over = new Set();
  boxes.forEach((one, place) => {
    for (const other of boxes.slice(place + 1)) {
      if (other.top >= one.bottom) break;
      if (other.text === one.text) continue;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - other.top;
      const least = Math.min(one.bottom - one.top, other.bottom - other.top);
      if (wide > 2 && high > least / 3) over.add(`${one.words} / ${other.words}`);
    }
  });
  return { texts, over: [...over].slice(0, 5), clipped: [...clipped].slice(0, 5) };
}
"""
# Plots are drawn, and drawn again when the scheme or the window changes: wait for their colours,
# and until they fill their places and no more.
SETTLED = """
async () => {
  await document.graderDraw?.();
  const ink = getComputedStyle(document.body).color;
  const plots = [...document.querySelectorAll(".js-plotly-plot")];
  const isDone = () => plots.every((plot) =>
    ["clientWidth", "clientHeight"].every((side) =>
      Math.abs(plot.querySelector(".main-svg")[side] - plot[side]) < 2)
    && [...plot.querySelectorAll(".xtick text")].every((text) =>
      getComputedStyle(text).fill === ink));
  const end = performance.now() + 10000;
  while (!isDone() && performance.now() < end) await new Promise((next) => setTimeout(next, 20));
  if (!isDone()) throw new Error("the plots were not drawn again within ten seconds");
}
"""
# WCAG 2 contrast of every element that holds text of its own, against the nearest opaque
# background.
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
    const isText = (child) => child.nodeType === 3 && child.textContent.trim();
    if (![...node.childNodes].some(isText)) continue;
    texts += 1;
    const a = light(parse(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) below.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return { texts, below };
}
"""
