/** A shorter key or token could be guessed by trying; whoever has a signed trail can try without being noticed. */
export const leastSecretLength = 32;
