// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any bytes as a model.bin, whatever their checksum.
//   fuzz_model CORPUS        e.g. the model.bin files below tests/golden
#include "model_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_model({data, size}, false);
  return 0;
}
