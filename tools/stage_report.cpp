#include "tools/stage_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace irlens::tools {
namespace {

using engine::Diagnostic;
using engine::Entry;
using engine::FileState;
using engine::StageState;
using engine::StageStatus;

void printDiagnostic(const Diagnostic &diagnostic) {
  std::string where = diagnostic.pos.file;
  if (diagnostic.pos.line > 0)
    where += fmt::format(":{}", diagnostic.pos.line);
  if (diagnostic.pos.column > 0)
    where += fmt::format(":{}", diagnostic.pos.column);
  std::string stage =
      diagnostic.stage.empty() ? "" : fmt::format(" [{}]", diagnostic.stage);
  fmt::print(stderr, "{}: {}: {}{}\n", where,
             engine::severityName(diagnostic.severity), diagnostic.message,
             stage);
  for (const engine::Note &note : diagnostic.notes)
    if (!note.pos.file.empty())
      fmt::print(stderr, "{}:{}: note: {}\n", note.pos.file, note.pos.line,
                 note.message);
}

} // namespace

void addNew(std::vector<std::string> &list, const std::string &item) {
  if (std::ranges::find(list, item) == list.end())
    list.push_back(item);
}

bool isAll(const std::vector<std::string> &asked) {
  return std::ranges::find(asked, "all") != asked.end();
}

std::vector<std::string> resolveStages(const engine::StageTable &table,
                                       const std::vector<std::string> &asked,
                                       bool &known) {
  std::vector<std::string> stages;
  known = true;
  if (asked.empty() || isAll(asked)) {
    for (const engine::Stage &stage : table.stages())
      if (!asked.empty() || stage.byDefault)
        addNew(stages, stage.id);
    return stages;
  }
  for (const std::string &id : asked) {
    auto rows = table.named(id);
    for (const engine::Stage *row : rows)
      addNew(stages, row->id);
    if (!rows.empty())
      continue;
    std::string near = table.suggest(id);
    fmt::print(stderr,
               "irlens: unknown stage {}{}; `irlens stages` lists them\n", id,
               near.empty() ? "" : fmt::format("; did you mean {}?", near));
    known = false;
  }
  return stages;
}

std::vector<Diagnostic> diagnosticsOf(const FileState &file, const Entry &entry,
                                      const StageState &stage,
                                      const std::vector<std::string> &asked) {
  if (stage.blockedByFile)
    return file.diagnostics;
  if (stage.blockedBy.empty())
    return stage.diagnostics;
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

bool isCurrent(const StageState &stage) {
  return stage.status == StageStatus::Ok && stage.good;
}

bool allExist(const engine::StageTable &table,
              const std::vector<Entry> &entries,
              const std::vector<std::string> &ids) {
  bool all = true;
  for (const std::string &id : ids) {
    bool has = std::ranges::any_of(
        entries, [&](const Entry &entry) { return entry.find(id) != nullptr; });
    if (has)
      continue;
    all = false;
    std::string others;
    for (const engine::Stage &stage : table.stages())
      if (stage.id == stage.base && entries[0].find(stage.id) &&
          table.find(stage.id, entries[0].origin) == &stage)
        others += (others.empty() ? "" : ", ") + stage.base;
    fmt::print(stderr, "irlens: {} has no stage {}; it has {}\n",
               entries[0].name, id, others);
  }
  return all;
}

void printProblems(const FileState &file, const std::vector<Entry> &entries,
                   const std::vector<std::string> &stages) {
  for (const Diagnostic &diagnostic : file.tableProblems)
    printDiagnostic(diagnostic);
  for (const Diagnostic &diagnostic : file.diagnostics)
    printDiagnostic(diagnostic);
  for (const Entry &entry : entries)
    for (const std::string &id : stages)
      if (const StageState *stage = entry.find(id);
          stage && !stage->blockedByFile &&
          (entry.kind != "file" || file.diagnostics.empty()))
        for (const Diagnostic &diagnostic :
             diagnosticsOf(file, entry, *stage, stages))
          printDiagnostic(diagnostic);
}

bool isFile(const std::string &path) {
  std::error_code ignored;
  bool is = std::filesystem::is_regular_file(path, ignored);
  if (!is)
    fmt::print(stderr, "irlens: no such file: {}\n", path);
  return is;
}

std::vector<Entry> askedEntries(const FileState &file, std::string_view name) {
  std::vector<Entry> entries = file.entries;
  std::erase_if(entries, [&](const Entry &entry) {
    return name.empty() ? file.table->isOnDemand(entry.origin)
                        : entry.name != name;
  });
  return entries;
}

bool allOk(const std::vector<Entry> &entries,
           const std::vector<std::string> &stages, bool named) {
  return std::ranges::all_of(entries, [&](const Entry &entry) {
    return std::ranges::all_of(stages, [&](const std::string &id) {
      const StageState *stage = entry.find(id);
      return !stage || isCurrent(*stage) ||
             (!named && stage->status == StageStatus::Unavailable);
    });
  });
}

} // namespace irlens::tools
