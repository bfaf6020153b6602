// One activation of a program.
import { logErrorLine } from "./streams";
import { guarded, lastMessage } from "./thrown";

/** Runs the program; 1 for its caller if it failed. What it throws are its last words. */
export function serve(run: () => void): i32 {
  if (guarded(run)) return i32(process.exitCode != 0);
  logErrorLine(lastMessage());
  return 1;
}
