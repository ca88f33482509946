/**
 * The length of the body behind a response's head, where that says it plainly: a success, one `Content-Length`, no transfer
 * coding. Undefined for everything else, which is Node's parser's to judge.
 */
export function plainLength(head: string): number | undefined {
  const [first = "", ...lines] = head.split("\r\n");
  if (!/^HTTP\/1\.[01] (?:200|206)(?: .*)?$/.test(first)) return undefined;
  let length: number | undefined;
  for (const line of lines) {
    const [, name = "", value = ""] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") return undefined;
    const header = name.toLowerCase();
    if (header === "transfer-encoding") return undefined;
    if (header !== "content-length") continue;
    if (length !== undefined || !/^[0-9]{1,15}$/.test(value)) return undefined;
    length = Number(value);
  }
  return length;
}
