// What the unit tests of native code check with: the first thing that does not hold ends the program with exit code 1.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <iostream>

// Whatever the build defines: a check that is compiled out checks nothing.
#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) tickwright::check::fail(__FILE__, __LINE__, #condition);          \
  } while (false)

// As CHECK(a == b), and prints both.
#define CHECK_EQUAL(a, b) tickwright::check::equal(__FILE__, __LINE__, #a " == " #b, (a), (b))

// Holds where the expression throws this type.
#define CHECK_THROWS(expression, type)                                                  \
  do {                                                                                  \
    bool isThrown = false;                                                              \
    try {                                                                               \
      (void)(expression);                                                               \
    } catch (const type&) {                                                             \
      isThrown = true;                                                                  \
    }                                                                                   \
    if (!isThrown) tickwright::check::fail(__FILE__, __LINE__, #expression " throws " #type); \
  } while (false)

namespace tickwright::check {

[[noreturn]] inline void fail(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::fflush(stderr);
  std::_Exit(1);
}

template <typename A, typename B>
void equal(const char* file, int line, const char* what, const A& a, const B& b) {
  if (a == b) return;
  std::cerr << "left " << a << ", right " << b << std::endl;
  fail(file, line, what);
}

}  // namespace tickwright::check
