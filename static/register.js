// The register counts what is chosen and opens the bulk act; it works without.
"use strict";

const bulk = document.getElementById("bulk");
if (bulk) {
  const boxes = [...document.querySelectorAll("input[name=case]")];
  const count = () => {
    const n = boxes.filter((box) => box.checked).length;
    bulk.querySelector("[data-chosen]").textContent = n ? `(${n})` : "";
    if (n) bulk.open = true;
  };
  for (const box of boxes) box.addEventListener("change", count);
  count();
}
