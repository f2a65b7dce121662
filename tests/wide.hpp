// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Arithmetic in 128 bits, so that tests can say what is exact without asking the library.
namespace wide {

__extension__ typedef __int128 number;

/// floor(a / b), b > 0.
constexpr number floor_div(number a, number b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr number power(int e) { return number{1} << e; }

/// floor(x / 2^s + 1/2); x * 2^-s when s is negative.
constexpr number half_up(number x, int s) {
  return s < 0 ? x * power(-s) : floor_div(2 * x + power(s), power(s + 1));
}

constexpr number clamp(number x, int bits) {
  const number most = power(bits - 1) - 1, least = -power(bits - 1);
  return x < least ? least : x > most ? most : x;
}

/// Two's complement at `bits` bits: what an accumulator without saturation would hold.
constexpr number wrap(number x, int bits) {
  const number y = x - floor_div(x, power(bits)) * power(bits);
  return y >= power(bits - 1) ? y - power(bits) : y;
}

}  // namespace wide
