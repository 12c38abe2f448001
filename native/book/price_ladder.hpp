// One side of a book by order: on each tick a first-in, first-out queue and its lots, in pages of 4,096 ticks.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tickwright {

constexpr int32_t NO_BID = -0x40000000;
constexpr int32_t NO_ASK = 0x3fffffff;
constexpr int32_t TICK_MIN = -0x3ffff000;
constexpr int32_t TICK_MAX = 0x3fffefff;
constexpr double LOTS_MAX = 9007199254740991.0;

constexpr int32_t PAGE_BITS = 12;
constexpr int32_t PAGE_TICKS = 1 << PAGE_BITS;
constexpr int32_t PAGE_MASK = PAGE_TICKS - 1;

// What became of a command. The words are those of COMMAND_OUTCOME in src/book/order-commands.ts.
enum Outcome : int32_t {
  DONE = 0,
  UNKNOWN_ORDER = 1,
  DUPLICATE_ORDER = 2,
  EXCEEDS_ORDER = 3,
  WRONG_COMMAND = -1,
  WRONG_ID = -2,
  WRONG_SIDE = -3,
  WRONG_TICK = -4,
  WRONG_LOTS = -5,
  TICK_OUT_OF_RANGE = -6,
  PAGES_FULL = -7,
  ORDERS_FULL = -8,
  LEVEL_FULL = -9,
  NO_MEMORY = -10,
};

struct Level {
  double lots;
  int32_t head;
  int32_t tail;
  int32_t orders;
};

// A bit for each tick with orders, and a bit for each word of them that is not 0: the next level costs two reads.
struct Page {
  Level levels[PAGE_TICKS];
  uint64_t words[PAGE_TICKS / 64];
  uint64_t summary;
  int32_t count;
  int32_t number;

  void mark(int32_t at) {
    words[at >> 6] |= uint64_t{1} << (at & 63);
    summary |= uint64_t{1} << (at >> 6);
    count++;
  }

  void unmark(int32_t at) {
    words[at >> 6] &= ~(uint64_t{1} << (at & 63));
    if (words[at >> 6] == 0) summary &= ~(uint64_t{1} << (at >> 6));
    count--;
  }

  // The last marked tick at or below `at`; -1 where none is.
  int32_t last(int32_t at) const {
    const uint64_t own = words[at >> 6] & (~uint64_t{0} >> (63 - (at & 63)));
    if (own != 0) return (at & ~63) | (63 - std::countl_zero(own));
    const uint64_t before = summary & ((uint64_t{1} << (at >> 6)) - 1);
    if (before == 0) return -1;
    const int32_t word = 63 - std::countl_zero(before);
    return (word << 6) | (63 - std::countl_zero(words[word]));
  }

  // The first marked tick at or above `at`; -1 where none is.
  int32_t first(int32_t at) const {
    const uint64_t own = words[at >> 6] & (~uint64_t{0} << (at & 63));
    if (own != 0) return (at & ~63) | std::countr_zero(own);
    const int32_t word = at >> 6;
    const uint64_t after = word == 63 ? 0 : summary & (~uint64_t{0} << (word + 1));
    if (after == 0) return -1;
    const int32_t next = std::countr_zero(after);
    return (next << 6) | std::countr_zero(words[next]);
  }
};

// A place is the number of a page (1 and up) and the tick's place within it; it stays a tick's own as long as an
// order stands there.
class PriceLadder {
 public:
  explicit PriceLadder(int32_t pagesMax) : pagesMax_(pagesMax) {}

  Level& at(uint32_t place) { return page(place).levels[place & PAGE_MASK]; }
  Page& page(uint32_t place) { return *pages_[(place >> PAGE_BITS) - 1]; }

  // Null where the tick has no page.
  const Level* find(int32_t tick) const {
    const int32_t number = pageNumber(tick);
    return number == 0 ? nullptr : &pages_[number - 1]->levels[tick & PAGE_MASK];
  }

  // The place of a tick with room for `lots` more, its page made if it is not there. Memory is taken before anything
  // is changed: std::bad_alloc leaves the ladder as it was.
  Outcome hold(int32_t tick, double lots, uint32_t& place) {
    int32_t number = pageNumber(tick);
    if (number == 0) {
      const Outcome made = makePage(tick, number);
      if (made != DONE) return made;
    }
    place = (static_cast<uint32_t>(number) << PAGE_BITS) | static_cast<uint32_t>(tick & PAGE_MASK);
    return at(place).lots + lots > LOTS_MAX ? LEVEL_FULL : DONE;
  }

