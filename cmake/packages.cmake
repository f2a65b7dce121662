# SPDX-License-Identifier: Apache-2.0
# Shared by quickstart.cmake and test.cmake: finds what is missing on this machine, says so, and installs it with
# apt-get where it may; then configures and builds.  Included in script mode only.

cmake_host_system_information(RESULT lnn_jobs QUERY NUMBER_OF_LOGICAL_CORES)
get_filename_component(lnn_source "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

# Debian package | what to look for where there is no dpkg: a program, header or file | its own name | used for
set(lnn_known_packages
  "g++|g++,clang++,c++|a C++20 compiler: g++ 12 or clang 16, or later|compiling"
  "g++-12|g++-12,g++-13,g++-14,g++-15|g++ 12 or later|compiling"
  "clang-16|clang++-16,clang++-17,clang++-18,clang++-19,clang++-20,clang++|clang 16 or later|the second compiler"
  "libclang-rt-16-dev|clang++-16,clang++-17,clang++-18,clang++-19,clang++-20,clang++|clang's compiler-rt|sanitizers and fuzzing with clang"
  "g++-aarch64-linux-gnu|aarch64-linux-gnu-g++|a cross compiler for ARM|the kernels on ARM"
  "qemu-user|qemu-aarch64|QEMU's user emulation|running programs for ARM"
  "ninja-build|ninja,ninja-build,make,gmake|Ninja|building"
  "ccache|ccache|ccache|building again quickly"
  "libeigen3-dev|eigen3/Eigen/Core,Eigen/Core|Eigen 3.4|tensors as Eigen matrices (headers)"
  "libxsimd-dev|xsimd/xsimd.hpp|xsimd 8 or later|a peer of the benchmarks"
  "zlib1g-dev|zlib.h|zlib|compressed data files"
  "libonnx-dev|onnx/onnx_pb.h|ONNX 1.12 or later|graph files in ONNX (headers and libonnx_proto)"
  "libprotobuf-dev|google/protobuf/message.h|protobuf|graph files in ONNX"
  "protobuf-compiler|protoc|the protobuf compiler|finding protobuf"
  "libcli11-dev|CLI/CLI.hpp|CLI11|command lines of the examples"
  "dataset-fashion-mnist|datasets/fashion-mnist/train-images-idx3-ubyte.gz|Fashion-MNIST|the images to train on"
  "doctest-dev|doctest/doctest.h|doctest|the tests"
  "nlohmann-json3-dev|nlohmann/json.hpp|JSON for Modern C++|reading the golden cases"
  "libbenchmark-dev|benchmark/benchmark.h|Google Benchmark|the benchmarks")

function(lnn_say text)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "lnn: ${text}")
endfunction()

# The reason on standard error as it is (CMake would fold it), then a failing exit code.
function(lnn_stop text)
  message(NOTICE "lnn: ${text}")
  message(FATAL_ERROR "lnn: stopped")
endfunction()

