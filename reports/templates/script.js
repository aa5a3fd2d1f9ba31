// Sorting, filtering and drawing. Without it the tables are complete, in rank order.
"use strict";

for (const table of document.querySelectorAll(".board table")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  [...table.tHead.rows[0].cells].forEach((heading, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const first = heading.dataset.first;
      const second = first === "ascending" ? "descending" : "ascending";
      const now = heading.getAttribute("aria-sort");
      const next = now === null ? first : now === first ? second : null;
      for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
      if (next === null) {
        body.append(...original);
        return;
      }
      heading.setAttribute("aria-sort", next);
      body.append(...sorted(original, index, next === "ascending" ? 1 : -1, heading.classList.contains("number")));
    });
  });
}

function sorted(rows, index, sign, isNumber) {
  const key = (row) => row.cells[index].dataset.sort;
  const compare = (a, b) => (isNumber ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true }));
  return [...rows].sort((one, other) => {
    const a = key(one), b = key(other);
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * compare(a, b);
  });
}

const filter = document.getElementById("filter");
if (filter) {
  const rows = [...document.querySelectorAll(".board tbody tr")].map((row) => {
    const texts = ["author", "entry", "verdict"].map((name) => row.querySelector("td." + name)?.textContent ?? "");
    return { row, text: texts.join("\n").toLowerCase() };
  });
  const apply = () => {
    const words = filter.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      found += row.hidden ? 0 : 1;
    }
    for (const board of document.querySelectorAll(".board")) {
      const isEmpty = !board.querySelector("tbody tr:not([hidden])");
      board.querySelector(".nothing").hidden = !isEmpty;
      board.querySelector(".scroll").hidden = isEmpty;
    }
    document.getElementById("matches").textContent = words.length ? `${found} of ${rows.length}` : "";
  };
  filter.addEventListener("input", apply);
  // A browser may bring back what was typed before the page was loaded again.
  apply();
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const coarse = matchMedia("(pointer: coarse)");

function themed() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--line"), linecolor: colour("--strong"), automargin: true };
  return { colour, axis, family: getComputedStyle(document.body).fontFamily };
}

function layoutFor(given) {
  const { colour, axis, family } = themed();
  const title = (own) => ({ ...own?.title, standoff: 10, font: { size: 13, color: colour("--soft") } });
  return {
    ...given,
    template: undefined,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family, size: 12, color: colour("--ink") },
    hoverlabel: { bgcolor: colour("--surface"), bordercolor: colour("--strong"), font: { family, size: 13, color: colour("--ink") }, align: "left" },
    margin: { l: 8, r: 16, t: 28, b: 8 },
    annotations: (given.annotations ?? []).map((own) => ({ ...own, bgcolor: colour("--surface"), borderpad: 1 })),
    hovermode: "closest",
    dragmode: coarse.matches ? false : "zoom",
    xaxis: { ...axis, ...given.xaxis, title: title(given.xaxis) },
    yaxis: { ...axis, ...given.yaxis, title: title(given.yaxis) },
  };
}

function draw(place, figure) {
  const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
  Plotly.react(place, figure.data, layoutFor(figure.layout), config);
}

const figures = new Map();
for (const source of document.querySelectorAll("script[data-plot]")) {
  figures.set(document.getElementById(source.dataset.plot), JSON.parse(source.textContent));
}
if (figures.size) {
  const drawn = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || drawn.has(target)) continue;
      drawn.add(target);
      observer.unobserve(target);
      draw(target, figures.get(target));
    }
  }, { rootMargin: "400px" });
  for (const place of figures.keys()) observer.observe(place);
  dark.addEventListener("change", () => {
    for (const place of drawn) draw(place, figures.get(place));
  });
  addEventListener("beforeprint", () => {
    for (const [place, figure] of figures) draw(place, figure);
  });
}
