import type { ContainerConfig, Runtime } from "@voiyd/runtime-api";

/** The two functions of a test framework that the suite needs: those of Jest, Vitest and `node:test` fit. */
export interface ContractTestApi {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** What a runtime can do beyond `Runtime`: the suite tests what is declared, and that nothing undeclared is there. */
export type ContractCapability =
  | "attach"
  | "commit"
  | "copy"
  | "diff"
  | "disk-usage"
  | "edit"
  | "events"
  | "exec"
  | "export"
  | "image-archives"
  | "image-inspection"
  | "image-pruning"
  | "image-push"
  | "image-tags"
  | "image-verification"
  | "images"
  | "lifecycle"
  | "logs"
  | "pause"
  | "recover"
  | "supervise"
  | "stats"
  | "top"
  | "wait";

/** What {@link runtimeContract} must know about a runtime to put it through its tests. */
export interface ContractHarness {
  /** Stands before the name of every test. */
  readonly name: string;

  /**
   * A runtime whose namespace holds no containers and is used by nobody else meanwhile. Called once a test; may give the
   * same one again.
   */
  createRuntime(): Promise<Runtime>;

  /** Called with what `createRuntime` gave, once all its containers are gone. */
  disposeRuntime?(runtime: Runtime): Promise<void>;

  /** An image that can be pulled, has the commands of `programs`, a user `root`, and no entrypoint. */
  readonly image: string;

  /** A well-formed reference to an image that no registry has. */
  readonly missingImage: string;

  readonly programs: ContractPrograms;

  readonly capabilities: readonly ContractCapability[];

  /**
   * Why the runtime does not have the others. Each capability that is not declared is a test whose name tells this, and
   * which fails where the capability is there all the same.
   */
  readonly without?: Readonly<Partial<Record<ContractCapability, string>>>;

  /** A reference with a tag, in a registry that takes what is pushed there. Needed with `image-push`. */
  readonly pushTarget?: string;

  /**
   * Takes the blob with this digest out of what `runtime` has of its images, as a failing disk may do. Without it, what
   * `image-verification` finds and mends stays untested.
   */
  readonly loseBlob?: (runtime: Runtime, digest: string) => Promise<void>;

  /** Becomes part of the configuration of each container of the suite, except where a test needs other values. */
  readonly config?: Partial<ContainerConfig>;

  /** A port of the host that nobody listens on. */
  freePort(): Promise<number>;

  readonly testApi: ContractTestApi;
}

/**
 * The arguments (`config.args`) of programs that behave as the suite needs. See {@link busyboxPrograms}. None may rely on
 * a default signal action: the first process of a container ignores what it has no handler for (pid_namespaces(7)).
 */
export interface ContractPrograms {
  /** Lives until it is killed, writes nothing. */
  readonly sleepForever: readonly string[];
  /** Ends at once with `code`, writes nothing. */
  exitWith(code: number): readonly string[];
  /** Writes these texts, byte for byte, and ends with 0. */
  print(stdout: string, stderr: string): readonly string[];
  /** Like `print`, but lives on until it is killed. */
  printThenSleep(stdout: string, stderr: string): readonly string[];
  /** Writes `before` to its standard output; on SIGTERM it writes `after` and ends with 0. */
  printOnTerm(before: string, after: string): readonly string[];
  /** Writes `ready` and a newline to its standard output once it ignores SIGTERM, and lives until it is killed. */
  readonly ignoreTermThenSleep: readonly string[];
  /** Writes `ready` and a newline to its standard output once a SIGTERM will end it with `code`. */
  exitOnTermWith(code: number): readonly string[];
  /** Writes the value of an environment variable, and a newline, to its standard output. */
  printVariable(name: string): readonly string[];
  /** Writes its working directory, and a newline, to its standard output. */
  readonly printWorkingDir: readonly string[];
  /** A bare command name that the image does not have. */
  readonly commandThatDoesNotExist: readonly string[];
  /** Something that is in the image, and cannot be executed. */
  readonly commandThatIsNotExecutable: readonly string[];
}
