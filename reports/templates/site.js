"use strict";
// What the pages do beyond being read: tables that sort and filter (itables), plots (Plotly, loaded when one comes near or nothing else is to do).
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const coarse = matchMedia("(pointer: coarse)");
  const shared = document.currentScript.src;

  // What changes for paper: called with true before a page is printed, and with false afterwards.
  const onPaper = [(isPaper) => document.documentElement.classList.toggle("paper", isPaper)];
  const turn = (isPaper) => { for (const change of onPaper) change(isPaper); };
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));

  // Cells are made as nodes with plain text in them: nothing that was handed in is ever read as HTML.
  function make(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }
  function svg(tag, attributes) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }
  function bar(parts) {
    const picture = svg("svg", { class: "points", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" });
    picture.append(svg("rect", { class: "rest", width: 100, height: 4 }));
    let start = 0;
    ["accuracy", "speed", "memory"].forEach((part, i) => {
      const width = Math.max(0, Math.min(parts[i], 100 - start));
      if (width > 0) picture.append(svg("rect", { class: part, x: start, width, height: 4 }));
      start += width;
    });
    return picture;
  }
  // A cell is null, a text, or [text, value to sort by, ...more]; what more is depends on the kind of the column.
  const textOf = (cell) => (cell === null ? "" : Array.isArray(cell) ? String(cell[0]) : String(cell));
  const sortOf = (cell) => (cell === null ? null : Array.isArray(cell) ? cell[1] : cell.toLowerCase());
  const display = {
    text: (cell) => make("span", "", textOf(cell)),
    author: (cell) => make("bdi", "", textOf(cell)),
    link: (cell) => {
      const link = make("a", "", make("bdi", "", textOf(cell)));
      link.href = cell[2];
      return link;
    },
    place: (cell) => make("span", cell[1] === 1 ? "place first" : "place", textOf(cell)),
    verdict: (cell) => make("span", `verdict ${cell[2]}`, make("span", "symbol", `${cell[3]} `), textOf(cell)),
    score: (cell) => make("span", "", make("span", "value", textOf(cell)), ...(cell[2] ? [bar(cell[2])] : [])),
    cell: (cell) => {
      const link = make("a", `verdict-cell ${cell[3]}`, make("span", "symbol", `${cell[4]} `), textOf(cell), make("span", "hidden", ` ${cell[5]}`));
      link.href = cell[2];
      return link;
    },
    figure: (cell) => {
      const node = make("span", "", make("span", "value", textOf(cell)));
      if (cell[3]) node.append(" ", make("span", "wide-interval", "~"));
      if (cell[2]) node.append(make("span", "small", cell[2]));
      return node;
    },
  };
  function renderer(kind) {
    return (cell, type) => {
      if (type === "display") return cell === null ? make("span", "none", "–") : display[kind](cell);
      return type === "filter" ? textOf(cell) : sortOf(cell);
    };
  }

  function drawTables() {
    if (!globalThis.graderTables) return;
    const { ITable, DataTable } = globalThis.graderTables;
    // What was not measured is last, whichever way a column is sorted.
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
    const last = (a, b) => (a === null) - (b === null);
    const empty = (a, b) => a === null || b === null;
    DataTable.ext.type.order["grader-asc"] = (a, b) => (empty(a, b) ? last(a, b) : compare(a, b));
    DataTable.ext.type.order["grader-desc"] = (a, b) => (empty(a, b) ? last(a, b) : compare(b, a));
    for (const table of document.querySelectorAll("table[data-grader-rows]")) {
      const columns = JSON.parse(document.getElementById(table.dataset.graderColumns).textContent);
      const chosen = remembered();
      const compared = table.id === "board" ? comparer(table, columns) : null;
      const isShown = (column) => chosen[column.key] ?? !column.spare;
      new ITable(table, {
        data_json: document.getElementById(table.dataset.graderRows).textContent,
        columns: columns.map((column, i) => ({
          data: i,
          title: column.title,
          visible: isShown(column),
          type: "grader",
          className: [column.key, column.isNumber ? "number" : ""].join(" "),
          orderSequence: column.greatestFirst ? ["desc", "asc", ""] : ["asc", "desc", ""],
          render: renderer(column.kind),
          columnControl: column.choices
            ? [[{ extend: "searchList", title: column.title, orthogonal: "filter" }]]
            : [],
        })),
        order: [],
        autoWidth: false,
        deferRender: true,
        pageLength: Number(table.dataset.graderLength),
        lengthMenu: [25, 50, 100, { label: "all", value: -1 }],
        layout: {
          topStart: "search", topEnd: "pageLength", bottomStart: "info", bottomEnd: "paging",
        },
        language: {
          search: "Search", searchPlaceholder: "author, entry, verdict", lengthMenu: "Show _MENU_",
          info: "_START_ to _END_ of _TOTAL_", infoEmpty: "nothing", infoFiltered: "(of _MAX_)",
          emptyTable: "No entries", zeroRecords: "No entry matches",
        },
        createdRow: (row, cells, place, nodes) => {
          // On a phone each row is a card, and its cells say what they are.
          nodes.forEach((node, i) => { node.dataset.title = columns[i].title; });
          compared?.(cells, nodes);
          row.className = cells[columns.findIndex((column) => column.kind === "verdict")]?.[2] ?? "";
        },
      });
      if (columns.some((column) => column.spare)) offerColumns(table, columns, DataTable, isShown);
      showThereIsMore(table);
      performance.mark("table-ready");
    }
  }

  // Two entries of a board side by side: a tick in each row, and a table above once two are ticked.
  // A difference means something if the intervals lie apart, or if both are counts.
  const NOT_COMPARED = ["rank", "author", "entry", "attempts", "date", "machine", "tier"];
  function comparer(table, columns) {
    const place = make("section", "compare");
    place.setAttribute("aria-live", "polite");
    table.closest(".sheet").before(place);
    const at = (cells, key) => cells[columns.findIndex((column) => column.key === key)] ?? null;
    const picked = []; // [cells, tick]
    const show = () => {
      if (picked.length < 2) {
        const hint = "Tick another entry to see both side by side.";
        place.replaceChildren(...(picked.length ? [make("p", "about", hint)] : []));
        return;
      }
      place.replaceChildren(...comparison(picked.map(([cells]) => cells), columns, at, clear));
      place.scrollIntoView({ block: "nearest" });
    };
    const clear = () => {
      for (const [, tick] of picked.splice(0)) tick.checked = false;
      show();
    };
    return (cells, nodes) => {
      const tick = make("input", "tick");
      tick.type = "checkbox";
      tick.ariaLabel = `Compare ${textOf(at(cells, "entry"))} by ${textOf(at(cells, "author"))}`;
      tick.title = "Compare with another entry";
      tick.addEventListener("change", () => {
        const known = picked.findIndex(([own]) => own === cells);
        if (known >= 0) picked.splice(known, 1);
        if (tick.checked) picked.push([cells, tick]);
        if (picked.length > 2) picked.shift()[1].checked = false;
        show();
      });
      nodes[columns.findIndex((column) => column.key === "entry")].prepend(tick);
    };
  }
  function meaning(one, other, isExact) {
    if (one === null || other === null) return "not known";
    if (one[1] === other[1]) return "same";
    const [first, second] = [one[4], other[4]];
    if (first && second) {
      const isApart = first[1] < second[0] || second[1] < first[0];
      return isApart ? "differs" : "within the intervals";
    }
    return isExact ? "differs" : "not known";
  }
  function comparison(both, columns, at, clear) {
    const heads = both.map((cells) => {
      const link = make("a", "", make("bdi", "", textOf(at(cells, "entry"))));
      link.href = at(cells, "entry")[2];
      return make("th", "number", link, make("span", "small", make("bdi", "", textOf(at(cells, "author")))));
    });
    const head = make("tr", "", make("th", "", "Figure"), ...heads, make("th", "", "The difference"));
    for (const each of head.children) each.scope = "col";
    const rows = [];
    columns.forEach((column, i) => {
      const cells = both.map((each) => each[i]);
      if (NOT_COMPARED.includes(column.key) || cells.every((cell) => cell === null)) return;
      const name = make("th", "", column.title);
      name.scope = "row";
      const shown = cells.map((cell, side) => {
        const node = make("td", "number", renderer(column.kind)(cell, "display"));
        node.dataset.title = textOf(at(both[side], "author"));
        return node;
      });
      const said = column.kind === "figure" ? meaning(...cells, column.exact) : "";
      const last = make("td", said === "differs" ? "best" : "soft", said);
      last.dataset.title = "The difference";
      rows.push(make("tr", "", name, ...shown, last));
    });
    const sheet = make("div", "scroll", make("table", "stacked", make("thead", "", head), make("tbody", "", ...rows)));
    const [one, other] = both.map((cells) => at(cells, "machine"));
    const notes = one === other ? [] : [make("p", "measured", "They were measured on different machines: seconds and bytes say nothing about the solutions.")];
    const close = make("button", "", "Close");
    close.type = "button";
    close.addEventListener("click", clear);
    return [make("h2", "", "Side by side ", close), sheet, make("p", "measured", "Small figures are 95 % intervals. Entries differ where these lie apart; within them, chance explains the difference. Without an interval it is not known."), ...notes];
  }

  // Which columns a person chose to see: kept in this browser, for all boards.
  const KEPT = "grader-columns";
  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {};
    }
  }
  function remember(key, isOn) {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ ...remembered(), [key]: isOn }));
    } catch {
      // A browser that keeps nothing for pages from disk: the choice lasts as long as the page.
    }
  }
  function offerColumns(table, columns, DataTable, isShown) {
    const api = new DataTable.Api(table);
    const boxes = columns.map((column, i) => {
      const box = make("input", "");
      box.type = "checkbox";
      box.checked = isShown(column);
      box.disabled = !column.spare && i < 2;
      box.addEventListener("change", () => {
        api.column(i).visible(box.checked);
        remember(column.key, box.checked);
        showThereIsMore(table);
      });
      return make("label", "", box, ` ${column.title}`);
    });
    const chooser = make("details", "columns", make("summary", "", "Columns"), make("div", "", ...boxes));
    table.closest(".sheet").before(chooser);
    const all = (isPrinting) => columns.forEach((column, i) => {
      api.column(i).visible(isPrinting || boxes[i].querySelector("input").checked, false);
    });
    onPaper.push(all);
  }
  // A shadow on the right as long as a table goes on there.
  function showThereIsMore(table) {
    const place = table.closest(".dt-layout-table");
    if (!place) return;
    const look = () => {
      place.classList.toggle("goes-on", place.scrollWidth - place.clientWidth - place.scrollLeft > 4);
    };
    if (!place.dataset.watched) {
      place.dataset.watched = "yes";
      place.addEventListener("scroll", look, { passive: true });
      new ResizeObserver(look).observe(place);
    }
    look();
  }

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
      margin: { l: 8, r: 16, t: 28, b: 8, ...given.margin },
      annotations: (given.annotations ?? []).map((own) => ({ ...own, bgcolor: own.bgcolor ?? colour("--surface"), borderpad: 1 })),
      hovermode: given.hovermode ?? "closest",
      dragmode: coarse.matches ? false : "zoom",
      xaxis: { ...axis, ...given.xaxis, title: title(given.xaxis) },
      yaxis: { ...axis, ...given.yaxis, title: title(given.yaxis) },
      ...(given.yaxis2 ? { yaxis2: { ...axis, ...given.yaxis2, title: title(given.yaxis2) } } : {}),
    };
  }
  function dataFor(data) {
    const { colour } = themed();
    return data.map((trace) => (trace.type === "heatmap"
      ? { ...trace, colorscale: [[0, colour("--surface")], [0.02, colour("--heat")], [1, colour("--accent")]] }
      : trace));
  }
  const PAPER_WIDTH = 640; // CSS pixels: within the margins of A4 and of letter
  function draw(place, figure) {
    const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
    const isPaper = document.documentElement.classList.contains("paper");
    const size = isPaper ? { width: PAPER_WIDTH, autosize: false } : { width: undefined, autosize: true };
    return Plotly.react(place, dataFor(figure.data), { ...layoutFor(figure.layout), ...size }, config);
  }

  let loading = null;
  function plotly(name) {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL(name, shared).href;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }
  function drawPlots() {
    const figures = new Map();
    for (const source of document.querySelectorAll("script[data-plot]")) {
      figures.set(document.getElementById(source.dataset.plot), JSON.parse(source.textContent));
    }
    if (!figures.size) return;
    const name = document.querySelector("meta[name='plots']").content;
    const drawn = new Map();
    const show = (place) => {
      if (!drawn.has(place)) drawn.set(place, plotly(name).then(() => draw(place, figures.get(place))));
      return drawn.get(place);
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        show(target);
      }
    }, { rootMargin: "300px" });
    for (const [place, figure] of figures) {
      // Room from the start: nothing moves when it is drawn, and when the window changes Plotly keeps to its place.
      place.style.height = `${figure.layout.height ?? 450}px`;
      observer.observe(place);
    }
    dark.addEventListener("change", () => {
      for (const place of drawn.keys()) draw(place, figures.get(place));
    });
    const drawAll = () => Promise.all([...figures.keys()].map(show));
    document.graderDraw = drawAll;
    // What is drawn is drawn anew at once: printing waits for nothing that is still on its way.
    onPaper.push(() => {
      if (!globalThis.Plotly) return;
      for (const [place, figure] of figures) draw(place, figure);
    });
    // So that print, and a picture of the whole page, find every plot drawn: those that nobody has
    // scrolled to are drawn when the browser has nothing else to do.
    const whenIdle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 400));
    addEventListener("load", () => setTimeout(() => whenIdle(drawAll), 600));
  }

  // The course: whose way the map shows. Everybody's is the page as it was written.
  function showWay() {
    const chooser = document.getElementById("learner");
    if (!chooser) return;
    const read = (id) => JSON.parse(document.getElementById(id).textContent);
    const learners = read("learners");
    const course = read("course");
    const way = document.getElementById("way");
    const show = () => {
      const tasks = chooser.value === "" ? null : learners[Number(chooser.value)].tasks;
      const isDone = (id) => Boolean(tasks?.[id]?.[0]);
      for (const [id, { needs }] of Object.entries(course)) {
        const card = document.getElementById(id);
        const note = card.querySelector(".state");
        note.hidden = tasks === null;
        if (tasks === null) {
          delete card.dataset.state;
          continue;
        }
        const missing = needs.filter((need) => !isDone(need));
        const state = isDone(id) ? "done" : missing.length ? "locked" : "next";
        card.dataset.state = state;
        const tried = tasks[id];
        const symbol = { done: "✓ Done", next: "→ Next", locked: "○ Locked" }[state];
        const runs = tried ? `${tried[2]} run${tried[2] === 1 ? "" : "s"}, ${tried[3]} min graded, best ${tried[1]}` : "";
        note.textContent = runs ? `${symbol}: ${runs}` : symbol;
      }
      if (tasks === null) {
        way.textContent = "";
        return;
      }
      const done = Object.entries(tasks).filter(([, each]) => each[0]).sort((a, b) => a[1][4].localeCompare(b[1][4]));
      const minutes = Object.values(tasks).reduce((sum, each) => sum + each[3], 0);
      const steps = done.map(([id, each]) => `${course[id].title} (${each[4]})`).join(" → ") || "nothing accepted yet";
      way.textContent = `${done.length} of ${Object.keys(course).length} done, ${minutes.toFixed(1)} min graded in all. ${steps}`;
    };
    chooser.closest("[hidden]")?.removeAttribute("hidden");
    chooser.addEventListener("change", show);
    show();
  }

  // The first page: tasks and authors whose names hold what was typed.
  function showFinder() {
    const field = document.getElementById("find");
    if (!field) return;
    const places = JSON.parse(document.getElementById("places").textContent);
    const list = document.getElementById("found");
    field.closest("[hidden]")?.removeAttribute("hidden");
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      const found = wanted ? places.filter((place) => place[1].toLowerCase().includes(wanted)).slice(0, 12) : [];
      list.replaceChildren(...found.map(([kind, name, address]) => {
        const link = make("a", "", make("bdi", "", name));
        link.href = address;
        return make("li", "", link, make("span", "soft", ` ${kind}`));
      }));
      if (wanted && !found.length) list.append(make("li", "soft", "Nothing is called that."));
    });
  }

  drawTables();
  drawPlots();
  showWay();
  showFinder();
})();
