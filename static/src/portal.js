// Every module is an extra: without it the page still does its work.
import "htmx.org";
import { startAutosave } from "./js/autosave.js";
import { startCharacterCount } from "./js/character-count.js";
import { startCountdowns } from "./js/countdown.js";
import { startDirtyCheck } from "./js/dirty-check.js";
import { focusErrorSummary } from "./js/error-summary.js";
import { startOnlyWhen } from "./js/only-when.js";
import { startPopovers } from "./js/popover.js";
import { startScoring } from "./js/scoring.js";
import { startUploads } from "./js/upload.js";
import { startWording } from "./js/wording.js";

function start(root) {
  startCharacterCount(root);
  startCountdowns(root);
  startAutosave(root);
  startScoring(root);
  startWording(root);
  startOnlyWhen(root);
  startUploads(root);
}

start(document);
startDirtyCheck();
startPopovers();
focusErrorSummary(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) {
    start(event.detail.elt);
    focusErrorSummary(event.detail.elt);
  }
});
