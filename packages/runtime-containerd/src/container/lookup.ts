import { type ContainerRef, type ID, isContainerName, isId, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { type ContainerRecord, listRecords } from "./container-store.js";
import { fieldIs, filter, hasLabel, labelIs } from "./filter.js";
import { LABEL } from "./label-names.js";

type Options = { signal?: AbortSignal };

/** The record a reference stands for; undefined when there is none. Throws `AMBIGUOUS_ID`. */
export function findRecord(
  context: RuntimeContext,
  ref: ContainerRef,
  options: Options,
): Promise<ContainerRecord | undefined> {
  if (typeof ref === "string") return findByText(context, ref, options);
  // An object that has been run knows which container it is; a namesake made since is another one.
  const id = "status" in ref ? ref.status.id : undefined;
  return id === undefined ? findByName(context, ref.meta.name, options) : findById(context, id, options);
}

/** Like {@link findRecord}, but absence is `NOT_FOUND`. */
export async function getRecord(
  context: RuntimeContext,
  ref: ContainerRef,
  options: Options,
): Promise<ContainerRecord> {
  const record = await findRecord(context, ref, options);
  if (record !== undefined) return record;
  const name = typeof ref === "string" ? ref : ref.meta.name;
  throw new RuntimeError("NOT_FOUND", `no container ${JSON.stringify(name)} in namespace ${context.namespace}`, {
    details: { container: name },
  });
}

async function findByText(
  context: RuntimeContext,
  text: string,
  options: Options,
): Promise<ContainerRecord | undefined> {
  return (
    (isContainerName(text) ? await findByName(context, text, options) : undefined) ??
    (isId(text)
      ? ((await findById(context, text, options)) ?? (await findByPrefix(context, text, options)))
      : undefined)
  );
}

async function findByName(
  context: RuntimeContext,
  name: string,
  options: Options,
): Promise<ContainerRecord | undefined> {
  for await (const record of listRecords(context, [labelIs(LABEL.name, name)], options)) return record;
  return undefined;
}

async function findById(context: RuntimeContext, id: ID, options: Options): Promise<ContainerRecord | undefined> {
  for await (const record of listRecords(context, [filter(fieldIs("id", id), hasLabel(LABEL.name))], options))
    return record;
  return undefined;
}

async function findByPrefix(
  context: RuntimeContext,
  prefix: string,
  options: Options,
): Promise<ContainerRecord | undefined> {
  const matches: ContainerRecord[] = [];
  // Containerd could match a pattern, but a pattern is exactly what a prefix must not become.
  for await (const record of listRecords(context, [], options)) if (record.id.startsWith(prefix)) matches.push(record);
  if (matches.length <= 1) return matches[0];
  throw new RuntimeError(
    "AMBIGUOUS_ID",
    `${JSON.stringify(prefix)} is the beginning of ${String(matches.length)} ids`,
    {
      hint: "give more characters, or a name",
      details: { matches: matches.map((record) => `${record.id} (${record.name})`) },
    },
  );
}
