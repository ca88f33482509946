import type { DescField, DescFile, DescMethod } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";

/** One element of the wire: a field, a value of an enum, a call, or a message without fields (named `-`). */
interface Row {
  readonly kind: string;
  readonly owner: string;
  readonly name: string;
  readonly numberOrInput: string;
  readonly typeOrOutput: string;
  readonly label: string;
  readonly oneofOrStream: string;
}

const COLUMNS = "kind\towner\tname\tnumber_or_input\ttype_or_output\tlabel\toneof_or_stream\tsince";

function parseTable(text: string): Row[] {
  const [header, ...lines] = text.trimEnd().split("\n");
  if (header !== COLUMNS) throw new Error(`unknown columns: ${header}`);
  return lines.map((line, index) => {
    const cells = line.split("\t");
    const [kind, owner, name, numberOrInput, typeOrOutput, label, oneofOrStream, since] = cells;
    if (
      cells.length !== 8 ||
      !kind ||
      !owner ||
      !name ||
      !numberOrInput ||
      typeOrOutput === undefined ||
      label === undefined ||
      oneofOrStream === undefined ||
      !since
    ) {
      throw new Error(`line ${index + 2} is not a row: ${line}`);
    }
    return { kind, owner, name, numberOrInput, typeOrOutput, label, oneofOrStream };
  });
}

const scalarName = (type: ScalarType): string => ScalarType[type].toLowerCase();

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return scalarName(field.scalar);
    case "enum":
      return field.enum.typeName;
    case "message":
      return field.message.typeName;
    case "list":
      return field.listKind === "scalar" ? scalarName(field.scalar) : (field.message ?? field.enum).typeName;
    case "map": {
      const value = field.mapKind === "scalar" ? scalarName(field.scalar) : (field.message ?? field.enum).typeName;
      return `map<${scalarName(field.mapKey)},${value}>`;
    }
  }
}

function rowOfField(owner: string, field: DescField): Row {
  const label = field.fieldKind === "list" ? "repeated" : field.proto.proto3Optional ? "optional" : "";
  return {
    kind: "message",
    owner,
    name: field.name,
    numberOrInput: String(field.number),
    typeOrOutput: typeOf(field),
    label,
    oneofOrStream: field.oneof?.name ?? "",
  };
}

function rowOfMethod(owner: string, method: DescMethod): Row {
  const { clientStreaming, serverStreaming } = method.proto;
  return {
    kind: "rpc",
    owner,
    name: method.name,
    numberOrInput: method.input.typeName,
    typeOrOutput: method.output.typeName,
    label: clientStreaming ? "client-stream" : "",
    oneofOrStream: serverStreaming ? "server-stream" : "",
  };
}

/** A row for something that has no elements, or that the table knows nothing of. */
const bareRow = (kind: string, owner: string): Row => ({
  kind,
  owner,
  name: "-",
  numberOrInput: "-",
  typeOrOutput: kind === "message" ? "(no fields)" : "",
  label: "",
  oneofOrStream: "",
});

function rowsOfFile(file: DescFile): Row[] {
  const rows: Row[] = [];
  for (const type of nestedTypes(file)) {
    const owner = type.typeName;
    const before = rows.length;
    if (type.kind === "message") rows.push(...type.fields.map((field) => rowOfField(owner, field)));
    if (type.kind === "service") rows.push(...type.methods.map((method) => rowOfMethod(owner, method)));
    if (type.kind === "enum") {
      const values = type.values.map(({ name, number }) => ({ name, numberOrInput: String(number) }));
      rows.push(...values.map((value) => ({ ...bareRow("enum", owner), ...value })));
    }
    if (rows.length === before) rows.push(bareRow(type.kind, owner));
  }
  return rows;
}

const isFile = (value: unknown): value is DescFile =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "file";

/** The descriptors of all generated modules. Google's well-known types are not among them: they are not generated. */
async function generatedFiles(): Promise<DescFile[]> {
  const paths = readdirSync(new URL("./gen/", import.meta.url), { recursive: true, encoding: "utf8" });
  const files: DescFile[] = [];
  for (const path of paths.filter((name) => name.endsWith("_pb.ts")).sort()) {
    const module: unknown = await import(`./gen/${path.slice(0, -".ts".length)}.js`);
    const exported: readonly unknown[] = typeof module === "object" && module !== null ? Object.values(module) : [];
    const found = exported.filter(isFile);
    if (found.length !== 1) throw new Error(`${path} exports ${found.length} file descriptors`);
    files.push(...found);
  }
  return files;
}

