/** Bytes of a page: what a file's content is kept and made durable in. @units bytes */
export const PAGE_BYTES = 4096;

/** Bytes of a sector: what the loss of power leaves whole or does not. @units bytes */
export const SECTOR_BYTES = 512;

const SLAB_PAGES_MAX = 256;

/**
 * Pages that files take and give back, so that a disk that runs for long allocates no memory.
 *
 * @cost Taking and giving is O(1); memory is taken in slabs that grow up to 1 MiB.
 */
export class PagePool {
  readonly #free: Uint8Array[] = [];
  #slabPages = 4;

  /** A page whose content is whatever it was. */
  take(): Uint8Array {
    if (this.#free.length === 0) this.#grow();
    return this.#free.pop() as Uint8Array;
  }

  /** A page with the content of another one, or of zeros. */
  copy(of: Uint8Array | undefined): Uint8Array {
    const page = this.take();
    if (of === undefined) page.fill(0);
    else page.set(of);
    return page;
  }

  /** Gives a page back that nothing refers to any more. */
  give(page: Uint8Array): void {
    this.#free.push(page);
  }

  #grow(): void {
    const slab = new ArrayBuffer(this.#slabPages * PAGE_BYTES);
    for (let i = this.#slabPages - 1; i >= 0; i--) {
      this.#free.push(new Uint8Array(slab, i * PAGE_BYTES, PAGE_BYTES));
    }
    this.#slabPages = Math.min(SLAB_PAGES_MAX, this.#slabPages * 2);
  }
}
