// Scoring alone: saves what is typed on a criterion by itself, puts phrases in, and listens to keys. Without this the
// page is saved by its buttons. Texts come with the form (data-saved-text and so on); {time} in them is now.
import { withTime } from "./clock-text.js";

const WAIT = 800;
const RETRIES = [2000, 5000, 10_000, 20_000, 30_000];
const KEYS_OFF = "portal.scoring.keys-off";
const NEXT_DIGIT = 700;

class CriterionSaver {
  constructor(form, section) {
    this.form = form;
    this.section = section;
    this.key = section.dataset.criterion;
    this.status = section.querySelector("[data-scoring-status]");
    this.mark = form.querySelector(`[data-scoring-part="${this.key}"]`);
    this.changes = 0;
    this.kept = 0;
    this.failures = 0;
    this.busy = false;
    section.addEventListener("input", () => {
      this.changes += 1;
      this.later(WAIT);
    });
    addEventListener("online", () => this.failures && this.later(0));
  }

  later(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), time);
  }

  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
  }

  say(state, text) {
    this.status.dataset.state = state;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  // How this criterion stands, in the list of all of them.
  tell(state) {
    if (!this.mark || this.mark.dataset.state === state) return;
    this.mark.dataset.state = state;
    this.mark.lastElementChild.textContent = this.form.dataset[`state${state[0].toUpperCase()}${state.slice(1)}`];
  }

  fields() {
    const own = new RegExp(`^(initial-)?k${this.key}-`);
    const data = new FormData();
    for (const [name, value] of new FormData(this.form)) {
      if (own.test(name) || name === "csrfmiddlewaretoken") data.append(name, value);
    }
    return data;
  }

  async save() {
    if (this.stopped || this.kept === this.changes) return;
    if (this.busy) {
      this.later(WAIT);
      return;
    }
    this.busy = true;
    const upTo = this.changes;
    try {
      const answer = await fetch(location.href, {
        method: "POST",
        body: this.fields(),
        headers: { "X-Autosave": "1", "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
      const isData = answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json");
      if (isData) this.took((await answer.json()).outcomes[this.key], upTo);
      else this.say("unsaved", this.form.dataset.refusedText);
      this.failures = 0;
    } catch {
      this.say("unsaved", this.form.dataset.unsavedText);
      this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
      this.failures += 1;
    }
    this.busy = false;
  }

  took(outcome, upTo) {
    const { savedText, draftText } = this.form.dataset;
    if (outcome && !outcome.seen) {
      this.say("unsaved", outcome.message);
      return;
    }
    this.kept = upTo;
    if (!outcome) {
      // As it stood there already: only a complaint goes.
      if (this.status.dataset.state === "unsaved") this.say("saved", "");
    } else {
      for (const [name, value] of Object.entries(outcome.seen)) {
        this.form.elements[`initial-k${this.key}-${name}`].value = value;
      }
      const isScore = outcome.state === "saved";
      const isEmpty = !isScore && !Object.values(outcome.seen).some(Boolean);
      const text = isScore ? savedText : `${draftText} ${outcome.message}`;
      this.say(isScore ? "saved" : "draft", isEmpty && !outcome.message ? "" : withTime(text).trim());
      this.tell(isScore ? "saved" : isEmpty && !outcome.message ? "open" : "draft");
    }
    this.form.dispatchEvent(new CustomEvent("portal:scored"));
  }
}

function startSaving(form) {
  const savers = [...form.querySelectorAll("[data-criterion]")].map((section) => new CriterionSaver(form, section));
  form.addEventListener("submit", () => savers.forEach((saver) => saver.stop()));
  form.addEventListener("portal:scored", () => {
    // Only when all is kept may the page be left without a question.
    if (savers.every((saver) => saver.kept === saver.changes)) {
      form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true }));
    }
  });
  // Back with the browser's button: the page goes on where it was.
  addEventListener("pageshow", () => savers.forEach((saver) => (saver.stopped = false)));
}

function startPhrases(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    event.preventDefault();
    const area = button.closest("[data-criterion]").querySelector("textarea");
    const typed = area.value.trimEnd();
    area.value = typed ? `${typed} ${button.dataset.phrase}` : button.dataset.phrase;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !target.matches('[type="radio"], [type="checkbox"], [type="submit"], [type="button"]');
}

// The criterion where the focus is, or else the first one that is to be seen.
function currentSection(form) {
  const focused = document.activeElement?.closest?.("[data-criterion]");
  if (focused) return focused;
  const sections = [...form.querySelectorAll("[data-criterion]")];
  if (!sections.length) return form;
  return sections.find((section) => section.getBoundingClientRect().bottom > 120) ?? sections[0];
}

class Keys {
  constructor(form, help) {
    this.form = form;
    this.typed = "";
    this.turned = help?.querySelector("[data-scoring-keys-on]");
    if (help) help.hidden = false;
    if (this.turned) {
      this.turned.checked = !this.off();
      this.turned.addEventListener("change", () => this.remember(!this.turned.checked));
    }
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  off() {
    try {
      return localStorage.getItem(KEYS_OFF) === "1";
    } catch {
      return false;
    }
  }

  remember(off) {
    try {
      localStorage.setItem(KEYS_OFF, off ? "1" : "0");
    } catch {
      // A browser that keeps nothing: the choice holds on this page.
    }
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.form.contains(event.target)) {
      event.preventDefault();
      this.form.requestSubmit(this.form.querySelector('button[name="next"]'));
      return;
    }
    const turnedOff = this.turned ? !this.turned.checked : this.off();
    if (turnedOff || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat || isTyping(event.target)) return;
    if (event.key === "n") document.querySelector('a[rel="next"]')?.click();
    else if (event.key === "p") document.querySelector('a[rel="prev"]')?.click();
    else if (event.key === "s") this.form.requestSubmit(this.form.querySelector('button[name="save"]'));
    else if (/^\d$/.test(event.key)) this.digit(event.key);
    else return;
    event.preventDefault();
  }

  digit(figure) {
    const radios = [...currentSection(this.form).querySelectorAll('input[type="radio"]')];
    const find = (text) => radios.find((radio) => radio.value === text);
    const two = this.typed && find(this.typed + figure);
    const chosen = two || find(figure);
    this.typed = two ? "" : figure;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.typed = ""), NEXT_DIGIT);
    if (!chosen) return;
    chosen.checked = true;
    chosen.focus();
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function startScoring(root) {
  // The screen of the meeting listens to the same keys; what is agreed there is saved by its buttons only.
  const form = root.querySelector("form[data-scoring], form[data-keys]");
  if (!form || form.dataset.scoringStarted) return;
  form.dataset.scoringStarted = "1";
  if ("scoring" in form.dataset) {
    startSaving(form);
    startPhrases(form);
  }
  new Keys(form, document.querySelector("[data-scoring-keys]"));
}
