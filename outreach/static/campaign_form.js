// Keeps the preview of the campaign form current while it is filled in. The form works without this file too.
"use strict";

const form = document.getElementById("campaign-form");
const parts = ["who", "what", "when"];
const words = document.getElementById("part-words");
const PAUSE = 300;
let waiting = 0;
let asked = 0;

document.getElementById("update-preview").hidden = true;

async function update() {
  const mine = ++asked;
  const data = new FormData(form);
  const answer = await fetch(form.dataset.preview, {
    method: "POST",
    body: new URLSearchParams(data),
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  const news = await answer.json();
  // The fields that a conversation asks for change with it alone: nothing is taken away under the hand that types.
  const flow = data.get("flow");
  if (words.dataset.flow !== flow) {
    words.innerHTML = news.parts.words;
    words.dataset.flow = flow;
  }
  for (const part of parts) document.getElementById(`part-${part}`).innerHTML = news.parts[part];
}

function changed(event) {
  if (["test_phone", "name"].includes(event.target.name)) return;
  if (event.target.name === "at") form.querySelector('[name="when"][value="later"]').checked = true;
  clearTimeout(waiting);
  waiting = setTimeout(update, event.type === "change" ? 0 : PAUSE);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
