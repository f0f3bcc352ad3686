# Precompiled headers. Parsing the standard library, fmt and nlohmann-json is most
# of what compiling one of our files costs; so it is done once for all targets that
# know no compiler, and once more with GoogleTest for the tests.
#
# The owners have no flags of their own: a precompiled header fits only where the
# flags are the same.
include_guard(GLOBAL)
set(empty ${CMAKE_CURRENT_BINARY_DIR}/precompiled_headers.cpp)
file(CONFIGURE OUTPUT ${empty} CONTENT "// Nothing but what is precompiled.\n")

function(irlens_add_precompiled owner)
  add_library(${owner} STATIC ${empty})
  target_link_libraries(${owner} PRIVATE nlohmann_json::nlohmann_json fmt::fmt)
  target_precompile_headers(${owner} PRIVATE
    <algorithm> <chrono> <expected> <filesystem> <fstream> <functional> <map> <memory>
    <optional> <ranges> <set> <string> <string_view> <utility> <vector>
    <fmt/format.h> <nlohmann/json.hpp>)
endfunction()

irlens_add_precompiled(irlens_precompiled)
if(IRLENS_WITH_FUZZERS)
  irlens_add_precompiled(irlens_precompiled_fuzzed)
  target_compile_options(irlens_precompiled_fuzzed PRIVATE -fsanitize=fuzzer-no-link)
endif()

# Targets that link nlohmann-json and fmt. FUZZED: where fuzzers are built, its code
# counts branches and has a precompiled header that is compiled likewise.
function(irlens_precompile)
  cmake_parse_arguments(PRECOMPILE "FUZZED" "" "" ${ARGN})
  set(owner irlens_precompiled)
  if(PRECOMPILE_FUZZED AND IRLENS_WITH_FUZZERS)
    set(owner irlens_precompiled_fuzzed)
  endif()
  foreach(target ${PRECOMPILE_UNPARSED_ARGUMENTS})
    if(owner STREQUAL irlens_precompiled_fuzzed)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endforeach()
endfunction()

# Test programs, which link GoogleTest as well.
function(irlens_precompile_tests)
  if(NOT TARGET irlens_precompiled_tests)
    add_library(irlens_precompiled_tests STATIC ${CMAKE_BINARY_DIR}/precompiled_headers.cpp)
    target_link_libraries(irlens_precompiled_tests PRIVATE
      nlohmann_json::nlohmann_json fmt::fmt GTest::gtest GTest::gmock)
    target_precompile_headers(irlens_precompiled_tests PRIVATE
      <algorithm> <filesystem> <functional> <map> <memory> <optional> <string> <vector>
      <fmt/format.h> <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)
  endif()
  foreach(target ${ARGN})
    target_precompile_headers(${target} REUSE_FROM irlens_precompiled_tests)
  endforeach()
endfunction()
