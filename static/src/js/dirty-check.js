// Warns before leaving a page with unsaved input; the browser asks in its own words.
export function startDirtyCheck() {
  const dirty = new Set();
  const watched = (form) => form && form.method === "post" && !form.hasAttribute("data-no-dirty-check");
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (watched(form)) dirty.add(form);
  });
  document.addEventListener("submit", (event) => dirty.delete(event.target));
  document.addEventListener("portal:saved", (event) => dirty.delete(event.target));
  addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });
}
