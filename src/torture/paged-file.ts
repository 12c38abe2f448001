import { PAGE_BYTES, type PagePool, SECTOR_BYTES } from "./disk-pages.ts";

/** A page, or a hole that reads as zeros. */
type Page = Uint8Array | undefined;

/** So many changes of one file may wait for a sync; then the operating system writes them back unasked. */
const PENDING_MAX = 32_768;

/** What becomes of a change that no sync has covered, when power goes. */
export type Coin = () => boolean;

/**
 * The content of a file twice: as the page cache has it and as the medium has it. A clean page is one page for both;
 * the first write after a sync copies it, and a sync hands the copy over without copying again.
 *
 * A page whose sync failed, was a lie or went elsewhere is clean and yet differs: no later sync writes it, unless it
 * is written to again.
 *
 * @invariant Bytes behind the end are zeros, in both versions.
 * @cost A write is the bytes written plus one page copied for each page that was clean; a sync is O(dirty pages).
 */
export class PagedFile {
  /** Bytes, as the page cache has it. */
  length = 0;
  /** Handles that are open. */
  handles = 0;
  /** Whether a name leads to it. */
  isLinked = true;
  readonly #pool: PagePool;
  #durableLength = 0;
  #now: Page[] = [];
  #durable: Page[] = [];
  #isDirty = new Uint8Array(8);
  readonly #dirty: number[] = [];
  #dirtyCount = 0;
  /** Pairs of offset and length of what was written since the last sync; of -1 and a length where it was cut. */
  readonly #pending: number[] = [];
  #pendingCount = 0;

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  /** Bytes on the medium. */
  get durableLength(): number {
    return this.#durableLength;
  }

  /** Pages no sync has covered. */
  get dirtyPages(): number {
    return this.#dirtyCount;
  }

