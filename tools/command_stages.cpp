// irlens stages: the stage table, or what a file's entries can be lowered to.
#include "tools/command.h"
#include "tools/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace irlens::tools {
namespace {

using Row = std::array<std::string, 6>;

Row rowOf(const engine::Stage &stage) {
  return {"  " + stage.id,
          stage.title,
          "." + stage.extension,
          stage.from,
          stage.target.empty() ? "-" : stage.target,
          stage.byDefault ? "yes" : "no"};
}

/// Those that entries of an origin begin with that has another's stages.
std::vector<std::string> firstStages(const engine::Origin &origin) {
  std::vector<std::string> first = origin.roots;
  for (const engine::EnterAt &at : origin.enters)
    for (const std::string &stage : at.stages)
      if (std::ranges::find(first, stage) == first.end())
        first.push_back(stage);
  return first;
}

/// An origin with the stages that are made from it; of one that is like another
/// only how.
void addSource(std::vector<Row> &rows, const engine::StageTable &table,
               const engine::Origin &origin) {
  std::string heading = fmt::format("{} (.{})", origin.title,
                                    fmt::join(origin.extensions, ", ."));
  if (!origin.inherits.empty()) {
    rows.push_back({fmt::format("{}: the stages of {} from {} on", heading,
                                table.findOrigin(origin.inherits)->title,
                                fmt::join(firstStages(origin), ", "))});
    return;
  }
  rows.push_back({heading});
  for (const engine::Stage &stage : table.stages())
    if (stage.origin == origin.id)
      rows.push_back(rowOf(stage));
}

/// A row whose other columns are empty is a heading: it may be longer.
void print(const std::vector<Row> &rows) {
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row &row : rows)
    for (std::size_t i = 0; i < row.size() && !row[1].empty(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (const Row &row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

void printTable(const engine::StageTable &table) {
  std::vector<Row> rows{
      {"  stage", "title", "file", "made from", "target", "on save"}};
  for (const engine::Origin &origin : table.origins())
    addSource(rows, table, origin);
  print(rows);
}

} // namespace

int stagesCommand(const engine::Settings &settings, const std::string &file) {
  Session session(settings, /*showProgress=*/true);
  if (!session.valid())
    return 1;
  if (file.empty()) {
    printTable(session.engine().table());
    return 0;
  }
  // What was made of this file: everything is tried, the store answers what it
  // can.
  LowerOptions options;
  options.file = file;
  options.stages = {"all"};
  return lowerCommand(settings, options);
}

} // namespace irlens::tools
