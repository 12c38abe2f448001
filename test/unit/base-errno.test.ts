import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { errnoName, errnoText } from "../../src/base/native.ts";

describe("what a system call answered", () => {
  it.each(["EPERM", "ENOENT", "EAGAIN", "ENOSPC", "ENOSYS"] as const)("is named: %s", (name) => {
    const code = -constants.errno[name];
    expect(errnoName(code)).toBe(name);
    expect(errnoText(code)).toMatch(new RegExp(`^${name}: [a-z]`));
  });

  it("is named too where no call of Node's answers it", () => {
    const { ESTALE, EBADMSG } = constants.errno;
    expect([errnoName(-ESTALE), errnoText(-EBADMSG)]).toEqual(["ESTALE", "EBADMSG"]);
  });

  it.each([-9999, 0, 5, Number.NaN, -1.5])("is given as it is where it is none: %d", (code) => {
    expect([errnoName(code), errnoText(code)]).toEqual([`errno ${code}`, `errno ${code}`]);
  });
});
