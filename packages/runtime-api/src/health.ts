/** How it is found out whether a container is well. What is absent is the image's (`HEALTHCHECK`), or the default. */
export interface HealthCheck {
  /**
   * `["CMD", program, …arguments]`, `["CMD-SHELL", line]` for the image's `/bin/sh`, or `["NONE"]`: no check, though the
   * image has one. The process's exit code 0 means healthy, every other one unhealthy.
   */
  readonly test?: readonly string[];
  /** Milliseconds from the end of one probe to the start of the next, from 1. Default 30 000. */
  readonly intervalMs?: number;
  /** How long a probe may take before it counts as failed and is ended, in milliseconds from 1. Default 30 000. */
  readonly timeoutMs?: number;
  /** Failures in a row that make it unhealthy, from 1. Default 3. */
  readonly retries?: number;
  /** Milliseconds after the start in which failures do not count, unless a probe has succeeded. Default 0. */
  readonly startPeriodMs?: number;
  /** The interval during the start period, in milliseconds from 1. Default 5000. */
  readonly startIntervalMs?: number;
  /** Restart the container when it becomes unhealthy, with the back-off of restart policies. Default false. */
  readonly restart?: boolean;
}

export interface Health {
  /** `starting` until the first probe that counts. */
  readonly status: "starting" | "healthy" | "unhealthy";
  /** Failures since the last success. */
  readonly failingStreak: number;
  /** The last five probes, the oldest first. */
  readonly log: readonly HealthProbe[];
}

export interface HealthProbe {
  readonly start: Date;
  readonly end: Date;
  /** -1 for a probe that took too long, or that could not be started. */
  readonly exitCode: number;
  /** The first 4096 bytes of what it wrote. */
  readonly output: string;
}
