// The protocol of src/ring in C++, over the same memory: a thread or process that runs this and one that runs
// TypeScript may stand at the two ends of one ring. No Node-API: any thread of any program may use it.
//
//   ring::SingleProducer producer{memory, bytes};         // memory that TypeScript or ring::layOut laid out
//   const int64_t slot = producer.claim();                 // -1: no room
//   if (slot >= 0) { std::memcpy(producer.slot(slot), &message, sizeof message); producer.publish(); }
//
// Opening throws ring::Error; nothing else throws. What other processes wrote is not trusted: every index is masked by
// a capacity that was checked when the ring was opened, and a position or run that no ring has ends the producer's or
// consumer's use of it (`State::damaged`) instead of leading anywhere.
//
// Waking. A wait here sleeps on a futex; who publishes or releases here, or over a ProcessRing in TypeScript, ends it.
// JavaScript that sleeps in Atomics.wait or waitAsync over a SharedArrayBuffer is not woken from here, nor does it wake
// a thread that sleeps here: V8 keeps a list of its own. A JavaScript consumer behind a native producer over a
// SharedArrayBuffer therefore polls `available()`, or waits with `wait: "yield"` (looks each 50 us), or with a timeout
// as long as it may be late, or is called by a threadsafe function that the owner of the thread makes.
//
// Memory order. A position that is only read to know what may be touched is acquired; the head and releases are
// sequentially consistent, since who writes them looks at the count of sleepers next, and a consumer at its own state.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ring_layout.hpp"
#include "ring_words.hpp"

namespace tickwright::ring {

// `expired`: closed, removed or taken over. `damaged`: another one wrote what no ring has.
enum class State { open, expired, damaged };

// A ring's words, where they stand, and who reads it.
class Ring {
 public:
  Ring(void* memory, size_t bytes) : layout_(Layout::read(memory, bytes)), words_(memory), memory_(memory) {}

  const Layout& layout() const noexcept { return layout_; }
  const Words& words() const noexcept { return words_; }
  std::byte* slot(uint32_t slot) const noexcept {
    return static_cast<std::byte*>(memory_) + layout_.slotsAtBytes() +
           static_cast<size_t>(slot & layout_.mask()) * layout_.shape().slotBytes;
  }

  // The least position over the consumers of a mask that gate; `none` where none does.
  int32_t leastPosition(uint32_t mask, int32_t none, std::memory_order order) const noexcept {
    int32_t least = none;
    bool isFirst = true;
    for (uint32_t consumer = 0; consumer < layout_.shape().consumersMax; consumer++) {
      if (((mask >> consumer) & 1) == 0) continue;
      if ((words_.load(Layout::state(consumer), order) & STATUS) != GATING) continue;
      const int32_t position = words_.load(Layout::position(consumer), order);
      if (isFirst || difference(position, least) < 0) least = position;
      isFirst = false;
    }
    return least;
  }

  bool hasStages() const noexcept {
    for (uint32_t consumer = 0; consumer < layout_.shape().declared; consumer++) {
      if (words_.get(Layout::after(consumer)) != 0) return true;
    }
    return false;
  }

  // Takes hold of a consumer; its state is the holder's token.
  int32_t hold(uint32_t consumer, bool takeOver) const {
    if (consumer >= layout_.shape().consumersMax) throw Error(Error::Kind::config, "no such consumer");
    for (;;) {
      const int32_t state = words_.load(Layout::state(consumer));
      if ((state & STATUS) != GATING) throw Error(Error::Kind::input, "not a consumer that gates");
      if ((state & HELD) != 0 && !takeOver) throw Error(Error::Kind::input, "somebody holds this consumer");
      const int32_t token = sum(state & ~7, HOLDER_STEP) | HELD | GATING;
      if (words_.compareExchange(Layout::state(consumer), state, token) == state) return token;
    }
  }

  struct Joined {
    uint32_t consumer;
    int32_t token;
  };

  // Registers one more consumer, which reads what is published from now on; nothing where no place is free.
  std::optional<Joined> join() const noexcept {
    for (uint32_t consumer = layout_.shape().declared; consumer < layout_.shape().consumersMax; consumer++) {
      const size_t at = Layout::state(consumer);
      const int32_t state = words_.load(at);
      if ((state & STATUS) != FREE) continue;
      const int32_t holder = sum(state & ~7, HOLDER_STEP);
      if (words_.compareExchange(at, state, holder | JOINING) != state) continue;
      words_.store(Layout::position(consumer), words_.load(HEAD));
      const int32_t token = holder | HELD | GATING;
      if (words_.compareExchange(at, holder | JOINING, token) != (holder | JOINING)) continue;
      // Only from here on does it gate: a producer may have gone on from what was the head before.
      words_.store(Layout::position(consumer), words_.load(HEAD));
      return Joined{consumer, token};
    }
    return std::nullopt;
  }

