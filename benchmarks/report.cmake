# SPDX-License-Identifier: Apache-2.0
# Measures lnn beside the other libraries that are installed and writes docs/performance.md: one table of goals, and behind it
# what the programs print.
#
#   cmake [-DCXX=g++] [-DORT=folder] [-DMODEL=model.bin -DINPUT=in.bin] [-DONLY=word] [-DKEEP=ON] -P benchmarks/report.cmake
#
# oneDNN, XNNPACK, gemmlowp and PyTorch are used where they are found (Debian: libdnnl-dev, libxnnpack-dev with
# libpthreadpool-dev, libgemmlowp-dev, python3-torch with libopenblas0-pthread).  ORT is a folder in which
# `npm install --ignore-scripts onnxruntime-node` was run.
# ONLY leaves out sections without that word in their titles and prints instead of writing; KEEP takes what an earlier run has
# measured, where it has.  Takes about half an hour; on a machine with other work ratios stay fair, times do not.
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
  set(facts)
  foreach(fact "model name" "cpu family" "model" "flags")
    file(STRINGS /proc/cpuinfo lines REGEX "^${fact}[\t ]*:" LIMIT_COUNT 1)
    string(REGEX REPLACE "^[^:]*: *" "" value "${lines}")
    list(APPEND facts "${value}")
  endforeach()
  list(GET facts 0 processor)
  list(GET facts 1 family)
  list(GET facts 2 model)
  string(APPEND processor " (family ${family}, model ${model}")
  foreach(set avx512_vnni avx_vnni avx512vbmi avx2)
    if(facts MATCHES "[ ;]${set}( |;|$)")
      string(APPEND processor ", ${set}")
    endif()
  endforeach()
  string(APPEND processor ")")
endif()
execute_process(COMMAND "${compiler}" --version OUTPUT_VARIABLE version)
string(REGEX REPLACE "\n.*" "" version "${version}")
string(TIMESTAMP today "%Y-%m-%d")

set(goals)     # lines of the first table
set(sections)  # what programs printed
set(missing)   # programs that were not there or failed

# section(title, words, command...): runs a program and keeps what it prints; lines that begin with '=' are goals.
function(section title words)
  if(ONLY AND NOT title MATCHES "${ONLY}")
    return()
  endif()
  string(MAKE_C_IDENTIFIER "${title}" key)
  set(file "${build}/measured/${key}.txt")
  if(NOT KEEP OR NOT EXISTS "${file}")
    lnn_say("${title}")
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE log)
    if(NOT result EQUAL 0)
      lnn_say("${title}: left out, ${ARGN} failed with ${result}:\n${log}")
      left_out("${title}")
      set(missing "${missing}" PARENT_SCOPE)
      return()
    endif()
    file(WRITE "${file}" "${out}")
  endif()
  file(READ "${file}" out)
  string(REPLACE ";" "," out "${out}")
  string(REPLACE "[" "(" out "${out}")  # lists of CMake keep brackets together
  string(REPLACE "]" ")" out "${out}")
  string(REPLACE "\n" ";" lines "${out}")
  set(text)
  foreach(line IN LISTS lines)
    if(line MATCHES "^= (.*)$")
      string(APPEND goals "| ${CMAKE_MATCH_1} |\n")
    else()
      string(APPEND text "${line}\n")
    endif()
  endforeach()
  string(REGEX REPLACE "\n\n\n+" "\n\n" text "${text}")
  string(REGEX REPLACE "\n+$" "\n" text "${text}")
  string(APPEND sections "\n## ${title}\n\n${words}\n\n```text\n${text}```\n")
  set(goals "${goals}" PARENT_SCOPE)
  set(sections "${sections}" PARENT_SCOPE)
endfunction()
macro(left_out title)
  string(APPEND missing "* ${title}\n")
endmacro()
# peer(program, title, words): a program that is built where its library was found.
macro(peer program title words)
  if(EXISTS "${build}/bin/${program}")
    section("${title}" "${words}" "${build}/bin/${program}")
  else()
    left_out("${title}")
  endif()
endmacro()

peer(onednn "8-bit layers beside oneDNN" "s8 x s8 -> s8, bias and rescaling included, weights arranged beforehand on both sides.")
peer(xnnpack "8-bit layers beside XNNPACK" "The same; the version that the system's packages have.")
peer(gemmlowp "The AVX2 path beside gemmlowp" "Forced to AVX2, as on processors without VNNI.")
if(ORT AND node AND EXISTS "${build}/bin/quantized_onnx")
  execute_process(COMMAND "${build}/bin/quantized_onnx" "${ORT}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  section("One inference beside ONNX Runtime" "Frozen networks of benchmarks/nets.hpp, batch 1; ONNX Runtime with u8 activations and s8 weights."
    "${node}" "${CMAKE_CURRENT_LIST_DIR}/peers/onnxruntime.mjs" "${build}/bin/networks" "${ORT}")
else()
  left_out("One inference beside ONNX Runtime")
endif()
set(model)
if(MODEL AND INPUT)
  set(model "${MODEL}" "${INPUT}")
endif()
section("Beside itself" "Two threads beside one; steps of QAT beside those in real numbers; ratios are speeds." "${build}/bin/goals" "${build}/bin/networks" ${model})
if(python)
  section("Steps of training beside PyTorch" "Forward, backward and gradient descent with momentum; `qat`: through the chip's integers, PyTorch with fake quantization."
    "${python}" "${CMAKE_CURRENT_LIST_DIR}/peers/pytorch.py" "${build}/bin/networks" --rounds 5)
else()
  left_out("Steps of training beside PyTorch")
endif()
section("Packing" "From a frozen network in memory to the bytes of model.bin." "${build}/bin/packing")
section("Compile time" "Processor seconds and peak memory of the compiler; the others' figures are from another machine of this class."
  "${CMAKE_COMMAND}" "-DCXX=${compiler}" -DREPORT=ON "-DSCRATCH=${build}/compile_time" -P "${CMAKE_CURRENT_LIST_DIR}/compile_time.cmake")

set(load)
if(EXISTS /proc/loadavg)
  file(READ /proc/loadavg load)
  string(REGEX REPLACE "^([0-9.]+).*" " Behind the measurements the machine's load was \\1." load "${load}")
endif()
set(text "# Performance

Written by `cmake -P benchmarks/report.cmake` on ${today}: ${processor}, ${cores} threads, ${version}, `-O2`. One core where
nothing else is said.

A ratio is the other's time over lnn's, above 1 where lnn is faster: the median of slices that both take in turn, with the
middle 80 % of them in brackets; of several workloads the geometric mean. Ratios stay fair on a machine with other work, times do
not, and a second thread gains less there.${load}

| workload | beside | reached | goal | met |
|---|---|---|---|---|
${goals}")
if(missing)
  string(APPEND text "\nNot measured, for want of the other library or because a program failed:\n\n${missing}")
endif()
string(APPEND text "${sections}")
string(REPLACE "| no |" "| **no** |" text "${text}")
if(ONLY)
  message(NOTICE "${text}")
else()
  file(WRITE "${lnn_source}/docs/performance.md" "${text}")
  lnn_say("written: docs/performance.md")
endif()
