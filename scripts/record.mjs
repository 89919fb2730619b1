// Makes docs/run.svg, a picture of a real run against the sandbox, from what the command prints.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const command = resolve("dist/reconcile.js");
const folder = mkdtempSync(join(tmpdir(), "reconcile-"));
cpSync("subscriptions", join(folder, "subscriptions"), { recursive: true });

let shown = show("npx reconcile --sandbox", ["--sandbox"]);
shown += show("npx reconcile --sandbox", ["--sandbox"]);
const manifest = join(folder, "subscriptions/analytics-pipeline-alpha.yaml");
const edited = readFileSync(manifest, "utf8").replace(/^ {4}- .*genesys-2\n/m, "");
writeFileSync(manifest, edited);
shown += show(
  "sed -i /genesys-2/d subscriptions/analytics-pipeline-alpha.yaml; npx reconcile --dry-run --sandbox",
  ["--dry-run", "--sandbox"],
);
rmSync(folder, { recursive: true });
writeFileSync("docs/run.svg", draw(shown.trimEnd().split("\n")));

function show(typed, args) {
  const environment = { ...process.env, FORCE_COLOR: "1", NO_COLOR: "" };
  const output = execFileSync("node", [command, ...args], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  return `\u001b[1m$ ${typed}\u001b[22m\n${output}\n`;
}

function draw(lines) {
  const longest = Math.max(...lines.map((line) => line.replace(/\u001b\[\d+m/g, "").length));
  const [width, height] = [Math.ceil(longest * 7.6) + 32, lines.length * 17 + 32];
  const rows = lines.map((line, row) => `<text x="16" y="${row * 17 + 28}">${paint(line)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img"
  aria-label="reconcile converging the example manifests in a terminal">
<style>text{white-space:pre;font:12.5px ui-monospace,Menlo,Consolas,monospace;fill:#d7dce2}.b{font-weight:bold;fill:#fff}.d{fill:#8b949e}
.g{fill:#56d364}.y{fill:#e3b341}.r{fill:#ff7b72}.c{fill:#56d4dd}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`;
}

function paint(line) {
  const classes = { 1: "b", 2: "d", 31: "r", 32: "g", 33: "y", 36: "c" };
  let open = "";
  return line
    .split(/\u001b\[(\d+)m/)
    .map((part, index) => {
      if (index % 2 === 1) {
        open = classes[part] ?? "";
        return "";
      }
      const text = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return text === "" || open === "" ? text : `<tspan class="${open}">${text}</tspan>`;
    })
    .join("");
}
