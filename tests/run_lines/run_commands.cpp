// Does what RUN lines say, command by command: proves that the command tree is
// what lit understands. Commands of a pipeline run one after the other, with
// files between them.
#include "tests/run_lines/interpreter.h"

#include "engine/run_lines/tool_words.h"

#include <algorithm>

namespace irlens::run_lines_test {

using namespace engine::run_lines;

namespace {

std::vector<std::string> texts(const std::vector<Word> &words) {
  std::vector<std::string> result;
  for (const Word &word : words)
    result.push_back(word.text);
  return result;
}

class Commands {
public:
  explicit Commands(Test &test) : test_(test) {}

  bool succeeds(const Run &run) {
    bool good = true;
    for (const Part &part : run.parts)
      if (part.join == Join::Always || (part.join == Join::IfSucceeded) == good)
        good = succeeds(part.pipeline);
    return good;
  }

private:
  bool succeeds(const Pipeline &pipeline) {
    bool good = true;
    std::string input;
    for (const Command &command : pipeline.commands) {
      std::string output = test_.fresh();
      Exit exit = execute(command, input, output);
      good &= isAsExpected(command.expects, exit);
      input = output;
    }
    return good;
  }

  Exit execute(const Command &command, std::string input,
               const std::string &pipe) {
    const std::string &program = command.program.text;
    std::vector<std::string> words = texts(command.arguments);
    if (command.input)
      input = command.input->text;
    if (program == "FileCheck")
      return fileCheck(command, input);
    if (program == "split-file")
      return splitFile(words);
    if (program == "mkdir" || program == "rm") {
      for (const std::string &word : words)
        if (!word.starts_with('-'))
          program == "rm" ? test_.remove(word) : test_.makeDirectory(word);
      return {};
    }
    if (program == "diff")
      return {readFile(words.at(words.size() - 2)) == readFile(words.back())
                  ? 0
                  : 1};
    if (program == "cat") {
      std::string text = words.empty() ? readFile(input) : "";
      for (const std::string &word : words)
        text += readFile(word);
      const bool toFile = command.output.to == Stream::To::File;
      writeFile(toFile ? command.output.file.text : pipe, text,
                command.output.append);
      writeFile(pipe, text);
      return {};
    }
    return runTool(command, words, input, pipe);
  }

  Exit fileCheck(const Command &command, const std::string &piped) {
    FileCheckWords words = readFileCheckWords(command);
    return test_.fileCheck(words.arguments, words.against->text,
                           words.input ? words.input->text : piped,
                           words.strictWhitespace, command.environment);
  }

  Exit splitFile(const std::vector<std::string> &words) {
    const bool leading =
        std::ranges::find(words, "--leading-lines") != words.end();
    std::vector<std::string> files;
    for (const std::string &word : words)
      if (!word.starts_with('-'))
        files.push_back(word);
    return {test_.split(files.at(0), files.at(1), leading) ? 0 : 1};
  }

  Exit runTool(const Command &command, std::vector<std::string> words,
               const std::string &input, const std::string &pipe) {
    writeFile(pipe, ""); // is there, whatever the redirections do
    Invocation invocation{std::move(words), command.environment, input, pipe,
                          test_.fresh()};
    invocation.words.insert(invocation.words.begin(),
                            test_.tool(command.program.text));
    const std::string report = invocation.errors;
    const Stream &output = command.output;
    const Stream &errors = command.errors;
    if (output.to == Stream::To::File) {
      invocation.output = output.file.text;
      invocation.appendOutput = output.append;
    }
    if (errors.to == Stream::To::File) {
      const bool same = output.to == Stream::To::File &&
                        output.redirection == errors.redirection;
      invocation.errors = same ? "" : errors.file.text;
      invocation.appendErrors = errors.append;
    } else if (errors.to == Stream::To::Pipe) {
      // Behind `2>&1 > file` the pipe has the errors alone.
      invocation.errors = output.to == Stream::To::File ? pipe : "";
    }
    Exit exit = run(invocation);
    if (!isAsExpected(command.expects, exit))
      test_.toolFailed(errors.to == Stream::To::Report ? report : pipe, input);
    return exit;
  }

  Test &test_;
};

} // namespace

namespace {

bool isKnown(const Test &test, const std::string &program) {
  constexpr std::string_view kOurs[] = {"mkdir", "rm", "diff", "cat"};
  return std::ranges::find(kOurs, program) != std::end(kOurs) ||
         test.isTool(program);
}

/// The first tool that nobody knows, or null.
const Word *unknownTool(const Test &test, const RunLines &lines) {
  for (const Run &run : lines.runs)
    for (const Part &part : run.parts)
      for (const Command &command : part.pipeline.commands)
        if (!isKnown(test, command.program.text))
          return &command.program;
  return nullptr;
}

} // namespace

Outcome followCommands(Test &test, const RunLines &lines) {
  if (const Word *unknown = unknownTool(test, lines))
    return "not run line " + std::to_string(unknown->range.line);
  for (const Run &run : lines.runs)
    if (!Commands(test).succeeds(run))
      return test.failure(run.range.line);
  return "pass";
}

} // namespace irlens::run_lines_test
