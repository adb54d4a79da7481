// Counts segments while somebody types, and puts quick replies into the answer. The page works without this file too.
"use strict";

// The same counting as outreach/texting/segments.py, which has the last word.
const GSM_BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
);
const GSM_EXTENDED = new Set("\f^{}\\[~]|€");

function countSegments(body) {
  const characters = Array.from(body);
  const gsm = characters.every((one) => GSM_BASIC.has(one) || GSM_EXTENDED.has(one));
  const [whole, part] = gsm ? [160, 153] : [70, 67];
  const widths = characters.map((one) => (gsm ? (GSM_EXTENDED.has(one) ? 2 : 1) : one.length));
  const units = widths.reduce((sum, width) => sum + width, 0);
  let segments = 1;
  let used = 0;
  if (units > whole) {
    for (const width of widths) {
      if (used + width > part) {
        segments += 1;
        used = 0;
      }
      used += width;
    }
  }
  return { segments, units, encoding: gsm ? "GSM-7" : "UCS-2", room: (segments === 1 ? whole : part * segments) - units };
}

const answer = document.getElementById("body");
const shown = document.querySelector("[data-count]");

function showCount() {
  // The server strips the ends: count what will be sent.
  const body = answer.value.trim();
  if (!body) {
    shown.textContent = "One segment holds 160 plain characters, or 70 with á, í, ó, ú or emoji.";
    return;
  }
  const { segments, room, encoding } = countSegments(body);
  shown.textContent = `${segments} ${segments === 1 ? "segment" : "segments"}, ${encoding}, room for ${room} more`;
}

function useQuickReply(event) {
  event.preventDefault();
  const body = event.currentTarget.dataset.quick;
  answer.value = answer.value.trim() ? `${answer.value.trim()} ${body}` : body;
  answer.focus();
  showCount();
}

if (answer && shown) {
  answer.addEventListener("input", showCount);
  showCount();
  for (const link of document.querySelectorAll("[data-quick]")) link.addEventListener("click", useQuickReply);
}
const thread = document.querySelector(".thread");
if (thread) thread.scrollTop = thread.scrollHeight;
