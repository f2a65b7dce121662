# SPDX-License-Identifier: Apache-2.0
# Builds and runs main.cpp in one of the ways in which the library is used.
cmake_minimum_required(VERSION 3.22)

function(step)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${HOW}: ${command}\n${output}")
  endif()
endfunction()

function(build_project)
  step("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/${HOW}" -B "${SCRATCH}/build" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${CXX}" ${ARGV})
  step("${CMAKE_COMMAND}" --build "${SCRATCH}/build" --target consumer)
  step("${SCRATCH}/build/consumer")
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

if(HOW STREQUAL "find_package")
  step("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/first")
  # Moved before use: an installed package must not remember where it was installed or built.
  file(RENAME "${SCRATCH}/first" "${SCRATCH}/moved")
  file(GLOB_RECURSE installed "${SCRATCH}/moved/*")
  foreach(file IN LISTS installed)
    file(READ "${file}" text)
    foreach(path "${SOURCE}" "${BUILD}" "${SCRATCH}")
      string(FIND "${text}" "${path}/" at)
      if(NOT at EQUAL -1)
        message(FATAL_ERROR "${file} names the path ${path}")
      endif()
    endforeach()
  endforeach()
  string(REPLACE ";" "\\;" prefixes "${SCRATCH}/moved;${PREFIX_PATH}")
  build_project("-DCMAKE_PREFIX_PATH=${prefixes}")
elseif(HOW STREQUAL "add_subdirectory")
  string(REPLACE ";" "\\;" prefixes "${PREFIX_PATH}")
  build_project("-DLNN_SOURCE=${SOURCE}" "-DCMAKE_PREFIX_PATH=${prefixes}")
  step("${SCRATCH}/build/compiled")
elseif(HOW STREQUAL "plain")
  # No build system and no flag but the standard and the folders.
  step("${CXX}" -std=c++20 -I "${SOURCE}/include" -pthread "${CMAKE_CURRENT_LIST_DIR}/main.cpp" -o "${SCRATCH}/consumer")
  step("${SCRATCH}/consumer")
  # Kernels compiled once.
  file(WRITE "${SCRATCH}/kernels.cpp" "#include <lnn/compiled.hpp>\n")
  step("${CXX}" -std=c++20 -DLNN_COMPILED=1 -I "${SOURCE}/include" -pthread "${SCRATCH}/kernels.cpp"
    "${CMAKE_CURRENT_LIST_DIR}/compiled.cpp" -o "${SCRATCH}/compiled")
  step("${SCRATCH}/compiled")
else()
  message(FATAL_ERROR "consume.cmake: HOW is '${HOW}', must be find_package, add_subdirectory or plain")
endif()
