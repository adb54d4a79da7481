// Keeps the figures of a campaign current. The page can be read without this file too: it is as old as its loading.
"use strict";

const figures = document.getElementById("figures");
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
    if (answer.ok) show(await answer.json());
  } catch {
    // The server is away for a moment: the next round asks again.
  } finally {
    asking = false;
  }
}

function show(news) {
  // Another state has other buttons: they come with the page.
  if (news.state !== figures.dataset.state && !isTyping()) {
    location.reload();
    return;
  }
  figures.innerHTML = news.figures;
}

document.addEventListener("visibilitychange", refresh);
setInterval(refresh, EVERY);
