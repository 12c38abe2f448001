// The hashes of an audit trail against SHA-256 asked for one by one, over the libcrypto of this machine.
#include <dlfcn.h>

#include <cstdio>
#include <string>
#include <vector>

#include "../audit/chain.hpp"
#include "check.hpp"

using namespace tickwright;
using Bytes = std::vector<std::uint8_t>;

static void* library = nullptr;
static std::string hidden;
static int failing = 0;  // updates until one fails; 0 for none

static void* find(const char* symbol) {
  return hidden == symbol ? nullptr : dlsym(library, symbol);
}

static int failingUpdate(void* context, const void* bytes, std::size_t length) {
  if (failing > 0 && --failing == 0) return 0;
  return reinterpret_cast<int (*)(void*, const void*, std::size_t)>(dlsym(library, "EVP_DigestUpdate"))(context, bytes,
                                                                                                       length);
}

static void* findFailing(const char* symbol) {
  if (std::string(symbol) == "EVP_DigestUpdate") return reinterpret_cast<void*>(&failingUpdate);
  return find(symbol);
}

static unsigned long boringVersion() { return 0x1010107fUL; }

static void* findBoring(const char* symbol) {
  if (std::string(symbol) == "OpenSSL_version_num") return reinterpret_cast<void*>(&boringVersion);
  return find(symbol);
}

static void* noAlgorithm(void*, const char*, const char*) { return nullptr; }

static void* findWithoutProvider(const char* symbol) {
  if (std::string(symbol) == "EVP_MD_fetch") return reinterpret_cast<void*>(&noAlgorithm);
  return find(symbol);
}

static Bytes sha(const Bytes& bytes) {
  Sha256 hash;
  CHECK_EQUAL(hash.open(find), std::string());
  Bytes out(HASH_BYTES);
  CHECK(hash.begin() && hash.add(bytes.data(), bytes.size()) && hash.end(out.data()));
  return out;
}

static Bytes operator+(const Bytes& a, const Bytes& b) {
  Bytes both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

static Bytes noise(std::size_t length, std::uint32_t seed) {
  Bytes bytes(length);
  for (auto& byte : bytes) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(seed >> 24);
  }
  return bytes;
}

// Exactly as long as it must be: what reads or writes past it is found by the sanitizer.
static Memory memoryOf(Bytes& bytes) { return {bytes.data(), bytes.size()}; }

static Bytes batch(std::size_t records, const std::vector<std::uint32_t>& ends) {
  Bytes memory(HASH_BYTES * (records + 1) + 4 * records);
  std::memcpy(memory.data() + HASH_BYTES * (records + 1), ends.data(), 4 * ends.size());
  return memory;
}

static void opens() {
  for (const char* symbol : {"OpenSSL_version_num", "EVP_MD_fetch", "EVP_MD_free", "EVP_MD_get_size", "EVP_MD_CTX_new",
                             "EVP_MD_CTX_free", "EVP_DigestInit_ex2", "EVP_DigestUpdate", "EVP_DigestFinal_ex",
                             "ERR_peek_last_error", "ERR_error_string_n", "ERR_clear_error"}) {
    Sha256 hash;
    hidden = symbol;
    CHECK_EQUAL(hash.open(find), "this process offers no " + hidden);
    CHECK(!hash.isOpen() && !hash.begin());
    hidden = "";
    CHECK_EQUAL(hash.open(find), std::string());
    CHECK_EQUAL(hash.open(find), std::string());
  }
  Sha256 other;
  CHECK_EQUAL(other.open(findBoring), std::string("OpenSSL_version_num answers 269488255, not one of OpenSSL 3"));
  CHECK_EQUAL(other.open(findWithoutProvider).rfind("EVP_MD_fetch failed", 0), std::size_t{0});
  // NIST's vector of "abc".
  const Bytes abc = sha({'a', 'b', 'c'});
  CHECK(abc[0] == 0xba && abc[1] == 0x78 && abc[30] == 0x15 && abc[31] == 0xad);
}

static void links(Sha256& hash) {
  const std::vector<std::size_t> lengths = {0, 1, 31, 32, 33, 0, 55, 56, 63, 64, 65, 232, 4097, 65536, 0};
  Bytes records(HASH_BYTES);
  std::vector<std::uint32_t> ends;
  std::vector<Bytes> each;
  for (const auto length : lengths) {
    each.push_back(noise(length, static_cast<std::uint32_t>(length) + 1));
    records = records + each.back();
    ends.push_back(static_cast<std::uint32_t>(records.size()));
  }
  Bytes memory = batch(lengths.size() + 3, ends);
  for (int i = 0; i < 32; i++) memory[i] = static_cast<std::uint8_t>(i);
  Bytes tip(memory.begin(), memory.begin() + 32);
  const Bytes before = records;
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), static_cast<std::uint32_t>(ends.size())), TAKEN);
  CHECK(records == before);
  for (std::size_t i = 0; i < each.size(); i++) {
    tip = sha(tip + each[i]);
    CHECK(std::memcmp(tip.data(), memory.data() + HASH_BYTES * (i + 1), HASH_BYTES) == 0);
  }
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), 0), TAKEN);
}

