// The reader: one pass, recursion bounded by kMaxJsonDepth. See json_text.h.
#include "engine/table/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace irlens::engine {
namespace {

using Kind = JsonValue::Kind;

// Keys are compared one by one; nobody writes as many.
constexpr std::size_t kMaxKeys = 4096;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isWordByte(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '_' || c == '-' || c == '.' || c == '+' || c == '$';
}

/// Length of the UTF-8 character that begins with this byte; 0: none does.
std::size_t characterSize(unsigned char first) {
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first < 0xE0)
    return 2;
  if (first >= 0xE0 && first < 0xF0)
    return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/// Whether a well-formed character stands there, as Unicode's table 3-7 says.
bool isCharacter(std::string_view bytes) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 1; i < bytes.size(); ++i)
    if ((at(i) & 0xC0) != 0x80)
      return false;
  if (bytes.size() < 3)
    return true;
  bool tooSmall =
      (at(0) == 0xE0 && at(1) < 0xA0) || (at(0) == 0xF0 && at(1) < 0x90);
  bool tooBig = (at(0) == 0xED && at(1) > 0x9F) || // surrogates
                (at(0) == 0xF4 && at(1) > 0x8F);
  return !tooSmall && !tooBig;
}

/// The first byte that is not UTF-8.
std::optional<std::size_t> findBadByte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t size = characterSize(static_cast<unsigned char>(text[i]));
    if (size == 0 || i + size > text.size() ||
        !isCharacter(text.substr(i, size)))
      return i;
    i += size;
  }
  return std::nullopt;
}

void appendUtf8(std::string &out, std::uint32_t code) {
  auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

/// What an escape of one letter stands for; 0: it is none.
char simpleEscape(char letter) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  std::size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kMeanings[at];
}

/// A number as JSON defines it.
bool isNumber(std::string_view word) {
  std::size_t i = word.starts_with('-') ? 1 : 0;
  auto digits = [&] {
    std::size_t begin = i;
    while (i < word.size() && isDigit(word[i]))
      ++i;
    return i - begin;
  };
  std::size_t first = i;
  std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && word[first] == '0'))
    return false;
  if (i < word.size() && word[i] == '.') {
    ++i;
    if (digits() == 0)
      return false;
  }
  if (i < word.size() && (word[i] == 'e' || word[i] == 'E')) {
    ++i;
    if (i < word.size() && (word[i] == '+' || word[i] == '-'))
      ++i;
    if (digits() == 0)
      return false;
  }
  return i == word.size();
}

class Reader {
public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::expected<JsonValue, TextProblem> read() {
    if (auto bad = findBadByte(text_))
      return std::unexpected(
          TextProblem{"this byte is not UTF-8", {*bad, *bad + 1}});
    JsonValue value;
    if (skipBlanks() && readValue(value, 0) && skipBlanks() &&
        at_ < text_.size())
      fail("nothing may follow the value", wordAt(at_));
    if (problem_)
      return std::unexpected(std::move(*problem_));
    return value;
  }

private:
  bool fail(std::string message, ByteRange range) {
    if (!problem_)
      problem_ = TextProblem{std::move(message), range};
    return false;
  }

  bool isNext(char c) const { return at_ < text_.size() && text_[at_] == c; }

  /// What a message is about: a whole word, or one character.
  ByteRange wordAt(std::size_t begin) const {
    std::size_t end = begin;
    while (end < text_.size() && isWordByte(text_[end]))
      ++end;
    if (end == begin && begin < text_.size())
      end += characterSize(static_cast<unsigned char>(text_[begin]));
    return {begin, std::min(end, text_.size())};
  }

  /// "expected a value, found `x`"
  bool failExpecting(std::string_view what) {
    ByteRange range = wordAt(at_);
    if (range.begin == range.end)
      return fail(fmt::format("expected {}, but the text ends here", what),
                  range);
    std::string_view found = text_.substr(range.begin, range.end - range.begin);
    return fail(fmt::format("expected {}, found `{}`", what, found), range);
  }

