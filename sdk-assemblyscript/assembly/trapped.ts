// What was thrown where nobody can be told of it but the log.
import { logErrorLine } from "./streams";
import { lastMessage } from "./thrown";

export function trapThrown(): void {
  logErrorLine("threw: " + lastMessage());
  unreachable();
}