static void linksOfBadMemory(Sha256& hash) {
  Bytes records = noise(100, 3);
  const Bytes before = records;
  const std::vector<std::vector<std::uint32_t>> wrong = {{31, 50}, {60, 50}, {50, 101}, {50, 0xffffffff}, {0, 0}};
  for (const auto& ends : wrong) {
    Bytes memory = batch(2, ends);
    const Bytes blank = memory;
    CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), 2), OUTSIDE);
    CHECK(memory == blank && records == before);
  }
  Bytes memory = batch(2, {50, 100});
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), 3), OUTSIDE);
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), 0xffffffff), OUTSIDE);
  CHECK_EQUAL(linkRecords(hash, {nullptr, 0}, memoryOf(records), 0), OUTSIDE);
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), {nullptr, 0}, 2), OUTSIDE);
  CHECK_EQUAL(linkRecords(hash, {memory.data(), memory.size() - 1}, memoryOf(records), 2), OUTSIDE);
  Sha256 closed;
  CHECK_EQUAL(linkRecords(closed, memoryOf(memory), memoryOf(records), 2), PROVIDER);
  CHECK(records == before);
}

static Bytes record(std::uint32_t length, std::uint32_t seed) {
  Bytes bytes = noise(length, seed);
  littleEndian(bytes.data() + RECORD_LENGTH_AT, length, 4);
  return bytes;
}

static Bytes edgeBytes(const Edge& edge) {
  Bytes bytes(sizeof edge);
  std::memcpy(bytes.data(), &edge, sizeof edge);
  return bytes;
}

static Edge edgeOf(const Bytes& bytes) {
  Edge edge;
  std::memcpy(&edge, bytes.data(), sizeof edge);
  return edge;
}

// The root of complete subtrees by the recursive definition.
static Bytes rootOf(const std::vector<Bytes>& leaves, std::size_t from, std::size_t count) {
  if (count == 1) return sha(Bytes{0} + leaves[from]);
  return sha(Bytes{1} + rootOf(leaves, from, count / 2) + rootOf(leaves, from + count / 2, count / 2));
}

static void blocks(Sha256& hash, bool isPerRecord) {
  Edge first = {};
  for (int i = 0; i < 32; i++) first.tip[i] = static_cast<std::uint8_t>(7 * i);
  Bytes memory = edgeBytes(first);
  std::vector<Bytes> leaves;
  double seq = 4294967290.0;
  for (std::uint32_t turn = 0; turn < 37; turn++) {
    const std::uint32_t from = 52 + turn % 3;
    Bytes block(from);
    std::vector<Bytes> each;
    for (std::uint32_t i = 0; i <= turn % 5; i++) each.push_back(record(8 + (turn * 97 + i * 31) % 500, turn + i));
    for (const auto& one : each) block = block + one;
    Edge edge = edgeOf(memory);
    edge.firstSeq = seq;
    edge.from = from;
    edge.to = static_cast<std::uint32_t>(block.size());
    edge.isPerRecord = isPerRecord ? 1 : 0;
    const Bytes records(block.begin() + from, block.end());
    Bytes head = {'T', 'E', '-', 'A', 'U', 'D', '-', '1'};
    head.insert(head.end(), edge.tip, edge.tip + HASH_BYTES);
    Bytes numbers(12);
    littleEndian(numbers.data(), static_cast<std::uint64_t>(seq), 8);
    littleEndian(numbers.data() + 8, records.size(), 4);
    const Bytes link = sha(head + numbers + records);

    edge.isExpected = 1;
    std::memcpy(edge.expected, link.data(), HASH_BYTES);
    edge.expected[turn % HASH_BYTES] ^= 1;
    memory = edgeBytes(edge);
    const Bytes before = memory;
    CHECK_EQUAL(takeBlock(hash, memoryOf(memory), memoryOf(block)), DIFFERS);
    CHECK(memory == before);
    edge.expected[turn % HASH_BYTES] ^= 1;
    memory = edgeBytes(edge);
    CHECK_EQUAL(takeBlock(hash, memoryOf(memory), memoryOf(block)), TAKEN);

    if (isPerRecord) leaves.insert(leaves.end(), each.begin(), each.end());
    else leaves.push_back(records);
    edge = edgeOf(memory);
    CHECK(std::memcmp(edge.tip, link.data(), HASH_BYTES) == 0);
    CHECK_EQUAL(edge.size, static_cast<double>(leaves.size()));
    std::size_t done = leaves.size();
    for (std::size_t level = 0; level < 12; level++) {
      if ((leaves.size() >> level & 1) == 0) continue;
      const std::size_t width = std::size_t{1} << level;
      done -= width;
      CHECK(std::memcmp(edge.slots[level], rootOf(leaves, done, width).data(), HASH_BYTES) == 0);
    }
    seq += static_cast<double>(each.size());
  }
}

