import type { BlockIO, ContainerConfig, Labels, Mount, Namespaces, Resources } from "@voiyd/runtime-api";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Config = Omit<ContainerConfig, "image">;
/** What lists a configuration has, and of what. */
type ListKey = { [K in keyof Config]-?: NonNullable<Config[K]> extends readonly unknown[] ? K : never }[keyof Config];
type Item<K extends ListKey> = NonNullable<Config[K]> extends readonly (infer T)[] ? T : never;

/** A container's configuration while the flags of a command line write into it. */
export class RequestDraft {
  readonly config: Writable<Config> = {};
  readonly #labels = new Map<string, string>();
  /** Folders of the host that are made where they are missing, as Docker does for `-v`. */
  readonly foldersToMake: string[] = [];

  /** Adds to a list of the configuration. */
  add<K extends ListKey>(key: K, ...items: readonly Item<K>[]): void {
    const before: readonly unknown[] = this.config[key] ?? [];
    if (items.length > 0) Object.assign(this.config, { [key]: [...before, ...items] });
  }

  mount(...mounts: readonly Mount[]): void {
    this.add("mounts", ...mounts);
  }

  limit(limits: Resources): void {
    this.config.resources = { ...this.config.resources, ...limits };
  }

  limitBlockIO(limits: BlockIO): void {
    this.limit({ blockIO: { ...this.config.resources?.blockIO, ...limits } });
  }

  namespace(namespaces: Namespaces): void {
    this.config.namespaces = { ...this.config.namespaces, ...namespaces };
  }

  capabilities(which: "add" | "drop", names: readonly string[]): void {
    if (names.length > 0) this.config.capabilities = { ...this.config.capabilities, [which]: names };
  }

  /** Adds labels; of the same key the last counts. */
  label(labels: Labels): void {
    for (const [key, value] of Object.entries(labels)) this.#labels.set(key, value);
  }

  /** The labels as an object in which no key is special. */
  get labels(): Labels {
    return Object.fromEntries(this.#labels);
  }
}
