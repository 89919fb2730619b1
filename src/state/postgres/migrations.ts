// The tables and functions of the schema, a migration a version. A migration that was released never changes: a new one
// follows it.
import { quoteName, quoteText } from "./quote.ts";

/** The version that this program works with. */
export const newestVersion = 1;

/** Returns the SQL of each version above `from`, in order. */
export function migrationsAfter(from: number, schema: string): { version: number; sql: string }[] {
  return [firstTables]
    .map((makeSql, at) => ({ version: at + 1, sql: makeSql(quoteName(schema)) }))
    .filter(({ version }) => version > from);
}

/**
 * The functions are plpgsql, and not one SQL statement each, because every statement in them reads what others committed
 * while it waited for the lease's row; a statement that waits goes on with the view that it began with. They run with the
 * caller's rights. `present_time` is the only clock of the schema.
 */
function firstTables(schema: string): string {
  return `
create table ${schema}.migrations (version integer primary key, applied_at timestamptz not null);

create function ${schema}.present_time() returns timestamptz language sql volatile as
  'select pg_catalog.clock_timestamp()';

create table ${schema}.records (
  organization text collate "C" not null,
  owner text collate "C" not null,
  seq bigint not null check (seq > 0),
  hash text collate "C" not null,
  line text not null,
  primary key (organization, owner, seq)
);
comment on table ${schema}.records is 'The audit trail: a chain of records for each organization and owner. Append only.';

create function ${schema}.refuse_change() returns trigger language plpgsql as ${quoteText(refuseChange)};
create trigger append_only before update or delete or truncate on ${schema}.records
  for each statement execute function ${schema}.refuse_change();
alter table ${schema}.records enable always trigger append_only;

create table ${schema}.leases (
  organization text collate "C" not null,
  owner text collate "C" not null,
  fence bigint not null,
  holder json,
  taker text,
  expires_at timestamptz not null,
  moved_to text,
  primary key (organization, owner)
) with (fillfactor = 50);
comment on table ${schema}.leases is 'Who may write for an organization and owner, and until when.';

create table ${schema}.organizations (
  environment text collate "C" not null,
  client_id text collate "C" not null,
  id text not null,
  name text,
  primary key (environment, client_id)
);
comment on table ${schema}.organizations is 'The organization that each OAuth client belongs to.';

create function ${schema}.take_lease(
  its_organization text, its_owner text, new_holder json, new_taker text, own_taker text, above bigint, lasts_ms bigint,
  out is_taken boolean, out new_fence bigint, out old_fence bigint, out old_holder json,
  out head_seq bigint, out head_hash text
) language plpgsql ${byIndex} as ${quoteText(takeLease(schema))};

create function ${schema}.append_records(
  its_organization text, its_owner text, its_fence bigint, lasts_ms bigint, first_seq bigint, hashes text, lines text
) returns boolean language plpgsql ${byIndex} as ${quoteText(appendRecords(schema))};

revoke all on all functions in schema ${schema} from public;
`;
}

/**
 * A session keeps the plans of a function. One that was made while the trail was empty would read all of it later: 200 ms
 * for each append to a trail of 100,000 records, instead of 2.
 */
const byIndex = "set enable_seqscan = off set enable_bitmapscan = off";

const refuseChange = `
begin
  raise exception 'the audit trail is append only: % is refused', tg_op using errcode = 'insufficient_privilege';
end`;

/**
 * A lease is free if it was released, if its time is over, or if `own_taker` took it: a store that got no answer to a take
 * gives its own name there. A waiter that finds the lease held changes nothing, so that waiting writes nothing.
 */
function takeLease(schema: string): string {
  return `
declare
  lease ${schema}.leases;
  moment timestamptz;
begin
  select l.* into lease from ${schema}.leases as l
    where l.organization = its_organization and l.owner = its_owner;
  is_taken := false;
  old_holder := lease.holder;
  if lease.expires_at > ${schema}.present_time() and not coalesce(lease.taker = own_taker, false) then
    return;
  end if;
  insert into ${schema}.leases (organization, owner, fence, expires_at)
    values (its_organization, its_owner, 0, '-infinity') on conflict do nothing;
  select l.* into strict lease from ${schema}.leases as l
    where l.organization = its_organization and l.owner = its_owner for update;
  moment := ${schema}.present_time();
  old_holder := lease.holder;
  is_taken := lease.expires_at <= moment or coalesce(lease.taker = own_taker, false);
  if not is_taken then
    return;
  end if;
  old_fence := lease.fence;
  new_fence := greatest(old_fence + 1, above + 1, floor(extract(epoch from moment) * 1000)::bigint);
  update ${schema}.leases as l
    set fence = new_fence, holder = new_holder, taker = new_taker, expires_at = moment + lasts_ms * interval '1 ms'
    where l.organization = its_organization and l.owner = its_owner;
  select r.seq, r.hash into head_seq, head_hash from ${schema}.records as r
    where r.organization = its_organization and r.owner = its_owner order by r.seq desc limit 1;
end`;
}

/**
 * The records are numbered from `first_seq` on; their hashes and lines come as one text each, a line a record, because
 * PostgreSQL takes ten times as long to read an array of long texts.
 * The lease's row stays locked until the commit, so that nobody takes the lease, or appends, between the checks and the
 * insert. A server that does not wait for its disk is told to wait for this commit: an intent has to be durable.
 */
function appendRecords(schema: string): string {
  return `
declare
  last_seq bigint;
begin
  perform from ${schema}.leases as l
    where l.organization = its_organization and l.owner = its_owner and l.fence = its_fence and l.holder is not null
    for update;
  if not found then
    return false;
  end if;
  select r.seq into last_seq from ${schema}.records as r
    where r.organization = its_organization and r.owner = its_owner order by r.seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  if first_seq > last_seq + 1 or exists (
    select from unnest(string_to_array(hashes, chr(10))) with ordinality as given (hash, place)
      left join ${schema}.records as r on r.organization = its_organization and r.owner = its_owner
        and r.seq >= first_seq and r.seq = first_seq + given.place - 1
      where first_seq + given.place - 1 <= last_seq and r.hash is distinct from given.hash
  ) then
    return false;
  end if;
  insert into ${schema}.records (organization, owner, seq, hash, line)
    select its_organization, its_owner, first_seq + given.place - 1, given.hash, given.line
      from unnest(string_to_array(hashes, chr(10)), string_to_array(lines, chr(10)))
        with ordinality as given (hash, line, place)
      where first_seq + given.place - 1 > last_seq;
  update ${schema}.leases as l set expires_at = ${schema}.present_time() + lasts_ms * interval '1 ms'
    where l.organization = its_organization and l.owner = its_owner;
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  return true;
end`;
}
