#include "engine/run/entering.h"

#include "engine/links/links.h"
#include "engine/store/files.h"
#include "engine/text/split.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

/// Markers are looked for in so many bytes: this is done on the loop.
constexpr std::size_t kLooksAt = 1024 * 1024;

bool contains(const std::vector<std::string> &list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool fits(const EnterAt &at, std::string_view extension,
          std::string_view text) {
  return contains(at.extensions, extension) &&
         (at.markers.empty() ||
          std::ranges::any_of(at.markers, [&](const std::string &marker) {
            return text.contains(marker);
          }));
}

/// Lines that begin an LLVM module, and no MLIR.
bool looksLikeLlvm(std::string_view text) {
  for (std::string_view start : {"; ModuleID", "define ", "declare ",
                                 "source_filename ", "target triple "})
    if (text.starts_with(start) || text.contains("\n" + std::string(start)))
      return true;
  return false;
}

/// Without the dot.
std::string extensionOf(const fs::path &path) {
  std::string extension = path.extension().string();
  return extension.empty() ? extension : extension.substr(1);
}

/// PROTOCOL.md, "Entry names".
std::string safeName(std::string name) {
  auto isSafe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  std::ranges::replace_if(name, std::not_fn(isSafe), '_');
  if (name.empty() || name.front() == '.')
    name.insert(0, "_");
  return name;
}

/// What the text holds, and where.
struct Symbol {
  std::string name;
  int line = 1;
};

/// The name behind the first of the words that begins something, on its line:
/// `tt.func public @add(`, `.entry add(`. Nothing if there is none.
std::optional<Symbol> firstSymbol(std::string_view text,
                                  const std::vector<std::string> &words) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$";
  for (const std::string &word : words) {
    std::size_t at = text.find(word + " ");
    if (at == std::string_view::npos)
      continue;
    std::size_t begin = at + word.size();
    std::string_view rest = text.substr(begin, text.find('\n', at) - begin);
    if (std::size_t sign = rest.find('@'); sign != std::string_view::npos)
      rest.remove_prefix(sign);
    rest.remove_prefix(std::min(rest.find_first_of(kLetters), rest.size()));
    std::string name(rest.substr(0, rest.find_first_not_of(kLetters)));
    if (!name.empty())
      return Symbol{
          std::move(name),
          static_cast<int>(std::ranges::count(text.substr(0, at), '\n')) + 1};
  }
  return std::nullopt;
}

LinkTable linksToItself(const std::string &text, const fs::path &path) {
  LinkTable links;
  auto lines = std::ranges::count(text, '\n');
  if (!text.empty() && text.back() != '\n')
    ++lines;
  for (int line = 1; line <= lines; ++line)
    links.link(line, links.addFrame(path.string(), line, 0));
  return links;
}

Result<void> write(const fs::path &path, const Json &json) {
  return writeFile(
      path, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<void> writeGiven(const EnteredFile &file, const Stage &stage,
                        const fs::path &folder) {
  auto written = writeFile(folder / (stage.id + ".raw"), file.text);
  if (!written)
    return written;
  if (!file.printed) {
    LinkTable links = linksToItself(file.text, file.path);
    written = writeFile(folder / (stage.id + ".links"), links.toJson());
  }
  if (!written)
    return written;
  Json summary = Json::object();
  if (int count = split(stage.format, file.text).operations; count >= 0)
    summary["ops"] = count;
  return write(folder / (stage.id + ".json"),
               {{"status", "ok"}, {"ms", 0}, {"summary", summary}});
}

/// A capture has left a report, else there is none yet.
Result<void> addToReport(const fs::path &path, const std::string &entry) {
  auto bytes = readFile(path);
  Json report = bytes ? Json::parse(*bytes, nullptr, /*allow_exceptions=*/false)
                      : Json::object();
  if (!report.is_object())
    report = Json::object();
  report["entries"] = Json::array({entry});
  return write(path, report);
}

} // namespace

std::optional<EnterPoint> enterPoint(const StageTable &table,
                                     const fs::path &path,
                                     std::string_view text) {
  std::string extension = extensionOf(path);
  std::string_view head = text.substr(0, kLooksAt);
  for (const Origin &origin : table.origins())
    for (const EnterAt &at : origin.enters)
      if (fits(at, extension, head))
        return EnterPoint{&origin, &at, isBitcode(text)};
  return std::nullopt;
}

std::optional<EnterPoint> enterPoint(const StageTable &table,
                                     const PrintedText &printed,
                                     std::string_view text) {
  bool isLlvm = printed.level == "llvm" ||
                (printed.level == "auto" && looksLikeLlvm(text));
  return enterPoint(table, isLlvm ? "printed.ll" : "printed.mlir", text);
}

bool mayEnter(const StageTable &table, const fs::path &path) {
  std::string extension = extensionOf(path);
  return std::ranges::any_of(table.origins(), [&](const Origin &origin) {
    return std::ranges::any_of(origin.enters, [&](const EnterAt &at) {
      return contains(at.extensions, extension);
    });
  });
}

bool isBitcode(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("BC\xC0\xDE"sv) ||
         bytes.starts_with("\xDE\xC0\x17\x0B"sv); // With Apple's wrapper.
}

EnteredFile enteredFile(const EnterPoint &point, const StageTable &table,
                        const fs::path &path, const std::string *text) {
  EnteredFile file;
  file.path = path;
  file.origin = point.origin->id;
  file.text = text ? *text : "";
  std::string_view head = std::string_view(file.text).substr(0, kLooksAt);
  auto symbol = firstSymbol(head, point.origin->symbols);
  file.entry = safeName(symbol ? symbol->name : path.stem().string());
  file.line = symbol ? symbol->line : 1;
  file.binary = !text;
  for (const Stage &stage : table.stages())
    if (stage.origin == point.origin->id &&
        contains(point.at->stages, stage.base))
      file.given.push_back(stage);
  return file;
}

Result<void> writeEntered(const EnteredFile &file, const fs::path &out) {
  fs::path folder = out / file.entry;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(ErrorCode::Io, folder.string() + ": " + error.message());
  Json given = Json::array();
  for (const Stage &stage : file.given) {
    given.push_back(stage.id);
    if (file.binary)
      continue;
    if (auto written = writeGiven(file, stage, folder); !written)
      return written;
  }
  Json entry{{"name", file.entry},    {"kind", "ir"},
             {"origin", file.origin}, {"given", given},
             {"line", file.line},     {"class_line", 0},
             {"binary", file.binary}};
  if (auto written = write(folder / "entry.json", entry); !written)
    return written;
  return addToReport(out / "run.json", file.entry);
}

Result<void> writePrinted(const PrintedText &printed, const StageTable &table,
                          const fs::path &path, const fs::path &out) {
  // Nothing that a worker names leads out of the folder.
  auto text = readFile(out / fs::path(printed.file).filename());
  if (!text)
    return std::unexpected(text.error());
  auto point = enterPoint(table, printed, *text);
  if (!point || text->empty())
    return {};
  EnteredFile file = enteredFile(*point, table, path, &*text);
  file.line = printed.line;
  file.printed = true;
  return writeEntered(file, out);
}

} // namespace irlens::engine
