// Gaps between successive reads of a clock in a loop that does nothing else: what took the core away, and for how long.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace tickwright {

// Log-linear: 32 buckets for each power of two, so that a bucket's top is at most 1/32 above what lies in it.
class GapHistogram {
 public:
  static constexpr unsigned PER_OCTAVE_BITS = 5;
  static constexpr size_t BUCKETS = (64 - PER_OCTAVE_BITS + 1) << PER_OCTAVE_BITS;

  void record(uint64_t gap) {
    buckets_[bucketOf(gap)]++;
    count_++;
    total_ += gap;
    if (gap > most_) most_ = gap;
    if (gap < least_) least_ = gap;
  }

  uint64_t count() const { return count_; }
  uint64_t total() const { return total_; }
  uint64_t most() const { return most_; }
  uint64_t least() const { return count_ == 0 ? 0 : least_; }

  // The top of the bucket that holds the value of this rank, at most the greatest value. 0 without values.
  uint64_t quantile(double share) const {
    if (count_ == 0) return 0;
    const double wanted = share * static_cast<double>(count_);
    uint64_t rank = static_cast<uint64_t>(wanted);
    if (static_cast<double>(rank) < wanted) rank++;
    if (rank < 1) rank = 1;
    uint64_t seen = 0;
    for (size_t at = 0; at < BUCKETS; at++) {
      seen += buckets_[at];
      if (seen >= rank) return topOf(at) < most_ ? topOf(at) : most_;
    }
    return most_;
  }

  static size_t bucketOf(uint64_t gap) {
    if (gap < (1u << PER_OCTAVE_BITS)) return static_cast<size_t>(gap);
    const unsigned shift = static_cast<unsigned>(std::bit_width(gap)) - 1 - PER_OCTAVE_BITS;
    return (static_cast<size_t>(shift) << PER_OCTAVE_BITS) + static_cast<size_t>(gap >> shift);
  }

  static uint64_t topOf(size_t bucket) {
    if (bucket < (2u << PER_OCTAVE_BITS)) return bucket;
    const size_t shift = (bucket >> PER_OCTAVE_BITS) - 1;
    const uint64_t lead = bucket - (shift << PER_OCTAVE_BITS);
    return (lead << shift) + ((uint64_t{1} << shift) - 1);
  }

 private:
  std::array<uint64_t, BUCKETS> buckets_{};
  uint64_t count_ = 0;
  uint64_t total_ = 0;
  uint64_t most_ = 0;
  uint64_t least_ = UINT64_MAX;
};

// One threshold: gaps at least as long, and what they took together.
struct GapsAbove {
  uint64_t threshold = 0;
  uint64_t count = 0;
  uint64_t total = 0;
};

// Reads `clock` (ticks that do not go back) until `length` ticks have passed; false where it stood still for so many
// reads. A clock that goes back counts as a gap of 0.
template <typename Clock>
bool spinFor(uint64_t length, Clock clock, GapHistogram& gaps, GapsAbove* above, size_t thresholds,
             uint64_t stillMost = 100'000'000) {
  uint64_t still = 0;
  const uint64_t begin = clock();
  uint64_t before = begin;
  while (before - begin < length) {
    const uint64_t now = clock();
    const uint64_t gap = now > before ? now - before : 0;
    gaps.record(gap);
    for (size_t at = 0; at < thresholds; at++) {
      if (gap < above[at].threshold) continue;
      above[at].count++;
      above[at].total += gap;
    }
    if (now > before) {
      before = now;
      still = 0;
    } else if (++still > stillMost) {
      return false;
    }
  }
  return true;
}

}  // namespace tickwright
