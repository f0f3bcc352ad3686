// See tool_words.h.
#include "engine/run_lines/tool_words.h"

#include <algorithm>
#include <array>

namespace irlens::engine::run_lines {

namespace {

/// An option without its dashes; its value if it stands in the same word.
struct Option {
  std::string_view name;
  std::optional<std::string_view> value;
};

std::optional<Option> optionOf(std::string_view word) {
  if (!word.starts_with('-') || word == "-")
    return std::nullopt;
  std::string_view rest = word.substr(word.starts_with("--") ? 2 : 1);
  std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos)
    return Option{rest, std::nullopt};
  return Option{rest.substr(0, equals), rest.substr(equals + 1)};
}

bool hasIrExtension(std::string_view word) {
  constexpr std::string_view kExtensions[] = {".mlir", ".mlirbc", ".ll",
                                              ".bc",   ".ttir",   ".ttgir"};
  return std::ranges::any_of(kExtensions, [&](std::string_view extension) {
    return word.ends_with(extension);
  });
}

std::optional<Word> unlessStdio(const Word &word, std::string_view path) {
  if (path == "-")
    return std::nullopt;
  return Word{std::string(path), word.range};
}

// What FileCheck takes as a word of its own behind the option.
constexpr auto kValueOptions = std::to_array<std::string_view>(
    {"D", "check-prefix", "check-prefixes", "comment-prefixes",
     "implicit-check-not", "input-file", "dump-input", "dump-input-context",
     "dump-input-filter", "color"});

void addPrefixes(std::vector<std::string> &prefixes, std::string_view list) {
  while (!list.empty()) {
    std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0)
      prefixes.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// Options that change what is printed, not what is found: irlens reads the
/// errors, and shows the text itself.
bool isAboutPrinting(std::string_view option) {
  return option.starts_with("dump-input") || option == "color" ||
         option == "v" || option == "vv";
}

} // namespace

ToolWords readToolWords(const Command &command,
                        const std::function<bool(std::string_view)> &isFile) {
  ToolWords result;
  const auto &words = command.arguments;
  bool mayBeValue = false; // the word before is an option without a value
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string &text = words[i].text;
    auto option = optionOf(text);
    if (option && option->name == "o") {
      const bool own = !option->value && i + 1 < words.size();
      const Word &file = own ? words[++i] : words[i];
      result.output = unlessStdio(file, own ? std::string_view(file.text)
                                            : option->value.value_or("-"));
      result.toStdout = !result.output;
      mayBeValue = false;
      continue;
    }
    const bool file = !option && (text == "-" || isFile(text) ||
                                  hasIrExtension(text) || !mayBeValue);
    if (file && !result.input)
      result.input = unlessStdio(words[i], text);
    else
      result.arguments.push_back(text);
    mayBeValue = option && !option->value;
  }
  return result;
}

FileCheckWords readFileCheckWords(const Command &command) {
  FileCheckWords result;
  const auto &words = command.arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto option = optionOf(words[i].text);
    if (!option) {
      if (!result.against)
        result.against = words[i];
      else
        result.arguments.push_back(words[i].text);
      continue;
    }
    const Word &first = words[i];
    Word value{std::string(option->value.value_or("")), first.range};
    bool apart =
        !option->value && i + 1 < words.size() &&
        std::ranges::find(kValueOptions, option->name) != kValueOptions.end();
    if (apart)
      value = words[++i];
    if (option->name == "input-file") {
      result.input = unlessStdio(value, value.text);
      continue;
    }
    if (isAboutPrinting(option->name))
      continue;
    if (option->name == "check-prefix" || option->name == "check-prefixes")
      addPrefixes(result.prefixes, value.text);
    if (option->name == "strict-whitespace")
      result.strictWhitespace = true;
    result.arguments.push_back(first.text);
    if (apart)
      result.arguments.push_back(value.text);
  }
  if (result.prefixes.empty())
    result.prefixes.emplace_back("CHECK");
  return result;
}

} // namespace irlens::engine::run_lines
