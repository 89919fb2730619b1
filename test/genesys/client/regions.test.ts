import { expect, test } from "vitest";
import { apiUrl, findRegion, regionDomains, tokenUrl } from "../../../src/genesys/client/regions.ts";

test("a region is found by its domain and by its AWS region", () => {
  const oregon = { domain: "usw2.pure.cloud", awsRegion: "us-west-2" };
  expect(findRegion("usw2.pure.cloud")).toEqual(oregon);
  expect(findRegion(" US-WEST-2 ")).toEqual(oregon);
  expect(findRegion("mypurecloud.com")?.awsRegion).toBe("us-east-1");
});

test("nothing outside the table is a region", () => {
  for (const text of ["", "pure.cloud", "evil.example", "constructor"])
    expect(findRegion(text)).toBeUndefined();
});

test("there are eighteen regions with distinct domains", () => {
  expect(new Set(regionDomains).size).toBe(18);
  for (const domain of regionDomains) expect(findRegion(domain)?.domain).toBe(domain);
});

test("API and login live under the domain", () => {
  expect(apiUrl("mypurecloud.ie")).toBe("https://api.mypurecloud.ie");
  expect(tokenUrl("mypurecloud.ie")).toBe("https://login.mypurecloud.ie/oauth/token");
});
