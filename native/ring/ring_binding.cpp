// The door `ring`: memory that processes share and waits on it, and the C++ body by batches.
#include "binding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>
#include <vector>

#include "ring/async_wait.hpp"
#include "ring/ring.hpp"
#include "ring/ring_memory.hpp"

namespace tickwright {

using namespace ring;

namespace {

constexpr napi_type_tag MEMORY_TAG = {0x7d1c5b0a94e34f1eULL, 0x9b02c6f5a8d7e341ULL};
constexpr size_t ASYNC_WAITS_MAX = 256;

// An argument that is an integer within bounds; what is none gives -1.
int64_t integerAt(const Napi::CallbackInfo& info, size_t at, int64_t most) {
  if (info.Length() <= at || !info[at].IsNumber()) return -1;
  const double value = info[at].As<Napi::Number>().DoubleValue();
  if (!(value >= 0) || value > static_cast<double>(most) || std::trunc(value) != value) return -1;
  return static_cast<int64_t>(value);
}

std::string textAt(const Napi::CallbackInfo& info, size_t at) {
  return info.Length() > at && info[at].IsString() ? info[at].As<Napi::String>().Utf8Value() : std::string();
}

bool isTrueAt(const Napi::CallbackInfo& info, size_t at) {
  return info.Length() > at && info[at].IsBoolean() && info[at].As<Napi::Boolean>().Value();
}

Napi::Error faultOf(Napi::Env env, const ring::Error& error) {
  Napi::Error fault = Napi::Error::New(env, error.what());
  fault.Set("code", Napi::String::New(env, error.code()));
  return fault;
}

Napi::Error inputFault(Napi::Env env, const char* what) {
  return faultOf(env, ring::Error(ring::Error::Kind::input, what));
}

Nanos nanosOf(double milliseconds) {
  if (!(milliseconds > 0)) return Nanos(0);
  // A year is as good as for ever.
  return Nanos(static_cast<int64_t>(std::min(milliseconds, 3.2e10) * 1e6));
}

// Whether JavaScript can no longer run there.
bool isEnding(napi_env env) {
  const Napi::HandleScope scope(env);
  napi_value global = nullptr;
  bool isThere = false;
  if (napi_get_global(env, &global) != napi_ok) return true;
  return napi_has_named_property(env, global, "Object", &isThere) != napi_ok;
}

// A buffer over a mapping. `transfer` moves its memory to another buffer, which may go to another thread and outlive the
// environment; at its end Node says that the memory is free all the same, and nothing tells whether it was moved. So a
// mapping that is let go then keeps its addresses, without the ring's memory behind them.
Napi::ArrayBuffer lend(Napi::Env env, const std::shared_ptr<SharedMemory>& memory, size_t bytes) {
  auto* keep = new std::shared_ptr<SharedMemory>(memory);
  const auto letGo = [](Napi::Env from, void*, std::shared_ptr<SharedMemory>* kept) {
    if (isEnding(from)) (*kept)->keepAddresses();
    delete kept;
  };
  return Napi::ArrayBuffer::New(env, memory->data(), bytes, letGo, keep);
}

// Memory that processes share.
class MemoryObject : public Napi::ObjectWrap<MemoryObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "RingMemory",
                       {
                           InstanceMethod<&MemoryObject::create>("create"),
                           InstanceMethod<&MemoryObject::attachFd>("attachFd"),
                           InstanceMethod<&MemoryObject::attachPath>("attachPath"),
                           InstanceMethod<&MemoryObject::buffer>("buffer"),
                           InstanceMethod<&MemoryObject::fd>("fd"),
                           InstanceMethod<&MemoryObject::isSealed>("isSealed"),
                           InstanceMethod<&MemoryObject::pages>("pages"),
                           InstanceMethod<&MemoryObject::publish>("publish"),
                           InstanceMethod<&MemoryObject::unpublish>("unpublish"),
                           InstanceMethod<&MemoryObject::closeFile>("closeFile"),
                           InstanceMethod<&MemoryObject::wait>("wait"),
                           InstanceMethod<&MemoryObject::waitAsync>("waitAsync"),
                           InstanceMethod<&MemoryObject::notify>("notify"),
                       });
  }

  // Maps nothing: `create` or one of the `attach` follows, once.
  explicit MemoryObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<MemoryObject>(info), memory_(std::make_shared<SharedMemory>()) {
    Value().TypeTag(&MEMORY_TAG);
  }

  const std::shared_ptr<SharedMemory>& memory() const { return memory_; }
  size_t bytes() const { return bytes_; }

 private:
  // (bytes, folder, wantsHuge): zeroed memory of that size; 0 or -errno.
  Napi::Value create(const Napi::CallbackInfo& info) {
    const int64_t bytes = integerAt(info, 0, int64_t{1} << 32);
    if (bytes < 8 || bytes_ != 0) throw inputFault(info.Env(), "a size, once");
    const int failed = memory_->create(static_cast<size_t>(bytes), textAt(info, 1).c_str(), isTrueAt(info, 2));
    if (failed == 0) {
      bytes_ = static_cast<size_t>(bytes);
      memory_->prefault();
    }
    return Napi::Number::New(info.Env(), failed);
  }

  Napi::Value attachFd(const Napi::CallbackInfo& info) {
    const int64_t fd = integerAt(info, 0, std::numeric_limits<int>::max());
    return attached(info, bytes_ != 0 ? -EINVAL : memory_->attach(static_cast<int>(fd)));
  }

  Napi::Value attachPath(const Napi::CallbackInfo& info) {
    return attached(info, bytes_ != 0 ? -EINVAL : memory_->attach(textAt(info, 0).c_str()));
  }

  // 0, -errno, or in words why it is no ring's.
  Napi::Value attached(const Napi::CallbackInfo& info, int failed) {
    if (failed != 0) return Napi::Number::New(info.Env(), failed);
    try {
      bytes_ = Layout::read(memory_->data(), memory_->bytes()).bytes();
      memory_->prefault();
      return Napi::Number::New(info.Env(), 0);
    } catch (const ring::Error& error) {
      memory_ = std::make_shared<SharedMemory>();
      return Napi::String::New(info.Env(), error.what());
    }
  }

  // The memory as an ArrayBuffer, which holds the mapping for as long as JavaScript sees it: the same one while it lives.
  Napi::Value buffer(const Napi::CallbackInfo& info) {
    if (bytes_ == 0) throw inputFault(info.Env(), "memory that is mapped");
    if (!buffer_.IsEmpty()) {
      const Napi::Object lent = buffer_.Value();
      if (!lent.IsEmpty()) return lent;
    }
    const Napi::ArrayBuffer made = lend(info.Env(), memory_, bytes_);
    buffer_ = Napi::Weak(made.As<Napi::Object>());
    return made;
  }

  Napi::Value fd(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), memory_->fd()); }
  Napi::Value isSealed(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), memory_->isSealed());
  }
  Napi::Value pages(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<int>(memory_->pages()));
  }
  Napi::Value publish(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), memory_->publish(textAt(info, 0).c_str()));
  }
  Napi::Value unpublish(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), memory_->unpublish(textAt(info, 0).c_str()));
  }
  void closeFile(const Napi::CallbackInfo&) { memory_->closeFile(); }

  // Whether (word, expected) name a word of the ring.
  bool readWord(const Napi::CallbackInfo& info, size_t& at, int32_t& expected) const {
    const int64_t word = integerAt(info, 0, static_cast<int64_t>(bytes_ / 4) - 1);
    if (word < 0 || info.Length() < 2 || !info[1].IsNumber()) return false;
    at = static_cast<size_t>(word);
    expected = info[1].As<Napi::Number>().Int32Value();
    return true;
  }

  static Nanos timeoutOf(const Napi::CallbackInfo& info) {
    return nanosOf(info.Length() > 2 && info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : 0);
  }

  Napi::Value wait(const Napi::CallbackInfo& info) {
    size_t at = 0;
    int32_t expected = 0;
    if (!readWord(info, at, expected)) throw inputFault(info.Env(), "a word of the ring");
    const std::shared_ptr<SharedMemory> keep = memory_;
    const WaitEnd end = Words(keep->data()).wait(at, expected, timeoutOf(info));
    return Napi::Number::New(info.Env(), static_cast<int>(end));
  }

  Napi::Value waitAsync(const Napi::CallbackInfo& info) {
    size_t at = 0;
    int32_t expected = 0;
    if (!readWord(info, at, expected)) throw inputFault(info.Env(), "a word of the ring");
    if (idle_.empty()) {
      if (waits_.size() >= ASYNC_WAITS_MAX) return Napi::Number::New(info.Env(), -EAGAIN);
      try {
        waits_.push_back(std::make_unique<AsyncWait>(info.Env()));
      } catch (const std::system_error&) {
        return Napi::Number::New(info.Env(), -EAGAIN);
      }
      idle_.push_back(waits_.back().get());
    }
    AsyncWait* wait = idle_.back();
    idle_.pop_back();
    Ref();
    return wait->start({memory_, at, expected, timeoutOf(info)}, [this, wait] {
      idle_.push_back(wait);
      Unref();
    });
  }

  void notify(const Napi::CallbackInfo& info) {
    const int64_t at = integerAt(info, 0, static_cast<int64_t>(bytes_ / 4) - 1);
    if (at < 0) throw inputFault(info.Env(), "a word of the ring");
    Words(memory_->data()).notify(static_cast<size_t>(at));
  }

  std::shared_ptr<SharedMemory> memory_;
  size_t bytes_ = 0;
  Napi::ObjectReference buffer_;
  std::vector<std::unique_ptr<AsyncWait>> waits_;
  std::vector<AsyncWait*> idle_;
};

