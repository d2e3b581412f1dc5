/* Keeps a part of a page fresh: an element with an id and data-poll="SECONDS" is fetched again and exchanged when it changed. */
async function refresh(element) {
  if (document.hidden || element.contains(document.activeElement)) return;
  const answer = await fetch(window.location.href, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(element.id);
  if (fresh && fresh.innerHTML !== element.innerHTML) element.replaceChildren(...fresh.childNodes);
}

export function poll(document) {
  for (const element of document.querySelectorAll("[data-poll][id]"))
    setInterval(() => refresh(element).catch(() => {}), Math.max(2, Number(element.dataset.poll) || 10) * 1000);
}
