// Fuzzes the reader of RUN lines and what is made of them: on any text it ends,
// every place is in the text, rows are JSON that follows its own rules, and no
// file outside of the folder of %t is written.
#include "engine/run_lines/check_report.h"
#include "engine/run_lines/run_rows.h"
#include "engine/run_lines/split_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace irlens::engine;
using namespace irlens::engine::run_lines;

namespace {

using Json = nlohmann::json;

void require(bool condition) {
  if (!condition)
    std::abort();
}

class Text {
public:
  explicit Text(std::string_view text) {
    std::size_t begin = 0;
    while (true) {
      std::size_t end = std::min(text.find('\n', begin), text.size());
      lengths_.push_back(int(end - begin));
      if (end == text.size())
        return;
      begin = end + 1;
    }
  }

  void holds(int line, int column) const {
    require(line >= 1 && line <= int(lengths_.size()));
    require(column >= 1 && column <= lengths_[std::size_t(line) - 1] + 2);
  }

  void holds(const TextRange &range) const {
    holds(range.line, range.column);
    holds(range.endLine, range.endColumn);
    require(range.line < range.endLine ||
            (range.line == range.endLine && range.column <= range.endColumn));
  }

  void holds(const std::vector<Diagnostic> &diagnostics) const {
    for (const Diagnostic &one : diagnostics)
      holds(TextRange{one.pos.line, one.pos.column, one.end.line,
                      one.end.column});
  }

private:
  std::vector<int> lengths_;
};

void checkCommands(const RunLines &lines, const Text &text) {
  text.holds(lines.diagnostics);
  for (const Condition &condition : lines.conditions)
    text.holds(condition.expression.range);
  for (const Run &run : lines.runs) {
    text.holds(run.range);
    for (const Part &part : run.parts) {
      require(!part.pipeline.commands.empty());
      text.holds(part.pipeline.range);
      for (const Command &command : part.pipeline.commands) {
        text.holds(command.range);
        text.holds(command.program.range);
        for (const Word &word : command.arguments)
          text.holds(word.range);
      }
    }
  }
}

void checkWritten(const Json &step) {
  auto check = [](const Json &value) {
    const std::string path = value;
    require(path == "/dev/null" ||
            std::filesystem::path(path).lexically_normal().string().starts_with(
                "/tmp/Output/"));
  };
  for (const char *key : {"write", "remove", "make-directory", "output"})
    if (step.contains(key))
      check(step[key]);
  if (step.contains("errors") && step["errors"] != "joined")
    check(step["errors"]);
  if (step.contains("split-file"))
    check(step["split-file"]["directory"]);
}

void checkRows(const RunRows &made, const Text &text) {
  text.holds(made.diagnostics);
  std::set<std::string> known{"mlir"};
  for (const RunRow &row : made.rows) {
    Json json = Json::parse(row.json);
    require(json["id"] == row.id && known.contains(json["from"]));
    for (const Json &input : json.value("inputs", Json::array()))
      require(known.contains(input));
    require(known.insert(row.id).second);
    require(!row.steps.empty() && row.steps.size() == json["steps"].size());
    for (const Json &step : json["steps"])
      checkWritten(step);
    text.holds(row.definition);
    for (const TextRange &range : row.steps)
      text.holds(range);
  }
}

void checkParts(std::string_view text) {
  auto parts = splitFile(text, false);
  auto leading = splitFile(text, true);
  require(parts.has_value() == leading.has_value());
  if (!parts)
    return;
  require(parts->size() == leading->size());
  for (std::size_t i = 0; i < parts->size(); ++i) {
    require(text.contains((*parts)[i].text));
    require((*leading)[i].text.ends_with((*parts)[i].text));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  Surroundings test{"/ws/f.mlir", "/tmp/Output/f.tmp", {}};
  Text lines(text);
  RunLines read = readRunLines(text, test);
  checkCommands(read, lines);
  checkRows(rowsOf(read, {test, "mlir", text, {"mytool"}}), lines);
  checkParts(text);
  ReportContext context{.files = {{"f", "/ws/f", text}},
                        .command = {},
                        .commandEnd = {},
                        .strictWhitespace = false};
  for (const Diagnostic &one : readFileCheckReport(text, context))
    require(!one.message.contains('\0') || text.contains('\0'));
  readToolReport(text, context);
  return 0;
}
