// From an order's id to its slot. Whole numbers below 2^20 have a table of their own, without a hash. Of the
// others, seven share a line of the cache and are compared at once: a probe that ends after an unforeseeable
// number of steps costs more than the book does.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tickwright {

class OrderIndex {
 public:
  // The slot of a key; 0 where there is none. `keyAt(slot)` gives a slot's key.
  template <typename KeyAt>
  int32_t find(uint64_t key, KeyAt keyAt) const {
    const size_t small = smallOf(key);
    if (small != LARGE) return small < table_.size() ? table_[small] : 0;
    if (size_ == 0) return 0;
    const uint64_t hash = hashOf(key);
    const uint32_t tag = tagOf(hash);
    for (size_t i = hash >> shift_;; i = (i + 1) & mask_) {
      const Bucket& bucket = buckets_[i];
      for (uint32_t found = matches(bucket, tag); found != 0; found &= found - 1) {
        const int32_t slot = bucket.slots[std::countr_zero(found)];
        if (keyAt(slot) == key) return slot;
      }
      if (bucket.passed == 0) return 0;
    }
  }

  // Takes the memory that this key may need.
  template <typename KeyAt>
  void reserveOne(uint64_t key, KeyAt keyAt) {
    const size_t small = smallOf(key);
    if (small != LARGE) {
      if (small >= table_.size()) table_.resize(std::max<size_t>(1024, std::bit_ceil(small + 1)));
      return;
    }
    if ((size_ + 1) * 2 <= buckets_.size() * WAYS) return;
    std::vector<Bucket> before(buckets_.empty() ? 256 : buckets_.size() * 2);
    before.swap(buckets_);
    mask_ = buckets_.size() - 1;
    shift_ = 64 - std::countr_zero(buckets_.size());
    for (const Bucket& bucket : before) {
      for (size_t i = 0; i < WAYS; i++) {
        if (bucket.tags[i] != 0) place(hashOf(keyAt(bucket.slots[i])), bucket.slots[i]);
      }
    }
  }

  // The key must not be there, and `reserveOne` called before.
  void insert(uint64_t key, int32_t slot) {
    const size_t small = smallOf(key);
    if (small != LARGE) {
      table_[small] = slot;
      return;
    }
    place(hashOf(key), slot);
    size_++;
  }

  // The pair must be there.
  void erase(uint64_t key, int32_t slot) {
    const size_t small = smallOf(key);
    if (small != LARGE) {
      table_[small] = 0;
      return;
    }
    const uint64_t hash = hashOf(key);
    const uint32_t tag = tagOf(hash);
    for (size_t i = hash >> shift_;; i = (i + 1) & mask_) {
      Bucket& bucket = buckets_[i];
      for (uint32_t found = matches(bucket, tag); found != 0; found &= found - 1) {
        const int at = std::countr_zero(found);
        if (bucket.slots[at] != slot) continue;
        bucket.tags[at] = 0;
        size_--;
        return;
      }
      bucket.passed--;
    }
  }

  size_t bytes() const { return table_.capacity() * sizeof(int32_t) + buckets_.capacity() * sizeof(Bucket); }

  void clear() {
    std::fill(table_.begin(), table_.end(), 0);
    if (size_ == 0) return;
    for (Bucket& bucket : buckets_) bucket = Bucket{};
    size_ = 0;
  }

 private:
  static constexpr size_t WAYS = 7;
  static constexpr size_t LARGE = size_t{1} << 20;

  // A key that is a whole number below 2^20, as that; LARGE for any other.
  static size_t smallOf(uint64_t key) {
    const double id = std::bit_cast<double>(key);
    if (!(id >= 0 && id < static_cast<double>(LARGE))) return LARGE;
    const int32_t whole = static_cast<int32_t>(id);
    return static_cast<double>(whole) == id ? static_cast<size_t>(whole) : LARGE;
  }

  // `passed`: ids whose line this is, or was on the way, that found it full and stand further on.
  struct alignas(64) Bucket {
    uint32_t tags[WAYS] = {};
    uint32_t passed = 0;
    int32_t slots[WAYS] = {};
    int32_t unused = 0;
  };

  // Whole numbers differ in the upper half of their bits: it is folded down before the multiplication spreads it.
  static uint64_t hashOf(uint64_t key) { return (key ^ (key >> 32)) * 0x9e3779b97f4a7c15ULL; }

  // Never 0, which is an empty place.
  static uint32_t tagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 16) | 1U; }

  // A bit for each of the seven places that has the tag.
  static uint32_t matches(const Bucket& bucket, uint32_t tag) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi32(static_cast<int32_t>(tag));
    const __m128i* tags = reinterpret_cast<const __m128i*>(bucket.tags);
    const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(tags), wanted);
    const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(tags + 1), wanted);
    const int bits = _mm_movemask_ps(_mm_castsi128_ps(low)) | (_mm_movemask_ps(_mm_castsi128_ps(high)) << 4);
    return static_cast<uint32_t>(bits) & 0x7fU;
#else
    uint32_t bits = 0;
    for (size_t i = 0; i < WAYS; i++) bits |= static_cast<uint32_t>(bucket.tags[i] == tag) << i;
    return bits;
#endif
  }

  void place(uint64_t hash, int32_t slot) {
    for (size_t i = hash >> shift_;; i = (i + 1) & mask_) {
      Bucket& bucket = buckets_[i];
      const uint32_t empty = matches(bucket, 0);
      if (empty != 0) {
        const int at = std::countr_zero(empty);
        bucket.tags[at] = tagOf(hash);
        bucket.slots[at] = slot;
        return;
      }
      bucket.passed++;
    }
  }

  std::vector<int32_t> table_;
  std::vector<Bucket> buckets_;
  size_t size_ = 0;
  size_t mask_ = 0;
  int shift_ = 64;
};

}  // namespace tickwright
