// Comfort only; every page works without it. A form marked data-send goes out in the background: when the link drops,
// what was entered stays on the page and is sent again by itself. The answer of the server then takes the page's place.
"use strict";

const PAUSES = [2, 5, 10, 20, 30];
const PATIENCE = 45;

const pause = seconds => new Promise(resolve => {
  setTimeout(resolve, seconds * 1000);
  addEventListener("online", resolve, { once: true });
});

function say(form, words) {
  const place = form.querySelector(".sending");
  if (place) place.textContent = words ? place.dataset[words] : "";
}

async function post(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button && button.name) fields.append(button.name, button.value);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE * 1000);
  try {
    const reply = await fetch(form.getAttribute("action"), { method: "POST", body: fields, signal: stop.signal });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!page.getElementById("main")) throw new Error("not a page of this site");
    return [reply, page];
  } finally {
    clearTimeout(timer);
  }
}

function show(reply, page) {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dir = page.documentElement.dir;
  document.body.replaceWith(document.adoptNode(page.body));
  if (reply.redirected) history.pushState(null, "", reply.url);
  const note = document.getElementById(new URL(reply.url).searchParams.get("saved") || "");
  if (note) return note.scrollIntoView();
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
}

async function send(form, button) {
  for (let round = 0; form.isConnected; round++) {
    say(form, "sending");
    try {
      return show(...await post(form, button));
    } catch {
      say(form, "failed");
      await pause(PAUSES[Math.min(round, PAUSES.length - 1)]);
    }
  }
}

addEventListener("submit", event => {
  const form = event.target;
  if (!form.matches("[data-send]")) return;
  event.preventDefault();
  if (form.dataset.send) return;
  form.dataset.send = "busy";
  send(form, event.submitter);
});

addEventListener("popstate", () => location.reload());
