/* Feedback while somebody writes: asked for after a pause, underlined in place behind the text box, the better
   wording one key away. The text box itself is never touched but by whoever writes: a composition goes on undisturbed. */
(() => {
  "use strict";

  const PAUSE = 250; // milliseconds
  const LONGEST = 20001; // one more than can be read, so that the answer says so
  const all = (selector, root) => [...root.querySelectorAll(selector)];
  const states = new Map();

  function stateOf(area) {
    if (!states.has(area)) {
      states.set(area, {
        area,
        place: document.querySelector(`[data-review-of="${CSS.escape(area.id)}"]`),
        layer: area.parentElement.querySelector(".marks"),
        text: area.value, read: null, timer: 0, asked: null, composing: false, at: -1,
      });
    }
    return states.get(area);
  }

  const isNote = (area) => Boolean(area.form?.querySelector("[data-marks-note][value=note]")?.checked);

  /* What the text is read as: an 알림톡 takes less than a reply. */
  const kindOf = (area) => area.form?.querySelector("[data-review-as]:checked")?.dataset.reviewAs || area.dataset.reviewKind;

  /* ---- asking ---- */

  function later(state, pause = PAUSE) {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => ask(state), pause);
  }

  async function ask(state) {
    const { area, place } = state;
    clearTimeout(state.timer);
    if (state.composing || !place) return;
    const text = isNote(area) ? "" : area.value;
    if (text === state.read) return;
    state.asked?.abort();
    if (!text.trim()) { state.asked = null; state.read = text; show(state, ""); return; }
    const asked = state.asked = new AbortController();
    try {
      const answer = await fetch(area.dataset.review, {
        method: "POST",
        headers: { "X-CSRFToken": document.body.dataset.csrf },
        body: new URLSearchParams({ text: text.slice(0, LONGEST), kind: kindOf(area) }),
        signal: asked.signal,
      });
      if (!answer.ok) return;
      const html = await answer.text();
      if (state.asked !== asked || state.composing || (isNote(area) ? "" : area.value) !== text) return;
      state.read = text;
      if (objecting(place)) { state.waiting = html; return; }
      show(state, html);
    } catch (error) {
      if (error.name !== "AbortError") state.read = null; // away from the net: the next pause asks again
    }
  }

  const objecting = (place) => document.activeElement?.matches?.("[data-objection]") && place.contains(document.activeElement);

  /* ---- showing ---- */

  function show(state, html) {
    const { place } = state;
    state.waiting = null;
    const into = place.querySelector("[data-review-body]"), sum = place.querySelector("[data-review-sum]");
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const said = fresh.querySelector("[data-sum]");
    said?.remove();
    if (sum.innerHTML !== (said?.innerHTML ?? "")) sum.replaceChildren(...(said?.childNodes ?? []));
    if (!html && state.area.dataset.reviewKind === "letter") { absent(into); } else {
      const open = new Set(all("details[data-keeps][open]", into).map((el) => el.dataset.keeps));
      const top = into.scrollTop;
      into.replaceChildren(...fresh.childNodes);
      for (const el of all("details[data-keeps]", into)) el.open = open.has(el.dataset.keeps);
      into.scrollTop = top;
    }
    state.text = state.area.value;
    state.at = -1;
    paint(state);
  }

  /* An empty sheet has its list of parts, none of them written. */
  function absent(into) {
    for (const el of [...into.children]) if (!el.matches(".letter-parts")) el.remove();
    for (const li of all(".letter-parts .found", into)) {
      li.className = "absent";
      const hole = document.createElement("span");
      hole.className = "hole";
      li.querySelector("svg")?.replaceWith(hole);
    }
  }

  const findings = (state) => all("[data-finding]", state.place)
    .filter((el) => el.dataset.start !== undefined)
    .sort((a, b) => a.dataset.start - b.dataset.start || a.dataset.end - b.dataset.end);

  /* The text again, unseen, with the words that are meant underlined. It lies behind the box and follows it. */
  function paint(state) {
    const { area, layer } = state;
    if (!layer) return;
    const sheet = layer.firstElementChild;
    const text = area.value;
    const spans = findings(state).map((el) => ({
      start: Number(el.dataset.start), end: Number(el.dataset.end), current: el.classList.contains("current"),
      weight: ["good", "advice", "error"].indexOf(el.dataset.severity), severity: el.dataset.severity,
    })).filter(({ start, end }) => start < end && end <= text.length);
    // Where findings lie over each other, the gravest is shown.
    const edges = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
    const pieces = [];
    let done = 0;
    for (let n = 0; n + 1 < edges.length; n += 1) {
      const [from, to] = [edges[n], edges[n + 1]];
      const over = spans.filter(({ start, end }) => start <= from && to <= end).sort((a, b) => b.weight - a.weight);
      if (!over.length) continue;
      const mark = document.createElement("mark");
      mark.className = over[0].severity + (over.some(({ current }) => current) ? " current" : "");
      mark.textContent = text.slice(from, to);
      pieces.push(text.slice(done, from), mark);
      done = to;
    }
    if (!pieces.length) { sheet.replaceChildren(); return; }
    sheet.replaceChildren(...pieces, `${text.slice(done)}\u200b`);
    follow(state);
  }

  function follow({ area, layer }) {
    if (!layer?.firstElementChild.firstChild) return;
    const look = getComputedStyle(area);
    const sheet = layer.firstElementChild;
    sheet.style.width = `${area.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight)}px`;
    sheet.style.transform = `translate(${look.paddingLeft}, ${parseFloat(look.paddingTop) - area.scrollTop}px)`;
  }

  /* Until the next answer the places move along with what is typed; what is typed over loses its mark. */
  function move(state) {
    const { area, place } = state;
    const before = state.text, after = area.value;
    if (before === after || !place) return;
    let head = 0;
    const most = Math.min(before.length, after.length);
    while (head < most && before[head] === after[head]) head += 1;
    let tail = 0;
    while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
    const till = before.length - tail, by = after.length - before.length;
    for (const el of all("[data-start]", place)) {
      const start = Number(el.dataset.start), end = Number(el.dataset.end);
      if (end <= head) continue;
      if (start >= till) { el.dataset.start = start + by; el.dataset.end = end + by; continue; }
      delete el.dataset.start;
      delete el.dataset.end;
      el.classList.add("over");
      if (el.matches("button")) el.disabled = true;
    }
    state.text = after;
    paint(state);
  }

  /* ---- going along, and taking over ---- */

  function select(state, el) {
    const { start, end } = el.dataset;
    if (start === undefined) return;
    state.area.focus();
    state.area.setSelectionRange(Number(start), Number(end));
    all(".current", state.place).forEach((old) => old.classList.remove("current"));
    const note = el.closest("[data-finding]");
    if (note) {
      note.classList.add("current");
      note.closest("details.more")?.setAttribute("open", "");
      note.scrollIntoView({ block: "nearest" });
    }
    paint(state);
  }

  function along(state, step) {
    const list = findings(state).filter((el) => el.dataset.severity !== "good");
    if (!list.length) return;
    const at = list.findIndex((el) => el.classList.contains("current"));
    const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : (at + step + list.length) % list.length;
    select(state, list[next]);
  }

  /* The change of the finding one is at; else of the one under the caret; else of the first. */
  function atHand(state) {
    const caret = state.area.selectionStart;
    const list = findings(state).filter((el) => el.querySelector("[data-takes][data-start]"));
    return list.find((el) => el.classList.contains("current")) ||
      list.find((el) => el.dataset.start <= caret && caret <= el.dataset.end) || list[0];
  }

  function take(state, button) {
    const { area } = state;
    if (button?.dataset.start === undefined || area.readOnly) return;
    const start = Number(button.dataset.start), end = Number(button.dataset.end), words = button.dataset.takes;
    const gap = words.search(/[○△]|\[(?:time|amount)\]/);
    area.focus();
    area.setSelectionRange(start, end);
    // Typed, as it were, so that it can be undone.
    if (!document.execCommand("insertText", false, words)) {
      area.setRangeText(words, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (gap >= 0) {
      const length = words.slice(gap).match(/^(?:[○△]+|\[\w+\])/)[0].length;
      area.setSelectionRange(start + gap, start + gap + length); // what only the writer knows
    }
    later(state, 0);
  }

  /* ---- disagreeing ---- */

  async function disagree(button) {
    const source = button.closest("[data-excerpt]"), place = button.closest("[data-disagree]");
    const note = source.querySelector("[data-objection]");
    button.disabled = true;
    try {
      const answer = await fetch(place.dataset.disagree, {
        method: "POST",
        headers: { "X-CSRFToken": document.body.dataset.csrf },
        body: new URLSearchParams({
          rule: source.closest("[data-finding]").dataset.finding, excerpt: source.dataset.excerpt, note: note.value,
        }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = document.createElement("span");
      said.setAttribute("role", "status");
      said.textContent = button.dataset.done;
      button.closest(".objects").replaceChildren(said);
    } catch { button.disabled = false; }
  }

  /* ---- wiring ---- */

  const reviewed = (el) => el?.matches?.("textarea[data-review]") ? stateOf(el) : null;
  const stateAround = (el) => {
    const place = el.closest?.("[data-review-of]");
    return place ? stateOf(document.getElementById(place.dataset.reviewOf)) : null;
  };

  document.addEventListener("input", (event) => {
    const state = reviewed(event.target);
    if (!state) return;
    move(state);
    if (!event.target.value.trim()) ask(state);
    else if (!state.composing && !event.isComposing) later(state);
  });
  document.addEventListener("compositionstart", (event) => {
    const state = reviewed(event.target);
    if (state) { state.composing = true; clearTimeout(state.timer); state.asked?.abort(); }
  });
  document.addEventListener("compositionend", (event) => {
    const state = reviewed(event.target);
    if (state) { state.composing = false; move(state); later(state); }
  });
  document.addEventListener("focusout", (event) => {
    const state = reviewed(event.target);
    if (state) { state.composing = false; ask(state); }
    const around = event.target.matches?.("[data-objection]") ? stateAround(event.target) : null;
    if (around) setTimeout(() => { if (around.waiting && !objecting(around.place)) show(around, around.waiting); }, 200);
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.marksNote === undefined) return;
    for (const area of all("textarea[data-review]", event.target.form)) {
      stateOf(area).read = null; // the same words, read as something else
      ask(stateOf(area));
    }
  });
  document.addEventListener("scroll", (event) => {
    const state = reviewed(event.target);
    if (state) follow(state);
  }, true);
  document.addEventListener("click", (event) => {
    const el = event.target.closest?.("[data-takes], [data-shows], [data-disagrees]");
    const state = el && stateAround(el);
    if (!state) return;
    if (el.dataset.disagrees !== undefined) disagree(el);
    else if (el.dataset.takes !== undefined) take(state, el);
    else select(state, el.dataset.start === undefined ? el.closest("[data-finding]") || el : el);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && event.target.matches?.("[data-objection]")) {
      event.preventDefault();
      disagree(event.target.parentElement.querySelector("[data-disagrees]"));
      return;
    }
    const state = reviewed(event.target);
    if (!state || !event.altKey || event.ctrlKey || event.metaKey || !/^(ArrowDown|ArrowUp|Enter)$/.test(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") take(state, atHand(state)?.querySelector("[data-takes][data-start]"));
    else along(state, event.key === "ArrowDown" ? 1 : -1);
  });

  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => follow(stateOf(target))));
  for (const area of all("textarea[data-review]", document)) {
    sizes.observe(area);
    if (area.value.trim()) ask(stateOf(area));
  }
})();