  bool skipBlanks() {
    while (at_ < text_.size()) {
      std::string_view rest = text_.substr(at_);
      if (std::string_view(" \t\r\n").contains(rest[0]))
        ++at_;
      else if (at_ == 0 && rest.starts_with("\xEF\xBB\xBF"))
        at_ += 3; // A byte order mark.
      else if (rest.starts_with("//"))
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (!rest.starts_with("/*"))
        return true;
      else if (std::size_t end = text_.find("*/", at_ + 2);
               end != std::string_view::npos)
        at_ = end + 2;
      else
        return fail("this comment has no end", {at_, at_ + 2});
    }
    return true;
  }

  bool readValue(JsonValue &value, int depth) {
    if (depth >= kMaxJsonDepth)
      return fail(
          fmt::format("values are nested more than {} deep", kMaxJsonDepth),
          {at_, at_ + 1});
    std::size_t begin = at_;
    bool good = false;
    if (isNext('{'))
      good = readObject(value, depth);
    else if (isNext('['))
      good = readList(value, depth);
    else if (isNext('"'))
      good = readString(value);
    else
      good = readWord(value);
    value.range = {begin, at_};
    return good;
  }

  bool readWord(JsonValue &value) {
    if (isNext('\''))
      return fail("strings stand in double quotes", {at_, at_ + 1});
    ByteRange range = wordAt(at_);
    std::string_view word = text_.substr(range.begin, range.end - range.begin);
    if (word == "null")
      value.kind = Kind::Null;
    else if (word == "true" || word == "false") {
      value.kind = Kind::Bool;
      value.truth = word == "true";
    } else if (isNumber(word)) {
      value.kind = Kind::Number;
      value.text = word;
    } else if (!word.empty() && (isDigit(word[0]) || word[0] == '-')) {
      return fail(fmt::format("`{}` is not a number", word), range);
    } else if (!word.empty() && isWordByte(word[0])) {
      return fail(fmt::format("`{}` must stand in double quotes", word), range);
    } else {
      return failExpecting("a value");
    }
    at_ = range.end;
    return true;
  }

  /// Behind an item: true when another one follows. `open`: of the list.
  bool another(char close, std::size_t open) {
    if (!skipBlanks())
      return false;
    if (isNext(',')) {
      ++at_;
      return skipBlanks() && !isNext(close);
    }
    if (!isNext(close) && at_ >= text_.size())
      return fail(fmt::format("this `{}` is not closed", text_[open]),
                  {open, open + 1});
    return !isNext(close) && failExpecting(fmt::format("`,` or `{}`", close));
  }

  bool readList(JsonValue &value, int depth) {
    value.kind = Kind::List;
    std::size_t open = at_++;
    if (!skipBlanks())
      return false;
    for (bool more = !isNext(']'); more; more = another(']', open)) {
      if (at_ >= text_.size())
        return fail("this `[` is not closed", {open, open + 1});
      if (!readValue(value.items.emplace_back(), depth + 1))
        return false;
    }
    return close(']', open);
  }

  bool readObject(JsonValue &value, int depth) {
    value.kind = Kind::Object;
    std::size_t open = at_++;
    if (!skipBlanks())
      return false;
    for (bool more = !isNext('}'); more; more = another('}', open)) {
      if (at_ >= text_.size())
        return fail("this `{` is not closed", {open, open + 1});
      if (!readMember(value, depth))
        return false;
    }
    return close('}', open);
  }

  bool close(char c, std::size_t open) {
    if (problem_)
      return false;
    if (!isNext(c))
      return fail(fmt::format("this `{}` is not closed", text_[open]),
                  {open, open + 1});
    ++at_;
    return true;
  }

