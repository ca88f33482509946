import preset from "../../jest.preset.mjs";

// Tests on a real host have one of their own each (a network namespace, and folders), and wait for one program after the
// other: two files at once use what a machine of two processors has, where Jest itself would leave one to itself.
export default { ...preset, maxWorkers: 2 };
