#!/usr/bin/env node
// Verifies a tickwright audit log without tickwright: this one file and Node 20 or newer.
//
//   node audit-verify.mjs DIR --key KEY [--key KEY]... [--anchor FILE]... [--part] [--json]
//
//   DIR       the folder of the segments: the files *.twa in it and in its subfolder cold, in the order of their
//             names (2 before 10); other files are passed over
//   --key     a key you trust: name+id+base64, or a file that holds it. One is enough from the log's beginning:
//             the log names the keys that follow, each signed by the one before. Several where DIR begins later
//   --anchor  a checkpoint kept outside of the writer's reach, which the log must contain
//   --part    DIR begins later than the log, and you know: else a beginning that no proved tombstone tells of is wrong
//
// Exit 0: nothing is wrong and something is proved. 1: something is wrong, or nothing is proved. 2: wrong use.
// The bytes are described in src/audit/README.md, "A segment's bytes". In memory: one frame, at most 8 MiB.
import { createHash, createPublicKey, verify } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The types of records whose fields are read.
const [KEY_ROTATION, TOMBSTONE] = [0x0f01, 0x1101];
const ZEROS = Buffer.alloc(32);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** Ends the reading of a log. `where`: `at`, a byte of the frame, and `records`, which hold the first bad one. */
function must(isGood, code, message, where = {}) {
  if (!isGood) throw Object.assign(new Error(message), { code, where });
}

/** Takes little-endian numbers and texts from bytes, one behind the other. */
function readerOf(bytes, code, where) {
  let from = 0;
  const take = (length) => {
    must(from + length <= bytes.length, code, "it is cut short", where);
    from += length;
    return bytes.subarray(from - length, from);
  };
  const count = () => {
    const value = take(8).readBigUInt64LE();
    must(value < 2n ** 53n, code, `the number ${value} is not below 2^53`, where);
    return Number(value);
  };
  const text = (length) => {
    const utf8 = take(length);
    const said = utf8.toString();
    const isNormal = Buffer.from(said).equals(utf8) && said.normalize("NFC") === said;
    must(isNormal, code, "a text is not UTF-8 in NFC", where);
    return said;
  };
  const [u8, u16, u32] = [() => take(1)[0], () => take(2).readUInt16LE(), () => take(4).readUInt32LE()];
  const end = () => must(from === bytes.length, code, "bytes are left over", where);
  return { take, count, text, u8, u16, u32, i64: () => take(8).readBigInt64LE(), end };
}

/** The Merkle tree of RFC 9162, kept as the roots of its complete subtrees, the largest first. */
function grow(tree, leaf) {
  let node = sha256("\x00", leaf);
  for (let n = tree.size; n % 2 === 1; n = (n - 1) / 2) node = sha256("\x01", tree.peaks.pop(), node);
  tree.peaks.push(node);
  tree.size += 1;
}
const rootOf = ({ size, peaks }) =>
  size === 0 ? sha256() : peaks.reduceRight((right, left) => sha256("\x01", left, right));

/** A C2SP key of Ed25519: name+id+base64(01 ‖ key); the id begins SHA-256(name ‖ newline ‖ 01 ‖ key). */
export function parseKey(text) {
  const [, name, id, encoded] = /^([^+\p{White_Space}]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const typed = Buffer.from(encoded ?? "", "base64");
  const isKey = typed.length === 33 && typed[0] === 1 && typed.toString("base64") === encoded;
  const isId = isKey && sha256(`${name}\n`, typed).toString("hex", 0, 4) === id;
  if (!isId) throw new Error(`no key: ${text}`);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), typed.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return { name, id, text, publicKey, fromSize: 0, toSize: Infinity };
}

/** Takes a C2SP signed note apart: a text, a blank line, and a line for each signature. */
function parseNote(bytes, code, where) {
  const check = (isGood) => must(isGood, code, "it is no signed note", where);
  check(bytes.length <= 1_000_000 && bytes.every((byte) => byte >= 32 || byte === 10));
  const whole = bytes.toString();
  const cut = whole.lastIndexOf("\n\n");
  const lines = whole.slice(cut + 2, -1).split("\n");
  check(Buffer.from(whole).equals(bytes) && cut >= 0 && whole.endsWith("\n") && lines.length <= 100);
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^+\p{White_Space}]+) (\S+)$/u.exec(line) ?? [];
    const all = Buffer.from(encoded ?? "", "base64");
    check(all.length > 4 && all.toString("base64") === encoded);
    return { name, id: all.toString("hex", 0, 4), signature: all.subarray(4) };
  });
  return { text: whole.slice(0, cut + 1), signatures, code, where };
}

