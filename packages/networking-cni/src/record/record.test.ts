import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isJsonObject, parseJson } from "../protocol/json.js";
import type { AttachmentRecord } from "./attachment-record.js";
import { decodeLegacyResult, decodeRecord, publishedPorts } from "./decode-record.js";
import { encodeRecord } from "./encode-record.js";
import { RecordStore } from "./record-store.js";

const record: AttachmentRecord = {
  networkName: "net-a",
  containerId: "c-1",
  ifName: "eth0",
  config: '{"name":"net-a"}',
  netns: "/run/ns",
  cniArgs: [["IgnoreUnknown", "1"]],
  capabilityArgs: { portMappings: [{ hostPort: 1, containerPort: 2, protocol: "tcp" }] },
  result: { cniVersion: "1.0.0", ips: [{ address: "10.0.0.2/24", interface: 0 }] },
  state: {
    phase: "attached",
    index: 0,
    step: 4,
    cniVersion: "1.0.0",
    bootId: "b",
    namespaceInode: "4:5",
    owner: "1:2",
    request: "r",
    ports: [{ hostPort: 1, containerPort: 2, protocol: "tcp", hostIp: "0.0.0.0" }],
    createdAt: 3,
  },
};

describe("a record as text", () => {
  test("is what libcni writes, and one key more", () => {
    const object = parseJson(encodeRecord(record));
    if (!isJsonObject(object)) throw new Error("not an object");
    expect(Object.keys(object)).toEqual([
      "kind",
      "containerId",
      "config",
      "ifName",
      "networkName",
      "netns",
      "cniArgs",
      "capabilityArgs",
      "result",
      "voiyd",
    ]);
    expect([object["kind"], object["config"]]).toEqual(["cniCacheV1", Buffer.from(record.config).toString("base64")]);
  });

  test("comes back as it was", () => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  test("can be another program's: no state, no namespace, ports in Go's spelling", () => {
    const foreign = decodeRecord(
      JSON.stringify({
        kind: "cniCacheV1",
        containerId: "default-x",
        config: Buffer.from("{}").toString("base64"),
        ifName: "eth0",
        networkName: "bridge",
        cniArgs: [["IgnoreUnknown", "1"]],
        capabilityArgs: { portMappings: [{ HostPort: 80, ContainerPort: 8080, Protocol: "TCP", HostIP: "" }] },
        result: { cniVersion: "1.0.0" },
      }),
    );
    expect(foreign?.state).toBeUndefined();
    expect(foreign === undefined ? [] : publishedPorts(foreign)).toEqual([
      { hostPort: 80, containerPort: 8080, protocol: "tcp", hostIp: "0.0.0.0" },
    ]);
  });

  test.each(["", "{", encodeRecord(record).slice(0, 100), "null", "[]", '{"kind":"other"}', '{"kind":"cniCacheV1"}'])(
    "%j is none",
    (text) => {
      expect(decodeRecord(text)).toBeUndefined();
    },
  );

  test("can be the bare result of very old versions", () => {
    expect([
      decodeLegacyResult('{"ip4":{"ip":"10.0.0.2/24"}}'),
      decodeLegacyResult(""),
      decodeLegacyResult(encodeRecord(record)),
    ]).toEqual([{ ip4: { ip: "10.0.0.2/24" } }, undefined, undefined]);
  });

  test("never throws", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => decodeRecord(text) === undefined || true));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
        const text = JSON.stringify({ ...more, kind: "cniCacheV1", containerId: "c", ifName: "e", networkName: "n" });
        return decodeRecord(text)?.containerId === "c";
      }),
    );
  });
});

describe("the store", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "voiyd-records-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test("writes private files in libcni's folder, and leaves nothing beside", async () => {
    const store = new RecordStore(dir);
    await store.put(record);
    const file = join(dir, "results", "net-a-c-1-eth0");
    expect([statSync(file).mode & 0o777, statSync(join(dir, "results")).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readFileSync(file, "utf8")).toBe(encodeRecord(record));
    expect(readdirSync(join(dir, "voiyd-tmp"))).toEqual([]);
    await store.remove(record);
    await store.remove(record);
    expect(readdirSync(join(dir, "results"))).toEqual([]);
  });

  test("finds by what is in the files, as their names are ambiguous", async () => {
    const store = new RecordStore(dir);
    await store.put(record);
    await store.put({ ...record, networkName: "net", containerId: "b-c-1" });
    expect((await store.find("c-1")).records.map(({ networkName }) => networkName)).toEqual(["net-a"]);
    expect((await store.find("1")).records).toEqual([]);
  });

  test("does not let one attachment take the file of another", async () => {
    const store = new RecordStore(dir);
    await store.create(record);
    await store.create(record);
    await expect(store.create({ ...record, networkName: "net", containerId: "a-c-1" })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
    });
  });

  test("tells apart what it cannot read, and survives what a dead process left", async () => {
    mkdirSync(join(dir, "results"));
    writeFileSync(join(dir, "results", "net-c-1-eth0"), "");
    const store = new RecordStore(dir);
    expect(await store.find("c-1")).toEqual({ records: [], unreadable: [{ file: "net-c-1-eth0", text: "" }] });
    await store.put(record);
    await store.discardTemporary("c-1");
    expect((await store.list()).records).toHaveLength(1);
  });
});
