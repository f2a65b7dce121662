# SPDX-License-Identifier: Apache-2.0
# Measures lnn beside the other libraries that are installed, and writes what the programs print to docs/performance.md:
#
#   cmake [-DCXX=g++] [-DORT=folder] [-DMODEL=model.bin -DINPUT=in.bin] -P benchmarks/report.cmake
#
# oneDNN, gemmlowp and PyTorch are used where they are found (Debian: libdnnl-dev, libgemmlowp-dev, python3-torch with
# libopenblas0-pthread).  ORT is a folder in which `npm install --ignore-scripts onnxruntime-node` was run.  Takes about a
# quarter of an hour; on a machine with other work ratios stay fair, times do not.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/../cmake/packages.cmake")

if(NOT CXX)
  set(CXX g++)
endif()
find_program(compiler "${CXX}" NO_CACHE REQUIRED)
find_program(python NAMES /usr/bin/python3 python3 NO_CACHE)
find_program(node node NO_CACHE)
set(build "${lnn_source}/build/performance")
lnn_configure("${build}" "${compiler}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" -DLNN_BUILD_TESTS=OFF -DLNN_BUILD_EXAMPLES=OFF)
lnn_say("building")
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" --parallel ${lnn_jobs} RESULT_VARIABLE result OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  lnn_stop("building the benchmarks failed:\n${log}")
endif()

cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
set(processor "an unknown processor")
if(EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo names REGEX "^model name" LIMIT_COUNT 1)
  string(REGEX REPLACE "^model name[^:]*: *" "" processor "${names}")
endif()
execute_process(COMMAND "${compiler}" --version OUTPUT_VARIABLE version)
string(REGEX REPLACE "\n.*" "" version "${version}")
string(TIMESTAMP today "%Y-%m-%d")

set(text "# Performance

Written by `cmake -P benchmarks/report.cmake` on ${today}: ${processor}, ${cores} threads, ${version}, `-O2`.

A ratio is the other library's time over lnn's, above 1 where lnn is faster: the median of slices that both take in turn, with
their spread in brackets. Times are CPU time of one core unless a name says `threads2`.
")

# section(title, words, command...): runs a program and keeps what it prints.
function(section title words)
  lnn_say("${title}")
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE log)
  if(NOT result EQUAL 0)
    lnn_say("${title}: left out, ${ARGN} failed:\n${log}")
    return()
  endif()
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${out}")
  string(APPEND text "\n## ${title}\n\n${words}\n\n```text\n${out}```\n")
  set(text "${text}" PARENT_SCOPE)
endfunction()

if(EXISTS "${build}/bin/onednn")
  section("Prepared 8-bit layers beside oneDNN" "s8 x s8 -> s8, bias and rescaling included, weights arranged beforehand on both sides." "${build}/bin/onednn")
endif()
if(EXISTS "${build}/bin/gemmlowp")
  section("The AVX2 path beside gemmlowp" "Forced to AVX2, as on processors without VNNI." "${build}/bin/gemmlowp")
endif()
if(ORT AND node AND EXISTS "${build}/bin/quantized_onnx")
  execute_process(COMMAND "${build}/bin/quantized_onnx" "${ORT}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  section("One inference beside ONNX Runtime" "Frozen networks of benchmarks/nets.hpp, batch 1; ONNX Runtime with u8 activations and s8 weights."
    "${node}" "${CMAKE_CURRENT_LIST_DIR}/peers/onnxruntime.mjs" "${build}/bin/networks" "${ORT}")
endif()
if(python)
  section("Steps of training beside PyTorch" "Forward, backward and gradient descent with momentum; `qat`: through the chip's integers, PyTorch with fake quantization."
    "${python}" "${CMAKE_CURRENT_LIST_DIR}/peers/pytorch.py" "${build}/bin/networks")
endif()
set(steps)
foreach(net MLP LeNet DS-CNN LSTM ResNet20 ResNet18)
  foreach(kind float qat)
    execute_process(COMMAND "${build}/bin/networks" --first-step ${net} ${kind} OUTPUT_VARIABLE line COMMAND_ERROR_IS_FATAL ANY)
    string(APPEND steps "${line}")
  endforeach()
endforeach()
section("From the start of a process to its first step of training" "Loading the program included; batches of 64, LSTM and ResNet18 of 32."
  "${CMAKE_COMMAND}" -E echo_append "${steps}")
set(environment)
if(MODEL AND INPUT)
  set(environment "LNN_MODEL=${MODEL}" "LNN_INPUT=${INPUT}")
endif()
section("All networks" "As Google Benchmark prints them; `model.bin` is a packed model that the simulator runs." "${CMAKE_COMMAND}" -E env ${environment}
  "${build}/bin/networks" --benchmark_min_time=0.5)

file(WRITE "${lnn_source}/docs/performance.md" "${text}")
lnn_say("written: docs/performance.md")