  /** Copies up to `count` bytes into `into`; returns how many there were. */
  read(into: Uint8Array, count: number, at: number): number {
    const most = Math.min(count, Math.max(0, this.length - at));
    copyOut(this.#now, into, most, at);
    return most;
  }

  /** Writes the first `count` of `bytes`. */
  write(bytes: Uint8Array, count: number, at: number): void {
    if (count === 0) return;
    const end = at + count;
    for (let from = at; from < end; ) {
      const index = Math.floor(from / PAGE_BYTES);
      const offset = from - index * PAGE_BYTES;
      const size = Math.min(PAGE_BYTES - offset, end - from);
      const page = this.#writable(index, size === PAGE_BYTES);
      const isWhole = size === bytes.length;
      page.set(isWhole ? bytes : bytes.subarray(from - at, from - at + size), offset);
      from += size;
    }
    if (end > this.length) this.length = end;
    this.#wait(at, count);
  }

  /** Makes the file so long; what is behind the end is gone, what is added are zeros. */
  cut(length: number): void {
    if (length < this.length) {
      const first = Math.ceil(length / PAGE_BYTES);
      const last = Math.ceil(this.length / PAGE_BYTES);
      for (let i = first; i < last; i++) this.#punch(i);
      const offset = length % PAGE_BYTES;
      if (offset > 0) this.#writable(first - 1, false).fill(0, offset);
    }
    this.length = length;
    this.#wait(-1, length);
  }

  /** Makes everything durable that is dirty. */
  sync(): void {
    if (this.length < this.#durableLength) this.#cutDurable(this.length);
    for (let i = 0; i < this.#dirtyCount; i++) {
      const index = this.#dirty[i] as number;
      const old = this.#durable[index];
      const now = this.#now[index];
      this.#isDirty[index] = 0;
      if (old === now) continue;
      this.#durable[index] = now;
      if (old !== undefined) this.#pool.give(old);
    }
    this.#durableLength = this.length;
    this.#dirtyCount = 0;
    this.#pendingCount = 0;
  }

  /** Marks everything clean without making it durable: after a sync that failed or was a lie. */
  strand(): void {
    for (let i = 0; i < this.#dirtyCount; i++) this.#isDirty[this.#dirty[i] as number] = 0;
    this.#dirtyCount = 0;
    this.#pendingCount = 0;
  }

  /** Takes one dirty page out of the next sync and returns its content, for another place. */
  divert(choice: number): Uint8Array {
    const place = choice % this.#dirtyCount;
    const index = this.#dirty[place] as number;
    this.#dirtyCount--;
    this.#dirty[place] = this.#dirty[this.#dirtyCount] as number;
    this.#isDirty[index] = 0;
    return this.#pool.copy(this.#now[index]);
  }

  /** Overwrites a page of the medium; the page cache forgets its copy unless that is dirty. */
  overwriteDurable(index: number, bytes: Uint8Array): void {
    const page = this.#medium(index);
    const most = Math.min(PAGE_BYTES, this.#durableLength - index * PAGE_BYTES);
    page.set(bytes.subarray(0, most));
    if (this.#isDirty[index] === 0) this.#evict(index);
  }

  /** Flips a bit of the medium; the page cache forgets its copy unless that is dirty. */
  flip(byte: number, bit: number): void {
    const index = Math.floor(byte / PAGE_BYTES);
    const page = this.#medium(index);
    const offset = byte - index * PAGE_BYTES;
    page[offset] = (page[offset] as number) ^ (1 << bit);
    if (this.#isDirty[index] === 0) this.#evict(index);
  }

  /** The page cache forgets every page that is not dirty: it is read from the medium again. */
  dropCache(): void {
    for (let i = 0; i < this.#now.length; i++) if (this.#isDirty[i] === 0) this.#evict(i);
  }

  /** The loss of power: the page cache is gone, and of what was not durable a part may have become so. */
  losePower(survival: "none" | "all" | "any", coin: Coin): void {
    if (survival === "all") this.sync();
    if (survival === "any") this.#settle(coin);
    this.strand();
    this.length = this.#durableLength;
    this.dropCache();
  }

  /** The content, as the page cache has it. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    copyOut(this.#now, bytes, this.length, 0);
    return bytes;
  }

  /** The content, as the medium has it. */
  durableBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#durableLength);
    copyOut(this.#durable, bytes, this.#durableLength, 0);
    return bytes;
  }

  /** Another file with the same content in both versions, and the same changes waiting. */
  copy(): PagedFile {
    const other = new PagedFile(this.#pool);
    other.length = this.length;
    other.#durableLength = this.#durableLength;
    other.isLinked = this.isLinked;
    for (const [i, page] of this.#durable.entries()) {
      const now = this.#now[i];
      other.#durable.push(page === undefined ? undefined : this.#pool.copy(page));
      other.#now.push(now === page || now === undefined ? undefined : this.#pool.copy(now));
      if (now === page) other.#now[i] = other.#durable[i];
    }
    other.#isDirty = this.#isDirty.slice();
    for (let i = 0; i < this.#dirtyCount; i++) other.#dirty.push(this.#dirty[i] as number);
    for (let i = 0; i < this.#pendingCount; i++) other.#pending.push(this.#pending[i] as number);
    other.#dirtyCount = this.#dirtyCount;
    other.#pendingCount = this.#pendingCount;
    return other;
  }

  /** Gives all pages back; the file must not be used any more. */
  release(): void {
    for (const [i, page] of this.#durable.entries()) {
      const now = this.#now[i];
      if (page !== undefined) this.#pool.give(page);
      if (now !== undefined && now !== page) this.#pool.give(now);
    }
    this.#durable = [];
    this.#now = [];
    this.length = 0;
    this.#durableLength = 0;
    this.#dirtyCount = 0;
    this.#pendingCount = 0;
  }

  /** The page of the cache, dirty and its own; `isWhole` where all of it will be overwritten. */
  #writable(index: number, isWhole: boolean): Uint8Array {
    while (this.#now.length <= index) this.#addPage();
    const now = this.#now[index];
    if (this.#isDirty[index] === 0) this.#soil(index);
    if (now !== undefined && now !== this.#durable[index]) return now;
    const page = isWhole ? this.#pool.take() : this.#pool.copy(now);
    this.#now[index] = page;
    return page;
  }

  #addPage(): void {
    this.#now.push(undefined);
    this.#durable.push(undefined);
    if (this.#isDirty.length >= this.#now.length) return;
    const longer = new Uint8Array(this.#isDirty.length * 2);
    longer.set(this.#isDirty);
    this.#isDirty = longer;
  }

  #soil(index: number): void {
    this.#isDirty[index] = 1;
    this.#dirty[this.#dirtyCount++] = index;
  }

  #punch(index: number): void {
    const now = this.#now[index];
    if (index >= this.#now.length) return;
    if (this.#isDirty[index] === 0) this.#soil(index);
    if (now !== undefined && now !== this.#durable[index]) this.#pool.give(now);
    this.#now[index] = undefined;
  }

  #wait(at: number, length: number): void {
    if (this.#pendingCount >= 2 * PENDING_MAX) this.sync();
    this.#pending[this.#pendingCount++] = at;
    this.#pending[this.#pendingCount++] = length;
  }

  /** The page of the medium, to damage; the cache is to be evicted afterwards where it is clean. */
  #medium(index: number): Uint8Array {
    while (this.#now.length <= index) this.#addPage();
    const old = this.#durable[index];
    if (old !== undefined) return old;
    const page = this.#pool.copy(undefined);
    this.#durable[index] = page;
    return page;
  }

  /** The cache forgets a page; behind the end it has zeros, whatever the medium has there. */
  #evict(index: number): void {
    const now = this.#now[index];
    const durable = this.#durable[index];
    if (now === durable) return;
    if (now !== undefined) this.#pool.give(now);
    const left = this.length - index * PAGE_BYTES;
    if (durable === undefined || left >= PAGE_BYTES || this.length >= this.#durableLength) {
      this.#now[index] = durable;
    } else if (left <= 0) this.#now[index] = undefined;
    else {
      const page = this.#pool.copy(durable);
      page.fill(0, left);
      this.#now[index] = page;
    }
  }

  #cutDurable(length: number): void {
    const first = Math.ceil(length / PAGE_BYTES);
    for (let i = first; i < this.#durable.length; i++) this.#replaceDurable(i, undefined);
    const offset = length % PAGE_BYTES;
    const old = offset > 0 ? this.#durable[first - 1] : undefined;
    if (old !== undefined) {
      const page = this.#pool.copy(old);
      page.fill(0, offset);
      this.#replaceDurable(first - 1, page);
    }
    this.#durableLength = length;
  }

  /** Puts another page on the medium; the page cache keeps what it has. */
  #replaceDurable(index: number, page: Page): void {
    const old = this.#durable[index];
    if (old === page) return;
    this.#durable[index] = page;
    if (old !== undefined && old !== this.#now[index]) this.#pool.give(old);
  }

  /** Of each change that waits, sector by sector, a part becomes durable. */
  #settle(coin: Coin): void {
    for (let i = 0; i < this.#pendingCount; i += 2) {
      const at = this.#pending[i] as number;
      const length = this.#pending[i + 1] as number;
      if (at >= 0) this.#settleWrite(at, at + length, coin);
      else if (coin()) this.#resizeDurable(length);
    }
  }

  #resizeDurable(length: number): void {
    if (length < this.#durableLength) this.#cutDurable(length);
    this.#durableLength = length;
  }

  #settleWrite(at: number, end: number, coin: Coin): void {
    for (let from = at; from < end; ) {
      const to = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
      if (coin()) this.#settleSector(from, to);
      from = to;
    }
  }

  #settleSector(from: number, to: number): void {
    const index = Math.floor(from / PAGE_BYTES);
    const offset = from - index * PAGE_BYTES;
    const now = this.#now[index];
    let page = this.#durable[index];
    if (page === undefined || page === now) {
      page = this.#pool.copy(page);
      this.#replaceDurable(index, page);
    }
    if (now === undefined) page.fill(0, offset, offset + to - from);
    else page.set(now.subarray(offset, offset + to - from), offset);
    if (to > this.#durableLength) this.#durableLength = to;
  }
}

function copyOut(pages: readonly Page[], into: Uint8Array, count: number, at: number): void {
  for (let done = 0; done < count; ) {
    const index = Math.floor((at + done) / PAGE_BYTES);
    const offset = at + done - index * PAGE_BYTES;
    const size = Math.min(PAGE_BYTES - offset, count - done);
    const page = pages[index];
    if (page === undefined) into.fill(0, done, done + size);
    else into.set(size === PAGE_BYTES ? page : page.subarray(offset, offset + size), done);
    done += size;
  }
}
