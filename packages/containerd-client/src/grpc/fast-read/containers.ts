import type {
  Container,
  Container_Runtime,
  ListContainerMessage,
} from "../../gen/containerd/services/containers/v1/containers_pb.js";
import { Cursor, Unusual } from "./cursor.js";
import { once, readTimestamp } from "./parts.js";

type Any = NonNullable<Container["spec"]>;

/** One record of a list. Field numbers: containerd's `services/containers/v1/containers.proto`. Throws {@link Unusual}. */
export function readListContainerMessage(bytes: Uint8Array): ListContainerMessage {
  const cursor = new Cursor(bytes);
  const found: ListContainerMessage = { $typeName: "containerd.services.containers.v1.ListContainerMessage" };
  for (let field = cursor.field(); field !== 0; field = cursor.field()) {
    // A message that comes in several parts is put together by the general reader.
    if (field !== 1 || found.container !== undefined) throw new Unusual();
    found.container = readContainer(cursor);
  }
  return found;
}

function readContainer(cursor: Cursor): Container {
  const container: Container = {
    $typeName: "containerd.services.containers.v1.Container",
    id: "",
    labels: {},
    image: "",
    snapshotter: "",
    snapshotKey: "",
    extensions: {},
    sandbox: "",
  };
  cursor.message((field) => {
    switch (field) {
      case 1:
        container.id = cursor.text();
        break;
      case 2:
        readEntry(cursor, container.labels, "", () => cursor.text());
        break;
      case 3:
        container.image = cursor.text();
        break;
      case 4:
        container.runtime = once(container.runtime, () => readRuntime(cursor));
        break;
      case 5:
        container.spec = once(container.spec, () => readAny(cursor));
        break;
      case 6:
        container.snapshotter = cursor.text();
        break;
      case 7:
        container.snapshotKey = cursor.text();
        break;
      case 8:
        container.createdAt = once(container.createdAt, () => readTimestamp(cursor));
        break;
      case 9:
        container.updatedAt = once(container.updatedAt, () => readTimestamp(cursor));
        break;
      case 10:
        readEntry(cursor, container.extensions, undefined, () => readAny(cursor));
        break;
      case 11:
        container.sandbox = cursor.text();
        break;
      default:
        throw new Unusual();
    }
  });
  return container;
}

function readRuntime(cursor: Cursor): Container_Runtime {
  const runtime: Container_Runtime = { $typeName: "containerd.services.containers.v1.Container.Runtime", name: "" };
  cursor.message((field) => {
    if (field === 1) runtime.name = cursor.text();
    else if (field === 2) runtime.options = once(runtime.options, () => readAny(cursor));
    else throw new Unusual();
  });
  return runtime;
}

function readAny(cursor: Cursor): Any {
  let typeUrl = "";
  let value: Uint8Array | undefined;
  cursor.message((field) => {
    if (field === 1) typeUrl = cursor.text();
    else if (field === 2) value = cursor.bytes();
    else throw new Unusual();
  });
  return { $typeName: "google.protobuf.Any", typeUrl, value: value ?? new Uint8Array() };
}

/** One entry of a map. `absent` is the value of an entry without one; undefined where that is for the general reader. */
function readEntry<Value>(
  cursor: Cursor,
  map: Record<string, Value>,
  absent: Value | undefined,
  read: () => Value,
): void {
  let key = "";
  let value = absent;
  cursor.message((field) => {
    if (field === 1) key = cursor.text();
    else if (field === 2) value = read();
    else throw new Unusual();
  });
  if (value === undefined || key === "__proto__") throw new Unusual();
  map[key] = value;
}
