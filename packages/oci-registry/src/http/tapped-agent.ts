import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { BodyTap } from "./body-tap.js";

/** Connections with a {@link BodyTap}. */
export class TappedHttpAgent extends HttpAgent {
  override createConnection(...[options, ...rest]: Parameters<HttpAgent["createConnection"]>): Made {
    return tapped((onread) => super.createConnection({ ...options, ...onread }, ...rest));
  }
}

/** As {@link TappedHttpAgent}, with TLS: the tap sees what was decrypted. */
export class TappedHttpsAgent extends HttpsAgent {
  override createConnection(...[options, ...rest]: Parameters<HttpsAgent["createConnection"]>): Made {
    return tapped((onread) => super.createConnection({ ...options, ...onread }, ...rest));
  }
}

type Made = Duplex | null | undefined;

function tapped(connect: (onread: Pick<BodyTap, "onread">) => Made): Made {
  const tap = new BodyTap();
  const socket = connect({ onread: tap.onread });
  if (socket instanceof Socket) tap.attach(socket);
  return socket;
}
