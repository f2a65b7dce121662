// SPDX-License-Identifier: Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

// The folders are told at run time, by this object alone: the other objects of the tests hold no path and can be
// shared by all clones through a compiler cache.
int main(int argc, char** argv) {
  setenv("LNN_TESTS_DIR", LNN_TESTS_DIR, 0);
#ifdef LNN_SHARED
  setenv("LNN_SHARED", LNN_SHARED, 0);
#endif
  return doctest::Context(argc, argv).run();
}
