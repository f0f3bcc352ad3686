// See row_steps.h.
#include "engine/table/row_steps.h"

#include "engine/run_lines/command_tree.h"
#include "engine/table/pipeline_text.h"
#include "engine/table/suggest.h"
#include "engine/table/target_choice.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;
using Places = std::function<Definition(ByteRange)>;

/// A name that may stand in an id and in a file's name.
std::string plainName(std::string_view text) {
  constexpr std::size_t kMaxSize = 40;
  std::string name;
  for (char c : text.substr(0, kMaxSize)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || c == '_';
    if (plain)
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-'))
    name.pop_back();
  return name.empty() ? "step" : name;
}

/// The pass that a pipeline ends with.
std::string lastPass(std::string_view pipeline) {
  std::string_view last;
  for (const NamedPass &pass : passesIn(pipeline))
    if (!pass.holdsOthers)
      last = {pass.name.data(),
              pass.options.empty()
                  ? pass.name.size()
                  : pass.options.back().range.end - pass.range.begin};
  return plainName(last);
}

class StepReader {
public:
  explicit StepReader(const StepContext &context) : context_(context) {}

  bool readList(const JsonValue &list) {
    for (const JsonValue &item : list.items) {
      // Pipelines may stand among other steps.
      if (item.isString() ? !readText(item) : !readObject(item))
        return false;
    }
    return true;
  }

  bool readText(const JsonValue &value) {
    return readPipeline(value.text, [&](ByteRange range) {
      return context_.text.place(
          value.inside(range.begin, range.end - range.begin));
    });
  }

  bool readPipeline(std::string_view text, const Places &place) {
    Pipeline pipeline = splitPipeline(text);
    for (const TextProblem &problem : pipeline.problems)
      context_.text.error(place(problem.range), problem.message);
    if (!pipeline.problems.empty())
      return false;
    return std::ranges::all_of(pipeline.commands,
                               [&](const PipelineCommand &command) {
                                 return addCommand(command, place);
                               });
  }

  /// What was read, which is over then.
  std::vector<RowStep> take() {
    for (RowStep &step : steps)
      step.untrusted = step.untrusted || !context_.text.layer.trusted;
    return std::move(steps);
  }

  std::vector<RowStep> steps;

private:
  bool fail(const Definition &place, std::string message) {
    context_.text.error(place, std::move(message));
    return false;
  }
  bool fail(ByteRange range, std::string message) {
    return fail(context_.text.place(range), std::move(message));
  }

  /// One command of a pipeline: a tool by its name or its path.
  bool addCommand(const PipelineCommand &command, const Places &place) {
    const PipelineWord &first = command.words.front();
    std::string name = std::filesystem::path(first.text).filename().string();
    const Tool *tool = findTool(name);
    if (!tool)
      return fail(place(first.range),
                  fmt::format("unknown tool `{}`{}", first.text, hint(name)));
    std::vector<std::string> arguments;
    for (const PipelineWord &word : command.words)
      if (&word != &first)
        arguments.push_back(word.text);
    for (const PipelineWord &word : command.words)
      checkArgument(*tool, word, place);
    addTool(*tool, arguments, first.text.contains('/') ? first.text : "",
            place(command.range));
    return true;
  }

  static std::string hint(std::string_view name) {
    std::string near = suggestTool(name);
    return near.empty() ? R"(; another program is {"command": [...]})" : near;
  }

  void addTool(const Tool &tool, const std::vector<std::string> &arguments,
               const std::string &path, Definition definition,
               const Json &beside = Json::object()) {
    RowStep step;
    step.ofTests = !beside.empty();
    Json json{{"tool", tool.name}, {"args", arguments}};
    json.update(beside);
    if (!path.empty()) {
      step.program = context_.text.resolve(path);
    } else if (const ToolPath *own = context_.tools.find(tool.name)) {
      step.program = own->path;
      step.untrusted = !own->trusted;
    }
    if (!step.program.empty())
      json["path"] = step.program;
    step.json = json.dump();
    step.executor = tool.executor;
    step.name = plainName(tool.name);
    step.output = outputOfTool(tool.name, arguments);
    // Messages, or nothing at all.
    if (beside.contains("errors") || beside.contains("expects") ||
        beside.contains("output"))
      step.output.format = "";
    step.definition = std::move(definition);
    steps.push_back(std::move(step));
  }

  /// Passes in `--pass-pipeline=...` and `-passes=...`, and flags that are
  /// nearly the name of a pass.
  void checkArgument(const Tool &tool, const PipelineWord &word,
                     const Places &place) {
    if (!context_.passes || tool.executor != Executor::Mlir ||
        tool.name == "llc")
      return;
    bool isLlvm = tool.name == "opt";
    std::string_view text = word.text;
    std::size_t equals = text.find('=');
    std::size_t dashes = std::min(text.find_first_not_of('-'), text.size());
    if (dashes == 0 || tool.name == "mlir-translate")
      return;
    std::string_view name = text.substr(dashes, equals - dashes);
    PassKind kind = isLlvm ? PassKind::Llvm : PassKind::Mlir;
    if (name == "passes" || name == "pass-pipeline") {
      if (equals != std::string_view::npos)
        checkPipeline(text.substr(equals + 1), kind, [&](ByteRange range) {
          bool asWritten =
              word.range.end - word.range.begin == word.text.size();
          std::size_t base = word.range.begin + equals + 1;
          return place(asWritten
                           ? ByteRange{base + range.begin, base + range.end}
                           : word.range);
        });
      return;
    }
    // A tool has options besides its passes: only what is nearly one is told.
    constexpr std::size_t kLongEnough = 6;
    if (isLlvm || name.size() < kLongEnough ||
        context_.passes->find(kind, name))
      return;
    if (std::string near = context_.passes->suggest(kind, name); !near.empty())
      context_.text.warn(place(word.range),
                         fmt::format("no pass is called `{}`{}", name, near));
  }

  void checkPipeline(std::string_view pipeline, PassKind kind,
                     const Places &place) {
    if (!context_.passes)
      return;
    for (const TextProblem &problem :
         checkPasses(pipeline, kind, *context_.passes))
      context_.text.error(place(problem.range), problem.message);
  }

  bool readObject(const JsonValue &value) {
    if (!value.isObject() || value.members.empty())
      return fail(value.range, "a step is an object with one key, or a "
                               "pipeline of tools in one string");
    if (const JsonValue *tool = value.find("tool"))
      return readTool(value, *tool);
    auto main =
        std::ranges::find_if(value.members, [](const JsonMember &member) {
          return findStepKind(member.key);
        });
    const JsonMember &member =
        main == value.members.end() ? value.members.front() : *main;
    const StepKind *kind = findStepKind(member.key);
    if (!kind)
      return fail(
          member.keyRange,
          fmt::format("unknown step `{}`{}", member.key, nearKind(member.key)));
    for (const JsonMember &other : value.members)
      if (&other != &member &&
          !(takesCommandKeys(kind->name) && findCommandKey(other.key)))
        return fail(
            other.keyRange,
            fmt::format("a step has one key; make `{}` a step of its own",
                        other.key));
    auto beside = readCommandKeys(value, kind->executor);
    if (!beside)
      return false;
    if (kind->name == "command")
      return readCommand(value, member.value, *beside);
    return addStep(value, *kind, member.value);
  }

  /// What stands beside the step's own key; nothing if something is wrong.
  std::optional<Json> readCommandKeys(const JsonValue &whole,
                                      Executor executor) {
    Json beside = Json::object();
    for (const JsonMember &member : whole.members) {
      const StepKey *key = findCommandKey(member.key);
      if (!key)
        continue;
      const bool right = key->type == "string" ? member.value.isString()
                                               : isEnvironment(member.value);
      if (!right || (key->name == "expects" &&
                     !run_lines::expectsNamed(member.value.text))) {
        fail(member.value.range, fmt::format("`{}`: {}", key->name, key->help));
        return std::nullopt;
      }
      if (executor == Executor::Mlir) {
        beside[member.key] = Json::parse(toJson(member.value));
      } else if (key->name != "name") {
        fail(member.keyRange, fmt::format("`{}` is understood of tools of LLVM "
                                          "and MLIR alone",
                                          key->name));
        return std::nullopt;
      }
    }
    return beside;
  }

  static bool isEnvironment(const JsonValue &value) {
    return value.isObject() &&
           std::ranges::all_of(value.members, [](const JsonMember &member) {
             return member.value.isString() ||
                    member.value.kind == JsonValue::Kind::Null;
           });
  }

  static std::string nearKind(std::string_view unknown) {
    std::vector<std::string_view> names;
    for (const StepKind &kind : stepKinds())
      names.push_back(kind.name);
    return didYouMean(unknown, names);
  }

  bool addStep(const JsonValue &whole, const StepKind &kind,
               const JsonValue &value) {
    bool isString = kind.type == "string";
    // The table's own rows are older than this check, and may mean more.
    if (!context_.text.layer.builtin &&
        (isString ? !value.isString() : !value.isObject()))
      return fail(value.range,
                  fmt::format("`{}` takes {}: {}", kind.name,
                              isString ? "a string" : "an object", kind.help));
    RowStep step;
    step.json = toJson(whole);
    step.ofTests = kind.ofTests;
    if (kind.ofTests)
      addFiles(step, value);
    if (kind.name == "filecheck")
      useOwnFileCheck(step);
    step.executor = kind.executor;
    step.place = kind.place;
    step.name = plainName(kind.name);
    step.definition = context_.text.place(whole.range);
    if (kind.name == "mlir" || kind.name == "llvm") {
      checkPipeline(value.text,
                    kind.name == "mlir" ? PassKind::Mlir : PassKind::Llvm,
                    [&](ByteRange range) {
                      return context_.text.place(
                          value.inside(range.begin, range.end - range.begin));
                    });
    }
    const bool named = isString && !kind.ofTests;
    if (named && (kind.name != "capture" && kind.name != "translate"))
      step.name = lastPass(value.text);
    else if (named)
      step.name = plainName(value.text);
    step.output = outputOf(kind.name, value);
    steps.push_back(std::move(step));
    return true;
  }

  /// Of the run's own folder nobody has to know.
  void addFiles(RowStep &step, const JsonValue &value) const {
    auto add = [&](const JsonValue *file) {
      if (file && file->text.starts_with('/') &&
          file->text != context_.text.layer.file)
        step.files.push_back(file->text);
    };
    add(&value);
    add(value.find("against"));
    add(value.find("file"));
  }

  /// `tools` may name it as any other.
  void useOwnFileCheck(RowStep &step) const {
    const ToolPath *own = context_.tools.find("FileCheck");
    if (!own)
      return;
    Json json = Json::parse(step.json);
    json["path"] = step.program = own->path;
    step.json = json.dump();
    step.untrusted = !own->trusted;
  }

  OutputKind outputOf(std::string_view kind, const JsonValue &value) {
    if (kind == "target") {
      const JsonValue *triple = value.find("triple");
      triple_ = triple ? withTarget(triple->text, context_.target) : "";
      return kUnknownText;
    }
    if (kind == "mlir" || kind == "torch-mlir")
      return kMlirText;
    if (kind == "llvm" || kind == "translate" || kind == "device-library")
      return kLlvmText;
    if (kind == "codegen" || kind == "assemble")
      return outputOfTriple(triple_);
    if (kind == "jit")
      return {"torchscript", "torchscript", "torchscript", "#"};
    return kUnknownText;
  }

  bool readTool(const JsonValue &whole, const JsonValue &name) {
    std::vector<std::string_view> keys{"tool", "args", "path"};
    for (const StepKey &key : commandKeys())
      keys.push_back(key.name);
    context_.text.checkKeys(whole, keys, "a `tool` step");
    const Tool *tool = name.isString() ? findTool(name.text) : nullptr;
    if (!tool)
      return fail(name.range, fmt::format("unknown tool `{}`{}", name.text,
                                          hint(name.text)));
    std::vector<std::string> arguments;
    if (const JsonValue *list = whole.find("args")) {
      arguments = context_.text.strings(*list, "args");
      for (const JsonValue &item : list->items)
        checkArgument(
            *tool, {item.text, item.inside(0, item.text.size())},
            [&](ByteRange range) { return context_.text.place(range); });
    }
    const JsonValue *path = whole.find("path");
    const std::string *written =
        path ? context_.text.string(*path, "path") : nullptr;
    if (path && !written)
      return false;
    auto beside = readCommandKeys(whole, tool->executor);
    if (!beside)
      return false;
    addTool(*tool, arguments, written ? *written : "",
            context_.text.place(whole.range), *beside);
    return true;
  }

  bool readCommand(const JsonValue &whole, const JsonValue &list,
                   const Json &beside) {
    std::vector<std::string> words = context_.text.strings(list, "command");
    if (words.size() != list.items.size() || words.empty())
      return fail(list.range, "`command` takes a program and its arguments: "
                              R"(["mytool", "{input}", "-o", "{output}"])");
    words.front() = context_.text.resolve(words.front());
    RowStep step;
    step.ofTests = !beside.empty();
    // The user's own tools have names, too.
    const ToolPath *own = context_.tools.find(words.front());
    if (own) {
      words.front() = own->path;
      step.untrusted = !own->trusted;
    }
    Json json{{"command", words}};
    json.update(beside);
    step.json = json.dump();
    step.executor = Executor::Mlir;
    step.name =
        plainName(std::filesystem::path(words.front()).filename().string());
    step.definition = context_.text.place(whole.range);
    step.program = words.front();
    steps.push_back(std::move(step));
    return true;
  }

  const StepContext &context_;
  std::string triple_; ///< Of the last `target` step.
};

} // namespace

std::optional<std::vector<RowStep>> readSteps(const JsonValue &value,
                                              const StepContext &context) {
  StepReader reader(context);
  if (!value.isList() && !value.isString()) {
    context.text.error(value.range, "`steps` must be a list of steps, or a "
                                    "pipeline of tools in one string");
    return std::nullopt;
  }
  if (value.isString() ? !reader.readText(value) : !reader.readList(value))
    return std::nullopt;
  if (reader.steps.empty() ||
      reader.steps.back().place == StepPlace::Prepares) {
    context.text.error(value.range,
                       reader.steps.empty()
                           ? "`steps` is empty"
                           : "nothing follows the last step, which only "
                             "prepares another");
    return std::nullopt;
  }
  return reader.take();
}

std::optional<std::vector<RowStep>>
readPipeline(std::string_view pipeline, const StepContext &context,
             const std::function<Definition(ByteRange)> &place) {
  StepReader reader(context);
  if (!reader.readPipeline(pipeline, place))
    return std::nullopt;
  return reader.take();
}

} // namespace irlens::engine