/** Those of these keys that signed a note. A bad signature of one is wrong; those of other keys say nothing. */
function signersOf({ text, signatures, code, where }, keys) {
  return keys.filter(({ name, id, publicKey }) => {
    const found = signatures.find((each) => each.name === name && each.id === id)?.signature;
    if (found === undefined) return false;
    const isGood = found.length === 64 && verify(null, Buffer.from(text), publicKey, found);
    must(isGood, code, `the signature of ${name}+${id} is not good`, where);
    return true;
  });
}

const [NUMBER, TIME] = ["(0|[1-9][0-9]*)", "(0|-?[1-9][0-9]{0,18})"];
const HASH = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="; // 32 bytes as base64
const CLOCK = "(?:locked|degraded|holdover|outOfTolerance|unsynchronized|stepped|unknown)";
const CHECKPOINT = new RegExp(
  `^([^\n]+)\n${NUMBER}\n(${HASH})\ntime ${TIME}\nclock (${CLOCK} ${NUMBER})\n` +
    `previous (none|${HASH})\nchain (${HASH})\n$`,
);
const ROTATION = new RegExp(
  `^tickwright audit key rotation v1\nnumber ${NUMBER}\nfrom ([^\n]+)\nto ([^\n]+)\n` +
    `size ${NUMBER}\ntime ${TIME}\nreason [^\n]+\n$`,
);
const isTime = (text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text);

function parseCheckpoint({ text, code, where }) {
  const [, origin, size, root, time, clock, offNs, previous, chain] = CHECKPOINT.exec(text) ?? [];
  const isOne = origin && Number.isSafeInteger(+size) && isTime(time) && +offNs < 2 ** 32;
  must(isOne, code, "the text is no checkpoint's", where);
  const bytes = (base64) => (base64 === "none" ? ZEROS : Buffer.from(base64, "base64"));
  const said = { origin, size: +size, time, clock, root: bytes(root), chain: bytes(chain) };
  return { ...said, previous: bytes(previous), hash: sha256(text) };
}

/** FNV-1a over words of 32 bits, the last filled up with zeros: names a record that storage damaged. */
function checkWord(record) {
  let word = 0x811c9dc5;
  for (let at = 0; at < record.length; at += 4) {
    const left = record.length - at;
    word = Math.imul(word ^ (left < 4 ? record.readUIntLE(at, left) : record.readInt32LE(at)), 0x01000193);
  }
  return word >>> 0;
}

/** Reads what every record has. The payload is bytes here, but for a rotation's and a tombstone's. */
function readRecord(bytes, where) {
  const from = readerOf(bytes, "AUDIT_RECORD_MALFORMED", where);
  const [version, , type, length] = [from.u8(), from.u8(), from.u16(), from.u32()];
  const [seq, time] = [from.count(), from.i64()];
  const isGood = version === 1 && length === bytes.length && length <= 65_535 && seq > 0;
  must(isGood, "AUDIT_RECORD_MALFORMED", "its version, length or seq is none", where);
  from.take(72); // clock uncertainty, epoch, hashes of configuration and build
  for (let i = 0; i < 7; i++) from.text(from.u8()); // node, actor, role, strategy, venue, parent, order
  const fields = from.u32();
  const record = { bytes, where, seq, time };
  if (type === TOMBSTONE) return { ...record, retired: readTombstone(from, fields, where) };
  if (type !== KEY_ROTATION) return record;
  must((fields | 8) === 15, "AUDIT_RECORD_MALFORMED", "a rotation lacks a field, or has another", where);
  for (let i = 0; i < 2; i++) from.text(from.u16()); // the keys; the statement that they signed names them too
  const statement = from.take(from.u16());
  if (fields === 15) from.text(from.u16());
  from.end();
  return { ...record, statement };
}

