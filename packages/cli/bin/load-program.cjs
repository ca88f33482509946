"use strict";
// Loads the program as `require` would, and in less time: with what V8 compiled of it the last time. That is kept beside
// the program, as Python does with its byte code, so that whoever can change it can change the program too.
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

/** In front of what is kept. V8 looks at its length and its version alone, and dies of a changed byte. */
const CHECKSUM_BYTES = 4;

const HEAD = "(function(exports,require,module){";
/** A shorter file is compiled in less time than another one is read. */
const WORTH_KEEPING = 8192;
/** A file that others can write to is none of ours. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * The program's exports. Its files have names that change with what is in them (`bundle.mjs`), so that a name is enough to
 * know what was compiled. Nothing is kept by another user than the program's owner, who could not remove it.
 */
function loadProgram(folder) {
  const { crc32 } = require("node:zlib");
  const { main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const owner = statSync(folder).uid;
  const cache = join(folder, "cache", `${process.version}-${process.arch}`, commandOf(process.argv));
  const compiled = [];

  const kept = (name) => {
    try {
      const path = join(cache, name);
      const { uid, mode } = statSync(path);
      if (uid !== owner || (mode & WRITABLE_BY_OTHERS) !== 0) return undefined;
      const bytes = readFileSync(path);
      const code = bytes.subarray(CHECKSUM_BYTES);
      return bytes.length > CHECKSUM_BYTES && crc32(code) === bytes.readUInt32LE() ? code : undefined;
    } catch {
      // Not there, or not to be read: the program is compiled as always.
      return undefined;
    }
  };

  // At the end, when V8 has compiled those functions too that were called. Not of a command that failed: it may be none.
  process.on("exit", (code) => {
    if (code === 0 && compiled.length > 0 && process.getuid() === owner) keep(cache, compiled, crc32);
  });
  const requireOutside = createRequire(join(folder, main));
  return loadChunks(main.slice(2), {
    read: (name) => readFileSync(join(folder, name), "latin1"),
    kept,
    onLoaded(name, script, isKept) {
      if (!isKept) compiled.push([name, script]);
    },
    filenameOf: (name) => join(folder, name),
    modules: requireOutside.cache,
    require: (id) => loadLate(requireOutside, id),
  });
}

/**
 * The name under which a command line's compiled code is kept: each command has its own, because V8 takes up all that it is
 * given, and a command needs only what it has run itself.
 */
function commandOf([, , first = ""]) {
  return /^[a-z]{1,20}$/.test(first) ? first : "other";
}

/**
 * The exports of a program's file `main`, which requires others of its files by `./name`. What stands outside of this: how a
 * file is read, what was kept of it (`undefined`: nothing), whom a file that is worth it is told to, with whether that was
 * taken, the name of a file in stack traces, the modules that are loaded by those names, and everything else that is required.
 */
function loadChunks(main, { read, kept, onLoaded = () => undefined, filenameOf, modules, require: requireOutside }) {
  const load = (name) => {
    const filename = filenameOf(name);
    const known = modules[filename];
    if (known !== undefined) return known.exports;
    const source = read(name);
    const cachedData = source.length < WORTH_KEEPING ? undefined : kept(name);
    const columnOffset = -HEAD.length;
    const script = new Script(`${HEAD}${source}\n})`, { filename, columnOffset, cachedData });
    const isKept = cachedData !== undefined && !script.cachedDataRejected;
    if (source.length >= WORTH_KEEPING) onLoaded(name, script, isKept);
    const module = { id: filename, filename, exports: {} };
    modules[filename] = module;
    const require = (id) => (id.startsWith("./") ? load(id.slice(2)) : requireOutside(id));
    script.runInThisContext().call(module.exports, module.exports, require, module);
    return module.exports;
  };
  return load(main);
}

/** Node's own modules that few commands use, and that take a millisecond to ten to load. */
const LATE = new Set(["child_process", "crypto", "dgram", "dns", "http", "https", "tls"].map((id) => `node:${id}`));

/** What `require` gives, or something that stands for it in every way, and loads it when it is asked for anything. */
function loadLate(require, id) {
  if (!LATE.has(id)) return require(id);
  const real = () => require(id);
  return new Proxy(
    {},
    {
      get: (_, name) => real()[name],
      has: (_, name) => name in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getPrototypeOf: () => Reflect.getPrototypeOf(real()),
      getOwnPropertyDescriptor(_, name) {
        const descriptor = Reflect.getOwnPropertyDescriptor(real(), name);
        // What stands for it does not have the property, so it cannot be one that stays for ever.
        return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
      },
    },
  );
}

/**
 * Each file takes its name when it is whole: others may be reading, or keeping the same. It is not waited for until it is
 * on the disk; what a crash of the host spoils is told by its checksum.
 */
function keep(cache, compiled, crc32) {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    removeDrafts(cache);
    for (const [name, script] of compiled) {
      const code = script.createCachedData();
      const checksum = Buffer.alloc(CHECKSUM_BYTES);
      checksum.writeUInt32LE(crc32(code));
      const path = join(cache, `${name}.${process.pid}`);
      writeFileSync(path, Buffer.concat([checksum, code]), { mode: 0o644 });
      renameSync(path, join(cache, name));
    }
  } catch {
    // A file system that cannot be written to, or is full: the next start takes as long as this one.
  }
}

/** Of a file that is being written: the number of the process that writes it stands behind the name. */
const DRAFT = /\.js\.(\d+)$/;

/** What those were writing that were killed at it. One that is written all the same cannot take its name, and is left out. */
function removeDrafts(cache) {
  for (const name of readdirSync(cache)) {
    const writer = DRAFT.exec(name)?.[1];
    if (writer !== undefined && !isAlive(Number(writer))) rmSync(join(cache, name), { force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

module.exports = { commandOf, loadChunks, loadLate, loadProgram };
