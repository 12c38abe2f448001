/** `{"stream":"`, which every message of combined streams begins with. */
const HEAD = new TextEncoder().encode('{"stream":"');
const AT = 0x40;
const NAME_MAX = 32;

/** Finds whom a message of combined streams is for by the bytes of its stream's name, without a string. */
export class StreamRoute<Subscriber> {
  readonly #byHash = new Map<number, { readonly name: Uint8Array; readonly subscriber: Subscriber }[]>();

  /** `symbol` as the exchange writes it in names of streams: small letters. */
  add(symbol: string, subscriber: Subscriber): void {
    const name = new TextEncoder().encode(symbol);
    const hash = hashOf(name, 0, name.length);
    const same = this.#byHash.get(hash) ?? [];
    this.#byHash.set(hash, [...same, { name, subscriber }]);
  }

  /** The subscriber of a message, or nothing where it is none of the plain shape. */
  find(bytes: Uint8Array): Subscriber | undefined {
    for (let i = 0; i < HEAD.length; i++) if (bytes[i] !== HEAD[i]) return undefined;
    const from = HEAD.length;
    let to = from;
    let hash = 0;
    for (; bytes[to] !== AT; to++) {
      if (to === bytes.length || to - from > NAME_MAX) return undefined;
      hash = (Math.imul(hash, 31) + (bytes[to] as number)) | 0;
    }
    const same = this.#byHash.get(hash);
    if (same === undefined) return undefined;
    for (const { name, subscriber } of same) if (isSame(name, bytes, from, to)) return subscriber;
    return undefined;
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}

function isSame(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false;
  return true;
}
