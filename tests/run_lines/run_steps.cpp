// Executes the rows that RUN lines become, step by step and with texts between
// them, as workers do: proves that the rows mean what the commands mean.
#include "tests/run_lines/interpreter.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace irlens::run_lines_test {

using namespace engine::run_lines;

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

Expects expectsOf(const Json &step) {
  return expectsNamed(step.value("expects", "")).value_or(Expects::Success);
}

std::vector<Assignment> environmentOf(const Json &step) {
  std::vector<Assignment> result;
  if (step.contains("env"))
    for (const auto &[name, value] : step["env"].items())
      result.push_back({name, value.is_null()
                                  ? std::nullopt
                                  : std::optional(value.get<std::string>())});
  return result;
}

class Rows {
public:
  explicit Rows(Test &test) : test_(test) { texts_["input"] = test.file(); }

  bool succeeds(const Json &row) {
    for (const Json &input : row.value("inputs", Json::array()))
      if (!texts_.contains(input.get<std::string>()))
        throw std::runtime_error("input is not made: " + row.dump());
    std::string text = texts_.at(row["from"]); // the file that holds it
    bool good = true;
    for (const Json &step : row["steps"])
      good &= succeeds(step, text);
    texts_[row["id"]] = text;
    return good;
  }

private:
  bool succeeds(const Json &step, std::string &text) {
    if (step.contains("tool") || step.contains("command"))
      return runTool(step, text);
    if (step.contains("filecheck"))
      return fileCheck(step, text);
    if (step.contains("split-file")) {
      const Json &split = step["split-file"];
      return test_.split(split["file"], split["directory"],
                         split["leading-lines"]);
    }
    if (step.contains("count")) {
      Exit exit = run({{test_.tool("count"), step["count"]},
                       {},
                       text,
                       test_.fresh(),
                       test_.fresh()});
      return isAsExpected(expectsOf(step), exit);
    }
    if (step.contains("diff")) {
      const bool same = readFile(text) == readFile(step["diff"]["against"]);
      return isAsExpected(expectsOf(step), {same ? 0 : 1});
    }
    return moveText(step, text);
  }

  bool moveText(const Json &step, std::string &text) {
    if (step.contains("read"))
      text = step["read"];
    else if (step.contains("write"))
      writeFile(step["write"], readFile(text));
    else if (step.contains("remove"))
      test_.remove(step["remove"]);
    else if (step.contains("make-directory"))
      test_.makeDirectory(step["make-directory"]);
    else
      throw std::runtime_error("unknown step: " + step.dump());
    return true;
  }

  bool fileCheck(const Json &step, const std::string &text) {
    Words words = step["filecheck"]["args"];
    const bool strict = std::ranges::any_of(words, [](const std::string &word) {
      return word.ends_with("-strict-whitespace");
    });
    Exit exit = test_.fileCheck(words, step["filecheck"]["against"], text,
                                strict, environmentOf(step));
    return isAsExpected(expectsOf(step), exit);
  }

  bool runTool(const Json &step, std::string &text) {
    std::string output = test_.fresh();
    Invocation invocation{wordsOf(step, text), environmentOf(step), text,
                          output, test_.fresh()};
    std::string report = invocation.errors;
    const std::string errors = step.value("errors", "");
    const std::string file = step.value("output", "");
    if (errors == "joined") {
      invocation.errors.clear();
      report = output;
    } else if (!errors.empty()) {
      invocation.errors = errors;
      report = errors;
    }
    // The file of that name has the text: so messages name it as in lit.
    if (step.contains("name"))
      invocation.words.push_back(step["name"]);
    if (step.contains("name") || !file.empty())
      invocation.words.insert(invocation.words.end(),
                              {"-o", file.empty() ? "-" : file});
    Exit exit = run(invocation);
    const bool good = isAsExpected(expectsOf(step), exit);
    if (!good)
      test_.toolFailed(report, text);
    text = output;
    return good;
  }

  Words wordsOf(const Json &step, const std::string &text) const {
    Words words;
    if (step.contains("tool")) {
      words = step["args"].get<Words>();
      words.insert(words.begin(), step["tool"].get<std::string>());
    } else {
      words = step["command"].get<Words>();
    }
    for (std::string &word : words)
      if (word == "{input}")
        word = text;
      else if (word == "{output}")
        word = "-";
    words[0] = test_.tool(words[0]);
    return words;
  }

  Test &test_;
  std::map<std::string, std::string> texts_; ///< Of each row.
};

} // namespace

Outcome followRows(Test &test, const RunLines &lines) {
  RowContext context{
      test.surroundings(), "input", test.text(), {"llvm-as", "llvm-dis"}};
  RunRows made = rowsOf(lines, context);
  Rows rows(test);
  for (const RunRow &row : made.rows)
    if (!rows.succeeds(Json::parse(row.json)))
      return test.failure(row.definition.line);
  if (!made.diagnostics.empty())
    return "not run line " + std::to_string(made.diagnostics[0].pos.line);
  return "pass";
}

} // namespace irlens::run_lines_test
