/**
 * The shell scripts of {@link busyboxPrograms}. Constant texts, their parameters given as `$1` and `$2`, so that a
 * simulated shell can know them by heart. `sleep & wait` and not `sleep`, because a shell runs a trap only between commands.
 */
export const SCRIPTS = {
  exit: 'exit "$1"',
  print: 'printf %s "$1"; printf %s "$2" >&2',
  printThenSleep: 'printf %s "$1"; printf %s "$2" >&2; exec sleep 1000000',
  printOnTerm: `trap 'printf %s "$2"; exit 0' TERM; printf %s "$1"; sleep 1000000 & wait`,
  ignoreTerm: "trap '' TERM; echo ready; sleep 1000000 & wait",
  exitOnTerm: `trap 'exit "$1"' TERM; echo ready; sleep 1000000 & wait`,
  printVariable: `eval 'echo "$'"$1"'"'`,
} as const;
