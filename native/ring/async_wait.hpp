// A thread that sleeps on a word for JavaScript, which goes on meanwhile and gets a promise.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "ring_words.hpp"
#include "shared_memory.hpp"

namespace tickwright::ring {

// One wait at a time; then it is idle and takes the next. It ends before its environment does.
class AsyncWait {
 public:
  struct Job {
    std::shared_ptr<SharedMemory> memory;
    size_t at;
    int32_t expected;
    Nanos timeout;
  };

  // Throws std::system_error where there is no thread to be had.
  explicit AsyncWait(Napi::Env env) : env_(env) {
    const Napi::String name = Napi::String::New(env, "tickwright ring wait");
    const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                                               this, settle, &settled_);
    if (status != napi_ok) throw Napi::Error::New(env, "no function for another thread");
    napi_unref_threadsafe_function(env, settled_);
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      napi_release_threadsafe_function(settled_, napi_tsfn_release);
      throw;
    }
    // Hooks run last first: this one joins the thread before the function that it calls is torn down.
    napi_add_env_cleanup_hook(env, tearDown, this);
  }

  ~AsyncWait() {
    if (isTornDown_) return;
    napi_remove_env_cleanup_hook(env_, tearDown, this);
    stop();
    napi_release_threadsafe_function(settled_, napi_tsfn_release);
  }
  AsyncWait(const AsyncWait&) = delete;
  AsyncWait& operator=(const AsyncWait&) = delete;

  // `whenSettled` runs in JavaScript's thread, before the promise's own callbacks.
  Napi::Promise start(Job job, std::function<void()> whenSettled) {
    deferred_.emplace(Napi::Promise::Deferred::New(env_));
    whenSettled_ = std::move(whenSettled);
    napi_ref_threadsafe_function(env_, settled_);
    {
      const std::lock_guard lock(mutex_);
      job_ = std::move(job);
    }
    changed_.notify_one();
    return deferred_->Promise();
  }

 private:
  // How late it may learn that its environment ends.
  static constexpr Nanos SLICE = std::chrono::milliseconds(50);

  static void tearDown(void* self) {
    auto* wait = static_cast<AsyncWait*>(self);
    wait->stop();
    wait->isTornDown_ = true;
  }

  static void settle(napi_env env, napi_value, void* self, void*) {
    if (env == nullptr) return;
    auto* wait = static_cast<AsyncWait*>(self);
    napi_unref_threadsafe_function(env, wait->settled_);
    const Napi::Promise::Deferred deferred = *wait->deferred_;
    wait->deferred_.reset();
    const double end = static_cast<double>(static_cast<int>(wait->end_));
    const std::function<void()> whenSettled = std::move(wait->whenSettled_);
    try {
      whenSettled();
      deferred.Resolve(Napi::Number::New(env, end));
    } catch (const Napi::Error&) {
      // The environment is ending: nobody is left to hear it, and an exception may not leave a callback of C.
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      isStopped_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  bool isStopped() {
    const std::lock_guard lock(mutex_);
    return isStopped_;
  }

  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return isStopped_ || job_.has_value(); });
      if (isStopped_) return;
      const Job job = std::move(*job_);
      job_.reset();
      lock.unlock();
      const Words words(job.memory->data());
      end_ = WaitEnd::timedOut;
      for (Nanos left = job.timeout; left > Nanos(0) && end_ == WaitEnd::timedOut; left -= SLICE) {
        end_ = words.wait(job.at, job.expected, std::min(left, SLICE));
        if (isStopped()) return;
      }
      if (napi_call_threadsafe_function(settled_, nullptr, napi_tsfn_nonblocking) != napi_ok) return;
    }
  }

  napi_env env_;
  napi_threadsafe_function settled_ = nullptr;
  std::optional<Napi::Promise::Deferred> deferred_;
  std::function<void()> whenSettled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> job_;
  bool isStopped_ = false;
  bool isTornDown_ = false;
  WaitEnd end_ = WaitEnd::timedOut;
  std::thread thread_;
};

}  // namespace tickwright::ring
