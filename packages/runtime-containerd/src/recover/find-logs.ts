import { LABEL } from "../container/label-names.js";
import { ifNameIsOurs } from "../container/name-lock.js";
import type { RuntimeContext } from "../context.js";
import { removeLogFiles } from "../io/log-files.js";
import { logPaths } from "../io/log-paths.js";
import { namesWithLogs } from "../io/names-with-logs.js";
import type { Finding, Options } from "./finder.js";
import { nameOf } from "./find-names.js";

/**
 * Log folders of names that nobody has, in any namespace of the daemon: the folder is shared by them. A name is reserved
 * before its logs are made, and freed after they are removed, so the folders are looked at first.
 */
export async function findLogs(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const named = await namesWithLogs(context);
  if (named.length === 0) return [];
  const taken = await namesInUse(context, options);
  return named.filter((name) => !taken.has(name)).map((name) => finding(context, name));
}

function finding(context: RuntimeContext, name: string): Finding {
  return {
    kind: "log",
    subject: logPaths(context.logDirFmt, name).directory,
    meaning: "no container has this name any more",
    mend: (options) =>
      ifNameIsOurs(
        context,
        name,
        "",
        async () => {
          if (!(await namesInUse(context, options)).has(name)) await removeLogFiles(context, name);
        },
        options,
      ),
  };
}

async function namesInUse(context: RuntimeContext, options: Options): Promise<ReadonlySet<string>> {
  const { namespaces } = await context.client.namespaces.list({}, options);
  const names = new Set<string>();
  for (const { name: namespace } of namespaces) {
    const client = context.client.with({ namespace });
    const { leases } = await client.leases.list({}, options);
    for (const lease of leases) names.add(nameOf(lease) ?? "");
    for await (const { container } of client.containers.listStream({}, options)) {
      const labels = container?.labels ?? {};
      for (const key of [LABEL.name, LABEL.legacyName]) names.add(labels[key] ?? "");
    }
  }
  return names;
}