/** Reads what a rule deleted: the last record, and the segment where it is said. */
function readTombstone(from, fields, where) {
  const isWhole = (fields | 32) === 255;
  must(isWhole, "AUDIT_RECORD_MALFORMED", "a tombstone lacks a field, or has another", where);
  from.text(from.u16()); // the rule
  from.count();
  const lastSeq = from.count();
  from.take(16); // the times
  const segment = fields === 255 ? from.count() : undefined;
  from.take(32); // the content's hash
  from.text(from.u16()); // who approved it
  from.end();
  return { lastSeq, segment };
}

/** Reads one log, segment by segment; the first thing that is wrong ends it. */
class LogReader {
  header = null; // of the segment that is read
  tree = { size: 0, peaks: [] };
  link = ZEROS; // the last one
  checkpoint = { hash: ZEROS }; // the last one
  firstSeq = 0; // of what is read
  nextSeq = 1;
  provedSeq = 0;
  lastNs = 0n;
  isSealed = false;
  first = null; // the header of the first segment that is read
  tombstoneSeq = Infinity; // of the first tombstone that tells of what came before
  torn = { bytes: 0 }; // what stands behind the last whole frame, and where
  problem = null;
  seen = { segments: 0, blocks: 0, checkpoints: 0, rotations: 0, anchors: 0, bytes: 0 };

  constructor(keys, anchors, isPart) {
    this.isPart = isPart;
    this.keys = keys.map((key) => ({ ...key }));
    this.rotation = keys.length === 1 ? 0 : undefined; // the number of the last one, where it is known
    this.anchors = anchors.map((note) =>
      parseCheckpoint(parseNote(Buffer.from(note), "AUDIT_ANCHOR_DIFFERS")),
    );
    this.anchors.sort((a, b) => a.size - b.size);
  }

  get firstUnproved() {
    return this.provedSeq >= this.firstSeq && this.provedSeq > 0 ? this.provedSeq + 1 : this.firstSeq;
  }

  /** Reads one segment: `read(at, length)` gives its bytes, fewer at its end. */
  push(file, read) {
    const place = { file, segment: this.seen.segments++, offset: 0 };
    this.firstFile ??= file;
    this.report(place, () => {
      for (;;) {
        const head = read(place.offset, 8);
        const [tag, length] = [head.toString("latin1", 0, 4), head.length < 8 ? 0 : head.readUInt32LE(4)];
        const isFrame = ["AUD1", "BLK1", "CHK1", "END1"].includes(tag) && length <= 8_388_608;
        must(head.length < 8 || isFrame, "AUDIT_FRAME_MALFORMED", "no frame begins here");
        const body = read(place.offset + 8, length);
        const bytes = head.length + body.length;
        this.seen.bytes += bytes;
        if (bytes < 8 + length) {
          must(place.offset > 0, "AUDIT_TORN", "the header is cut short");
          this.torn = { bytes, place: { ...place } };
          return;
        }
        this.readFrame(tag, body, place.offset === 0);
        place.offset += bytes;
      }
    });
    return this.problem === null;
  }

  /** Does some reading and keeps what is found wrong. */
  report(place, work) {
    try {
      work();
    } catch (error) {
      if (error.where === undefined) throw error; // such as a disk's
      const { at = 0, records = [this.nextSeq, this.nextSeq], place: other = place } = error.where;
      const [fromSeq, toSeq] = records;
      const found = { code: error.code, ...other, offset: other.offset + at, fromSeq, toSeq };
      this.problem = { ...found, message: error.message };
    }
  }

  readFrame(tag, body, isFirst) {
    const isInPlace = isFirst === (tag === "AUD1") && (isFirst || !this.isSealed);
    must(isInPlace, "AUDIT_FRAME_MALFORMED", "a header is first and only there, nothing is behind an end");
    if (tag === "AUD1") this.readHeader(body);
    else if (tag === "BLK1") this.readBlock(body);
    else if (tag === "CHK1") this.readCheckpoint(body);
    else this.readEnd(body);
  }