# out = the first of the candidates that compiles C++20 well enough, or an empty string.
function(lnn_find_compiler out)
  set(${out} "" PARENT_SCOPE)
  foreach(name IN LISTS ARGN)
    unset(path)
    find_program(path "${name}" NO_CACHE)
    if(NOT path)
      continue()
    endif()
    execute_process(COMMAND "${path}" -dM -E -x c++ /dev/null
      RESULT_VARIABLE result OUTPUT_VARIABLE macros ERROR_QUIET)
    if(NOT result EQUAL 0)
      continue()
    endif()
    if(macros MATCHES "__clang_major__ ([0-9]+)")
      set(wanted 16)
    elseif(macros MATCHES "__GNUC__ ([0-9]+)")
      set(wanted 12)
    else()
      continue()
    endif()
    if(CMAKE_MATCH_1 GREATER_EQUAL wanted)
      set(${out} "${path}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# out = whether the thing is here, whatever brought it here.
function(lnn_is_present out package probes)
  set(${out} FALSE PARENT_SCOPE)
  if(LNN_DPKG_QUERY)
    execute_process(COMMAND "${LNN_DPKG_QUERY}" -W "-f=\${db:Status-Status}" "${package}"
      OUTPUT_VARIABLE status ERROR_QUIET)
    if(status STREQUAL "installed")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endif()
  string(REPLACE "," ";" probes "${probes}")
  foreach(probe IN LISTS probes)
    unset(found)
    if(probe MATCHES "[/]|[.]h$")
      find_file(found "${probe}" NO_CACHE PATHS ENV CMAKE_PREFIX_PATH /usr /usr/local /opt/homebrew /opt/local
        PATH_SUFFIXES include share)
    else()
      find_program(found "${probe}" NO_CACHE)
    endif()
    if(found)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Installs those of the named packages that are missing, or stops.
function(lnn_need)
  find_program(LNN_DPKG_QUERY dpkg-query NO_CACHE)
  find_program(apt_get apt-get NO_CACHE)
  set(missing)
  set(lines)
  foreach(entry IN LISTS lnn_known_packages)
    string(REPLACE "|" ";" fields "${entry}")
    list(GET fields 0 package)
    list(GET fields 1 probes)
    list(GET fields 2 name)
    list(GET fields 3 purpose)
    if(NOT package IN_LIST ARGN)
      continue()
    endif()
    lnn_is_present(present "${package}" "${probes}")
    if(present)
      continue()
    endif()
    if(apt_get AND LNN_DPKG_QUERY)
      list(APPEND missing "${package}")
      list(APPEND lines "  ${package}: ${purpose}")
    elseif(package STREQUAL "dataset-fashion-mnist")
      lnn_say("Fashion-MNIST was not found; give its folder with --data DIR, or a generated data set is used")
    else()
      list(APPEND missing "${package}")
      list(APPEND lines "  ${name}: ${purpose}")
    endif()
  endforeach()
  if(NOT missing)
    return()
  endif()
  string(JOIN "\n" lines ${lines})
  if(NOT (apt_get AND LNN_DPKG_QUERY))
    lnn_stop("missing on this machine:\n${lines}\nInstall them with the system's package manager, vcpkg or Conan, or \
from source; add the prefix of what lies elsewhere to the environment variable CMAKE_PREFIX_PATH.  Then run the same command again.")
  endif()

  set(options -y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
  string(JOIN " " names ${missing})
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(may FALSE)
  set(as)
  if(user STREQUAL "0")
    set(may TRUE)
  else()
    find_program(sudo sudo NO_CACHE)
    if(sudo)
      execute_process(COMMAND "${sudo}" -n true RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
      if(result EQUAL 0)
        set(may TRUE)
        set(as "${sudo}" -n)
      endif()
    endif()
  endif()
  if(NOT may)
    lnn_stop("missing packages, and no right to install them:\n${lines}\nRun this, then the same command again:\n\n\
  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}\n")
  endif()

  lnn_say("installing with apt-get:")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${lines}")
  set(environment "${CMAKE_COMMAND}" -E env DEBIAN_FRONTEND=noninteractive)
  set(update ${as} ${environment} "${apt_get}" update -q)
  set(install ${as} ${environment} "${apt_get}" install ${options} ${missing})
  file(GLOB lists "/var/lib/apt/lists/*_Packages*")
  if(NOT lists)
    lnn_say("apt-get update (no package lists yet)")
    execute_process(COMMAND ${update} INPUT_FILE /dev/null OUTPUT_VARIABLE log ERROR_VARIABLE log)
  endif()
  execute_process(COMMAND ${install} RESULT_VARIABLE result
    INPUT_FILE /dev/null OUTPUT_VARIABLE log ERROR_VARIABLE log)
  if(NOT result EQUAL 0 AND lists)
    lnn_say("apt-get update (the package lists may be old)")
    execute_process(COMMAND ${update} INPUT_FILE /dev/null OUTPUT_QUIET ERROR_QUIET)
    execute_process(COMMAND ${install} RESULT_VARIABLE result
      INPUT_FILE /dev/null OUTPUT_VARIABLE log ERROR_VARIABLE log)
  endif()
  if(NOT result EQUAL 0)
    lnn_stop("apt-get could not install ${names}:\n${log}")
  endif()
endfunction()

# lnn_configure(build-folder compiler ARGUMENTS...): quiet unless it fails.
function(lnn_configure build compiler)
  if(EXISTS "${build}/CMakeCache.txt")
    # A folder that was configured elsewhere or with another compiler is of no use.
    set(before)
    file(STRINGS "${build}/CMakeCache.txt" lines REGEX "^CMAKE_(HOME_DIRECTORY|CXX_COMPILER):")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^[^=]*=" "" value "${line}")
      list(APPEND before "${value}")
    endforeach()
    if(NOT lnn_source IN_LIST before OR NOT compiler IN_LIST before)
      file(REMOVE "${build}/CMakeCache.txt")
      file(REMOVE_RECURSE "${build}/CMakeFiles")
    endif()
  endif()
  set(generator)
  if(NOT EXISTS "${build}/CMakeCache.txt")
    find_program(ninja NAMES ninja ninja-build NO_CACHE)
    if(ninja)
      set(generator -G Ninja)
    else()
      set(generator -G "Unix Makefiles")
    endif()
  endif()
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${lnn_source}" -B "${build}" ${generator}
    "-DCMAKE_CXX_COMPILER=${compiler}" ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE log ERROR_VARIABLE log)
  if(NOT result EQUAL 0)
    lnn_stop("configuring ${build} failed:\n${log}")
  endif()
endfunction()

# What stands behind "--" on the command line.
set(lnn_arguments)
set(lnn_behind FALSE)
foreach(lnn_i RANGE ${CMAKE_ARGC})
  if(lnn_behind AND lnn_i LESS CMAKE_ARGC)
    string(REPLACE ";" "\\;" lnn_argument "${CMAKE_ARGV${lnn_i}}")
    list(APPEND lnn_arguments "${lnn_argument}")
  elseif("${CMAKE_ARGV${lnn_i}}" STREQUAL "--")
    set(lnn_behind TRUE)
  endif()
endforeach()
