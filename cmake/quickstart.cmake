# SPDX-License-Identifier: Apache-2.0
# From a clean clone to a trained, quantized and bit-exact network:
#
#   cmake -P cmake/quickstart.cmake [-- arguments of the program]
#
# Installs what is missing (see packages.cmake), builds examples/01_fashion_mnist.cpp and runs it.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/packages.cmake")

set(build "${lnn_source}/build/quickstart")
set(program 01_fashion_mnist)
set(compilers $ENV{CXX} c++ g++ g++-15 g++-14 g++-13 g++-12
  clang++ clang++-20 clang++-19 clang++-18 clang++-17 clang++-16)

lnn_find_compiler(compiler ${compilers})
set(packages ninja-build zlib1g-dev libcli11-dev libonnx-dev libprotobuf-dev protobuf-compiler dataset-fashion-mnist)
if(NOT compiler)
  # Either there is none at all, or only older ones; then the plain package would bring nothing new.
  find_program(any_compiler NAMES g++ clang++ c++ NO_CACHE)
  if(any_compiler)
    list(APPEND packages g++-12)
  else()
    list(APPEND packages g++)
  endif()
endif()
lnn_need(${packages})
if(NOT compiler)
  lnn_find_compiler(compiler ${compilers})
  if(NOT compiler)
    lnn_stop("no C++20 compiler was found; lnn needs g++ 12 or clang 16, or later (set CXX to its path)")
  endif()
endif()

lnn_say("configuring with ${compiler}")
lnn_configure("${build}" "${compiler}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" -DLNN_BUILD_TESTS=OFF -DLNN_BUILD_BENCHMARKS=OFF)

lnn_say("building ${program}")
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" --target ${program} --parallel ${lnn_jobs}
  RESULT_VARIABLE result OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  lnn_stop("building ${program} failed:\n${log}")
endif()

lnn_say("running ${program}")
execute_process(COMMAND "${build}/bin/${program}" ${lnn_arguments}
  WORKING_DIRECTORY "${build}" RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  lnn_stop("${program} failed (${result})")
endif()
