// See shell_words.h.
#include "engine/run_lines/shell_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

bool isBlank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Longer ones first.
constexpr auto kOperators = std::to_array<std::string_view>(
    {"||", "|&", "&&", "&>", ">&", ">>", "<&", "<<", "|", "&", ";", ">", "<"});

class Lexer {
public:
  explicit Lexer(const PlacedText &text) : text_(text) {}

  TokenList read() {
    while (at_ < text_.size()) {
      if (isBlank(text_[at_]))
        ++at_;
      else if (auto op = operatorHere())
        addOperator(*op, -1, at_);
      else
        readWord();
    }
    return std::move(result_);
  }

private:
  char look() const { return text_[at_]; }
  bool atEnd() const { return at_ == text_.size(); }

  std::optional<std::string_view> operatorHere() const {
    for (std::string_view op : kOperators)
      if (text_.text().compare(at_, op.size(), op) == 0)
        return op;
    return std::nullopt;
  }

  void addOperator(std::string_view op, int descriptor, std::size_t begin) {
    at_ += op.size();
    result_.tokens.push_back({Token::Kind::Operator, std::string(op),
                              text_.span(begin, at_), descriptor});
  }

  /// The one letter that lit's shell never looks at is the first: a backslash
  /// there stays.
  void readWord() {
    std::size_t begin = at_;
    std::string word;
    if (look() == '\'' || look() == '"')
      readQuoted(word);
    else
      take(word);
    while (!atEnd() && !isBlank(look()) &&
           !std::string_view("|&;").contains(look())) {
      if (look() == '<' || look() == '>') {
        if (!isNumber(word))
          break;
        // More digits than one are no stream that anybody knows.
        addOperator(operatorHere().value_or(">"),
                    word.size() == 1 ? word[0] - '0' : 99, begin);
        return;
      }
      if (look() == '\'' || look() == '"') {
        readQuoted(word);
      } else if (look() == '\\') {
        ++at_;
        if (!atEnd())
          word += text_[at_++];
      } else {
        take(word);
      }
    }
    result_.tokens.push_back(
        {Token::Kind::Word, std::move(word), text_.span(begin, at_), -1});
  }

  static bool isNumber(const std::string &word) {
    return !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
      return std::isdigit(c) != 0;
    });
  }

  void take(std::string &word) {
    refuseExpansion();
    word += text_[at_++];
  }

  /// What a shell would run to make words of; lit's own shell knows neither.
  void refuseExpansion() {
    if (look() == '`' || text_.text().compare(at_, 2, "$(") == 0)
      result_.errors.push_back({"not understood: a command inside a command",
                                text_.span(at_, at_ + 1)});
  }

  void readQuoted(std::string &word) {
    std::size_t begin = at_;
    const char quote = text_[at_++];
    while (!atEnd()) {
      char c = look();
      if (c == quote) {
        ++at_;
        return;
      }
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size() &&
          std::string_view("\"\\$").contains(text_[at_ + 1]))
        ++at_;
      else if (quote == '"')
        refuseExpansion();
      word += text_[at_++];
    }
    result_.warnings.push_back(
        {"this quote has no end", text_.span(begin, begin + 1)});
  }

  const PlacedText &text_;
  std::size_t at_ = 0;
  TokenList result_;
};

} // namespace

TokenList readTokens(const PlacedText &command) {
  return Lexer(command).read();
}

} // namespace irlens::engine::run_lines
