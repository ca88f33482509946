import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { RegistryHost, RegistryOptions } from "@voiyd/oci-registry";
import type { RuntimeErrorCode } from "@voiyd/runtime-api";
import { type CaseImage, gzipLayer, OCI, sha256, tarOf } from "./case-image.js";
import {
  alter,
  answer,
  cutAt,
  flip,
  reset,
  silence,
  slowly,
  stallAt,
  untilClose,
  withHeaders,
  wrongRange,
  zstdFrame,
} from "./misdeeds.js";
import type { MisbehavingRegistry, Misdeed } from "./misbehaving-registry.js";

/** What a case is given to arrange. */
export interface CaseStage {
  readonly registry: MisbehavingRegistry;
  /** Another server: of a mirror, a redirect, an attacker. */
  readonly other: MisbehavingRegistry;
  readonly image: CaseImage;
  readonly repository: string;
  /** Puts the image on `registry`. Unless it is called, that is done after `arrange`. */
  readonly serve: () => string;
}

export interface RegistryCase {
  readonly name: string;
  readonly outcome: "right" | RuntimeErrorCode;
  /** Asked for by digest rather than by tag. */
  readonly byDigest?: boolean;
  readonly options?: (stage: CaseStage) => RegistryOptions;
  readonly arrange?: (stage: CaseStage) => void;
  /** What must hold afterwards. */
  readonly check?: (stage: CaseStage) => void;
}

const ALWAYS = Number.POSITIVE_INFINITY;
const CREDENTIALS: RegistryOptions = {
  credentials: () => Promise.resolve({ kind: "password", username: "ada", password: "canary-secret" }),
};
const BASIC = `Basic ${Buffer.from("ada:canary-secret").toString("base64")}`;

const wrong = (name: string, outcome: RegistryCase["outcome"], arrange: (stage: CaseStage) => void): RegistryCase => ({
  name,
  outcome,
  arrange,
});
const once = (
  name: string,
  outcome: RegistryCase["outcome"],
  kind: Parameters<MisbehavingRegistry["script"]>[0],
  misdeed: Misdeed,
  times = 1,
): RegistryCase => ({
  name,
  outcome,
  arrange: ({ registry }) => {
    registry.script(kind, misdeed, times);
  },
});

/** A registry that wants Basic credentials for everything. */
function basicOnly({ registry }: CaseStage): void {
  registry.guard = ({ headers }, response) => {
    if (headers.authorization === BASIC) return true;
    response.writeHead(401, { "www-authenticate": 'Basic realm="r"', "content-length": "0" }).end();
    return false;
  };
}

/** A registry that wants a token, from a service on `realm`. */
function tokenOnly({ registry }: CaseStage, realm = `http://${registry.host}/token`, life = ALWAYS): void {
  let uses = 0;
  let issued = 0;
  registry.guard = ({ kind, headers }, response) => {
    if (kind === "token") return true;
    uses += 1;
    const current = headers.authorization === `Bearer token-${String(issued)}`;
    if (current && uses <= life) return true;
    uses = 0;
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="s"`, "content-length": "0" }).end();
    return false;
  };
  registry.script(
    "token",
    (_asked, response) => {
      issued += 1;
      uses = 0;
      response.end(JSON.stringify({ token: `token-${String(issued)}`, expires_in: 3600 }));
    },
    ALWAYS,
  );
}

const mirrored = ({ registry, other }: CaseStage): RegistryOptions => {
  const host = (at: MisbehavingRegistry): RegistryHost => ({
    url: new URL(`http://${at.host}/v2`),
    canResolve: true,
    canPull: true,
    canPush: false,
    headers: {},
  });
  return { hosts: () => Promise.resolve([host(other), host(registry)]), stallTimeoutMs: 400, attempts: 1 };
};

const noLeak = ({ other }: CaseStage): void => {
  const leaked = other.asked.filter(
    ({ headers }) => headers.authorization !== undefined || headers.cookie !== undefined,
  );
  if (leaked.length > 0) throw new Error(`credentials went to another server: ${leaked[0]?.url.href ?? ""}`);
};
const notAsked = ({ other }: CaseStage): void => {
  if (other.asked.length > 0) throw new Error(`another server was asked: ${other.asked[0]?.url.href ?? ""}`);
};

