/** @type {import("jest").Config} */
export default {
  testEnvironment: new URL("./jest.environment.mjs", import.meta.url).pathname,
  testMatch: ["<rootDir>/src/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        swcrc: false,
        sourceMaps: "inline",
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "es6" },
      },
    ],
  },
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  // A hang is found in any time; no test is judged by how long a busy machine takes.
  testTimeout: 120_000,
};
