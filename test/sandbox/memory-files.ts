// A disk in memory for the sandbox's state, whose writes the test can hold back or make fail.

export interface MemoryFiles {
  readonly texts: Map<string, string>;
  readonly writes: { readonly path: string; readonly text: string; readonly mode: number | undefined }[];
  /** Awaited before each write lands. */
  beforeWrite: () => Promise<void>;
  /** Holds writes back from now on. */
  hold(): HeldWrites;
  read(path: string): Promise<Uint8Array>;
  write(path: string, text: string, options?: { readonly mode?: number }): Promise<void>;
  create(path: string, content: string | Uint8Array, options: { readonly mode: number }): Promise<void>;
}

export interface HeldWrites {
  /** Resolves when a write has been held back. */
  readonly started: Promise<void>;
  /** Lets the held write and all later ones land. */
  release(): void;
}

export function makeMemoryFiles(): MemoryFiles {
  const texts = new Map<string, string>();
  const files: MemoryFiles = {
    texts,
    writes: [],
    beforeWrite: () => Promise.resolve(),
    hold: () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const started = new Promise<void>((resolve) => {
        files.beforeWrite = () => {
          resolve();
          return released;
        };
      });
      return { started, release };
    },
    read: (path) => {
      const text = texts.get(path);
      if (text !== undefined) return Promise.resolve(new TextEncoder().encode(text));
      return Promise.reject(Object.assign(new Error(`no ${path}`), { code: "ENOENT" }));
    },
    create: (path, content, options) => files.write(path, Buffer.from(content).toString(), options),
    write: async (path, text, { mode } = {}) => {
      await files.beforeWrite();
      files.writes.push({ path, text, mode });
      texts.set(path, text);
    },
  };
  return files;
}