static int take(Sha256& hash, Edge edge, Bytes& block) {
  Bytes memory = edgeBytes(edge);
  const Bytes before = memory;
  const Bytes blockBefore = block;
  const int answer = takeBlock(hash, memoryOf(memory), memoryOf(block));
  CHECK(block == blockBefore);
  if (answer != TAKEN) CHECK(memory == before);
  return answer;
}

static void blocksOfBadMemory(Sha256& hash) {
  Bytes block = Bytes(52) + record(200, 1) + record(100, 2);
  Edge good = {};
  good.firstSeq = 1;
  good.from = 52;
  good.to = 352;
  good.isPerRecord = 1;
  CHECK_EQUAL(take(hash, good, block), TAKEN);
  const auto with = [&](auto change) {
    Edge edge = good;
    change(edge);
    return take(hash, edge, block);
  };
  CHECK_EQUAL(with([](Edge& e) { e.to = 353; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.to = 0xffffffff; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.from = 352; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.from = 0xffffffff; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.size = -1; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.size = 0.5; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.size = 1e300; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.size = __builtin_nan(""); }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.firstSeq = 9007199254740992.0; }), OUTSIDE);
  CHECK_EQUAL(with([](Edge& e) { e.size = 9007199254740991.0; }), FULL);
  CHECK_EQUAL(with([](Edge& e) { e.size = 9007199254740990.0; }), FULL);
  CHECK_EQUAL(with([](Edge& e) { e.size = 9007199254740990.0, e.isPerRecord = 0; }), TAKEN);
  CHECK_EQUAL(with([](Edge& e) { e.to = 351; }), UNWHOLE);
  CHECK_EQUAL(with([](Edge& e) { e.to = 259; }), UNWHOLE);
  CHECK_EQUAL(with([](Edge& e) { e.from = 53; }), UNWHOLE);
  for (const std::uint32_t length : {0U, 7U, 301U, 0xffffffffU}) {
    Bytes lying = block;
    littleEndian(lying.data() + 52 + RECORD_LENGTH_AT, length, 4);
    CHECK_EQUAL(take(hash, good, lying), UNWHOLE);
  }
  Bytes none;
  CHECK_EQUAL(take(hash, good, none), OUTSIDE);
  Bytes memory = edgeBytes(good);
  CHECK_EQUAL(takeBlock(hash, {memory.data(), memory.size() - 1}, memoryOf(block)), OUTSIDE);
  CHECK_EQUAL(takeBlock(hash, {nullptr, 0}, memoryOf(block)), OUTSIDE);
  CHECK_EQUAL(takeBlock(hash, {nullptr, 0}, {nullptr, 0}), OUTSIDE);
}

// Wherever a provider fails, nothing was taken, and the next call goes on.
static void failures() {
  Sha256 hash;
  CHECK_EQUAL(hash.open(findFailing), std::string());
  Bytes block = Bytes(52) + record(200, 1) + record(100, 2);
  Edge edge = {};
  edge.firstSeq = 1;
  edge.from = 52;
  edge.to = 352;
  edge.isPerRecord = 1;
  for (int at = 1; at <= 7; at++) {
    failing = at;
    CHECK_EQUAL(take(hash, edge, block), PROVIDER);
    CHECK_EQUAL(failing, 0);
    CHECK(hash.failed("SHA256").rfind("SHA256 failed", 0) == 0);
    CHECK_EQUAL(take(hash, edge, block), TAKEN);
  }
  Bytes records = noise(100, 3);
  const Bytes before = records;
  Bytes memory = batch(2, {50, 100});
  failing = 2;
  CHECK_EQUAL(linkRecords(hash, memoryOf(memory), memoryOf(records), 2), PROVIDER);
  CHECK(records == before);
}

int main() {
  for (const char* name : {"libcrypto.so.3", "libcrypto.so", "libcrypto.3.dylib"}) {
    if (library == nullptr) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr || dlsym(library, "EVP_MD_fetch") == nullptr) {
    std::puts("skipped: no libcrypto of OpenSSL 3 on this machine");
    return 0;
  }
  Sha256 hash;
  CHECK_EQUAL(hash.open(find), std::string());
  opens();
  links(hash);
  linksOfBadMemory(hash);
  blocks(hash, false);
  blocks(hash, true);
  blocksOfBadMemory(hash);
  failures();
  return 0;
}
