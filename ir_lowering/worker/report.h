// What a stage reports: its status, diagnostics and counts (PROTOCOL.md,
// <stage>.json and DIAG), and the files and event lines that carry it.
// Used in all processes of this worker; knows no compiler.
#pragma once

#include "engine/diagnostic.h"
#include "engine/result.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace irlens::inline worker {

/// From the innermost to the outermost call.
using Frames = std::vector<engine::SourcePos>;

// g++ warns of designated initializers that leave out a field without one.
// NOLINTBEGIN(readability-redundant-member-init)
struct ReportNote {
  std::string message = {};
  Frames frames = {};
};

struct ReportDiagnostic {
  std::string severity = "error"; ///< "error", "warning", "info", "hint"
  std::string message = {};
  std::string op = {};
  std::string pass = {};
  Frames frames = {};
  std::vector<ReportNote> notes = {};
  /// Behind the code that the innermost frame is about; line 0: unknown.
  int endLine = 0;
  int endColumn = 0;
};

/// DIAG of PROTOCOL.md.
nlohmann::json toJson(const std::vector<ReportDiagnostic> &diagnostics);

enum class Status : std::uint8_t {
  Ok,
  Failed,
  Unavailable,
  Crashed,
  Timeout,
  Memory,
  Cancelled,
};

std::string_view toString(Status status);

/// A label and a number or a text, in the order in which people read them.
using KernelFact = std::pair<std::string, nlohmann::json>;
using KernelFacts = std::vector<KernelFact>;

struct KernelReport {
  std::string name;
  KernelFacts facts;
};

/// KERNEL of PROTOCOL.md. Throws nlohmann::json::exception for other shapes.
nlohmann::json toJson(const std::vector<KernelReport> &kernels);
std::vector<KernelReport> kernelsFromJson(const nlohmann::json &value);

struct StageReport {
  Status status = Status::Ok;
  double ms = 0;
  std::string format =
      {}; ///< Of the text in <stage>.raw, also of a failed stage's.
  std::int64_t ops = -1;
  std::vector<KernelReport> kernels = {};
  std::map<std::string, double> figures = {}; ///< What else was measured.
  std::vector<ReportDiagnostic> diagnostics = {};
  std::string note = {};
};

// NOLINTEND(readability-redundant-member-init)

/// `message` cut at `limit` bytes, at a character of UTF-8.
std::string shortened(std::string message, std::size_t limit);

/// Where a stage's files stand: OUT/<entry>/<stage>.raw and .json.
std::string artifactPath(const std::string &out, const std::string &entry,
                         const std::string &stage, std::string_view suffix);

/// Writes a file under a temporary name, then renames it. Errors: Io.
engine::Result<void> writeFile(const std::string &path, std::string_view text);

/// Gives a complete file its name. Errors: Io.
engine::Result<void> renameFile(const std::string &from, const std::string &to);

/// Writes <stage>.json. Errors: Io.
engine::Result<void> writeReport(const std::string &path,
                                 const StageReport &report);
/// Reads it back; a report that cannot be read is empty and Failed.
StageReport readReport(const std::string &path);

/// One event as one line with one write(2), which is atomic up to PIPE_BUF.
/// Cuts the event's "message" if the line would be longer.
void writeEvent(int fd, nlohmann::json event);

} // namespace irlens::inline worker
