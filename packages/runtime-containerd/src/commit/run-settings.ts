import type { ImageExecution } from "@voiyd/oci-registry";
import type { ContainerConfig, Labels } from "@voiyd/runtime-api";

/** How an image is run, as far as a commit says it. */
export interface RunSettings {
  readonly user: string | undefined;
  /** By names. */
  readonly env: ReadonlyMap<string, string>;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly workingDir: string | undefined;
  readonly stopSignal: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** As `80/tcp`. */
  readonly exposedPorts: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

/** As a container was run: its own word, and the image's where it has none. */
export function settingsOf(image: ImageExecution, config: ContainerConfig, labels: Labels): RunSettings {
  const given = config.args !== undefined && config.args.length > 0 ? config.args : undefined;
  const published = (config.portMappings ?? []).map(
    ({ containerPort, protocol = "tcp" }) => `${String(containerPort)}/${protocol}`,
  );
  return {
    user: config.user ?? image.user,
    env: new Map([
      ...image.env.map((text) => nameAndValue(text)),
      ...(config.envvars ?? []).map(({ name, value }) => [name, value] as const),
    ]),
    entrypoint: config.entrypoint ?? image.entrypoint,
    cmd: given ?? (config.entrypoint === undefined ? image.cmd : undefined),
    workingDir: config.workingDir ?? image.workingDir,
    stopSignal: config.stopSignal ?? image.stopSignal,
    labels: new Map([...Object.entries(image.labels), ...Object.entries(labels)]),
    exposedPorts: new Set([...image.exposedPorts, ...published]),
    volumes: new Set(image.volumes),
  };
}

/** As an image's configuration has it, over what it said before. */
export function toImageConfig(
  settings: RunSettings,
  before: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const members: Readonly<Record<string, unknown>> = {
    User: settings.user,
    Env: Array.from(settings.env, ([name, value]) => `${name}=${value}`),
    Entrypoint: settings.entrypoint,
    Cmd: settings.cmd,
    WorkingDir: settings.workingDir,
    StopSignal: settings.stopSignal,
    Labels: settings.labels.size === 0 ? undefined : object(settings.labels),
    ExposedPorts: settings.exposedPorts.size === 0 ? undefined : emptyMembers(settings.exposedPorts),
    Volumes: settings.volumes.size === 0 ? undefined : emptyMembers(settings.volumes),
  };
  const kept = Object.entries(before).filter(([key]) => !Object.hasOwn(members, key));
  return object([...kept, ...Object.entries(members).filter(([, value]) => value !== undefined)]);
}

function nameAndValue(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function emptyMembers(names: ReadonlySet<string>): object {
  return object(Array.from(names, (name) => [name, {}] as const));
}

/** Whatever the keys: `__proto__` is one like any other. */
function object(entries: Iterable<readonly [string, unknown]>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries);
}