const CUTS: readonly RegistryCase[] = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((share) =>
  once(`the layer is cut at ${String(share * 100)} %`, "right", "layer", cutAt(share)),
);

const CONNECTIONS: readonly RegistryCase[] = [
  once("the manifest is cut in the middle", "right", "manifest", cutAt(0.5)),
  once("the config is cut in the middle", "right", "config", cutAt(0.5)),
  once("the layer is cut four times", "right", "layer", cutAt(0.5), 4),
  once("the layer is always cut at its first bytes", "UNAVAILABLE", "layer", cutAt(0.0001), ALWAYS),
  once("the connection is reset before the answer", "right", "any", reset),
  once("the connection is always reset", "UNAVAILABLE", "any", reset, ALWAYS),
  { ...once("the layer stalls half-way", "right", "layer", stallAt(0.5)), options: () => ({ stallTimeoutMs: 400 }) },
  {
    ...once("the layer always stalls", "TIMEOUT", "layer", stallAt(0.0001), ALWAYS),
    options: () => ({ stallTimeoutMs: 300, attempts: 2 }),
  },
  {
    ...once("the registry never answers", "TIMEOUT", "any", silence, ALWAYS),
    options: () => ({ stallTimeoutMs: 300, attempts: 1 }),
  },
  {
    name: "the layer is cut, and goes on at another place than was asked for",
    outcome: "REGISTRY_ERROR",
    arrange: ({ registry }) => {
      registry.script("layer", cutAt(0.9));
      registry.script("layer", wrongRange, ALWAYS);
    },
  },
  once("the layer ends with its connection, without a length", "right", "layer", untilClose),
  once(
    "the registry ignores ranges",
    "right",
    "layer",
    ({ bytes }, response, serve) => {
      if (bytes.length < 100_000) serve();
      else response.writeHead(200, { "content-length": String(bytes.length) }).end(bytes);
    },
    ALWAYS,
  ),
];

const STATUSES: readonly RegistryCase[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) =>
    once(`${String(status)} once for the manifest`, "right", "manifest", answer(status)),
  ),
  once("500 once for the layer", "right", "layer", answer(500)),
  once("500 always for the layer", "REGISTRY_ERROR", "layer", answer(500), ALWAYS),
  once("429 once, with seconds to wait", "right", "head", answer(429, { "retry-after": "7" })),
  once(
    "429 once, with a date to wait for",
    "right",
    "head",
    answer(429, { "retry-after": "Wed, 01 Jan 2020 00:00:00 GMT" }),
  ),
  once("429 always", "REGISTRY_RATE_LIMITED", "any", answer(429), ALWAYS),
  once("429 for a day", "REGISTRY_RATE_LIMITED", "any", answer(429, { "retry-after": "86400" }), ALWAYS),
  once("404 for the tag", "IMAGE_NOT_FOUND", "head", answer(404), ALWAYS),
  once("404 for the layer", "IMAGE_NOT_FOUND", "layer", answer(404), ALWAYS),
  once("404 for the config", "IMAGE_NOT_FOUND", "config", answer(404), ALWAYS),
  once("403 for the layer", "REGISTRY_UNAUTHORIZED", "layer", answer(403), ALWAYS),
  once("418 for the layer", "REGISTRY_ERROR", "layer", answer(418), ALWAYS),
  once("405 for HEAD", "right", "head", answer(405), ALWAYS),
];

