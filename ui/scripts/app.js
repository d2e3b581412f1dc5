/* Everything here only adds: each page works without it. */
import { keys } from "./keys.js";
import { drafts } from "./drafts.js";
import { scan } from "./scan.js";
import { upload } from "./upload.js";
import { poll } from "./poll.js";
import { small } from "./small.js";

function start() {
  for (const part of [small, keys, drafts, scan, poll]) part(document);
  upload(document, start);
}

start();
