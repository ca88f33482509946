import { invalid } from "@voiyd/runtime-api";
import type { Surroundings } from "../process/surroundings.js";

/** There on hosts whose kernel enforces, or could enforce, a SELinux policy. */
const SELINUX = "/sys/fs/selinux/enforce";

/**
 * `z` and `Z` ask for a label on the host's files. A host without SELinux has none, so nothing is to be done; on one with
 * SELinux nothing is changed behind the owner's back. Throws `INVALID_ARGUMENT` there.
 */
export async function assertNoRelabelling(volume: string, { readFile }: Pick<Surroundings, "readFile">): Promise<void> {
  const hasSelinux = await readFile(SELINUX).then(
    () => true,
    () => false,
  );
  if (hasSelinux) {
    throw invalid(
      "--volume",
      volume,
      "without z and Z: label the folder with chcon -R -t container_file_t, or take a named volume",
    );
  }
}
