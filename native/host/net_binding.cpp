// The door `net`: a socket's options, datagrams into a ring by a thread of ours, and what an interface stamps.
#include <memory>
#include <utility>

#include "arguments.hpp"
#include "binding.hpp"
#include "interface_stamps.hpp"
#include "multicast.hpp"
#include "ring/ring.hpp"
#include "socket_options.hpp"

namespace tickwright {

static const SocketOption& optionAt(const Napi::CallbackInfo& info, size_t at) {
  const SocketOption* option = findSocketOption(textAt(info, at).c_str());
  if (option == nullptr) throw wrongArgument(info, at, "an option that this system has");
  return *option;
}

// (fd, name, value)
static Napi::Value setOption(const Napi::CallbackInfo& info) {
  const SocketOption& option = optionAt(info, 1);
  return numberOf(info, setSocketOption(int32At(info, 0), option, int32At(info, 2)));
}

// (fd, name, into) -> 0 or -errno
static Napi::Value getOption(const Napi::CallbackInfo& info) {
  const SocketOption& option = optionAt(info, 1);
  return numberOf(info, getSocketOption(int32At(info, 0), option, int32sAt(info, 2, 1).data[0]));
}

static Napi::Value optionNames(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  uint32_t at = 0;
  for (const SocketOption& option : SOCKET_OPTIONS) names.Set(at++, option.name);
  return names;
}

// A function with nothing to look up, for a call behind every read: (fd) arms TCP_QUICKACK again.
static Napi::Value armQuickAck(const Napi::CallbackInfo& info) {
  const SocketOption* option = findSocketOption("quickAck");
  return numberOf(info, option == nullptr ? -ENOSYS : setSocketOption(int32At(info, 0), *option, 1));
}

// (name, into: software, hardware receive, hardware send, hardware on, PHC)
static Napi::Value readInterface(const Napi::CallbackInfo& info) {
  const Cells<int32_t> into = int32sAt(info, 1, 5);
  InterfaceStamps found;
  const int code = interfaceStamps(textAt(info, 0), found);
  const int figures[] = {found.hasSoftwareReceive, found.hasHardwareReceive, found.hasHardwareSend,
                         found.isHardwareReceiveOn, found.phc};
  for (size_t at = 0; at < 5; at++) into.data[at] = figures[at];
  return numberOf(info, code);
}

static Napi::Value trouble(const Napi::CallbackInfo& info, int code, const char* step) {
  Napi::Object found = Napi::Object::New(info.Env());
  found.Set("code", code);
  found.Set("step", step);
  return found;
}

#ifdef __linux__

using Receiver = MulticastReceiver<ring::SingleProducer>;

// A receiver, the ring's memory that it writes, and the end of the environment, before which its thread ends.
class ReceiverDoor {
 public:
  ReceiverDoor(Napi::Env env, std::unique_ptr<ring::SingleProducer> producer, Napi::Value memory)
      : env_(env),
        receiver_(std::move(producer)),
        memory_(Napi::Reference<Napi::Value>::New(memory, 1)) {
    napi_add_env_cleanup_hook(env_, endWithEnvironment, this);
  }
  ReceiverDoor(const ReceiverDoor&) = delete;
  ReceiverDoor& operator=(const ReceiverDoor&) = delete;
  ~ReceiverDoor() {
    if (!hasEnded_) napi_remove_env_cleanup_hook(env_, endWithEnvironment, this);
    stop();
  }

  Receiver& receiver() { return receiver_; }

  void stop() {
    receiver_.stop();
    memory_.Reset();
  }

 private:
  static void endWithEnvironment(void* door) {
    auto* self = static_cast<ReceiverDoor*>(door);
    self->hasEnded_ = true;
    self->stop();
  }

