import { checkFunction } from "../base/index.ts";
import type { AuditDigest } from "./audit-digest.ts";

/** Checks that a digest has its methods. @throws `FAULT_CONFIG` naming the one that is not there */
export function checkDigest(path: string, digest: AuditDigest): AuditDigest {
  for (const name of ["edge", "link"]) checkFunction(`${path}.${name}`, Reflect.get(Object(digest), name));
  return digest;
}
