// Keeps "nog 3 dagen en 4 uur" true while a page stays open. The server's clock counts, not the reader's:
// the difference between the two, measured when the page was made, is taken off.
const MINUTE = 60_000;

function parts(milliseconds) {
  const minutes = Math.max(Math.floor(milliseconds / MINUTE), 0);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const found = [];
  if (days) found.push([days, "day"]);
  if (hours) found.push([hours, "hour"]);
  if (!days && (minutes % 60 || !hours)) found.push([minutes % 60, "minute"]);
  return found;
}

function words(milliseconds, and) {
  const language = document.documentElement.lang || "nl";
  return parts(milliseconds)
    .map(([count, unit]) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count))
    .join(and);
}

export function startCountdowns(root) {
  for (const element of root.querySelectorAll("[data-countdown]")) {
    const end = Date.parse(element.dataset.countdown);
    const ahead = Date.parse(element.dataset.now) - Date.now();
    const tick = () => {
      if (!element.isConnected) return clearInterval(timer);
      const left = end - (Date.now() + ahead);
      element.textContent = left > 0 ? element.dataset.text.replace("{time}", words(left, element.dataset.and)) : element.dataset.passed;
      if (left <= 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 15_000);
  }
}