  readHeader(body) {
    const from = readerOf(body, "AUDIT_HEADER_MALFORMED");
    const [version, leaves, sealed, segment] = [from.u16(), from.u8(), from.u8(), from.u32()];
    const [firstSeq, lastNs, torn] = [from.count(), from.i64(), from.u32()];
    const [, link, hash] = [from.take(32), from.take(32), from.take(32)]; // the salt comes first
    const [origin, size] = [from.text(from.u8()), from.count()];
    const peaks = Array.from({ length: from.u8() }, () => from.take(32));
    from.end();
    const isPeaks = peaks.length === size.toString(2).replaceAll("0", "").length;
    const isGood = version === 1 && leaves <= 1 && sealed <= 1 && firstSeq > 0 && isPeaks;
    must(isGood, "AUDIT_HEADER_MALFORMED", "its version, leaves, seal, first seq or count of roots is none");
    if (this.torn.bytes > 0 && this.torn.bytes !== torn) this.endTorn();

    const [before, isStart] = [this.header, this.header === null];
    const follows = (isSo, what) => must(isSo, "AUDIT_SEGMENT_DISCONTINUOUS", what);
    if (isStart) {
      const isNew = firstSeq === 1 && lastNs === 0n && size === 0 && sealed === 0 && torn === 0;
      const isKnown = this.keys.some(({ name }) => name === origin);
      follows(isKnown, `the log is ${origin}, which is the name of no key`);
      const isBlank = isNew && link.equals(ZEROS) && hash.equals(ZEROS);
      follows(segment > 0 || isBlank, "segment 0 names one before it");
      Object.assign(this, { firstSeq, nextSeq: firstSeq, lastNs, link });
      Object.assign(this, { tree: { size, peaks }, checkpoint: { hash }, first: { segment, size } });
    } else {
      follows(origin === before.origin && leaves === before.leaves, "its name or its leaves are others");
      follows(segment === before.segment + 1, `segment ${segment} follows ${before.segment}`);
      follows(firstSeq === this.nextSeq, `it begins with record ${firstSeq}, expected ${this.nextSeq}`);
      follows(link.equals(this.link), "the link before it is not the last one");
      follows(hash.equals(this.checkpoint.hash), "the checkpoint before it is not the last one");
      follows((sealed === 1) === this.isSealed, "the segment before it is not sealed as it says");
      follows(torn === this.torn.bytes, `it says that ${torn} bytes before it are torn`);
      follows(lastNs === this.lastNs, "the time before it is not the last one");
      const isTree = size === this.tree.size && Buffer.concat(peaks).equals(Buffer.concat(this.tree.peaks));
      follows(isTree, "the tree before it is not the last one");
    }
    this.header = { origin, leaves, segment };
    if (isStart) this.meetAnchors(size - 1);
    Object.assign(this, { link: sha256("TE-AUD-G", body), isSealed: false, torn: { bytes: 0 } });
  }

  readBlock(body) {
    const from = readerOf(body, "AUDIT_FRAME_MALFORMED");
    const [firstSeq, count, length] = [from.count(), from.u32(), from.u32()];
    const isGood = count >= 1 && count <= 64 && body.length === 16 + length + 4 * count + 32;
    must(isGood, "AUDIT_FRAME_MALFORMED", "its count of records and its length do not fit");
    must(firstSeq === this.nextSeq, "AUDIT_SEQ_GAP", `a block of ${firstSeq}, expected ${this.nextSeq}`);
    const [bytes, words, link] = [from.take(length), from.take(4 * count), from.take(32)];
    const records = [];
    let [at, lastNs] = [0, this.lastNs];
    for (let seq = firstSeq; seq < firstSeq + count; seq++) {
      const where = { at: 24 + at, records: [seq, seq] };
      const size = at + 96 > length ? 0 : bytes.readUInt32LE(at + 4);
      const isWhole = size >= 96 && at + size <= length;
      must(isWhole, "AUDIT_RECORD_DAMAGED", `${size} bytes of ${length - at} cannot be its length`, where);
      const one = bytes.subarray(at, at + size);
      const isSound = checkWord(one) === words.readUInt32LE(4 * (seq - firstSeq));
      must(isSound, "AUDIT_RECORD_DAMAGED", "its check word is another", where);
      const record = readRecord(one, where);
      must(record.seq === seq, "AUDIT_SEQ_GAP", `found record ${record.seq}, expected ${seq}`, where);
      const isLater = record.time >= lastNs || seq === 1;
      must(isLater, "AUDIT_TIME_BACKWARDS", `${record.time} is before ${lastNs}`, where);
      records.push(record);
      [at, lastNs] = [at + size, record.time];
    }
    const all = { records: [firstSeq, firstSeq + count - 1] };
    const rest = { ...all, at: 24 + at };
    must(at === length, "AUDIT_FRAME_MALFORMED", "bytes are left behind the records", rest);
    const linked = sha256("TE-AUD-1", this.link, body.subarray(0, 8), body.subarray(12, 16), bytes);
    must(linked.equals(link), "AUDIT_LINK_BROKEN", "the link is not of what stands before it", all);
    Object.assign(this, { link, lastNs, nextSeq: firstSeq + count });
    this.seen.blocks += 1;
    const { size } = this.tree;
    for (const leaf of this.header.leaves === 1 ? records : [{ bytes }]) grow(this.tree, leaf.bytes);
    for (const each of records) {
      if (each.statement !== undefined) this.rotate(each.statement, each.where);
      if (each.retired !== undefined) this.retire(each.seq, each.retired);
    }
    this.meetAnchors(size);
  }

