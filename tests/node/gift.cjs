// Reads GIFT from standard input and prints what gift-pegjs makes of it, as JSON.
const { parse } = require("gift-pegjs");
const fs = require("fs");
try {
  process.stdout.write(JSON.stringify(parse(fs.readFileSync(0, "utf8"))));
} catch (error) {
  const at = error.location ? `line ${error.location.start.line}: ` : "";
  process.stderr.write(`${at}${error.message}\n`);
  process.exit(1);
}
