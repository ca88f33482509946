import { ContainerdClient } from "@voiyd/containerd-client";
import { FakeContent } from "./fake-content.js";

/** A client without a daemon: what a test gives it answers in its place. */
export class FakeClient extends ContainerdClient {
  readonly store: FakeContent = new FakeContent();
  override readonly content: ContainerdClient["content"] = this.store.service;
  override readonly containers: ContainerdClient["containers"];
  override readonly tasks: ContainerdClient["tasks"];

  constructor(
    services: { containers?: Partial<ContainerdClient["containers"]>; tasks?: Partial<ContainerdClient["tasks"]> } = {},
  ) {
    super({ namespace: "test", address: "/nowhere/containerd.sock" });
    // What is not given fails as a daemon fails that is not there.
    const real = new ContainerdClient({ namespace: "test", address: "/nowhere/containerd.sock" });
    this.containers = { ...real.containers, ...services.containers };
    this.tasks = { ...real.tasks, ...services.tasks };
  }

  override with(): ContainerdClient {
    return this;
  }

  override background(): ContainerdClient {
    return this;
  }
}
