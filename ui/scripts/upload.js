/* Shows how far an upload is. The answer, a page, takes the place of this one, and what scripts add begins anew on it. */
import { word } from "./words.js";

function show(request, start) {
  history.replaceState(null, "", request.responseURL);
  document.open();
  document.write(request.responseText);
  document.close();
  start();
}

function send(form, submitter, start) {
  const request = new XMLHttpRequest();
  const box = document.createElement("p");
  const bar = document.createElement("progress");
  const text = document.createElement("span");
  box.className = "app-progress";
  box.setAttribute("role", "status");
  bar.max = 100;
  box.append(text, bar);
  (submitter ?? form.lastElementChild).before(box);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.floor((100 * event.loaded) / event.total);
    bar.value = percent;
    text.textContent = word("uploadProgress", { percent });
  });
  request.addEventListener("load", () => show(request, start));
  request.addEventListener("error", () => { text.textContent = word("uploadFailed"); bar.remove(); });
  request.open("POST", form.action);
  request.send(new FormData(form, submitter));
}

function hasFiles(form) {
  return [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);
}

export function upload(document, start) {
  for (const form of document.querySelectorAll('form[enctype="multipart/form-data"]')) {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || !hasFiles(form)) return;
      event.preventDefault();
      send(form, event.submitter, start);
    });
  }
}
