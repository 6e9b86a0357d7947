"use strict";
const time = ms => ms < 1000 ? ms.toFixed(ms < 100 ? 1 : 0) + " ms" : (ms / 1000).toFixed(2) + " s";
// One clock for all rows of a section: at a time a row shows the passes it had made by then.
for (const section of document.querySelectorAll("[data-clock]")) {
  const clock = Number(section.dataset.clock), rows = [...section.querySelectorAll("[data-ms]")];
  const bar = document.createElement("div");
  bar.className = "replay";
  bar.innerHTML = '<button type="button">Play</button><input type="range" min="0" max="1000" value="1000" aria-label="Time of the replay"><output></output>';
  const [button, range, output] = bar.children;
  section.querySelector(".cards").before(bar);
  const shown = rows.map(row => ({
    ms: Number(row.dataset.ms), passes: Number(row.dataset.passes), row,
    spans: [...row.querySelectorAll("span[data-p]")].map(span => ({
      span, pass: Number(span.dataset.p), text: span.textContent, shade: span.className,
      history: span.dataset.h ? JSON.parse(span.dataset.h) : null,
    })),
    final: row.querySelector("img.final"), way: [...row.querySelectorAll("img[data-p]")],
  }));
  for (const s of shown) if (s.final) s.finished = s.final.src;
  const show = ms => {
    for (const s of shown) {
      const done = ms >= s.ms, pass = done ? Infinity : Math.floor(s.passes * ms / s.ms);
      for (const e of s.spans) {
        let known = e.pass <= pass, text = e.text;
        if (!known && e.history) {
          const last = e.history.filter(h => h[0] <= pass).pop();
          if (last && last[1]) { known = true; text = last[1]; }
        }
        e.span.className = known ? e.shade : "unknown";
        if (e.span.textContent !== text) e.span.textContent = text;
      }
      if (s.final) {
        const view = done ? null : s.way.filter(v => Number(v.dataset.p) <= pass).pop();
        s.final.src = view ? view.src : s.finished;
        s.final.classList.toggle("unknown", !done && !view);
      }
      s.row.classList.toggle("running", !done);
    }
    const value = time(ms);
    range.value = 1000 * ms / clock;
    range.setAttribute("aria-valuetext", value);
    output.textContent = value + " of " + time(clock) + (slow > 1.5 ? ", played " + slow.toFixed(0) + " times slower" : "");
  };
  const lasts = Math.max(clock, 8000), slow = lasts / clock;
  let began = 0;
  const stop = () => { began = 0; button.textContent = "Play"; };
  const frame = now => {
    if (!began) return;
    const ms = Math.min((now - began) / slow, clock);
    show(ms);
    if (ms < clock) requestAnimationFrame(frame); else stop();
  };
  button.addEventListener("click", () => {
    if (began) return stop();
    const from = Number(range.value) >= 1000 ? 0 : Number(range.value) * clock / 1000;
    began = performance.now() - from * slow;
    button.textContent = "Pause";
    requestAnimationFrame(frame);
  });
  range.addEventListener("input", () => { stop(); show(Number(range.value) * clock / 1000); });
  show(clock);
}
// Only one sound at a time.
document.addEventListener("play", e => {
  for (const a of document.querySelectorAll("audio")) if (a !== e.target) a.pause();
}, true);
for (const command of document.querySelectorAll(".command")) {
  const button = document.createElement("button"), code = command.querySelector("code");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch { // pages from files may not: select it for Ctrl-C
      getSelection().selectAllChildren(code);
      button.textContent = "Press Ctrl-C";
    }
    setTimeout(() => button.textContent = "Copy", 2000);
  });
  command.append(button);
}
