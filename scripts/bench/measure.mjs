// Runs whole processes in turn, and compares their medians.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A job is `{ args, cwd?, environment?, prepare? }`: Node runs on `args` in `cwd`, by default in `folder`, each time after
 * `prepare`.
 */
export function makeMeasure({ folder, pairs }) {
  const peakFile = join(folder, "peak");
  const report = join(folder, "peak.cjs");
  writeFileSync(
    report,
    `process.on("exit",()=>{const{maxRSS,userCPUTime:u,systemCPUTime:s}=process.resourceUsage();require("node:fs").writeFileSync(process.env.PEAK_FILE,maxRSS+" "+(u+s))})`,
  );

  /** Waits for the process; its peak memory and processor time are read just before it ends. */
  function time({ args, cwd = folder, environment = {}, prepare }) {
    prepare?.();
    return new Promise((done, failed) => {
      const started = performance.now();
      const child = spawn(process.execPath, ["--require", report, ...args], {
        cwd,
        env: { ...process.env, ...environment, PEAK_FILE: peakFile },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let errors = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (errors += chunk));
      child.on("close", (status) => {
        const ms = performance.now() - started;
        if (status !== 0)
          return void failed(new Error(`${args.join(" ")} exited with ${status}: ${errors}`));
        const [rss, cpu] = readFileSync(peakFile, "utf8").split(" ").map(Number);
        done({ ms, maxRssMiB: rss / 1024, cpuMs: cpu / 1000 });
      });
    });
  }

  /** The medians of jobs that run in turn: an array of `{ ms, maxRssMiB, cpuMs }`. */
  async function inTurn(jobs, turns = pairs) {
    const runs = jobs.map(() => []);
    for (let turn = 0; turn < turns; turn += 1)
      for (const [index, job] of jobs.entries()) runs[index].push(await time(job));
    return runs.map((of) =>
      Object.fromEntries(
        ["ms", "maxRssMiB", "cpuMs"].map((key) => [key, median(of.map((run) => run[key]))]),
      ),
    );
  }

  /** The median of the ratios of one time to the other, over pairs of runs. */
  async function ratio(one, other) {
    const ratios = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const { ms } = await time(one);
      ratios.push(ms / (await time(other)).ms);
    }
    return median(ratios);
  }

  return { time, inTurn, ratio };
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
