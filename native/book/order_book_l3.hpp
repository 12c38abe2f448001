// The book by order of src/book/order-book-l3.ts: the same answers, the same slots, the same refusals in the same
// order.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "order_index.hpp"
#include "price_ladder.hpp"

namespace tickwright {

// How the orders of a book are counted; the places are those that native-order-book.ts reads.
enum Count : int32_t { UNKNOWN, DUPLICATE, EXCEEDING, OUT_OF_TURN, HIDDEN_TRADES, HIDDEN_LOTS, LIVE, COUNTS };

struct OrderRow {
  double side;
  double tick;
  double lots;
  double id;
  double hasId;
};

class OrderBookL3 {
 public:
  OrderBookL3(int32_t ordersMax, int32_t pagesMax)
      : ordersMax_(ordersMax), ladders_{PriceLadder(pagesMax), PriceLadder(pagesMax)} {
    orders_.resize(std::min<size_t>(1024, static_cast<size_t>(ordersMax) + 1));
  }

  int32_t bestBid() const { return best_[BID]; }
  int32_t bestAsk() const { return ~best_[ASK]; }
  double count(int32_t which) const { return which == LIVE ? live_ : counts_[which]; }

  int64_t bytes() const {
    const size_t orders = orders_.capacity() * sizeof(Order);
    return static_cast<int64_t>(orders + index_.bytes() + ladders_[BID].bytes() + ladders_[ASK].bytes());
  }

  static bool isTick(double tick) {
    // Outside of the range a conversion has no meaning; NaN fails both bounds.
    return tick >= -2147483648.0 && tick <= 2147483647.0 && static_cast<double>(static_cast<int32_t>(tick)) == tick;
  }

  static bool isLots(double lots) {
    return lots >= 1.0 && lots <= LOTS_MAX && static_cast<double>(static_cast<int64_t>(lots)) == lots;
  }

  // One key for 0 and -0, as in a Map. NaN is never stored.
  static uint64_t keyOf(double id) { return std::bit_cast<uint64_t>(id + 0.0); }

  // A slot as a column gives it; 0 for what is none.
  int32_t slotAt(double slot) const {
    if (!(slot >= 1.0 && slot < static_cast<double>(orders_.size()))) return 0;
    const int32_t at = static_cast<int32_t>(slot);
    return static_cast<double>(at) == slot && orders_[at].place != 0 ? at : 0;
  }

  // What gives a slot's key to the index.
  auto keyAt() const {
    return [this](int32_t slot) { return orders_[slot].key; };
  }

  int32_t slotOf(double id) const {
    return index_.find(keyOf(id), keyAt());
  }

  Outcome add(double id, double side, double tick, double lots, int32_t& slot) {
    if (id != id) return WRONG_ID;
    const uint64_t key = keyOf(id);
    const int32_t known = slotOf(id);
    if (known != 0) {
      slot = known;
      return refuse(DUPLICATE, DUPLICATE_ORDER);
    }
    // Before anything changes: an addition that then finds no memory has added nothing.
    index_.reserveOne(key, keyAt());
    const Outcome added = addSlot(side, tick, lots, slot);
    if (added != DONE) return added;
    orders_[slot].key = key;
    orders_[slot].place |= HAS_ID;
    index_.insert(key, slot);
    return DONE;
  }

  Outcome addSlot(double side, double tick, double lots, int32_t& slot) {
    if (side != 1.0 && side != -1.0) return WRONG_SIDE;
    if (!isTick(tick)) return WRONG_TICK;
    if (!isLots(lots)) return WRONG_LOTS;
    const Side own = side > 0 ? BID : ASK;
    uint32_t place = 0;
    const Outcome held = ladders_[own].hold(static_cast<int32_t>(tick), lots, place);
    if (held != DONE) return held;
    if (!take(slot)) return ORDERS_FULL;
    Order& order = orders_[slot];
    order.tick = static_cast<int32_t>(tick);
    order.lots = lots;
    push(slot, place | (own == BID ? IS_BID : 0) | IS_LIVE);
    improve(own, order.tick);
    return DONE;
  }

