#include "engine/run/stage_result.h"

#include "engine/run/passes.h"
#include "engine/store/files.h"
#include "engine/text/kernels.h"
#include "engine/text/split.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

/// Nobody reads more of what a tool says.
constexpr std::uint64_t kMostSaid = 1024 * 1024;

/// In a summary: how many operations the text has.
constexpr const char *kOperations = "ops";

/// A worker's JSON is data from another process: nothing in it is taken for
/// granted.
std::string text(const Json &json, const char *key) {
  if (!json.is_object())
    return {};
  auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string();
}

template <typename Number>
Number number(const Json &json, const char *key, Number fallback) {
  if (!json.is_object())
    return fallback;
  auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<Number>()
                                                   : fallback;
}

const Json &list(const Json &json, const char *key) {
  static const Json kEmpty = Json::array();
  if (!json.is_object())
    return kEmpty;
  auto found = json.find(key);
  return found != json.end() && found->is_array() ? *found : kEmpty;
}

Json readJson(const fs::path &path) {
  auto bytes = readFile(path);
  return bytes ? Json::parse(*bytes, nullptr, /*allow_exceptions=*/false)
               : Json();
}

/// What a summary counts or measures, but for the operations.
std::map<std::string, double> measuredOf(const Json &meta) {
  std::map<std::string, double> measured;
  auto summary = meta.is_object() ? meta.find("summary") : meta.end();
  if (summary == meta.end() || !summary->is_object())
    return measured;
  for (const auto &[name, value] : summary->items())
    if (value.is_number() && name != kOperations)
      measured[name] = value.get<double>();
  return measured;
}

/// Frames as in PROTOCOL.md, from the innermost to the outermost.
std::vector<SourcePos> framesOf(const Json &json) {
  std::vector<SourcePos> frames;
  for (const Json &frame : list(json, "frames"))
    if (frame.is_array() && frame.size() >= 2 && frame[0].is_string() &&
        frame[1].is_number())
      frames.push_back(
          {frame[0].get<std::string>(), frame[1].get<int>(),
           frame.size() > 2 && frame[2].is_number() ? frame[2].get<int>() : 0});
  return frames;
}

/// The line to blame: the user's own line nearest to the op, as a traceback
/// would end there.
const SourcePos *innermostUserFrame(const std::vector<SourcePos> &frames) {
  auto found = std::ranges::find_if(frames, [](const SourcePos &frame) {
    return frame.line > 0 && !isLibraryFile(frame.file);
  });
  return found == frames.end() ? nullptr : &*found;
}

Note noteOf(const Json &json, const SourcePos &fallback) {
  auto frames = framesOf(json);
  const SourcePos *user = innermostUserFrame(frames);
  SourcePos pos = user ? *user : frames.empty() ? fallback : frames.front();
  return {pos, text(json, "message")};
}

Diagnostic diagnosticOf(const Json &json, const std::string &stage,
                        const FallbackPlace &fallback) {
  Diagnostic out;
  out.severity = severityNamed(text(json, "severity"));
  out.message = text(json, "message");
  out.stage = stage;
  out.op = text(json, "op");
  out.link = text(json, "link");
  auto frames = framesOf(json);
  const SourcePos *user = innermostUserFrame(frames);
  out.pos = user ? *user : fallback.pos;
  if (!user)
    out.end = fallback.end;
  // The end is that of the innermost frame.
  if (auto end = json.find("end");
      user && user == frames.data() && end != json.end() && end->is_array() &&
      end->size() == 2 && (*end)[0].is_number_integer() &&
      (*end)[1].is_number_integer())
    out.end = {user->file, (*end)[0].get<int>(), (*end)[1].get<int>()};
  for (const SourcePos &frame : frames) {
    if (&frame == user || frame == out.pos || frame.line <= 0)
      continue;
    out.notes.push_back(
        {frame, &frame < user ? "raised here" : "called from here"});
  }
  for (const Json &note : list(json, "notes"))
    out.notes.push_back(noteOf(note, out.pos));
  out.pass = text(json, "pass");
  if (!out.pass.empty())
    out.notes.push_back({out.pos, "in pass " + out.pass});
  return out;
}

std::vector<Diagnostic> diagnosticsOf(const Json &json,
                                      const std::string &stage,
                                      const FallbackPlace &fallback) {
  std::vector<Diagnostic> out;
  for (const Json &item : list(json, "diagnostics"))
    out.push_back(diagnosticOf(item, stage, fallback));
  return out;
}

FallbackPlace fallbackOf(const StageFiles &files) {
  return fallbackPlace(files.stage,
                       {files.source.string(), files.entryLine, 0});
}

