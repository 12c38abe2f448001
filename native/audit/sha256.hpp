// SHA-256 by the process's own OpenSSL 3: its functions are looked up by name, for no header of OpenSSL's is there when
// this is built, and a second copy of it is wanted by nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tickwright {

constexpr std::size_t HASH_BYTES = 32;

class Sha256 {
 public:
  using Find = void* (*)(const char* symbol);

  Sha256() = default;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256() {
    if (context != nullptr) freeContext(context);
    if (algorithm != nullptr) freeAlgorithm(algorithm);
  }

  // Looks up what is needed and fetches the algorithm. Empty where all is well, else what is missing; asked again, it
  // tries again.
  std::string open(Find find) {
    if (isOpen()) return "";
    const std::string missing = resolve(find);
    if (!missing.empty()) return "this process offers no " + missing;
    const unsigned long version = versionNumber();
    // BoringSSL and LibreSSL answer with numbers of their own, and lack functions of version 3 or not.
    if (version < 0x30000000UL || version >= 0x40000000UL) {
      return "OpenSSL_version_num answers " + std::to_string(version) + ", not one of OpenSSL 3";
    }
    if (algorithm == nullptr) algorithm = fetch(nullptr, "SHA256", nullptr);
    if (algorithm == nullptr) return failed("EVP_MD_fetch");
    if (sizeOf(algorithm) != static_cast<int>(HASH_BYTES)) return failed("EVP_MD_get_size");
    context = newContext();
    return context == nullptr ? failed("EVP_MD_CTX_new") : "";
  }

  bool isOpen() const { return context != nullptr; }

  // The three steps of a hash: each says whether the provider did it, and a hash whose step failed is none.
  bool begin() { return isOpen() && initialise(context, algorithm, nullptr) == 1; }
  bool add(const void* bytes, std::size_t length) { return update(context, bytes, length) == 1; }
  bool end(std::uint8_t* hash) {
    unsigned int length = 0;
    return finish(context, hash, &length) == 1 && length == HASH_BYTES;
  }

  // What the provider said of the last failure. It is taken off OpenSSL's queue, where Node would take it for its own.
  std::string failed(const char* step) {
    const unsigned long code = lastError();
    char text[160] = "";
    if (code != 0) errorText(code, text, sizeof text);
    clearErrors();
    return std::string(step) + " failed" + (code == 0 ? "" : ": ") + text;
  }

 private:
  template <typename Function>
  static bool take(Find find, const char* name, Function& into, std::string& missing) {
    if (!missing.empty()) return false;
    into = reinterpret_cast<Function>(find(name));
    if (into == nullptr) missing = name;
    return into != nullptr;
  }

  std::string resolve(Find find) {
    std::string missing;
    take(find, "OpenSSL_version_num", versionNumber, missing);
    take(find, "EVP_MD_fetch", fetch, missing);
    take(find, "EVP_MD_free", freeAlgorithm, missing);
    take(find, "EVP_MD_get_size", sizeOf, missing);
    take(find, "EVP_MD_CTX_new", newContext, missing);
    take(find, "EVP_MD_CTX_free", freeContext, missing);
    take(find, "EVP_DigestInit_ex2", initialise, missing);
    take(find, "EVP_DigestUpdate", update, missing);
    take(find, "EVP_DigestFinal_ex", finish, missing);
    take(find, "ERR_peek_last_error", lastError, missing);
    take(find, "ERR_error_string_n", errorText, missing);
    take(find, "ERR_clear_error", clearErrors, missing);
    return missing;
  }

  unsigned long (*versionNumber)() = nullptr;
  void* (*fetch)(void* library, const char* algorithm, const char* properties) = nullptr;
  void (*freeAlgorithm)(void* algorithm) = nullptr;
  int (*sizeOf)(const void* algorithm) = nullptr;
  void* (*newContext)() = nullptr;
  void (*freeContext)(void* context) = nullptr;
  int (*initialise)(void* context, const void* algorithm, const void* parameters) = nullptr;
  int (*update)(void* context, const void* bytes, std::size_t length) = nullptr;
  int (*finish)(void* context, unsigned char* hash, unsigned int* length) = nullptr;
  unsigned long (*lastError)() = nullptr;
  void (*errorText)(unsigned long code, char* text, std::size_t length) = nullptr;
  void (*clearErrors)() = nullptr;

  void* algorithm = nullptr;
  void* context = nullptr;
};

}  // namespace tickwright
