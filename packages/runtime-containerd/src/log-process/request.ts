import { connect } from "node:net";
import { hasCode } from "../host/file-store.js";
import { type LogAnswer, type LogRequest, parseAnswer } from "./messages.js";

/** One question and its answer; undefined when nobody is there, or goes away over it. */
export function request(path: string, what: LogRequest): Promise<LogAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (piece: string) => (text += piece));
    socket.on("error", (error) => {
      if (hasCode(error, "ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE")) resolve(undefined);
      else reject(error);
    });
    socket.on("close", () => {
      try {
        resolve(text.endsWith("\n") ? parseAnswer(text) : undefined);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.write(`${JSON.stringify(what)}\n`);
  });
}
