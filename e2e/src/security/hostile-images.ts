import type { FileSpec, ImageSpec } from "@voiyd/harness";

type Config = NonNullable<ImageSpec["config"]>;
type Files = Readonly<Record<string, FileSpec>>;

/** An image that somebody made to do harm, and what becomes of it: it runs harmlessly, or is refused with a code. */
export interface HostileImage {
  readonly name: string;
  readonly config?: Config;
  readonly files?: Files;
  readonly outcome:
    | "runs"
    | "IMAGE_INVALID"
    | "INVALID_ARGUMENT"
    | "USER_NOT_FOUND"
    | "COMMAND_NOT_FOUND"
    | "COMMAND_NOT_EXECUTABLE"
    | "FAILED_PRECONDITION";
}

const HOST_FILE = "/etc/shadow";

function labels(labelsOfImage: Readonly<Record<string, string>>): Config {
  return { labels: labelsOfImage };
}

function many(count: number, make: (index: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function account(passwd: FileSpec, more: Files = {}): Files {
  return { etc: { directory: true }, "etc/passwd": passwd, ...more };
}

const LABELS: readonly HostileImage[] = [
  {
    name: "label: restart a program of the host",
    config: labels({
      "containerd.io/restart.status": "running",
      "containerd.io/restart.loguri": "binary:///bin/touch?/tmp/voiyd-hostile-canary",
    }),
    outcome: "runs",
  },
  {
    name: "label: keep everything for ever",
    config: labels({ "containerd.io/gc.root": "2030-01-01T00:00:00Z" }),
    outcome: "runs",
  },
  {
    name: "label: refer to another's content",
    config: labels({ "containerd.io/gc.ref.content.0": `sha256:${"0".repeat(64)}` }),
    outcome: "runs",
  },
  { name: "label: belong to Kubernetes", config: labels({ "io.cri-containerd.kind": "container" }), outcome: "runs" },
  { name: "label: belong to nerdctl", config: labels({ "nerdctl/name": "other" }), outcome: "runs" },
  { name: "label: another name", config: labels({ "voiyd.io/name": "other", "voiyd/name": "other" }), outcome: "runs" },
  { name: "label: already deleted", config: labels({ "voiyd.io/phase": "deleting" }), outcome: "runs" },
  { name: "label: longer than containerd takes", config: labels({ long: "x".repeat(8192) }), outcome: "runs" },
  {
    name: "labels: thousands",
    config: labels(
      Object.fromEntries(many(3000, (index) => `key-${String(index)}`).map((key) => [key, "x".repeat(100)])),
    ),
    outcome: "runs",
  },
  {
    name: "label: a prototype",
    config: labels(
      Object.fromEntries([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    ),
    outcome: "runs",
  },
  { name: "label: a terminal's escape", config: labels({ "\u001b]0;owned\u0007": "\u001b[2J" }), outcome: "runs" },
];

const USERS: readonly HostileImage[] = [
  ...[
    "-1",
    "4294967296",
    "2147483648",
    "12345678901",
    "0:0:0",
    "../../etc/passwd",
    "$(id)",
    "root\nroot",
    "root ",
    "0x0",
    "1e3",
    "00",
    "rööt",
    "a".repeat(300) + ":",
  ].map((user): HostileImage => ({
    name: `user ${JSON.stringify(user.slice(0, 20))}`,
    config: { user },
    outcome: "INVALID_ARGUMENT",
  })),
  { name: "user that is not there", config: { user: "toor" }, outcome: "USER_NOT_FOUND" },
  { name: "user __proto__", config: { user: "__proto__" }, outcome: "USER_NOT_FOUND" },
  { name: "group that is not there", config: { user: "0:toor" }, outcome: "USER_NOT_FOUND" },
  {
    name: "accounts: a link to the host's",
    config: { user: "root:shadow" },
    files: account({ symlink: HOST_FILE }),
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a link out of the root",
    config: { user: "daemon" },
    files: account({ symlink: "../../../../../../../../etc/passwd" }),
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a link to the reader's environment",
    config: { user: "PATH" },
    files: account({ symlink: "/proc/self/environ" }),
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a folder that leads out",
    config: { user: "daemon" },
    files: { etc: { symlink: "../../../../../../etc" } },
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a link to itself",
    config: { user: "daemon" },
    files: account({ symlink: "passwd" }),
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a pipe that nobody writes to",
    config: { user: "daemon" },
    files: account({ fifo: true }),
    outcome: "IMAGE_INVALID",
  },
  {
    name: "accounts: an endless device",
    config: { user: "daemon" },
    files: account({ device: "character", major: 1, minor: 5 }),
    outcome: "IMAGE_INVALID",
  },
  {
    name: "accounts: a folder",
    config: { user: "daemon" },
    files: account({ directory: true }),
    outcome: "IMAGE_INVALID",
  },
  {
    name: "accounts: more than fits",
    config: { user: "daemon" },
    files: account("x".repeat(11 * 1024 * 1024)),
    outcome: "IMAGE_INVALID",
  },
  {
    name: "accounts: a number that wraps around to root",
    config: { user: "evil" },
    files: account("evil:x:4294967296:4294967296::/:/bin/sh\n"),
    outcome: "USER_NOT_FOUND",
  },
  {
    name: "accounts: a negative number",
    config: { user: "evil" },
    files: account("evil:x:-1:-1::/:/bin/sh\n"),
    outcome: "USER_NOT_FOUND",
  },
];

const VOLUMES: readonly HostileImage[] = [
  ...[
    "/",
    "..",
    "/../../etc",
    "relative/path",
    "/proc",
    "/proc/sys",
    "/dev",
    "/dev/shm",
    "/sys/fs/cgroup",
    "/a\0b",
    "/data/../../etc",
    `/${"x".repeat(5000)}`,
  ].map((path): HostileImage => ({
    name: `volume ${JSON.stringify(path.slice(0, 20))}`,
    config: { volumes: [path] },
    outcome: "IMAGE_INVALID",
  })),
  {
    name: "volumes: thousands",
    config: { volumes: many(2000, (index) => `/v${String(index)}`) },
    outcome: "IMAGE_INVALID",
  },
  {
    name: "volume: a link to the host's files",
    config: { volumes: ["/trap"] },
    files: { trap: { symlink: "/root" } },
    outcome: "runs",
  },
  {
    name: "volume: a link out of the root",
    config: { volumes: ["/trap/x"] },
    files: { trap: { symlink: "../../../../../../tmp" } },
    outcome: "runs",
  },
  {
    name: "volume: links in it, to be followed while copying",
    config: { volumes: ["/data"] },
    files: { data: { directory: true }, "data/x": { symlink: "/tmp" }, "data/y": { symlink: HOST_FILE } },
    outcome: "runs",
  },
  {
    name: "volume: pipes and devices in it",
    config: { volumes: ["/data"] },
    files: {
      data: { directory: true },
      "data/pipe": { fifo: true },
      "data/sda": { device: "block", major: 8, minor: 0 },
    },
    outcome: "runs",
  },
  {
    name: "volume: set-user-id programs and strange names in it",
    config: { volumes: ["/data"] },
    files: {
      data: { directory: true, mode: 0o1777 },
      "data/-rf": "x",
      "data/--help": "x",
      "data/su": { content: "x", mode: 0o4755 },
    },
    outcome: "runs",
  },
  { name: "volume: over a file", config: { volumes: ["/data"] }, files: { data: "x" }, outcome: "FAILED_PRECONDITION" },
];

const PROCESSES: readonly HostileImage[] = [
  ...["relative", "../../..", "\0", "/made/by/the/runtime"].map((workdir): HostileImage => ({
    name: `working directory ${JSON.stringify(workdir)}`,
    config: { workdir },
    outcome: "runs",
  })),
  { name: "variable without a value", config: { env: ["NOTHING", "=x", "A\0B=c", ""] }, outcome: "runs" },
  {
    name: "variables that change how programs are loaded",
    config: { env: ["LD_PRELOAD=/evil.so", "PATH=", "HOME=/proc/self/fd/7"] },
    outcome: "runs",
  },
  {
    name: "variables: thousands",
    config: { env: many(5000, (index) => `V${String(index)}=${"x".repeat(20)}`) },
    outcome: "runs",
  },
  { name: "stop signal that is none", config: { stopSignal: "KILL; rm -rf /" }, outcome: "runs" },
  { name: "stop signal beyond all", config: { stopSignal: "999" }, outcome: "runs" },
  { name: "ports that are none", config: { exposedPorts: ["../../80/tcp", "99999/tcp", "80/evil"] }, outcome: "runs" },
];

/** Sixty and more. Files come over an image that has nothing but empty folders. */
export const HOSTILE_IMAGES: readonly HostileImage[] = [...LABELS, ...USERS, ...VOLUMES, ...PROCESSES];
