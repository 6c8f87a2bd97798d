// Sends a file by itself, in pieces, and goes on where it was after a cut or after the page was loaded anew.
// Without this the file input is one of its form. All texts come with the page.
import * as tus from "tus-js-client";

const CHUNK = 8 * 1024 * 1024;
const RETRIES = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 30_000, 30_000, 30_000];
const TELL_EVERY = 25; // percent, to a screen reader
const SHOW_EVERY = 500; // milliseconds, on the screen
const ASK_EVERY = 1000;
const PICTURE_TRIES = 15;

const language = () => document.documentElement.lang || "nl";
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const percent = (part) => new Intl.NumberFormat(language(), { style: "percent" }).format(part);
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

function size(bytes) {
  const [unit, by] = [["gigabyte", 2 ** 30], ["megabyte", 2 ** 20], ["kilobyte", 2 ** 10], ["byte", 1]].find(
    ([, least]) => bytes >= least || least === 1,
  );
  const digits = by > 1024 ? 1 : 0;
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits };
  return new Intl.NumberFormat(language(), options).format(bytes / by);
}

function messageOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).message;
  } catch {
    return "";
  }
}

function stateIn(response) {
  try {
    return JSON.parse(response.getBody());
  } catch {
    return null;
  }
}

// Anything may pass: a cut, a store or a server that is away. What says no says so with a 4xx; 409 means that an
// earlier try came further than we knew, 423 that it is still busy.
function mayPass(error) {
  const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
  return status < 400 || status >= 500 || status === 409 || status === 423;
}