  /** Hands the log over to its next key; both keys must have signed that. */
  rotate(statement, where) {
    const note = parseNote(statement, "AUDIT_ROTATION_INVALID", where);
    const check = (isGood, message) => must(isGood, note.code, message, where);
    const [, number, fromText, toText, size, time] = ROTATION.exec(note.text) ?? [];
    check(number > 0 && Number.isSafeInteger(+size) && isTime(time), "the text is no rotation's");
    const old = this.keys.find(({ text, toSize }) => text === fromText && toSize === Infinity);
    const isNext = this.rotation === undefined || +number === this.rotation + 1;
    check(old !== undefined && isNext && +size >= old.fromSize, "it does not follow from the keys before it");
    let next = this.keys.find(({ text }) => text === toText);
    check(next === undefined || (next !== old && next.toSize === Infinity), "a key comes twice");
    try {
      next ??= parseKey(toText);
    } catch (error) {
      check(false, error.message);
    }
    check(next.name === old.name && signersOf(note, [old, next]).length === 2, "both keys must sign it");
    this.keys = [...this.keys.filter((key) => key !== next), next];
    [old.toSize, next.fromSize, this.rotation] = [+size, +size, +number];
    this.seen.rotations += 1;
  }

  /** Hears of a segment that was deleted; the oldest go first, so that the last of them tells of all. */
  retire(seq, { lastSeq, segment = this.first.segment - 1 }) {
    const isBefore = lastSeq === this.firstSeq - 1 && segment === this.first.segment - 1;
    if (isBefore) this.tombstoneSeq = Math.min(this.tombstoneSeq, seq);
  }

  /** What became of the records before the first one: here, retired, part or missing. */
  get beginning() {
    if (this.first === null) return null;
    if (this.firstSeq === 1 && this.first.size === 0) return "here";
    if (this.tombstoneSeq <= this.provedSeq) return "retired";
    return this.isPart ? "part" : "missing";
  }

  readCheckpoint(body) {
    const last = this.nextSeq - 1;
    const where = { records: [Math.min(this.firstUnproved, last), last] };
    const note = parseNote(body, "AUDIT_CHECKPOINT_UNSIGNED", where);
    const said = parseCheckpoint(note);
    const keys = this.keys.filter(({ fromSize, toSize }) => fromSize <= said.size && said.size < toSize);
    const [signer] = signersOf(note, keys);
    const isOurs = signer?.name === said.origin && said.origin === this.header.origin;
    must(isOurs, note.code, `no key of this log for ${said.size} leaves signed it`, where);
    const same = (isSame, what) => must(isSame, "AUDIT_CHECKPOINT_DIFFERS", what, where);
    same(said.size === this.tree.size, `it is of ${said.size} leaves, found ${this.tree.size}`);
    same(said.root.equals(rootOf(this.tree)), "its root is not that of the records");
    same(said.chain.equals(this.link), "its chain is not the last link");
    same(said.previous.equals(this.checkpoint.hash), "the checkpoint before is not the one it names");
    same(BigInt(said.time) === this.lastNs, "its time is not the last record's");
    Object.assign(this, { checkpoint: { ...said, signer: `${signer.name}+${signer.id}` }, provedSeq: last });
    this.seen.checkpoints += 1;
  }