  void letGo(uint32_t consumer, int32_t token) const noexcept {
    words_.compareExchange(Layout::state(consumer), token, token & ~HELD);
  }

  // Ends a consumer's gating by its holder; the place of one that joined later can be taken again.
  void leave(uint32_t consumer, int32_t token) const noexcept {
    const int32_t status = consumer < layout_.shape().declared ? RETIRED : FREE;
    words_.compareExchange(Layout::state(consumer), token, (token & ~7) | status);
    wakeAll();
  }

  // Ends a consumer's gating by anybody, for ever. Says whether it gated.
  bool retire(uint32_t consumer) const noexcept {
    if (consumer >= layout_.shape().consumersMax) return false;
    for (;;) {
      const int32_t state = words_.load(Layout::state(consumer));
      if ((state & STATUS) == FREE || (state & STATUS) == RETIRED) return false;
      if (words_.compareExchange(Layout::state(consumer), state, (state & ~7) | RETIRED) != state) continue;
      wakeAll();
      return true;
    }
  }

 private:
  static constexpr int32_t STATUS = 3;
  static constexpr int32_t FREE = 0;
  static constexpr int32_t GATING = 1;
  static constexpr int32_t JOINING = 2;
  static constexpr int32_t RETIRED = 3;
  static constexpr int32_t HELD = 4;
  static constexpr int32_t HOLDER_STEP = 8;

  void wakeAll() const noexcept {
    wake(words_, DATA);
    wake(words_, SPACE);
  }

  Layout layout_;
  Words words_;
  void* memory_;
};

constexpr uint32_t EVERY = 0xffffffff;

struct ProducerOptions {
  bool takeOver = false;
  // Committed messages that are published together at the latest; batches, at most, between two looks.
  uint32_t batch = 64;
  uint32_t look = 16;
  uint32_t spins = 2000;
};

// The only producer of a ring: one thread at a time.
class SingleProducer {
 public:
  SingleProducer(void* memory, size_t bytes, const ProducerOptions& options = {})
      : ring_(memory, bytes), options_(options) {
    if (ring_.layout().shape().isMulti) throw Error(Error::Kind::config, "a ring of several producers");
    if (options.batch < 1 || options.batch > 65536 || options.look < 1 || options.look > 65536) {
      throw Error(Error::Kind::config, "batch and look within 1 and 65536");
    }
    capacity_ = static_cast<int32_t>(ring_.layout().shape().capacity);
    token_ = own();
    batch_ = static_cast<int32_t>(options.batch);
    second_ = std::min(SECOND_LOOK, batch_);
    next_ = published_ = ring_.words().load(HEAD);
    due_ = sum(next_, 1);
    gate_ = ring_.leastPosition(EVERY, next_, std::memory_order_seq_cst);
    if (difference(next_, gate_) < 0) {
      letGo();
      throw Error(Error::Kind::config, "positions that no ring has");
    }
  }
  ~SingleProducer() { close(); }
  SingleProducer(const SingleProducer&) = delete;
  SingleProducer& operator=(const SingleProducer&) = delete;

  const Layout& layout() const noexcept { return ring_.layout(); }
  State state() const noexcept { return state_; }
  // Looks whether somebody has taken its place, which no other call does, and says the state.
  State look() noexcept {
    if (state_ == State::open && ring_.words().load(OWNER) != token_) state_ = State::expired;
    return state_;
  }
  // Messages that are claimed or committed and not published.
  int32_t pending() const noexcept { return difference(next_, published_); }

  // The first of the next `count` slots; the others are `(first + k) & mask`. -1 where there is no room, and for ever
  // where the state is not `open`. What was committed before is published when there is no room.
  int64_t claim(uint32_t count = 1) noexcept {
    if (state_ != State::open || count < 1 || count > static_cast<uint32_t>(capacity_)) return -1;
    if (!hasRoom(static_cast<int32_t>(count), std::memory_order_acquire)) {
      publishPending(batch_);
      return -1;
    }
    claimed_ = static_cast<int32_t>(count);
    return ring_.layout().slot(next_);
  }

  std::byte* slot(int64_t slot) const noexcept { return ring_.slot(static_cast<uint32_t>(slot)); }

