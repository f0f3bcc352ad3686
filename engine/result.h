// The one error channel for infrastructure (files, processes, configuration).
// What is wrong with the user's code is never an Error: it is a Diagnostic.
// Used everywhere; no thread of its own.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace irlens::engine {

enum class ErrorCode : std::uint8_t {
  NotFound,      ///< No such file, stage, entry or run.
  InvalidConfig, ///< A setting or a row of a table cannot be used.
  ToolMissing,   ///< An optional part is not installed.
  ToolFailed,    ///< A process did not do what it was asked to do.
  Io,            ///< Reading or writing failed (message has the system's word).
  Cancelled,     ///< Somebody no longer wants the result.
  Internal,      ///< A bug of ours.
};

struct Error {
  ErrorCode code;
  std::string message;
};

template <typename T> using Result = std::expected<T, Error>;

/// Shorthand for `return fail(ErrorCode::Io, "...")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

} // namespace irlens::engine