  readEnd(body) {
    const from = readerOf(body, "AUDIT_END_DIFFERS");
    const [lastSeq, size, link] = [from.count(), from.count(), from.take(32)];
    from.end();
    const isSame = lastSeq === this.nextSeq - 1 && size === this.tree.size && link.equals(this.link);
    must(isSame, "AUDIT_END_DIFFERS", "the end is not that of the records before it");
    this.isSealed = true;
  }

  /** Holds the tree against the anchors whose size it has just reached or passed. */
  meetAnchors(before) {
    const where = { records: [this.firstUnproved, this.nextSeq - 1] };
    for (const { size, root, chain, origin } of this.anchors) {
      if (size <= before || size > this.tree.size) continue;
      const isHere = origin === this.header.origin && size === this.tree.size;
      const isSame = isHere && root.equals(rootOf(this.tree)) && chain.equals(this.link);
      must(isSame, "AUDIT_ANCHOR_DIFFERS", `the anchor of ${size} leaves is of another log`, where);
      this.provedSeq = this.nextSeq - 1;
      this.seen.anchors += 1;
    }
  }

  endTorn() {
    const { bytes, place } = this.torn;
    must(bytes === 0, "AUDIT_TORN", `the last ${bytes} bytes are no whole frame`, { place });
  }

  finish() {
    const { size } = this.tree;
    const most = Math.max(0, ...this.anchors.map((anchor) => anchor.size));
    const message = `${size} leaves are left of ${most} that are anchored`;
    if (this.problem === null) {
      this.report({ file: null, segment: this.seen.segments, offset: 0 }, () => {
        this.endTorn();
        must(most <= size, "AUDIT_TRUNCATED", message);
      });
    }
    const { beginning } = this;
    if (this.problem === null && beginning === "missing") this.placeMissing();
    const [from, last] = [this.firstUnproved, this.nextSeq - 1];
    const proved = from > this.firstSeq ? { fromSeq: this.firstSeq, toSeq: this.provedSeq } : null;
    const unproved = from <= last && from > 0 ? { fromSeq: from, toSeq: last } : null;
    const { problem, isSealed, seen } = this;
    const checkpoint = this.checkpoint.signer === undefined ? null : this.checkpoint;
    const trust = "given";
    return {
      ok: problem === null,
      problem,
      beginning,
      proved,
      unproved,
      trust,
      isSealed,
      ...seen,
      checkpoint,
    };
  }

  /** The beginning is missing: no proved record says that a rule deleted it, and nobody said that this is a part. */
  placeMissing() {
    const last = this.firstSeq - 1;
    const message =
      `the beginning is missing: the first record here is ${this.firstSeq}, ` +
      "and no proved record says that a rule deleted those before it";
    const place = { file: this.firstFile, segment: 0, offset: 0, fromSeq: Math.min(1, last), toSeq: last };
    this.problem = { code: "AUDIT_BEGINNING_MISSING", ...place, message };
  }
}

/** Verifies segments in their order, each with a name and its `bytes`, or what reads them. `part`: they begin later. */
export function verifySegments(segments, keys, anchors = [], { part = false } = {}) {
  const reader = new LogReader(keys, anchors, part === true);
  for (const { name, bytes, read } of segments) {
    const view = bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (!reader.push(name, read ?? ((at, length) => view.subarray(at, at + length)))) break;
  }
  return reader.finish();
}

/** Verifies the files *.twa of a folder and of its subfolder `cold`, in the order of their names. */
export function verifyFolder(folder, keys, anchors = [], options = {}) {
  const cold = existsSync(join(folder, "cold")) ? readdirSync(join(folder, "cold")) : [];
  const names = [...readdirSync(folder), ...cold.map((name) => `cold/${name}`)];
  const files = names.filter((name) => name.endsWith(".twa"));
  const { compare } = new Intl.Collator("en", { numeric: true });
  files.sort((a, b) => compare(a.replace("cold/", ""), b.replace("cold/", "")));
  return verifySegments(openEach(folder, files), keys, anchors, options);
}

