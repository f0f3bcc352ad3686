// See pipeline_text.h. The rules are those of POSIX (Shell Command Language,
// 2.2 Quoting), without any expansion.
#include "engine/table/pipeline_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace irlens::engine {
namespace {

/// What a shell would do with an operator that stands outside of quotes. The
/// longest that fits counts.
struct Operator {
  std::string_view text;
  std::string_view problem;
};

constexpr std::string_view kRedirection =
    "files are not redirected here: a step gets the text of the one before. "
    "Where this belongs to an argument, put that in quotes";
constexpr std::string_view kSequence =
    "this is not a shell: one pipeline, its steps divided by `|`. Where this "
    "belongs to an argument, put that in quotes";
constexpr std::string_view kExpansion =
    "this is not a shell: nothing is replaced. Write the value, or put `$` in "
    "single quotes";

constexpr auto kOperators = std::to_array<Operator>({
    {"<<<", kRedirection},
    {"<<", kRedirection},
    {"<", kRedirection},
    {">>", kRedirection},
    {">&", kRedirection},
    {">", kRedirection},
    {"&>", kRedirection},
    {"&&", kSequence},
    {"&", kSequence},
    {"||", kSequence},
    {"|&", kSequence},
    {";", kSequence},
});

constexpr bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool isNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Splitter {
public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Pipeline split() {
    while (at_ < text_.size() && pipeline_.problems.empty())
      step();
    endWord();
    if (pipeline_.problems.empty())
      endCommand(text_.size());
    return std::move(pipeline_);
  }

private:
  void fail(std::string_view message, std::size_t begin, std::size_t end) {
    pipeline_.problems.push_back({std::string(message), {begin, end}});
  }

  PipelineWord &word() {
    if (!word_)
      word_ = PipelineWord{"", {at_, at_}};
    return *word_;
  }

  void endWord() {
    if (!word_)
      return;
    word_->range.end = at_;
    command_.words.push_back(std::move(*word_));
    word_.reset();
  }

  /// `bar`: where the `|` stands, or the end of the text.
  void endCommand(std::size_t bar) {
    if (command_.words.empty()) {
      bool isLast = bar == text_.size();
      if (isLast && pipeline_.commands.empty())
        fail("a pipeline needs a tool", 0, text_.size());
      else
        fail(isLast ? "a tool is missing behind this `|`"
                    : "a tool is missing before this `|`",
             isLast ? bar_ : bar, isLast ? bar_ + 1 : bar + 1);
      return;
    }
    command_.range = {command_.words.front().range.begin,
                      command_.words.back().range.end};
    pipeline_.commands.push_back(std::exchange(command_, {}));
    bar_ = bar;
  }

  void step() {
    char c = text_[at_];
    if (isBlank(c)) {
      endWord();
      ++at_;
    } else if (c == '\'') {
      singleQuotes();
    } else if (c == '"') {
      doubleQuotes();
    } else if (c == '\\') {
      backslash();
    } else if (!failsAsShell()) {
      if (c == '|') {
        endWord();
        endCommand(at_++);
      } else {
        word().text += c;
        ++at_;
      }
    }
  }

  bool failsAsShell() {
    std::string_view rest = text_.substr(at_);
    for (const Operator &known : kOperators)
      if (rest.starts_with(known.text)) {
        fail(known.problem, at_, at_ + known.text.size());
        return true;
      }
    return failsAsExpansion();
  }

  /// `$NAME`, `${NAME}`, `$(command)` and backquotes.
  bool failsAsExpansion() {
    char c = text_[at_];
    char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (c != '`' &&
        (c != '$' || (!isNameByte(next) && next != '(' && next != '{')))
      return false;
    std::size_t end = at_ + (c == '$' ? 2 : 1);
    while (c == '$' && isNameByte(next) && end < text_.size() &&
           isNameByte(text_[end]))
      ++end;
    fail(kExpansion, at_, end);
    return true;
  }

  void singleQuotes() {
    std::size_t open = at_;
    std::size_t end = text_.find('\'', open + 1);
    if (end == std::string_view::npos)
      return failUnclosed(open);
    word().text += text_.substr(open + 1, end - open - 1);
    at_ = end + 1;
  }

  void doubleQuotes() {
    std::size_t open = at_;
    word(); // "" is an empty word.
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (failsAsExpansion())
        return;
      bool escapes = text_[at_] == '\\' && at_ + 1 < text_.size() &&
                     std::string_view("\\\"$`\n").contains(text_[at_ + 1]);
      if (escapes)
        ++at_;
      if (!escapes || text_[at_] != '\n')
        word().text += text_[at_];
      ++at_;
    }
    if (at_ >= text_.size())
      return failUnclosed(open);
    ++at_;
  }

  void failUnclosed(std::size_t open) {
    fail("this quote is not closed", open, open + 1);
    at_ = text_.size();
  }

  void backslash() {
    if (at_ + 1 == text_.size()) {
      fail("nothing follows this backslash", at_, at_ + 1);
      return;
    }
    if (text_[at_ + 1] != '\n') // Else the line goes on.
      word().text += text_[at_ + 1];
    at_ += 2;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t bar_ = 0; ///< The last one.
  std::optional<PipelineWord> word_;
  PipelineCommand command_;
  Pipeline pipeline_;
};

} // namespace

Pipeline splitPipeline(std::string_view text) { return Splitter(text).split(); }

std::string quoteWord(std::string_view word) {
  bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return isNameByte(c) || (c >= '0' && c <= '9') ||
           std::string_view("-+=.,/:@%").contains(c);
  });
  if (plain)
    return std::string(word);
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'')
      quoted += R"('\'')";
    else
      quoted += c;
  }
  return quoted + "'";
}

} // namespace irlens::engine
