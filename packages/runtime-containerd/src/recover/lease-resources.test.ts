import { expect, jest, test } from "@jest/globals";
import { ContainerdError } from "@voiyd/containerd-client";
import { allLeaseResources } from "./lease-resources.js";

test("a lease that ends while it is looked at holds nothing, and hides nothing of the others", async () => {
  const gone = new ContainerdError("not_found", "lease: not found", { method: "Leases/ListResources" });
  const listResources = jest.fn(async ({ id }: { id: string }) => {
    if (id === "gone") throw gone;
    return { resources: [{ type: "content", id: `of ${id}` }] };
  });
  const leases = { list: async () => ({ leases: [{ id: "one" }, { id: "gone" }, { id: "two" }] }), listResources };
  await expect(allLeaseResources({ client: { leases } }, {})).resolves.toEqual([
    { type: "content", id: "of one" },
    { type: "content", id: "of two" },
  ]);
  listResources.mockRejectedValue(new ContainerdError("unavailable", "away", { method: "Leases/ListResources" }));
  await expect(allLeaseResources({ client: { leases } }, {})).rejects.toMatchObject({ code: "unavailable" });
});
