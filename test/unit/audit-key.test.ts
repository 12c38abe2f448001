import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AuditKey } from "../../src/audit/audit-key.ts";
import { parseVerifierKey, VerifierKey } from "../../src/audit/verifier-key.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

describe("an audit key", () => {
  it.each([
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
  ])("signs as the test vectors of RFC 8032 do (seed %s)", (seed, publicKey, message, signature) => {
    const key = AuditKey.fromSeed("rfc8032.example", bytes(seed));
    expect(key.verifierKey.publicKey).toEqual(bytes(publicKey));
    expect(key.sign(bytes(message))).toEqual(bytes(signature));
    expect(key.verifierKey.verify(bytes(message), bytes(signature))).toBe(true);
    expect(key.verifierKey.verify(bytes(`${message}00`), bytes(signature))).toBe(false);
    expect(key.verifierKey.verify(bytes(message), bytes(signature).subarray(1))).toBe(false);
  });

  it("is read from a key object and from PEM", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const [one, other] = [new AuditKey("a", privateKey), AuditKey.fromPem("a", pem)];
    const spki = publicKey.export({ format: "der", type: "spki" });
    expect(one.verifierKey.publicKey).toEqual(new Uint8Array(spki.subarray(-32)));
    expect(other.verifierKey.text).toBe(one.verifierKey.text);
    expect([one.name, one.keyId]).toEqual(["a", one.verifierKey.keyId]);
    expect(parseVerifierKey(one.verifierKey.text)).toBeInstanceOf(VerifierKey);
  });

  const secret = "5eC12e7s".repeat(4);
  const seed = new TextEncoder().encode(secret);
  const key = AuditKey.fromSeed("example.com/desk", seed);
  const SHOWN = `AuditKey(example.com/desk+${key.keyId})`;

  it.each([
    ["text", String(key)],
    ["JSON", JSON.parse(JSON.stringify(key))],
    ["inspection", inspect(key)],
    ["deep inspection", inspect(key, { depth: 9, showHidden: true, getters: true })],
    ["inspection within an object", inspect({ key }).slice(7, -2)],
  ])("shows its name and id alone, as %s", (_how, shown) => {
    expect(shown).toBe(SHOWN);
  });

  it("shows its secret in no form", () => {
    const forms = [secret, Buffer.from(seed).toString("hex"), Buffer.from(seed).toString("base64")];
    const shown = [
      String(key),
      JSON.stringify({ key }),
      inspect(key, { depth: 9, showHidden: true, customInspect: false }),
      JSON.stringify(Object.entries(key)),
      JSON.stringify(Object.assign({}, key)),
      inspect(Object.getOwnPropertyDescriptors(key), { depth: 9, showHidden: true, customInspect: false }),
    ].join("\n");
    for (const form of forms) expect(shown).not.toContain(form.replace(/=+$/, ""));
    expect(() => structuredClone(key.sign)).toThrow();
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const { publicKey } = generateKeyPairSync("ed25519");
  it.each([
    ["a seed too short", () => AuditKey.fromSeed("a", seed.subarray(1))],
    ["a text for a seed", () => AuditKey.fromSeed("a", secret as never)],
    ["a public key", () => new AuditKey("a", publicKey)],
    ["a key of RSA", () => new AuditKey("a", rsa.privateKey)],
    ["no key", () => new AuditKey("a", secret as never)],
    ["a PEM that is none", () => AuditKey.fromPem("a", secret)],
    [
      "a PEM of RSA",
      () => AuditKey.fromPem("a", rsa.privateKey.export({ format: "pem", type: "pkcs8" }).toString()),
    ],
  ])("refuses %s without repeating it", (_what, make) => {
    let shown = "";
    try {
      make();
    } catch (error) {
      shown = inspect(error, { depth: 9 });
    }
    expect(shown).toContain("FAULT_INPUT privateKey");
    expect(shown).toContain("expected a private Ed25519 key");
    expect(shown).not.toContain(secret.slice(0, 16));
  });

  it("refuses a name that is none", () => {
    expect(() => AuditKey.fromSeed("two words", seed)).toThrow("FAULT_INPUT name");
  });
});
