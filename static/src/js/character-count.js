// How many characters are left under a text area; told to a screen reader only when typing pauses.
export function startCharacterCount(root) {
  for (const counter of root.querySelectorAll("[data-count-for]")) {
    const area = document.getElementById(counter.dataset.countFor);
    if (!area) continue;
    const limit = Number(area.dataset.maxlength);
    const spoken = document.createElement("span");
    spoken.className = "nlds-visually-hidden";
    spoken.setAttribute("role", "status");
    counter.after(spoken);
    let pause;
    const update = (event) => {
      // The server counts a line's end as two characters, as browsers send it.
      const left = limit - area.value.replace(/\n/g, "\r\n").length;
      const text = left >= 0 ? counter.dataset.left : counter.dataset.over;
      counter.textContent = text.replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang));
      counter.classList.toggle("nlds-field__count--over", left < 0);
      clearTimeout(pause);
      if (event) pause = setTimeout(() => (spoken.textContent = counter.textContent), 1500);
    };
    area.addEventListener("input", update);
    update();
  }
}
