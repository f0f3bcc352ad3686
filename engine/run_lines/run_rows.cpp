// See run_rows.h. Follows the texts: from the file through tools and %t files.
#include "engine/run_lines/run_rows.h"

#include "engine/run_lines/row_files.h"
#include "engine/run_lines/split_file.h"
#include "engine/run_lines/tool_words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

using Json = nlohmann::json;

constexpr auto kKnownTools = std::to_array<std::string_view>(
    {"mlir-opt", "mlir-translate", "opt", "llc", "torch-mlir-opt", "triton-opt",
     "triton-llvm-opt"});

constexpr std::string_view kNullDevice = "/dev/null";

/// A row that is being made.
struct Draft {
  std::string from;
  std::set<std::string> inputs;
  Json steps = Json::array();
  std::vector<TextRange> ranges;
  std::vector<std::string> written; ///< Files that hold the row's text.
};

class RowMaker {
public:
  RowMaker(const RowContext &context, RunRows &result)
      : context_(context), result_(result), files_(context.surroundings) {}

  void addRun(const Run &run, int number) {
    int pipelines = 0;
    for (const Part &part : run.parts) {
      if (part.join == Join::IfFailed) {
        report(part.pipeline.range, "not run: irlens makes no stage of what "
                                    "stands behind ||");
        return;
      }
      std::string id = fmt::format("run-{}", number);
      if (pipelines > 0)
        id += fmt::format("-{}", pipelines + 1);
      if (addPipeline(part.pipeline, id))
        ++pipelines;
    }
  }

private:
  void report(TextRange range, std::string message) {
    const std::string &file = context_.surroundings.file;
    result_.diagnostics.push_back(
        {.severity = Severity::Error,
         .message = std::move(message),
         .stage = {},
         .op = {},
         .pos = {file, range.line, range.column},
         .notes = {},
         .end = {file, range.endLine, range.endColumn}});
  }

  void addStep(Draft &draft, Json step, TextRange range) {
    draft.steps.push_back(std::move(step));
    draft.ranges.push_back(range);
  }

  /// False when the pipeline makes no row of its own.
  bool addPipeline(const Pipeline &pipeline, const std::string &id) {
    Draft draft;
    draft.from = context_.stage;
    const bool alone = pipeline.commands.size() == 1;
    for (std::size_t i = 0; i < pipeline.commands.size(); ++i) {
      const Command &command = pipeline.commands[i];
      const bool last = i + 1 == pipeline.commands.size();
      if (alone && isFileWork(command))
        return addFileWork(command, pending_);
      if (!addCommand(draft, command, i == 0, last))
        break;
    }
    if (draft.steps.empty())
      return false;
    finish(draft, pipeline, id);
    return true;
  }

  void finish(Draft &draft, const Pipeline &pipeline, const std::string &id) {
    // What was made or removed before is done in front of the row's own steps.
    Json steps = Json::array();
    std::vector<TextRange> ranges;
    for (auto &[step, range] : pending_) {
      steps.push_back(step);
      ranges.push_back(range);
    }
    // Splitting and making folders is repeated by each row: it may be the only
    // one that is asked for. Removing is not: later rows need the files.
    std::erase_if(pending_, [](const auto &work) {
      return work.first.contains("remove");
    });
    for (Json &step : draft.steps)
      steps.push_back(std::move(step));
    std::ranges::copy(draft.ranges, std::back_inserter(ranges));
    for (const std::string &file : draft.written)
      files_.wrote(file, id, true);
    addEarlierUsers(draft, replacedBy(draft, steps));
    draft.inputs.erase(draft.from);
    Json row = {{"id", id}, {"from", draft.from}, {"steps", std::move(steps)}};
    if (!draft.inputs.empty())
      row["inputs"] = draft.inputs;
    for (const std::string &file : besides_)
      files_.wrote(file, id, false);
    besides_.clear();
    result_.rows.push_back(
        {id, row.dump(-1, ' ', false, Json::error_handler_t::replace),
         pipeline.range, std::move(ranges)});
  }

