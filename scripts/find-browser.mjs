// Finds a Chromium on this machine, by CHROMIUM_PATH or in the usual places.
import { existsSync } from "node:fs";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/** Returns the path of the browser; null if there is none. */
export function findBrowser() {
  const named = process.env.CHROMIUM_PATH;
  return [...(named ? [named] : usual)].find((path) => existsSync(path)) ?? null;
}

export const howToGetOne =
  "no Chromium here: apt-get install chromium, or set CHROMIUM_PATH to a Chromium or Chrome";
