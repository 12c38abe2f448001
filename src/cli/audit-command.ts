import process from "node:process";
import { Usage } from "./usage.ts";

const HELP = `tickwright audit verify <folder> [--key K] [--anchor FILE]... [--part] [--json]
tickwright audit export <folder> [--key K] [--from SEQ] [--to SEQ] [--part] [--out FILE]
tickwright audit query  <folder> [--order ID] [--type T]... [--actor A] [--strategy S] [--venue V]
                        [--from TIME] [--to TIME] [--json]
tickwright audit prove  <folder> --seq N [--key K] [--out FILE]
tickwright audit check-proof <file> --key K [--json]

verify: reads everything and says what is proved, and of the first thing that is wrong its record, file and byte.
export: records as canonical JSON (RFC 8785), one a line, each verified before it is written.
query: records by what they say, at reading speed; it proves nothing.
prove: one record with its block, its path to a signed checkpoint, and the key, for somebody without the log.

  --key K        the log's first verifier key (name+id+base64), or a file that holds it. Unless given, the one that lies
                 in the folder: that shows accidents, not whose trail it is
  --anchor FILE  a signed checkpoint that was kept elsewhere; give it again for more
  --part         verify, export: the folder holds a part of a trail, and you know; else a beginning that is not here
                 is wrong, unless a proved record says that a rule deleted it
  --from, --to   export: numbers of records, both included; query: ISO 8601 moments, the second not included
  --out FILE     a file that is not there yet; standard output unless given
  --json         print JSON: one object; query one a line

Nothing here writes into the folder. Exit codes: 0 nothing is wrong, 1 something is, 2 a wrong call; verify: 3 nothing
is wrong by the folder's own key (no --key): consistent, but anybody could have written and signed it.
`;

/** `tickwright audit`: what a trail on a disk says, and whether it is to be believed. */
export async function auditCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || args.includes("--help") || args.includes("-h")) {
    process.stdout.write(HELP);
    return verb === undefined ? 2 : 0;
  }
  switch (verb) {
    case "verify":
      return (await import("./audit-verify-command.ts")).auditVerify(rest);
    case "export":
      return (await import("./audit-export-command.ts")).auditExport(rest);
    case "query":
      return (await import("./audit-query-command.ts")).auditQuery(rest);
    case "prove":
      return (await import("./audit-prove-command.ts")).auditProve(rest);
    case "check-proof":
      return (await import("./audit-prove-command.ts")).auditCheckProof(rest);
    default:
      throw new Usage(`there is no audit ${verb}; verify, export, query, prove and check-proof are`);
  }
}
