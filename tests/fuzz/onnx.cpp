// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: whatever the bytes are, reading them gives a network or a sentence.
//
//   clang++-16 -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -DONNX_NAMESPACE=onnx -DONNX_ML=1 -I include \
//     tests/fuzz/onnx.cpp -lonnx_proto -lprotobuf -o fuzz_onnx && ./fuzz_onnx -max_len=65536 CORPUS
//
// The model.onnx files of golden cases make a corpus.
#include <lnn/onnx/read.hpp>
#include <lnn/onnx/read_float.hpp>
#include <lnn/onnx/write.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  for (const char* dimensions : {"", "time=2:6:2"}) try {
      const auto m = lnn::onnx::read(bytes, "fuzz", {.symbols = lnn::onnx::symbols_of(dimensions)});
      (void)lnn::onnx::to_bytes(m);
    } catch (const lnn::error&) {
    }
  try {
    (void)lnn::onnx::read_float(bytes, "fuzz");
  } catch (const lnn::error&) {
  }
  return 0;
}