  bool readMember(JsonValue &object, int depth) {
    if (!isNext('"')) {
      ByteRange range = wordAt(at_);
      std::string_view word =
          text_.substr(range.begin, range.end - range.begin);
      if (!word.empty() && isWordByte(word[0]))
        return fail(
            fmt::format("the key `{}` must stand in double quotes", word),
            range);
      return failExpecting("a key in double quotes");
    }
    JsonMember member;
    JsonValue key;
    std::size_t begin = at_;
    if (!readString(key))
      return false;
    member.key = std::move(key.text);
    member.keyRange = {begin, at_};
    if (object.members.size() >= kMaxKeys)
      return fail(fmt::format("an object has at most {} keys", kMaxKeys),
                  member.keyRange);
    if (object.find(member.key))
      return fail(fmt::format("the key `{}` stands twice", member.key),
                  member.keyRange);
    if (!skipBlanks())
      return false;
    if (!isNext(':'))
      return failExpecting(fmt::format("`:` behind `{}`", member.key));
    ++at_;
    if (!skipBlanks() || !readValue(member.value, depth + 1))
      return false;
    object.members.push_back(std::move(member));
    return true;
  }

  bool readString(JsonValue &value) {
    value.kind = Kind::String;
    std::size_t open = at_++;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\n')
        break;
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
        return fail("a control character must be written as an escape",
                    {at_, at_ + 1});
      if (c == '\\') {
        if (!readEscape(value.text))
          return false;
      } else {
        value.text += c;
        ++at_;
      }
    }
    return fail("this string has no closing quote", {open, at_});
  }

  /// Four hexadecimal digits at `at_`.
  std::optional<std::uint32_t> readHex() {
    if (at_ + 4 > text_.size())
      return std::nullopt;
    std::uint32_t code = 0;
    for (char c : text_.substr(at_, 4)) {
      std::string_view digits = "0123456789abcdef";
      std::size_t digit =
          digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c);
      if (digit == std::string_view::npos)
        return std::nullopt;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += 4;
    return code;
  }

  bool readEscape(std::string &out) {
    std::size_t begin = at_;
    at_ = std::min(at_ + 2, text_.size());
    char letter = begin + 1 < text_.size() ? text_[begin + 1] : '\0';
    if (char meaning = simpleEscape(letter)) {
      out += meaning;
      return true;
    }
    auto code = letter == 'u' ? readHex() : std::nullopt;
    if (!code)
      return fail("JSON has no such escape; a backslash itself is `\\\\`",
                  {begin, at_});
    if (*code >= 0xD800 && *code < 0xDC00 &&
        text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      auto low = readHex();
      if (low && *low >= 0xDC00 && *low < 0xE000)
        code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    }
    if (*code >= 0xD800 && *code < 0xE000)
      return fail("this escape is half of a pair", {begin, at_});
    appendUtf8(out, *code);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<TextProblem> problem_;
};

void writeString(std::string &out, std::string_view text) {
  out += '"';
  for (char c : text) {
    constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\bfnrt";
    if (std::size_t at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(std::string &out, const JsonValue &value) {
  switch (value.kind) {
  case Kind::Null:
    out += "null";
    return;
  case Kind::Bool:
    out += value.truth ? "true" : "false";
    return;
  case Kind::Number:
    out += value.text;
    return;
  case Kind::String:
    writeString(out, value.text);
    return;
  case Kind::List:
    out += '[';
    for (const JsonValue &item : value.items) {
      out += &item == value.items.data() ? "" : ",";
      write(out, item);
    }
    out += ']';
    return;
  case Kind::Object:
    out += '{';
    for (const JsonMember &member : value.members) {
      out += &member == value.members.data() ? "" : ",";
      writeString(out, member.key);
      out += ':';
      write(out, member.value);
    }
    out += '}';
    return;
  }
}

} // namespace

const JsonValue *JsonValue::find(std::string_view key) const {
  auto found = std::ranges::find(members, key, &JsonMember::key);
  return found == members.end() ? nullptr : &found->value;
}

ByteRange JsonValue::inside(std::size_t begin, std::size_t size) const {
  constexpr std::size_t kQuotes = 2;
  bool asWritten = range.end - range.begin == text.size() + kQuotes;
  if (!asWritten || begin + size > text.size())
    return range;
  return {range.begin + 1 + begin, range.begin + 1 + begin + size};
}

std::expected<JsonValue, TextProblem> readJsonText(std::string_view text) {
  return Reader(text).read();
}

std::string toJson(const JsonValue &value) {
  std::string out;
  write(out, value);
  return out;
}

} // namespace irlens::engine