  napi_env env_;
  Receiver receiver_;
  Napi::Reference<Napi::Value> memory_;
  bool hasEnded_ = false;
};

// (into: datagrams, bytes, dropped by ring, by kernel, truncated, calls, empty calls, hardware stamps, errno)
static Napi::Value readReceiver(const Napi::CallbackInfo& info) {
  constexpr size_t FIGURES = 9;
  const Cells<double> into = doublesAt(info, 0, FIGURES);
  const Receiver& receiver = boundTo<ReceiverDoor>(info)->receiver();
  const MulticastCounts& counts = receiver.counts();
  const auto number = [](const std::atomic<uint64_t>& count) { return static_cast<double>(count.load()); };
  const double figures[FIGURES] = {number(counts.datagrams),
                                   number(counts.bytes),
                                   number(counts.ringDrops),
                                   static_cast<double>(receiver.kernelDrops()),
                                   number(counts.truncated),
                                   number(counts.calls),
                                   number(counts.emptyCalls),
                                   number(counts.hardwareStamped),
                                   static_cast<double>(counts.ended.load())};
  for (size_t at = 0; at < FIGURES; at++) into.data[at] = figures[at];
  return numberOf(info, 0);
}

static Napi::Value stopReceiver(const Napi::CallbackInfo& info) {
  boundTo<ReceiverDoor>(info)->stop();
  return info.Env().Undefined();
}

static std::vector<std::string> textsAt(const Napi::CallbackInfo& info, size_t at) {
  if (at >= info.Length() || !info[at].IsArray()) throw wrongArgument(info, at, "an array of strings");
  const Napi::Array array = info[at].As<Napi::Array>();
  std::vector<std::string> texts;
  for (uint32_t each = 0; each < array.Length(); each++) {
    const Napi::Value text = array.Get(each);
    if (!text.IsString()) throw wrongArgument(info, at, "an array of strings");
    texts.push_back(text.As<Napi::String>().Utf8Value());
  }
  return texts;
}

// Of shared memory: it cannot be taken away while a thread writes there.
static bool isShared(const Napi::CallbackInfo& info, size_t at) {
  napi_value buffer = nullptr;
  bool isOwned = true;
  napi_get_typedarray_info(info.Env(), info[at], nullptr, nullptr, nullptr, &buffer, nullptr);
  napi_is_arraybuffer(info.Env(), buffer, &isOwned);
  return !isOwned;
}

// (ring's memory, groups as group, interface, source …, figures: port, buffer, busy poll, batch, spinning, hardware, CPU)
static Napi::Value openReceiver(const Napi::CallbackInfo& info) {
  constexpr unsigned BATCH_MAX = 1024;
  const Cells<uint8_t> memory = bytesAt(info, 0, 1);
  const std::vector<std::string> texts = textsAt(info, 1);
  const Cells<int32_t> figures = int32sAt(info, 2, 7);
  if (!isShared(info, 0)) throw wrongArgument(info, 0, "a view of a SharedArrayBuffer");
  MulticastOptions options;
  for (size_t at = 0; at + 2 < texts.size(); at += 3) {
    options.groups.push_back({texts[at], texts[at + 1], texts[at + 2]});
  }
  options.port = static_cast<uint16_t>(figures.data[0]);
  options.receiveBufferBytes = figures.data[1];
  options.busyPollUs = figures.data[2];
  options.batch = static_cast<unsigned>(figures.data[3]);
  options.isSpinning = figures.data[4] != 0;
  options.hasHardwareStamps = figures.data[5] != 0;
  options.cpu = figures.data[6];
  if (options.batch < 1 || options.batch > BATCH_MAX) return trouble(info, -EINVAL, "batch");
  std::unique_ptr<ring::SingleProducer> producer;
  try {
    producer = std::make_unique<ring::SingleProducer>(memory.data, memory.length);
  } catch (const ring::Error& error) {
    return trouble(info, error.kind() == ring::Error::Kind::input ? -EBUSY : -EINVAL, "ring");
  }
  if (producer->layout().shape().slotBytes <= DATAGRAM_HEADER_BYTES) return trouble(info, -EMSGSIZE, "ring");
  auto door = std::make_shared<ReceiverDoor>(info.Env(), std::move(producer), info[0]);
  if (const MulticastTrouble found = door->receiver().start(options); found.code < 0) {
    return trouble(info, found.code, found.step);
  }
  Napi::Object functions = Napi::Object::New(info.Env());
  functions.Set("receiveBufferBytes", door->receiver().socket().receiveBufferBytes());
  functions.Set("read", boundFunction(info.Env(), readReceiver, "read", door));
  functions.Set("stop", boundFunction(info.Env(), stopReceiver, "stop", door));
  return functions;
}

// (bytes, length of each)
static Napi::Value sendMany(const Napi::CallbackInfo& info) {
  const Cells<uint8_t> bytes = bytesAt(info, 0, 0);
  const int32_t each = int32At(info, 1);
  if (each < 1) return numberOf(info, -EINVAL);
  const int64_t sent = boundTo<MulticastSender>(info)->send(bytes.data, bytes.length, static_cast<size_t>(each));
  return numberOf(info, static_cast<double>(sent));
}

static Napi::Value stopSender(const Napi::CallbackInfo& info) {
  boundTo<MulticastSender>(info)->stop();
  return info.Env().Undefined();
}

// (group, interface, port, time to live)
static Napi::Value openSender(const Napi::CallbackInfo& info) {
  auto sender = std::make_shared<MulticastSender>();
  const MulticastGroup group{textAt(info, 0), textAt(info, 1), ""};
  const MulticastTrouble found = sender->open(group, static_cast<uint16_t>(int32At(info, 2)), int32At(info, 3));
  if (found.code < 0) return trouble(info, found.code, found.step);
  Napi::Object functions = Napi::Object::New(info.Env());
  functions.Set("send", boundFunction(info.Env(), sendMany, "send", sender));
  functions.Set("stop", boundFunction(info.Env(), stopSender, "stop", sender));
  return functions;
}

#else

static Napi::Value openReceiver(const Napi::CallbackInfo& info) { return trouble(info, -ENOSYS, "socket"); }
static Napi::Value openSender(const Napi::CallbackInfo& info) { return trouble(info, -ENOSYS, "socket"); }

#endif

void fillNet(Napi::Env env, Napi::Object door) {
  const auto add = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    door.Set(name, Napi::Function::New(env, call, name));
  };
  add("optionNames", optionNames);
  add("setOption", setOption);
  add("getOption", getOption);
  add("armQuickAck", armQuickAck);
  add("localPort", [](const Napi::CallbackInfo& info) { return numberOf(info, localPort(int32At(info, 0))); });
  add("interfaceStamps", readInterface);
  add("openReceiver", openReceiver);
  add("openSender", openSender);
}

}  // namespace tickwright
