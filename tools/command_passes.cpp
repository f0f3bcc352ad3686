// irlens passes: lists the passes of stages, and prints or writes the IR after
// each.
#include "tools/command.h"
#include "tools/session.h"
#include "tools/stage_report.h"

#include "engine/run/passes.h"
#include "engine/store/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>

namespace irlens::tools {
namespace fs = std::filesystem;
namespace {

using engine::Entry;
using engine::Pass;
using engine::StageState;
using Json = nlohmann::json;

/// One stage of one entry that was to record its passes.
struct Recorded {
  const Entry &entry;
  const engine::Stage &stage;
  const StageState &state;

  std::span<const Pass> passes() const {
    return state.passes ? std::span<const Pass>(*state.passes)
                        : std::span<const Pass>();
  }
};

/// The ids that record passes; says which of those asked for do not.
std::vector<std::string> recording(const engine::StageTable &table,
                                   const std::vector<std::string> &asked) {
  std::vector<std::string> ids;
  for (const engine::Stage &stage : table.stages())
    if (stage.recordsPasses &&
        (asked.empty() || std::ranges::find(asked, stage.id) != asked.end()))
      addNew(ids, stage.id);
  for (const std::string &id : asked)
    if (std::ranges::find(ids, id) == ids.end())
      fmt::print(stderr, "irlens: {} has no passes to show\n", id);
  return ids;
}

std::vector<Recorded> recordedOf(const engine::StageTable &table,
                                 const std::vector<Entry> &entries,
                                 const std::vector<std::string> &ids) {
  std::vector<Recorded> all;
  for (const Entry &entry : entries)
    for (const std::string &id : ids) {
      const StageState *state = entry.find(id);
      const engine::Stage *row = table.find(id, entry.origin);
      if (state && row)
        all.push_back({entry, *row, *state});
    }
  return all;
}

/// The names asked for that no entry has a stage of. An id may be that of
/// another source's stage alone, whose targets differ.
std::vector<std::string> missing(const std::vector<Recorded> &all,
                                 const std::vector<std::string> &names) {
  std::vector<std::string> none;
  for (const std::string &name : names)
    if (std::ranges::none_of(all, [&](const Recorded &one) {
          return one.stage.id == name || one.stage.base == name;
        }))
      none.push_back(name);
  return none;
}

void printTable(const std::vector<Recorded> &all) {
  const Entry *heading = nullptr;
  for (const Recorded &one : all) {
    if (one.passes().empty())
      continue; // What is wrong with it stands on stderr.
    if (heading != &one.entry)
      fmt::print("{}\n{}\n", one.entry.name, engine::passHeading());
    heading = &one.entry;
    for (const Pass &pass : one.passes())
      fmt::print("{}\n", engine::passLine(one.stage, pass));
  }
}

fs::path outPath(const fs::path &out, const Recorded &one, const Pass &pass) {
  return out / one.entry.name / engine::passFileName(one.stage, pass);
}

Json toJson(const engine::FileState &file, const std::vector<Recorded> &all,
            const std::string &out) {
  Json stages = Json::array();
  for (const Recorded &one : all) {
    Json passes = Json::array();
    for (const Pass &pass : one.passes()) {
      fs::path path = !out.empty()    ? outPath(out, one, pass)
                      : pass.artifact ? pass.artifact->document
                                      : fs::path();
      passes.push_back({{"index", pass.index},
                        {"name", pass.name},
                        {"ms", pass.ms},
                        {"changed", pass.changed},
                        {"failed", pass.failed},
                        {"ops", pass.operations},
                        {"path", path.string()}});
    }
    stages.push_back({{"entry", one.entry.name},
                      {"stage", one.stage.id},
                      {"status", engine::toString(one.state.status)},
                      {"passes", std::move(passes)}});
  }
  return {{"file", file.path.string()}, {"stages", std::move(stages)}};
}

/// The text after a pass. Nothing, and a message, when it cannot be read.
std::optional<std::string> readPass(const Pass &pass) {
  auto text = pass.artifact
                  ? engine::readFile(pass.artifact->document)
                  : engine::fail(engine::ErrorCode::NotFound,
                                 fmt::format("no text of {}", pass.name));
  if (text)
    return std::move(*text);
  fmt::print(stderr, "irlens: {}\n", text.error().message);
  return std::nullopt;
}

/// The IR after one pass, with a heading where several stages or entries have
/// one. False when none has.
bool printPass(const std::vector<Recorded> &all, int index) {
  bool any = false;
  for (const Recorded &one : all)
    for (const Pass &pass : one.passes()) {
      if (pass.index != index)
        continue;
      auto text = readPass(pass);
      if (!text)
        continue;
      any = true;
      if (all.size() > 1)
        fmt::print("{} entry: {}, stage: {}, pass: {}\n",
                   engine::passComment(engine::passFileName(one.stage, pass)),
                   one.entry.name, one.stage.label(), pass.name);
      if (pass.failed)
        fmt::print("{} {} failed; the IR before it\n",
                   engine::passComment(engine::passFileName(one.stage, pass)),
                   pass.name);
      std::fwrite(text->data(), 1, text->size(), stdout);
    }
  if (!any)
    fmt::print(stderr, "irlens: there is no pass {}\n", index);
  return any;
}

bool writeAll(const std::vector<Recorded> &all, const fs::path &out) {
  bool good = true;
  for (const Recorded &one : all)
    for (const Pass &pass : one.passes()) {
      auto text = readPass(pass);
      fs::path path = outPath(out, one, pass);
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      auto written =
          text ? engine::writeFile(path, *text) : engine::Result<void>();
      good = good && text && written;
      if (!written)
        fmt::print(stderr, "irlens: {}\n", written.error().message);
    }
  return good;
}

} // namespace

int passesCommand(const engine::Settings &settings,
                  const PassesOptions &options) {
  if (!isFile(options.file))
    return 2;
  Session session(settings, /*showProgress=*/true);
  if (!session.valid())
    return 1;
  auto table = session.engine().tableOf(options.file);
  bool known = true;
  std::vector<std::string> asked;
  if (!options.stages.empty())
    asked = resolveStages(*table, options.stages, known);
  if (!known)
    return 2;
  bool isEach = options.stages.empty() || isAll(options.stages);
  auto ids = recording(*table, isEach ? std::vector<std::string>() : asked);
  if (!isEach && ids.size() < asked.size())
    return 2;

  engine::LowerRequest request;
  request.path = options.file;
  request.stages = request.recordPasses = ids;
  if (!options.entry.empty())
    request.entries = {options.entry};
  const engine::FileState *file = session.lower(std::move(request));
  if (!file)
    return 130; // As a shell reports an interrupt.
  std::vector<Entry> entries = askedEntries(*file, options.entry);
  if (entries.empty())
    entries.push_back(placeholder(*file, ids));
  auto all = recordedOf(*file->table, entries, ids);

  bool good = options.out.empty() || writeAll(all, options.out);
  if (options.json)
    fmt::print("{}\n",
               toJson(*file, all, options.out)
                   .dump(2, ' ', false, Json::error_handler_t::replace));
  else if (options.pass >= 0)
    good = printPass(all, options.pass) && good;
  else
    printTable(all);
  if (!options.json)
    printProblems(*file, entries, ids);
  bool exist =
      isEach ? !all.empty()
             : allExist(*file->table, entries, missing(all, options.stages));
  if (isEach && all.empty() && entries.front().kind != "file")
    fmt::print(stderr, "irlens: no stage of {} has passes to show\n",
               entries.front().name);
  return good && exist && allOk(entries, ids) ? 0 : 1;
}

} // namespace irlens::tools
