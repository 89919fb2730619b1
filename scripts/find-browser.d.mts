/** Returns the path of the browser; null if there is none. */
export declare function findBrowser(): string | null;
export declare const howToGetOne: string;