  // Says that the claimed slots are filled; publishes at once where a look finds that the consumers have caught up, else
  // when `batch` are pending. False where nothing was claimed.
  bool commit() noexcept {
    if (claimed_ == 0) return false;
    next_ = sum(next_, claimed_);
    claimed_ = 0;
    if (difference(next_, due_) >= 0) atDue();
    return true;
  }

  // Publishes what is committed, and looks at the consumers with the next commit.
  void flush() noexcept {
    unwatched_ = 0;
    patience_ = 1;
    publishPending(1);
    due_ = sum(next_, 1);
  }

  bool publish() noexcept {
    const bool isCommitted = commit();
    flush();
    return isCommitted;
  }

  // Waits until there is room for `count`, and says whether there is.
  bool wait(uint32_t count, Nanos timeout) noexcept {
    if (state_ != State::open || count < 1 || count > static_cast<uint32_t>(capacity_)) return false;
    publishPending(batch_);
    const auto isReady = [&] {
      return state_ != State::open || hasRoom(static_cast<int32_t>(count), std::memory_order_seq_cst);
    };
    return waitUntil(ring_.words(), SPACE, isReady, options_.spins, timeout) && state_ == State::open;
  }

  // Publishes what is committed and lets go of the ring.
  void close() noexcept {
    claimed_ = 0;
    // One that was taken over has nothing to publish: another one writes those slots.
    if (look() == State::open) flush();
    if (state_ != State::expired) letGo();
    state_ = State::expired;
  }

 private:
  int32_t own() const {
    for (;;) {
      const int32_t before = ring_.words().load(OWNER);
      if ((before & 1) == 1 && !options_.takeOver) throw Error(Error::Kind::input, "somebody holds the producer");
      const int32_t token = sum(before & ~1, 2) | 1;
      if (ring_.words().compareExchange(OWNER, before, token) == before) return token;
    }
  }

  void letGo() const noexcept { ring_.words().compareExchange(OWNER, token_, token_ & ~1); }

  bool hasRoom(int32_t count, std::memory_order order) noexcept {
    if (difference(sum(next_, count), gate_) <= capacity_) return true;
    if (!refreshGate(order)) return false;
    return difference(sum(next_, count), gate_) <= capacity_;
  }

  bool refreshGate(std::memory_order order) noexcept {
    const int32_t gate = ring_.leastPosition(EVERY, gate_, order);
    // A gate ahead of what is claimed would let slots be written that nobody has read. One that is further behind than
    // a capacity is a consumer about to join, and means no room.
    if (difference(next_, gate) < 0) {
      state_ = State::damaged;
      return false;
    }
    gate_ = gate;
    return true;
  }

  // Publishes; with the `until`-th commit from here on it looks or publishes again.
  void publishPending(int32_t until) noexcept {
    if (next_ == published_ || state_ != State::open) return;
    ring_.words().store(HEAD, next_);
    published_ = next_;
    due_ = sum(next_, until);
    wake(ring_.words(), DATA);
  }

  // The rule of src/ring/single-producer.ts: looks at the first message after a publish, at the eighth, then each time
  // after twice as many whole batches.
  void atDue() noexcept {
    const int32_t pending = difference(next_, published_);
    if (pending >= batch_) {
      if (unwatched_ > 0) unwatched_--;
      publishPending(unwatched_ > 0 ? batch_ : second_);
    } else if (refreshGate(std::memory_order_acquire) && gate_ == published_) {
      if (pending < second_) patience_ = 1;
      publishPending(1);
    } else {
      unwatched_ = patience_ - 1;
      patience_ = std::min(2 * patience_, static_cast<int32_t>(options_.look));
      const bool isWatched = unwatched_ == 0 && pending < second_;
      due_ = sum(published_, isWatched ? second_ : batch_);
    }
  }

  static constexpr int32_t SECOND_LOOK = 8;

  Ring ring_;
  ProducerOptions options_;
  int32_t capacity_ = 0;
  int32_t token_ = 0;
  // Sequences, modulo 2^32: the next to claim, the next to publish, the least unreleased when last looked at.
  int32_t next_ = 0;
  int32_t published_ = 0;
  int32_t gate_ = 0;
  int32_t claimed_ = 0;
  // The sequence whose commit looks or publishes.
  int32_t due_ = 0;
  int32_t batch_ = 1;
  int32_t second_ = 1;
  // Batches to publish before the next look, and how many it will be when that one finds the consumers behind.
  int32_t unwatched_ = 0;
  int32_t patience_ = 1;
  State state_ = State::open;
};

// One of several producers: a claim takes a run of slots for good, its commit publishes the run with one store.
class MultiProducer {
 public:
  MultiProducer(void* memory, size_t bytes, uint32_t spins = 2000) : ring_(memory, bytes), spins_(spins) {
    if (!ring_.layout().shape().isMulti) throw Error(Error::Kind::config, "a ring of one producer");
    capacity_ = static_cast<int32_t>(ring_.layout().shape().capacity);
  }
  MultiProducer(const MultiProducer&) = delete;
  MultiProducer& operator=(const MultiProducer&) = delete;

