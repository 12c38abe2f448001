#include <cerrno>
#include <memory>

#include "binding.hpp"
#include "book/order_commands.hpp"

namespace tickwright {

namespace {

using Book = std::shared_ptr<OrderBookL3>;

// A book, and what the collector of garbage was told of its size: it would see but a few small objects.
struct Held {
  OrderBookL3 book;
  napi_env env;
  int64_t told = 0;

  Held(napi_env of, int32_t ordersMax, int32_t pagesMax) : book(ordersMax, pagesMax), env(of) { tell(book.bytes()); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { tell(0); }

  void tell(int64_t bytes) {
    int64_t all = 0;
    if (bytes != told) napi_adjust_external_memory(env, bytes - told, &all);
    told = bytes;
  }
};

// Memory that JavaScript registered with one book. The reference keeps it; the function that runs its rows owns this.
struct Registered {
  std::shared_ptr<Held> held;
  const double* rows;
  int32_t* results;
  size_t capacity;
  napi_ref rowsBuffer;
  napi_ref resultsBuffer;
};

struct View {
  void* data = nullptr;
  size_t length = 0;
  napi_value buffer = nullptr;
};

// A typed array of this kind over memory that cannot shrink; `data` is null for anything else.
View viewOf(napi_env env, napi_value value, napi_typedarray_type kind) {
  View view;
  bool isView = false;
  if (napi_is_typedarray(env, value, &isView) != napi_ok || !isView) return {};
  napi_typedarray_type type;
  size_t offset;
  const napi_status status =
      napi_get_typedarray_info(env, value, &type, &view.length, &view.data, &view.buffer, &offset);
  if (status != napi_ok || type != kind) return {};
  // The pages behind a resizable buffer go away when it shrinks.
  napi_value flag;
  bool isResizable = false;
  if (napi_get_named_property(env, view.buffer, "resizable", &flag) != napi_ok) return {};
  if (napi_get_value_bool(env, flag, &isResizable) == napi_ok && isResizable) return {};
  return view;
}

bool isDetached(napi_env env, napi_ref reference) {
  napi_value buffer;
  bool is = true;
  if (napi_get_reference_value(env, reference, &buffer) != napi_ok || buffer == nullptr) return true;
  return napi_is_detached_arraybuffer(env, buffer, &is) != napi_ok || is;
}

// process(count): how many commands were not done; -EINVAL for a count that is none, -EFAULT for memory that is gone.
// Plain Node-API: this is the one call on the hot path.
napi_value process(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value argument = nullptr;
  void* data = nullptr;
  double count = -1;
  int32_t answer = -EINVAL;
  napi_get_cb_info(env, info, &given, &argument, nullptr, &data);
  auto* memory = static_cast<Registered*>(data);
  const bool isNumber = given == 1 && napi_get_value_double(env, argument, &count) == napi_ok;
  if (isNumber && count >= 0 && count <= static_cast<double>(memory->capacity)) {
    const size_t rows = static_cast<size_t>(count);
    if (static_cast<double>(rows) == count) {
      const bool isGone = isDetached(env, memory->rowsBuffer) || isDetached(env, memory->resultsBuffer);
      OrderBookL3& book = memory->held->book;
      answer = isGone ? -EFAULT : OrderCommands(book).run(memory->rows, memory->results, rows);
      memory->held->tell(book.bytes());
    }
  }
  napi_value result = nullptr;
  napi_create_int32(env, answer, &result);
  return result;
}

void release(napi_env env, void* data, void*) {
  auto* memory = static_cast<Registered*>(data);
  napi_delete_reference(env, memory->rowsBuffer);
  napi_delete_reference(env, memory->resultsBuffer);
  delete memory;
}

// register(rows, results): the function `process` over that memory, or -EINVAL.
Napi::Value registerMemory(const Napi::CallbackInfo& info, const std::shared_ptr<Held>& held) {
  const napi_env env = info.Env();
  const Napi::Value refused = Napi::Number::New(env, -EINVAL);
  if (info.Length() != 2) return refused;
  const View rows = viewOf(env, info[0], napi_float64_array);
  const View results = viewOf(env, info[1], napi_int32_array);
  if (rows.data == nullptr || results.data == nullptr) return refused;
  const size_t capacity = std::min(rows.length / ROW_CELLS, results.length / RESULT_CELLS);
  auto memory = std::make_unique<Registered>();
  *memory = {held, static_cast<double*>(rows.data), static_cast<int32_t*>(results.data), capacity, nullptr, nullptr};
  napi_value function = nullptr;
  if (napi_create_reference(env, rows.buffer, 1, &memory->rowsBuffer) != napi_ok ||
      napi_create_reference(env, results.buffer, 1, &memory->resultsBuffer) != napi_ok ||
      napi_create_function(env, "process", NAPI_AUTO_LENGTH, process, memory.get(), &function) != napi_ok ||
      napi_add_finalizer(env, function, memory.get(), release, nullptr, nullptr) != napi_ok) {
    throw Napi::Error::New(env, "the memory of commands cannot be registered");
  }
  memory.release();
  return Napi::Value(env, function);
}

// What JavaScript gave as a price: 32 bits of it, or a price no book holds.
int32_t tickOf(const Napi::CallbackInfo& info, size_t at) {
  const double tick = info[at].IsNumber() ? info[at].As<Napi::Number>().DoubleValue() : 0.5;
  return OrderBookL3::isTick(tick) ? static_cast<int32_t>(tick) : NO_ASK;
}

bool isBid(const Napi::CallbackInfo& info) {
  return info[0].IsNumber() && info[0].As<Napi::Number>().DoubleValue() > 0;
}

double numberOf(const Napi::CallbackInfo& info, size_t at) {
  return info[at].IsNumber() ? info[at].As<Napi::Number>().DoubleValue() : 0.5;
}

int32_t slotOf(const Napi::CallbackInfo& info, const OrderBookL3& book) { return book.slotAt(numberOf(info, 0)); }

const Level* levelOf(const Napi::CallbackInfo& info, const OrderBookL3& book) {
  return book.ladder(isBid(info)).find(tickOf(info, 1));
}

int32_t nextOf(const Napi::CallbackInfo& info, const OrderBookL3& book) {
  const PriceLadder& ladder = book.ladder(isBid(info));
  return isBid(info) ? ladder.below(tickOf(info, 1)) : ladder.above(tickOf(info, 1));
}

template <typename Answer>
void offer(Napi::Object& object, const char* name, const Book& book, Answer answer) {
  const auto call = [book, answer](const Napi::CallbackInfo& info) -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(answer(info, *book)));
  };
  object.Set(name, Napi::Function::New(object.Env(), call, name));
}

// order(slot, out): writes the order's row; 1 where a live order stands in the slot.
double writeOrder(const Napi::CallbackInfo& info, const OrderBookL3& book) {
  const int32_t slot = slotOf(info, book);
  if (slot == 0 || info.Length() < 2) return 0;
  const View out = viewOf(info.Env(), info[1], napi_float64_array);
  if (out.data == nullptr || out.length < 5) return 0;
  const OrderRow row = book.orderAt(slot);
  double* cells = static_cast<double*>(out.data);
  cells[0] = row.side;
  cells[1] = row.tick;
  cells[2] = row.lots;
  cells[3] = row.id;
  cells[4] = row.hasId;
  return 1;
}

// open(ordersMax, pagesMax): a book's functions, or -EINVAL.
Napi::Value open(const Napi::CallbackInfo& info) {
  const double ordersMax = numberOf(info, 0);
  const double pagesMax = numberOf(info, 1);
  const bool isWhole = OrderBookL3::isTick(ordersMax) && OrderBookL3::isTick(pagesMax);
  if (!isWhole || ordersMax < 1 || ordersMax > 134217727 || pagesMax < 1 || pagesMax > 16384) {
    return Napi::Number::New(info.Env(), -EINVAL);
  }
  std::shared_ptr<Held> held;
  try {
    held = std::make_shared<Held>(info.Env(), static_cast<int32_t>(ordersMax), static_cast<int32_t>(pagesMax));
  } catch (const std::bad_alloc&) {
    return Napi::Number::New(info.Env(), -ENOMEM);
  }
  const Book book(held, &held->book);
  Napi::Object object = Napi::Object::New(info.Env());
  using Info = const Napi::CallbackInfo&;
  using Of = const OrderBookL3&;
  offer(object, "lotsAtPrice", book, [](Info given, Of of) {
    const Level* level = levelOf(given, of);
    return level == nullptr ? 0 : level->lots;
  });
  offer(object, "ordersAtPrice", book, [](Info given, Of of) {
    const Level* level = levelOf(given, of);
    return level == nullptr ? 0 : level->orders;
  });
  offer(object, "headSlot", book, [](Info given, Of of) {
    const Level* level = levelOf(given, of);
    return level == nullptr ? 0 : level->head;
  });
  offer(object, "nextLevel", book, [](Info given, Of of) { return nextOf(given, of); });
  offer(object, "levels", book, [](Info given, Of of) { return of.ladder(isBid(given)).levels(); });
  offer(object, "count", book, [](Info given, Of of) {
    const double which = numberOf(given, 0);
    return which >= 0 && which < static_cast<double>(COUNTS) ? of.count(static_cast<int32_t>(which)) : 0;
  });
  offer(object, "frontSlot", book, [](Info given, Of of) { return of.frontSlot(isBid(given)); });
  offer(object, "slotOf", book, [](Info given, Of of) {
    return given[0].IsNumber() ? of.slotOf(numberOf(given, 0)) : 0;
  });
  offer(object, "nextSlot", book, [](Info given, Of of) {
    const int32_t slot = slotOf(given, of);
    return slot == 0 ? 0 : of.nextSlot(slot);
  });
  offer(object, "lotsAt", book, [](Info given, Of of) {
    const int32_t slot = slotOf(given, of);
    return slot == 0 ? 0 : of.lotsOf(slot);
  });
  offer(object, "aheadOfSlot", book, [](Info given, Of of) {
    const int32_t slot = slotOf(given, of);
    return slot == 0 ? -1 : of.aheadOf(slot);
  });
  offer(object, "writeOrder", book, writeOrder);
  const auto registering = [held](Info given) { return registerMemory(given, held); };
  object.Set("register", Napi::Function::New(info.Env(), registering, "register"));
  return object;
}

}  // namespace

void fillBook(Napi::Env env, Napi::Object door) { door.Set("open", Napi::Function::New(env, open, "open")); }

}  // namespace tickwright