// What every body stands on: the bytes, and the typed array that holds them.
class Held {
 public:
  Held(Napi::Env env, const Napi::Value& value) : bytes_(ringBytesOf(value)) {
    if (bytes_.data == nullptr) throw inputFault(env, "a view of a SharedArrayBuffer, or a ring's memory");
    reference_ = Napi::Persistent(value.As<Napi::Object>());
  }
  void* data() const { return bytes_.data; }
  size_t bytes() const { return bytes_.bytes; }

 private:
  RingBytes bytes_;
  Napi::ObjectReference reference_;
};

struct Cells {
  std::byte* data = nullptr;
  size_t bytes = 0;
};

Cells cellsAt(const Napi::CallbackInfo& info, size_t at) {
  if (info.Length() <= at || !info[at].IsTypedArray()) return {};
  const auto array = info[at].As<Napi::TypedArray>();
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(info.Env(), array, &type, &length, &data, nullptr, nullptr) != napi_ok) return {};
  return {static_cast<std::byte*>(data), length * array.ElementSize()};
}

// Copies `count` messages between an array and consecutive slots.
template <typename Copy>
void copyRuns(const Layout& layout, uint32_t first, uint32_t count, Copy copy) {
  const uint32_t before = std::min(count, layout.shape().capacity - first);
  const size_t slotBytes = layout.shape().slotBytes;
  copy(first, 0, before * slotBytes);
  if (count > before) copy(0, before * slotBytes, (count - before) * slotBytes);
}

