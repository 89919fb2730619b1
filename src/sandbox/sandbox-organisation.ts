// The organisation that the sandbox is.
export interface SandboxOrganisation {
  readonly id: string;
  readonly name: string;
}

/** It is the same on every machine. */
export const sandboxOrganisation: SandboxOrganisation = {
  id: "5a4db0c5-0000-4000-8000-000000000001",
  name: "Sandbox",
};
