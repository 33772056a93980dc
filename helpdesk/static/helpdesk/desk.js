/* What a desk page does beyond HTML and htmx: time that ticks at the clock's speed, keys, drafts,
   the sign of typing, templates, the letter's live sheet. Everything works from data attributes;
   without this file the pages still read and send. */
(() => {
  "use strict";

  const body = document.body;
  const lang = document.documentElement.lang || "en";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const writing = (el) => el && (el.isContentEditable || /^(TEXTAREA|SELECT)$/.test(el.tagName) ||
    (el.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(el.type)));

  /* ---- the clock: one reading from the server, carried on at its speed ---- */

  let reading = null; // {at, speed, running, since, zone}

  function readClock() {
    const el = document.querySelector("[data-clock-at]");
    if (!el) { reading = null; return; }
    const d = el.dataset;
    if (reading && reading.el === el && reading.raw === d.clockAt + d.speed + d.running) return;
    reading = {
      el, raw: d.clockAt + d.speed + d.running, at: Number(d.clockAt), speed: Number(d.speed),
      running: d.running === "true", zone: d.zone || "UTC", since: performance.now(), held: 0,
    };
  }

  let typedAt = -Infinity;
  let lastTick = performance.now();

  function now() {
    if (!reading) return Date.now() / 1000;
    if (!reading.running) return reading.at;
    return reading.at + reading.speed * Math.max(0, performance.now() - reading.since - reading.held) / 1000;
  }

  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const formats = {};
  function span(seconds) {
    let rest = Math.max(0, Math.round(seconds));
    const first = Math.max(0, units.findIndex(([, size]) => rest >= size));
    const parts = [];
    for (const [unit, size] of (rest ? units.slice(first, first + 2) : units.slice(3))) {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count || !parts.length) {
        formats[unit] ??= new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "short" });
        parts.push(formats[unit].format(count));
      }
    }
    return parts.join(" ");
  }

  function write(el, text) {
    if (el.textContent !== text) el.textContent = text;
  }

  const faces = {};
  function face(zone) {
    faces[zone] ??= new Intl.DateTimeFormat(lang, {
      timeZone: zone, month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    return faces[zone];
  }

  function tick() {
    const t = performance.now();
    if (reading && t - typedAt < 4000 && reading.el.dataset.holds === "true") reading.held += t - lastTick;
    lastTick = t;
    const at = now();
    if (reading) write(reading.el, face(reading.zone).format(new Date(at * 1000)));
    for (const el of all("[data-due]")) {
      const left = Number(el.dataset.due) - at;
      const pattern = left < 0 ? body.dataset.over : body.dataset.left;
      write(el, pattern.replace("{time}", span(Math.abs(left))));
      const holder = el.closest("[data-deadline]") || el;
      holder.classList.toggle("overdue", left < 0);
    }
    for (const el of all("[data-bar-to]")) {
      const from = Number(el.dataset.barFrom), to = Number(el.dataset.barTo);
      const share = at >= to ? 100 : Math.min(100, Math.max(0, 100 * (to - at) / Math.max(1, to - from)));
      el.setAttribute("width", share.toFixed(1));
    }
  }

  /* The reader's own time, on hover or focus. */
  function ownTime(event) {
    const el = event.target.closest?.("time[datetime]");
    if (!el || el.title) return;
    const moment = new Date(el.dateTime);
    if (!Number.isNaN(moment.getTime())) {
      el.title = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "long" }).format(moment);
    }
  }

  /* ---- keys ---- */

  function act(el) {
    if (el.tagName === "SUMMARY") {
      const box = el.parentElement;
      box.open = true;
      el.scrollIntoView({ block: "nearest" });
      const field = box.querySelector("input:not([type=hidden]), textarea, select, button");
      (field || el).focus();
    } else if (/^(radio|checkbox)$/.test(el.type)) {
      el.click();
      (document.getElementById(el.dataset.then) || el).focus();
    } else if (writing(el)) {
      el.focus();
    } else {
      el.click();
    }
  }

  /* An open step of the playbook leads to the box in which it is done; on a phone its pane comes to the front. */
  function toBox(link) {
    const box = document.getElementById(link.hash.slice(1));
    const pane = box?.closest(".desk > section");
    if (!box) return false;
    if (pane && !pane.offsetParent) location.hash = pane.id;
    const reply = box.form?.querySelector("[name=kind][value=reply]");
    if (reply?.form.querySelector("[name=kind][value=note]:checked")) reply.click();
    act(box.tagName === "DETAILS" ? box.querySelector("summary") : box);
    return true;
  }

  function alongQueue(step) {
    const links = all("#queue .queue a");
    if (!links.length) return;
    const at = links.findIndex((a) => a === document.activeElement);
    const current = at >= 0 ? at : links.findIndex((a) => a.hasAttribute("aria-current"));
    links[Math.min(links.length - 1, Math.max(0, current + step))].focus();
  }

  function onKey(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && writing(event.target) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && writing(event.target)) { event.target.blur(); return; }
    if (writing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); openKeys(); return; }
    if (event.key === "j" || event.key === "k") { event.preventDefault(); alongQueue(event.key === "j" ? 1 : -1); return; }
    const el = all(`[data-key="${CSS.escape(event.key)}"]`).find((e) => !e.disabled);
    if (el) { event.preventDefault(); act(el); }
  }

  function openKeys() {
    const dialog = document.getElementById("keys");
    const list = dialog.querySelector("[data-keys-list]");
    all(".from-page", list).forEach((el) => el.remove());
    for (const el of all("[data-key-says]")) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.className = dd.className = "from-page";
      for (const key of (el.dataset.keys || el.dataset.key).split(" ")) {
        const kbd = document.createElement("kbd");
        kbd.textContent = key;
        dt.append(kbd, " ");
      }
      dd.textContent = el.dataset.keySays;
      list.append(dt, dd);
    }
    dialog.showModal();
  }

  /* ---- drafts: nothing typed is lost ---- */

  const draftKey = (el) => `draft:${body.dataset.user}:${el.dataset.draft}`;
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* private mode */ } },
  };

  const isText = (el) => el.tagName === "TEXTAREA" || (el.tagName === "INPUT" && el.type === "text");
  const isBox = (el) => /^(checkbox|radio)$/.test(el.type);
  const fieldsOf = (form) => [...form.elements].filter(
    (el) => el.name && el.tagName !== "BUTTON" && !/^(csrfmiddlewaretoken|seconds)$/.test(el.name));

  /* A draft is the whole form: a text without its promised time would be another message. */
  function keepDraft(form) {
    const area = form?.querySelector("[data-draft]");
    if (!area) return;
    const fields = fieldsOf(form);
    const typed = fields.some((el) => isText(el) && el.value !== el.defaultValue);
    const held = fields.filter((el) => !isBox(el) || el.checked).map((el) => [el.name, el.value]);
    store.set(draftKey(area), typed ? JSON.stringify(held) : "");
    const says = form.querySelector("[data-says-kept]");
    if (says) write(says, typed ? body.dataset.kept : "");
  }

  function read(kept) {
    try { return kept ? JSON.parse(kept) : null; } catch { return null; }
  }

  function giveDraftsBack() {
    for (const message of all("[data-sent]")) store.set(`draft:${body.dataset.user}:${message.dataset.sent}`, "");
    for (const area of all("[data-draft]")) {
      const held = read(store.get(draftKey(area)));
      const fields = area.form ? fieldsOf(area.form) : [];
      const cameBack = fields.some((el) => isText(el) && el.defaultValue && el.dataset.proposed === undefined);
      if (!Array.isArray(held) || cameBack || area.readOnly) continue; // a refused form has brought all of it already
      for (const el of fields) {
        if (isBox(el)) el.checked = held.some(([name, value]) => name === el.name && value === el.value);
        else el.value = held.find(([name]) => name === el.name)?.[1] ?? el.value;
      }
      markNote(area.form);
      if (area.dataset.mirror) mirror(area);
    }
  }

  function markNote(form) {
    const note = form.querySelector("[data-marks-note][value=note]");
    if (note) form.classList.toggle("as-note", note.checked);
  }

  /* ---- the sign of typing: the clock waits for a slow writer ---- */

  let toldAt = -Infinity;

  function typing(el) {
    const t = performance.now();
    typedAt = t;
    const url = el.closest("[data-typing]")?.dataset.typing;
    if (!url || t - toldAt < 2000) return;
    toldAt = t;
    fetch(url, { method: "POST", headers: { "X-CSRFToken": body.dataset.csrf }, keepalive: true }).catch(() => {});
  }

  /* ---- working time: how long this page was in front of somebody ---- */

  let front = document.hidden ? null : performance.now();
  let workedBefore = 0;
  const worked = () => (workedBefore + (front === null ? 0 : performance.now() - front)) / 1000;
  document.addEventListener("visibilitychange", () => {
    workedBefore = worked() * 1000;
    front = document.hidden ? null : performance.now();
  });

  /* ---- templates: the desk's words, and by when they promise something ---- */

  async function insertWords(select) {
    const form = select.form;
    const kind = select.value;
    if (!kind) return;
    const within = form.querySelector("[name=within]")?.value || "";
    const url = `${select.dataset.words}?${new URLSearchParams({ kind, within })}`;
    select.disabled = true;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { text, promise_at: promiseAt } = await answer.json();
      const area = form.querySelector("textarea");
      const before = area.value.trim() ? `${area.value.trimEnd()}\n\n` : "";
      area.value = before + text;
      form.querySelector("input[name=promise_at]").value = promiseAt;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
      const blank = text.match(/〔[^〔〕]*〕/); // what only the writer knows
      if (blank) area.setSelectionRange(before.length + blank.index, before.length + blank.index + blank[0].length);
    } finally {
      select.disabled = false;
      select.value = "";
    }
  }

  /* ---- the letter's sheet follows the writing ---- */

  function mirror(el) {
    const sheet = document.getElementById(el.dataset.mirror);
    if (sheet) write(sheet, el.value);
  }

  /* ---- what arrives: no order jumps under the pointer, no reader is pulled away ---- */

  const talk = () => document.querySelector(".talk");
  const atEnd = (el) => el.scrollHeight - el.scrollTop - el.clientHeight < 80;
  const toEnd = (el) => { el.scrollTop = el.scrollHeight; };

  function keepOrder(queue, html) {
    const next = new DOMParser().parseFromString(html, "text/html");
    const fresh = new Map(all("li[id]", next).map((li) => [li.id, li]));
    for (const li of all("li[id]", queue)) {
      const newer = fresh.get(li.id);
      fresh.delete(li.id);
      li.classList.remove("gone");
      if (!newer) { li.classList.add("gone"); continue; }
      if (li.contains(document.activeElement)) { li.className = newer.className; continue; }
      if (li.outerHTML !== newer.outerHTML) li.replaceWith(newer);
    }
    for (const li of fresh.values()) queue.append(li);
  }

  function beforeSwap(event) {
    const target = event.detail.target;
    if (!target?.matches?.(".queue") || event.detail.xhr.status !== 200) return;
    if (target.matches(":hover") || target.contains(document.activeElement)) {
      event.detail.shouldSwap = false;
      keepOrder(target, event.detail.xhr.responseText);
    }
  }

  /* Every polling answer brings the clock's reading. */
  function takeReading(event) {
    const told = event.detail.xhr?.getResponseHeader("X-Clock");
    const el = document.querySelector("[data-clock-at]");
    if (!told || !el) return;
    [el.dataset.clockAt, el.dataset.speed, el.dataset.running] = told.split(",");
    reading = null;
    readClock();
  }

  let followed = true;

  function settle() {
    readClock();
    tick();
    const el = talk();
    if (!el) return;
    if (followed) toEnd(el);
    const button = document.querySelector(".to-newest");
    if (button) button.hidden = followed || atEnd(el);
  }

  /* ---- wiring ---- */

  document.addEventListener("keydown", onKey);
  document.addEventListener("mouseover", ownTime);
  document.addEventListener("focusin", ownTime);

  document.addEventListener("input", (event) => {
    const el = event.target;
    keepDraft(el.form);
    if (el.dataset.mirror) mirror(el);
    if (el.closest("[data-typing]")) typing(el);
  });
  document.addEventListener("change", (event) => {
    const el = event.target;
    if (el.dataset.words) insertWords(el);
    if (el.dataset.submits !== undefined) el.form.requestSubmit();
    if (el.dataset.marksNote !== undefined) markNote(el.form);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener?.dataset.opens === "keys") openKeys();
    if (event.target.closest?.(".to-newest")) { toEnd(talk()); event.target.closest(".to-newest").hidden = true; }
    if (event.target.closest?.("[data-prints]")) window.print();
    const box = event.target.closest?.("[data-to-box]");
    if (box && toBox(box)) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.classList.contains("busy")) { event.preventDefault(); return; }
    for (const field of all("[name=next]", form)) if (location.hash) field.value += location.hash; // the pane on a phone
    for (const field of all("[data-work]", form)) field.value = Math.max(5, Math.min(3600, Math.round(worked())));
    if (event.submitter?.formTarget === "_blank") return; // a file beside the page: this form stays as it is
    form.classList.add("busy");
    form.setAttribute("aria-busy", "true");
    setTimeout(() => form.classList.remove("busy"), 8000);
  });
  window.addEventListener("pageshow", () => all("form.busy").forEach((form) => form.classList.remove("busy")));

  document.addEventListener("htmx:beforeRequest", () => { const el = talk(); followed = !el || atEnd(el); });
  document.addEventListener("htmx:afterRequest", takeReading);
  document.addEventListener("htmx:beforeSwap", beforeSwap);
  document.addEventListener("htmx:afterSettle", settle);
  document.addEventListener("htmx:oobAfterSwap", readClock);
  document.addEventListener("scroll", (event) => {
    if (event.target === talk() && atEnd(talk())) document.querySelector(".to-newest")?.setAttribute("hidden", "");
  }, true);

  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  giveDraftsBack();
  settle();
  const refused = document.querySelector("[aria-invalid=true]") || document.querySelector(".desk .refused");
  if (refused) {
    const pane = refused.closest(".desk > section");
    if (pane && !pane.offsetParent) location.hash = pane.id; // on a phone the form comes back in a pane behind
    refused.closest("details")?.setAttribute("open", "");
    refused.focus();
    refused.scrollIntoView({ block: "nearest" });
  }
  setInterval(tick, 500);
  setTimeout(() => all(".on-desk .messages li:is(.success, .info)").forEach((li) => li.remove()), 8000);
})();