const CREDENTIAL_CASES: readonly RegistryCase[] = [
  {
    name: "401 with Basic, and we know the password",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: basicOnly,
  },
  wrong("401 with Basic, and nobody knows the password", "REGISTRY_UNAUTHORIZED", basicOnly),
  {
    name: "401 always",
    outcome: "REGISTRY_UNAUTHORIZED",
    options: () => CREDENTIALS,
    arrange: ({ registry }) => {
      registry.script("any", answer(401, { "www-authenticate": "Basic" }), ALWAYS);
    },
  },
  wrong("401 without a word on how", "REGISTRY_UNAUTHORIZED", ({ registry }) => {
    registry.script("any", answer(401), ALWAYS);
  }),
  wrong("a token, for anybody", "right", tokenOnly),
  {
    name: "a token, with a password",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: (stage) => {
      tokenOnly(stage);
    },
  },
  wrong("a token that ends in the middle of the pull", "right", (stage) => {
    tokenOnly(stage, undefined, 2);
  }),
  wrong("a token service that fails once", "right", (stage) => {
    stage.registry.script("token", answer(503));
    tokenOnly(stage);
  }),
  wrong("a token service that refuses", "REGISTRY_UNAUTHORIZED", (stage) => {
    stage.registry.script("token", answer(403), ALWAYS);
    tokenOnly(stage);
  }),
  wrong("a token service that answers no JSON", "REGISTRY_ERROR", (stage) => {
    stage.registry.script("token", answer(200, {}, "<html>"), ALWAYS);
    tokenOnly(stage);
  }),
  {
    ...wrong("a token service on plain HTTP elsewhere", "REGISTRY_ERROR", (stage) => {
      tokenOnly(stage, "http://token.example/token");
    }),
    options: () => CREDENTIALS,
  },
  wrong("a token service at the metadata address", "REGISTRY_ERROR", (stage) => {
    tokenOnly(stage, "https://169.254.169.254/token");
  }),
];

const BYTES: readonly RegistryCase[] = [
  once("the layer has a flipped bit", "DIGEST_MISMATCH", "layer", alter(flip), ALWAYS),
  once("the config has a flipped bit", "DIGEST_MISMATCH", "config", alter(flip), ALWAYS),
  once("the manifest has a flipped bit", "DIGEST_MISMATCH", "manifest", alter(flip), ALWAYS),
  once(
    "the layer is announced too short",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => bytes.subarray(0, -1)),
    ALWAYS,
  ),
  once(
    "the layer is announced too long",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => Buffer.concat([bytes, bytes])),
    ALWAYS,
  ),
  once(
    "the layer comes without a length",
    "right",
    "layer",
    alter((bytes) => bytes, true),
  ),
  once(
    "the layer comes without a length, too short",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => bytes.subarray(0, -9), true),
    ALWAYS,
  ),
  once(
    "the layer comes without a length, too long",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => Buffer.concat([bytes, bytes]), true),
    ALWAYS,
  ),
  wrong("the descriptor promises more bytes", "DIGEST_MISMATCH", ({ image }) => {
    for (const layer of image.layers) layer.extra = { size: layer.bytes.length + 1 };
  }),
  {
    ...once(
      "the digest asked for is answered with another",
      "DIGEST_MISMATCH",
      "head",
      withHeaders({
        "content-type": OCI.manifest,
        "docker-content-digest": sha256(Buffer.from("other")),
      }),
      ALWAYS,
    ),
    byDigest: true,
  },
  once(
    "the layer was compressed on the way, unasked",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => gzipLayer(bytes).bytes, true),
    ALWAYS,
  ),
  wrong("a layer unpacks to something else than its diff id", "DIGEST_MISMATCH", ({ image }) => {
    for (const layer of image.layers) layer.diffId = sha256(randomBytes(8));
  }),
];

