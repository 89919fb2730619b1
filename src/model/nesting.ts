// How deeply a value from outside may be nested, so that reconcile can read every record that it writes.

/** Levels of a record; `JSON.stringify` fails on values that nest far deeper. */
export const maxRecordLevels = 500;

/** An answer that nests deeper could not be put into a record, or into a request. */
export const maxAnswerLevels = maxRecordLevels;

/** A record holds a resource's options a few levels down, the deepest in a patch that replaces a whole document. */
export const maxOptionLevels = maxRecordLevels - 10;
