
"use strict";
// Everything shown is built of text: no string of the data ever becomes markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const str = n => data.strings[n];
  const byId = id => document.getElementById(id);
  const words = { fail: "✕ fail", unknown: "? unknown", waived: "⚑ waived", pass: "✓ pass", not_applicable: "– not applicable" };
  const ranks = ["critical", "high", "medium", "low", "info"];

  // The order of the columns is that of htmlRow.appendTo.
  const rows = data.rows.map(r => ({
    outcome: str(r[0]), severity: str(r[1]), zone: str(r[2]), control: str(r[3]), resource: str(r[4]), kind: str(r[5]), account: str(r[6]),
    region: str(r[7]), reason: str(r[8]), path: r[9], placements: r[10], places: r[11], downstream: r[12], beyond: r[13], waiver: r[14], edges: r[15],
  }));

  function make(name, attributes, ...kids) {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    e.append(...kids);
    return e;
  }

  // A name that may break after a colon or a slash.
  function code(name) {
    const c = make("code", {});
    for (const part of name.split(/(?<=[:/])/)) c.append(part, document.createElement("wbr"));
    return c;
  }

  const badge = outcome => make("span", { class: "badge " + outcome }, words[outcome] || outcome);

  // ---- the table ----
  const pageSize = 50;
  const fields = { text: byId("by-text"), outcome: byId("by-outcome"), severity: byId("by-severity"), zone: byId("by-zone"), control: byId("by-control"), account: byId("by-account") };
  const nothing = { zone: "unclassified", account: "not known" };
  let found = rows, shown = pageSize;

  function options(key) {
    const select = fields[key], counts = new Map();
    for (const r of rows) counts.set(r[key], (counts.get(r[key]) || 0) + 1);
    const keys = [...counts.keys()];
    if (key === "severity") keys.sort((a, b) => ranks.indexOf(a) - ranks.indexOf(b)); else keys.sort();
    select.append(make("option", { value: "" }, "all"));
    for (const k of keys) {
      const title = key === "control" && data.titles[k] ? " · " + data.titles[k] : "";
      select.append(make("option", { value: "=" + k }, (words[k] || k || nothing[key] || "none") + title + " (" + counts.get(k) + ")"));
    }
  }

  function matches(r, terms) {
    for (const key of ["outcome", "severity", "zone", "control", "account"]) {
      const v = fields[key].value;
      if (v && v.slice(1) !== r[key]) return false;
    }
    if (!terms.length) return true;
    r.haystack ??= [r.resource, r.reason, r.kind, r.account, r.region, r.zone, r.control, data.titles[r.control] || "", r.outcome, r.severity].join(" ").toLowerCase();
    return terms.every(t => r.haystack.includes(t));
  }

  function filter() {
    const terms = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter(r => matches(r, terms));
    shown = pageSize;
    render();
  }

  const columns = ["Outcome", "Severity", "Zone", "Control", "Resource", "Reason", "Detail"];

  function render() {
    const cells = r => {
      const open = make("button", { type: "button", class: "open", "aria-label": "Open " + r.resource }, "Open");
      open.addEventListener("click", () => openPanel(r.resource, [r], open));
      return [badge(r.outcome), r.severity, r.zone || nothing.zone, r.control, make("div", {}, code(r.resource), make("div", { class: "note" }, [r.kind, r.account, r.region].filter(Boolean).join(" · "))), r.reason, open];
    };
    const body = make("tbody", { role: "rowgroup" });
    for (const r of found.slice(0, shown)) {
      const row = make("tr", { role: "row" });
      cells(r).forEach((c, i) => row.append(make("td", { role: "cell", "data-label": columns[i] }, make("div", {}, c))));
      body.append(row);
    }
    const head = make("tr", { role: "row" }, ...columns.map(c => make("th", { role: "columnheader", scope: "col" }, c)));
    byId("table").replaceChildren(make("table", { role: "table", class: "cards" }, make("caption", {}, "Verdicts that match the filter"), make("thead", { role: "rowgroup" }, head), body));
    byId("found").textContent = found.length + " of " + rows.length + " listed verdicts match; " + Math.min(shown, found.length) + " shown.";
    byId("more").hidden = shown >= found.length;
  }

  // ---- the panel ----
  const panel = byId("detail");
  let opener = null;

  function openPanel(title, list, from) {
    opener = from;
    byId("detail-title").textContent = title;
    const body = byId("detail-body");
    body.replaceChildren();
    let next = 0;
    const more = make("button", { type: "button" }, "");
    const page = () => {
      for (const r of list.slice(next, next + 20)) body.insertBefore(article(r), more);
      next += 20;
      more.hidden = next >= list.length;
      more.textContent = "Show more (" + Math.max(0, list.length - next) + " left)";
    };
    body.append(more);
    more.addEventListener("click", page);
    page();
    if (data.left && from.dataset.edge) {
      body.prepend(make("p", { class: "warn" }, "⚠ This page is bounded: " + list.length + " of the verdicts on this edge are listed here. The command under Verdicts lists every one."));
    }
    panel.showModal();
    panel.scrollTop = 0;
    byId("detail-title").focus();
  }

  function article(r) {
    const a = make("article", {}, make("h3", {}, code(r.resource)), make("p", {}, badge(r.outcome), " " + r.severity + " · zone " + (r.zone || nothing.zone) + " · " + r.control + (data.titles[r.control] ? " · " + data.titles[r.control] : "")));
    a.append(make("p", {}, r.reason || "No reason is recorded."));
    a.append(make("p", { class: "note" }, [r.kind, r.account && "account " + r.account, r.region].filter(Boolean).join(" · ")));
    a.append(chain(r));
    if (r.waiver.length) {
      const [id, owner, approver, reason, expires] = r.waiver.map(str);
      a.append(make("p", {}, "waived: " + id + ", approved by " + approver + ", expires " + expires + ", owner " + owner + ": " + reason));
    }
    if (r.beyond) {
      const list = make("ul", {}, ...r.downstream.map(n => make("li", {}, code(str(n)))));
      if (r.beyond > r.downstream.length) list.append(make("li", {}, "and " + (r.beyond - r.downstream.length) + " more"));
      a.append(make("details", {}, make("summary", {}, r.beyond + " reached beyond the border"), list));
    }
    return a;
  }

  // The way of the data, hop by hop, and then the placements that decide the verdict.
  function chain(r) {
    const list = make("ol", { class: "chain", "aria-label": "Chain of the data and deciding placements" });
    const path = r.path.length ? r.path : [];
    path.forEach((n, i) => {
      const note = i === 0 ? "assigned to zone " + (r.zone || nothing.zone) : "";
      const hop = make("li", {}, code(str(n)), note ? make("div", { class: "note" }, note) : "");
      list.append(hop);
    });
    if (!path.length) list.append(make("li", {}, code(r.resource)));
    if (!r.placements.length) return list;
    const crosses = r.outcome === "fail" || r.outcome === "waived";
    if (crosses) list.lastChild.className = "border-next";
    const places = make("li", { class: crosses ? "outside" : "" });
    for (const p of r.placements) {
      const [role, region, account, target, via] = p.map(str);
      places.append(make("p", {}, role + " in " + (region || "a region that is not known") + (account === "*" ? ", open to the public" : account ? ", account " + account : "")));
      if (target) places.append(make("p", {}, code(target)));
      if (via) places.append(make("p", { class: "note" }, "by " + via));
    }
    if (r.places > r.placements.length) places.append(make("p", {}, "and " + (r.places - r.placements.length) + " more placements"));
    list.append(places);
    return list;
  }

  byId("detail-close").addEventListener("click", () => panel.close());
  panel.addEventListener("close", () => opener && opener.focus());
  panel.addEventListener("click", e => { if (e.target === panel) panel.close(); });

  // ---- the graph ----
  for (const edge of document.querySelectorAll("[data-edge]")) {
    const n = Number(edge.dataset.edge);
    const open = () => openPanel(data.edges[n], rows.filter(r => r.edges.includes(n)), edge);
    edge.addEventListener("click", open);
    for (const mark of edge.parentNode.querySelectorAll('[data-mark="' + n + '"]')) mark.addEventListener("click", open);
    edge.addEventListener("keydown", e => {
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(); }
    });
  }

  // On paper nothing can be opened.
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach(d => { d.open = true; d.dataset.closed = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("[data-closed]").forEach(d => { d.open = false; delete d.dataset.closed; }));

  document.documentElement.className = "script";
  for (const key of ["outcome", "severity", "zone", "control", "account"]) {
    options(key);
    fields[key].addEventListener("change", filter);
  }
  fields.text.addEventListener("input", filter);
  byId("more").addEventListener("click", () => { shown += pageSize; render(); });
  render();
})();
