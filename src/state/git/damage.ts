// The error for which the store's own folder is made anew: something in it is not as Git left it.

/** `words` are Git's, or ours. */
export class Damage extends Error {
  constructor(words: string) {
    super(words);
    this.name = "Damage";
  }
}
