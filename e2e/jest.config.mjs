import preset from "../jest.preset.mjs";

// Real containers take their time on two cores; no test asserts how long.
export default { ...preset, testTimeout: 120_000 };