// (memory, takeOver, batch, look): of a ring of one producer or of several.
class ProducerObject : public Napi::ObjectWrap<ProducerObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "RingProducer",
                       {
                           InstanceMethod<&ProducerObject::send>("send"),
                           InstanceMethod<&ProducerObject::flush>("flush"),
                           InstanceMethod<&ProducerObject::close>("close"),
                       });
  }

  explicit ProducerObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<ProducerObject>(info), held_(info.Env(), info[0]) {
    ProducerOptions options;
    options.takeOver = isTrueAt(info, 1);
    if (info.Length() > 2) options.batch = static_cast<uint32_t>(std::max<int64_t>(0, integerAt(info, 2, 65536)));
    if (info.Length() > 3) options.look = static_cast<uint32_t>(std::max<int64_t>(0, integerAt(info, 3, 65536)));
    try {
      if (Ring(held_.data(), held_.bytes()).layout().shape().isMulti)
        body_.emplace<MultiProducer>(held_.data(), held_.bytes());
      else body_.emplace<SingleProducer>(held_.data(), held_.bytes(), options);
    } catch (const ring::Error& error) {
      throw faultOf(info.Env(), error);
    }
  }

 private:
  // (cells, count): all of them or, where there is no room, none; says how many.
  Napi::Value send(const Napi::CallbackInfo& info) {
    const Cells cells = cellsAt(info, 0);
    const int64_t count = integerAt(info, 1, CAPACITY_MAX);
    uint32_t sent = 0;
    std::visit([&](auto& body) { sent = sendBy(info.Env(), body, cells, count); }, body_);
    return Napi::Number::New(info.Env(), sent);
  }

  static uint32_t sendBy(Napi::Env env, std::monostate&, const Cells&, int64_t) {
    throw inputFault(env, "a producer that was opened");
  }

  template <typename Producer>
  static uint32_t sendBy(Napi::Env env, Producer& producer, const Cells& cells, int64_t count) {
    const Layout& layout = producer.layout();
    const size_t slotBytes = layout.shape().slotBytes;
    if (producer.state() != State::open) {
      throw faultOf(env, ring::Error(ring::Error::Kind::expired, "a producer that was not closed"));
    }
    if (count < 1 || count > layout.shape().capacity || static_cast<size_t>(count) * slotBytes > cells.bytes) {
      throw inputFault(env, "as many messages as the ring and the cells have");
    }
    const auto most = static_cast<uint32_t>(count);
    const int64_t slot = producer.claim(most);
    if (slot < 0) return 0;
    copyRuns(layout, static_cast<uint32_t>(slot), most, [&](uint32_t at, size_t from, size_t bytes) {
      std::memcpy(producer.slot(at), cells.data + from, bytes);
    });
    producer.commit();
    return most;
  }

  void flush(const Napi::CallbackInfo&) {
    if (auto* body = std::get_if<SingleProducer>(&body_)) body->flush();
  }
  void close(const Napi::CallbackInfo&) {
    if (auto* body = std::get_if<SingleProducer>(&body_)) body->close();
  }

  Held held_;
  std::variant<std::monostate, SingleProducer, MultiProducer> body_;
};

