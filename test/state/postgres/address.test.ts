// The address of the database: what is taken, what is refused, and that no password is shown.
import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readAddress, type Address } from "../../../src/state/postgres/address.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import { certificatePath } from "../../support/proxy.ts";

const read = (address: string): Address =>
  readAddress(address, (connectionString) => new pg.Client({ connectionString }));

function codeOf(address: string): string {
  try {
    return `${read(address).place}${read(address).isEncrypted ? " over TLS" : ""}`;
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toMatch(/s3cret/);
    return error.code;
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the address of the database", () => {
  test.each([
    ["postgres://u:s3cret@127.0.0.1/state", "127.0.0.1:5432/state"],
    ["postgresql://u:s3cret@localhost:6432/state", "localhost:6432/state"],
    ["postgres://u:s3cret@[::1]:5433/state", "[::1]:5433/state"],
    ["postgres://u@%2Frun%2Fpostgresql/state", "/run/postgresql:5432/state"],
    ["postgres:///state?host=/run/postgresql", "/run/postgresql:5432/state"],
    ["postgres://u:s3cret@/state?host=/run/postgresql", "/run/postgresql:5432/state"],
    ["postgres://u:p%40ss%2Fs3cret%23%3F@127.0.0.1/state", "127.0.0.1:5432/state"],
    ["postgres://u:s3cret@db.example.com/state?sslmode=verify-full", "db.example.com:5432/state over TLS"],
    ["postgres://u:s3cret@db.example.com/state?sslmode=require", "db.example.com:5432/state over TLS"],
    ["postgres://u:s3cret@db.example.com/state?sslmode=prefer", "db.example.com:5432/state over TLS"],
    ["postgres://u:s3cret@db.example.com/state?ssl=true", "db.example.com:5432/state over TLS"],
    [
      `postgres://u:s3cret@db.example.com/state?sslmode=verify-full&sslrootcert=${certificatePath}`,
      "db.example.com:5432/state over TLS",
    ],
    ["postgres://u:s3cret@db.example.com/state?sslmode=disable", "db.example.com:5432/state"],
    ["postgres://u:s3cret@db.example.com/state", "state/insecure"],
    ["postgres://u:s3cret@db.example.com/state?ssl=0", "state/insecure"],
    ["postgres://127.0.0.1/state?host=db.example.com", "state/insecure"],
    ["postgres://u:s3cret@127.0.0.1.example.com/state", "state/insecure"],
    ["", "state/malformedAddress"],
    ["s3cret", "state/malformedAddress"],
    ["host=db.example.com password=s3cret", "state/malformedAddress"],
    ["mysql://u:s3cret@127.0.0.1/state", "state/malformedAddress"],
    ["socket:/run/postgresql?db=s3cret", "state/malformedAddress"],
    ["postgres://u:s3cret@127.0.0.1:99999/state", "state/malformedAddress"],
    ["postgres://u:x@s3cret@127.0.0.1/state", "state/malformedAddress"],
    ["postgres://u:12#s3cret@127.0.0.1/state", "state/malformedAddress"],
    ["postgres://u:12/s3cret@127.0.0.1/state", "state/malformedAddress"],
    ["postgres://u:12?s3cret@127.0.0.1/state", "state/malformedAddress"],
    ["postgres://u:%E9@127.0.0.1/state?s3cret", "state/malformedAddress"],
    [
      "postgres://u:s3cret@127.0.0.1/state?sslmode=verify-full&sslrootcert=/s3cret",
      "state/malformedAddress",
    ],
  ])("%s", (address, expected) => {
    expect(codeOf(address)).toBe(expected);
  });

  test("what the address leaves out comes from the variables of PostgreSQL", () => {
    vi.stubEnv("PGHOST", "db.example.com");
    vi.stubEnv("PGPORT", "6432");
    expect(codeOf("postgres:///state")).toBe("state/insecure");
    vi.stubEnv("PGSSLMODE", "verify-full");
    expect(codeOf("postgres:///state")).toBe("db.example.com:6432/state over TLS");
    vi.stubEnv("PGSSLMODE", "disable");
    expect(codeOf("postgres:///state")).toBe("state/insecure");
  });

  test.each([
    "postgres://u:s3cret%21@127.0.0.1/state",
    "postgres://u@127.0.0.1/state?password=s3cret%21",
    "postgres://u:other@127.0.0.1/state?sslmode=disable&password=s3cret%21#",
  ])("the password of %s is taken out of what others say", (address) => {
    expect(read(address).hide("the login s3cret! or s3cret%21 failed")).not.toContain("s3cret");
  });

  test("the password of a variable is taken out of what others say", () => {
    vi.stubEnv("PGPASSWORD", "s3cret!");
    expect(read("postgres://u@127.0.0.1/state").hide("the login s3cret! failed")).toBe(
      "the login … failed",
    );
  });

  test("no mode of TLS makes the library warn", () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    for (const mode of ["disable", "prefer", "require", "verify-ca", "verify-full"])
      read(`postgres://u:s3cret@127.0.0.1/state?application_name=x&sslmode=${mode}`);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
