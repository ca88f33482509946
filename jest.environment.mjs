import NodeEnvironmentModule from "jest-environment-node";
import { types } from "node:util";

const NodeEnvironment = NodeEnvironmentModule.TestEnvironment ?? NodeEnvironmentModule.default ?? NodeEnvironmentModule;

/**
 * Jest runs tests in a VM realm of its own, where errors raised by Node's core are not `instanceof Error`. Libraries
 * that walk a cause chain (Connect does) would then answer with other error codes than in production, so the realm's
 * `Error` accepts every native error.
 */
export default class VoiydEnvironment extends NodeEnvironment {
  async setup() {
    await super.setup();
    const InnerError = this.global.Error;
    const ordinary = Function.prototype[Symbol.hasInstance];
    Object.defineProperty(InnerError, Symbol.hasInstance, {
      value(candidate) {
        return ordinary.call(this, candidate) || (this === InnerError && types.isNativeError(candidate));
      },
    });
  }
}
