# SPDX-License-Identifier: Apache-2.0
# The first program of README.md and the error beside it are what g++ prints; numbers of lines aside.
#
#   cmake [-DCXX=g++] [-DWRITE=ON] -DSCRATCH=folder -P tests/compile_fail/readme.cmake
#
# WRITE puts the compiler's answer into README.md.  Other compilers word it differently: skipped.
cmake_minimum_required(VERSION 3.22)
get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(NOT CXX)
  set(CXX g++)
endif()
execute_process(COMMAND "${CXX}" -dM -E -x c++ /dev/null OUTPUT_VARIABLE macros ERROR_QUIET)
if(macros MATCHES "__clang__" OR NOT macros MATCHES "__GNUC__ 12")
  message(NOTICE "readme: skipped, ${CXX} is not g++ 12")
  return()
endif()

# between(out rest text begin): what stands between the line `begin` and the next ```, and what follows.
function(between out rest text begin)
  string(FIND "${text}" "${begin}\n" at)
  if(at LESS 0)
    message(FATAL_ERROR "readme: README.md has no block that starts with ${begin}")
  endif()
  string(LENGTH "${begin}\n" n)
  math(EXPR at "${at} + ${n}")
  string(SUBSTRING "${text}" ${at} -1 text)
  string(FIND "${text}" "```" at)
  string(SUBSTRING "${text}" 0 ${at} inside)
  string(SUBSTRING "${text}" ${at} -1 text)
  set(${out} "${inside}" PARENT_SCOPE)
  set(${rest} "${text}" PARENT_SCOPE)
endfunction()

file(READ "${source}/README.md" readme)
set(command "$ g++ -std=c++20 -fsyntax-only -I include net.cpp 2>&1 | grep error:")
between(code behind "${readme}" "```cpp")
between(shown behind "${behind}" "${command}")
file(WRITE "${SCRATCH}/net.cpp" "${code}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=C "${CXX}" -std=c++20 -fsyntax-only -I include "${SCRATCH}/net.cpp"
  WORKING_DIRECTORY "${source}" OUTPUT_VARIABLE log ERROR_VARIABLE log)
string(REGEX MATCHALL "[^\n]* error: [^\n]*\n" lines "${log}")
string(REPLACE ">'\n;" ">'\n" lines "${lines}")
if(WRITE)
  string(REPLACE "${command}\n${shown}" "${command}\n${lines}" readme "${readme}")
  file(WRITE "${source}/README.md" "${readme}")
  return()
endif()
string(REGEX REPLACE ":[0-9]+:[0-9]+:" ":" printed "${lines}")
string(REGEX REPLACE ":[0-9]+:[0-9]+:" ":" shown "${shown}")
if(NOT printed STREQUAL shown)
  message(FATAL_ERROR "readme: g++ prints\n${printed}but README.md shows\n${shown}write it anew with -DWRITE=ON")
endif()

# The second program compiles, and so does the network once its kernel is legal.
string(REPLACE "{7, 7}" "{5, 5}" code "${code}")
between(train behind "${behind}" "```cpp")
file(WRITE "${SCRATCH}/train.cpp" "${code}\n${train}")
execute_process(COMMAND "${CXX}" -std=c++20 -fsyntax-only -I include "${SCRATCH}/train.cpp"
  WORKING_DIRECTORY "${source}" RESULT_VARIABLE result ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "readme: the second program does not compile:\n${log}")
endif()
message(NOTICE "readme: g++ prints what README.md shows")
