// The checks themselves. That the build finds what it is there for: test/contract/native-sanitizers.test.ts.
#include "check.hpp"

#include <stdexcept>

int main() {
  CHECK(1 + 1 == 2);
  CHECK_EQUAL(2 * 3, 6);
  CHECK_THROWS(throw std::out_of_range("here"), std::out_of_range);
  return 0;
}
