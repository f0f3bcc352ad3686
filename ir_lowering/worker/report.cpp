#include "ir_lowering/worker/report.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace irlens::inline worker {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 7> kStatusNames = {
    "ok", "failed", "unavailable", "crashed", "timeout", "memory", "cancelled"};

/// Texts of compilers may hold any byte; JSON takes UTF-8 only.
std::string dump(const json &value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json toJson(const Frames &frames) {
  json result = json::array();
  for (const engine::SourcePos &frame : frames)
    result.push_back({frame.file, frame.line, frame.column});
  return result;
}

Frames framesFromJson(const json &value) {
  Frames frames;
  for (const json &frame : value)
    frames.push_back({frame.at(0), frame.at(1), frame.at(2)});
  return frames;
}

} // namespace

/// "kernels": [{"name", "facts": [[label, value], ...]}, ...]
json toJson(const std::vector<KernelReport> &kernels) {
  json result = json::array();
  for (const KernelReport &kernel : kernels) {
    json facts = json::array();
    for (const auto &[label, value] : kernel.facts)
      facts.push_back({label, value});
    result.push_back({{"name", kernel.name}, {"facts", facts}});
  }
  return result;
}

std::vector<KernelReport> kernelsFromJson(const json &value) {
  std::vector<KernelReport> kernels;
  for (const json &kernel : value) {
    KernelReport report{kernel.at("name"), {}};
    for (const json &fact : kernel.at("facts"))
      report.facts.emplace_back(fact.at(0), fact.at(1));
    kernels.push_back(std::move(report));
  }
  return kernels;
}

namespace {

json toJson(const ReportDiagnostic &diagnostic) {
  json notes = json::array();
  for (const ReportNote &note : diagnostic.notes)
    notes.push_back(
        {{"message", note.message}, {"frames", toJson(note.frames)}});
  json object = {{"severity", diagnostic.severity},
                 {"message", diagnostic.message},
                 {"op", diagnostic.op},
                 {"pass", diagnostic.pass},
                 {"frames", toJson(diagnostic.frames)},
                 {"notes", notes}};
  if (diagnostic.endLine > 0)
    object["end"] = {diagnostic.endLine, diagnostic.endColumn};
  return object;
}

} // namespace

json toJson(const std::vector<ReportDiagnostic> &diagnostics) {
  json result = json::array();
  for (const ReportDiagnostic &diagnostic : diagnostics)
    result.push_back(toJson(diagnostic));
  return result;
}

namespace {

ReportDiagnostic diagnosticFromJson(const json &value) {
  ReportDiagnostic result{value.at("severity"),
                          value.at("message"),
                          value.at("op"),
                          value.at("pass"),
                          framesFromJson(value.at("frames")),
                          {},
                          0,
                          0};
  for (const json &note : value.at("notes"))
    result.notes.push_back(
        {note.at("message"), framesFromJson(note.at("frames"))});
  if (auto end = value.find("end"); end != value.end()) {
    result.endLine = end->at(0);
    result.endColumn = end->at(1);
  }
  return result;
}

Status statusFromString(std::string_view name) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i)
    if (kStatusNames[i] == name)
      return static_cast<Status>(i);
  return Status::Failed;
}

} // namespace

std::string_view toString(Status status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

std::string shortened(std::string message, std::size_t limit) {
  constexpr std::string_view ellipsis = "...";
  if (message.size() <= limit)
    return message;
  std::size_t cut = limit > ellipsis.size() ? limit - ellipsis.size() : 0;
  while (cut > 0 && (static_cast<unsigned char>(message[cut]) & 0xC0) == 0x80)
    --cut;
  message.resize(cut);
  message += ellipsis;
  return message;
}

std::string artifactPath(const std::string &out, const std::string &entry,
                         const std::string &stage, std::string_view suffix) {
  return fmt::format("{}/{}/{}{}", out, entry, stage, suffix);
}

engine::Result<void> writeFile(const std::string &path, std::string_view text) {
  std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  auto failed = [&] {
    int error = errno;
    std::remove(temporary.c_str());
    return engine::fail(engine::ErrorCode::Io,
                        fmt::format("{}: {}", path, std::strerror(error)));
  };
  errno = 0;
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file)
    return failed();
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    return failed();
  return {};
}

engine::Result<void> renameFile(const std::string &from,
                                const std::string &to) {
  if (std::rename(from.c_str(), to.c_str()) == 0)
    return {};
  return engine::fail(engine::ErrorCode::Io,
                      fmt::format("{}: {}", to, std::strerror(errno)));
}

engine::Result<void> writeReport(const std::string &path,
                                 const StageReport &report) {
  json diagnostics = toJson(report.diagnostics);
  json summary = report.figures;
  if (report.ops >= 0)
    summary["ops"] = report.ops;
  if (!report.kernels.empty())
    summary["kernels"] = toJson(report.kernels);
  json object = {{"status", toString(report.status)}, {"ms", report.ms},
                 {"format", report.format},           {"summary", summary},
                 {"diagnostics", diagnostics},        {"note", report.note}};
  return writeFile(path, dump(object) + "\n");
}

StageReport readReport(const std::string &path) {
  StageReport report;
  report.status = Status::Failed;
  std::ifstream file(path, std::ios::binary);
  try {
    json object = json::parse(file);
    report.ms = object.at("ms");
    report.format = object.at("format");
    report.note = object.at("note");
    const json &summary = object.at("summary");
    report.ops = summary.value("ops", std::int64_t(-1));
    for (const auto &[name, value] : summary.items())
      if (value.is_number() && name != "ops")
        report.figures[name] = value.get<double>();
    report.kernels = kernelsFromJson(summary.value("kernels", json::array()));
    for (const json &diagnostic : object.at("diagnostics"))
      report.diagnostics.push_back(diagnosticFromJson(diagnostic));
    report.status = statusFromString(object.at("status").get<std::string>());
  } catch (const json::exception &) {
    report.status = Status::Failed;
  }
  return report;
}

void writeEvent(int fd, json event) {
  constexpr std::size_t lineLimit = PIPE_BUF - 1;
  std::string line = dump(event) + "\n";
  if (line.size() > lineLimit && event.contains("message")) {
    // Escapes can make a character six bytes long.
    event["message"] =
        shortened(event["message"].get<std::string>(), lineLimit / 8);
    line = dump(event) + "\n";
  }
  while (write(fd, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

} // namespace irlens::inline worker
