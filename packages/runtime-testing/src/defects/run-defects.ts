import { isRuntimeError } from "@voiyd/runtime-api";
import type { Defect } from "./defect.js";

export const runDefects: readonly Defect[] = [
  {
    name: "run of a name in use gives the container that has it",
    noticedBy: "run in parallel",
    change: (honest) => ({
      run: (request, options) =>
        honest.run(request, options).catch((error: unknown) => {
          if (isRuntimeError(error, "NAME_IN_USE")) return honest.get(request.meta.name);
          throw error;
        }),
    }),
  },
  {
    name: "a failed run leaves a record",
    noticedBy: "run refuses",
    change: (honest) => ({
      run: (request, options) =>
        honest.run(request, options).catch(async (error: unknown) => {
          if (!isRuntimeError(error, "COMMAND_NOT_FOUND")) throw error;
          await honest.run({ ...request, config: { ...request.config, args: ["true"] } });
          throw error;
        }),
    }),
  },
  {
    name: "run drops the labels",
    noticedBy: "id, name and labels",
    change: (honest) => ({
      run: ({ config, meta }, options) => honest.run({ config, meta: { name: meta.name } }, options),
    }),
  },
  {
    name: "run keeps the image and forgets the rest of the configuration",
    noticedBy: "run",
    change: (honest) => ({
      get: async (ref, options) => {
        const container = await honest.get(ref, options);
        return { ...container, config: { image: container.config.image } };
      },
    }),
  },
  {
    name: "run ignores an abort",
    noticedBy: "abort",
    change: (honest) => ({ run: (request) => honest.run(request) }),
  },
  {
    name: "an aborted run leaves the container",
    noticedBy: "abort",
    change: (honest) => ({
      run: async (request, options = {}) => {
        options.signal?.throwIfAborted();
        const container = await honest.run(request);
        options.signal?.throwIfAborted();
        return container;
      },
    }),
  },
  {
    name: "run takes environment variables that cannot be",
    noticedBy: "run refuses",
    change: (honest) => ({
      run: (request, options) => honest.run({ ...request, config: { ...request.config, envvars: [] } }, options),
    }),
  },
  {
    name: "run takes any list of networks",
    noticedBy: "networks",
    change: (honest) => ({
      run: ({ config: { networks, ...config }, meta }, options) =>
        honest.run(
          { meta, config: networks === undefined ? config : { ...config, networks: [{ name: "any" }] } },
          options,
        ),
    }),
  },
  {
    name: "run does not see that a port is taken",
    noticedBy: "published ports",
    change: (honest) => ({
      run: async (request, options) => {
        const container = await honest.run({ ...request, config: { ...request.config, portMappings: [] } }, options);
        const { portMappings } = request.config;
        return { ...container, status: { ...container.status, ...(portMappings && { ports: portMappings }) } };
      },
    }),
  },
];
