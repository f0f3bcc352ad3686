#include "engine/run/passes.h"

#include "engine/store/files.h"
#include "engine/text/split.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

/// Longer names would make file names that no file system takes.
constexpr std::size_t kMaxName = 80;

fs::path folderOf(const StageFiles &files) {
  return files.run / files.entry / (files.stage.id + ".passes");
}

bool isSafe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// A name that cannot lead out of the folder of the passes.
bool isRawName(std::string_view name) {
  return name.ends_with(".raw") && name.front() != '.' &&
         std::ranges::all_of(name, isSafe);
}

std::string textOf(const Json &row, const char *key) {
  auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>()
                                                  : std::string();
}

double numberOf(const Json &row, const char *key, double fallback) {
  auto found = row.find(key);
  return found != row.end() && found->is_number() ? found->get<double>()
                                                  : fallback;
}

bool isTrue(const Json &row, const char *key) {
  auto found = row.find(key);
  return found != row.end() && found->is_boolean() && found->get<bool>();
}

/// A count; out of all bounds is -1, as unknown.
int countOf(const Json &row, const char *key) {
  constexpr double kMost = 1e9;
  double number = numberOf(row, key, -1);
  return number >= 0 && number < kMost ? static_cast<int>(number) : -1;
}

Pass passOf(const Json &row) {
  Pass pass;
  pass.index = countOf(row, "index");
  pass.name = textOf(row, "name");
  // It is shown within a line.
  std::ranges::replace_if(
      pass.name, [](unsigned char c) { return c < ' '; }, ' ');
  pass.format = formatNamed(textOf(row, "format")).value_or(TextFormat::Plain);
  pass.ms = numberOf(row, "ms", 0);
  pass.changed = isTrue(row, "changed");
  pass.failed = isTrue(row, "failed");
  pass.operations = countOf(row, "ops");
  pass.file = textOf(row, "file");
  return pass;
}

std::string_view extensionOf(TextFormat format) {
  switch (format) {
  case TextFormat::Mlir:
    return "mlir";
  case TextFormat::Llvm:
    return "ll";
  default:
    return "txt";
  }
}

/// The document's text and its links, from whatever is there.
Result<SplitText> makeText(const Artifact &paths, const fs::path &linksFile,
                           TextFormat format) {
  auto document = readFile(paths.document);
  auto links = readFile(linksFile);
  if (document && links)
    return SplitText{std::move(*document),
                     LinkTable::fromJson(*links).value_or(LinkTable()), -1};
  auto raw = readFile(paths.raw);
  if (!raw)
    return std::unexpected(raw.error());
  SplitText result = split(format, *raw);
  if (auto written = writeFile(paths.document, result.text); !written)
    return std::unexpected(written.error());
  if (auto written = writeFile(linksFile, result.links.toJson()); !written)
    return std::unexpected(written.error());
  return result;
}

} // namespace

bool hasPasses(const StageFiles &files) {
  std::error_code ignored;
  return fs::exists(folderOf(files) / "passes.json", ignored);
}

std::vector<Pass> readPasses(const StageFiles &files) {
  std::vector<Pass> passes;
  auto bytes = readFile(folderOf(files) / "passes.json");
  Json json =
      bytes ? Json::parse(*bytes, nullptr, /*allow_exceptions=*/false) : Json();
  auto rows = json.is_object() ? json.find("passes") : json.end();
  if (rows == json.end() || !rows->is_array())
    return passes;
  int last = -1;
  for (const Json &row : *rows) {
    if (!row.is_object())
      continue;
    Pass pass = passOf(row);
    // Documents are named by the index: no two passes have the same.
    if (pass.index <= last || pass.name.empty() || !isRawName(pass.file))
      continue;
    last = pass.index;
    passes.push_back(std::move(pass));
  }
  return passes;
}

Result<std::shared_ptr<Artifact>> passArtifact(const StageFiles &files,
                                               const Pass &pass) {
  auto artifact = std::make_shared<Artifact>();
  artifact->raw = folderOf(files) / pass.file;
  artifact->document = artifact->raw;
  artifact->document.replace_extension(extensionOf(pass.format));
  fs::path links = artifact->raw;
  links.replace_extension("links");
  auto made = makeText(*artifact, links, pass.format);
  if (!made)
    return std::unexpected(made.error());
  artifact->bytes = made->text.size();
  artifact->textHash = hash64(made->text);
  artifact->operations = pass.operations;
  artifact->links = std::make_shared<const LinkTable>(std::move(made->links));
  return artifact;
}

std::vector<Pass> loadPasses(const StageFiles &files) {
  std::vector<Pass> passes = readPasses(files);
  std::map<std::string, std::shared_ptr<Artifact>> made; // By file.
  for (Pass &pass : passes) {
    auto known = made.find(pass.file);
    if (known == made.end()) {
      auto artifact = passArtifact(files, pass);
      known = made.emplace(pass.file, artifact ? *artifact : nullptr).first;
    }
    pass.artifact = known->second;
  }
  return passes;
}

std::string passPrefix(const Stage &stage) { return stage.id + ".passes."; }

std::string passListName(const Stage &stage) {
  return passPrefix(stage) + "txt";
}

std::string passFileName(const Stage &stage, const Pass &pass) {
  std::string name = pass.name.substr(0, kMaxName);
  std::ranges::replace_if(name, [](char c) { return !isSafe(c); }, '-');
  return fmt::format("{}{:03}-{}.{}", passPrefix(stage), pass.index, name,
                     extensionOf(pass.format));
}

std::string_view passComment(std::string_view fileName) {
  return fileName.ends_with(".ll")    ? ";"
         : fileName.ends_with(".txt") ? "#"
                                      : "//";
}

std::string_view passEffect(const Pass &pass) {
  return pass.failed ? "failed" : pass.changed ? "*" : "=";
}

std::string passHeading() {
  return fmt::format("{:>4}  {:<22}{:<44}{:>9}  {:<7}{:>6}", "#", "stage",
                     "pass", "ms", "changed", "ops");
}

std::string passLine(const Stage &stage, const Pass &pass) {
  std::string operations =
      pass.operations < 0 ? "-" : std::to_string(pass.operations);
  return fmt::format("{:>4}  {:<22}{:<44}{:>9.2f}  {:<7}{:>6}", pass.index,
                     stage.label(), pass.name, pass.ms, passEffect(pass),
                     operations);
}

} // namespace irlens::engine
