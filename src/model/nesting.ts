// How deeply a value from outside may be nested, so that reconcile can read every record that it writes.

/** Levels of a record, and of an answer, which a record may hold; `JSON.stringify` fails on values that nest far deeper. */
export const maxRecordLevels = 500;

/** A record holds a resource's options a few levels down, the deepest in a patch that replaces a whole document. */
export const maxOptionLevels = maxRecordLevels - 10;
