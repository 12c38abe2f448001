// Every level of instructions against the scalar one, over columns that end where their memory ends.
#include "signal/column_kernels.hpp"

#include <limits>
#include <random>
#include <vector>

#include "check.hpp"

using namespace tickwright;

namespace {

std::mt19937_64 random_(3);

double drawLots(bool isSound) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double wrong[] = {-1, 0.5, nan, std::numeric_limits<double>::infinity(), 1e17};
  if (!isSound && random_() % 40 == 0) return wrong[random_() % 5];
  return random_() % 20 == 0 ? SIZE_MAX_LOTS : static_cast<double>(random_() % 50);
}

template <typename Cell>
bool isSame(const std::vector<Cell>& left, const std::vector<Cell>& right) {
  return left == right;
}

void compare(SimdLevel level, size_t length, bool isSound) {
  const ColumnKernels kernels = kernelsOf(level);
  const ColumnKernels plain = kernelsOf(SCALAR);
  std::vector<int32_t> bid(length);
  std::vector<int32_t> ask(length);
  std::vector<double> bidLots(length);
  std::vector<double> askLots(length);
  for (size_t i = 0; i < length; i++) {
    bid[i] = random_() % 30 == 0 ? std::numeric_limits<int32_t>::min() : static_cast<int32_t>(random_() % 5);
    ask[i] = random_() % 30 == 0 ? std::numeric_limits<int32_t>::max() : static_cast<int32_t>(4 + random_() % 5);
    if (random_() % 12 == 0) std::swap(bid[i], ask[i]);
    bidLots[i] = drawLots(isSound);
    askLots[i] = drawLots(isSound);
  }
  const QuoteColumns quotes{bid.data(), bidLots.data(), ask.data(), askLots.data(), length};
  std::vector<double> out(length);
  std::vector<double> expected(length);
  size_t skipped = 0;
  size_t skippedPlain = 0;
  const bool isRight = kernels.quoteFlows(quotes, out.data(), skipped);
  CHECK_EQUAL(isRight, plain.quoteFlows(quotes, expected.data(), skippedPlain));
  if (isRight) CHECK(isSame(out, expected));
  CHECK_EQUAL(skipped, skippedPlain);
  for (size_t levels = 1; levels < 4; levels++) {
    const size_t count = length / levels;
    std::vector<double> shares(count);
    std::vector<double> sharesPlain(count);
    const bool are = kernels.bookImbalances(bidLots.data(), askLots.data(), levels, count, shares.data());
    CHECK_EQUAL(are, plain.bookImbalances(bidLots.data(), askLots.data(), levels, count, sharesPlain.data()));
    if (are) CHECK(isSame(shares, sharesPlain));
  }
  for (const double within : {0.0, 2.0, std::numeric_limits<double>::infinity()}) {
    DepthSum sum{};
    DepthSum sumPlain{};
    const bool is = kernels.sumDepth(bid.data(), bidLots.data(), length, within, sum);
    CHECK_EQUAL(is, plain.sumDepth(bid.data(), bidLots.data(), length, within, sumPlain));
    if (!is) continue;
    CHECK_EQUAL(sum.levels, sumPlain.levels);
    CHECK_EQUAL(sum.lots, sumPlain.lots);
    CHECK_EQUAL(sum.worth, sumPlain.worth);
    CHECK_EQUAL(sum.span, sumPlain.span);
  }
}

}  // namespace

int main() {
  for (int32_t level = SCALAR; level <= simdLevel(); level++) {
    for (size_t length = 0; length < 70; length++) {
      for (int run = 0; run < 12; run++) compare(static_cast<SimdLevel>(level), length, run % 2 == 0);
    }
  }
  return 0;
}
