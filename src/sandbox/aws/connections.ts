// The actions on connections. Their secrets are thrown away: nothing here ever sends them.
import { isIn, makeArn } from "./arns.ts";
import {
  answerWith,
  done,
  refuseAws,
  refuseUnknown,
  seconds,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import { hasPrefix, listAwsPage, type Paging } from "./aws-page.ts";
import type { StoredConnection } from "./aws-state.ts";

interface Named {
  readonly Name: string;
}

interface NewConnection extends Named {
  readonly Description?: string;
  readonly AuthorizationType: string;
}

export function createConnection(call: AwsCall<NewConnection>): AwsAnswer {
  const { aws, input, nowMs, place } = call;
  const { Name, Description, AuthorizationType } = input;
  if (findByName(call, Name))
    return refuseAws("ResourceAlreadyExistsException", `Connection '${Name}' already exists.`);
  const ConnectionArn = makeArn(place, `connection/${Name}/${call.newId()}`);
  aws.connections.set(ConnectionArn, {
    ...{ Name, ConnectionArn, AuthorizationType, createdAtMs: nowMs },
    ...(Description !== undefined && { Description }),
    ConnectionState: "AUTHORIZED",
  });
  return { ...done, json: { ConnectionArn, ConnectionState: "AUTHORIZED" } };
}

export function describeConnection(call: AwsCall<Named>): AwsAnswer {
  const connection = findByName(call, call.input.Name);
  if (!connection) return refuseConnection("describe", call.input.Name);
  return answerWith({ ...show(connection), Description: connection.Description, AuthParameters: {} });
}

export function listConnections(
  call: AwsCall<Paging & { readonly NamePrefix?: string; readonly ConnectionState?: string }>,
): AwsAnswer {
  const { NamePrefix, ConnectionState } = call.input;
  const shown = connectionsIn(call).filter(
    (one) =>
      hasPrefix(one.Name, NamePrefix) &&
      (ConnectionState === undefined || one.ConnectionState === ConnectionState),
  );
  return listAwsPage(call, {
    key: "Connections",
    entries: shown,
    nameOf: ({ Name }) => Name,
    show,
  });
}

export function deleteConnection(call: AwsCall<Named>): AwsAnswer {
  const connection = findByName(call, call.input.Name);
  if (!connection || !call.aws.connections.delete(connection.ConnectionArn))
    return refuseConnection("delete", call.input.Name);
  return { ...done, json: { ConnectionArn: connection.ConnectionArn, ConnectionState: "DELETING" } };
}

export function findConnection(call: AwsCall<unknown>, arn: string): StoredConnection | undefined {
  return connectionsIn(call).find(({ ConnectionArn }) => ConnectionArn === arn);
}

function findByName(call: AwsCall<unknown>, name: string): StoredConnection | undefined {
  return connectionsIn(call).find(({ Name }) => Name === name);
}

function connectionsIn({ aws, account, place }: AwsCall<unknown>): readonly StoredConnection[] {
  const given = account.connections.filter((arn) => !aws.connections.has(arn)).map(makeGiven);
  return [...given, ...aws.connections.values()].filter(({ ConnectionArn }) => isIn(place, ConnectionArn));
}

/** A connection that exists because whoever set the account up says so. */
function makeGiven(arn: string): StoredConnection {
  const Name = arn.split("/")[1] ?? "";
  const more = { ConnectionState: "AUTHORIZED", AuthorizationType: "API_KEY", createdAtMs: 0 };
  return { Name, ConnectionArn: arn, ...more };
}

function refuseConnection(verb: string, name: string): AwsAnswer {
  return refuseUnknown(`Failed to ${verb} the connection(s). Connection '${name}' does not exist.`);
}

function show({ createdAtMs, ...fields }: StoredConnection): object {
  const time = seconds(createdAtMs);
  const times = { CreationTime: time, LastModifiedTime: time, LastAuthorizedTime: time };
  return { ...fields, ...times, Description: undefined };
}
