// Sums over columns of quotes and levels, each body with the answers of src/signal/column-kernels.ts: quantities
// are whole numbers and every sum stays below 2^53, so the order of addition cannot be seen. What is not so is
// told by `false`: the body in TypeScript then says what was wrong.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define TICKWRIGHT_X64 1
#if !defined(__clang__)
// GCC's own header of AVX-512 leaves lanes undefined on purpose and warns of it (bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

namespace tickwright {

// Four of these, added and taken away, stay exact.
constexpr double SIZE_MAX_LOTS = 2251799813685248.0;
constexpr double SUM_MAX = 9007199254740991.0;

struct QuoteColumns {
  const int32_t* bid;
  const double* bidLots;
  const int32_t* ask;
  const double* askLots;
  size_t length;
};

struct DepthSum {
  double levels;
  double lots;
  // Lots times their distance from the first price, with its sign and without.
  double worth;
  double span;
};

inline bool isSize(double lots) { return lots >= 0 && lots <= SIZE_MAX_LOTS && std::trunc(lots) == lots; }

namespace scalar {

// One quote: `last` is the place of the newest that was not crossed, the length where there is none.
inline bool flowAt(const QuoteColumns& quotes, size_t i, size_t& last, size_t& skipped, double* out) {
  if (!isSize(quotes.bidLots[i]) || !isSize(quotes.askLots[i])) return false;
  double flow = 0;
  if (quotes.bid[i] > quotes.ask[i]) {
    skipped++;
  } else {
    if (last < quotes.length) {
      if (quotes.bid[i] >= quotes.bid[last]) flow += quotes.bidLots[i];
      if (quotes.bid[i] <= quotes.bid[last]) flow -= quotes.bidLots[last];
      if (quotes.ask[i] <= quotes.ask[last]) flow -= quotes.askLots[i];
      if (quotes.ask[i] >= quotes.ask[last]) flow += quotes.askLots[last];
    }
    last = i;
  }
  out[i] = flow;
  return true;
}

inline bool quoteFlows(const QuoteColumns& quotes, double* out, size_t& skipped) {
  size_t last = quotes.length;
  bool isRight = true;
  for (size_t i = 0; i < quotes.length; i++) isRight &= flowAt(quotes, i, last, skipped, out);
  return isRight;
}

inline bool imbalanceAt(const double* bids, const double* asks, size_t levels, size_t stride, size_t i, double* out) {
  double bid = 0;
  double ask = 0;
  bool isRight = true;
  for (size_t level = 0; level < levels; level++) {
    const double bidLots = bids[level * stride + i];
    const double askLots = asks[level * stride + i];
    isRight &= isSize(bidLots) && isSize(askLots);
    bid += bidLots;
    ask += askLots;
  }
  const double total = bid + ask;
  out[i] = total == 0 ? 0.5 : bid / total;
  return isRight && total <= SUM_MAX;
}

inline bool bookImbalances(const double* bids, const double* asks, size_t levels, size_t length, double* out) {
  bool isRight = true;
  for (size_t i = 0; i < length; i++) isRight &= imbalanceAt(bids, asks, levels, length, i, out);
  return isRight;
}

inline bool addDepth(const int32_t* ticks, const double* lots, size_t from, size_t length, double within,
                     DepthSum& sum) {
  bool isRight = true;
  for (size_t i = from; i < length; i++) {
    isRight &= isSize(lots[i]);
    const double away = static_cast<double>(ticks[i]) - static_cast<double>(ticks[0]);
    if (!(std::fabs(away) <= within)) continue;
    sum.levels += 1;
    sum.lots += lots[i];
    sum.worth += away * lots[i];
    sum.span += std::fabs(away) * lots[i];
  }
  return isRight;
}

inline bool isExact(const DepthSum& sum) { return sum.lots <= SUM_MAX && sum.span <= SUM_MAX; }

inline bool sumDepth(const int32_t* ticks, const double* lots, size_t length, double within, DepthSum& sum) {
  return addDepth(ticks, lots, 0, length, within, sum) && isExact(sum);
}

}  // namespace scalar

#ifdef TICKWRIGHT_X64

namespace avx2 {

#define TICKWRIGHT_AVX2 __attribute__((target("avx2")))

// All ones in the lanes that hold no size; NaN is none.
TICKWRIGHT_AVX2 inline __m256d wrongSizes(__m256d lots) {
  const __m256d low = _mm256_cmp_pd(lots, _mm256_setzero_pd(), _CMP_NGE_UQ);
  const __m256d high = _mm256_cmp_pd(lots, _mm256_set1_pd(SIZE_MAX_LOTS), _CMP_NLE_UQ);
  const __m256d whole = _mm256_round_pd(lots, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  return _mm256_or_pd(_mm256_or_pd(low, high), _mm256_cmp_pd(whole, lots, _CMP_NEQ_UQ));
}

// The lots where the first price is not above the second; 0 elsewhere.
TICKWRIGHT_AVX2 inline __m256d unlessAbove(__m128i price, __m128i than, __m256d lots) {
  const __m256i above = _mm256_cvtepi32_epi64(_mm_cmpgt_epi32(price, than));
  return _mm256_andnot_pd(_mm256_castsi256_pd(above), lots);
}

TICKWRIGHT_AVX2 inline __m128i load4(const int32_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

TICKWRIGHT_AVX2 inline bool quoteFlows(const QuoteColumns& quotes, double* out, size_t& skipped) {
  const size_t length = quotes.length;
  size_t last = length;
  bool isRight = true;
  size_t i = 0;
  if (length > 0) isRight &= scalar::flowAt(quotes, i++, last, skipped, out);
  __m256d wrong = _mm256_setzero_pd();
  for (; i + 4 <= length; i += 4) {
    const __m128i bid = load4(quotes.bid + i);
    const __m128i ask = load4(quotes.ask + i);
    const bool isCrossed = _mm_movemask_epi8(_mm_cmpgt_epi32(bid, ask)) != 0;
    if (isCrossed || last != i - 1) {
      for (size_t k = 0; k < 4; k++) isRight &= scalar::flowAt(quotes, i + k, last, skipped, out);
      continue;
    }
    const __m128i bidBefore = load4(quotes.bid + i - 1);
    const __m128i askBefore = load4(quotes.ask + i - 1);
    const __m256d bidLots = _mm256_loadu_pd(quotes.bidLots + i);
    const __m256d askLots = _mm256_loadu_pd(quotes.askLots + i);
    wrong = _mm256_or_pd(wrong, _mm256_or_pd(wrongSizes(bidLots), wrongSizes(askLots)));
    __m256d flow = unlessAbove(bidBefore, bid, bidLots);
    flow = _mm256_sub_pd(flow, unlessAbove(bid, bidBefore, _mm256_loadu_pd(quotes.bidLots + i - 1)));
    flow = _mm256_sub_pd(flow, unlessAbove(ask, askBefore, askLots));
    flow = _mm256_add_pd(flow, unlessAbove(askBefore, ask, _mm256_loadu_pd(quotes.askLots + i - 1)));
    _mm256_storeu_pd(out + i, flow);
    last = i + 3;
  }
  for (; i < length; i++) isRight &= scalar::flowAt(quotes, i, last, skipped, out);
  return isRight && _mm256_movemask_pd(wrong) == 0;
}

TICKWRIGHT_AVX2 inline bool bookImbalances(const double* bids, const double* asks, size_t levels, size_t length,
                                           double* out) {
  __m256d wrong = _mm256_setzero_pd();
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    __m256d bid = _mm256_setzero_pd();
    __m256d ask = _mm256_setzero_pd();
    for (size_t level = 0; level < levels; level++) {
      const __m256d bidLots = _mm256_loadu_pd(bids + level * length + i);
      const __m256d askLots = _mm256_loadu_pd(asks + level * length + i);
      wrong = _mm256_or_pd(wrong, _mm256_or_pd(wrongSizes(bidLots), wrongSizes(askLots)));
      bid = _mm256_add_pd(bid, bidLots);
      ask = _mm256_add_pd(ask, askLots);
    }
    const __m256d total = _mm256_add_pd(bid, ask);
    wrong = _mm256_or_pd(wrong, _mm256_cmp_pd(total, _mm256_set1_pd(SUM_MAX), _CMP_NLE_UQ));
    const __m256d isEmpty = _mm256_cmp_pd(total, _mm256_setzero_pd(), _CMP_EQ_OQ);
    const __m256d share = _mm256_div_pd(bid, total);
    _mm256_storeu_pd(out + i, _mm256_blendv_pd(share, _mm256_set1_pd(0.5), isEmpty));
  }
  bool isRight = _mm256_movemask_pd(wrong) == 0;
  for (; i < length; i++) isRight &= scalar::imbalanceAt(bids, asks, levels, length, i, out);
  return isRight;
}

TICKWRIGHT_AVX2 inline double total(__m256d lanes) {
  double cells[4];
  _mm256_storeu_pd(cells, lanes);
  return (cells[0] + cells[1]) + (cells[2] + cells[3]);
}

TICKWRIGHT_AVX2 inline bool sumDepth(const int32_t* ticks, const double* lots, size_t length, double within,
                                     DepthSum& sum) {
  const __m256d first = _mm256_set1_pd(length > 0 ? ticks[0] : 0);
  const __m256d bound = _mm256_set1_pd(within);
  const __m256d sign = _mm256_set1_pd(-0.0);
  __m256d wrong = _mm256_setzero_pd();
  __m256d size = wrong;
  __m256d worth = wrong;
  __m256d span = wrong;
  __m256d levels = wrong;
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    const __m256d own = _mm256_loadu_pd(lots + i);
    wrong = _mm256_or_pd(wrong, wrongSizes(own));
    const __m256d away = _mm256_sub_pd(_mm256_cvtepi32_pd(load4(ticks + i)), first);
    const __m256d distance = _mm256_andnot_pd(sign, away);
    const __m256d isNear = _mm256_cmp_pd(distance, bound, _CMP_LE_OQ);
    const __m256d near = _mm256_and_pd(isNear, own);
    size = _mm256_add_pd(size, near);
    worth = _mm256_add_pd(worth, _mm256_mul_pd(away, near));
    span = _mm256_add_pd(span, _mm256_mul_pd(distance, near));
    levels = _mm256_add_pd(levels, _mm256_and_pd(isNear, _mm256_set1_pd(1)));
  }
  sum = {total(levels), total(size), total(worth), total(span)};
  const bool isRight = scalar::addDepth(ticks, lots, i, length, within, sum);
  return isRight && _mm256_movemask_pd(wrong) == 0 && scalar::isExact(sum);
}

}  // namespace avx2

namespace avx512 {

#define TICKWRIGHT_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx2")))

TICKWRIGHT_AVX512 inline __mmask8 rightSizes(__m512d lots) {
  const __mmask8 low = _mm512_cmp_pd_mask(lots, _mm512_setzero_pd(), _CMP_GE_OQ);
  const __mmask8 both = _mm512_mask_cmp_pd_mask(low, lots, _mm512_set1_pd(SIZE_MAX_LOTS), _CMP_LE_OQ);
  const __m512d whole = _mm512_roundscale_pd(lots, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  return _mm512_mask_cmp_pd_mask(both, whole, lots, _CMP_EQ_OQ);
}

TICKWRIGHT_AVX512 inline __m256i load8(const int32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TICKWRIGHT_AVX512 inline bool quoteFlows(const QuoteColumns& quotes, double* out, size_t& skipped) {
  const size_t length = quotes.length;
  size_t last = length;
  bool isRight = true;
  size_t i = 0;
  if (length > 0) isRight &= scalar::flowAt(quotes, i++, last, skipped, out);
  __mmask8 right = 0xff;
  for (; i + 8 <= length; i += 8) {
    const __m256i bid = load8(quotes.bid + i);
    const __m256i ask = load8(quotes.ask + i);
    if (_mm256_cmpgt_epi32_mask(bid, ask) != 0 || last != i - 1) {
      for (size_t k = 0; k < 8; k++) isRight &= scalar::flowAt(quotes, i + k, last, skipped, out);
      continue;
    }
    const __m256i bidBefore = load8(quotes.bid + i - 1);
    const __m256i askBefore = load8(quotes.ask + i - 1);
    const __m512d bidLots = _mm512_loadu_pd(quotes.bidLots + i);
    const __m512d askLots = _mm512_loadu_pd(quotes.askLots + i);
    right = static_cast<__mmask8>(right & rightSizes(bidLots) & rightSizes(askLots));
    __m512d flow = _mm512_maskz_mov_pd(_mm256_cmpge_epi32_mask(bid, bidBefore), bidLots);
    flow = _mm512_mask_sub_pd(flow, _mm256_cmple_epi32_mask(bid, bidBefore), flow,
                              _mm512_loadu_pd(quotes.bidLots + i - 1));
    flow = _mm512_mask_sub_pd(flow, _mm256_cmple_epi32_mask(ask, askBefore), flow, askLots);
    flow = _mm512_mask_add_pd(flow, _mm256_cmpge_epi32_mask(ask, askBefore), flow,
                              _mm512_loadu_pd(quotes.askLots + i - 1));
    _mm512_storeu_pd(out + i, flow);
    last = i + 7;
  }
  for (; i < length; i++) isRight &= scalar::flowAt(quotes, i, last, skipped, out);
  return isRight && right == 0xff;
}

TICKWRIGHT_AVX512 inline bool bookImbalances(const double* bids, const double* asks, size_t levels, size_t length,
                                             double* out) {
  __mmask8 right = 0xff;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    __m512d bid = _mm512_setzero_pd();
    __m512d ask = _mm512_setzero_pd();
    for (size_t level = 0; level < levels; level++) {
      const __m512d bidLots = _mm512_loadu_pd(bids + level * length + i);
      const __m512d askLots = _mm512_loadu_pd(asks + level * length + i);
      right = static_cast<__mmask8>(right & rightSizes(bidLots) & rightSizes(askLots));
      bid = _mm512_add_pd(bid, bidLots);
      ask = _mm512_add_pd(ask, askLots);
    }
    const __m512d total = _mm512_add_pd(bid, ask);
    right = static_cast<__mmask8>(right & _mm512_cmp_pd_mask(total, _mm512_set1_pd(SUM_MAX), _CMP_LE_OQ));
    const __mmask8 isEmpty = _mm512_cmp_pd_mask(total, _mm512_setzero_pd(), _CMP_EQ_OQ);
    _mm512_storeu_pd(out + i, _mm512_mask_blend_pd(isEmpty, _mm512_div_pd(bid, total), _mm512_set1_pd(0.5)));
  }
  bool isRight = right == 0xff;
  for (; i < length; i++) isRight &= scalar::imbalanceAt(bids, asks, levels, length, i, out);
  return isRight;
}

TICKWRIGHT_AVX512 inline bool sumDepth(const int32_t* ticks, const double* lots, size_t length, double within,
                                       DepthSum& sum) {
  const __m512d first = _mm512_set1_pd(length > 0 ? ticks[0] : 0);
  const __m512d bound = _mm512_set1_pd(within);
  __m512d size = _mm512_setzero_pd();
  __m512d worth = size;
  __m512d span = size;
  __mmask8 right = 0xff;
  size_t levels = 0;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    const __m512d own = _mm512_loadu_pd(lots + i);
    right = static_cast<__mmask8>(right & rightSizes(own));
    const __m512d away = _mm512_sub_pd(_mm512_cvtepi32_pd(load8(ticks + i)), first);
    const __m512d distance = _mm512_abs_pd(away);
    const __mmask8 isNear = _mm512_cmp_pd_mask(distance, bound, _CMP_LE_OQ);
    const __m512d near = _mm512_maskz_mov_pd(isNear, own);
    size = _mm512_add_pd(size, near);
    worth = _mm512_add_pd(worth, _mm512_mul_pd(away, near));
    span = _mm512_add_pd(span, _mm512_mul_pd(distance, near));
    levels += static_cast<size_t>(__builtin_popcount(isNear));
  }
  sum = {static_cast<double>(levels), _mm512_reduce_add_pd(size), _mm512_reduce_add_pd(worth),
         _mm512_reduce_add_pd(span)};
  const bool isRight = scalar::addDepth(ticks, lots, i, length, within, sum);
  return isRight && right == 0xff && scalar::isExact(sum);
}

}  // namespace avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif

enum SimdLevel : int32_t { SCALAR, AVX2, AVX512 };

// The highest level that this processor has.
inline SimdLevel simdLevel() {
#ifdef TICKWRIGHT_X64
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return SCALAR;
  const bool has512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  return has512 && __builtin_cpu_supports("avx512dq") ? AVX512 : AVX2;
#else
  return SCALAR;
#endif
}

struct ColumnKernels {
  bool (*quoteFlows)(const QuoteColumns&, double*, size_t&);
  bool (*bookImbalances)(const double*, const double*, size_t, size_t, double*);
  bool (*sumDepth)(const int32_t*, const double*, size_t, double, DepthSum&);
};

// The level must be one that the processor has.
inline ColumnKernels kernelsOf([[maybe_unused]] SimdLevel level) {
#ifdef TICKWRIGHT_X64
  if (level == AVX512) return {avx512::quoteFlows, avx512::bookImbalances, avx512::sumDepth};
  if (level == AVX2) return {avx2::quoteFlows, avx2::bookImbalances, avx2::sumDepth};
#endif
  return {scalar::quoteFlows, scalar::bookImbalances, scalar::sumDepth};
}

}  // namespace tickwright
