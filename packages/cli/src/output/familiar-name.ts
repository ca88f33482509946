export interface FamiliarName {
  readonly repository: string;
  /** `<none>` for a reference by digest alone. */
  readonly tag: string;
}

/** A normalised reference as people write it: `nginx` and `latest` for `docker.io/library/nginx:latest`. */
export function familiarName(reference: string): FamiliarName {
  const name = reference.split("@", 1)[0] ?? reference;
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const repository = (hasTag ? name.slice(0, colon) : name).replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, "");
  return { repository, tag: hasTag ? name.slice(colon + 1) : "<none>" };
}
