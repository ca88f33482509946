import { sha256 } from "../case-image.js";
import { answer } from "../misdeeds.js";
import { ALWAYS, CREDENTIALS, basicOnly, once, type CaseStage, type RegistryCase } from "./registry-case.js";

const noLeak = ({ other }: CaseStage): void => {
  const leaked = other.asked.filter(
    ({ headers }) => headers.authorization !== undefined || headers.cookie !== undefined,
  );
  if (leaked.length > 0) throw new Error(`credentials went to another server: ${leaked[0]?.url.href ?? ""}`);
};
const notAsked = ({ other }: CaseStage): void => {
  if (other.asked.length > 0) throw new Error(`another server was asked: ${other.asked[0]?.url.href ?? ""}`);
};

/** Ways to other servers. */
export const ELSEWHERE: readonly RegistryCase[] = [
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
          response
            .writeHead(307, {
              location: `http://${other.host}${url.pathname}?signature=x`,
            })
            .end();
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
];
