# SPDX-License-Identifier: Apache-2.0
# What checking costs a compiler: a network of 60 layers (compile_time/sixty.cpp), with and without the check against
# every chip.
#
#   cmake [-DCXX=g++] [-DSTRICT=ON] [-DSTEPS_ONLY=ON] [-DSCRATCH=folder] -P benchmarks/check_time.cmake
#
# STRICT fails above the limit of time.  STEPS_ONLY counts instead of measuring, for machines under load: the whole must be
# evaluated within so many steps of the compiler's constant evaluator, half of its default at most.
cmake_minimum_required(VERSION 3.22)
set(most_seconds 0.5)
set(most_gcc_operations 1100000)
set(most_clang_steps 170000)
set(runs 5)

get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
if(NOT SCRATCH)
  set(SCRATCH "${source}/build/check_time")
endif()
if(NOT CXX)
  set(CXX g++)
endif()
find_program(compiler "${CXX}" NO_CACHE)
if(NOT compiler)
  message(NOTICE "check_time: skipped, ${CXX} is not installed")
  return()
endif()
set(network "${CMAKE_CURRENT_LIST_DIR}/compile_time/sixty.cpp")
set(flags -std=c++20 -O2 -I "${source}/include")
file(MAKE_DIRECTORY "${SCRATCH}")

if(STEPS_ONLY)
  execute_process(COMMAND "${compiler}" -dM -E -x c++ /dev/null OUTPUT_VARIABLE macros)
  if(macros MATCHES "__clang__")
    set(limit "-fconstexpr-steps=${most_clang_steps}")
  else()
    set(limit "-fconstexpr-ops-limit=${most_gcc_operations}")
  endif()
  execute_process(COMMAND "${compiler}" ${flags} -fsyntax-only ${limit} -DCHECKED "${network}"
    RESULT_VARIABLE result ERROR_VARIABLE log)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "check_time: not within ${limit}:\n${log}")
  endif()
  message(NOTICE "check_time: within ${limit}")
  return()
endif()

execute_process(COMMAND "${compiler}" -std=c++20 -O1 "${CMAKE_CURRENT_LIST_DIR}/compile_time/measure.cpp"
  -o "${SCRATCH}/measure" RESULT_VARIABLE result ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "check_time: the measuring program does not compile:\n${log}")
endif()
# In turn, and the least of each: other work on the machine disturbs both alike.
foreach(run RANGE 1 ${runs})
  foreach(define IN ITEMS UNCHECKED CHECKED)
    execute_process(COMMAND "${SCRATCH}/measure" 1 60 1000 ${define} "${compiler}" ${flags} -D${define} -c "${network}"
      -o "${SCRATCH}/sixty.o" RESULT_VARIABLE result OUTPUT_VARIABLE row ERROR_VARIABLE log)
    if(NOT result EQUAL 0 OR NOT row MATCHES " ([0-9]+)[.]([0-9][0-9])")
      message(FATAL_ERROR "check_time: ${define}: ${row}${log}")
    endif()
    math(EXPR n "${CMAKE_MATCH_1} * 100 + 1${CMAKE_MATCH_2} - 100")
    if(NOT DEFINED ${define} OR n LESS ${define})
      set(${define} ${n})
    endif()
  endforeach()
endforeach()
math(EXPR cost "${CHECKED} - ${UNCHECKED}")
message(NOTICE "check_time: ${UNCHECKED} hundredths of a second without the checks, ${CHECKED} with them")
message(NOTICE "check_time: the checks cost ${cost} hundredths of a second, at most ${most_seconds} s are allowed")
if(STRICT AND cost GREATER_EQUAL 50)
  message(FATAL_ERROR "check_time: above the limit")
endif()
