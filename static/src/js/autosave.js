// Saves a form marked data-autosave a second after the last change, one request at a time. The texts of its
// status come with the form (data-saved, data-saving, data-partly, data-unsaved, data-refused), or from the body.
//
// The answer may be data: `marks` (new values for the hidden fields seen-<key>), `conflicts` (html for the place
// [data-versions] of an item), `errors` (texts by the id of a field), or `message`, why nothing can be saved.
import { withTime } from "./clock-text.js";

const WAIT = 1000;
const RETRIES = [2000, 5000, 10_000, 20_000, 30_000];

function statusOf(form) {
  let status = form.querySelector("[data-autosave-status]");
  if (!status) {
    status = document.createElement("p");
    status.dataset.autosaveStatus = "";
    form.append(status);
  }
  status.classList.add("nlds-autosave");
  status.setAttribute("role", "status");
  return status;
}

const shown = new WeakMap();

function showVersions(form, conflicts) {
  for (const item of form.querySelectorAll("[data-item]")) {
    const place = item.querySelector("[data-versions]");
    const html = conflicts[item.dataset.item]?.html.trim() ?? "";
    // What stands there already is not said again.
    if (!place || shown.get(place) === html) continue;
    shown.set(place, html);
    place.innerHTML = html;
  }
}

function showErrors(form, errors) {
  for (const told of form.querySelectorAll("[data-autosave-error]")) {
    if (errors[told.dataset.autosaveError]) continue;
    mark(form, told.dataset.autosaveError, told.id, false);
    told.remove();
  }
  for (const [id, texts] of Object.entries(errors)) {
    const field = form.querySelector(`#div_${CSS.escape(id)}`);
    if (!field) continue;
    let place = field.querySelector(".nlds-field__error");
    if (!place) {
      place = document.createElement("div");
      place.className = "utrecht-form-field-error-message nlds-field__error";
      place.id = `${id}_error`;
      place.dataset.autosaveError = id;
      const control = field.querySelector(".nlds-affix, .nlds-choices, input, textarea, select");
      control.before(place);
    }
    const same = place.textContent === texts.join("");
    if (same) continue;
    place.replaceChildren(
      ...texts.map((text) => {
        const line = document.createElement("p");
        line.textContent = text;
        return line;
      }),
    );
    mark(form, id, place.id, true);
  }
}

function mark(form, id, errorId, wrong) {
  const field = form.querySelector(`#div_${CSS.escape(id)}`);
  const control = form.querySelector(`#${CSS.escape(id)}`) ?? field;
  field?.classList.toggle("utrecht-form-field--invalid", wrong);
  const ids = (control.getAttribute("aria-describedby") ?? "").split(/\s+/).filter((one) => one && one !== errorId);
  if (wrong) ids.push(errorId);
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
  if (control === field) return;
  if (wrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = statusOf(form);
    this.texts = { ...document.body.dataset, ...form.dataset };
    this.changes = 0;
    this.failures = 0;
    this.busy = false;
    this.again = false;
    this.stopped = false;
    form.addEventListener("input", () => {
      this.changes += 1;
      this.later(WAIT);
    });
    form.addEventListener("portal:uploaded", (event) => {
      // What would remove the file that was there before.
      event.target.closest("[data-item]")?.querySelector("[data-remove]")?.remove();
      this.later(0);
    });
    form.addEventListener("submit", () => {
      this.stopped = true;
      clearTimeout(this.timer);
    });
    // Back with the browser's button: the page goes on where it was.
    addEventListener("pageshow", () => (this.stopped = false));
    addEventListener("online", () => this.failures && this.later(0));
  }

  later(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), time);
  }

  say(state, told = this.texts[state]) {
    const text = withTime(told ?? "");
    this.status.dataset.state = state === "saving" || state === "saved" ? state : "unsaved";
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  async save() {
    if (this.stopped) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    const upTo = this.changes;
    if (!this.failures) this.say("saving");
    try {
      this.took(await this.send(), upTo);
      this.failures = 0;
    } catch {
      this.say("unsaved");
      this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
      this.failures += 1;
    }
    this.busy = false;
    if (this.again && !this.failures) this.save();
  }

  // Throws where trying again may help: no connection, or a server that is away.
  async send() {
    const answer = await fetch(this.form.dataset.autosaveUrl || this.form.getAttribute("action") || location.href, {
      method: "POST",
      body: new FormData(this.form),
      headers: { "X-Autosave": "1", "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
    });
    if (answer.status >= 500) throw new Error(String(answer.status));
    const isData = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { ok: answer.ok, data: isData ? await answer.json() : {} };
  }

  took({ ok, data }, upTo) {
    if (!ok) {
      this.say("refused", data.message || this.texts.refused || this.texts.unsaved);
      return;
    }
    for (const [key, value] of Object.entries(data.marks ?? {})) {
      const seen = this.form.elements[`seen-${key}`];
      if (seen) seen.value = value;
    }
    showVersions(this.form, data.conflicts ?? {});
    showErrors(this.form, data.errors ?? {});
    if (Object.keys(data.errors ?? {}).length) {
      this.say("partly");
      return;
    }
    this.say("saved");
    if (upTo === this.changes) this.form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true }));
  }
}

export function startAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    if (form.dataset.autosaveStarted) continue;
    form.dataset.autosaveStarted = "1";
    new Autosave(form);
  }
}