  /// Files and folders that are other ones after the row than before.
  std::vector<std::string> replacedBy(const Draft &draft,
                                      const Json &steps) const {
    std::vector<std::string> replaced = draft.written;
    replaced.insert(replaced.end(), besides_.begin(), besides_.end());
    for (const Json &step : steps)
      if (auto path = step.find("remove"); path != step.end())
        replaced.push_back(*path);
    return replaced;
  }

  /// Rows may be made side by side: those that use such a file as it was come
  /// first.
  void addEarlierUsers(Draft &draft, const std::vector<std::string> &replaced) {
    for (const RunRow &row : result_.rows)
      if (std::ranges::any_of(replaced, [&](const std::string &path) {
            return row.json.contains(path);
          }))
        draft.inputs.insert(row.id);
  }

  static bool isFileWork(const Command &command) {
    constexpr std::string_view kPrograms[] = {"split-file", "mkdir", "rm"};
    return std::ranges::find(kPrograms, command.program.text) !=
           std::end(kPrograms);
  }

  using Pending = std::vector<std::pair<Json, TextRange>>;

  bool addFileWork(const Command &command, Pending &pending) {
    auto work = files_.fileWork(command);
    if (!work) {
      report(work.error().range, work.error().message);
      return false;
    }
    for (const FileWork &one : *work)
      if (canSplit(one, command) && !removesNothing(one, pending))
        pending.emplace_back(stepOf(one), command.range);
    return false;
  }

  /// Each run has a folder of its own: what no command before has written is
  /// not there.
  bool removesNothing(const FileWork &work, const Pending &pending) const {
    auto names = [&](std::string_view json) {
      return json.contains(work.path);
    };
    return work.kind == FileWork::Kind::Remove &&
           std::ranges::none_of(result_.rows, names, &RunRow::json) &&
           std::ranges::none_of(pending, [&](const auto &before) {
             return names(before.first.dump());
           });
  }

  /// What split-file would refuse is known before anything runs.
  bool canSplit(const FileWork &work, const Command &command) {
    if (work.kind != FileWork::Kind::SplitFile ||
        work.file != context_.surroundings.file)
      return true;
    auto parts = splitFile(context_.text, work.leadingLines);
    if (parts)
      return true;
    TextRange range = command.program.range;
    if (int line = parts.error().line; line > 0)
      range = {line, 1, line + 1, 1};
    report(range, "split-file: " + parts.error().message);
    return false;
  }

  static Json stepOf(const FileWork &work) {
    switch (work.kind) {
    case FileWork::Kind::SplitFile:
      return {{"split-file",
               {{"file", work.file},
                {"directory", work.path},
                {"leading-lines", work.leadingLines}}}};
    case FileWork::Kind::Remove:
      return {{"remove", work.path}};
    case FileWork::Kind::MakeDirectory:
      return {{"make-directory", work.path}};
    }
    return {};
  }

  bool addCommand(Draft &draft, const Command &command, bool first, bool last) {
    const std::string &program = command.program.text;
    if (program == "FileCheck")
      return addFileCheck(draft, command, first);
    if (program == "cat")
      return addCat(draft, command, first, last);
    if (program == "count")
      return addCount(draft, command, first);
    if (program == "diff" || program == "cmp")
      return addDiff(draft, command, first);
    if (std::ranges::find(kKnownTools, program) != kKnownTools.end() ||
        std::ranges::find(context_.tools, program) != context_.tools.end())
      return addTool(draft, command, first, last);
    report(command.program.range,
           fmt::format("not run: irlens runs only tools that it knows; name {} "
                       "in .irlens.json under tools to run it",
                       program));
    return false;
  }

