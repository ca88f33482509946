import type { ContainerConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { ReadyImage } from "../image/ready-image.js";
import type { SpecUser } from "../spec/oci.js";
import { type ImageFileReader, resolveUser } from "../spec/user/resolve-user.js";

/**
 * Who a container's first process is. The accounts are those of the image's layers, which its chain id stands for: for each
 * user they are looked up once, and not again for every container. Throws what {@link resolveUser} throws.
 */
export function imageUser(
  context: Pick<RuntimeContext, "users" | "shortcuts">,
  { chainId, config: image }: Pick<ReadyImage, "chainId" | "config">,
  config: Pick<ContainerConfig, "user" | "groupAdd">,
  read: ImageFileReader,
): Promise<SpecUser> {
  const { user = image.config.user ?? "", groupAdd = [] } = config;
  const resolve = (): Promise<SpecUser> => resolveUser(user, read, groupAdd);
  return context.shortcuts ? context.users.get(JSON.stringify([chainId, user, groupAdd]), resolve) : resolve();
}