Diagnostic plainError(std::string message, const StageFiles &files) {
  Diagnostic out;
  out.message = std::move(message);
  out.stage = files.stage.id;
  auto place = fallbackOf(files);
  out.pos = std::move(place.pos);
  out.end = std::move(place.end);
  return out;
}

struct Paths {
  explicit Paths(const StageFiles &files) {
    fs::path folder = files.run / files.entry;
    meta = folder / (files.stage.id + ".json");
    raw = folder / (files.stage.id + ".raw");
    said = folder / (files.stage.id + ".stderr");
    links = folder / (files.stage.id + ".links");
    document = folder / files.stage.fileName();
    if (files.stage.perFile)
      raw = document = files.run / files.stage.fileName();
  }
  fs::path meta, raw, said, links, document;
};

LinkTable readLinks(const fs::path &path) {
  auto bytes = readFile(path);
  if (!bytes)
    return {};
  return LinkTable::fromJson(*bytes).value_or(LinkTable());
}

/// The document's text and its links, from whatever is there.
Result<SplitText> makeText(const Paths &paths, const StageFiles &files,
                           const Json &meta) {
  bool hasLinks = fs::exists(paths.links);
  if (fs::exists(paths.document) && (hasLinks || files.stage.perFile)) {
    auto document = readFile(paths.document);
    if (!document)
      return std::unexpected(document.error());
    return SplitText{std::move(*document), readLinks(paths.links), -1};
  }
  auto raw = readFile(paths.raw);
  if (!raw)
    return std::unexpected(raw.error());
  // A producer that knows its links has left a text without debug info. A stage
  // that failed half way leaves a text of another format than its own.
  TextFormat format =
      hasLinks ? TextFormat::Plain
               : formatNamed(text(meta, "format")).value_or(files.stage.format);
  SplitText result = split(format, *raw);
  if (hasLinks) {
    LinkTable links = readLinks(paths.links);
    links.setErased(result.links.erased());
    result.links = std::move(links);
  }
  if (std::string note = text(meta, "note"); !note.empty()) {
    result.text = fmt::format("{} irlens: {}\n{}", files.stage.comment, note,
                              result.text);
    result.links = result.links.shifted(1);
  }
  if (auto written = writeFile(paths.document, result.text); !written)
    return std::unexpected(written.error());
  if (auto written = writeFile(paths.links, result.links.toJson()); !written)
    return std::unexpected(written.error());
  return result;
}

/// "41 instructions", "block 32 x 8": as a lens shows a fact of PROTOCOL.md.
std::string wordsOf(const Json &fact) {
  if (!fact.is_array() || fact.size() != 2 || !fact[0].is_string())
    return {};
  auto label = fact[0].get<std::string>();
  return fact[1].is_string()
             ? fmt::format("{} {}", label, fact[1].get<std::string>())
             : fmt::format("{} {}", fact[1].dump(), label);
}

/// The kernels where the text has them, with what the producer knows by name.
std::vector<Kernel> kernelsOf(TextFormat format, std::string_view document,
                              const Json &summary) {
  std::vector<Kernel> kernels;
  for (KernelPlace &place : findKernels(format, document))
    kernels.push_back({std::move(place.name), place.line, {}});
  for (const Json &reported : list(summary, "kernels")) {
    auto kernel =
        std::ranges::find(kernels, text(reported, "name"), &Kernel::name);
    if (kernel == kernels.end())
      continue;
    for (const Json &fact : list(reported, "facts"))
      if (std::string words = wordsOf(fact); !words.empty())
        kernel->facts.push_back(std::move(words));
  }
  return kernels;
}

std::shared_ptr<Artifact> makeArtifact(const Paths &paths, TextFormat format,
                                       SplitText made, const Json &summary) {
  auto artifact = std::make_shared<Artifact>();
  artifact->document = paths.document;
  artifact->raw = paths.raw;
  artifact->bytes = made.text.size();
  artifact->textHash = hash64(made.text);
  int operations = number(summary, kOperations, -1);
  artifact->operations = operations >= 0 ? operations : made.operations;
  artifact->headline = text(summary, "gist");
  artifact->kernels = kernelsOf(format, made.text, summary);
  artifact->links = std::make_shared<const LinkTable>(std::move(made.links));
  return artifact;
}

/// Checks tell of lines of the stage's text as it is without debug info, which
/// are those of its document.
void placeInDocument(std::vector<Diagnostic> &diagnostics, const Paths &paths,
                     const Json &meta) {
  const int added = text(meta, "note").empty() ? 0 : 1;
  for (Diagnostic &diagnostic : diagnostics)
    for (Note &note : diagnostic.notes)
      if (note.pos.file == paths.raw.string()) {
        note.pos.file = paths.document.string();
        note.pos.line += added;
      }
}

} // namespace

