// See row_reader.h.
#include "engine/table/row_reader.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

constexpr std::array kKeys{
    RowKey{"id", "string", "Name of the stage: a-z, 0-9 and -"},
    RowKey{"from", "string", "The stage or the origin that it is made from"},
    RowKey{
        "steps", "array",
        "What makes it: a list of steps, or a pipeline as \"mlir-opt --cse | "
        "mlir-translate --mlir-to-llvmir\""},
    RowKey{"title", "string", "What people read (default: the id)"},
    RowKey{"extension", "string", "Of its documents, without the first dot"},
    RowKey{"language", "string", "Language id for the editor"},
    RowKey{"format", "string", "How its text carries locations"},
    RowKey{"comment", "string", "What a line comment begins with"},
    RowKey{"origin", "string",
           "The origin that is meant where several have a stage `from`"},
    RowKey{"inputs", "array", "Other stages whose files it reads"},
    RowKey{"default", "boolean", "Made on each save"},
    RowKey{"target", "string", "What {target} in its steps stands for"},
    RowKey{"family", "string", "Made only for targets that begin so, as sm_"},
    RowKey{"all-targets", "boolean", "One text about all targets"},
    RowKey{"per-file", "boolean", "One text for the whole file"},
    RowKey{"background", "boolean", "Takes long: made after the others"},
    RowKey{"passes", "boolean", "Its worker keeps the text after each pass"},
    RowKey{"explains", "boolean",
           "Hovers in the stage it is made from show it"},
    RowKey{"test", "boolean",
           "Its tools run as lit runs them: exactly as written, and may print "
           "nothing"},
    RowKey{"backend", "string",
           "The lowering whose rewrites for unsupported operators it gets, as "
           "linalg"},
};

