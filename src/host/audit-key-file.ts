import { Fault } from "../base/index.ts";
import type { AuditFolderSettings } from "./audit-folder-options.ts";
import { AUDIT_KEY_FILE, AUDIT_NEXT, type AuditNames, onAuditDisk } from "./audit-names.ts";
import { readWhole, writeWhole } from "./journal-disk.ts";

/** Writes the log's key beside it, or holds it against the one that is there. */
export function keepKey(settings: AuditFolderSettings, path: string, names: AuditNames): void {
  const { disk, key } = settings;
  const file = `${path}/${AUDIT_KEY_FILE}`;
  if (!names.hasKey) {
    onAuditDisk(file, () => writeWhole(disk, path, AUDIT_NEXT, AUDIT_KEY_FILE, Buffer.from(`${key.text}\n`)));
    onAuditDisk(file, () => disk.seal?.(file));
    return;
  }
  const found = Buffer.from(onAuditDisk(file, () => readWhole(disk, file)))
    .toString()
    .trim();
  if (found === key.text) return;
  throw new Fault("FAULT_CONFIG", {
    path: "options.key",
    value: key.text,
    expected: `the folder's, ${found}`,
  });
}
