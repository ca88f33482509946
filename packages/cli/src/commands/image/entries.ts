import { alias } from "../alias.js";
import type { Command } from "../command.js";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly internal?: boolean;
  readonly load: () => Promise<Command>;
}

const pull = async (): Promise<Command> => (await import("../pull.js")).pull;
const images = async (): Promise<Command> => (await import("../images.js")).images;
const push = async (): Promise<Command> => (await import("./push.js")).push;
const rmi = async (): Promise<Command> => (await import("./rmi.js")).rmi;
const tag = async (): Promise<Command> => (await import("./tag.js")).tag;
const untag = async (): Promise<Command> => (await import("./untag.js")).untag;
const save = async (): Promise<Command> => (await import("./save.js")).save;
const load = async (): Promise<Command> => (await import("./load.js")).load;
const history = async (): Promise<Command> => (await import("./history.js")).history;

/** The commands about images and registries. */
export const IMAGE_COMMANDS: readonly Entry[] = [
  { name: "push", summary: "Bring an image to a registry", load: push },
  { name: "rmi", summary: "Remove images", load: rmi },
  { name: "tag", summary: "Give an image another name", load: tag },
  { name: "untag", summary: "Take a name away from images that have another one", load: untag },
  { name: "save", summary: "Write images to a tar archive", load: save },
  { name: "load", summary: "Read images from a tar archive", load },
  { name: "history", summary: "Show how an image was made", load: history },
  {
    name: "login",
    summary: "Log in to a registry",
    load: async () => (await import("./login.js")).login,
  },
  {
    name: "logout",
    summary: "Log out from a registry",
    load: async () => (await import("./logout.js")).logout,
  },
  {
    name: "image inspect",
    summary: "Show everything about images, as JSON",
    load: async () => (await import("./inspect.js")).inspect,
  },
  {
    name: "image prune",
    summary: "Remove images that no container uses",
    load: async () => (await import("./prune.js")).prune,
  },
  {
    name: "image verify",
    summary: "Read and check every byte of images, and mend them",
    load: async () => (await import("./verify.js")).verify,
  },
  alias("image ls", "List images", images),
  alias("image list", "List images", images),
  alias("image rm", "Remove images", rmi),
  alias("image remove", "Remove images", rmi),
  alias("image pull", "Fetch images from a registry", pull),
  alias("image push", "Bring an image to a registry", push),
  alias("image tag", "Give an image another name", tag),
  alias("image untag", "Take a name away from images that have another one", untag),
  alias("image save", "Write images to a tar archive", save),
  alias("image load", "Read images from a tar archive", load),
  alias("image history", "Show how an image was made", history),
];
