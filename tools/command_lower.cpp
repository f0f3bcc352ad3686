// irlens lower: lowers a file and prints, writes or lists its stages.
#include "tools/command.h"
#include "tools/session.h"

#include "engine/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

namespace irlens::tools {
namespace fs = std::filesystem;
namespace {

using engine::Diagnostic;
using engine::Entry;
using engine::FileState;
using engine::StageState;
using engine::StageStatus;
using Json = nlohmann::json;

std::string_view severityName(engine::Severity severity) {
  switch (severity) {
  case engine::Severity::Error:
    return "error";
  case engine::Severity::Warning:
    return "warning";
  case engine::Severity::Info:
    return "info";
  case engine::Severity::Hint:
    return "hint";
  }
  return "error";
}

/// The stages asked for, in table order for "all"; an empty list and a message
/// on stderr when one is unknown.
std::vector<std::string> resolveStages(const engine::StageTable &table,
                                       const engine::Settings &settings,
                                       const std::vector<std::string> &asked,
                                       bool &known) {
  std::vector<std::string> stages;
  bool all = std::ranges::find(asked, "all") != asked.end();
  known = true;
  if (all || (asked.empty() && settings.stages.empty())) {
    for (const engine::Stage &stage : table.stages())
      if (all || stage.byDefault)
        stages.push_back(stage.id);
    return stages;
  }
  for (const std::string &id : asked.empty() ? settings.stages : asked) {
    if (table.find(id)) {
      stages.push_back(id);
      continue;
    }
    std::string near = table.suggest(id);
    fmt::print(stderr,
               "irlens: unknown stage {}{}; `irlens stages` lists them\n", id,
               near.empty() ? "" : fmt::format("; did you mean {}?", near));
    known = false;
  }
  return stages;
}

/// What is wrong with a stage. One that could not be tried says why.
std::vector<Diagnostic> diagnosticsOf(const FileState &file, const Entry &entry,
                                      const StageState &stage,
                                      const std::vector<std::string> &asked) {
  if (stage.blockedBy.empty())
    return stage.diagnostics;
  if (stage.blockedBy == "source")
    return file.diagnostics;
  Diagnostic reason;
  reason.severity = engine::Severity::Info;
  reason.message = fmt::format("not made: {} failed", stage.blockedBy);
  reason.stage = stage.id;
  reason.pos = {file.path.string(), entry.line, 0};
  std::vector<Diagnostic> all{reason};
  // The cause is told here when nobody asked for the stage that has it.
  const StageState *cause = entry.find(stage.blockedBy);
  if (cause && std::ranges::find(asked, cause->id) == asked.end())
    all.insert(all.end(), cause->diagnostics.begin(), cause->diagnostics.end());
  return all;
}

/// A file without entries still answers for every stage that was asked for:
/// with what is wrong with the file.
Entry placeholder(const FileState &file,
                  const std::vector<std::string> &stages) {
  Entry entry;
  entry.name = file.path.stem().string();
  entry.kind = "file";
  entry.line = 1;
  for (const std::string &id : stages) {
    StageState state;
    state.id = id;
    state.status = StageStatus::Failed;
    state.diagnostics = file.diagnostics;
    if (state.diagnostics.empty()) {
      Diagnostic reason;
      reason.message =
          "nothing to lower: add `__explore__(model, inputs)` or a "
          "comment `# irlens: Model()(inputs)`";
      reason.pos = {file.path.string(), 1, 0};
      state.diagnostics.push_back(std::move(reason));
    }
    entry.stages.push_back(std::move(state));
  }
  return entry;
}

void printDiagnostic(const Diagnostic &diagnostic) {
  std::string where = diagnostic.pos.file;
  if (diagnostic.pos.line > 0)
    where += fmt::format(":{}", diagnostic.pos.line);
  if (diagnostic.pos.column > 0)
    where += fmt::format(":{}", diagnostic.pos.column);
  std::string stage =
      diagnostic.stage.empty() ? "" : fmt::format(" [{}]", diagnostic.stage);
  fmt::print(stderr, "{}: {}: {}{}\n", where, severityName(diagnostic.severity),
             diagnostic.message, stage);
  for (const engine::Note &note : diagnostic.notes)
    if (!note.pos.file.empty())
      fmt::print(stderr, "{}:{}: note: {}\n", note.pos.file, note.pos.line,
                 note.message);
}

/// Where a stage's text can be read; empty when there is none of this run.
using PathOf = std::function<fs::path(const Entry &, const StageState &)>;

Json toJson(const FileState &file, const std::vector<Entry> &entries,
            const std::vector<std::string> &stages, const PathOf &pathOf) {
  Json list = Json::array();
  for (const Entry &entry : entries) {
    Json out = Json::array();
    for (const std::string &id : stages) {
      const StageState *stage = entry.find(id);
      if (!stage)
        continue;
      Json diagnostics = Json::array();
      for (const Diagnostic &d : diagnosticsOf(file, entry, *stage, stages))
        diagnostics.push_back({{"line", d.pos.line},
                               {"column", d.pos.column},
                               {"severity", severityName(d.severity)},
                               {"message", d.message},
                               {"stage", d.stage.empty() ? id : d.stage}});
      fs::path path = pathOf(entry, *stage);
      out.push_back(
          {{"id", id},
           {"status", engine::toString(stage->status)},
           {"ms", stage->ms},
           {"path", path.empty() ? Json() : Json(path.string())},
           {"target", stage->target.empty() ? Json() : Json(stage->target)},
           {"diagnostics", std::move(diagnostics)}});
    }
    list.push_back({{"name", entry.name},
                    {"kind", entry.kind},
                    {"line", entry.line},
                    {"stages", std::move(out)}});
  }
  return {{"file", file.path.string()}, {"entries", std::move(list)}};
}

bool isCurrent(const StageState &stage) {
  return stage.status == StageStatus::Ok && stage.good;
}

std::string readableSize(std::uint64_t bytes) {
  constexpr double kStep = 1024;
  double size = static_cast<double>(bytes);
  if (size < kStep)
    return fmt::format("{} B", bytes);
  if (size < kStep * kStep)
    return fmt::format("{:.1f} kB", size / kStep);
  return fmt::format("{:.1f} MB", size / kStep / kStep);
}

void printTable(const FileState &file, const std::vector<Entry> &entries,
                const std::vector<std::string> &stages, const PathOf &pathOf) {
  for (const Entry &entry : entries) {
    fmt::print("{} ({}{}{})\n", entry.name,
               entry.signature.empty() ? entry.kind : entry.signature,
               entry.parameters < 0 ? "" : ", ",
               entry.parameters < 0
                   ? ""
                   : fmt::format("{} parameters", entry.parameters));
    fmt::print("  {:<14}{:<13}{:>9}{:>11}  {}\n", "stage", "status", "ms",
               "size", "path");
    for (const std::string &id : stages) {
      const StageState *stage = entry.find(id);
      if (!stage)
        continue;
      bool made = isCurrent(*stage);
      fmt::print("  {:<14}{:<13}{:>9.1f}{:>11}  {}\n", id,
                 engine::toString(stage->status), stage->ms,
                 made ? readableSize(stage->good->bytes) : "-",
                 made ? pathOf(entry, *stage).string()
                      : (stage->blockedBy.empty()
                             ? "see the messages"
                             : stage->blockedBy + " failed"));
    }
  }
  fmt::print("{} in {:.2f} s{}\n", file.path.filename().string(),
             file.ms / 1000, file.cached ? " (from the store)" : "");
}

/// Copies the documents to DIR/<entry>/<stage>.<ext>. False when one could not
/// be written; the reason was printed.
bool writeAll(const engine::StageTable &table,
              const std::vector<Entry> &entries,
              const std::vector<std::string> &stages, const fs::path &out) {
  bool good = true;
  for (const Entry &entry : entries) {
    std::error_code error;
    fs::create_directories(out / entry.name, error);
    for (const std::string &id : stages) {
      const StageState *stage = entry.find(id);
      const engine::Stage *row = table.find(id);
      if (!stage || !row || !isCurrent(*stage))
        continue;
      auto text = engine::readFile(stage->good->document);
      auto written =
          text ? engine::writeFile(out / entry.name / row->fileName(), *text)
               : engine::Result<void>(std::unexpected(text.error()));
      if (written)
        continue;
      fmt::print(stderr, "irlens: {}\n", written.error().message);
      good = false;
    }
  }
  return good;
}

void printTexts(const std::vector<Entry> &entries, const engine::Stage &row) {
  for (const Entry &entry : entries) {
    const StageState *stage = entry.find(row.id);
    if (!stage || !isCurrent(*stage))
      continue;
    if (entries.size() > 1)
      fmt::print("{} entry: {}\n", row.comment, entry.name);
    if (auto text = engine::readFile(stage->good->document))
      std::fwrite(text->data(), 1, text->size(), stdout);
    else
      fmt::print(stderr, "irlens: {}\n", text.error().message);
  }
}

void printProblems(const FileState &file, const std::vector<Entry> &entries,
                   const std::vector<std::string> &stages) {
  for (const Diagnostic &diagnostic : file.diagnostics)
    printDiagnostic(diagnostic);
  for (const Entry &entry : entries)
    for (const std::string &id : stages)
      if (const StageState *stage = entry.find(id);
          stage && stage->blockedBy != "source" &&
          (entry.kind != "file" || file.diagnostics.empty()))
        for (const Diagnostic &diagnostic :
             diagnosticsOf(file, entry, *stage, stages))
          printDiagnostic(diagnostic);
}

bool allOk(const std::vector<Entry> &entries,
           const std::vector<std::string> &stages) {
  return std::ranges::all_of(entries, [&](const Entry &entry) {
    return std::ranges::all_of(stages, [&](const std::string &id) {
      const StageState *stage = entry.find(id);
      return stage && isCurrent(*stage);
    });
  });
}

} // namespace

int lowerCommand(const engine::Settings &settings,
                 const LowerOptions &options) {
  std::error_code ignored;
  if (!fs::is_regular_file(options.file, ignored)) {
    fmt::print(stderr, "irlens: no such file: {}\n", options.file);
    return 2;
  }
  Session session(settings, /*showProgress=*/true);
  if (!session.valid())
    return 1;
  bool known = true;
  auto stages =
      resolveStages(session.engine().table(), settings, options.stages, known);
  if (!known)
    return 2;

  engine::LowerRequest request;
  request.path = options.file;
  request.stages = stages;
  request.force = options.force;
  if (!options.entry.empty())
    request.entries = {options.entry};
  const FileState *file = session.lower(std::move(request));
  if (!file)
    return 130; // As a shell reports an interrupt.

  std::vector<Entry> entries = file->entries;
  if (!options.entry.empty())
    std::erase_if(entries,
                  [&](const Entry &e) { return e.name != options.entry; });
  if (entries.empty())
    entries.push_back(placeholder(*file, stages));

  const engine::StageTable &table = session.engine().table();
  PathOf pathOf = [&](const Entry &entry, const StageState &stage) -> fs::path {
    if (!isCurrent(stage))
      return {};
    if (options.out.empty())
      return stage.good->document;
    return fs::path(options.out) / entry.name /
           table.find(stage.id)->fileName();
  };
  bool written =
      options.out.empty() || writeAll(table, entries, stages, options.out);
  if (options.json)
    fmt::print("{}\n",
               toJson(*file, entries, stages, pathOf)
                   .dump(2, ' ', false, Json::error_handler_t::replace));
  else if (stages.size() == 1 && options.out.empty())
    printTexts(entries, *table.find(stages.front()));
  else
    printTable(*file, entries, stages, pathOf);
  if (!options.json)
    printProblems(*file, entries, stages);
  return written && allOk(entries, stages) ? 0 : 1;
}

} // namespace irlens::tools
