import { invalid, type RestartPolicy } from "@voiyd/runtime-api";

/** `no`, `on-failure`, `on-failure:5`, `always` or `unless-stopped`, as Docker writes them. Throws `INVALID_ARGUMENT`. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name = "", count, ...more] = text.split(":");
  const allowed = "no, on-failure, on-failure:COUNT, always or unless-stopped";
  if (more.length > 0 || (count !== undefined && !/^[0-9]{1,9}$/.test(count)))
    throw invalid("--restart", text, allowed);
  switch (name) {
    case "":
    case "no":
    case "always":
    case "unless-stopped":
      // Docker takes a count of 0 for "none" everywhere, and refuses another one here.
      if (count !== undefined && Number(count) !== 0)
        throw invalid("--restart", text, `${allowed}: the count is for on-failure`);
      return { name: name === "" ? "no" : name };
    case "on-failure":
      return count === undefined || Number(count) === 0 ? { name } : { name, maxRetries: Number(count) };
    default:
      throw invalid("--restart", text, allowed);
  }
}
