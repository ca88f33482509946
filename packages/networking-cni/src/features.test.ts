import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

/**
 * What this library does beyond libcni and go-cni, and the tests that fail where it does not. The tests run elsewhere;
 * this keeps the list true.
 */
const FEATURES: readonly (readonly [feature: string, file: string, ...tests: string[]])[] = [
  [
    "nothing is left after kill -9 at any moment",
    "manager/crash.host.test.ts",
    "random moments: recover leaves nothing, or a whole attachment",
    "random moments: detach alone removes everything",
  ],
  [
    "a failed ADD is rolled back completely, with the last result",
    "manager/failure-matrix.test.ts",
    "the error names it, and all is undone backwards",
    "fails at both: the record stays, and a later detach removes the rest",
  ],
  ["the same with real plugins", "manager/failures.host.test.ts", "at ADD: a typed error, and nothing is left"],
  [
    "DEL goes on past a broken plugin, retries once, and keeps the record",
    "manager/failure-matrix.test.ts",
    "the others are called, it once more, and the next detach removes the rest",
  ],
  [
    "DEL frees everything without configuration and plugins",
    "manager/attach-detach.host.test.ts",
    "detach needs neither the configuration nor all plugins",
  ],
  [
    "a namespace that is not the recorded one is never touched",
    "manager/attach-detach.host.test.ts",
    "the host's eth0 survives when %s is where the namespace was",
  ],
  [
    "a pid that was taken by another process is never trusted",
    "manager/reboot.host.test.ts",
    "keeps its eth0 when a record of another program names the pid's namespace",
  ],
  [
    "gc says what it removes, kind by kind, and leaves others' alone",
    "gc/gc.host.test.ts",
    "a dry run says what the next one removes, and removes nothing; what is valid stays",
    "what other programs have recorded stays until it is asked for",
    "it waits for an attach of another process, and comes after it",
  ],
  [
    "real plugins of CNI 1.1.0 are spoken to in it, GC and STATUS included (npm run test:matrix)",
    "manager/newest-plugins.host.test.ts",
    "are spoken to in 1.1.0, and everything of theirs can be undone",
    "answer STATUS, and what they say of a network that cannot work is told",
    "answer GC with what stays, and nothing is left of what went",
  ],
  [
    "GC is sent to plugins of 1.1.0",
    "gc/gc.test.ts",
    "goes to plugins of 1.1.0 with all that stays, in the order of the list, past errors",
  ],
  [
    "a reboot leaves no address behind, and none is given twice",
    "manager/reboot.host.test.ts",
    "recover frees what the earlier boot had given out",
    "the same containers are attached anew, also without recover, and to no address twice",
  ],
  [
    "parallel attaches are safe from the first one on",
    "manager/cold-start.host.test.ts",
    "no error, and no rule twice",
  ],
  [
    "so many at once as there are processors",
    "manager/slots.test.ts",
    "let so many run at once, and the others in the order of their arrival",
  ],
  ["one operation a container", "lock/host-lock.test.ts", "is held by one at a time, also across instances"],
  [
    "ports in use are found before anything is made",
    "manager/attach-detach.host.test.ts",
    "a port that a process of the host listens on, or a foreign rule publishes, is in use",
    "of two processes that want one port exactly one gets it, and the other learns whose it is",
  ],
  [
    "those that others publish by nftables alone as well",
    "manager/foreign-rules.host.test.ts",
    "are in use, and nothing is made; what is free stays free for the container that has it",
    "are told by the container's name when another manager has published them",
  ],
  [
    "one run of nft tells what is published, whoever publishes it",
    "firewall/nft-published.host.test.ts",
    "netavark's and Docker's ports are found by one run of nft alone",
    "maps, sets, ranges and jumps are understood, and addresses of other hosts do not count",
    "iptables is asked where a port may be one of its rules', and tells whose it is",
  ],
  [
    "free ports are chosen, ranges and all spellings understood",
    "ports/parse-port.test.ts",
    "comes back as it was written, whatever it is",
    "is the first of them that is free",
  ],
  [
    "sockets on their way out do not count",
    "ports/ports.test.ts",
    "that a process listens on are in use, those of a connection are not",
  ],
  [
    "of several missing plugins the first one of the list is named",
    "plugin/version-probe.test.ts",
    "names the first one in the order of the list where %j are missing, whoever is looked for first",
  ],
  [
    "the version is negotiated with every plugin, the one for addresses too",
    "plugin/version-probe.test.ts",
    "is the newest that all of its plugins speak, the one for addresses too",
    "is refused with who speaks what where they have none in common",
  ],
  [
    "records are libcni's, and survive what a power loss makes of them",
    "record/record.test.ts",
    "is what libcni writes, and one key more",
    "tells apart what it cannot read, and survives what a dead process left",
  ],
  [
    "libcni's clients remove what is made here, and the other way round",
    "manager/interop.host.test.ts",
    "removes an attachment that was made here, and nothing is left of it",
    "removes one with the list of its record but for its ports, which recover takes back",
    "frees the interface and the address of one with the list on the disk, and detach removes the rest",
    "makes an attachment that is listed here, and can be detached",
  ],
  [
    "the disk is waited for before the second plugin",
    "manager/settle.test.ts",
    "is waited for beside the first plugin",
  ],
  [
    "errors are typed, and what passes is tried again",
    "manager/retry-and-check.test.ts",
    "what there is of it is undone, and it is tried again",
    "is not tried again where only a person can help",
  ],
  ["exhausted addresses have their own error", "manager/attach-detach.host.test.ts", "exhausted addresses have a code"],
  [
    "which says how many there are, and how many gc could free",
    "manager/real-errors.host.test.ts",
    "addresses are exhausted: how many there are, and how many of them nobody has",
  ],
  [
    "what the installed plugins complain of is understood",
    "manager/real-errors.host.test.ts",
    "a fixed address is another container's, or the gateway's",
    "an address that an earlier life of the container has is freed, and the attach succeeds",
    "an interface that an earlier life of the container has is removed, and the attach succeeds",
    "iptables is missing",
    "another program owns a table that iptables needs",
    "the bridge is there with another subnet",
    "the daemon for DHCP does not run",
    "the namespace is none",
  ],
  [
    "folders are loaded as libcni loads them, past broken files",
    "config/load-folder.test.ts",
    "has its lists first, then the single plugins",
    "is usable past a file that is broken, which is named",
    "come after those of the list",
    "make no network: %s",
  ],
  [
    "what libcni's tests ask of libcni holds here",
    "manager/libcni-cases.test.ts",
    "refuses %j for an interface before anything is touched",
    "fails, and runs no plugin, where no record can be written",
    "stops at the first plugin that objects, and its error is the answer",
    "of version %s tells of the last result: %s",
    "goes on without a recorded result %s",
    "is not waited for any longer than an operation may last",
    "goes to all plugins of 1.1.0, and a network whose plugin is unavailable is not ready",
  ],
  [
    "both families by default, where the host has both",
    "manager/connect.host.test.ts",
    "both families reach a container of the default network, and IPv4 comes first",
    "a host without IPv6 has IPv4 alone",
  ],
  [
    "names: hosts files are kept in place, resolv.conf is as Docker writes it",
    "names/names.test.ts",
    "know each other on a network, by name, host name, alias and network, until one goes",
    "keeps the inode, for longer and for shorter texts",
    "follows the host, without what only the host can reach",
  ],
  [
    "a timeout or an abort leaves no process behind, and cannot stop the rollback",
    "manager/failure-matrix.test.ts",
    "hangs, and the time runs out: it is ended with its children, and all is undone",
    "hangs, and the caller gives up: it is ended with its children, and all is undone",
  ],
  [
    "reload restores flushed rules, and connections live on",
    "manager/reload.host.test.ts",
    "a published port that a flush has killed is alive again, and a connection lives on",
    "what a container sends out is masqueraded again",
  ],
  [
    "a big backend does not fork itself: its plugins are children of a small process",
    "manager/big-backend.test.ts",
    "starts one small process, which starts every plugin of every container",
  ],
  [
    "that process answers for many at once, and takes its plugins along when it dies",
    "plugin/broker-executor.test.ts",
    "many run at once, each with its own answer",
    "a process that dies takes its plugins along, and is replaced",
  ],
  [
    "a CHECK that is known to be wrong is not believed",
    "manager/retry-and-check.test.ts",
    "is not asked of a bridge without addresses, nor of one beside sbr",
    "is asked of every other bridge, and believed",
  ],
  [
    "a CHECK of portmap that is known to be wrong is done in another way",
    "manager/attach-detach.host.test.ts",
    "check sees a port that is not published any more, and a namespace that is gone",
  ],
  [
    "subnets do not overlap what is there, and a free one is proposed",
    "network/network.host.test.ts",
    "a subnet is chosen free, beside the host's routes and addresses and all other networks",
  ],
  [
    "neither does the default network's",
    "config/default-network.test.ts",
    "has a subnet that is free where %s takes its own",
    "is not written with a subnet that was asked for and is in use",
  ],
  [
    "lean mode publishes, refuses conflicts, and mends itself",
    "manager/lean.host.test.ts",
    "a published port answers everybody, and no rule is made for a container",
    "a manager that shares no records cannot take a port",
    "brings back what was published",
  ],
  ["in both families", "manager/lean-ipv6.host.test.ts", "a published port answers the host, its own container"],
];

describe("what is promised", () => {
  test.each(FEATURES)("%s: %s shows it", (_, file, ...tests) => {
    const text = readFileSync(`src/${file}`, "utf8");
    for (const name of tests) expect(text).toContain(name);
  });
});
