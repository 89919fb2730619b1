// What finds the manifests of a folder, as the command hands it to Git's part; the working directory may be a mock.
import { resolve } from "node:path";
import type { FindManifests } from "../../src/git/compare-with-commit.ts";
import { findFiles } from "../../src/manifest/find-files.ts";

export function manifestsIn(folder: string): FindManifests {
  return (files) => findFiles(resolve(folder), files);
}