  Outcome cancel(int32_t slot) {
    if (slot == 0) return refuse(UNKNOWN, UNKNOWN_ORDER);
    remove(slot);
    return DONE;
  }

  Outcome reduce(int32_t slot, double lots) {
    if (!isLots(lots)) return WRONG_LOTS;
    if (slot == 0) return refuse(UNKNOWN, UNKNOWN_ORDER);
    if (orders_[slot].lots < lots) return refuse(EXCEEDING, EXCEEDS_ORDER);
    takeOff(slot, lots);
    return DONE;
  }

  Outcome execute(int32_t slot, double lots) {
    if (!isLots(lots)) return WRONG_LOTS;
    if (slot == 0) return refuse(UNKNOWN, UNKNOWN_ORDER);
    const Order& order = orders_[slot];
    if (order.lots < lots) return refuse(EXCEEDING, EXCEEDS_ORDER);
    if (order.prev != 0 || order.tick != best(sideOf(order))) counts_[OUT_OF_TURN]++;
    takeOff(slot, lots);
    return DONE;
  }

  Outcome modify(int32_t slot, double tick, double lots) {
    if (!isTick(tick)) return WRONG_TICK;
    if (!isLots(lots)) return WRONG_LOTS;
    if (slot == 0) return refuse(UNKNOWN, UNKNOWN_ORDER);
    Order& order = orders_[slot];
    const int32_t to = static_cast<int32_t>(tick);
    const double grow = lots - order.lots;
    if (to != order.tick) return requeue(slot, to, lots, lots);
    if (grow > 0) return requeue(slot, to, lots, grow);
    if (grow < 0) shrink(order, -grow);
    return DONE;
  }

  Outcome tradeHidden(double tick, double lots) {
    if (!isTick(tick)) return WRONG_TICK;
    if (!isLots(lots)) return WRONG_LOTS;
    counts_[HIDDEN_TRADES]++;
    counts_[HIDDEN_LOTS] += lots;
    return DONE;
  }

  void clear() {
    for (int32_t slot = 1; slot < used_; slot++) orders_[slot].place = 0;
    for (PriceLadder& ladder : ladders_) ladder.clear();
    index_.clear();
    live_ = 0;
    used_ = 1;
    free_ = 0;
    best_[BID] = best_[ASK] = NO_BID;
  }

  const PriceLadder& ladder(bool isBid) const { return ladders_[isBid ? BID : ASK]; }

  int32_t frontSlot(bool isBid) const {
    const Level* level = ladder(isBid).find(best(isBid ? BID : ASK));
    return level == nullptr ? 0 : level->head;
  }

  // The slot must be live, as in all that follows.
  int32_t nextSlot(int32_t slot) const { return orders_[slot].next; }
  double lotsOf(int32_t slot) const { return orders_[slot].lots; }

  double aheadOf(int32_t slot) const {
    double ahead = 0;
    for (int32_t at = orders_[slot].prev; at != 0; at = orders_[at].prev) ahead += orders_[at].lots;
    return ahead;
  }

  OrderRow orderAt(int32_t slot) const {
    const Order& order = orders_[slot];
    const bool hasId = (order.place & HAS_ID) != 0;
    const double id = hasId ? std::bit_cast<double>(order.key) : 0;
    const double side = (order.place & IS_BID) != 0 ? 1 : -1;
    return {side, static_cast<double>(order.tick), order.lots, id, hasId ? 1.0 : 0.0};
  }

 private:
  enum Side : int32_t { BID, ASK };

  // Two orders to a line of the cache. `place` holds the place and three marks; 0 is a slot without order.
  struct Order {
    uint64_t key;
    double lots;
    int32_t tick;
    int32_t next;
    int32_t prev;
    uint32_t place;
  };
  static constexpr uint32_t HAS_ID = uint32_t{1} << 29;
  static constexpr uint32_t IS_BID = uint32_t{1} << 30;
  static constexpr uint32_t IS_LIVE = uint32_t{1} << 31;
  static constexpr uint32_t PLACE = HAS_ID - 1;

