import { invalid, type Logging } from "@voiyd/runtime-api";
import { parseKeyValues } from "../key-value.js";
import { parseSize } from "../size.js";
import { list, type RunFlags, single } from "./run-flag.js";

/**
 * Where a container's output goes, by Docker's names. `json-file` and `local` are the same here: files that are rotated,
 * with the time of every line.
 */
export const LOGGING_FLAGS: RunFlags = {
  "log-driver": single(
    { value: "NAME", help: "local (or json-file), file, none, or binary:///PROGRAM?KEY=VALUE" },
    (draft, text) => {
      draft.config.logging = parseDriver(text);
    },
  ),
  "log-opt": list(
    { value: "KEY=VALUE", help: "max-size, max-file, mode, max-buffer-size, labels or env" },
    (draft, texts) => {
      const driver = draft.config.logging ?? { driver: "local" };
      draft.config.logging = withOptions(driver, parseKeyValues("--log-opt", texts));
    },
  ),
};

function parseDriver(text: string): Logging {
  switch (text) {
    case "local":
    case "json-file":
      return { driver: "local" };
    case "file":
    case "none":
      return { driver: text };
    default:
      if (text.startsWith("binary://")) return parseBinary(text);
      throw invalid("--log-driver", text, "local, json-file, file, none or binary:///PROGRAM?KEY=VALUE");
  }
}

function parseBinary(text: string): Logging {
  const { host, pathname, searchParams } = new URL(text);
  const pairs = [...searchParams];
  if (host !== "" || pairs.length > 1) {
    throw invalid("--log-driver", text, "binary:///PROGRAM?KEY=VALUE, with one pair at most");
  }
  const [pair] = pairs;
  const argument = pair === undefined ? {} : { key: pair[0], value: pair[1] };
  return { driver: "binary", path: decodeURIComponent(pathname), ...argument };
}

function withOptions(logging: Logging, options: Readonly<Record<string, string>>): Logging {
  const { labels, env, ...rest } = options;
  if (logging.driver !== "local" && logging.driver !== "file") {
    throw invalid("--log-opt", Object.keys(options).join(", "), `given without --log-driver ${logging.driver}`);
  }
  const details = {
    ...(labels === undefined ? {} : { labels: labels.split(",") }),
    ...(env === undefined ? {} : { env: env.split(",") }),
  };
  if (logging.driver === "file") {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw invalid("--log-opt", unknown, "labels or env, for the driver file");
    return { ...logging, ...details };
  }
  const known = { "max-size": undefined, "max-file": undefined, mode: undefined, "max-buffer-size": undefined };
  const unknown = Object.keys(rest).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined) {
    throw invalid("--log-opt", unknown, "max-size, max-file, mode, max-buffer-size, labels or env");
  }
  const { "max-size": size, "max-file": files, mode, "max-buffer-size": buffer } = rest;
  return {
    ...logging,
    ...details,
    ...(size === undefined ? {} : { maxSize: parseSize("--log-opt max-size", size) }),
    ...(files === undefined ? {} : { maxFiles: parseCount(files) }),
    ...(mode === undefined ? {} : { mode: parseMode(mode) }),
    ...(buffer === undefined ? {} : { maxBufferSize: parseSize("--log-opt max-buffer-size", buffer) }),
  };
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw invalid("--log-opt max-file", text, "a number of files");
  return Number(text);
}

function parseMode(text: string): "blocking" | "non-blocking" {
  if (text === "blocking" || text === "non-blocking") return text;
  throw invalid("--log-opt mode", text, "blocking or non-blocking");
}