bool isPlainId(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::vector<std::string_view> keyNames() {
  std::vector<std::string_view> names;
  for (const RowKey &key : kKeys)
    names.push_back(key.name);
  return names;
}

class RowReader {
public:
  RowReader(const JsonValue &value, const StepContext &context)
      : value_(value), context_(context), text_(context.text) {}

  ReadRow read() {
    if (!value_.isObject()) {
      text_.error(value_.range, "a stage must be an object");
      return {};
    }
    text_.checkKeys(value_, keyNames(), "a stage");
    ReadRow read;
    if (!readId(read.id))
      return read;
    readFields();
    const JsonValue *steps = value_.find("steps");
    if (!steps)
      text_.error(value_.find("id")->range,
                  fmt::format("stage {}: `steps` must be a list", read.id));
    StepContext context = context_;
    context.target = row_.stage.target;
    auto made = steps ? readSteps(*steps, context) : std::nullopt;
    if (made && good_)
      read.stages = text_.layer.builtin ? builtin(*made) : users(*made);
    return read;
  }

  /// The stages of a user's row: one for each step, named after it, then the
  /// row's own.
  std::vector<StageRow> users(const std::vector<RowStep> &steps) {
    std::vector<StageRow> stages;
    std::vector<const RowStep *> prepared;
    std::vector<const RowStep *> group;
    std::string from = row_.stage.from;
    isTest_ = isTest_ || std::ranges::any_of(steps, &RowStep::ofTests);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const RowStep &step = steps[i];
      if (step.place == StepPlace::Prepares) {
        prepared.push_back(&step);
        continue;
      }
      group.push_back(&step);
      const RowStep *next = i + 1 < steps.size() ? &steps[i + 1] : nullptr;
      if (next && next->executor == step.executor &&
          (step.place == StepPlace::WithNext ||
           next->place == StepPlace::WithLast))
        continue;
      StageRow stage = next ? hidden(mainOf(group), stages.size()) : row_;
      stage.stage.from = from;
      finish(stage, group, prepared, /*isLast=*/!next);
      group.clear();
      from = stage.stage.id;
      stages.push_back(std::move(stage));
    }
    return stages;
  }

  StageRow &row() { return row_; }

private:
  bool fail(const JsonValue &value, std::string message) {
    text_.error(value.range, std::move(message));
    good_ = false;
    return false;
  }

  bool readId(std::string &id) {
    const JsonValue *value = value_.find("id");
    if (!value)
      return fail(value_, "a stage needs an `id`");
    if (!value->isString() || !isPlainId(value->text))
      return fail(*value, fmt::format("stage id `{}`: use a-z, 0-9 and -",
                                      value->text));
    id = row_.stage.id = row_.stage.base = value->text;
    if (!text_.layer.builtin)
      row_.stage.definition = text_.place(value_.range);
    return true;
  }

  std::string textOf(std::string_view key, std::string_view fallback) {
    const JsonValue *value = value_.find(key);
    if (!value)
      return std::string(fallback);
    const std::string *text = text_.string(*value, key);
    good_ = good_ && text;
    return text ? *text : "";
  }

  bool isSet(std::string_view key) {
    const JsonValue *value = value_.find(key);
    const bool *truth = value ? text_.boolean(*value, key) : nullptr;
    good_ = good_ && (truth || !value);
    return truth && *truth;
  }

  void readFields() {
    Stage &stage = row_.stage;
    stage.title = textOf("title", stage.id);
    stage.extension = textOf("extension", "");
    stage.language = textOf("language", "");
    stage.from = textOf("from", "");
    stage.origin = textOf("origin", "");
    stage.target = textOf("target", "");
    stage.byDefault = isSet("default");
    stage.perFile = isSet("per-file");
    stage.background = isSet("background");
    stage.recordsPasses = isSet("passes");
    stage.explains = isSet("explains");
    isTest_ = isSet("test");
    row_.family = textOf("family", "");
    row_.allTargets = isSet("all-targets");
    row_.builtin = text_.layer.builtin;
    if (const JsonValue *from = value_.find("from"))
      row_.fromPlace = text_.place(from->range);
    else if (!text_.layer.builtin)
      fail(*value_.find("id"), "a stage needs `from`: what it is made from");
    if (const JsonValue *inputs = value_.find("inputs"))
      stage.inputs = text_.strings(*inputs, "inputs");
    readFormat();
    row_.json = row_.written = toJson(value_);
  }

  void readFormat() {
    const JsonValue *value = value_.find("format");
    std::string name = textOf("format", "text");
    auto format = formatNamed(name);
    if (format) {
      row_.stage.format = *format;
      return;
    }
    std::vector<std::string_view> names;
    for (const auto &[known, unused] : formatNames())
      names.push_back(known);
    fail(*value,
         fmt::format("unknown format `{}`{}", name, didYouMean(name, names)));
  }

  /// A built-in row is one stage, executed by one worker.
  std::vector<StageRow> builtin(const std::vector<RowStep> &steps) {
    for (const RowStep &step : steps)
      if (step.executor != steps.front().executor) {
        text_.error(step.definition,
                    "steps of different workers; make two stages of it");
        return {};
      }
    Stage &stage = row_.stage;
    stage.executor = steps.front().executor;
    fillIn(stage, kUnknownText);
    if (const JsonValue *comment = value_.find("comment"))
      stage.comment = comment->text;
    return {row_};
  }

  static void fillIn(Stage &stage, const OutputKind &output) {
    if (stage.extension.empty())
      stage.extension = output.extension;
    if (stage.language.empty())
      stage.language = output.language;
    if (stage.comment.empty())
      stage.comment = output.comment;
  }

  StageRow hidden(const RowStep &step, std::size_t index) const {
    StageRow made;
    made.stage.id = made.stage.base =
        fmt::format("{}.steps.{:02}-{}", row_.stage.id, index, step.name);
    made.stage.title = fmt::format("{}: {}", row_.stage.title, step.name);
    made.stage.stepOf = row_.stage.id;
    // Which of the steps reads them nobody knows.
    made.stage.inputs = row_.stage.inputs;
    made.stage.target = row_.stage.target;
    made.stage.background = row_.stage.background;
    made.stage.perFile = row_.stage.perFile;
    made.stage.definition = step.definition;
    made.family = row_.family;
    made.allTargets = row_.allTargets;
    made.fromPlace = row_.fromPlace;
    made.json = "{}";
    return made;
  }

  /// The step that makes the text: others only bring it, or look at it.
  static const RowStep &mainOf(const std::vector<const RowStep *> &group) {
    auto found =
        std::ranges::find(group, StepPlace::Alone,
                          [](const RowStep *step) { return step->place; });
    return found == group.end() ? *group.back() : **found;
  }

  /// Puts steps into their stage, and what follows from them.
  void finish(StageRow &made, const std::vector<const RowStep *> &group,
              const std::vector<const RowStep *> &prepared, bool isLast) const {
    const RowStep &last = mainOf(group);
    Json json = Json::parse(made.json);
    Json steps = Json::array();
    for (const RowStep *before : prepared)
      if (before->executor == last.executor)
        steps.push_back(Json::parse(before->json));
    for (const RowStep *step : group) {
      steps.push_back(Json::parse(step->json));
      made.stage.untrusted = made.stage.untrusted || step->untrusted;
      if (!step->program.empty())
        made.programs.push_back(step->program);
      std::ranges::copy(step->files, std::back_inserter(made.programs));
    }
    Stage &stage = made.stage;
    if (!json.contains("format") && !last.output.format.empty()) {
      json["format"] = last.output.format;
      stage.format =
          formatNamed(last.output.format).value_or(TextFormat::Plain);
    }
    const JsonValue *comment = isLast ? value_.find("comment") : nullptr;
    fillIn(stage, last.output);
    if (comment && comment->isString())
      stage.comment = comment->text;
    json["steps"] = std::move(steps);
    if (auto backend = value_.find("backend"); backend && backend->isString())
      json["backend"] = backend->text;
    if (isTest_)
      json["test"] = true;
    made.json = json.dump();
    stage.executor = last.executor;
  }

  const JsonValue &value_;
  const StepContext &context_;
  LayerText &text_;
  StageRow row_;
  bool isTest_ = false;
  bool good_ = true;
};

} // namespace

ReadRow readRow(const JsonValue &value, const StepContext &context) {
  return RowReader(value, context).read();
}

ReadRow readRow(const PipelineRow &row, const StepContext &context) {
  ReadRow read;
  if (!isPlainId(row.id)) {
    context.text.error(
        row.definition,
        fmt::format("stage id `{}`: use a-z, 0-9 and -", row.id));
    return read;
  }
  read.id = row.id;
  // Lines of a comment are one line each, so a column is all that moves.
  auto steps = readPipeline(row.text, context, [&](ByteRange range) {
    Definition place = row.definition;
    place.line = place.endLine = row.line;
    place.column = row.column + static_cast<int>(range.begin);
    place.endColumn = row.column + static_cast<int>(range.end);
    return place;
  });
  if (!steps)
    return read;
  JsonValue none;
  none.kind = JsonValue::Kind::Object;
  RowReader reader(none, context);
  StageRow &made = reader.row();
  made.stage.id = made.stage.base = made.stage.title = row.id;
  made.stage.from = row.from;
  made.stage.definition = row.definition;
  made.fromPlace = row.fromPlace;
  made.json = "{}";
  made.written =
      Json{{"id", row.id}, {"from", row.from}, {"steps", row.text}}.dump();
  read.stages = reader.users(*steps);
  return read;
}

std::span<const RowKey> rowKeys() { return kKeys; }

} // namespace irlens::engine
