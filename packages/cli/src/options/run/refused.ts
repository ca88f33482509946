import { RuntimeError } from "@voiyd/runtime-api";
import { parseBoolean } from "../../command-line/boolean.js";
import type { RunFlag, RunFlags } from "./run-flag.js";

/**
 * A flag of Docker's or nerdctl's that is known, and not followed: it is refused with the reason instead of being passed
 * over, unless what it asks for is so anyway.
 */
function refused(flag: string, kind: RunFlag["kind"], reason: string, isSoAnyway: (text: string) => boolean): RunFlag {
  return {
    kind,
    help: reason,
    hidden: true,
    apply: (_draft, given) => {
      if (given.every(isSoAnyway)) return;
      throw new RuntimeError("UNIMPLEMENTED", `--${flag}: ${reason}`, { details: { option: `--${flag}` } });
    },
  };
}

const never = (): boolean => false;
const is =
  (...words: readonly string[]): ((text: string) => boolean) =>
  (text) =>
    words.includes(text);
const off = (text: string): boolean => parseBoolean(text) === false;

const WINDOWS = "containers of Windows alone have it";

/** What is known and refused. The README tells the same reasons. */
export const REFUSED_FLAGS: RunFlags = Object.fromEntries(
  (
    [
      ["cpu-count", "value", WINDOWS, is("0")],
      ["cpu-percent", "value", WINDOWS, is("0")],
      ["io-maxbandwidth", "value", WINDOWS, is("0")],
      ["io-maxiops", "value", WINDOWS, is("0")],
      ["isolation", "value", WINDOWS, is("", "default")],
      ["disable-content-trust", "flag", "images are verified by their digests, and by no notary", is("true")],
      ["use-api-socket", "flag", "there is no daemon whose socket could be handed over", off],
      ["storage-opt", "list", "containerd's snapshotters take no options of a container's own", never],
      [
        "init-binary",
        "value",
        "the program is looked up on the host: tini-static, docker-init, catatonit or tini",
        is("tini"),
      ],
      ["rootfs", "flag", "a container is made of an image", off],
      [
        "systemd",
        "value",
        "an image that starts systemd needs --tmpfs, --stop-signal and --security-opt writable-cgroups=true",
        is("false"),
      ],
      ["link", "list", "containers of a network that was made with `network create` find each other by name", never],
      ["link-local-ip", "list", "--ip and --ip6 give fixed addresses", never],
      ["rdt-class", "value", "classes of cache and memory bandwidth are not set", never],
      ["verify", "value", "signatures are not verified", is("none")],
      ["cosign-key", "value", "signatures are not verified", never],
      ["cosign-certificate-identity", "value", "signatures are not verified", never],
      ["cosign-certificate-identity-regexp", "value", "signatures are not verified", never],
      ["cosign-certificate-oidc-issuer", "value", "signatures are not verified", never],
      ["cosign-certificate-oidc-issuer-regexp", "value", "signatures are not verified", never],
      ["ipfs-address", "value", "images come from registries alone", never],
    ] as const
  ).map(([flag, kind, reason, isSoAnyway]) => [flag, refused(flag, kind, reason, isSoAnyway)]),
);
