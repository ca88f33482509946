/** One way in which a server wants to be convinced (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. The first of two with the same name. */
  readonly params: ReadonlyMap<string, string>;
}

const LONGEST_HEADER = 16 * 1024;
const SCHEME = /[\s,]*([A-Za-z][\w!#$%&'*+.^`|~-]*)(?=\s|,|$)/y;
const PARAM = /[\s,]*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;

/** The challenges of a `WWW-Authenticate` header, in order. What cannot be read ends the list; nothing is thrown. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  const text = (header ?? "").slice(0, LONGEST_HEADER);
  for (let position = 0; position < text.length;) {
    PARAM.lastIndex = position;
    const param = PARAM.exec(text);
    const current = challenges.at(-1);
    if (param !== null && current !== undefined) {
      const name = (param[1] ?? "").toLowerCase();
      if (!current.params.has(name)) current.params.set(name, param[2]?.replace(/\\(.)/g, "$1") ?? param[3] ?? "");
      position = PARAM.lastIndex;
      continue;
    }
    SCHEME.lastIndex = position;
    const scheme = SCHEME.exec(text);
    if (scheme === null) break;
    challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), params: new Map() });
    position = SCHEME.lastIndex;
  }
  return challenges;
}