// (memory, index, takeOver); without an index one that joins.
class ConsumerObject : public Napi::ObjectWrap<ConsumerObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "RingConsumer",
                       {
                           InstanceMethod<&ConsumerObject::index>("index"),
                           InstanceMethod<&ConsumerObject::available>("available"),
                           InstanceMethod<&ConsumerObject::receive>("receive"),
                           InstanceMethod<&ConsumerObject::close>("close"),
                           InstanceMethod<&ConsumerObject::leave>("leave"),
                       });
  }

  explicit ConsumerObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<ConsumerObject>(info), held_(info.Env(), info[0]) {
    try {
      if (info.Length() > 1 && info[1].IsNumber()) {
        const int64_t index = integerAt(info, 1, CONSUMERS_MAX);
        body_.emplace(held_.data(), held_.bytes(), static_cast<uint32_t>(std::max<int64_t>(index, -1)),
                      isTrueAt(info, 2));
        return;
      }
      const Ring ring(held_.data(), held_.bytes());
      if (const auto joined = ring.join()) body_.emplace(ring, *joined);
    } catch (const ring::Error& error) {
      throw faultOf(info.Env(), error);
    }
  }

 private:
  // Its place; -1 where none was free to join.
  Napi::Value index(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), body_ ? static_cast<double>(body_->index()) : -1);
  }

  Napi::Value available(const Napi::CallbackInfo& info) {
    const uint32_t there = body_ ? body_->available() : 0;
    checkOpen(info.Env());
    return Napi::Number::New(info.Env(), there);
  }

  // (cells, most): copies and releases as many as there are, fit and are asked for; says how many.
  Napi::Value receive(const Napi::CallbackInfo& info) {
    const Cells cells = cellsAt(info, 0);
    const int64_t most = integerAt(info, 1, CAPACITY_MAX);
    if (most < 0) throw inputFault(info.Env(), "how many messages at most");
    const uint32_t there = body_ ? body_->available() : 0;
    checkOpen(info.Env());
    const Layout& layout = body_->layout();
    const size_t fit = cells.bytes / layout.shape().slotBytes;
    const auto count = static_cast<uint32_t>(std::min<uint64_t>({there, fit, static_cast<uint64_t>(most)}));
    if (count == 0) return Napi::Number::New(info.Env(), 0);
    const size_t slotBytes = layout.shape().slotBytes;
    copyRuns(layout, body_->slot(), count, [&](uint32_t at, size_t to, size_t bytes) {
      std::memcpy(cells.data + to, body_->slots() + at * slotBytes, bytes);
    });
    body_->release(count);
    checkOpen(info.Env());
    return Napi::Number::New(info.Env(), count);
  }

  void close(const Napi::CallbackInfo&) {
    if (body_) body_->close();
  }
  void leave(const Napi::CallbackInfo&) {
    if (body_) body_->leave();
  }

  void checkOpen(Napi::Env env) const {
    if (body_ && body_->state() == State::open) return;
    const char* expected = "a consumer that was not closed, removed or taken over";
    throw faultOf(env, ring::Error(ring::Error::Kind::expired, expected));
  }

  Held held_;
  std::optional<Consumer> body_;
};

}  // namespace

