// Asks for an explanation only where one is needed: a score outside the individual ones, a requirement that is not met.
// Without this the field is there always, and says when it is needed. What holds a text or an error is never hidden.
function fieldOf(box, name) {
  const area = box.querySelector(`textarea[name$="${name}"]`);
  return area && [area, area.closest(".nlds-field")];
}

function watch(box, name, isNeeded) {
  const [area, field] = fieldOf(box, name) ?? [];
  if (!area || !field || field.querySelector(".nlds-field__error")) return;
  const update = () => {
    const chosen = box.querySelector('input[type="radio"]:checked')?.value ?? "";
    field.hidden = !area.value.trim() && !isNeeded(chosen);
  };
  box.addEventListener("change", update);
  // The keys of a page choose a score too.
  box.addEventListener("input", (event) => event.target !== area && update());
  update();
}

export function startOnlyWhen(root) {
  for (const box of root.querySelectorAll("[data-outside-low]")) {
    const [low, high] = [box.dataset.outsideLow, box.dataset.outsideHigh].map(Number);
    watch(box, "-outside_reason", (chosen) => chosen !== "" && (Number(chosen) < low || Number(chosen) > high));
  }
  for (const box of root.querySelectorAll("[data-only-when]")) {
    watch(box, "-reason", (chosen) => chosen === box.dataset.onlyWhen);
  }
}