  const Layout& layout() const noexcept { return ring_.layout(); }
  State state() const noexcept { return state_; }
  std::byte* slot(int64_t slot) const noexcept { return ring_.slot(static_cast<uint32_t>(slot)); }

  // As of the only producer; -1 also while something is claimed: it holds up every consumer, so it is committed first.
  int64_t claim(uint32_t count = 1) noexcept {
    if (state_ != State::open || count < 1 || count > static_cast<uint32_t>(capacity_) || claimed_ != 0) return -1;
    for (;;) {
      const std::optional<int32_t> first = roomFor(static_cast<int32_t>(count));
      if (!first) return -1;
      if (ring_.words().compareExchange(HEAD, *first, sum(*first, static_cast<int32_t>(count))) != *first) continue;
      first_ = *first;
      claimed_ = static_cast<int32_t>(count);
      return ring_.layout().slot(first_);
    }
  }

  bool commit() noexcept {
    if (claimed_ == 0) return false;
    const Words& words = ring_.words();
    // A consumer that is opened in the midst of a run reads on from there: every slot says how much of it is left.
    for (int32_t at = claimed_ - 1; at > 0; at--) {
      const int32_t sequence = sum(first_, at);
      const size_t run = ring_.layout().run(sequence);
      words.put(run, sequence);
      words.put(run + 1, claimed_ - at);
    }
    const size_t run = ring_.layout().run(first_);
    words.put(run + 1, claimed_);
    words.store(run, first_);
    claimed_ = 0;
    wake(words, DATA);
    return true;
  }

  bool publish() noexcept { return commit(); }

  bool wait(uint32_t count, Nanos timeout) noexcept {
    if (state_ != State::open || count < 1 || count > static_cast<uint32_t>(capacity_)) return false;
    const auto isReady = [&] {
      return state_ != State::open || roomFor(static_cast<int32_t>(count)).has_value();
    };
    return waitUntil(ring_.words(), SPACE, isReady, spins_, timeout) && state_ == State::open;
  }

 private:
  // The sequence that a claim of `count` would begin at.
  std::optional<int32_t> roomFor(int32_t count) noexcept {
    const Words& words = ring_.words();
    for (;;) {
      // The gate is read first: then it cannot have passed the head that is read after it.
      const int32_t known = words.load(GATE);
      const int32_t first = words.load(HEAD);
      const int32_t room = difference(sum(first, count), known);
      if (room >= count && room <= capacity_) return first;
      const int32_t gate = ring_.leastPosition(EVERY, known, std::memory_order_seq_cst);
      const int32_t depth = difference(first, gate);
      if (depth < 0) {
        // Others claimed and released meanwhile: look again. A gate ahead of a head that stands is damage.
        if (words.load(HEAD) != first) continue;
        state_ = State::damaged;
        return std::nullopt;
      }
      if (depth > capacity_ - count) return std::nullopt;
      words.store(GATE, gate);
      return first;
    }
  }

