import { describe, expect, test } from "@jest/globals";
import { chainName } from "../protocol/chain-name.js";
import { garbageRules, namedOwners } from "./garbage-rules.js";
import { masqueradeRules } from "./masquerade-rules.js";
import { parseSavedRules } from "./saved-rules.js";

const [masq, dnat] = [chainName("CNI-", "net", "gone"), chainName("CNI-DN-", "net", "gone")];
const SAVED = `*nat
:PREROUTING ACCEPT [0:0]
:${masq} - [0:0]
:${dnat} - [0:0]
:CNI-0123456789abcdef01234567 - [0:0]
-A POSTROUTING -s 10.0.0.2/32 -m comment --comment "name: \\"net\\" id: \\"gone\\"" -j ${masq}
-A ${masq} -d 10.0.0.0/24 -m comment --comment "name: \\"net\\" id: \\"gone\\"" -j ACCEPT
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"net\\" id: \\"gone\\"" -j ${dnat}
-A POSTROUTING -s 10.0.0.3/32 -m comment --comment "name: \\"net\\" id: \\"here\\"" -j CNI-0123456789abcdef01234567
-A POSTROUTING -m comment --comment "id: \\"gone\\" of somebody else" -j MASQUERADE
COMMIT
*filter
:CNI-FORWARD - [0:0]
-A CNI-FORWARD -m comment --comment "CNI firewall plugin admin overrides" -j CNI-ADMIN
-A CNI-FORWARD -d 10.0.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A CNI-FORWARD -s 10.0.0.2/32 -j ACCEPT
-A CNI-FORWARD -s 10.0.0.3/32 -j ACCEPT
-A FORWARD -s 10.0.0.2/32 -j ACCEPT
COMMIT
`;

describe("rules that nobody needs", () => {
  const tables = parseSavedRules(SAVED);

  test("name whose they are", () => {
    expect(namedOwners(tables)).toEqual([
      { network: "net", containerId: "gone" },
      { network: "net", containerId: "here" },
    ]);
  });

  test("go, jumps before chains, and nothing else does", () => {
    const edits = garbageRules(tables, {
      isStale: ({ containerId }) => containerId === "gone",
      isStray: (address) => address === "10.0.0.2",
    });
    const comment = '-m comment --comment "name: \\"net\\" id: \\"gone\\""';
    expect(edits).toEqual([
      {
        table: "nat",
        lines: [
          `-D POSTROUTING -s 10.0.0.2/32 ${comment} -j ${masq}`,
          `-D CNI-HOSTPORT-DNAT -p tcp ${comment.replace('"name', '"dnat name')} -j ${dnat}`,
          `-F ${masq}`,
          `-F ${dnat}`,
          `-X ${masq}`,
          `-X ${dnat}`,
        ],
      },
      {
        table: "filter",
        lines: [
          "-D CNI-FORWARD -d 10.0.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
          "-D CNI-FORWARD -s 10.0.0.2/32 -j ACCEPT",
        ],
      },
    ]);
  });
});

describe("the masquerade chain", () => {
  const owner = { network: "net", containerId: "x", addresses: ["10.0.0.9/24"] };
  const chain = chainName("CNI-", "net", "x");

  test("is made whole where anything of it is missing, and left alone where nothing is", () => {
    const comment = '-m comment --comment "name: \\"net\\" id: \\"x\\""';
    const jump = `-A POSTROUTING -s 10.0.0.9/32 ${comment} -j ${chain}`;
    const own = [
      `-A ${chain} -d 10.0.0.0/24 ${comment} -j ACCEPT`,
      `-A ${chain} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE`,
    ];
    const table = (...rules: readonly string[]) => [{ name: "nat", chains: new Set<string>(), rules }];
    expect(masqueradeRules([], owner)).toEqual([{ table: "nat", lines: [`:${chain} - [0:0]`, ...own, jump] }]);
    expect(masqueradeRules(table(jump), owner)).toEqual([{ table: "nat", lines: [`:${chain} - [0:0]`, ...own] }]);
    expect(masqueradeRules(table(...own), owner)).toEqual([{ table: "nat", lines: [jump] }]);
    expect(masqueradeRules(table(jump, ...own), owner)).toEqual([]);
  });
});