const DOCUMENTS: readonly RegistryCase[] = [
  once("the manifest is served as JSON", "right", "head", withHeaders({ "content-type": "application/json" }), ALWAYS),
  once("the layer is served as a page for people", "right", "layer", withHeaders({ "content-type": "text/html" })),
  once(
    "a page for people instead of a manifest",
    "IMAGE_INVALID",
    "any",
    answer(200, { "content-type": "text/html" }, "<html>"),
    ALWAYS,
  ),
  once(
    "the type of schema 1",
    "IMAGE_INVALID",
    "any",
    withHeaders({
      "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
      "docker-content-digest": "",
    }),
    ALWAYS,
  ),
  wrong("the manifest is called an index", "IMAGE_INVALID", ({ registry, image, repository, serve }) => {
    serve();
    registry.put(repository, "latest", OCI.index, image.manifestBytes, "manifest");
  }),
  wrong(
    "the manifest is truncated, and its digest is of that",
    "IMAGE_INVALID",
    ({ registry, image, repository, serve }) => {
      serve();
      const { manifestBytes } = image;
      registry.put(
        repository,
        "latest",
        OCI.manifest,
        manifestBytes.subarray(0, manifestBytes.length >> 1),
        "manifest",
      );
    },
  ),
  wrong("the manifest has five MiB", "IMAGE_INVALID", ({ image }) => {
    image.manifest = { annotations: { a: "x".repeat(5 * 1024 * 1024) } };
  }),
  wrong("the manifest is an index too", "IMAGE_INVALID", ({ image }) => {
    image.manifest = { manifests: [] };
  }),
  wrong("the manifest has 1001 layers", "IMAGE_INVALID", ({ image }) => {
    const layer = { mediaType: OCI.layer, digest: sha256(Buffer.alloc(0)), size: 0 };
    image.manifest = { layers: Array.from({ length: 1001 }, () => layer) };
  }),
  wrong("a layer's digest is a path", "IMAGE_INVALID", ({ image }) => {
    image.manifest = { layers: [{ mediaType: OCI.layer, digest: "sha256:../../../etc/passwd", size: 1 }] };
  }),
  wrong("the image has no layers", "IMAGE_INVALID", ({ image }) => {
    image.layers.length = 0;
  }),
  wrong("the config knows of fewer layers", "IMAGE_INVALID", ({ image }) => {
    image.config = { rootfs: { type: "layers", diff_ids: [image.layers[0]?.diffId] } };
  }),
  wrong("the config has no layers at all", "IMAGE_INVALID", ({ image }) => {
    image.config = { rootfs: undefined };
  }),
  wrong("the index is empty", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = () => ({ schemaVersion: 2, mediaType: OCI.index, manifests: [] });
  }),
  wrong("the index is without our platform", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [{ ...entry, platform: { os: "linux", architecture: "s390x" } }],
    });
  }),
  wrong("the index has an attestation alone", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [
        {
          ...entry,
          platform: { os: "unknown", architecture: "unknown" },
          annotations: { "vnd.docker.reference.type": "attestation-manifest" },
        },
      ],
    });
  }),
  wrong("the index says our platform, the config another", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.config = { architecture: "s390x" };
    image.index = (entry) => ({ schemaVersion: 2, manifests: [entry] });
  }),
  wrong("the index lists ours among others", "right", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [
        { ...entry, digest: sha256(Buffer.from("x")), platform: { os: "linux", architecture: "s390x" } },
        entry,
      ],
    });
  }),
  wrong("indexes are nested without an end", "IMAGE_INVALID", ({ registry, repository, image, serve }) => {
    serve();
    let bytes: Buffer = image.manifestBytes;
    let mediaType: string = OCI.manifest;
    for (let depth = 0; depth < 8; depth += 1) {
      const entry = { mediaType, digest: sha256(bytes), size: bytes.length };
      bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
      mediaType = OCI.index;
      registry.put(repository, "latest", mediaType, bytes, "manifest");
    }
  }),
];