class Upload {
  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.input = root.querySelector("input[type=file]");
    this.box = root.querySelector("[data-upload-progress]");
    this.bar = this.box.querySelector("progress");
    this.line = this.box.querySelector("[data-upload-text]");
    this.error = root.querySelector("[data-upload-error]");
    this.spoken = root.querySelector("[data-upload-said]");
    this.busy = false;
    this.input.removeAttribute("name");
    this.input.removeAttribute("required");
    this.input.addEventListener("input", (event) => event.stopPropagation()); // no form saves itself with it
    this.input.addEventListener("change", (event) => {
      event.stopPropagation();
      if (this.input.files.length) this.begin(this.input.files[0]);
    });
    this.box.querySelector("[data-upload-cancel]").addEventListener("click", () => this.cancel());
    this.input.form?.addEventListener("submit", (event) => {
      if (!this.busy) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.refuse(this.texts.wait, { goesOn: true });
    });
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault());
    addEventListener("online", () => this.sending && this.resume());
  }

  begin(file) {
    this.refuse("");
    this.sending?.abort(true).catch(() => {}); // another choice takes its place
    this.stop();
    if (!file.size) return this.end(this.texts.empty);
    const limit = Number(this.texts.limit);
    if (limit && file.size > limit) return this.end(fill(this.texts.large, { size: size(file.size), limit: size(limit) }));
    this.file = file;
    this.busy = true;
    this.told = 0;
    this.shown = 0;
    this.box.hidden = false;
    this.box.querySelector("[data-upload-label]").textContent = fill(this.texts.started, { name: file.name });
    this.bar.value = 0;
    this.line.textContent = "";
    this.say(fill(this.texts.started, { name: file.name }));
    this.sending = new tus.Upload(file, {
      endpoint: this.root.dataset.upload,
      chunkSize: CHUNK,
      uploadDataDuringCreation: file.size <= CHUNK, // what is small needs one request; what is large must be found again
      retryDelays: RETRIES,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name },
      headers: { "X-CSRFToken": this.root.dataset.csrf },
      onProgress: (sent, total) => this.progress(sent, total),
      onShouldRetry: (error) => {
        const again = mayPass(error);
        if (again) this.cut();
        return again;
      },
      onError: (error) => (mayPass(error) ? this.waitForConnection() : this.end(messageOf(error) || this.texts.failed)),
      onSuccess: ({ lastResponse }) => this.check(lastResponse),
    });
    this.resume();
  }

  async resume() {
    const upload = this.sending;
    await upload.abort().catch(() => {});
    const [earlier] = upload.url ? [] : await upload.findPreviousUploads();
    if (this.sending !== upload) return;
    if (earlier) upload.resumeFromPreviousUpload(earlier);
    this.since = null;
    upload.start();
  }

  progress(sent, total) {
    const now = performance.now();
    this.since ??= { at: now, sent };
    if (now - this.shown < SHOW_EVERY && sent < total) return;
    this.shown = now;
    const seconds = Math.max((now - this.since.at) / 1000, 0.1);
    const share = Math.floor((sent / total) * 100);
    this.bar.value = share;
    this.line.textContent = fill(this.texts.progress, {
      percent: percent(share / 100), done: size(sent), total: size(total), speed: size((sent - this.since.sent) / seconds),
    });
    const step = Math.floor(share / TELL_EVERY) * TELL_EVERY;
    if (step <= this.told || step >= 100) return;
    this.told = step;
    this.say(fill(this.texts.percent, { percent: percent(step / 100) }));
  }

  cut() {
    this.since = null;
    this.line.textContent = this.texts.cut;
    this.say(this.texts.cut);
  }

  waitForConnection() {
    this.cut();
    const upload = this.sending;
    setTimeout(() => this.sending === upload && this.resume(), RETRIES.at(-1));
  }

  async check(response) {
    const upload = this.sending;
    let known = stateIn(response); // what is small came along with its announcement, and was judged at once
    this.bar.removeAttribute("value");
    this.line.textContent = this.texts.checking;
    this.say(this.texts.checking);
    while (this.sending === upload) {
      const state = known ?? (await this.ask(upload.url));
      known = null;
      if (this.sending !== upload) return;
      if (state?.state === "ready") return this.ready(upload.url, state.file);
      if (state?.state === "refused") return this.end(state.message);
      await pause(ASK_EVERY);
    }
  }

  // What the server knows; null where it does not answer just now.
  async ask(url) {
    try {
      const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.status === 404) return { state: "refused", message: (await answer.json()).message };
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  ready(url, file) {
    const name = this.file.name;
    this.stop();
    const place = this.root.querySelector("[data-upload-file]");
    place.replaceChildren(this.root.querySelector("template").content.cloneNode(true));
    const slot = (key) => place.querySelector(`[data-slot="${key}"]`);
    const pages = file.pages === 1 ? this.texts.page : this.texts.pages;
    slot("url").href = file.url;
    slot("name").textContent = name;
    slot("size").textContent = size(file.size);
    slot("pages").textContent = fill(pages, { count: file.pages.toLocaleString(language()) });
    slot("sha256").textContent = file.sha256;
    this.say(fill(this.texts.ready, { name }));
    this.root.dispatchEvent(new CustomEvent("portal:uploaded", { bubbles: true, detail: file }));
    this.picture(url, file, slot("thumbnail"));
  }

  // A worker draws it; it may come a little later, or not at all.
  async picture(url, file, image) {
    let found = file.thumbnail;
    for (let tries = 0; !found && tries < PICTURE_TRIES && image.isConnected; tries += 1) {
      await pause(ASK_EVERY * 2);
      found = (await this.ask(url))?.file?.thumbnail;
    }
    if (!found) return;
    image.src = found;
    image.hidden = false;
  }

  async cancel() {
    const upload = this.sending;
    this.stop();
    this.say(this.texts.cancelled);
    this.input.focus();
    // What was sent goes at once, where there is a connection; else by itself after a day.
    await upload?.abort(true).catch(() => {});
  }

  end(message) {
    const upload = this.sending;
    this.stop();
    this.refuse(message);
    upload?.abort().catch(() => {});
  }

  stop() {
    this.busy = false;
    this.sending = null;
    this.input.value = "";
    this.box.hidden = true;
  }

  refuse(message, { goesOn = false } = {}) {
    const text = document.createElement("p");
    text.textContent = message;
    this.error.replaceChildren(...(message ? [text] : []));
    this.error.hidden = !message;
    if (goesOn) return;
    this.root.classList.toggle("utrecht-form-field--invalid", Boolean(message));
    this.input.classList.toggle("nlds-file-input--invalid", Boolean(message));
    this.input.setAttribute("aria-invalid", String(Boolean(message)));
  }

  say(text) {
    this.spoken.textContent = text;
  }
}

export function startUploads(root) {
  if (!tus.isSupported) return;
  for (const element of root.querySelectorAll("[data-upload]")) {
    if (element.dataset.uploadStarted) continue;
    element.dataset.uploadStarted = "1";
    new Upload(element);
  }
}
