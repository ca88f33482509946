import type { Defect } from "./defect.js";

/** Mistakes in the management of images. */
export const imageDefects: readonly Defect[] = [
  {
    name: "removes images that containers use",
    noticedBy: "images",
    change: (honest) => ({ removeImage: (reference) => honest.removeImage(reference, { force: true }) }),
  },
  {
    name: "diff tells of nothing",
    noticedBy: "diff of copies",
    change: (honest) => ({
      diff: async (ref, options) => {
        await honest.diff(ref, options);
        return [];
      },
    }),
  },
  {
    name: "commits the container's image as it was",
    noticedBy: "commit of copies",
    change: (honest) => ({
      commit: async (ref, reference) => honest.tagImage((await honest.get(ref)).config.image, reference),
    }),
  },
  {
    name: "moves the name instead of adding one",
    noticedBy: "image tags",
    change: (honest) => ({
      tagImage: async (source, target, options) => {
        const image = await honest.tagImage(source, target, options);
        await honest.removeImage(source, { force: true });
        return image;
      },
    }),
  },
  {
    name: "untags the last name, and the image with it",
    noticedBy: "image tags",
    change: (honest) => ({ untagImage: (reference) => honest.removeImage(reference, { force: true }) }),
  },
  {
    name: "prunes although it is a dry run",
    noticedBy: "image pruning",
    change: (honest) => ({ pruneImages: (options) => honest.pruneImages({ ...options, dryRun: false }) }),
  },
  {
    name: "prunes images with tags",
    noticedBy: "image pruning",
    change: (honest) => ({ pruneImages: (options) => honest.pruneImages({ ...options, all: true }) }),
  },
  {
    name: "does not know which containers use an image",
    noticedBy: "image inspection",
    change: (honest) => ({
      inspectImage: async (reference, options) => ({ ...(await honest.inspectImage(reference, options)), usedBy: [] }),
    }),
  },
  {
    name: "forgets the layers in the history",
    noticedBy: "image inspection",
    change: (honest) => ({
      imageHistory: async (reference, options) =>
        (await honest.imageHistory(reference, options)).map(({ createdBy }) => ({ createdBy, size: 0 })),
    }),
  },
  {
    name: "inspects an image for whatever platform",
    noticedBy: "image inspection",
    change: (honest) => ({ inspectImage: (reference) => honest.inspectImage(reference) }),
  },
  {
    name: "says that it has pushed, and has not",
    noticedBy: "image push",
    change: (honest) => ({
      pushImage: async (reference, { target = reference } = {}) => {
        const { digest } = await honest.getImage(reference);
        return { name: target, digest };
      },
    }),
  },
  {
    name: "sends everything with each push",
    noticedBy: "image push",
    change: (honest) => ({
      pushImage: (reference, { onProgress, ...options } = {}) =>
        honest.pushImage(reference, {
          ...options,
          onProgress: (event) => onProgress?.(event.outcome === undefined ? event : { ...event, outcome: "uploaded" }),
        }),
    }),
  },
  {
    name: "saves the first image alone",
    noticedBy: "image archives",
    change: (honest) => ({ saveImages: (references, options) => honest.saveImages(references.slice(0, 1), options) }),
  },
  {
    name: "takes from a damaged archive what it can",
    noticedBy: "image archives",
    change: (honest) => ({ loadImages: (archive, options) => honest.loadImages(archive, options).catch(() => []) }),
  },
  {
    name: "waits for the rest of an archive, aborted or not",
    noticedBy: "image archives",
    change: (honest) => ({
      loadImages: (archive, { signal } = {}) => {
        signal?.throwIfAborted();
        return honest.loadImages(archive);
      },
    }),
  },
];
