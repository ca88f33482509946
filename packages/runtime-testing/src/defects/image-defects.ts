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
];
