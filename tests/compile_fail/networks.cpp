// SPDX-License-Identifier: Apache-2.0
//
// The networks of networks.def as users write them.  -DWANT_REFUSED: those that must not compile, all at once;
// -DWANT_ACCEPTED: those that must; -DALONE_<name>=~,1: one of the refused as the only network of the file.
#include "corpus.hpp"

namespace {

using namespace corpus;

#define NETWORK(name, on, ...)                                   \
  constexpr auto name = lnn::describe([](auto& n) {              \
    [[maybe_unused]] constexpr const char* me = #name;           \
    __VA_ARGS__;                                                 \
  });                                                            \
  static_assert(lnn::runs_on<name, lnn::on>);

// 1 where ALONE_<name> is defined as "~,1", else 0
#define SECOND(a, b, ...) b
#define CHOSEN(x) SECOND(x, 0, )
#define JOIN(a, b) JOIN_NOW(a, b)
#define JOIN_NOW(a, b) a##b
#define UNLESS_0(...)
#define UNLESS_1(name, on, ...) NETWORK(name, on, __VA_ARGS__)

#if defined(WANT_REFUSED)
#define REFUSED(name, on, id, actual, limit, ...) NETWORK(name, on, __VA_ARGS__)
#define ACCEPTED(...)
#elif defined(WANT_ACCEPTED)
#define REFUSED(...)
#define ACCEPTED(name, on, ...) NETWORK(name, on, __VA_ARGS__)
#else
#define REFUSED(name, on, id, actual, limit, ...) JOIN(UNLESS_, CHOSEN(ALONE_##name))(name, on, __VA_ARGS__)
#define ACCEPTED(...)
#endif
#include "networks.def"

}  // namespace
