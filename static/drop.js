// A file dropped anywhere on the page is sent to be checked. Without this script the file is chosen with the button.
"use strict";
(() => {
const form = document.getElementById("file-form");
if (!form) return;
addEventListener("dragover", event => event.preventDefault());
addEventListener("drop", event => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  form.elements.file.files = event.dataTransfer.files;
  form.requestSubmit();
});
})();
