// What the engine asks of this worker (engine/worker/PROTOCOL.md), as values.
// Parsed by the server process, and by the unit tests and the fuzzer; knows no
// compiler.
#pragma once

#include "engine/result.h"
#include "ir_lowering/worker/fork_server.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace irlens::mlir_worker {

/// A row of the stage table with its target substituted.
struct Row {
  std::string id;
  std::string from;
  /// Of the text that the stage makes: "mlir", "llvm", ...; empty: found out.
  std::string format;
  nlohmann::json steps; ///< An array of objects; stepName() tells what each is.
  bool isTest = false;  ///< Its tools run exactly as written.
};

struct Job {
  int id = 0;
  std::string entry;
  std::string inputStage;
  std::string inputPath;
  std::string inputFormat; ///< "mlir", "llvm" (text or bitcode), or any other
                           ///< that only tools read.
  std::string inputName;   ///< The file that locations name; empty: inputPath.
  std::string out;
  std::string artifacts; ///< Folder with the entry's other stages.
  int timeoutMs = 60000;
  int memoryMb = 4096;
  int parallel = 2;
  /// Bytes that are kept of what a program makes or says.
  std::uint64_t outputLimit = 8 << 20;
  std::vector<std::string> deviceLibraries; ///< Folders to look in first.
  std::vector<Row> stages; ///< In the order in which they are wanted.
};

/// A text that is parsed and verified while somebody types.
struct Check {
  int id = 0;
  std::string path;
  std::string format; ///< "mlir" or "llvm".
  std::string name;   ///< The file that diagnostics name.
  std::string out;
  int timeoutMs = 60000;
  int memoryMb = 4096;
};

using Request = std::variant<Job, Check, Cancel>;

std::expected<Request, BadRequest> parseRequest(std::string_view line);

/// What a step is: its key that says so, as "tool", which has `args` and `path`
/// beside it. Empty for what is no step.
std::string stepName(const nlohmann::json &step);

/// Works on a text, with a tool or by itself, where other steps work on a
/// module in memory.
bool isTextStep(const nlohmann::json &step);

/// The folder for files of an entry's tests, which steps call {temporary}.
std::string temporaryFolder(const Job &job);
/// Puts that folder into the steps.
void nameTemporaries(Job &job);

/// One row. Errors: InvalidConfig with what is missing.
engine::Result<Row> parseRow(const nlohmann::json &row);

} // namespace irlens::mlir_worker
