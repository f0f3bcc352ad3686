// See shell_parser.h.
#include "engine/run_lines/shell_parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

/// The redirections of one command, applied in the order in which they stand.
class Redirections {
public:
  explicit Redirections(Command &command) : command_(command) {}

  /// What is wrong with it, empty if nothing is.
  std::string apply(const Token &op, const Token &target, const Word &word) {
    if (target.kind != Token::Kind::Word || target.text.empty())
      return "a file name is missing behind " + op.text;
    ++count_;
    const bool plain = op.descriptor == -1;
    if (op.text == "<" && plain) {
      command_.input = word;
    } else if (op.text == ">" || op.text == ">>") {
      if (!plain && op.descriptor != 2)
        return refused(op);
      (plain ? command_.output : command_.errors) = file(word, op.text == ">>");
    } else if (op.text == ">&" && op.descriptor == 2) {
      if (word.text != "1")
        return refused(op);
      command_.errors = command_.output;
    } else if ((op.text == "&>" || op.text == ">&") && plain &&
               word.text != "1" && word.text != "2") {
      command_.output = command_.errors = file(word, false);
    } else {
      return refused(op);
    }
    return {};
  }

private:
  Stream file(const Word &word, bool append) const {
    return {Stream::To::File, word, append, count_};
  }

  static std::string refused(const Token &op) {
    std::string number =
        op.descriptor >= 0 ? std::to_string(op.descriptor) : std::string();
    return "not understood: the redirection " + number + op.text +
           "; lit knows <, >, >>, 2>, 2>>, 2>&1, &>";
  }

  Command &command_;
  int count_ = 0;
};

class Parser {
public:
  Parser(std::vector<Token> tokens, const PlacedText &text,
         const LineIndex &lines, ParsedCommands &result)
      : tokens_(std::move(tokens)), text_(text), lines_(lines),
        result_(result) {}

  void parse() {
    Join join = Join::Always;
    while (true) {
      auto pipeline = parsePipeline();
      if (!pipeline)
        return;
      result_.parts.push_back({join, std::move(*pipeline)});
      if (atEnd())
        return;
      const Token &op = tokens_[at_++];
      if (op.is("&")) {
        complain("not understood: a command in the background", op.place);
        return;
      }
      join = op.is("&&")   ? Join::IfSucceeded
             : op.is("||") ? Join::IfFailed
                           : Join::Always;
      if (atEnd()) {
        complain("a command is missing behind " + op.text, op.place);
        return;
      }
    }
  }

private:
  bool atEnd() const { return at_ == tokens_.size(); }

  void complain(std::string message, Span place) {
    result_.errors.push_back({std::move(message), place});
  }

  bool atSeparator() const {
    constexpr std::string_view kSeparators[] = {"|", "|&", ";",
                                                "&", "||", "&&"};
    return !atEnd() && std::ranges::any_of(kSeparators, [&](auto op) {
      return tokens_[at_].is(op);
    });
  }

  std::optional<Pipeline> parsePipeline() {
    Pipeline pipeline;
    std::size_t first = at_;
    while (true) {
      auto command = parseCommand();
      if (!command)
        return std::nullopt;
      pipeline.commands.push_back(std::move(*command));
      if (atEnd() || (!tokens_[at_].is("|") && !tokens_[at_].is("|&")))
        break;
      if (tokens_[at_].is("|&")) {
        result_.warnings.push_back(
            {"lit's own shell does not know |&: write 2>&1 |",
             tokens_[at_].place});
        pipeline.commands.back().errors = pipeline.commands.back().output;
      }
      ++at_;
    }
    pipeline.range = range(first, at_);
    return pipeline;
  }

  TextRange range(std::size_t first, std::size_t last) const {
    Span span = tokens_[first].place;
    for (std::size_t i = first; i < last; ++i) {
      span.begin = std::min(span.begin, tokens_[i].place.begin);
      span.end = std::max(span.end, tokens_[i].place.end);
    }
    return lines_.range(span);
  }

  std::optional<Command> parseCommand() {
    std::size_t first = at_;
    if (atEnd() || tokens_[at_].kind == Token::Kind::Operator) {
      complain("a command is missing here",
               atEnd() ? text_.span(text_.size(), text_.size())
                       : tokens_[at_].place);
      return std::nullopt;
    }
    Command command;
    Redirections redirections(command);
    std::vector<const Token *> words;
    for (; !atEnd() && !atSeparator(); ++at_) {
      const Token &token = tokens_[at_];
      if (token.kind == Token::Kind::Word) {
        words.push_back(&token);
        continue;
      }
      const Token missing{Token::Kind::Operator, "", token.place};
      const Token &target =
          at_ + 1 < tokens_.size() ? tokens_[at_ + 1] : missing;
      std::string wrong = redirections.apply(token, target, word(target));
      if (!wrong.empty()) {
        complain(std::move(wrong), token.place);
        return std::nullopt;
      }
      ++at_;
    }
    command.range = range(first, at_);
    if (!takeWords(command, words))
      return std::nullopt;
    return command;
  }

  Word word(const Token &token) const {
    return {token.text, lines_.range(token.place)};
  }

  /// `not`, `!` and `env` in front, in any order; then the tool.
  bool takeWords(Command &command, const std::vector<const Token *> &words) {
    std::size_t at = 0;
    int negations = 0;
    bool crash = false;
    bool shellNot = false;
    while (at < words.size()) {
      const std::string &text = words[at]->text;
      if (text == "not") {
        ++at;
        ++negations;
        if (at < words.size() && words[at]->text == "--crash") {
          crash = true;
          ++at;
        }
      } else if (text == "!") {
        ++at;
        ++negations;
        shellNot = true;
      } else if (text == "env") {
        if (!takeEnvironment(command, words, at))
          return false;
      } else {
        break;
      }
    }
    if (at == words.size()) {
      complain("a command is missing behind " + words.back()->text,
               words.back()->place);
      return false;
    }
    if (crash && negations > 1) {
      complain("not understood: --crash with more than one not",
               words[0]->place);
      return false;
    }
    command.expects = crash                       ? Expects::Crash
                      : negations % 2 == 0        ? Expects::Success
                      : shellNot || negations > 1 ? Expects::FailureOrCrash
                                                  : Expects::Failure;
    command.program = word(*words[at]);
    for (++at; at < words.size(); ++at)
      command.arguments.push_back(word(*words[at]));
    return true;
  }

  bool takeEnvironment(Command &command,
                       const std::vector<const Token *> &words,
                       std::size_t &at) {
    for (++at; at < words.size(); ++at) {
      const std::string &text = words[at]->text;
      if (text == "-u" && at + 1 < words.size()) {
        command.environment.push_back({words[++at]->text, std::nullopt});
      } else if (text.starts_with('-')) {
        complain("not understood: env with " + text, words[at]->place);
        return false;
      } else if (std::size_t equals = text.find('=');
                 equals != std::string::npos) {
        command.environment.push_back(
            {text.substr(0, equals), text.substr(equals + 1)});
      } else {
        break;
      }
    }
    return true;
  }

  std::vector<Token> tokens_;
  const PlacedText &text_;
  const LineIndex &lines_;
  ParsedCommands &result_;
  std::size_t at_ = 0;
};

} // namespace

ParsedCommands parseCommands(const PlacedText &command,
                             const LineIndex &lines) {
  ParsedCommands result;
  TokenList read = readTokens(command);
  result.errors = std::move(read.errors);
  result.warnings = std::move(read.warnings);
  if (!read.tokens.empty())
    Parser(std::move(read.tokens), command, lines, result).parse();
  return result;
}

} // namespace irlens::engine::run_lines
