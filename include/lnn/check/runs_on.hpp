// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>

#include "check.hpp"
#include "pieces.hpp"

namespace lnn {

namespace detail {

template <const auto& Net>
constexpr std::size_t problem_count() {
  verdict found;
  check_network(Net.view(), found);
  return found.refused().size();
}

/// A survey as a constant.
template <class Ops, survey_size Room, std::size_t Problems>
struct constant_survey {
  graph_view<Ops> net;
  std::array<limit::operand, Room.tensors> tensors{};
  std::array<surveyed_layer, Room.layers> layers{};
  std::array<finding, Problems> problems{};
  survey_size needed{};
  survey_sums sums{};

  [[nodiscard]] constexpr survey_view<Ops> view() const {
    return {net, tensors, std::span(layers).first(needed.layers), problems, sums};
  }
};
template <const auto& Net, survey_size Room>
constexpr auto survey_in = [] {
  constant_survey<typename std::remove_cvref_t<decltype(Net)>::ops, Room, problem_count<Net>()> all{Net.view()};
  all.needed = take_survey(all.net, Room, all.tensors.data(), all.layers.data(), all.sums);
  if constexpr (all.problems.size() > 0) {
    verdict found;
    check_network(all.net, found);
    for (std::size_t i = 0; i < all.problems.size(); ++i) all.problems[i] = found.refused()[i];
  }
  return all;
}();

/// Taken once for all chips.
template <const auto& Net>
constexpr const auto& surveyed() {
  constexpr survey_size room = likely_room(Net.view());
  if constexpr (survey_in<Net, room>.needed.tensors <= room.tensors) return survey_in<Net, room>;
  else return survey_in<Net, survey_in<Net, room>.needed>;
}

/// check() of a network that is a constant.
template <const auto& Net, const chip& On>
constexpr verdict check_constant() {
  return check(surveyed<Net>().view(), On);
}

}  // namespace detail

/// True when a network fits a chip.  For `static_assert(lnn::runs_on<net, lnn::venus>)`, which says more, see runs_on.
template <const auto& Net, const chip& On>
inline constexpr bool fits = detail::check_constant<Net, On>().clean();

/// A string as a template argument.  Every element is written, the terminator too: clang prints numbers otherwise.
template <std::size_t Length>
struct say {
  char words[Length + 1];
  constexpr explicit say(std::string_view from) {
    for (std::size_t i = 0; i <= Length; ++i) words[i] = i < Length ? from[i] : '\0';
  }
};

/// Declared and never defined: its name and its arguments are the message of the compiler.
template <say... Sentence>
struct network_does_not_fit;

namespace detail {

template <const auto& Net, const chip& On>
constexpr std::size_t broken_count() {
  return check_constant<Net, On>().refused().size();
}
/// Everything that a network breaks, as an array: asked once, read by every complaint.
template <const auto& Net, const chip& On>
constexpr auto broken_rules = [] {
  std::array<finding, broken_count<Net, On>()> all{};
  const verdict found = check_constant<Net, On>();
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = found.refused()[i];
  return all;
}();

/// One broken rule: a class whose definition is an error.
#if __cpp_static_assert >= 202306L
template <const auto& Net, const chip& On, std::size_t I>
struct complaint {
  static constexpr auto sentence = broken_rules<Net, On>[I].sentence(On.name);
  static constexpr bool network_fits = I >= broken_count<Net, On>();
  static_assert(network_fits, sentence.view());
};
#else
template <const auto& Net, const chip& On, std::size_t I>
constexpr pieces said = pieces_of(broken_rules<Net, On>[I], On.name);

template <const auto& Said, class = std::make_index_sequence<Said.size()>>
struct spelled;
template <const auto& Said, std::size_t... Piece>
struct spelled<Said, std::index_sequence<Piece...>> {
  char stop[sizeof(network_does_not_fit<say<Said[Piece].length>{Said[Piece].view()}...>)];
};
template <const auto& Net, const chip& On, std::size_t I>
using complaint = spelled<said<Net, On, I>>;
#endif

// Base classes: all of them are defined whatever becomes of the first, and `done` stays true, so that nothing that asks
// is an error of its own.
template <const auto& Net, const chip& On, class = std::make_index_sequence<broken_count<Net, On>()>>
struct inspection;
template <const auto& Net, const chip& On, std::size_t... I>
struct inspection<Net, On, std::index_sequence<I...>> : complaint<Net, On, I>... {
  static constexpr bool done = true;
};

}  // namespace detail

/// True, or one error of the compiler for every broken rule, which says layer, rule, value, limit, chip and the nearest
/// legal change:
///
///     static_assert(lnn::runs_on<net, lnn::venus>);
///
/// The network must have a name at namespace scope or be static.  To ask without failing: fits, check.
template <const auto& Net, const chip& On>
inline constexpr bool runs_on = detail::inspection<Net, On>::done;

}  // namespace lnn
