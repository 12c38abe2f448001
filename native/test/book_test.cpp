// The book against a plain list of orders, over rows that are right and rows that are not; its index and its
// ladder alone.
#include "book/order_commands.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "check.hpp"

using namespace tickwright;

namespace {

struct Listed {
  double id;
  int side;
  double tick;
  double lots;
};

void pagesFindTheNextLevel() {
  PriceLadder ladder(3);
  CHECK_EQUAL(ladder.below(0), NO_BID);
  CHECK_EQUAL(ladder.above(0), NO_ASK);
  const std::array<int32_t, 7> ticks{-4097, -4096, -1, 0, 63, 64, 4095};
  for (const int32_t tick : ticks) {
    uint32_t place = 0;
    CHECK_EQUAL(ladder.hold(tick, 1, place), DONE);
    ladder.page(place).mark(static_cast<int32_t>(place & PAGE_MASK));
  }
  CHECK_EQUAL(ladder.levels(), 7);
  for (size_t i = 1; i < ticks.size(); i++) {
    CHECK_EQUAL(ladder.below(ticks[i]), ticks[i - 1]);
    CHECK_EQUAL(ladder.above(ticks[i - 1]), ticks[i]);
  }
  CHECK_EQUAL(ladder.below(TICK_MAX), 4095);
  CHECK_EQUAL(ladder.above(TICK_MIN), -4097);
  CHECK_EQUAL(ladder.below(-4097), NO_BID);
  CHECK_EQUAL(ladder.above(4095), NO_ASK);
  CHECK_EQUAL(ladder.above(std::numeric_limits<int32_t>::max()), NO_ASK);
  CHECK_EQUAL(ladder.below(std::numeric_limits<int32_t>::min()), NO_BID);
  CHECK(ladder.find(8192) == nullptr);
  CHECK(ladder.find(NO_BID) == nullptr);
  uint32_t place = 0;
  CHECK_EQUAL(ladder.hold(4096, 1, place), PAGES_FULL);
  CHECK_EQUAL(ladder.hold(TICK_MAX + 1, 1, place), TICK_OUT_OF_RANGE);
  CHECK_EQUAL(ladder.hold(TICK_MIN - 1, 1, place), TICK_OUT_OF_RANGE);
  ladder.clear();
  CHECK_EQUAL(ladder.levels(), 0);
  CHECK_EQUAL(ladder.hold(TICK_MIN, 1, place), DONE);
  CHECK_EQUAL(ladder.hold(TICK_MAX, 1, place), DONE);
}

void idsAreFoundAgain() {
  std::mt19937_64 random(1);
  std::vector<uint64_t> keys(1);
  const auto keyAt = [&](int32_t slot) { return keys[static_cast<size_t>(slot)]; };
  OrderIndex index;
  std::map<uint64_t, int32_t> known;
  for (int step = 0; step < 60000; step++) {
    // Small ones, large ones, and ones that differ in their upper bits only.
    const uint64_t draw = random() % 4000;
    const double id = draw % 3 == 0 ? static_cast<double>(draw) : std::ldexp(static_cast<double>(draw), 20 + draw % 40);
    const uint64_t key = OrderBookL3::keyOf(id);
    const auto found = known.find(key);
    CHECK_EQUAL(index.find(key, keyAt), found == known.end() ? 0 : found->second);
    if (found == known.end()) {
      keys.push_back(key);
      const int32_t slot = static_cast<int32_t>(keys.size() - 1);
      index.reserveOne(key, keyAt);
      index.insert(key, slot);
      known.emplace(key, slot);
    } else if (random() % 3 != 0) {
      index.erase(key, found->second);
      known.erase(found);
    }
    if (step == 30000) {
      index.clear();
      known.clear();
    }
  }
  for (const auto& [key, slot] : known) CHECK_EQUAL(index.find(key, keyAt), slot);
}

// Rows of every kind; the list judges those that are right.
void answersAsAListDoes() {
  std::mt19937_64 random(2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::array<double, 9> wrong{nan, infinity, -infinity, 0.5, -1e300, 1e300, 4294967296.0, -2147483649.0, 0};
  for (int run = 0; run < 40; run++) {
    OrderBookL3 book(50, 4);
    OrderCommands commands(book);
    std::vector<Listed> list;
    for (int step = 0; step < 1500; step++) {
      const int code = std::array<int, 8>{1, -1, 1, -1, 2, 3, 4, 5}[random() % 8];
      const double id = static_cast<double>(random() % 60) * (random() % 2 == 0 ? 1 : 1e9);
      const double tick = static_cast<double>(random() % 200) - 100;
      const double lots = 1 + static_cast<double>(random() % 9);
      std::array<double, 4> row{static_cast<double>(code), id, tick, lots};
      const bool isWrong = random() % 10 == 0;
      if (isWrong) row[random() % 4] = wrong[random() % wrong.size()];
      std::array<int32_t, 4> result{};
      const int32_t undone = commands.run(row.data(), result.data(), 1);
      CHECK_EQUAL(undone, result[0] == DONE ? 0 : 1);
      if (result[0] == DONE) {
        const auto at = std::find_if(list.begin(), list.end(), [&](const Listed& each) { return each.id == row[1]; });
        switch (static_cast<int>(row[0])) {
          case 1:
          case -1:
            CHECK(at == list.end());
            list.push_back({row[1], static_cast<int>(row[0]), row[2], row[3]});
            break;
          case 2:
            list.erase(at);
            break;
          case 4: {
            CHECK(at != list.end());
            const Listed before = *at;
            if (row[2] == before.tick && row[3] <= before.lots) {
              at->lots = row[3];
            } else {
              list.erase(at);
              list.push_back({before.id, before.side, row[2], row[3]});
            }
            break;
          }
          case 3:
          case 5:
            CHECK(at != list.end());
            at->lots -= row[3];
            CHECK(at->lots >= 0);
            if (at->lots == 0) list.erase(at);
            break;
          default:
            break;
        }
      }
      double bid = NO_BID;
      double ask = NO_ASK;
      std::map<std::pair<int, double>, double> levels;
      for (const Listed& each : list) {
        if (each.side > 0) bid = std::max(bid, each.tick);
        else ask = std::min(ask, each.tick);
        levels[{each.side, each.tick}] += each.lots;
      }
      CHECK_EQUAL(static_cast<double>(result[2]), bid);
      CHECK_EQUAL(static_cast<double>(result[3]), ask);
      CHECK_EQUAL(book.count(LIVE), static_cast<double>(list.size()));
      CHECK_EQUAL(static_cast<size_t>(book.ladder(true).levels() + book.ladder(false).levels()), levels.size());
      for (const auto& [place, sum] : levels) {
        CHECK_EQUAL(book.ladder(place.first > 0).find(static_cast<int32_t>(place.second))->lots, sum);
      }
    }
  }
}

void slotsAreChecked() {
  OrderBookL3 book(2, 1);
  int32_t slot = 0;
  CHECK_EQUAL(book.addSlot(1, 5, 5, slot), DONE);
  CHECK_EQUAL(slot, 1);
  for (const double wrong : {0.0, 2.0, 3.0, -1.0, 1.5, 1e18, -1e18, std::nan("")}) CHECK_EQUAL(book.slotAt(wrong), 0);
  CHECK_EQUAL(book.slotAt(1), 1);
  CHECK_EQUAL(book.addSlot(1, 5, LOTS_MAX, slot), LEVEL_FULL);
  CHECK_EQUAL(book.addSlot(1, 5000, 1, slot), PAGES_FULL);
  CHECK_EQUAL(book.addSlot(-1, 5000, LOTS_MAX, slot), DONE);
  CHECK_EQUAL(book.addSlot(-1, 5001, 1, slot), ORDERS_FULL);
  CHECK_EQUAL(book.cancel(1), DONE);
  CHECK_EQUAL(book.slotAt(1), 0);
  CHECK_EQUAL(book.frontSlot(true), 0);
  CHECK_EQUAL(book.frontSlot(false), 2);
}

// A batch of any number of rows, at the very end of its memory: nothing behind it is read or written.
void batchesEndWhereTheyEnd() {
  for (size_t count = 0; count < 40; count++) {
    std::vector<double> rows;
    for (size_t i = 0; i < count; i++) rows.insert(rows.end(), {1.0, static_cast<double>(i), 100.0, 1.0});
    rows.shrink_to_fit();
    std::vector<int32_t> results(count * RESULT_CELLS);
    OrderBookL3 book(30, 1);
    const int32_t undone = OrderCommands(book).run(rows.data(), results.data(), count);
    CHECK_EQUAL(undone, count > 30 ? static_cast<int32_t>(count) - 30 : 0);
    CHECK_EQUAL(book.count(LIVE), static_cast<double>(std::min<size_t>(count, 30)));
  }
}

}  // namespace

int main() {
  pagesFindTheNextLevel();
  idsAreFoundAgain();
  answersAsAListDoes();
  slotsAreChecked();
  batchesEndWhereTheyEnd();
  return 0;
}