  /// Makes `file` the text of the row.
  bool read(Draft &draft, const Word &file, TextRange range) {
    FileOrigin origin = files_.origin(file.text);
    if (origin.isTest && draft.steps.empty())
      return true; // what the row is made from
    if (!origin.row.empty() && origin.isText && draft.steps.empty()) {
      draft.from = origin.row;
      return true;
    }
    if (!origin.row.empty() && draft.steps.empty())
      draft.from = origin.row;
    else if (!origin.row.empty())
      draft.inputs.insert(origin.row);
    if (origin.isMissing) {
      report(file.range,
             fmt::format("nothing before this line writes {}", file.text));
      return false;
    }
    addStep(draft, {{"read", file.text}}, range);
    return true;
  }

  /// The text that a command starts with: `< file`, a file among its words, or
  /// what comes down the pipe.
  bool takeInput(Draft &draft, const Command &command,
                 const std::optional<Word> &named, bool first) {
    if (named)
      return read(draft, *named, command.range);
    if (command.input)
      return read(draft, *command.input, command.range);
    if (first)
      addStep(draft, {{"read", kNullDevice}}, command.range);
    return true;
  }

  /// Files of other rows that are named inside of a word.
  void addInputs(Draft &draft, const std::vector<std::string> &arguments) {
    for (const std::string &argument : arguments)
      for (const std::string &row : files_.rowsNamedIn(argument))
        draft.inputs.insert(row);
  }

  static void addConditions(Json &step, const Command &command) {
    if (command.expects != Expects::Success)
      step["expects"] = toString(command.expects);
    for (const Assignment &variable : command.environment)
      step["env"][variable.name] =
          variable.value ? Json(*variable.value) : Json(nullptr);
  }

  bool addTool(Draft &draft, const Command &command, bool first, bool last) {
    ToolWords words = readToolWords(
        command, [&](std::string_view word) { return files_.knows(word); });
    if (!takeInput(draft, command, words.input, first))
      return false;
    addInputs(draft, words.arguments);
    Json step;
    if (std::ranges::find(kKnownTools, command.program.text) !=
        kKnownTools.end())
      step = {{"tool", command.program.text}, {"args", words.arguments}};
    else
      step["command"] = commandOf(command, words);
    addConditions(step, command);
    if (words.input && step.contains("tool"))
      step["name"] = words.input->text;
    return addStreams(draft, command, words.output, std::move(step), last);
  }

  /// As the contract of `command` wants it: without {input} the text comes on
  /// stdin, without {output} stdout is the result.
  static Json commandOf(const Command &command, const ToolWords &words) {
    Json result = {command.program.text};
    for (const std::string &argument : words.arguments)
      result.push_back(argument);
    if (words.input)
      result.push_back("{input}");
    if (words.output && words.output->text != kNullDevice) {
      result.push_back("-o");
      result.push_back("{output}");
    }
    if (words.toStdout) { // llvm-dis FILE would write beside the file
      result.push_back("-o");
      result.push_back("-");
    }
    return result;
  }

  bool addStreams(Draft &draft, const Command &command,
                  std::optional<Word> output, Json step, bool last) {
    std::optional<Word> errors;
    const bool joined = command.errors.to == Stream::To::Pipe;
    if (joined)
      step["errors"] = "joined";
    const bool sameFile =
        command.errors.to == Stream::To::File &&
        command.errors.redirection == command.output.redirection;
    if (command.output.to == Stream::To::File) {
      if (sameFile)
        step["errors"] = "joined";
      // `-o a > b` leaves nothing but messages in b.
      if (!output)
        output = command.output.file;
    }
    if (command.errors.to == Stream::To::File && !sameFile)
      errors = command.errors.file;
    for (const auto &file : {output, errors})
      if (file && file->text != kNullDevice &&
          !files_.isTemporary(file->text)) {
        report(file->range, fmt::format("not run: irlens writes no file but "
                                        "those of %t, and not {}",
                                        file->text));
        return false;
      }
    if (errors) {
      step["errors"] = errors->text;
      if (errors->text != kNullDevice)
        besides_.push_back(errors->text);
    }
    return addOutput(draft, command, output, std::move(step), last && !joined);
  }

