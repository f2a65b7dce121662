# SPDX-License-Identifier: Apache-2.0
# Defines lnn::xsimd, the include path of xsimd.  The package's own target is not used as it is: some distributions
# build it with xtl support and export a dependency on xtl that they do not install.  lnn never uses that part.
if(NOT TARGET lnn::xsimd)
  if(NOT TARGET xsimd)
    find_package(xsimd CONFIG QUIET)
  endif()
  add_library(lnn::xsimd INTERFACE IMPORTED GLOBAL)
  if(TARGET xsimd)
    # Copied, not referred to: the package's target is known in this directory only, lnn::xsimd everywhere.
    get_target_property(lnn_xsimd_include xsimd INTERFACE_INCLUDE_DIRECTORIES)
    set_target_properties(lnn::xsimd PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${lnn_xsimd_include}")
  else()
    find_path(LNN_XSIMD_INCLUDE_DIR xsimd/xsimd.hpp DOC "Folder of xsimd/xsimd.hpp")
    mark_as_advanced(LNN_XSIMD_INCLUDE_DIR)
    if(NOT LNN_XSIMD_INCLUDE_DIR)
      message(FATAL_ERROR "lnn: xsimd was not found (Debian: libxsimd-dev); set xsimd_DIR or LNN_XSIMD_INCLUDE_DIR")
    endif()
    set_target_properties(lnn::xsimd PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${LNN_XSIMD_INCLUDE_DIR}")
  endif()
endif()