  // The highest level under a tick, or NO_BID.
  int32_t below(int32_t tick) const {
    if (tick <= TICK_MIN || table_.empty()) return NO_BID;
    int64_t page = ((int64_t{tick} - 1) >> PAGE_BITS) - base_;
    int32_t from = (tick - 1) & PAGE_MASK;
    const int64_t length = static_cast<int64_t>(table_.size());
    if (page >= length) {
      page = length - 1;
      from = PAGE_MASK;
    }
    for (; page >= 0; page--, from = PAGE_MASK) {
      const int32_t number = table_[static_cast<size_t>(page)];
      if (number == 0 || pages_[number - 1]->count == 0) continue;
      const int32_t found = pages_[number - 1]->last(from);
      if (found >= 0) return static_cast<int32_t>((page + base_) * PAGE_TICKS) | found;
    }
    return NO_BID;
  }

  // The lowest level over a tick, or NO_ASK.
  int32_t above(int32_t tick) const {
    if (tick >= TICK_MAX || table_.empty()) return NO_ASK;
    int64_t page = ((int64_t{tick} + 1) >> PAGE_BITS) - base_;
    int32_t from = (tick + 1) & PAGE_MASK;
    const int64_t length = static_cast<int64_t>(table_.size());
    if (page < 0) {
      page = 0;
      from = 0;
    }
    for (; page < length; page++, from = 0) {
      const int32_t number = table_[static_cast<size_t>(page)];
      if (number == 0 || pages_[number - 1]->count == 0) continue;
      const int32_t found = pages_[number - 1]->first(from);
      if (found >= 0) return static_cast<int32_t>((page + base_) * PAGE_TICKS) | found;
    }
    return NO_ASK;
  }

  size_t bytes() const { return pages_.size() * sizeof(Page) + table_.capacity() * sizeof(int32_t); }

  int32_t levels() const {
    int32_t sum = 0;
    for (const auto& page : pages_) sum += page->count;
    return sum;
  }

  // Pages stay for the next use.
  void clear() {
    for (auto& page : pages_) {
      if (page->count == 0) continue;
      const int32_t number = page->number;
      *page = Page{};
      page->number = number;
    }
  }

 private:
  int32_t pageNumber(int32_t tick) const {
    const int64_t index = int64_t{tick >> PAGE_BITS} - base_;
    return static_cast<uint64_t>(index) < table_.size() ? table_[static_cast<size_t>(index)] : 0;
  }

  Outcome makePage(int32_t tick, int32_t& number) {
    if (tick < TICK_MIN || tick > TICK_MAX) return TICK_OUT_OF_RANGE;
    const int32_t page = tick >> PAGE_BITS;
    if (free_.empty()) {
      // Empty pages are taken again before the side doubles.
      const size_t made = pages_.size();
      const bool isFull = made == static_cast<size_t>(pagesMax_);
      if (isFull || std::has_single_bit(made)) recycle();
      if (free_.empty() && isFull) return PAGES_FULL;
    }
    cover(page);
    if (free_.empty()) {
      pages_.push_back(std::make_unique<Page>());
      number = static_cast<int32_t>(pages_.size());
    } else {
      number = free_.back();
      free_.pop_back();
    }
    table_[static_cast<size_t>(int64_t{page} - base_)] = number;
    pages_[number - 1]->number = page;
    return DONE;
  }

  void recycle() {
    free_.reserve(pages_.size());
    for (size_t i = 0; i < pages_.size(); i++) {
      if (pages_[i]->count != 0) continue;
      table_[static_cast<size_t>(int64_t{pages_[i]->number} - base_)] = 0;
      free_.push_back(static_cast<int32_t>(i + 1));
    }
  }

  void cover(int32_t page) {
    constexpr int64_t slack = 32;
    const int64_t length = static_cast<int64_t>(table_.size());
    if (length == 0) {
      table_.assign(2 * slack, 0);
      base_ = page - slack;
      return;
    }
    if (page >= base_ && page < base_ + length) return;
    const int64_t more = std::max(slack, length / 2);
    const int64_t first = page < base_ ? page - more : base_;
    const int64_t end = page < base_ ? base_ + length : page + more;
    std::vector<int32_t> wider(static_cast<size_t>(end - first), 0);
    std::copy(table_.begin(), table_.end(), wider.begin() + (base_ - first));
    table_.swap(wider);
    base_ = first;
  }

  const int32_t pagesMax_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<int32_t> free_;
  // The page number of page `base_ + i`; 0 where it has none.
  std::vector<int32_t> table_;
  int64_t base_ = 0;
};

}  // namespace tickwright