  bool addOutput(Draft &draft, const Command &command,
                 const std::optional<Word> &output, Json step, bool atEnd) {
    if (!output) {
      addStep(draft, std::move(step), command.range);
      return true;
    }
    const bool discarded = output->text == kNullDevice;
    if (!atEnd) { // the next command gets what else the tool says
      step["output"] = output->text;
      if (!discarded)
        besides_.push_back(output->text);
      addStep(draft, std::move(step), command.range);
      return true;
    }
    addStep(draft, std::move(step), command.range);
    if (!discarded) {
      addStep(draft, {{"write", output->text}}, command.range);
      draft.written.push_back(output->text);
    }
    return true;
  }

  bool addFileCheck(Draft &draft, const Command &command, bool first) {
    FileCheckWords words = readFileCheckWords(command);
    if (!words.against) {
      report(command.program.range, "FileCheck needs a file with checks");
      return false;
    }
    if (!takeInput(draft, command, words.input, first))
      return false;
    addInputs(draft, {words.against->text});
    Json step = {
        {"filecheck",
         {{"args", words.arguments}, {"against", words.against->text}}}};
    addConditions(step, command);
    addStep(draft, std::move(step), command.range);
    return true;
  }

  bool addCat(Draft &draft, const Command &command, bool first, bool last) {
    if (command.arguments.size() > 1 ||
        (!command.arguments.empty() &&
         command.arguments[0].text.starts_with('-'))) {
      report(command.program.range,
             "not run: irlens understands cat with one file");
      return false;
    }
    std::optional<Word> file;
    if (!command.arguments.empty())
      file = command.arguments[0];
    if (!takeInput(draft, command, file, first))
      return false;
    if (command.output.to != Stream::To::File)
      return true;
    if (!files_.isTemporary(command.output.file.text)) {
      report(command.output.file.range,
             "not run: irlens writes no file but those of %t");
      return false;
    }
    addStep(draft, {{"write", command.output.file.text}}, command.range);
    if (last)
      draft.written.push_back(command.output.file.text);
    return true;
  }

  bool addCount(Draft &draft, const Command &command, bool first) {
    if (command.arguments.size() != 1) {
      report(command.program.range, "count needs one number");
      return false;
    }
    if (!takeInput(draft, command, std::nullopt, first))
      return false;
    Json step = {{"count", command.arguments[0].text}};
    addConditions(step, command);
    addStep(draft, std::move(step), command.range);
    return true;
  }

  bool addDiff(Draft &draft, const Command &command, bool first) {
    std::vector<std::string> options;
    std::vector<Word> files;
    for (const Word &word : command.arguments)
      if (word.text.starts_with('-') && word.text != "-")
        options.push_back(word.text);
      else
        files.push_back(word);
    if (files.size() != 2) {
      report(command.program.range, "not run: diff needs two files");
      return false;
    }
    // One of them is the row's text, whichever comes down the pipe.
    if (files[1].text == "-")
      std::swap(files[0], files[1]);
    std::optional<Word> text;
    if (files[0].text != "-")
      text = files[0];
    if (!takeInput(draft, command, text, first))
      return false;
    addInputs(draft, {files[1].text});
    Json step = {{"diff", {{"args", options}, {"against", files[1].text}}}};
    addConditions(step, command);
    addStep(draft, std::move(step), command.range);
    return true;
  }

  const RowContext &context_;
  RunRows &result_;
  RowFiles files_;
  Pending pending_;
  std::vector<std::string> besides_; ///< Written next to the row's text.
};

} // namespace

RunRows rowsOf(const RunLines &lines, const RowContext &context) {
  RunRows result;
  RowMaker maker(context, result);
  int number = 0;
  for (const Run &run : lines.runs) {
    ++number;
    if (run.understood)
      maker.addRun(run, number);
  }
  return result;
}

} // namespace irlens::engine::run_lines