StageResult readStage(const StageFiles &files) {
  Paths paths(files);
  StageResult out;
  Json meta = readJson(paths.meta);
  std::string status = text(meta, "status");
  if (status == "ok" || files.stage.perFile)
    out.status = StageStatus::Ok;
  else if (status == "unavailable")
    out.status = StageStatus::Unavailable;
  out.repeatable = status == "ok" || status == "failed" || files.stage.perFile;
  out.ms = number(meta, "ms", 0.0);
  out.measured = measuredOf(meta);
  out.diagnostics = diagnosticsOf(meta, files.stage.id, fallbackOf(files));
  placeInDocument(out.diagnostics, paths, meta);
  out.said = readText(paths.said, kMostSaid).value_or("");
  if (files.readsPasses && hasPasses(files))
    out.passes = std::make_shared<std::vector<Pass>>(loadPasses(files));

  if (!fs::exists(paths.raw)) {
    if (out.status == StageStatus::Ok) {
      out.status = StageStatus::Failed;
      out.repeatable = false;
      out.diagnostics.push_back(
          plainError(fmt::format("{} was reported as done but left no text",
                                 files.stage.id),
                     files));
    }
    return out;
  }
  auto made = makeText(paths, files, meta);
  if (!made) {
    out.status = StageStatus::Failed;
    out.repeatable = false;
    out.diagnostics.push_back(plainError(made.error().message, files));
    return out;
  }
  Json summary = meta.is_object() ? meta.value("summary", Json()) : Json();
  out.artifact =
      makeArtifact(paths, files.stage.format, std::move(*made), summary);
  return out;
}

std::optional<StageStatus> storedAnswer(const StageFiles &files) {
  Paths paths(files);
  if (files.stage.perFile)
    return fs::exists(paths.document) ? std::optional(StageStatus::Ok)
                                      : std::nullopt;
  std::string status = text(readJson(paths.meta), "status");
  if (status == "ok")
    return StageStatus::Ok;
  if (status == "failed")
    return StageStatus::Failed;
  return std::nullopt;
}

FallbackPlace fallbackPlace(const Stage &stage, SourcePos entry) {
  const Definition &at = stage.definition;
  if (at.line <= 0)
    return {std::move(entry), {}};
  return {{at.file, at.line, at.column}, {at.file, at.endLine, at.endColumn}};
}

std::optional<Entry> readEntry(const fs::path &run, const std::string &name) {
  Json json = readJson(run / name / "entry.json");
  if (!json.is_object())
    return std::nullopt;
  Entry entry;
  entry.name = name;
  entry.kind = text(json, "kind");
  entry.origin = text(json, "origin");
  entry.line = number(json, "line", 0);
  for (const Json &stage : list(json, "given"))
    if (stage.is_string())
      entry.given.push_back(stage.get<std::string>());
  entry.binary = json.value("binary", Json(false)) == true;
  entry.classLine = number(json, "class_line", 0);
  entry.signature = text(json, "signature");
  entry.parameters = number(json, "parameters", std::int64_t{-1});
  return entry;
}

std::optional<RunReport> readRunReport(const fs::path &run,
                                       const fs::path &source) {
  Json json = readJson(run / "run.json");
  if (!json.is_object())
    return std::nullopt;
  RunReport report;
  for (const Json &entry : list(json, "entries"))
    if (entry.is_string())
      report.entries.push_back(entry.get<std::string>());
  for (const Json &file : list(json, "files"))
    if (file.is_string())
      report.files.push_back(file.get<std::string>());
  report.diagnostics = diagnosticsOf(json, "", {{source.string(), 1, 0}, {}});
  if (auto raw = json.find("raw"); raw != json.end() && raw->is_object())
    report.printed = PrintedText{text(*raw, "file"), text(*raw, "level"),
                                 number(*raw, "line", 1)};
  for (const Json &item : list(json, "suggestions"))
    if (int line = number(item, "line", 0); line > 0)
      report.suggestions.push_back(
          {line, text(item, "name"), text(item, "text")});
  return report;
}

std::optional<std::vector<Diagnostic>> readCheck(const fs::path &out,
                                                 const fs::path &source) {
  Json json = readJson(out / "check.json");
  if (!json.is_object())
    return std::nullopt;
  return diagnosticsOf(json, "", {{source.string(), 1, 0}, {}});
}

} // namespace irlens::engine
