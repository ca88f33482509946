import { expect, test } from "@jest/globals";
import { shimSocketPath } from "./shim-socket.js";

test("a shim's socket is named by the hash of the daemon's address, the namespace and the id", () => {
  // echo -n /run/containerd/containerd.sock/voiyd/web | sha256sum
  expect(shimSocketPath("/run/containerd/containerd.sock", "voiyd", "web")).toBe(
    "/run/containerd/s/274d4efe36f446c88eafa45ec55aca9ae54494bcebfa2f8a8bc29f6c5cb02dc8",
  );
});
