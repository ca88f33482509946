import preset from "../jest.preset.mjs";

// Real containers take their time on two cores; no test asserts how long. One file at a time: they look at what the whole
// machine has. Jest keeps the modules of every file that it has run, and the programs that tests start take longer to start
// the more memory their parent has: a process that has grown is replaced by a new one between two files.
export default { ...preset, testTimeout: 120_000, maxWorkers: 1, workerIdleMemoryLimit: "200MB" };
