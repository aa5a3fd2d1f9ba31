// The hand-in page in a browser: uploads with progress, what happens live. Without scripts every
// form works as well, and a page shows how things stand when it is loaded.
"use strict";

const WORDS = { waiting: "waiting", grading: "being graded" };

function lengthText(seconds) {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// Takes a part of the page anew from the server, which alone knows the words.
async function freshen(selector) {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(selector);
  const shown = document.querySelector(selector);
  if (fresh && shown) shown.replaceChildren(...fresh.childNodes);
}

function followJob(section) {
  const find = (name) => section.querySelector(`[data-${name}]`);
  const log = document.querySelector("[data-log]");
  const source = new EventSource(section.dataset.live);
  source.addEventListener("queue", (event) => {
    const now = JSON.parse(event.data);
    find("state").textContent = WORDS[now.state] || now.state;
    find("place").textContent = now.place ? `${now.place} of ${now.waiting} in the queue` : "";
    let when = "";
    if (now.paused) when = `Grading is paused: ${now.paused}`;
    else if (now.place && now.starts_in !== null) {
      when = `Begins in about ${lengthText(now.starts_in)}, ends in about ${lengthText(now.ends_in)}.`;
    } else if (now.ends_in !== null) when = `Ends in about ${lengthText(now.ends_in)}.`;
    find("when").textContent = when;
  });
  source.addEventListener("step", (event) => { find("step").textContent = event.data; });
  source.addEventListener("checked", () => freshen("[data-checked]"));
  source.addEventListener("log", (event) => {
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 20;
    log.append(`${event.data}\n`);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}

function followBoard(board) {
  const source = new EventSource(board.dataset.board);
  source.addEventListener("boards", () => freshen("[data-board]"));
}

async function filesOf(entry, path = "") {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, name: path + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const each of some) found.push(...await filesOf(each, `${path}${entry.name}/`));
  }
}

function send(form, files) {
  const said = form.querySelector("[data-said]");
  if (!files.length) { said.textContent = "Choose a file or a folder first."; return; }
  const bar = form.querySelector("progress");
  const body = new FormData();
  for (const { file, name } of files) body.append("file", file, name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  };
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* said below */ }
    if (request.status === 200 && answer.page) location.href = answer.page;
    else said.textContent = answer.problem || request.responseText || "It was not taken.";
  };
  request.onerror = () => { said.textContent = "The connection was lost. Nothing was handed in; send it again."; };
  said.textContent = "Sending";
  bar.hidden = false;
  request.send(body);
}

function improveUpload(form) {
  for (const each of form.querySelectorAll(".needs-script:not(progress)")) each.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [];
    for (const input of form.querySelectorAll("input[type=file]")) {
      for (const file of input.files) files.push({ file, name: file.webkitRelativePath || file.name });
    }
    send(form, files);
  });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    form.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const files = [];
    for (const entry of entries) files.push(...await filesOf(entry));
    send(form, files);
  });
}

for (const each of document.querySelectorAll("[data-live]")) followJob(each);
for (const each of document.querySelectorAll("[data-board]")) followBoard(each);
for (const each of document.querySelectorAll("[data-upload]")) improveUpload(each);
