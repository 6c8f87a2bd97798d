// Saves a form marked data-autosave a second after the last change, one request at a time. The texts of its
// status come with the form (data-saved, data-saving, data-unsaved), or from the page's root element.
const WAIT = 1000;

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

export function startAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    const status = statusOf(form);
    const texts = { ...document.body.dataset, ...form.dataset };
    let timer;
    let busy = false;
    let again = false;
    let changes = 0;
    let stopped = false;

    const say = (state) => {
      status.dataset.state = state;
      status.textContent = { saving: texts.saving, saved: texts.saved, unsaved: texts.unsaved }[state];
    };
    const save = async () => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      again = false;
      const upTo = changes;
      say("saving");
      try {
        const answer = await fetch(form.dataset.autosaveUrl || form.action, {
          method: "POST",
          body: new FormData(form),
          headers: { "X-Autosave": "1", "X-Requested-With": "XMLHttpRequest" },
          credentials: "same-origin",
          redirect: "manual",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        say("saved");
        if (upTo === changes) form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true }));
      } catch {
        say("unsaved");
      }
      busy = false;
      if (again && !stopped) save();
    };
    form.addEventListener("input", () => {
      changes += 1;
      clearTimeout(timer);
      timer = setTimeout(save, WAIT);
    });
    form.addEventListener("submit", () => {
      stopped = true;
      clearTimeout(timer);
    });
  }
}
