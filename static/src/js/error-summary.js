// The summary takes focus, so that it is read first; its links put the cursor in the field itself.
export function focusErrorSummary(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const shown = field.closest(".nlds-field") ?? field;
    shown.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}
