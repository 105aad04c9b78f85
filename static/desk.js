// Help for fast entry: the instant of the first key, Ctrl+Enter, repeats while typing. The form works without it.
"use strict";

// Access keys by Alt alone, whatever combination this browser wants for them.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.key.length !== 1) return;
  const meant = document.querySelector(`[accesskey="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!meant) return;
  event.preventDefault();
  meant.click();
});

const desk = () => {
  const entry = document.getElementById("entry");
  if (!entry) return;
  const began = entry.querySelector("[name=began_at]");
  const received = entry.querySelector("[name=received_at]");
  const fresh = !entry.querySelector("[name=draft]").value && !document.getElementById("problem") && !document.getElementById("text").value;
  const opened = received.value;

  // Beijing time, whatever zone this machine is set to.
  const beijing = () => new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 19);
  if (fresh) {
    entry.addEventListener("keydown", () => {
      const shown = Date.parse(`${opened}:00+08:00`);
      if (Math.abs(Date.now() - shown) > 12 * 3600 * 1000) return; // a demonstration's clock, or a machine's that is wrong: the server's stands
      began.value = `${beijing()}+08:00`;
      if (received.value === opened) received.value = beijing().slice(0, 16);
    }, { once: true });
  }

  const box = document.getElementById("alike");
  const asks = /^(i\.(name|telephone|id_number)|r\d\.(unit|name)|fact\.(ground|category|problem|aspect)|text)$/;
  let timer = 0;
  let asked = "";
  const look = async () => {
    const form = new URLSearchParams();
    for (const [name, value] of new FormData(entry)) if (typeof value === "string") form.append(name, value);
    const now = [...form].filter(([name]) => asks.test(name)).map((pair) => pair.join("=")).join("&");
    if (now === asked) return;
    asked = now;
    try {
      const answer = await fetch(entry.dataset.alike, { method: "POST", body: form, headers: { accept: "text/html" } });
      if (answer.ok && !answer.redirected && now === asked) box.innerHTML = await answer.text();
    } catch { asked = ""; }
  };
  const soon = (event) => {
    if (!asks.test(event.target.name || "")) return;
    clearTimeout(timer);
    timer = setTimeout(look, event.type === "change" ? 50 : 400);
  };
  entry.addEventListener("input", soon);
  entry.addEventListener("change", soon);
};
document.addEventListener("replaced", desk);
desk();

document.addEventListener("keydown", (event) => {
  const entry = document.getElementById("entry");
  if (entry && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    entry.requestSubmit(entry.querySelector("button[value=file]"));
  }
});
