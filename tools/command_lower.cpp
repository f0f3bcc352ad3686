// irlens lower: lowers a file and prints, writes or lists its stages.
#include "tools/command.h"
#include "tools/session.h"
#include "tools/stage_report.h"
#include "tools/trust_folder.h"

#include "engine/store/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

namespace irlens::tools {
namespace fs = std::filesystem;
namespace {

using engine::Diagnostic;
using engine::Entry;
using engine::FileState;
using engine::StageState;
using engine::StageStatus;
using Json = nlohmann::json;

/// The stage that `--check` asks for.
constexpr const char *kCheck = "check";

/// The stage that `--pipe` makes.
constexpr const char *kPipe = "pipe";

/// The stages that a run makes when nobody names any.
std::vector<std::string> askedStages(const std::vector<Entry> &entries) {
  std::vector<std::string> stages;
  for (const Entry &entry : entries)
    for (const StageState &stage : entry.stages)
      if (stage.status != StageStatus::NotAsked)
        addNew(stages, stage.id);
  return stages;
}

/// The stages of an entry that were asked for, in the order of the table.
std::vector<const StageState *> chosen(const Entry &entry,
                                       const std::vector<std::string> &stages) {
  std::vector<const StageState *> found;
  for (const StageState &stage : entry.stages)
    if (std::ranges::find(stages, stage.id) != stages.end())
      found.push_back(&stage);
  return found;
}

/// Where a stage's text can be read; empty when there is none of this run.
using PathOf = std::function<fs::path(const Entry &, const StageState &)>;

Json toJson(const FileState &file, const std::vector<Entry> &entries,
            const std::vector<std::string> &stages, const PathOf &pathOf) {
  Json list = Json::array();
  for (const Entry &entry : entries) {
    Json out = Json::array();
    for (const StageState *stage : chosen(entry, stages)) {
      const std::string &id = stage->id;
      Json diagnostics = Json::array();
      for (const Diagnostic &d : diagnosticsOf(file, entry, *stage, stages))
        diagnostics.push_back({{"line", d.pos.line},
                               {"column", d.pos.column},
                               {"severity", engine::severityName(d.severity)},
                               {"message", d.message},
                               {"stage", d.stage.empty() ? id : d.stage}});
      fs::path path = pathOf(entry, *stage);
      const engine::Stage *row = file.table->find(id, entry.origin);
      out.push_back(
          {{"id", row ? row->base : id},
           {"status", engine::toString(stage->status)},
           {"ms", stage->ms},
           {"path", path.empty() ? Json() : Json(path.string())},
           {"target", stage->target.empty() ? Json() : Json(stage->target)},
           {"figures", stage->measured},
           {"diagnostics", std::move(diagnostics)}});
    }
    list.push_back({{"name", entry.name},
                    {"kind", entry.kind},
                    {"line", entry.line},
                    {"stages", std::move(out)}});
  }
  return {{"file", file.path.string()}, {"entries", std::move(list)}};
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

/// "  max error 1.2e-07"
std::string measuredOf(const StageState &stage) {
  std::string text;
  for (const auto &[name, value] : stage.measured)
    text += fmt::format("  {} {:.2g}", name, value);
  return text;
}

constexpr std::size_t kStageWidth = 14;

void printTable(const FileState &file, const std::vector<Entry> &entries,
                const std::vector<std::string> &stages, const PathOf &pathOf) {
  for (const Entry &entry : entries) {
    fmt::print("{} ({}{}{})\n", entry.name,
               entry.signature.empty() ? entry.kind : entry.signature,
               entry.parameters < 0 ? "" : ", ",
               entry.parameters < 0
                   ? ""
                   : fmt::format("{} parameters", entry.parameters));
    std::size_t width = kStageWidth;
    for (const engine::Stage &stage : file.table->stages())
      if (file.table->applies(stage, entry.origin))
        width = std::max(width, stage.label().size() + 2);
    fmt::print("  {:<{}}{:<13}{:>9}{:>11}  {}\n", "stage", width, "status",
               "ms", "size", "path");
    for (const StageState *stage : chosen(entry, stages)) {
      bool made = isCurrent(*stage);
      const engine::Stage *row = file.table->find(stage->id, entry.origin);
      fmt::print(
          "  {:<{}}{:<13}{:>9.1f}{:>11}  {}\n", row ? row->label() : stage->id,
          width, engine::toString(stage->status), stage->ms,
          made ? readableSize(stage->good->bytes) : "-",
          made ? pathOf(entry, *stage).string() + measuredOf(*stage)
               : (stage->blockedBy.empty() ? "see the messages"
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
      const engine::Stage *row = table.find(id, entry.origin);
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

/// The texts of one stage, with a heading where there are several entries or
/// targets.
void printTexts(const FileState &file, const std::vector<Entry> &entries,
                const std::vector<std::string> &ids) {
  for (const Entry &entry : entries) {
    for (const std::string &id : ids) {
      const StageState *stage = entry.find(id);
      const engine::Stage *row = file.table->find(id, entry.origin);
      if (!stage || !row || !isCurrent(*stage))
        continue;
      if (entries.size() > 1 || row->oneOfMany)
        fmt::print("{} entry: {}{}\n", row->comment, entry.name,
                   row->oneOfMany ? ", target: " + row->target : "");
      if (auto text = engine::readFile(stage->good->document))
        std::fwrite(text->data(), 1, text->size(), stdout);
      else
        fmt::print(stderr, "irlens: {}\n", text.error().message);
    }
  }
}

/// What a file is: the stage that its text enters at, else what models have.
std::string entryStage(const engine::StageTable &table, const fs::path &path) {
  std::string extension = path.extension().string();
  auto text = engine::readFile(path);
  for (const engine::Origin &origin : table.origins())
    for (const engine::EnterAt &at : origin.enters) {
      bool fits = extension.size() > 1 &&
                  std::ranges::find(at.extensions, extension.substr(1)) !=
                      at.extensions.end();
      bool marked =
          at.markers.empty() ||
          std::ranges::any_of(at.markers, [&](const std::string &marker) {
            return text && text->contains(marker);
          });
      if (fits && marked && !at.stages.empty())
        return at.stages.front();
    }
  return "linalg";
}

/// The settings with the pipeline of the command line as one more row.
engine::Settings withPipe(engine::Settings settings,
                          const LowerOptions &options) {
  if (options.pipe.empty())
    return settings;
  auto table = engine::StageTable::builtin();
  std::string from = !options.from.empty() ? options.from
                     : table               ? entryStage(*table, options.file)
                                           : "";
  settings.commandLineRows =
      Json::array({{{"id", kPipe}, {"from", from}, {"steps", options.pipe}}})
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  return settings;
}

bool isOneStage(const engine::StageTable &table,
                const std::vector<std::string> &ids) {
  std::set<std::string_view> bases;
  for (const engine::Stage &stage : table.stages())
    if (std::ranges::find(ids, stage.id) != ids.end())
      bases.insert(stage.base);
  return bases.size() == 1;
}

} // namespace

int lowerCommand(const engine::Settings &settings,
                 const LowerOptions &options) {
  if (!isFile(options.file))
    return 2;
  if (options.trust &&
      !trustFolder(engine::normalPath(options.file).parent_path()))
    return 1;
  Session session(withPipe(settings, options), /*showProgress=*/true);
  if (!session.valid())
    return 1;
  bool known = true;
  auto asked = options.stages;
  if (!options.pipe.empty() && asked.empty())
    asked.emplace_back(kPipe);
  if (options.check && !asked.empty())
    asked.emplace_back(kCheck);
  auto stages =
      resolveStages(*session.engine().tableOf(options.file), asked, known);
  if (!known)
    return 2;

  engine::LowerRequest request;
  request.path = options.file;
  if (!asked.empty())
    request.stages = stages;
  else if (options.check)
    request.stages = {kCheck};
  request.defaults = asked.empty();
  request.force = options.force;
  if (!options.entry.empty())
    request.entries = {options.entry};
  const FileState *file = session.lower(std::move(request));
  if (!file)
    return 130; // As a shell reports an interrupt.

  std::vector<Entry> entries = askedEntries(*file, options.entry);
  if (options.stages.empty() && !entries.empty())
    stages = askedStages(entries);
  if (entries.empty())
    entries.push_back(placeholder(*file, stages));

  const engine::StageTable &table = *file->table;
  PathOf pathOf = [&](const Entry &entry, const StageState &stage) -> fs::path {
    if (!isCurrent(stage))
      return {};
    if (options.out.empty())
      return stage.good->document;
    return fs::path(options.out) / entry.name /
           table.find(stage.id, entry.origin)->fileName();
  };
  bool written =
      options.out.empty() || writeAll(table, entries, stages, options.out);
  if (options.json)
    fmt::print("{}\n",
               toJson(*file, entries, stages, pathOf)
                   .dump(2, ' ', false, Json::error_handler_t::replace));
  else if (isOneStage(table, stages) && options.out.empty())
    printTexts(*file, entries, stages);
  else
    printTable(*file, entries, stages, pathOf);
  if (!options.json)
    printProblems(*file, entries, stages);
  bool exist = options.stages.empty() || isAll(options.stages) ||
               allExist(table, entries, stages);
  bool good = allOk(entries, stages,
                    /*named=*/!options.stages.empty() || !options.pipe.empty());
  return written && exist && good ? 0 : 1;
}

} // namespace irlens::tools
