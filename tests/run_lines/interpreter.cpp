// See interpreter.h.
#include "tests/run_lines/interpreter.h"

#include "engine/run_lines/split_file.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace irlens::run_lines_test {

namespace fs = std::filesystem;
using namespace engine::run_lines;

Test::Test(std::string file, std::string temporary, std::string tools)
    : surroundings_{std::move(file), std::move(temporary), {}},
      tools_(std::move(tools)) {
  text_ = readFile(surroundings_.file);
}

std::string Test::fresh() {
  return surroundings_.temporary + ".text" + std::to_string(++count_);
}

std::string Test::tool(const std::string &name) const {
  return tools_ + "/" + name;
}

bool Test::isTool(const std::string &name) const {
  return !name.contains('/') && fs::exists(tool(name));
}

void Test::check(const std::string &path) const {
  if (!path.starts_with(surroundings_.temporary))
    throw std::runtime_error("not a temporary file: " + path);
}

void Test::remove(const std::string &path) const {
  check(path);
  fs::remove_all(path);
}

void Test::makeDirectory(const std::string &path) const {
  check(path);
  fs::create_directories(path);
}

bool Test::split(const std::string &file, const std::string &folder,
                 bool leadingLines) {
  check(folder);
  auto parts = splitFile(readFile(file), leadingLines);
  if (!parts)
    return false;
  fs::remove_all(folder);
  for (const FilePart &part : *parts) {
    std::string path = folder + "/" + part.name;
    writeFile(path, part.text);
    const int count = int(std::ranges::count(part.text, '\n'));
    const int empty = leadingLines ? part.firstLine - 1 : 0;
    parts_.push_back({path, part.name, part.firstLine, count - empty,
                      part.firstLine - 1 - empty, part.text});
  }
  return true;
}

ReportContext Test::reportContext(const std::string &standardInput) const {
  ReportContext context;
  context.files.push_back({file(), file(), text_});
  for (const Part &part : parts_) {
    context.files.push_back({part.path, file(), part.text, part.linesBefore});
    if (part.path == standardInput)
      context.files.push_back({"<stdin>", file(), part.text, part.linesBefore});
  }
  context.files.push_back({"<stdin>", standardInput});
  return context;
}

Exit Test::fileCheck(std::vector<std::string> arguments,
                     const std::string &against, const std::string &input,
                     bool strictWhitespace,
                     const std::vector<Assignment> &environment) {
  arguments.insert(arguments.begin(), tool("FileCheck"));
  arguments.push_back(against);
  arguments.emplace_back("-dump-input=never");
  std::string errors = fresh();
  Exit exit = run({arguments, environment, input, fresh(), errors});
  ReportContext context = reportContext("matched");
  context.strictWhitespace = strictWhitespace;
  auto report = readFileCheckReport(readFile(errors), context);
  complaints_.insert(complaints_.end(), report.begin(), report.end());
  return exit;
}

void Test::toolFailed(const std::string &errors,
                      const std::string &standardInput) {
  auto report = readToolReport(readFile(errors), reportContext(standardInput));
  complaints_.insert(complaints_.end(), report.begin(), report.end());
}

Outcome Test::failure(int runLine) const {
  for (const auto &complaint : complaints_)
    if (complaint.severity == engine::Severity::Error &&
        complaint.pos.file == file()) {
      int line = complaint.pos.line;
      Outcome result = "fail line " + std::to_string(line);
      for (const Part &part : parts_)
        if (line >= part.firstLine && line < part.firstLine + part.lineCount)
          return result + ", part " + part.name + " line " +
                 std::to_string(line - part.linesBefore);
      return result;
    }
  return "fail run " + std::to_string(runLine);
}

} // namespace irlens::run_lines_test
