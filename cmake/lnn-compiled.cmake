# SPDX-License-Identifier: Apache-2.0
# lnn::compiled is lnn::lnn whose fast kernels and steps of training are compiled once, with the project that links to it, and not
# with each of its source files, which then take less time and memory to compile (docs/performance.md).  Nothing is built unless
# it is linked to.
if(NOT TARGET lnn_compiled)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/lnn/compiled.cpp" CONTENT "#include <lnn/compiled.hpp>\n" @ONLY)
  add_library(lnn_compiled STATIC EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/lnn/compiled.cpp")
  target_compile_definitions(lnn_compiled PUBLIC LNN_COMPILED=1)
  # Programs that are not optimized have fast kernels all the same.
  target_compile_options(lnn_compiled PRIVATE "$<$<CONFIG:,Debug>:-O2>")
  set_target_properties(lnn_compiled PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(lnn_compiled PUBLIC lnn::lnn)
  add_library(lnn::compiled ALIAS lnn_compiled)
endif()
