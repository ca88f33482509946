// `npm run quickstart [-- IMAGE [PORT]]`: from a fresh checkout to a container that was pulled, run, asked and removed.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installHost } from "./install-host.mjs";
import { missingRequirements } from "./host-requirements.mjs";
import { checkNode, installPackages, nx, root } from "./steps.mjs";

const started = performance.now();
const [image, port] = process.argv.slice(2);

/** Everything that stands in the way, before anything is done. */
function obstacles() {
  if (process.platform !== "linux") return ["Linux is needed: containers are a feature of its kernel."];
  const found = [];
  const node = checkNode();
  if (node !== undefined) found.push(node);
  if (process.getuid?.() !== 0) {
    found.push("Root is needed: containers get namespaces, mounts and firewall rules. Try: sudo npm run quickstart");
  }
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535)) found.push(`${port} is not a port.`);
  const missing = missingRequirements().map(({ what }) => what);
  if (missing.length > 0 && !existsSync("/usr/bin/apt-get")) {
    found.push(`These are missing, and there is no apt to install them with: ${missing.join(", ")}`);
  }
  return found;
}

const found = obstacles();
if (found.length > 0) {
  for (const text of found) console.error(text);
  process.exit(1);
}

function fail(text) {
  console.error(`\n${text}`);
  process.exit(1);
}

console.log("voiyd: the container runtime for TypeScript\n");
if ((await installPackages((text) => console.log(`• ${text} …`))) !== 0)
  fail("The npm packages could not be installed.");
const host = await installHost({ log: (text) => console.log(`• ${text}`) });
if (!host.ok) fail(`This machine could not be made ready: ${host.problem}`);
console.log("• Building the packages …");
if ((await nx(["run", "examples:build"], { quiet: true })) !== 0) fail("The build failed.");

const { quickstart } = await import(pathToFileURL(join(root, "examples/dist/quickstart.js")).href);
try {
  await quickstart({
    ...(image === undefined ? {} : { image }),
    ...(port === undefined ? {} : { containerPort: Number(port) }),
  });
} catch (error) {
  if (error?.hint !== undefined) console.error(`hint: ${error.hint}`);
  fail(`The quickstart failed: ${error?.message ?? error}`);
}
console.log(`All in all, from the checkout: ${((performance.now() - started) / 1000).toFixed(0)} s.`);
