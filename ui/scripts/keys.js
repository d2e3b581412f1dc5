/* Keys for officers: / search, j k rows, Enter opens, ? help, and whatever a link or button declares with data-key.
 * Single keys can be switched off on the help page (WCAG 2.1.4). */
const OFF = "keys-off";

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function rows() {
  return [...document.querySelectorAll(".app-dense tbody tr")].filter((row) => row.querySelector("a[href]"));
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("app-row--here"));
  const next = Math.min(Math.max(now + step, 0), all.length - 1);
  if (now >= 0) all[now].classList.remove("app-row--here");
  all[next].classList.add("app-row--here");
  all[next].querySelector("a[href]").focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
}

function search() {
  const input = document.querySelector("input[type=search], input[name=q]");
  input?.focus();
  input?.select();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const declared = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const actions = { "/": search, j: () => move(1), k: () => move(-1), "?": () => window.location.assign("/tro-giup") };
  const action = declared ? () => declared.click() : actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function toggle(button) {
  button.hidden = false;
  button.setAttribute("aria-pressed", String(!localStorage.getItem(OFF)));
  button.addEventListener("click", () => {
    if (localStorage.getItem(OFF)) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
    window.location.reload();
  });
}

export function keys(document) {
  for (const button of document.querySelectorAll("[data-keys-toggle]")) toggle(button);
  if (!localStorage.getItem(OFF)) document.addEventListener("keydown", press);
}
