import type { OptionKind } from "../command-line/option-table.js";

/** A flag of another command line: what it takes, and its letter. */
export interface PeerFlag {
  readonly kind: OptionKind;
  readonly short?: string;
}

/** Flags as their help texts tell them: `name`, or `name:letter`, by what they take. */
type Written = Readonly<Record<OptionKind, string>>;

/** What `docker run` of Docker 28 takes. */
const DOCKER: Written = {
  flag: `detach:d disable-content-trust help init interactive:i no-healthcheck oom-kill-disable privileged
    publish-all:P quiet:q read-only rm sig-proxy tty:t use-api-socket`,
  value: `blkio-weight cgroup-parent cgroupns cidfile cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period
    cpu-rt-runtime cpu-shares:c cpus cpuset-cpus cpuset-mems detach-keys domainname entrypoint health-cmd
    health-interval health-retries health-start-interval health-start-period health-timeout hostname:h
    io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory log-driver mac-address memory-reservation
    memory-swap memory-swappiness memory:m name oom-score-adj pid pids-limit platform pull restart runtime
    shm-size stop-signal stop-timeout user:u userns uts volume-driver workdir:w`,
  list: `add-host annotation attach:a blkio-weight-device cap-add cap-drop device device-cgroup-rule device-read-bps
    device-read-iops device-write-bps device-write-iops dns dns-option dns-search env-file env:e expose gpus
    group-add label-file label:l link link-local-ip log-opt mount network network-alias publish:p security-opt
    storage-opt sysctl tmpfs ulimit volume:v volumes-from`,
};

/** What `nerdctl run` of nerdctl 2 takes on Linux. */
const NERDCTL: Written = {
  flag: `detach:d help init interactive:i no-healthcheck oom-kill-disable privileged quiet:q read-only rm rootfs
    sig-proxy tty:t`,
  value: `blkio-weight cgroup-parent cgroupns cidfile cosign-certificate-identity cosign-certificate-identity-regexp
    cosign-certificate-oidc-issuer cosign-certificate-oidc-issuer-regexp cosign-key cpu-period cpu-quota
    cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach-keys domainname health-cmd
    health-interval health-retries health-start-period health-timeout hostname:h init-binary ip ip6 ipc
    ipfs-address isolation kernel-memory log-driver mac-address memory-reservation memory-swap memory-swappiness
    memory:m name oom-score-adj pid pidfile pids-limit platform pull rdt-class restart runtime shm-size
    stop-signal stop-timeout systemd umask user:u userns uts verify workdir:w`,
  list: `add-host annotation attach:a blkio-weight-device cap-add cap-drop cgroup-conf device device-read-bps
    device-read-iops device-write-bps device-write-iops dns dns-opt dns-option dns-search entrypoint env-file
    env:e gpus group-add label-file label:l log-opt mount net network publish:p security-opt sysctl tmpfs ulimit
    volume:v volumes-from`,
};

function read(written: Written): ReadonlyMap<string, PeerFlag> {
  const kinds: readonly OptionKind[] = ["flag", "value", "list"];
  return new Map(
    kinds.flatMap((kind) =>
      written[kind].split(/\s+/).map((text): readonly [string, PeerFlag] => {
        const [name = "", short] = text.split(":");
        return [name, short === undefined ? { kind } : { kind, short }];
      }),
    ),
  );
}

/** The flags of the two command lines whose hands ours fits, by their long names. */
export const RUN_FLAGS_OF_PEERS = { docker: read(DOCKER), nerdctl: read(NERDCTL) } as const;
