// Small help for pages that work without it: one submission a form, an answer that comes later, words kept while a page is open.
"use strict";

document.documentElement.classList.add("script");

// A form is sent once; the button says that it is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") {
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button[data-busy]")) button.textContent = button.dataset.busy;
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
  }
});

// An act that was taken but not yet decided: ask until it is.
for (const box of document.querySelectorAll("[data-pending]")) {
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.pending, { headers: { accept: "application/json" } });
      const told = await answer.json();
      if (told.state === "done") { location.replace(box.dataset.then); return; }
      if (told.state === "refused") {
        box.classList.add("bad");
        box.textContent = document.documentElement.lang === "en" ? `${told.title_en}. ${told.remedy_en}` : `${told.title}。${told.remedy}`;
        return;
      }
    } catch { /* no touch for a moment: ask again */ }
    setTimeout(ask, 1500);
  };
  setTimeout(ask, 800);
}

// Nobody leaves a half-written form by a slip.
let touched = false;
document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) touched = true; });
document.addEventListener("submit", () => { touched = false; });
window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });

// What is folded away for a telephone stands open where there is room.
if (window.matchMedia("(min-width: 48rem)").matches) for (const one of document.querySelectorAll("details[data-wide]")) one.open = true;
