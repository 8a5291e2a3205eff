// Saves the form of a page while somebody fills it in, and says so. Without script the buttons save.
//
// The form says `data-autosave`; its hidden field `revision` is what it was read as, and becomes what was saved. An element
// `data-autosave-status` inside it is told what happened.

const PAUSE = 2000; // milliseconds without a change, after which it is saved
const AGAIN = 10000; // after which a save that found no connection is tried again

const form = document.querySelector("form[data-autosave]");
const status = form.querySelector("[data-autosave-status]");
let timer = 0;
let running = null; // the save that is on its way
let saved = filled();

function filled() {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("revision");
  return fields.toString();
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(() => { running ??= save().finally(() => { running = null; }); }, pause);
}

async function save() {
  const fields = filled();
  if (fields === saved) return;
  const body = new URLSearchParams(fields);
  body.set("revision", form.elements.revision.value);
  body.set("then", "stay");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
  } catch {
    status.textContent = "Not saved: there is no connection. Keep this page open; it is tried again.";
    later(AGAIN);
    return;
  }
  if (answer.ok) {
    form.elements.revision.value = (await answer.json()).revision;
    saved = fields;
    const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    status.textContent = `Saved at ${now}.`;
    if (filled() !== saved) later(PAUSE);
    return;
  }
  if (answer.status >= 500) {
    status.textContent = "Not saved: the service is not there. Keep this page open; it is tried again.";
    later(AGAIN);
  } else if (answer.type === "opaqueredirect" || answer.status === 401) {
    status.textContent = "Not saved: you are signed out. Sign in in another tab, then press a button below.";
  } else if (answer.status === 412) {
    status.textContent = "Not saved: this was saved in another window, or by somebody else. Press a button below to see both.";
  } else {
    const problem = await answer.json().catch(() => ({}));
    const said = (problem.errors ?? []).map((each) => each.detail).join(" ");
    status.textContent = `Not saved. ${said || problem.detail || "Press a button below to see why."}`;
  }
}

form.addEventListener("input", () => later(PAUSE));
addEventListener("online", () => later(0));
document.addEventListener("visibilitychange", () => { if (document.hidden) later(0); });
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (running === null) return;
  // Whatever is on its way first, or the button's own save would find another revision.
  event.preventDefault();
  running.then(() => form.requestSubmit(event.submitter));
});
