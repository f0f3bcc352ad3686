// See substitutions.h.
#include "engine/run_lines/substitutions.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <variant>

namespace irlens::engine::run_lines {

namespace {

using std::filesystem::path;

/// Definitions that use each other twice double the text each time.
constexpr std::size_t kLongestCommand = 64 * 1024;

bool isWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// %{name}, the name as lit wants it.
bool isDefinableName(std::string_view name) {
  if (!name.starts_with("%{") || !name.ends_with('}') || name.size() < 4)
    return false;
  std::string_view inner = name.substr(2, name.size() - 3);
  if (std::isdigit(static_cast<unsigned char>(inner.front())) ||
      inner.front() == '-' || inner.front() == ':')
    return false;
  return std::ranges::all_of(
      inner, [](char c) { return isWordChar(c) || c == '-' || c == ':'; });
}

struct Definition {
  PlacedText name;
  PlacedText value;
};

std::variant<Definition, Complaint> readDefinition(const PlacedText &body) {
  std::size_t equals = body.text().find('=');
  if (equals == std::string::npos)
    return Complaint{"a definition is `%{name} = value`",
                     body.trimmed().span()};
  Definition result{body.part(0, equals).trimmed(),
                    body.part(equals + 1, body.size()).trimmed()};
  if (!isDefinableName(result.name.text()))
    return Complaint{"the name must be %{name}: a letter or underscore, then "
                     "letters, digits, underscores, hyphens and colons",
                     result.name.span()};
  return result;
}

/// `%%` becomes one final %.
PlacedText escapePercents(const PlacedText &text) {
  PlacedText result;
  std::size_t from = 0;
  for (std::size_t at = text.find("%%", 0); at != std::string::npos;
       at = text.find("%%", from)) {
    result.append(text.part(from, at));
    result.append("%", text.span(at, at + 2), true);
    from = at + 2;
  }
  result.append(text.part(from, text.size()));
  return result;
}

PlacedText replaceAll(const PlacedText &text, const std::string &name,
                      const std::string &value) {
  std::size_t at = text.find(name, 0);
  if (at == std::string::npos)
    return text;
  PlacedText result;
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.find(name, from)) {
    result.append(text.part(from, at));
    result.append(value, text.span(at, at + name.size()));
    from = at + name.size();
  }
  result.append(text.part(from, text.size()));
  return result;
}

/// What stands in the replacement of an s@@@: & and @ mean something there.
std::string regexReplacement(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '@' || c == '&')
      result += '\\';
    result += c;
  }
  return result;
}

std::string withoutRoot(const std::string &text) {
  return text.starts_with('/') ? text.substr(1) : text;
}

} // namespace

Substitutions::Substitutions(const Surroundings &surroundings) {
  const path file = surroundings.file;
  const path temporary = surroundings.temporary;
  // %t is <folder>/Output/<test>.tmp: lit's own names leave the .tmp out.
  std::string base = temporary.filename().string();
  if (base.ends_with(".tmp"))
    base.resize(base.size() - 4);

  for (const auto &[name, value] : surroundings.substitutions)
    if (!name.empty())
      entries_.push_back({name, value});
  for (auto &[name, value] :
       std::initializer_list<std::pair<const char *, std::string>>{
           {"%{pathsep}", ":"},
           {"%basename_t", base},
           {"%{s:basename}", file.filename().string()},
           {"%{s:stem}", file.stem().string()},
           {"%{t:stem}", base},
           {"%{fs-src-root}", "/"},
           {"%{fs-tmp-root}", "/"},
           {"%{fs-sep}", "/"},
           {"%/et", temporary.string()}})
    entries_.push_back({name, value});
  // %T is what lit had until version 21.
  for (const auto &[letter, value] :
       {std::pair<std::string, std::string>{"s", file.string()},
        {"S", file.parent_path().string()},
        {"p", file.parent_path().string()},
        {"t", temporary.string()},
        {"T", temporary.parent_path().string()}}) {
    entries_.push_back({"%" + letter, value});
    entries_.push_back({"%/" + letter, value});
    // Links are not followed here: this code reads no files.
    entries_.push_back({"%{" + letter + ":real}", value});
    entries_.push_back({"%{/" + letter + ":real}", value});
    entries_.push_back(
        {"%{/" + letter + ":regex_replacement}", regexReplacement(value)});
    entries_.push_back({"%:" + letter, withoutRoot(value)});
  }
}

std::optional<Complaint> Substitutions::define(const PlacedText &body) {
  auto read = readDefinition(body);
  if (auto *complaint = std::get_if<Complaint>(&read))
    return *complaint;
  const auto &[name, value] = std::get<Definition>(read);
  for (const Entry &entry : entries_)
    if (entry.name.contains(name.text()))
      return Complaint{name.text() +
                           " is already defined; REDEFINE: changes it",
                       name.span()};
  entries_.insert(entries_.begin(), Entry{name.text(), value.text()});
  return std::nullopt;
}

std::optional<Complaint> Substitutions::redefine(const PlacedText &body) {
  auto read = readDefinition(body);
  if (auto *complaint = std::get_if<Complaint>(&read))
    return *complaint;
  const auto &[name, value] = std::get<Definition>(read);
  for (Entry &entry : entries_)
    if (entry.name == name.text()) {
      entry.value = value.text();
      return std::nullopt;
    }
  return Complaint{name.text() + " is not defined yet; DEFINE: does that",
                   name.span()};
}

std::expected<PlacedText, Complaint>
Substitutions::apply(const PlacedText &command) const {
  PlacedText result = escapePercents(command);
  for (const Entry &entry : entries_) {
    if (!result.text().contains(entry.name))
      continue;
    result = escapePercents(replaceAll(result, entry.name, entry.value));
    if (result.size() > kLongestCommand)
      return std::unexpected(
          Complaint{"the command is too long with its substitutions made",
                    command.span()});
  }
  return result.trimmed();
}

std::vector<Complaint> unknownSubstitutions(const PlacedText &command) {
  std::vector<Complaint> result;
  for (std::size_t at = command.find("%", 0); at != std::string::npos;
       at = command.find("%", at + 1)) {
    std::size_t end = at + 1;
    if (end < command.size() && command[end] == '{') {
      end = command.text().find('}', end);
      if (end == std::string::npos)
        continue;
      ++end;
    } else {
      while (end < command.size() && isWordChar(command[end]))
        ++end;
      // %0 and %x are values of IR, as in -implicit-check-not=%x.
      if (end - at < 3 ||
          std::isdigit(static_cast<unsigned char>(command[at + 1])))
        continue;
    }
    result.push_back(
        {"no substitution is named " + command.text().substr(at, end - at),
         command.span(at, end)});
  }
  return result;
}

} // namespace irlens::engine::run_lines
