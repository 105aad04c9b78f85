// Open pages hear what has changed: the parts marked data-live come anew, unless somebody is typing; and the page says when it has lost touch.
"use strict";

const state = document.querySelector("[data-live-state]");
const words = state ? state.dataset : {};
let heard = Date.now(), waiting = null;

const say = (text, lost) => {
  if (!state) return;
  state.textContent = text;
  state.classList.toggle("lost", Boolean(lost));
};

const typing = () => {
  const here = document.activeElement;
  return Boolean(here && here.closest("form") && ["INPUT", "TEXTAREA", "SELECT"].includes(here.tagName));
};

const renew = async () => {
  waiting = null;
  if (typing()) { say(words.waiting, false); return; }
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = new Set([...document.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (other && other.innerHTML !== part.innerHTML) {
        part.innerHTML = other.innerHTML;
        for (const name of Object.keys(other.dataset)) part.dataset[name] = other.dataset[name];
        part.classList.remove("fresh");
        void part.offsetWidth;
        part.classList.add("fresh");
      }
    }
    for (const summary of document.querySelectorAll("details > summary")) if (open.has(summary.textContent)) summary.parentElement.open = true;
    say(words.fresh, false);
  } catch { /* the next event tries again */ }
};

const soon = () => { if (!waiting) waiting = setTimeout(renew, 400); };

if (document.querySelector("[data-live]") && "EventSource" in window) {
  const source = new EventSource("/live");
  const here = () => document.querySelector("[data-case]")?.dataset.case;
  const touch = () => { heard = Date.now(); if (state && state.classList.contains("lost")) { say(words.fresh, false); soon(); } };
  source.addEventListener("open", touch);
  source.addEventListener("beat", touch);
  source.addEventListener("case", (event) => {
    touch();
    const told = JSON.parse(event.data), mine = here();
    if (!mine || mine === told.case) soon();
  });
  source.addEventListener("lost", () => { heard = Date.now(); say(words.lost, true); });
  source.addEventListener("over", () => { source.close(); say(words.over, true); });
  source.addEventListener("error", () => say(words.lost, true));
  setInterval(() => { if (Date.now() - heard > 25000 && source.readyState !== 2) say(words.lost, true); }, 5000);
}