/** What the table and the descriptors do not agree on, one line for each element. */
function differences(table: readonly Row[], descriptors: readonly Row[]): string[] {
  const found: string[] = [];
  const index = (rows: readonly Row[], source: string): Map<string, string> => {
    const facts = new Map<string, string>();
    for (const { kind, owner, name, numberOrInput, typeOrOutput, label, oneofOrStream } of rows) {
      const key = `${kind} ${owner} ${name}`;
      if (facts.has(key)) found.push(`${key}: twice in the ${source}`);
      facts.set(key, [numberOrInput, typeOrOutput, label, oneofOrStream].map((fact) => fact || "-").join(" | "));
    }
    return facts;
  };
  const expected = index(table, "table");
  const actual = index(descriptors, "descriptors");
  for (const [key, facts] of expected) {
    const other = actual.get(key);
    if (other === undefined) found.push(`${key}: not in the descriptors`);
    else if (other !== facts) found.push(`${key}: ${facts} in the table, ${other} in the descriptors`);
  }
  for (const key of actual.keys()) {
    if (!expected.has(key)) found.push(`${key}: not in the table`);
  }
  return found;
}

const table = parseTable(readFileSync(new URL("../fixtures/containerd-wire.tsv", import.meta.url), "utf8"));
const descriptors = (await generatedFiles()).flatMap(rowsOfFile);

describe("the wire of containerd", () => {
  test("is in the descriptors as it is in the table, row by row in both directions", () => {
    expect(differences(table, descriptors)).toEqual([]);
    expect(descriptors).toHaveLength(table.length);
  });

  describe("cannot drift unseen: the comparer reports", () => {
    const keyOf = (row: Row): string => `${row.kind} ${row.owner} ${row.name}`;
    const type = "message containerd.types.Mount type";
    const options = "message containerd.types.Mount options";
    const target = "message containerd.services.images.v1.DeleteImageRequest target";
    const empty = "message containerd.services.sandbox.v1.ControllerStopResponse -";
    const wait = "rpc containerd.services.tasks.v1.Tasks Wait";
    const list = "rpc containerd.services.content.v1.Content List";
    const running = "enum containerd.v1.types.Status RUNNING";

    test.each<[string, string, Partial<Row>, RegExp]>([
      ["a wrong number", type, { numberOrInput: "9" }, /: 9 .* in the table, 1 .* in the descriptors$/],
      ["a wrong type", type, { typeOrOutput: "bytes" }, /: 1 \| bytes .* in the table, 1 \| string /],
      ["a lost repeated", options, { label: "" }, /string \| - .* in the table, .* string \| repeated /],
      ["a lost optional", target, { label: "" }, /Descriptor \| - .* in the table, .*Descriptor \| optional /],
      ["a oneof", type, { oneofOrStream: "what" }, /\| what in the table, .* \| - in the descriptors$/],
      ["a field in an empty message", empty, { name: "id", numberOrInput: "1" }, /-: not in the table$/],
      ["another answer", wait, { typeOrOutput: "a.B" }, /: \S+WaitRequest \| a\.B .*WaitResponse \| - \| -/],
      ["a lost stream", list, { oneofOrStream: "" }, /\| - in the table, .* \| server-stream in the descriptors$/],
      ["a client that streams", list, { label: "client-stream" }, /client-stream \| server-stream in the table/],
      ["a wrong enum value", running, { numberOrInput: "7" }, /: 7 .* in the table, 2 /],
    ])("%s", (_what, key, change, report) => {
      const mutated = table.map((row) => (keyOf(row) === key ? { ...row, ...change } : row));
      const found = differences(mutated, descriptors).filter((line) => line.startsWith(`${key}: `));
      expect(found).toEqual([expect.stringMatching(report)]);
    });

    test.each([type, target, empty, wait, running])("a missing row: %s", (key) => {
      const mutated = table.filter((row) => keyOf(row) !== key);
      expect(differences(mutated, descriptors)).toEqual([`${key}: not in the table`]);
    });

    test.each([type, wait, running])("an extra row and a doubled one: %s", (key) => {
      const doubled = table.filter((row) => keyOf(row) === key);
      const extra = doubled.map((row) => ({ ...row, name: "EXTRA" }));
      expect(differences([...table, ...doubled, ...extra], descriptors)).toEqual([
        `${key}: twice in the table`,
        `${key.slice(0, key.lastIndexOf(" "))} EXTRA: not in the descriptors`,
      ]);
    });

    test("everything, when the descriptors or the table are lost", () => {
      expect(differences(table, [])).toHaveLength(table.length);
      expect(differences([], descriptors)).toHaveLength(descriptors.length);
    });
  });
});
