/** What an option takes: nothing, one value (the last one given wins), or a value each time it is given. */
export type OptionKind = "flag" | "value" | "list";

export interface OptionSpec {
  readonly kind: OptionKind;
  /** One letter, without the hyphen. */
  readonly short?: string;
  /** Other names that mean the same; not in the help text. */
  readonly aliases?: readonly OptionAlias[];
  /** What the value is called in the help text. */
  readonly value?: string;
  readonly help: string;
  /** Understood, and not in the help text. Default false. */
  readonly hidden?: boolean;
  /** Which values are understood and not followed: they are refused, with `help` as the reason. Default: none. */
  readonly refuses?: (value: string) => boolean;
}

export interface OptionAlias {
  readonly name: string;
  readonly short?: string;
}

/** The options of a command, keyed by their long name without hyphens. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** Options that stand before the command. Their long forms are taken after it too, as `nerdctl` does. */
export const GLOBAL_OPTIONS: OptionTable = {
  address: {
    kind: "value",
    short: "a",
    aliases: [{ name: "host", short: "H" }],
    value: "PATH",
    help: "containerd's socket (CONTAINERD_ADDRESS)",
  },
  namespace: { kind: "value", short: "n", value: "NAME", help: "containerd namespace (CONTAINERD_NAMESPACE)" },
  debug: { kind: "flag", help: "show what happens, and the causes of errors" },
  version: { kind: "flag", short: "v", help: "print the version of voiyd" },
  help: { kind: "flag", short: "h", help: "print this help" },
};

/** `table` with what every command takes besides its own options. */
export function withGlobalOptions(table: OptionTable): OptionTable {
  const shorts = new Set(Object.values(table).map((spec) => spec.short));
  const helpShort = shorts.has("h") ? {} : { short: "h" };
  return {
    address: { kind: "value", value: "PATH", help: "containerd's socket (CONTAINERD_ADDRESS)" },
    namespace: { kind: "value", value: "NAME", help: "containerd namespace (CONTAINERD_NAMESPACE)" },
    debug: { kind: "flag", help: "show what happens, and the causes of errors" },
    help: { kind: "flag", ...helpShort, help: "print this help" },
    ...table,
  };
}
