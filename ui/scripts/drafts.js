/* Drafts: a form with data-draft="NAME" is kept in this browser while it is typed, offered again when it was left, and
 * forgotten once it was sent, after a day, or at log-out. Secrets and files are never kept. */
import { word } from "./words.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const SENT = "draft-sent";

function keyOf(form) {
  return `draft:${document.body.dataset.person ?? ""}:${window.location.pathname}:${form.dataset.draft}`;
}

function inputs(form) {
  return [...form.elements].filter((e) => e.name && !/^(hidden|password|file|submit|button|reset)$/.test(e.type));
}

function save(form) {
  const values = inputs(form).map((e) => [e.name, e.value, /^(checkbox|radio)$/.test(e.type) ? e.checked : null]);
  localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values }));
}

function fill(form, values) {
  for (const [name, value, checked] of values) {
    const input = inputs(form).find((e) => e.name === name && (checked === null || e.value === value));
    if (!input) continue;
    if (checked === null) input.value = value;
    else input.checked = checked;
  }
}

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    if (draft && Date.now() - draft.at < DAY_MS) return draft;
  } catch { /* not ours, or damaged: dropped below */ }
  localStorage.removeItem(key);
  return null;
}

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "govuk-button govuk-button--secondary";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

function offer(form, draft) {
  const box = document.createElement("div");
  box.className = "app-draft";
  box.setAttribute("role", "status");
  const text = document.createElement("span");
  text.textContent = word("draftFound");
  box.append(text, button(word("draftUse"), () => { fill(form, draft.values); box.remove(); }),
    button(word("draftDrop"), () => { localStorage.removeItem(keyOf(form)); box.remove(); }));
  form.prepend(box);
}

/* The form was sent: it is done when the page that answers tells of success, or is another page without a fault. Gives its key
 * when the answer is the same form with what was typed: there is nothing to offer. */
function settle() {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const here = [...document.querySelectorAll("form[data-draft]")].some((form) => keyOf(form) === sent);
  const failed = document.querySelector("#error-summary, [data-failed]");
  if (sent && !failed && (!here || document.querySelector(".app-flash"))) localStorage.removeItem(sent);
  return here ? sent : null;
}

function forgetAll() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
}

export function drafts(document) {
  const answered = settle();
  document.querySelector('form[action="/dang-xuat"]')?.addEventListener("submit", forgetAll);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const draft = read(keyOf(form));
    if (draft && keyOf(form) !== answered && !document.getElementById("error-summary")) offer(form, draft);
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 400, form); });
    form.addEventListener("submit", () => { clearTimeout(timer); sessionStorage.setItem(SENT, keyOf(form)); });
  }
}