const ELSEWHERE: readonly RegistryCase[] = [
  {
    name: "layers are redirected to another server",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: (stage) => {
      const { registry, other, repository, image } = stage;
      basicOnly(stage);
      image.serve(other, repository);
      registry.script(
        "layer",
        ({ url }, response) => {
          response.writeHead(307, { location: `http://${other.host}${url.pathname}?signature=x` }).end();
        },
        ALWAYS,
      );
    },
    check: noLeak,
  },
  {
    name: "layers are redirected within the registry",
    outcome: "right",
    arrange: ({ registry }) => {
      registry.script("layer", ({ url }, response) => {
        response.writeHead(302, { location: `${url.pathname}?again=1` }).end();
      });
    },
  },
  once(
    "a redirect to itself",
    "REGISTRY_ERROR",
    "any",
    ({ url }, response) => {
      response.writeHead(302, { location: url.href }).end();
    },
    ALWAYS,
  ),
  once(
    "a redirect to the metadata address",
    "REGISTRY_ERROR",
    "layer",
    answer(302, { location: "http://169.254.169.254/latest/" }),
    ALWAYS,
  ),
  once("a redirect to a file", "REGISTRY_ERROR", "layer", answer(302, { location: "file:///etc/passwd" }), ALWAYS),
  {
    name: "foreign addresses of a layer that the registry has",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: ({ image, other }) => {
      for (const layer of image.layers) layer.extra = { urls: [`http://${other.host}/blob`] };
    },
    check: notAsked,
  },
  {
    name: "foreign addresses of a layer that the registry does not have",
    outcome: "IMAGE_NOT_FOUND",
    options: () => CREDENTIALS,
    arrange: ({ registry, repository, image, other, serve }) => {
      for (const layer of image.layers) layer.extra = { urls: [`http://${other.host}/blob`] };
      serve();
      for (const { bytes } of image.layers) registry.remove(repository, sha256(bytes));
    },
    check: notAsked,
  },
  {
    name: "a mirror that is silent, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", silence, ALWAYS);
    },
  },
  { name: "a mirror that has nothing, then a good one", outcome: "right", options: mirrored },
  {
    name: "a mirror that fails, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", answer(500), ALWAYS);
    },
  },
  {
    name: "a mirror that breaks in the middle of a layer, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", cutAt(0.5), ALWAYS);
    },
  },
  {
    name: "a mirror that stalls in the middle of a layer, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", stallAt(0.5), ALWAYS);
    },
  },
  {
    name: "a slow mirror that goes on, and a good one that is not needed",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", slowly, ALWAYS);
    },
    check: ({ registry }) => {
      if (registry.asked.length > 0) throw new Error("the registry was asked, though the mirror had not fallen silent");
    },
  },
  {
    name: "a mirror that refuses, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", answer(401, { "www-authenticate": "Basic" }), ALWAYS);
    },
  },
];

const LAYERS: readonly RegistryCase[] = [
  wrong("an uncompressed layer", "right", ({ image }) => {
    const archive = tarOf([["plain", randomBytes(50_000)]]);
    image.layers.push({ bytes: archive, mediaType: OCI.layer, diffId: sha256(archive), extra: {} });
  }),
  wrong("a layer in Zstandard", "right", ({ image }) => {
    const archive = tarOf([["zstd", randomBytes(50_000)]]);
    image.layers.push({
      bytes: zstdFrame(archive),
      mediaType: `${OCI.layer}+zstd`,
      diffId: sha256(archive),
      extra: {},
    });
  }),
  wrong("a layer whose compression is broken", "IMAGE_INVALID", ({ image }) => {
    const [layer] = image.layers;
    if (layer !== undefined) layer.bytes = layer.bytes.subarray(0, layer.bytes.length >> 1);
  }),
  wrong("a gzip bomb: a quarter of a gigabyte of nothing, and no diff id for it", "DIGEST_MISMATCH", ({ image }) => {
    const bytes = gzipSync(tarOf([["bomb", Buffer.alloc(256 * 1024 * 1024)]]));
    image.layers.push({ bytes, mediaType: `${OCI.layer}+gzip`, diffId: sha256(bytes), extra: {} });
  }),
  wrong("a layer that is no archive", "IMAGE_INVALID", ({ image }) => {
    image.layers.push(gzipLayer(Buffer.from("this is no archive at all, and far too short".repeat(40))));
  }),
  wrong("an archive with names that lead out of it", "right", ({ image }) => {
    image.layers.push(gzipLayer(tarOf([["../../../../../../../../voiyd-escaped", Buffer.from("escaped")]])));
  }),
  wrong("a link out of the archive, and a file through it", "right", ({ image }) => {
    image.layers.push(
      gzipLayer(
        tarOf([
          ["out", { to: "/" }],
          ["out/voiyd-escaped", Buffer.from("escaped")],
        ]),
      ),
    );
  }),
];

/** What a registry can do to us, and what must come of it. */
export const REGISTRY_CASES: readonly RegistryCase[] = [
  { name: "an honest registry", outcome: "right" },
  ...CUTS,
  ...CONNECTIONS,
  ...STATUSES,
  ...CREDENTIAL_CASES,
  ...BYTES,
  ...DOCUMENTS,
  ...ELSEWHERE,
  ...LAYERS,
];
