// Keeps "nog 3 dagen en 4 uur" true while a page stays open. The server's clock counts, not the reader's: from the
// moment at which the page was made, time is taken from a clock that nobody can set. After a sleep, or where the two
// disagree, the server is asked again.
const MINUTE = 60_000;
const TICK = 15_000;
const APART = 5_000;

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

// Server time as a function of a clock that only goes forward, and the reader's clock only to notice a sleep.
class ServerClock {
  constructor(now, since) {
    this.set(now, since);
  }

  set(now, since = performance.now()) {
    this.base = now - since;
    this.apart = Date.now() - performance.now();
  }

  now() {
    return this.base + performance.now();
  }

  async agree() {
    if (Math.abs(Date.now() - performance.now() - this.apart) < APART) return;
    this.apart = Date.now() - performance.now();
    try {
      const answer = await fetch(location.href, { method: "HEAD", credentials: "same-origin", cache: "no-store" });
      const told = Date.parse(answer.headers.get("Date"));
      if (told) this.set(told);
    } catch {
      this.apart = NaN; // asked again at the next tick
    }
  }
}

// When the answer with this page in it began to come in; for what was added later, now.
function arrived(root) {
  return (root === document && performance.getEntriesByType("navigation")[0]?.responseStart) || performance.now();
}

export function startCountdowns(root) {
  for (const element of root.querySelectorAll("[data-countdown]")) {
    const end = Date.parse(element.dataset.countdown);
    const clock = new ServerClock(Date.parse(element.dataset.now), arrived(root));
    const tick = async () => {
      if (!element.isConnected) return clearInterval(timer);
      await clock.agree();
      const left = end - clock.now();
      element.textContent = left > 0 ? element.dataset.text.replace("{time}", words(left, element.dataset.and)) : element.dataset.passed;
      if (left <= 0) clearInterval(timer);
    };
    const timer = setInterval(tick, TICK);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
  }
}
