import nx from "@nx/eslint-plugin";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Who may import whom, of ours and of npm's: the arrows of the design, and nothing else. */
const boundaries = [
  { sourceTag: "type:api", onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  { sourceTag: "type:logger", onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  {
    sourceTag: "type:client",
    onlyDependOnLibsWithTags: [],
    allowedExternalImports: ["@bufbuild/protobuf*", "@connectrpc/connect*"],
  },
  {
    sourceTag: "type:registry",
    onlyDependOnLibsWithTags: ["type:api", "type:logger"],
    allowedExternalImports: ["smol-toml"],
  },
  { sourceTag: "type:network", onlyDependOnLibsWithTags: ["type:api", "type:logger"], allowedExternalImports: [] },
  {
    sourceTag: "type:runtime",
    onlyDependOnLibsWithTags: ["type:api", "type:client", "type:registry", "type:logger"],
    allowedExternalImports: ["yaml"],
  },
  { sourceTag: "type:testing", onlyDependOnLibsWithTags: ["type:api"], allowedExternalImports: [] },
  { sourceTag: "type:harness", onlyDependOnLibsWithTags: ["type:api"], allowedExternalImports: [] },
  {
    sourceTag: "type:cli",
    onlyDependOnLibsWithTags: [
      "type:api",
      "type:logger",
      "type:client",
      "type:registry",
      "type:network",
      "type:runtime",
      "type:testing",
    ],
    allowedExternalImports: [],
  },
  { sourceTag: "type:e2e", onlyDependOnLibsWithTags: ["*"] },
];

/** Tests have tools of their own. */
const testBoundaries = boundaries.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  onlyDependOnLibsWithTags,
}));

const boundaryRule = (depConstraints) => ["error", { enforceBuildableLibDependency: true, allow: [], depConstraints }];

export default defineConfig(
  {
    ignores: [
      "**/dist/**",
      "**/out-tsc/**",
      "**/src/gen/**",
      "coverage/**",
      ".nx/**",
      "**/*.mjs",
      "**/*.cjs",
      "**/fixtures/**",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    plugins: { "@nx": nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@nx/enforce-module-boundaries": boundaryRule(boundaries),
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      // Numbers in messages are clear as they are.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An implementation of an interface may have nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // A signal's reason is whatever the caller gave to abort(), and is passed on as it is.
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      // "shell: true" hands a command line to a parser that user input must never reach. (reliability: no shell)
      "no-restricted-syntax": [
        "error",
        {
          selector: "Property[key.name='shell'][value.value=true]",
          message: "Spawn with an argument vector, never through a shell.",
        },
        {
          selector: "ExportAllDeclaration",
          message: "Name what is exported: the list is where the public surface is reviewed.",
        },
      ],
    },
  },
  {
    files: ["**/*.test.ts", "**/src/testing/**/*.ts"],
    rules: { "@nx/enforce-module-boundaries": boundaryRule(testBoundaries) },
  },
  {
    files: ["**/*.test.ts"],
    rules: {
      // jest's matchers take methods as values, and tests await what returns nothing.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
    },
  },
);
