// See keyword_lines.h.
#include "engine/run_lines/keyword_lines.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

// REDEFINE: holds DEFINE:, and the leftmost counts; so the order is free.
constexpr auto kKeywords = std::to_array<std::pair<std::string_view, Keyword>>({
    {"RUN:", Keyword::Run},
    {"XFAIL:", Keyword::ExpectedToFail},
    {"REQUIRES:", Keyword::Requires},
    {"UNSUPPORTED:", Keyword::Unsupported},
    {"ALLOW_RETRIES:", Keyword::AllowRetries},
    {"END.", Keyword::End},
    {"DEFINE:", Keyword::Define},
    {"REDEFINE:", Keyword::Redefine},
});

struct Found {
  Keyword keyword;
  std::size_t at;
  std::size_t length;
};

std::optional<Found> leftmost(std::string_view line) {
  std::optional<Found> best;
  for (const auto &[word, keyword] : kKeywords) {
    std::size_t at = line.find(word);
    if (at != std::string_view::npos && (!best || at < best->at))
      best = Found{keyword, at, word.size()};
  }
  return best;
}

/// Lines of these kinds are one sequence: one of another kind between them ends
/// a continuation.
bool isScript(Keyword keyword) {
  return keyword == Keyword::Run || keyword == Keyword::Define ||
         keyword == Keyword::Redefine;
}

bool isCondition(Keyword keyword) {
  return keyword == Keyword::Requires || keyword == Keyword::Unsupported ||
         keyword == Keyword::ExpectedToFail;
}

/// The length of a `%(line)`, `%(line+3)` or `%(line - 3)` that starts at `at`,
/// and the number that it stands for.
std::optional<std::pair<std::size_t, long>>
lineExpression(const std::string &text, std::size_t at, long line) {
  constexpr std::string_view kStart = "%(line";
  if (text.compare(at, kStart.size(), kStart) != 0)
    return std::nullopt;
  std::size_t i = at + kStart.size();
  if (text.compare(i, 1, ")") == 0)
    return std::pair(i + 1 - at, line);
  i = std::min(text.find_first_not_of(' ', i), text.size());
  if (i == text.size() || (text[i] != '+' && text[i] != '-'))
    return std::nullopt;
  long sign = text[i] == '+' ? 1 : -1;
  i = std::min(text.find_first_not_of(' ', i + 1), text.size());
  int distance = 0;
  const char *end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data() + i, end, distance);
  if (error != std::errc{} || distance < 0 || rest == end || *rest != ')')
    return std::nullopt;
  return std::pair(std::size_t(rest + 1 - text.data()) - at,
                   line + sign * distance);
}

PlacedText withLineNumbers(const PlacedText &text, int line) {
  std::size_t at = text.text().find("%(line");
  if (at == std::string::npos)
    return text;
  PlacedText result;
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.text().find("%(line", at + 1))
    if (auto expression = lineExpression(text.text(), at, line)) {
      std::size_t end = at + expression->first;
      result.append(text.part(from, at));
      result.append(std::to_string(expression->second), text.span(at, end));
      from = end;
    }
  result.append(text.part(from, text.size()));
  return result;
}

/// Joins `more` to a line that ends in `\`.
void continueLine(KeywordLine &line, const PlacedText &more) {
  line.text.removeSuffix(1);
  if (line.keyword == Keyword::Run) {
    line.text.append(more);
  } else {
    // Of a definition the blanks around the join are one.
    line.text.trimEnd();
    line.text.append(" ", line.text.span(line.text.size(), line.text.size()));
    line.text.append(more.trimmed());
  }
  line.text.trimEnd();
}

class Collector {
public:
  void add(KeywordLine line) {
    if (!isScript(line.keyword)) {
      addOther(std::move(line));
      return;
    }
    if (script_ && isOpen(result_[*script_]) &&
        result_[*script_].keyword == line.keyword) {
      continueLine(result_[*script_], line.text);
      return;
    }
    script_ = result_.size();
    result_.push_back(std::move(line));
  }

  std::vector<KeywordLine> take() {
    for (KeywordLine &line : result_)
      line.unterminated =
          (isScript(line.keyword) || isCondition(line.keyword)) && isOpen(line);
    return std::move(result_);
  }

private:
  static bool isOpen(const KeywordLine &line) {
    return !line.text.empty() && line.text.text().back() == '\\';
  }

  void addOther(KeywordLine line) {
    if (isCondition(line.keyword))
      for (KeywordLine &earlier : result_)
        if (earlier.keyword == line.keyword && isOpen(earlier)) {
          continueLine(earlier, line.text);
          return;
        }
    result_.push_back(std::move(line));
  }

  std::vector<KeywordLine> result_;
  std::optional<std::size_t> script_; ///< The last of the sequence.
};

} // namespace

std::vector<KeywordLine> findKeywordLines(std::string_view text) {
  Collector collector;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++number;
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (auto found = leftmost(line)) {
      std::size_t at = found->at + found->length;
      PlacedText rest(line.substr(at), begin + at);
      rest.trimEnd();
      if (found->keyword == Keyword::End) {
        if (rest.trimmed().empty())
          break;
      } else {
        collector.add({found->keyword,
                       withLineNumbers(rest, number),
                       {begin + found->at, begin + at}});
      }
    }
    begin = end + 1;
  }
  return collector.take();
}

} // namespace irlens::engine::run_lines
