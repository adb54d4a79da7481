// Keeps the phones page current and sends answers without leaving it. The page works without this file too.
"use strict";

const thread = document.getElementById("thread");
const members = document.getElementById("members");
const clock = document.getElementById("clock");
let version = document.body.dataset.version;
let asking = false;
let shownThread = "";

function showNewest() {
  thread.scrollTop = thread.scrollHeight;
}

function show(news) {
  version = news.version;
  if (clock) clock.textContent = news.clock;
  if (news.thread === undefined) return;
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  if (news.thread !== shownThread) thread.innerHTML = news.thread;
  shownThread = news.thread;
  const focused = members.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const height = members.scrollTop;
  members.innerHTML = news.members;
  members.scrollTop = height;
  if (focused) members.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  if (atEnd) showNewest();
}

async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const url = new URL(document.body.dataset.live, location.href);
    url.searchParams.set("version", version);
    const response = await fetch(url);
    if (response.ok) show(await response.json());
  } catch {
    // The sandbox is away for a moment: the next second asks again.
  } finally {
    asking = false;
  }
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form, event.submitter);
  if (!String(data.get("body") ?? "").trim()) return;
  await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" });
  form.reset();
  await refresh();
  showNewest();
}

for (const form of document.querySelectorAll("form[data-quiet]")) form.addEventListener("submit", send);
document.getElementById("body")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, 1000);
showNewest();
