// Help for who files without an account: progress while files go up, sizes said before, a print button. The forms work without it.
"use strict";

const en = document.documentElement.lang === "en";

// What came with the page, and again with an answer that takes its place ("replaced").
const dress = () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // Too many or too large files are said when they are chosen, not after they went up.
  for (const input of document.querySelectorAll("input[type=file][data-most]")) {
    input.addEventListener("change", () => {
      const large = [...input.files].filter((file) => file.size > Number(input.dataset.mb) * 1024 * 1024);
      let words = "";
      if (input.files.length > Number(input.dataset.most)) words = en ? `at most ${input.dataset.most} files` : `最多 ${input.dataset.most} 个附件`;
      else if (large.length) words = en ? `larger than ${input.dataset.mb} MB: ${large[0].name}` : `超过 ${input.dataset.mb} MB:${large[0].name}`;
      input.setCustomValidity(words);
      input.reportValidity();
    });
  }

  // The form goes up with its progress; the answer takes the place of the page. Should that fail, the form is sent as it would be without a script.
  for (const form of document.querySelectorAll("form[data-progress]")) {
    form.addEventListener("submit", (event) => {
      const files = form.querySelector("input[type=file]");
      const button = event.submitter;
      if (form.dataset.plain || !files || !files.files.length || (button && button.hasAttribute("formenctype"))) return;
      event.preventDefault();
      if (form.dataset.on) return;
      form.dataset.on = "1";
      const box = form.querySelector(".progress");
      const bar = box.querySelector("progress");
      const said = box.querySelector("[role=status]");
      box.hidden = false;
      const sent = new XMLHttpRequest();
      sent.open("POST", form.action);
      sent.setRequestHeader("Accept", "text/html");
      sent.upload.addEventListener("progress", (step) => {
        if (!step.lengthComputable) return;
        bar.value = Math.round((step.loaded / step.total) * 100);
        said.textContent = bar.value < 100 ? `${bar.value}%` : (en ? "being registered…" : "正在登记…");
      });
      sent.addEventListener("load", () => {
        const fresh = new DOMParser().parseFromString(sent.responseText, "text/html").querySelector("main");
        if (!fresh) { form.dataset.plain = "1"; form.requestSubmit(button || undefined); return; }
        if (sent.responseURL && sent.responseURL !== form.action) { location.assign(sent.responseURL); return; }
        document.querySelector("main").replaceWith(fresh);
        window.scrollTo(0, 0);
        fresh.focus();
        document.dispatchEvent(new Event("replaced"));
      });
      sent.addEventListener("error", () => {
        box.hidden = true;
        delete form.dataset.on;
        said.textContent = "";
        window.alert(en ? "The connection broke. Send again: it will be one complaint." : "网络中断。请再次提交,不会重复。");
      });
      const body = new FormData(form);
      if (button && button.name) body.append(button.name, button.value);
      sent.send(body);
    });
  }
};
document.addEventListener("replaced", dress);
dress();