  Ring ring_;
  uint32_t spins_;
  int32_t capacity_ = 0;
  int32_t first_ = 0;
  int32_t claimed_ = 0;
  State state_ = State::open;
};

// Reads a ring's messages in order: how many there are, their slots, release.
class Consumer {
 public:
  Consumer(void* memory, size_t bytes, uint32_t index = 0, bool takeOver = false, uint32_t spins = 2000)
      : Consumer(Ring(memory, bytes), index, takeOver, spins) {}
  // One that joined.
  Consumer(const Ring& ring, const Ring::Joined& joined, uint32_t spins = 2000)
      : ring_(ring), index_(joined.consumer), token_(joined.token), spins_(spins) {
    begin();
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer() { close(); }

  const Layout& layout() const noexcept { return ring_.layout(); }
  State state() const noexcept { return state_; }
  uint32_t index() const noexcept { return index_; }

  // How many messages can be read now; 0 for ever where the state is not `open`.
  uint32_t available() noexcept {
    const int32_t known = difference(limit_, next_);
    return known > 0 ? static_cast<uint32_t>(known) : refresh(std::memory_order_acquire);
  }

  // The message that is `ahead` of the next one; any below `available()` may be read.
  const std::byte* message(uint32_t ahead = 0) const noexcept {
    return ring_.slot(ring_.layout().slot(sum(next_, static_cast<int32_t>(ahead))));
  }

  // Where its slots are: those of a batch may go on at the beginning.
  uint32_t slot(uint32_t ahead = 0) const noexcept {
    return ring_.layout().slot(sum(next_, static_cast<int32_t>(ahead)));
  }
  const std::byte* slots() const noexcept { return ring_.slot(0); }

  // Says that the next `count` messages are read. False for more than were available, and where it was removed or taken
  // over: then what was read may be torn and is not to be used.
  bool release(uint32_t count) noexcept {
    if (count == 0) return true;
    if (state_ != State::open || count > static_cast<uint32_t>(difference(limit_, next_))) return false;
    const Words& words = ring_.words();
    if (words.load(Layout::state(index_)) != token_) return expire();
    const int32_t next = sum(next_, static_cast<int32_t>(count));
    const int32_t before = words.compareExchange(Layout::position(index_), next_, next);
    // Again, after the write: a removal that is not seen here comes after everything that was read.
    if (words.load(Layout::state(index_)) != token_ || before != next_) return expire();
    next_ = next;
    if (hasStages_) wake(words, DATA);
    wake(words, SPACE);
    return true;
  }

  // Waits for a message and says how many there are.
  uint32_t wait(Nanos timeout) noexcept {
    const auto isReady = [&] {
      const int32_t known = difference(limit_, next_);
      return known > 0 || refresh(std::memory_order_seq_cst) > 0 || state_ != State::open;
    };
    return waitUntil(ring_.words(), DATA, isReady, spins_, timeout) ? available() : 0;
  }

  // Lets go: it goes on gating, and the next to open it reads on from its last release.
  void close() noexcept {
    if (end()) ring_.letGo(index_, token_);
  }

  // Ends for good: it gates no longer.
  void leave() noexcept {
    if (end()) ring_.leave(index_, token_);
  }

 private:
  Consumer(const Ring& ring, uint32_t index, bool takeOver, uint32_t spins)
      : ring_(ring), index_(index), token_(ring_.hold(index, takeOver)), spins_(spins) {
    begin();
  }

  void begin() noexcept {
    after_ = static_cast<uint32_t>(ring_.words().get(Layout::after(index_)));
    hasStages_ = ring_.hasStages();
    next_ = limit_ = ring_.words().load(Layout::position(index_));
  }

  bool end() noexcept {
    if (state_ != State::open) return false;
    expire();
    return true;
  }

  bool expire() noexcept {
    state_ = State::expired;
    limit_ = next_;
    return false;
  }

  uint32_t refresh(std::memory_order order) noexcept {
    if (state_ != State::open) return 0;
    limit_ = readable(order);
    const int32_t count = difference(limit_, next_);
    if (count > 0 && count <= static_cast<int32_t>(ring_.layout().shape().capacity)) {
      return static_cast<uint32_t>(count);
    }
    // One that joined late stands before the consumers it will read behind.
    limit_ = next_;
    if (ring_.words().load(Layout::state(index_)) != token_) expire();
    else if (count > 0) state_ = State::damaged;
    return 0;
  }

  // Where what may be read ends: at the least of those before it, else at what is published.
  int32_t readable(std::memory_order order) const noexcept {
    if (after_ != 0) {
      // No message is further ahead than a capacity: this stands for "none of them gates any longer".
      const int32_t none = sum(next_, 0x7fffffff);
      const int32_t least = ring_.leastPosition(after_, none, order);
      if (least != none) return least;
    }
    const Words& words = ring_.words();
    if (!ring_.layout().shape().isMulti) return words.load(HEAD, order);
    const auto capacity = static_cast<int32_t>(ring_.layout().shape().capacity);
    int32_t total = 0;
    for (;;) {
      const int32_t end = sum(next_, total);
      const size_t run = ring_.layout().run(end);
      if (words.load(run, order) != end) return end;
      const int32_t length = words.get(run + 1);
      // A run that is empty would be hopped over for ever, one that is too long leads to slots nobody published.
      if (length < 1 || length > capacity - total) return sum(next_, capacity + 1);
      total += length;
    }
  }

  Ring ring_;
  uint32_t index_;
  int32_t token_;
  uint32_t spins_;
  uint32_t after_ = 0;
  bool hasStages_ = false;
  // Sequences, modulo 2^32: the next to release, and where what is known to be readable ends.
  int32_t next_ = 0;
  int32_t limit_ = 0;
  State state_ = State::open;
};

}  // namespace tickwright::ring
