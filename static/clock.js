// Counts the minutes that the server wrote. The server alone decides when the time is over: it stood still while the site
// could not be reached. At the end of the count the page's answer is sent to be saved, or the page asks again.
"use strict";

const TOLD = [10, 5, 2, 1];
let shown, end, last;

function words(minutes) {
  const form = { style: "unit", unit: "minute", unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, form).format(minutes);
}

function tick() {
  const place = document.querySelector("[data-left]");
  if (!place) return;
  if (place !== shown) {
    shown = place;
    end = Date.now() + place.dataset.left * 1000;
    last = Math.ceil(place.dataset.left / 60);
  }
  const minutes = Math.ceil((end - Date.now()) / 60000);
  if (minutes >= last) return;
  last = minutes;
  if (minutes > 0) {
    place.querySelector("span").textContent = words(minutes);
    if (TOLD.includes(minutes)) place.querySelector("[role=status]").textContent = place.firstElementChild.textContent;
  } else {
    const form = document.querySelector("form[data-answer]");
    if (form) form.requestSubmit();
    else location.reload();
  }
}

setInterval(tick, 1000);
