"use strict";

// Everything is on the page already; this only hides, orders and opens it.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const number = (value) => value.toLocaleString("en");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Theme: the system's, until somebody chooses.
  const themeButton = document.getElementById("theme");
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try { return window.localStorage.getItem("greenroom-theme"); } catch { return null; }
  };
  const remember = (theme) => {
    try { window.localStorage.setItem("greenroom-theme", theme); } catch { /* a file without storage */ }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches);
  const nameTheme = () => { themeButton.textContent = isDark() ? "Light" : "Dark"; };
  if (["light", "dark"].includes(remembered())) root.dataset.theme = remembered();
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    nameTheme();
  });
  systemIsDark.addEventListener("change", nameTheme);
  nameTheme();

  // Findings: filter.
  const list = document.getElementById("list");
  const filters = document.getElementById("filters");
  const read = (element, place) => {
    const [severity, confidence, reach] = element.dataset.ranks.split(" ").map(Number);
    const summary = element.querySelector("summary").textContent.replace(/\s+/g, " ");
    const { code, path, line } = element.dataset;
    return {
      element, place, severity, confidence, reach, code, path,
      line: Number(line),
      hidden: "hidden" in element.dataset,
      text: `${summary} ${element.querySelector(".body > p").textContent}`.toLowerCase(),
    };
  };
  const findings = list ? all(".finding", list).map(read) : [];

  const applyFilters = () => {
    const wanted = new FormData(filters);
    const words = wanted.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const withHidden = wanted.has("hidden");
    let visible = 0;
    for (const finding of findings) {
      const data = finding.element.dataset;
      const matches = (withHidden || !finding.hidden)
        && ["code", "severity", "confidence"].every((key) => !wanted.get(key) || wanted.get(key) === data[key])
        && words.every((word) => finding.text.includes(word));
      if (finding.element.hidden === matches) finding.element.hidden = !matches;
      if (matches) visible += 1;
    }
    document.getElementById("count").textContent = `${number(visible)} of ${number(findings.length)}`;
    document.getElementById("none").hidden = visible > 0;
  };

  // Findings: sort. Equal ones keep the order of urgency.
  const orders = {
    urgency: () => 0,
    severity: (a, b) => a.severity - b.severity,
    confidence: (a, b) => a.confidence - b.confidence,
    reach: (a, b) => a.reach - b.reach,
    code: (a, b) => collator.compare(a.code, b.code),
    path: (a, b) => collator.compare(a.path, b.path) || a.line - b.line,
  };
  const sortButtons = all("[data-sort]");
  const sortFindings = (button) => {
    const again = button.getAttribute("aria-pressed") === "true";
    const descending = again && button.dataset.direction !== "descending";
    for (const other of sortButtons) {
      other.setAttribute("aria-pressed", String(other === button));
      delete other.dataset.direction;
    }
    button.dataset.direction = descending ? "descending" : "ascending";
    const order = orders[button.dataset.sort];
    const sign = descending ? -1 : 1;
    findings.sort((a, b) => sign * (order(a, b) || (order === orders.urgency ? a.place - b.place : 0)) || a.place - b.place);
    const sorted = document.createDocumentFragment();
    for (const finding of findings) sorted.append(finding.element);
    list.append(sorted);
  };
  if (list) {
    for (const button of sortButtons) button.addEventListener("click", () => sortFindings(button));
    for (const kind of ["input", "change"]) filters.addEventListener(kind, applyFilters);
    filters.addEventListener("submit", (event) => event.preventDefault());
    applyFilters(); // a browser may have kept what was typed before a reload
  }

  // A link to a finding opens it, whatever is filtered.
  const openTarget = () => {
    const target = window.location.hash && document.getElementById(window.location.hash.slice(1));
    if (!target || !target.matches(".finding")) return;
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", openTarget);
  openTarget();

  // Tables: sort by any column, filter by words and attributes.
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const rows = Array.from(body.rows, (row) => ({ row, text: row.cells[column].textContent.trim() }));
        rows.sort((a, b) => (descending ? -1 : 1) * collator.compare(a.text, b.text));
        const sorted = document.createDocumentFragment();
        for (const { row } of rows) sorted.append(row);
        body.append(sorted);
      });
    });
  }
  for (const form of all("form[data-filters]")) {
    const table = document.getElementById(form.dataset.filters);
    const status = form.querySelector(".count");
    const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, text: row.textContent.toLowerCase() }));
    const whole = status.textContent;
    form.addEventListener("submit", (event) => event.preventDefault());
    const apply = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
      let visible = 0;
      for (const { row, text } of rows) {
        const matches = words.every((word) => text.includes(word))
          && Object.keys(row.dataset).every((key) => !wanted[key] || wanted[key] === row.dataset[key]);
        row.hidden = !matches;
        if (matches) visible += 1;
      }
      status.textContent = visible === rows.length ? whole : `${number(visible)} of ${whole}`;
    };
    for (const kind of ["input", "change"]) form.addEventListener(kind, apply);
  }
})();
