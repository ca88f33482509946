import { ContainerdClient } from "@voiyd/containerd-client";
import { FakeContent } from "./fake-content.js";

export interface FakeServices {
  readonly containers?: Partial<ContainerdClient["containers"]>;
  readonly tasks?: Partial<ContainerdClient["tasks"]>;
  readonly introspection?: Partial<ContainerdClient["introspection"]>;
}

/** A client without a daemon: what a test gives it answers in its place. */
export class FakeClient extends ContainerdClient {
  readonly store: FakeContent = new FakeContent();
  override readonly content: ContainerdClient["content"] = this.store.service;
  override readonly containers: ContainerdClient["containers"];
  override readonly tasks: ContainerdClient["tasks"];
  override readonly introspection: ContainerdClient["introspection"];

  constructor(services: FakeServices = {}, address = "/nowhere/containerd.sock") {
    super({ namespace: "test", address });
    // What is not given fails as a daemon fails that is not there.
    const real = new ContainerdClient({ namespace: "test", address });
    this.containers = { ...real.containers, ...services.containers };
    this.tasks = { ...real.tasks, ...services.tasks };
    this.introspection = { ...real.introspection, ...services.introspection };
  }

  override with(): ContainerdClient {
    return this;
  }

  override background(): ContainerdClient {
    return this;
  }
}
