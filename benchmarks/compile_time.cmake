# SPDX-License-Identifier: Apache-2.0
# What an include of lnn costs: CPU seconds and peak memory of the compiler on an otherwise empty file, at -O2.  And what
# a whole program costs that trains, freezes and runs a network (compile_time/train.cpp), with lnn::compiled and without, which
# MEMORY_ONLY leaves out.
#
#   cmake [-DCXX=g++] [-DSTRICT=ON] [-DMEMORY_ONLY=ON] [-DREPORT=ON] -P benchmarks/compile_time.cmake
#
# STRICT fails when a limit is exceeded; MEMORY_ONLY leaves the limits of time out, for machines under load; REPORT has the
# goals for limits, and prints lines for docs/performance.md.
# SCRATCH names another folder than the usual one.
cmake_minimum_required(VERSION 3.22)

# header, or program in compile_time/ | CPU seconds | MB (10^6 bytes) | options
set(limits "lnn/lnn.hpp|3.0|300" "lnn/check/check.hpp|1.0|300")
if(REPORT)
  set(limits "lnn/lnn.hpp|3.0|300" "train.cpp|10|600" "train.cpp|10|600|-DLNN_COMPILED=1")
else()
  list(APPEND limits "train.cpp|10|600|-DLNN_COMPILED=1")
  if(NOT MEMORY_ONLY)
    list(APPEND limits "train.cpp|60|1000")
  endif()
endif()
set(runs 3)  # the least of so many, against noise

get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
if(NOT SCRATCH)
  set(SCRATCH "${source}/build/compile_time")
endif()
if(NOT CXX)
  set(CXX g++)
endif()
if(MEMORY_ONLY)
  set(runs 1)
endif()
set(flags -std=c++20 -O2 -I "${source}/include")

file(MAKE_DIRECTORY "${SCRATCH}")
execute_process(COMMAND "${CXX}" -std=c++20 -O1 "${CMAKE_CURRENT_LIST_DIR}/compile_time/measure.cpp"
  -o "${SCRATCH}/measure" RESULT_VARIABLE result ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "compile_time: the measuring program does not compile:\n${log}")
endif()

# Reports are read from the standard output, to which message() does not write.
function(say line)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${line}")
endfunction()

set(exceeded)
set(goals)
say("header                     CPU s   limit      MB   limit")
foreach(entry IN LISTS limits)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 header)
  list(GET entry 1 most_seconds)
  list(GET entry 2 most_megabytes)
  set(options)
  set(name "${header}")
  if(entry MATCHES ";(-[^;]+)$")
    set(options "${CMAKE_MATCH_1}")
    set(name "${header},compiled")
  endif()
  set(file "${CMAKE_CURRENT_LIST_DIR}/compile_time/${header}")
  if(NOT header MATCHES "[.]cpp$")
    set(file "${SCRATCH}/include.cpp")
    file(WRITE "${file}" "#include <${header}>\n")
  endif()
  execute_process(COMMAND "${SCRATCH}/measure" ${runs} ${most_seconds} ${most_megabytes} ${name}
    "${CXX}" ${flags} ${options} -c "${file}" -o "${SCRATCH}/include.o"
    RESULT_VARIABLE result OUTPUT_VARIABLE row ERROR_VARIABLE log OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(result EQUAL 1)
    message(FATAL_ERROR "compile_time: ${header} does not compile:\n${log}")
  endif()
  say("${row}")
  if(REPORT)
    string(REGEX REPLACE " +" ";" row "${row}")
    list(GET row 1 seconds)
    list(GET row 3 megabytes)
    set(met no)
    if(result EQUAL 0)
      set(met yes)
    endif()
    if(header MATCHES "[.]cpp$")
      set(what "a program that trains and freezes")
      if(options)
        set(what "the same with `lnn::compiled`")
      endif()
    else()
      set(what "`#include <${header}>`")
    endif()
    list(APPEND goals "= ${what}, compiled | tiny-dnn 27 to 46 s and 1 to 1.6 GB, libtorch 15 to 29 s and 1.1 GB | ${seconds} s, ${megabytes} MB | at most ${most_seconds} s, ${most_megabytes} MB | ${met}")
  endif()
  # 2: too slow, 4: too large, 6: both
  if(result EQUAL 4 OR result EQUAL 6 OR (result EQUAL 2 AND NOT MEMORY_ONLY))
    list(APPEND exceeded "${name}")
  endif()
endforeach()
foreach(line IN LISTS goals)
  say("${line}")
endforeach()
if(exceeded AND STRICT)
  message(FATAL_ERROR "compile_time: above the limit: ${exceeded}")
endif()
