// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../chip/chip.hpp"
#include "../tensor/dtype.hpp"

/// model.bin, the file that the chips' engine loads: what its numbers mean and how large its structs are.  Little-endian,
/// sections behind each other in a fixed order, each padded to 16 bytes.
namespace lnn::model {

/// Where a tensor lies; the numbers are those of the file.
enum class memory_kind : std::uint8_t { flash = 0, psram = 1, share = 2 };
inline constexpr std::size_t memory_kinds = 3;
[[nodiscard]] constexpr std::string_view name_of(memory_kind k) {
  constexpr std::string_view names[] = {"flash", "psram", "share-mem"};
  return names[static_cast<std::size_t>(k)];
}

/// Order of the elements of a tensor.  Activations are nchw or, with height and width exchanged, ncwh; weights as well, or
/// packed (layout.hpp).
enum class layout : std::uint8_t { nchw = 0, nhwc = 1, ncwh = 2, nhwc8 = 3, nwhc8 = 4, nhwc16 = 5, whcn = 6 };
[[nodiscard]] constexpr std::string_view name_of(layout l) {
  constexpr std::string_view names[] = {"nchw", "nhwc", "ncwh", "nhwc8", "nwhc8", "nhwc16", "whcn"};
  return names[static_cast<std::size_t>(l)];
}

/// Element types are a letter and a number of bytes: 'i' << 8 | 1 is int8.
inline constexpr std::uint16_t old_int4 = 0x6801;  ///< how files before 3.0 wrote 4-bit elements
[[nodiscard]] constexpr std::optional<dtype> dtype_of_code(std::uint16_t code) {
  switch (code) {
    case 0x6900:
    case old_int4: return dtype::int4;
    case 0x6901: return dtype::int8;
    case 0x6902: return dtype::int16;
    case 0x6904: return dtype::int32;
    case 0x6908: return dtype::int64;
    case 0x6604: return dtype::float32;
    case 0x6608: return dtype::float64;
    default: return {};
  }
}
[[nodiscard]] constexpr std::uint16_t code_of(dtype t) {
  constexpr std::uint16_t codes[] = {0x6900, 0x6901, 0x6902, 0x6904, 0x6908, 0x6604, 0x6608};
  return codes[static_cast<std::size_t>(t)];
}
/// What a code that has no dtype says about the width of an element; 0 for 4-bit elements.
[[nodiscard]] constexpr std::size_t element_bytes(std::uint16_t code) { return code == old_int4 ? 0 : code & 0xFU; }

/// The chip with the number of a header; null when lnn does not know it.
[[nodiscard]] constexpr const chip* chip_of_platform(std::uint32_t id) {
  for (const chip* c : chips)
    if (static_cast<std::uint32_t>(c->id) == id) return c;
  return nullptr;
}

inline constexpr std::string_view file_label = "thinker10";

/// Bytes of the structs.
namespace size {
inline constexpr std::size_t alignment = 16, header = 72, list_header = 16, memory = 16, tensor = 64, operation = 16, io = 16,
                             parameter = 16, shape_header = 24, shape_name = 32, names_header = 24, name = 64, dma = 16;
}
inline constexpr std::size_t greatest_rank = 7;
inline constexpr std::size_t most_operands = 512;     ///< tensors of one operator: an array of the engine
inline constexpr std::size_t most_tensors = 65536;    ///< ids of the transfer and shape sections have 16 bits

[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + (size::alignment - 1)) / size::alignment * size::alignment;
}

}  // namespace lnn::model
