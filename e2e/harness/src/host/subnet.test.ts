import { describe, expect, test } from "@jest/globals";
import type { Execute } from "../process/execute.js";
import { chooseSubnet, isHarnessNetwork, overlaps, parseNetwork } from "./subnet.js";

const routes =
  (...destinations: string[]): Execute =>
  async () => ({ exitCode: 0, stderr: "", stdout: JSON.stringify(destinations.map((dst) => ({ dst }))) });

describe("subnets", () => {
  test.each(["10.0.0.0/33", "10.0.0/8", "256.0.0.1", "default", "", "10.0.0.0/x", "1.2.3.4/8/9"])(
    "%j is no network",
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  test("networks overlap when one holds the other", () => {
    const network = (text: string) => parseNetwork(text) ?? { base: 0, prefix: 0 };
    expect(overlaps(network("10.96.0.0/11"), network("10.127.255.255"))).toBe(true);
    expect(overlaps(network("10.96.0.0/20"), network("10.96.16.0/20"))).toBe(false);
  });

  test("the chosen subnet lies in the harness's range, beside routes and other hosts", async () => {
    const subnet = await chooseSubnet(
      ["10.112.0.0/12"],
      routes("default", "10.96.0.0/13", "10.104.0.0/14", "127.0.0.1"),
    );
    expect(isHarnessNetwork(subnet)).toBe(true);
    const number = Number(subnet.split(".")[1]);
    expect(number).toBeGreaterThanOrEqual(108);
    expect(number).toBeLessThan(112);
  });

  test("a machine that uses the whole range is told so", async () => {
    await expect(chooseSubnet([], routes("10.0.0.0/8"))).rejects.toThrow("every network of 10.96.0.0/11");
  });
});
