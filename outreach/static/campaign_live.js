// Keeps the figures of a campaign current. The page can be read without this file too: it is as old as its loading.
"use strict";

let figures = document.getElementById("figures");
const EVERY = 2000;
let asking = false;

function isTyping() {
  return ["INPUT", "TEXTAREA"].includes(document.activeElement?.tagName);
}

async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(figures.dataset.live, { headers: { Accept: "application/json" } });
    if (answer.status === 401) location.reload();
    if (answer.ok) await show(await answer.json());
  } catch {
    // The server is away for a moment: the next round asks again.
  } finally {
    asking = false;
  }
}

async function show(news) {
  if (news.state === figures.dataset.state || isTyping()) {
    figures.innerHTML = news.figures;
    return;
  }
  // Another state has other buttons. They are put in place: to load the page anew would cut off a click under way.
  const answer = await fetch(location.href);
  if (!answer.ok || isTyping()) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  figures = document.getElementById("figures");
}

document.addEventListener("visibilitychange", refresh);
setInterval(refresh, EVERY);
