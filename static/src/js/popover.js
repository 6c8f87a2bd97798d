// A menu that unfolds closes again with Escape or by a click elsewhere.
export function startPopovers() {
  const open = () => document.querySelectorAll("details[data-popover][open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
}