RingBytes ring::ringBytesOf(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    napi_value buffer = nullptr;
    const auto array = value.As<Napi::TypedArray>();
    if (napi_get_typedarray_info(value.Env(), value, &type, &length, &data, &buffer, nullptr) != napi_ok) return {};
    bool isDetachable = true;
    if (napi_is_arraybuffer(value.Env(), buffer, &isDetachable) != napi_ok || isDetachable) return {};
    return {data, length * array.ElementSize(), nullptr};
  }
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&MEMORY_TAG)) return {};
  const MemoryObject* object = MemoryObject::Unwrap(value.As<Napi::Object>());
  return {object->memory()->data(), object->bytes(), object->memory()};
}

// (memory, index): ends a consumer's gating; says whether it gated.
static Napi::Value retireConsumer(const Napi::CallbackInfo& info) {
  const RingBytes bytes = ringBytesOf(info[0]);
  if (bytes.data == nullptr) throw inputFault(info.Env(), "a view of a SharedArrayBuffer, or a ring's memory");
  try {
    const int64_t index = integerAt(info, 1, CONSUMERS_MAX);
    const Ring ring(bytes.data, bytes.bytes);
    return Napi::Boolean::New(info.Env(), index >= 0 && ring.retire(static_cast<uint32_t>(index)));
  } catch (const ring::Error& error) {
    throw faultOf(info.Env(), error);
  }
}

// (path): 1 where a process has it open as a ring, 0 where none has, -errno.
static Napi::Value isOpenElsewhere(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), SharedMemory::isOpenElsewhere(textAt(info, 0).c_str()));
}

void fillRing(Napi::Env env, Napi::Object door) {
  door.Set("RingMemory", MemoryObject::define(env));
  door.Set("RingProducer", ProducerObject::define(env));
  door.Set("RingConsumer", ConsumerObject::define(env));
  door.Set("retireConsumer", Napi::Function::New<retireConsumer>(env, "retireConsumer"));
  door.Set("isOpenElsewhere", Napi::Function::New<isOpenElsewhere>(env, "isOpenElsewhere"));
}

}  // namespace tickwright
