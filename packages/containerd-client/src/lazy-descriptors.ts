// What generated code builds its descriptors with, in place of the functions of the same names that protobuf has: these
// decode a file when it is first looked at. A program uses a few of containerd's services, and decoding all of them would
// cost it as long as Node.js itself takes to start.
import type { DescFile, Message } from "@bufbuild/protobuf";
import {
  enumDesc as readEnum,
  fileDesc as readFile,
  type GenEnum,
  type GenMessage,
  type GenService,
  type GenServiceMethods,
  messageDesc as readMessage,
  serviceDesc as readService,
} from "@bufbuild/protobuf/codegenv2";

export type { GenEnum, GenFile, GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";

export function fileDesc(base64: string, imports?: DescFile[]): DescFile {
  return lazily(() => readFile(base64, imports));
}

export function messageDesc<Shape extends Message>(
  file: DescFile,
  path: number,
  ...paths: number[]
): GenMessage<Shape> {
  return lazily(() => readMessage<Shape>(file, path, ...paths));
}

export function enumDesc<Shape extends number>(file: DescFile, path: number, ...paths: number[]): GenEnum<Shape> {
  return lazily(() => readEnum<Shape>(file, path, ...paths));
}

export function serviceDesc<Methods extends GenServiceMethods>(
  file: DescFile,
  path: number,
  ...paths: number[]
): GenService<Methods> {
  return lazily(() => readService<Methods>(file, path, ...paths));
}

/** An object that is made when something of it is asked for, and stands for that from then on. */
function lazily<T extends object>(make: () => T): T {
  let made: T | undefined;
  const real = (): T => (made ??= make());
  const placeholder: object = {};
  if (!standsFor(placeholder, make)) return real();
  return new Proxy<T>(placeholder, {
    get: (_, key): unknown => Reflect.get(real(), key),
    has: (_, key) => Reflect.has(real(), key),
    ownKeys: () => Reflect.ownKeys(real()),
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(real(), key);
      // The placeholder does not have the property, so it cannot be one that stays for ever.
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
    },
  });
}

/** Nothing is ever asked of the placeholder itself, so it may be taken for whatever will be made. */
function standsFor<T extends object>(placeholder: object, make: () => T): placeholder is T {
  return placeholder !== make;
}
