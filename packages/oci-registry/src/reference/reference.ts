/** Where an image is, in full: nothing is left to defaults. */
export interface Reference {
  /** Host, with a port where one was given: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** The path in the registry: `library/nginx`. */
  readonly repository: string;
  /** Absent only when a digest is given without a tag. */
  readonly tag?: string;
  /** Decides over the tag when both are given. */
  readonly digest?: string;
}

/**
 * The normalised text of a reference, which names its image record: `docker.io/library/nginx:latest`. Tag and digest
 * are both kept. A reference without either gets `:latest`.
 */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  const name = `${registry}/${repository}`;
  if (digest === undefined) return `${name}:${tag ?? "latest"}`;
  return tag === undefined ? `${name}@${digest}` : `${name}:${tag}@${digest}`;
}
