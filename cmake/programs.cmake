# SPDX-License-Identifier: Apache-2.0
# What all tests, examples and benchmarks of lnn share: where they go, warnings, sanitizers, compiler cache.

if(lnn_top_level)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  get_property(lnn_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT CMAKE_BUILD_TYPE AND NOT lnn_multi_config)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
  endif()
  find_program(LNN_CCACHE ccache DOC "Compiler cache")
  mark_as_advanced(LNN_CCACHE)
  if(LNN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without these allowances ccache refuses every file that is compiled with a precompiled header.  Relative to
    # the base folder, all clones share one cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${LNN_CCACHE}")
  endif()
endif()

add_library(lnn_warnings INTERFACE)
target_compile_options(lnn_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion)
if(LNN_WARNINGS_AS_ERRORS)  # not for users: the next compiler finds something new
  target_compile_options(lnn_warnings INTERFACE -Werror)
endif()
if(LNN_SANITIZE)
  target_compile_options(lnn_warnings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lnn_warnings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees imaginary overruns in inlined standard containers once sanitizer checks are in between.
    target_compile_options(lnn_warnings INTERFACE
      -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
endif()

# The precompiled header must be found in the cache by both compilers: g++ has to keep the include in its
# preprocessed output, clang has to leave the time of day out of the file.
add_library(lnn_precompiled INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lnn_precompiled INTERFACE -fpch-preprocess)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(lnn_precompiled INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

if(LNN_PROGRAMS_COMPILED)
  set(lnn_library lnn::compiled)
  target_link_libraries(lnn_compiled PRIVATE lnn_warnings)
else()
  set(lnn_library lnn::lnn)
endif()

# lnn_program(name FILES... LINK targets...)
function(lnn_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FILES;LINK")
  add_executable(${name} ${arg_FILES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${lnn_library} lnn_warnings ${arg_LINK})
endfunction()
