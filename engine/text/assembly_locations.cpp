// `.file` and `.loc` directives.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/assembly_locations.h"

#include "engine/text/inlined_places.h"
#include "engine/text/lines.h"
#include "engine/text/paths.h"

#include <charconv>
#include <optional>

namespace irlens::engine::text {

namespace {

constexpr std::string_view kInlinedAt = "inlined_at ";
constexpr std::string_view kCommentedCalls = " @[ ";
/// Nobody inlines deeper; a text that goes in circles ends here.
constexpr std::size_t kDeepest = 64;

template <typename Number>
std::optional<Number> takeNumber(std::string_view &text) {
  text = trimStart(text);
  Number value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(std::size_t(end - text.data()));
  return value;
}

/// A string with \", \\ and octal escapes.
std::optional<std::string> takeString(std::string_view &text) {
  text = trimStart(text);
  if (!text.starts_with('"'))
    return std::nullopt;
  std::string out;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '\\' || at + 1 >= text.size()) {
      out += text[at];
      continue;
    }
    ++at;
    auto isOctal = [&](std::size_t i) {
      return i < text.size() && text[i] >= '0' && text[i] <= '7';
    };
    if (isOctal(at) && isOctal(at + 1) && isOctal(at + 2)) {
      out += char((text[at] - '0') * 64 + (text[at + 1] - '0') * 8 +
                  (text[at + 2] - '0'));
      at += 2;
    } else {
      out += text[at];
    }
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

} // namespace

bool AssemblyLocations::addFile(std::string_view arguments) {
  auto number = takeNumber<std::uint32_t>(arguments);
  if (!number)
    return false;
  auto first = takeString(arguments);
  auto second = takeString(arguments);
  if (first && second)
    files_.try_emplace(*number, File{*first, *second, {}});
  else if (first)
    files_.try_emplace(*number, File{{}, *first, {}});
  return true;
}

AssemblyLocations::Location
AssemblyLocations::parse(std::string_view arguments) {
  Location location;
  auto file = takeNumber<std::uint32_t>(arguments);
  auto line = takeNumber<int>(arguments);
  if (!file || !line || *line < 0)
    return location;
  location.file = *file;
  location.line = *line;
  location.column = takeNumber<int>(arguments).value_or(0);
  location.rest = arguments;
  return location;
}

const std::string &AssemblyLocations::path(std::uint32_t number) {
  static const std::string unknown;
  auto at = files_.find(number);
  if (at == files_.end())
    return unknown;
  File &file = at->second;
  if (file.path.empty() && isFileName(file.name)) {
    file.path = pathOf(file.directory, file.name);
    // DWARF 5: directories are relative to that of file 0, where the compiler
    // ran.
    if (auto root = files_.find(0);
        root != files_.end() && !file.path.starts_with('/'))
      file.path = pathOf(root->second.directory, file.path);
  }
  return file.path;
}

/// The comments spell a file without its directory.
const std::string &AssemblyLocations::pathOfSpelling(std::string_view spelled) {
  if (auto known = pathOfSpelling_.find(spelled);
      known != pathOfSpelling_.end())
    return known->second;
  std::string name = pathOf({}, spelled);
  std::string found = name;
  if (!name.empty() && !name.starts_with('/'))
    for (const auto &[number, file] : files_) {
      const std::string &candidate = path(number);
      bool isSame = candidate == name ||
                    (candidate.ends_with(name) &&
                     candidate[candidate.size() - name.size() - 1] == '/');
      if (isSame) {
        found = candidate;
        break;
      }
    }
  return pathOfSpelling_.emplace(spelled, found).first->second;
}

/// The calls around a place, from the inside out.
std::vector<SourcePos>
AssemblyLocations::spelledCallers(std::string_view comment) {
  std::vector<SourcePos> callers;
  for (const SpelledPlace &place : inlinedPlaces(comment))
    if (const std::string &file = pathOfSpelling(place.file);
        place.line > 0 && !file.empty())
      callers.push_back({file, place.line, place.column});
  return callers;
}

/// PTX: , function_name $L__info_string0, inlined_at 1 8 10
std::vector<SourcePos>
AssemblyLocations::callersInPtx(const Location &location) {
  Place place{location.file, location.line, location.column};
  callerOf_.erase(place);
  std::size_t inlined = location.rest.find(kInlinedAt);
  if (inlined == std::string_view::npos)
    return {};
  Location at = parse(location.rest.substr(inlined + kInlinedAt.size()));
  Place caller{at.file, at.line, at.column};
  if (caller != place)
    callerOf_.emplace(place, caller);
  std::vector<SourcePos> callers;
  while (callers.size() < kDeepest) {
    auto [file, line, column] = caller;
    if (line > 0 && !path(file).empty())
      callers.push_back({path(file), line, column});
    auto next = callerOf_.find(caller);
    if (next == callerOf_.end())
      break;
    caller = next->second;
  }
  return callers;
}

AssemblyLocations::FrameId
AssemblyLocations::resolve(const Location &location) {
  std::size_t comment = location.rest.find(kCommentedCalls);
  std::vector<SourcePos> chain = comment == std::string_view::npos
                                     ? callersInPtx(location)
                                     : spelledCallers(location.rest.substr(
                                           comment + kCommentedCalls.size()));
  if (const std::string &file = path(location.file);
      location.line > 0 && !file.empty())
    chain.insert(chain.begin(), {file, location.line, location.column});
  return table_.addChain(chain);
}

} // namespace irlens::engine::text
