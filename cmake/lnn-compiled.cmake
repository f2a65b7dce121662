# SPDX-License-Identifier: Apache-2.0
# lnn::compiled is lnn::lnn with what many programs share compiled once, with the project that links to it, and not with each of
# its source files, which then take a fraction of the time and the memory to compile (docs/performance.md).  Nothing is built
# unless it is linked to.
if(NOT TARGET lnn_compiled)
  add_library(lnn_compiled STATIC EXCLUDE_FROM_ALL)
  foreach(part RANGE 1 5)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/lnn/compiled_${part}.cpp" CONTENT
      "#define LNN_PART ${part}\n#include <lnn/compiled.hpp>\n" @ONLY)
    target_sources(lnn_compiled PRIVATE "${CMAKE_BINARY_DIR}/lnn/compiled_${part}.cpp")
  endforeach()
  target_compile_definitions(lnn_compiled PUBLIC LNN_COMPILED=1)
  # Programs that are not optimized have fast kernels all the same.
  target_compile_options(lnn_compiled PRIVATE "$<$<CONFIG:,Debug>:-O2>")
  set_target_properties(lnn_compiled PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
  target_link_libraries(lnn_compiled PUBLIC lnn::lnn)
  add_library(lnn::compiled ALIAS lnn_compiled)
endif()
