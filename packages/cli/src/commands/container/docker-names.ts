import type { Attachment, Container, ContainerStatus, ImageDetails, PortMapping } from "@voiyd/runtime-api";
import { networksOf } from "../../options/container-filter.js";
import { isRestarting, stateOf } from "../../output/status.js";
import type { Fields, Value } from "../../template/value.js";

/** What a container does not tell itself. */
export interface Around {
  /** Absent where it was not asked for, or is not here any more. */
  readonly image?: ImageDetails;
  readonly attachment?: Attachment;
}

/** Docker's word for a time that has not been. */
const NEVER = "0001-01-01T00:00:00Z";

/**
 * A container by the names that `docker inspect` has for what is in it, so that templates for Docker go on working. What
 * cannot be told is not there, rather than being made up.
 */
export function dockerNames(container: Container, { image, attachment }: Around): Fields {
  const { meta, config, status } = container;
  const [path = "", ...args] = status.command ?? [...(config.entrypoint ?? []), ...(config.args ?? [])];
  return {
    Id: status.id,
    Name: `/${meta.name}`,
    Created: meta.created.toISOString(),
    Path: path,
    Args: args,
    ...(image === undefined ? {} : { Image: image.digest }),
    RestartCount: status.restartCount ?? 0,
    Platform: "linux",
    State: stateNames(container),
    Config: configNames(container, image),
    HostConfig: hostConfigNames(container),
    Mounts: mountNames(container),
    NetworkSettings: {
      IPAddress: status.ip ?? "",
      Ports: portNames(status.ports ?? []),
      ...(attachment === undefined ? {} : { Networks: networkNames(attachment) }),
    },
  };
}

function stateNames(container: Container): Fields {
  const { status } = container;
  return {
    Status: stateOf(container),
    Running: status.phase === "running" || status.phase === "paused",
    Paused: status.phase === "paused",
    Restarting: isRestarting(status),
    OOMKilled: status.oomKilled ?? false,
    Dead: false,
    Pid: status.pid ?? 0,
    ExitCode: status.exitCode ?? 0,
    Error: status.error ?? "",
    StartedAt: status.startedAt?.toISOString() ?? NEVER,
    FinishedAt: status.exitedAt?.toISOString() ?? NEVER,
    Health: healthNames(status),
  };
}

function healthNames({ health }: ContainerStatus): Value {
  if (health === undefined) return null;
  return {
    Status: health.status,
    FailingStreak: health.failingStreak,
    Log: health.log.map(({ start, end, exitCode, output }) => ({
      Start: start.toISOString(),
      End: end.toISOString(),
      ExitCode: exitCode,
      Output: output,
    })),
  };
}

/** With what comes of the image, where that is known. */
function configNames({ meta, config, status }: Container, image: ImageDetails | undefined): Fields {
  const own = (config.envvars ?? []).map(({ name, value }) => `${name}=${value}`);
  const names = new Set(config.envvars?.map(({ name }) => name));
  const inherited = image?.config.env.filter((text) => !names.has(text.split("=", 1)[0] ?? ""));
  return {
    Image: config.image,
    Hostname: config.hostname ?? status.id.slice(0, 12),
    Labels: meta.labels,
    Tty: config.tty ?? false,
    OpenStdin: config.stdin ?? false,
    ...(image === undefined || inherited === undefined
      ? {}
      : {
          Env: [...own, ...inherited],
          User: config.user ?? image.config.user ?? "",
          WorkingDir: config.workingDir ?? image.config.workingDir ?? "",
          Entrypoint: config.entrypoint ?? image.config.entrypoint ?? null,
          // An entrypoint of the container's own stands without the arguments of the image.
          Cmd: config.args ?? (config.entrypoint === undefined ? image.config.cmd : undefined) ?? null,
        }),
  };
}

function hostConfigNames({ config }: Container): Fields {
  const { restartPolicy, resources, capabilities } = config;
  return {
    RestartPolicy: { Name: restartPolicy?.name ?? "no", MaximumRetryCount: restartPolicy?.maxRetries ?? 0 },
    NetworkMode: networksOf({ config })[0] ?? "",
    Privileged: config.privileged ?? false,
    ReadonlyRootfs: config.readOnlyRootfs ?? false,
    Memory: resources?.memory ?? 0,
    NanoCpus: (resources?.cpus ?? 0) * 1e9,
    CapAdd: capabilities?.add ?? null,
    CapDrop: capabilities?.drop ?? null,
  };
}

/** Where the runtime keeps a volume is its own business. */
function mountNames({ config }: Container): Value {
  return (config.mounts ?? []).flatMap((mount): Fields[] => {
    const { type, destination, readOnly = false } = mount;
    if (type === "tmpfs") return [];
    const from = type === "bind" ? { Source: mount.source } : { Name: mount.name ?? "" };
    return [{ Type: type, ...from, Destination: destination, RW: !readOnly }];
  });
}

function portNames(ports: readonly PortMapping[]): Fields {
  const byPort = new Map<string, Fields[]>();
  for (const { containerPort, hostPort, hostIp = "0.0.0.0", protocol = "tcp" } of ports) {
    const key = `${containerPort}/${protocol}`;
    byPort.set(key, [...(byPort.get(key) ?? []), { HostIp: hostIp, HostPort: String(hostPort) }]);
  }
  return Object.fromEntries(byPort);
}

function networkNames({ interfaces }: Attachment): Fields {
  return Object.fromEntries(
    interfaces.map(({ network, mac, addresses }) => {
      const [v4, v6] = [4, 6].map((family) => addresses.find((address) => address.family === family));
      return [
        network,
        {
          IPAddress: v4?.address ?? "",
          IPPrefixLen: v4?.prefixLength ?? 0,
          Gateway: v4?.gateway ?? "",
          GlobalIPv6Address: v6?.address ?? "",
          GlobalIPv6PrefixLen: v6?.prefixLength ?? 0,
          IPv6Gateway: v6?.gateway ?? "",
          MacAddress: mac ?? "",
        },
      ];
    }),
  );
}
