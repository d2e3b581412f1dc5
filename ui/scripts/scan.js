/* Reads a QR code with the camera into an input: <div class="app-qr" data-scan="INPUT-ID" hidden></div>. Where the browser
 * cannot, nothing shows: a code reader types into the input like a keyboard. data-scan-press: a button's id to press then. */
import { word } from "./words.js";

async function watch(video, detector, running) {
  while (running()) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code) return code.rawValue;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return null;
}

async function read(box, button, detector) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = document.createElement("video");
  video.playsInline = true;
  video.muted = true;
  video.srcObject = stream;
  box.append(video);
  await video.play();
  let on = true;
  button.textContent = word("scanStop");
  button.onclick = () => { on = false; };
  const text = await watch(video, detector, () => on);
  stream.getTracks().forEach((track) => track.stop());
  video.remove();
  return text;
}

function take(box, text) {
  const input = document.getElementById(box.dataset.scan);
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  if (box.dataset.scanPress) document.getElementById(box.dataset.scanPress)?.click();
  else input.focus();
}

function prepare(box, detector) {
  const button = document.createElement("button");
  const note = document.createElement("p");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary";
  note.setAttribute("role", "status");
  box.append(button, note);
  box.hidden = false;
  const wait = () => { button.textContent = word("scanCamera"); button.onclick = start; };
  const start = async () => {
    note.textContent = "";
    try {
      const text = await read(box, button, detector);
      if (text) take(box, text);
    } catch {
      note.textContent = word("scanDenied");
    }
    wait();
  };
  wait();
}

export async function scan(document) {
  const boxes = document.querySelectorAll("[data-scan]");
  if (!boxes.length || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return;
  for (const box of boxes) prepare(box, new BarcodeDetector({ formats: ["qr_code"] }));
}
