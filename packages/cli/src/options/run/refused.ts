import { isOff, isOneOf, refusedOption } from "../../command-line/refused-option.js";
import type { RunFlags } from "./run-flag.js";

const never = (): boolean => false;

const WINDOWS = "containers of Windows alone have it";

/** What is known and refused. The README tells the same reasons. */
export const REFUSED_FLAGS: RunFlags = Object.fromEntries(
  (
    [
      ["cpu-count", "value", WINDOWS, isOneOf("0")],
      ["cpu-percent", "value", WINDOWS, isOneOf("0")],
      ["io-maxbandwidth", "value", WINDOWS, isOneOf("0")],
      ["io-maxiops", "value", WINDOWS, isOneOf("0")],
      ["isolation", "value", WINDOWS, isOneOf("", "default")],
      ["disable-content-trust", "flag", "images are verified by their digests, and by no notary", isOneOf("true")],
      ["use-api-socket", "flag", "there is no daemon whose socket could be handed over", isOff],
      ["storage-opt", "list", "containerd's snapshotters take no options of a container's own", never],
      [
        "init-binary",
        "value",
        "the program is looked up on the host: tini-static, docker-init, catatonit or tini",
        isOneOf("tini"),
      ],
      ["rootfs", "flag", "a container is made of an image", isOff],
      [
        "systemd",
        "value",
        "an image that starts systemd needs --tmpfs, --stop-signal and --security-opt writable-cgroups=true",
        isOneOf("false"),
      ],
      ["link", "list", "containers of a network that was made with `network create` find each other by name", never],
      ["link-local-ip", "list", "--ip and --ip6 give fixed addresses", never],
      ["rdt-class", "value", "classes of cache and memory bandwidth are not set", never],
      ["verify", "value", "signatures are not verified", isOneOf("none")],
      ["cosign-key", "value", "signatures are not verified", never],
      ["cosign-certificate-identity", "value", "signatures are not verified", never],
      ["cosign-certificate-identity-regexp", "value", "signatures are not verified", never],
      ["cosign-certificate-oidc-issuer", "value", "signatures are not verified", never],
      ["cosign-certificate-oidc-issuer-regexp", "value", "signatures are not verified", never],
      ["ipfs-address", "value", "images come from registries alone", never],
    ] as const
  ).map(([flag, kind, reason, isSoAnyway]) => [flag, refusedOption(kind, reason, isSoAnyway)]),
);