  static Side sideOf(const Order& order) { return (order.place & IS_BID) != 0 ? BID : ASK; }

  Outcome refuse(Count which, Outcome outcome) {
    counts_[which]++;
    return outcome;
  }

  bool take(int32_t& slot) {
    if (free_ != 0) {
      slot = free_;
      free_ = orders_[slot].next;
    } else {
      if (static_cast<size_t>(used_) == orders_.size()) {
        if (used_ > ordersMax_) return false;
        orders_.resize(std::min(orders_.size() * 2, static_cast<size_t>(ordersMax_) + 1));
      }
      slot = used_++;
    }
    live_++;
    return true;
  }

  int32_t best(Side side) const { return best_[side] ^ -side; }

  void push(int32_t slot, uint32_t place) {
    PriceLadder& ladder = ladders_[(place & IS_BID) != 0 ? BID : ASK];
    const uint32_t at = place & PLACE;
    Order& order = orders_[slot];
    Level& level = ladder.at(at);
    order.place = place;
    order.prev = level.tail;
    order.next = 0;
    if (level.tail == 0) {
      level.head = slot;
      ladder.page(at).mark(static_cast<int32_t>(at & PAGE_MASK));
    } else {
      orders_[level.tail].next = slot;
    }
    level.tail = slot;
    level.orders++;
    level.lots += order.lots;
  }

  void improve(Side side, int32_t tick) {
    best_[side] = std::max(best_[side], tick ^ -side);
  }

  void unlink(const Order& order) {
    const Side side = sideOf(order);
    PriceLadder& ladder = ladders_[side];
    const uint32_t at = order.place & PLACE;
    Level& level = ladder.at(at);
    if (order.prev == 0) level.head = order.next;
    else orders_[order.prev].next = order.next;
    if (order.next == 0) level.tail = order.prev;
    else orders_[order.next].prev = order.prev;
    level.orders--;
    level.lots -= order.lots;
    if (level.head != 0) return;
    ladder.page(at).unmark(static_cast<int32_t>(at & PAGE_MASK));
    if (order.tick == best(side)) best_[side] = side == BID ? ladder.below(order.tick) : ~ladder.above(order.tick);
  }

  void remove(int32_t slot) {
    Order& order = orders_[slot];
    unlink(order);
    if ((order.place & HAS_ID) != 0) index_.erase(order.key, slot);
    order.place = 0;
    order.next = free_;
    free_ = slot;
    live_--;
  }

  void shrink(Order& order, double by) {
    order.lots -= by;
    ladders_[sideOf(order)].at(order.place & PLACE).lots -= by;
  }

  void takeOff(int32_t slot, double lots) {
    Order& order = orders_[slot];
    if (order.lots == lots) remove(slot);
    else shrink(order, lots);
  }

  Outcome requeue(int32_t slot, int32_t tick, double lots, double more) {
    Order& order = orders_[slot];
    const Side side = sideOf(order);
    uint32_t place = 0;
    const Outcome held = ladders_[side].hold(tick, more, place);
    if (held != DONE) return held;
    unlink(order);
    order.tick = tick;
    order.lots = lots;
    push(slot, place | (order.place & ~PLACE));
    improve(side, tick);
    return DONE;
  }

  const int32_t ordersMax_;
  PriceLadder ladders_[2];
  OrderIndex index_;
  std::vector<Order> orders_;
  // The asks' complement, so that the greater one is better on either side. ~NO_ASK is NO_BID.
  int32_t best_[2] = {NO_BID, NO_BID};
  int32_t used_ = 1;
  int32_t free_ = 0;
  int32_t live_ = 0;
  double counts_[LIVE] = {};
};

}  // namespace tickwright
