# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs all tests, in one configuration after the other:
#
#   cmake -P cmake/test.cmake [-- gcc | clang | asan | asan_all | aarch64 ...]
#
# gcc and clang build all programs; asan is clang with AddressSanitizer and UndefinedBehaviorSanitizer, for the tests and the
# project's own data; asan_all adds the examples and the reference data beside the project; aarch64 is g++ for ARM, for the
# integer kernels, which an emulator runs.  Without an argument gcc and asan
# run: both compilers, and the sanitizers, in two builds.  Installs what is missing (see packages.cmake).  LNN_GCC and
# LNN_CLANG in the environment choose other compilers.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/packages.cmake")

set(wanted ${lnn_arguments})
if(NOT wanted)
  set(wanted gcc asan)
endif()
foreach(name IN LISTS wanted)
  if(NOT name MATCHES "^(gcc|clang|asan|asan_all|aarch64)$")
    lnn_stop("unknown configuration '${name}'; there are gcc, clang, asan, asan_all and aarch64")
  endif()
endforeach()

set(packages ninja-build ccache libeigen3-dev libxsimd-dev zlib1g-dev libonnx-dev libprotobuf-dev protobuf-compiler libcli11-dev dataset-fashion-mnist doctest-dev
  nlohmann-json3-dev libbenchmark-dev)
set(gcc_names g++ g++-12 g++-13 g++-14 g++-15)
set(clang_names clang++-16 clang++-17 clang++-18 clang++-19 clang++-20 clang++)

# A compiler that the caller names is taken or refused, never replaced.
foreach(kind gcc clang)
  string(TOUPPER "LNN_${kind}" variable)
  if(DEFINED ENV{${variable}} AND NOT "$ENV{${variable}}" STREQUAL "")
    set(${kind}_names "$ENV{${variable}}")
    lnn_find_compiler(${kind} ${${kind}_names})
    if(NOT ${kind})
      lnn_stop("${variable}=$ENV{${variable}} is no C++20 compiler that lnn supports (g++ 12, clang 16, or later)")
    endif()
  else()
    lnn_find_compiler(${kind} ${${kind}_names})
  endif()
endforeach()
if(NOT gcc)
  find_program(any_gcc g++ NO_CACHE)
  if(any_gcc)
    list(APPEND packages g++-12)
  else()
    list(APPEND packages g++)
  endif()
endif()
if(("clang" IN_LIST wanted OR wanted MATCHES "asan") AND NOT clang)
  list(APPEND packages clang-16 libclang-rt-16-dev)
endif()
if("aarch64" IN_LIST wanted)
  list(APPEND packages g++-aarch64-linux-gnu qemu-user)
endif()
lnn_need(${packages})
foreach(kind gcc clang)
  if(NOT ${kind})
    lnn_find_compiler(${kind} ${${kind}_names})
  endif()
endforeach()

lnn_find_compiler(aarch64_compiler aarch64-linux-gnu-g++ aarch64-linux-gnu-g++-12 aarch64-linux-gnu-g++-13 aarch64-linux-gnu-g++-14)
set(gcc_compiler "${gcc}")
set(clang_compiler "${clang}")
set(asan_compiler "${clang}")
set(asan_all_compiler "${clang}")
# Not the -O3 -DNDEBUG of a release: assertions stay, and the tests compile in half the time.
# Files of one program are compiled several at a time, which halves it again.  Every header alone: clang does it, in .ci/full.
set(together -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=9)
set(gcc_arguments -DCMAKE_CXX_FLAGS_RELEASE=-O1 ${together} -DLNN_TEST_HEADERS=OFF)
# Kernels compiled once, as with lnn::compiled.
set(clang_arguments -DCMAKE_CXX_FLAGS_RELEASE=-O1 ${together} -DLNN_PROGRAMS_COMPILED=ON)
# Unoptimized: what the sanitizers add to every access costs the compiler more than the tests gain.
set(asan_all_arguments "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -g1" -DLNN_SANITIZE=ON ${together} -DLNN_TEST_HEADERS=OFF)
set(asan_arguments ${asan_all_arguments} -DLNN_BUILD_EXAMPLES=OFF -DLNN_BUILD_BENCHMARKS=OFF -DLNN_SHARED=off
  -DLNN_PROGRAMS_COMPILED=ON)

set(aarch64_arguments -DCMAKE_CXX_FLAGS_RELEASE=-O1)

set(lnn_project "${lnn_source}")
foreach(name IN LISTS wanted)
  string(TIMESTAMP begin "%s")
  set(lnn_source "${lnn_project}")
  set(build "${lnn_source}/build/${name}")
  if(name STREQUAL "aarch64")
    set(lnn_source "${lnn_project}/tests/aarch64")
  endif()
  if(NOT ${name}_compiler)
    lnn_stop("configuration ${name}: no compiler was found (g++ 12, clang 16, or later)")
  endif()
  lnn_say("${name}: configuring with ${${name}_compiler}")
  lnn_configure("${build}" "${${name}_compiler}" -DCMAKE_BUILD_TYPE=Release -DLNN_WARNINGS_AS_ERRORS=ON ${${name}_arguments})
  lnn_say("${name}: building")
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" --parallel ${lnn_jobs} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    lnn_stop("${name}: the build failed")
  endif()
  lnn_say("${name}: testing")
  # Two at a time: some start threads of their own, others (compilers at work) are alone for minutes.
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --output-on-failure --no-tests=error --timeout 900 --parallel 2
    WORKING_DIRECTORY "${build}" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    lnn_stop("${name}: tests failed")
  endif()
  string(TIMESTAMP end "%s")
  math(EXPR seconds "${end} - ${begin}")
  lnn_say("${name}: all tests passed, ${seconds} s")
endforeach()
