// `lontar preview` alone: loads the page again when a file of the course has changed. Without it, reload by hand.
"use strict";

const here = document.currentScript;

setInterval(async () => {
  try {
    const reply = await fetch(here.dataset.from, { cache: "no-store" });
    if (reply.ok && (await reply.text()) !== here.dataset.seen) location.reload();
  } catch (error) {
    // the preview has ended; when it runs again, this page follows
  }
}, 1000);
