/** The path; null where there is none. */
export declare function findBrowser(): string | null;
export declare const howToGetOne: string;