function* openEach(folder, files) {
  for (const name of files) {
    const file = openSync(join(folder, name));
    try {
      const read = (at, length) => {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, at));
      };
      yield { name, read };
    } finally {
      closeSync(file);
    }
  }
}

const BEGINNINGS = {
  retired: "a proved tombstone says that a rule deleted them",
  part: "passed over, as --part says; nothing is shown of them",
  missing: "THE BEGINNING IS MISSING; --part where you know why",
};

/** What was found, in words. */
function describe({ ok, problem, beginning, proved, unproved, trust, checkpoint, isSealed, ...counts }) {
  const range = ({ fromSeq, toSeq }) => `record${fromSeq === toSeq ? "" : `s ${fromSeq} to`} ${toSeq}`;
  const read = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  const lines = [`read: ${read.join(", ")}${ok && !isSealed ? "; the last segment is not ended" : ""}`];
  const first = proved?.fromSeq ?? unproved?.fromSeq ?? 1;
  if (first > 1) lines.push(`NOT HERE: ${range({ fromSeq: 1, toSeq: first - 1 })}: ${BEGINNINGS[beginning]}`);
  lines.push(`PROVED: ${proved === null ? "nothing" : `${range(proved)}, as signed or anchored`}`);
  lines.push(`  trust: keys ${trust} with the call, none taken from the folder`);
  if (checkpoint !== null) {
    const { signer, time, clock, size, root, hash } = checkpoint;
    lines.push(`  last signed: ${size} leaves by ${signer}, time ${time} ns since 1970, clock ${clock} ns`);
    lines.push(`  root ${root.toString("base64")}, hash of the checkpoint ${hash.toString("hex")}`);
  }
  if (unproved !== null) lines.push(`NOT PROVED: ${range(unproved)}, linked to those before, not signed`);
  if (problem !== null) {
    const { file, offset, code, message } = problem;
    const place = file === null ? "behind the last file" : `file ${JSON.stringify(file)}, byte ${offset}`;
    lines.push(`WRONG: ${place}, ${range(problem)}: ${code}: ${message}`);
    lines.push("  nothing behind that place was read");
  }
  lines.push(
    "NOT SHOWN without an anchor: that nothing was cut off behind the last checkpoint, and that whoever",
  );
  lines.push(
    "  holds the key did not write another log. NOT SHOWN at all: that what the records say is true;",
  );
  lines.push("  their payloads are hashed as bytes, and not read.");
  return lines.join("\n");
}

function main(words) {
  const given = { "--key": [], "--anchor": [], "--part": [], "--json": [], folder: [] };
  for (let i = 0; i < words.length; i++) {
    const name = words[i].startsWith("-") ? words[i] : "folder";
    const isPair = name === "--key" || name === "--anchor";
    if (given[name] === undefined || (isPair && i + 1 === words.length)) throw new Error(`wrong: ${name}`);
    given[name].push(isPair ? words[++i] : words[i]);
  }
  const { folder, "--key": keys, "--anchor": anchors, "--part": part, "--json": json } = given;
  if (folder.length !== 1 || keys.length === 0) throw new Error("expected one folder and at least one key");
  const trusted = keys.map((key) => parseKey(existsSync(key) ? readFileSync(key, "utf8").trim() : key));
  const kept = anchors.map((path) => readFileSync(path));
  const found = verifyFolder(folder[0], trusted, kept, { part: part.length > 0 });
  if (found.segments === 0) throw new Error("no file *.twa in that folder");
  // Said always, it would hide the day on which a beginning goes.
  const isNone = found.beginning === "here" || found.beginning === "retired";
  if (part.length > 0 && found.ok && isNone)
    throw new Error("--part of what? the log's beginning is accounted for");
  const hex = (_, value) => (value?.type === "Buffer" ? Buffer.from(value.data).toString("hex") : value);
  console.log(json.length > 0 ? JSON.stringify(found, hex, 2) : describe(found));
  return found.ok && found.proved !== null && found.anchors === kept.length ? 0 : 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = 2;
    console.error(`audit-verify: ${error.message}`);
    console.error(
      "usage: node audit-verify.mjs DIR --key KEY [--key KEY]... [--anchor FILE]... [--part] [--json]",
    );
  }
}
