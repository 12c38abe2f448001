// Commands in rows of four doubles, one row of four words written for each: src/book/order-commands.ts says what
// they mean.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "order_book_l3.hpp"

namespace tickwright {

enum Command : int32_t {
  ADD_ASK = -1,
  ADD_BID = 1,
  CANCEL = 2,
  REDUCE = 3,
  MODIFY = 4,
  EXECUTE = 5,
  TRADE_HIDDEN = 6,
  CLEAR = 7,
  // The side is neither: it stands where the price would.
  ADD_ELSE = 8,
  // The same by slot: the number above, plus 16.
  BY_SLOT = 16,
};

constexpr int32_t bySlot(Command command) { return command + BY_SLOT; }

constexpr size_t ROW_CELLS = 4;
constexpr size_t RESULT_CELLS = 4;

// A cell of memory that another thread may be writing: read once, whole.
inline double cellOf(const double* cell) {
  uint64_t bits;
  __atomic_load(reinterpret_cast<const uint64_t*>(cell), &bits, __ATOMIC_RELAXED);
  return std::bit_cast<double>(bits);
}

class OrderCommands {
 public:
  explicit OrderCommands(OrderBookL3& book) : book_(book) {}

  // Runs `count` rows; returns how many were not done. Each has an outcome of its own.
  int32_t run(const double* rows, int32_t* results, size_t count) {
    int32_t undone = 0;
    for (size_t i = 0; i < count; i++) {
      int32_t slot = 0;
      Outcome outcome = NO_MEMORY;
      try {
        outcome = runOne(rows + i * ROW_CELLS, slot);
      } catch (const std::bad_alloc&) {
        slot = 0;
      }
      undone += outcome != DONE;
      int32_t* result = results + i * RESULT_CELLS;
      result[0] = outcome;
      result[1] = slot;
      result[2] = book_.bestBid();
      result[3] = book_.bestAsk();
    }
    return undone;
  }

 private:
  Outcome runOne(const double* row, int32_t& slot) {
    const double code = cellOf(row);
    const double id = cellOf(row + 1);
    const double tick = cellOf(row + 2);
    const double lots = cellOf(row + 3);
    if (!(code >= -1.0 && code <= 32.0)) return WRONG_COMMAND;
    const int32_t word = static_cast<int32_t>(code);
    if (static_cast<double>(word) != code) return WRONG_COMMAND;
    switch (word) {
      case ADD_BID:
      case ADD_ASK:
        return book_.add(id, code, tick, lots, slot);
      case ADD_ELSE:
        return book_.add(id, 0, tick, lots, slot);
      case CANCEL:
        slot = book_.slotOf(id);
        return book_.cancel(slot);
      case REDUCE:
        slot = book_.slotOf(id);
        return book_.reduce(slot, lots);
      case MODIFY:
        slot = book_.slotOf(id);
        return book_.modify(slot, tick, lots);
      case EXECUTE:
        slot = book_.slotOf(id);
        return book_.execute(slot, lots);
      case TRADE_HIDDEN:
        return book_.tradeHidden(tick, lots);
      case CLEAR:
        book_.clear();
        return DONE;
      case bySlot(ADD_BID):
        return book_.addSlot(1, tick, lots, slot);
      case bySlot(ADD_ASK):
        return book_.addSlot(-1, tick, lots, slot);
      case bySlot(ADD_ELSE):
        return WRONG_SIDE;
      case bySlot(CANCEL):
        slot = book_.slotAt(id);
        return book_.cancel(slot);
      case bySlot(REDUCE):
        slot = book_.slotAt(id);
        return book_.reduce(slot, lots);
      case bySlot(MODIFY):
        slot = book_.slotAt(id);
        return book_.modify(slot, tick, lots);
      case bySlot(EXECUTE):
        slot = book_.slotAt(id);
        return book_.execute(slot, lots);
      default:
        return WRONG_COMMAND;
    }
  }

  OrderBookL3& book_;
};

}  // namespace tickwright
