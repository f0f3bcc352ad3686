# Precompiled headers. Parsing the standard library, fmt and nlohmann-json is most
# of what compiling one of our files costs; so it is done once for all targets that
# know no compiler, and once more with GoogleTest for the tests.
#
# The owners have no flags of their own: a precompiled header fits only where the
# flags are the same.
include_guard(GLOBAL)
set(empty ${CMAKE_CURRENT_BINARY_DIR}/precompiled_headers.cpp)
file(CONFIGURE OUTPUT ${empty} CONTENT "// Nothing but what is precompiled.\n")

add_library(irlens_precompiled STATIC ${empty})
target_link_libraries(irlens_precompiled PRIVATE nlohmann_json::nlohmann_json fmt::fmt)
target_precompile_headers(irlens_precompiled PRIVATE
  <algorithm> <chrono> <expected> <filesystem> <fstream> <functional> <map> <memory>
  <optional> <ranges> <set> <string> <string_view> <utility> <vector>
  <fmt/format.h> <nlohmann/json.hpp>)

# Targets that link nlohmann-json and fmt. FUZZED: its code counts branches where
# fuzzers are built, and is then compiled with flags of its own.
function(irlens_precompile)
  cmake_parse_arguments(PRECOMPILE "FUZZED" "" "" ${ARGN})
  if(PRECOMPILE_FUZZED AND IRLENS_WITH_FUZZERS)
    return()
  endif()
  foreach(target ${PRECOMPILE_UNPARSED_ARGUMENTS})
    target_precompile_headers(${target} REUSE_FROM irlens_precompiled)
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
