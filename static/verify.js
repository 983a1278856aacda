// Checks the short signed form of a certificate (in the fragment of the address in its QR code) with the keys that this
// page names, without any network. The page works without it.
"use strict";
(() => {
const box = document.getElementById("signed");
if (!box) return;
const words = box.dataset;
const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), sign => sign.charCodeAt(0));

function rawKey(text) {
  let number = 0n;
  for (const sign of text.slice(1)) number = number * 58n + BigInt(DIGITS.indexOf(sign));
  return Uint8Array.from(number.toString(16).slice(-64).match(/../g), pair => parseInt(pair, 16));
}

async function signedBy(text, signature, message) {
  const key = await crypto.subtle.importKey("raw", rawKey(text), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

async function read(text) {
  const [mark, facts, signature] = text.slice(text.lastIndexOf("#") + 1).trim().split(".");
  if (mark !== "L1" || !signature) return ["bad", []];
  const body = bytes(facts);
  const message = new Uint8Array([...new TextEncoder().encode("lontar-1\n"), ...body]);
  for (const key of words.keys.split(" ")) {
    if (await signedBy(key, bytes(signature), message)) return ["good", new TextDecoder().decode(body).split("\n")];
  }
  return ["bad", []];
}

function day(text) {
  const language = document.documentElement.lang;
  const locale = language === "en" ? "en-GB" : language;
  return text && new Date(text).toLocaleDateString(locale, { dateStyle: "long", timeZone: "UTC" });
}

function judge(said, [number, , mark, , , , , , expiry]) {
  if (said !== "good") return said;
  if (words.number && words.number !== number) return "other";
  if (mark) return "nothing";
  return expiry && expiry < new Date().toISOString().slice(0, 10) ? "expired" : said;
}

function show(said, facts) {
  const [number, kind, , name, latin, course, version, date, expiry] = facts;
  const shown = [number, words[kind], name, latin, course, version, day(date), day(expiry)];
  const verdict = judge(said, facts);
  const note = box.querySelector(".box");
  note.textContent = words[verdict];
  note.className = "box " + (verdict === "good" ? "good" : "warn");
  box.querySelectorAll("dd").forEach((place, at) => {
    place.firstChild.textContent = shown[at] || "";
    place.hidden = place.previousElementSibling.hidden = !shown[at] || Boolean(words.number);
  });
  const twice = Boolean(words.number); // beside our record, the same facts need not stand again
  box.querySelectorAll(".known").forEach(part => { part.hidden = said !== "good" || twice; });
  box.hidden = false;
}

async function check(text) {
  let found = ["bad", []];
  try {
    found = await read(text);
  } catch (error) {
    if (error.name !== "InvalidCharacterError") found = ["cannot", []];
  }
  show(...found);
}

const form = document.getElementById("code-form");
if (form) form.addEventListener("submit", event => {
  event.preventDefault();
  check(form.elements.code.value);
});
const fromAddress = () => { if (location.hash.startsWith("#L1.")) check(location.hash); };
addEventListener("hashchange", fromAddress);
fromAddress();
})();
