import { describe, expect, test } from "@jest/globals";
import { fakeNetworkInfo } from "../testing/fake-network.js";
import { parseNetworkFilters, parseNetworkPruneFilters } from "./network-filter.js";

const front = fakeNetworkInfo({ name: "front", labels: { app: "shop", tier: "1" }, containers: ["voiyd-a"] });

describe("the filters of network ls", () => {
  test.each<[string[], boolean]>([
    [[], true],
    [["name=ron"], true],
    [["name=back"], false],
    [["name=back", "name=front"], true],
    [["label=app"], true],
    [["label=app=shop", "label=tier=2"], false],
    [["driver=bridge"], true],
    [["driver=overlay"], false],
    [["dangling=true"], false],
    [["dangling=false"], true],
    [["type=custom"], true],
    [["type=builtin"], false],
    [["scope=local"], true],
    [["scope=swarm"], false],
    [["name=front", "driver=overlay"], false],
  ])("%j: %j", (filters, expected) => {
    expect(parseNetworkFilters(filters)(front)).toBe(expected);
  });

  test.each(["front", "id=1", "dangling=perhaps", "type=mine", "label="])("%j is refused", (text) => {
    expect(() => parseNetworkFilters([text])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("the filters of network prune", () => {
  test.each<[string, boolean]>([
    ["label=app", true],
    ["label=app=web", false],
    ["label!=app", false],
    ["label!=none", true],
  ])("%s: %j", (filter, expected) => {
    expect(parseNetworkPruneFilters([filter])(front.labels)).toBe(expected);
  });

  test.each(["until=1h", "name=front"])("%j is refused", (text) => {
    expect(() => parseNetworkPruneFilters([text])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
