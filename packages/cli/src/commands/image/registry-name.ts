import { UsageError } from "../../command-line/usage-error.js";

const DOCKER_HUB = "docker.io";
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?$/;

/** The registry that `login` and `logout` mean: `host[:port]`, a URL of one, or Docker Hub. Throws {@link UsageError}. */
export function registryName(text: string | undefined): string {
  const host = (text ?? DOCKER_HUB).replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  if (!HOST.test(host)) throw new UsageError(`${JSON.stringify(text)} is no registry`, "give host or host:port");
  return host === "index.docker.io" || host === "registry-1.docker.io" ? DOCKER_HUB : host;
}
