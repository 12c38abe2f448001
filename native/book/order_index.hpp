// From an order's id to its slot: open addressing, at most half full, entries moved back when one is removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tickwright {

class OrderIndex {
 public:
  // The slot of a key; 0 where there is none. `keyAt(slot)` gives a slot's key.
  template <typename KeyAt>
  int32_t find(uint64_t key, KeyAt keyAt) const {
    if (size_ == 0) return 0;
    const uint32_t hash = hashOf(key);
    for (size_t i = hash >> shift_;; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if (entry.slot == 0) return 0;
      if (entry.hash == hash && keyAt(entry.slot) == key) return entry.slot;
    }
  }

  void prefetch(uint64_t key) const {
#if defined(__GNUC__)
    if (size_ != 0) __builtin_prefetch(&entries_[hashOf(key) >> shift_]);
#else
    (void)key;
#endif
  }

  // Takes the memory that one more key may need.
  void reserveOne() {
    if ((size_ + 1) * 2 <= entries_.size()) return;
    grow();
  }

  // The key must not be there, and `reserveOne` called before.
  void insert(uint64_t key, int32_t slot) {
    place(Entry{hashOf(key), slot});
    size_++;
  }

  // The pair must be there.
  void erase(uint64_t key, int32_t slot) {
    size_t hole = hashOf(key) >> shift_;
    while (entries_[hole].slot != slot) hole = (hole + 1) & mask_;
    for (size_t i = (hole + 1) & mask_; entries_[i].slot != 0; i = (i + 1) & mask_) {
      const size_t home = entries_[i].hash >> shift_;
      // An entry may move back to the hole unless its home lies behind the hole.
      if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = Entry{};
    size_--;
  }

  void clear() {
    if (size_ == 0) return;
    for (Entry& entry : entries_) entry = Entry{};
    size_ = 0;
  }

 private:
  struct Entry {
    uint32_t hash = 0;
    int32_t slot = 0;
  };

  // Whole numbers differ in the upper half of their bits: it is folded down before the multiplication spreads it.
  static uint32_t hashOf(uint64_t key) {
    return static_cast<uint32_t>(((key ^ (key >> 32)) * 0x9e3779b97f4a7c15ULL) >> 32);
  }

  void place(Entry entry) {
    size_t i = entry.hash >> shift_;
    while (entries_[i].slot != 0) i = (i + 1) & mask_;
    entries_[i] = entry;
  }

  void grow() {
    std::vector<Entry> before(entries_.empty() ? 2048 : entries_.size() * 2);
    before.swap(entries_);
    mask_ = entries_.size() - 1;
    shift_ = 32;
    for (size_t n = entries_.size(); n > 1; n >>= 1) shift_--;
    for (const Entry& entry : before) {
      if (entry.slot != 0) place(entry);
    }
  }

  std::vector<Entry> entries_;
  size_t size_ = 0;
  size_t mask_ = 0;
  uint32_t shift_ = 32;
};

}  // namespace tickwright
