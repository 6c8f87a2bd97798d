// Points out, while somebody types, words that compare with other bids. The words come from the server, with the page:
// it looks for the same when the text is sent in.
const PAUSE = 400;

export function startWording(root) {
  for (const told of root.querySelectorAll("[data-wording]")) {
    const area = document.getElementById(told.dataset.wordingOf);
    const shown = told.querySelector("[data-wording-phrases]");
    if (!area || !shown) continue;
    let comparing;
    try {
      comparing = new RegExp(told.dataset.wording, "giu");
    } catch {
      continue; // A browser that does not know such a pattern: the server tells after saving.
    }
    // Beside what is typed, not under all that follows it.
    area.closest(".nlds-field")?.after(told);
    let pause;
    area.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => tell(told, shown, area.value.match(comparing) ?? []), PAUSE);
    });
  }
}

function tell(told, shown, found) {
  const once = new Map(found.map((phrase) => phrase.replace(/\s+/g, " ")).map((phrase) => [phrase.toLowerCase(), phrase]));
  const text = [...once.values()].join(", ");
  if (text && shown.textContent !== text) shown.textContent = text;
  told.hidden = !text;
}
