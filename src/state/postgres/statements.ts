// The statements of the store: one for each of its calls. A schema's name is the only thing that is written into them.
import { quoteName } from "./quote.ts";

export interface Statements {
  readonly look: string;
  readonly hashOf: string;
  readonly read: string;
  readonly take: string;
  readonly renew: string;
  readonly release: string;
  readonly append: string;
  readonly markMoved: string;
  readonly findOrganization: string;
  readonly rememberOrganization: string;
}

/** `$1` and `$2` are the organization and the owner wherever a statement is about a trail. */
const itsTrail = "organization = $1 and owner = $2";

export function makeStatements(schemaName: string): Statements {
  const schema = quoteName(schemaName);
  return {
    look: `
select lease.fence, lease.moved_to, newest.seq, newest.hash,
    case when lease.expires_at > ${schema}.present_time() then lease.holder end as holder
  from (select) as one
  left join (select * from ${schema}.leases where ${itsTrail}) as lease on true
  left join (select seq, hash from ${schema}.records where ${itsTrail} order by seq desc limit 1) as newest on true`,

    hashOf: `select hash from ${schema}.records where ${itsTrail} and seq = $3`,

    // The records of one piece: as many as there are up to `$4` bytes before the last of them, and `$5` at most. The length of
    // a long line is read without the line.
    read: `
select seq, line from (
  select seq, line, sum(bytes) over (order by seq rows unbounded preceding) - bytes as bytes_before from (
    select seq, line, octet_length(line) as bytes from ${schema}.records where ${itsTrail} and seq > $3
      order by seq limit $5
  ) as following
) as measured where bytes_before < $4 order by seq`,

    take: `select * from ${schema}.take_lease($1, $2, $3, $4, $5, $6, $7)`,

    renew: `update ${schema}.leases set expires_at = ${schema}.present_time() + $4::bigint * interval '1 ms'
      where ${itsTrail} and fence = $3 and holder is not null returning 1`,

    release: `update ${schema}.leases set holder = null, taker = null, expires_at = '-infinity' where ${itsTrail} and fence = $3`,

    append: `select ${schema}.append_records($1, $2, $3, $4, $5, $6, $7) as is_appended`,

    markMoved: `update ${schema}.leases set moved_to = $4 where ${itsTrail} and fence = $3 and holder is not null returning 1`,

    findOrganization: `select id, name from ${schema}.organizations where environment = $1 and client_id = $2`,

    rememberOrganization: `
insert into ${schema}.organizations (environment, client_id, id, name) values ($1, $2, $3, $4)
  on conflict (environment, client_id) do update set id = excluded.id, name = excluded.name`,
  };
}
