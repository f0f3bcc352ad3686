// MLIR: takes out trailing `loc(...)` of operations and block arguments,
// location aliases and attributes that only locations use, and shortens
// constants, so that the text is what mlir-opt prints without
// --mlir-print-debuginfo. Knows no dialect: it looks at strings, brackets and
// line ends only. Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/elide.h"
#include "engine/text/lines.h"
#include "engine/text/mlir_location.h"
#include "engine/text/mlir_syntax.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace irlens::engine::text {

namespace {

/// A line `#name = ...`.
struct Alias {
  std::string_view name; ///< With its #.
  std::string_view body;
  int line;
  std::size_t begin;
  std::size_t nextBegin;
  bool isLocation;
  bool inLocation = false; ///< Some location needs it.
  bool inText = false;     ///< Something that stays needs it.
};

/// The characters at which the scan of a line has to look.
constexpr std::array<bool, 256> kInteresting = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {'"', '(', ')', '[', ']', '{', '}', '#', '/', '<'})
    table[c] = true;
  return table;
}();

/// Between the modules of one text (mlir-opt -split-input-file).
constexpr std::string_view kNextModule = "// -----";

class MlirSplitter {
public:
  explicit MlirSplitter(std::string_view raw)
      : raw_(raw), stripper_(raw), locations_(stripper_.frames()) {}

  SplitText run() {
    collectAliases(0, 1);
    for (Lines lines(raw_); lines.next();) {
      if (lines.text() == kNextModule)
        beginModule(lines);
      line(lines);
    }
    endModule();
    return stripper_.finish(operations_);
  }

private:
  struct LocatedLine {
    int line;
    std::string_view location;
  };

  // --- modules

  /// Each module of a text has aliases of its own.
  void beginModule(const Lines &lines) {
    endModule();
    aliases_.clear();
    aliasOf_.clear();
    located_.clear();
    locations_ = MlirLocations(stripper_.frames());
    collectAliases(lines.nextBegin(), lines.number() + 1);
  }

  void endModule() {
    eraseAliases();
    linkLines();
  }

  // --- aliases

  /// Those of the module that begins there.
  void collectAliases(std::size_t begin, int line) {
    std::size_t end = raw_.find("\n// -----\n", begin);
    std::size_t counted = begin;
    for (std::size_t at = nextHashLine(begin); at < std::min(end, raw_.size());
         at = nextHashLine(at + 1)) {
      line += int(std::count(raw_.begin() + std::ptrdiff_t(counted),
                             raw_.begin() + std::ptrdiff_t(at), '\n'));
      counted = at;
      addAlias(at, line);
    }
  }

  /// The first line at or after `from` that begins with #; the end if none.
  std::size_t nextHashLine(std::size_t from) const {
    if (from == 0 && raw_.starts_with('#'))
      return 0;
    std::size_t at = raw_.find("\n#", from == 0 ? 0 : from - 1);
    return at == std::string_view::npos ? raw_.size() : at + 1;
  }

  void addAlias(std::size_t begin, int line) {
    std::size_t newline = raw_.find('\n', begin);
    std::size_t end = newline == std::string_view::npos ? raw_.size() : newline;
    std::string_view text = raw_.substr(begin, end - begin);
    std::string_view name = text.substr(0, nameSize(text));
    if (name.size() < 2 || !text.substr(name.size()).starts_with(" = "))
      return;
    std::string_view body = text.substr(name.size() + 3);
    Alias alias{name,
                body,
                line,
                begin,
                end == raw_.size() ? end : end + 1,
                body.starts_with("loc(")};
    if (!aliasOf_.emplace(name, aliases_.size()).second)
      return;
    aliases_.push_back(alias);
    if (alias.isLocation)
      locations_.define(name, body);
  }

  /// Size of a # and the name behind it.
  static std::size_t nameSize(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && isNamePart(text[size]))
      ++size;
    return size;
  }

  /// Marks the aliases that `text` names, and those that they name.
  void mark(std::string_view text, bool Alias::*use) {
    std::vector<std::string_view> waiting{text};
    while (!waiting.empty()) {
      std::string_view next = waiting.back();
      waiting.pop_back();
      for (std::size_t at = next.find_first_of("#\""); at < next.size();
           at = next.find_first_of("#\"", at)) {
        if (next[at] == '"') {
          at += stringSize(next.substr(at));
          continue;
        }
        std::size_t size = nameSize(next.substr(at));
        if (Alias *alias = find(next.substr(at, size));
            alias && !(alias->*use)) {
          alias->*use = true;
          waiting.push_back(alias->body);
        }
        at += size;
      }
    }
  }

  Alias *find(std::string_view name) {
    auto found = aliasOf_.find(name);
    return found == aliasOf_.end() ? nullptr : &aliases_[found->second];
  }

  /// Locations, and what only locations use, belong to the debug info. An alias
  /// that nothing uses was written by hand and stays, unless it is a location.
  void eraseAliases() {
    for (const Alias &alias : aliases_)
      if (alias.isLocation)
        mark(alias.body, &Alias::inLocation);
    for (const Alias &alias : aliases_)
      if (!alias.isLocation && !alias.inLocation)
        mark(alias.body, &Alias::inText);
    for (const Alias &alias : aliases_)
      if (!alias.inText && (alias.isLocation || alias.inLocation))
        stripper_.eraseLine(alias.line, alias.begin, alias.nextBegin);
  }

  // --- lines

  void line(const Lines &lines) {
    std::string_view text = lines.text();
    if (text.empty())
      return;
    if (isInResources_ || text == "{-#") {
      isInResources_ = text != "#-}";
      scanResource(lines);
      return;
    }
    if (text.front() == '#' && !find(text.substr(0, nameSize(text))))
      return;
    bool isAlias = text.front() == '#';
    if (!isAlias)
      beginLine(lines.number(), trimStart(text));
    scan(lines, isAlias);
  }

  /// Finds out to which operation the line belongs.
  void beginLine(int number, std::string_view text) {
    if (text.empty() || text.front() == '}' || text.front() == ']' ||
        text.front() == ')')
      return; // the closing bracket says it
    if (!open_.empty() && open_.back().bracket != '{') {
      opLine_ = open_.back().opLine; // inside the operand list of an operation
      return;
    }
    // scf.index_switch prints its regions behind words on lines of their own.
    if (text.starts_with("case ") || text.starts_with("default {"))
      return;
    opLine_ = number;
    char first = text.front();
    if (first == '%' || first == '"' || (first >= 'a' && first <= 'z') ||
        (first >= 'A' && first <= 'Z'))
      ++operations_;
  }

  void scan(const Lines &lines, bool isAlias) {
    std::string_view text = lines.text();
    bool mayHaveLocation = !isAlias;
    for (std::size_t at = 0; at < text.size();) {
      auto c = static_cast<unsigned char>(text[at]);
      if (!kInteresting[c]) {
        ++at;
        continue;
      }
      switch (c) {
      case '"':
        at += scanString(lines, at);
        break;
      case '/':
        if (isComment(text, at))
          return;
        ++at;
        break;
      case '#':
        at += scanHash(text.substr(at), at > 0 ? text[at - 1] : ' ', isAlias);
        break;
      case '<':
        at += scanAngle(lines, at);
        break;
      case '(':
        if (mayHaveLocation && at >= 4 && text.substr(at - 4, 4) == " loc") {
          if (std::size_t size = scanLocation(lines, at)) {
            at += size;
            break;
          }
          // Only the end of the line is left to be looked at, and only once.
          mayHaveLocation = false;
        }
        [[fallthrough]];
      case '[':
      case '{':
        open_.push_back({char(c), opLine_});
        ++at;
        break;
      default:
        close();
        ++at;
        break;
      }
    }
  }

  void close() {
    if (open_.empty())
      return;
    opLine_ = open_.back().opLine;
    open_.pop_back();
  }

  static bool isComment(std::string_view text, std::size_t at) {
    return text.substr(at).starts_with("//") &&
           (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t');
  }

  /// `text` begins with #. A digit before it makes it the result number `%0#1`.
  std::size_t scanHash(std::string_view text, char before, bool isAlias) {
    std::size_t size = nameSize(text);
    if (!isAlias && !aliases_.empty() && !isNamePart(before))
      if (Alias *alias = find(text.substr(0, size)); alias && !alias->inText) {
        alias->inText = true;
        mark(alias->body, &Alias::inText);
      }
    return size;
  }

  std::size_t scanString(const Lines &lines, std::size_t at) {
    std::size_t size = stringSize(lines.text().substr(at));
    if (size <= kMaxConstant)
      return size;
    std::string_view inside = lines.text().substr(at + 1, size - 2);
    std::size_t begin = lines.begin() + at + 1;
    if (inside.starts_with("0x"))
      stripper_.replace(begin, begin + inside.size(), elideHex(inside));
    else if (size > kMaxString)
      stripper_.replace(begin, begin + inside.size(), elideString(inside));
    return size;
  }

  /// Literal lists: dense<[...]>, sparse<[...], [...]>, array<i64: ...>.
  std::size_t scanAngle(const Lines &lines, std::size_t at) {
    std::string_view text = lines.text();
    std::string_view before = text.substr(0, at);
    bool isLiteral = before.ends_with("dense") || before.ends_with("sparse") ||
                     isDenseArray(before, text.substr(at + 1));
    if (!isLiteral || text.size() - at <= kMaxConstant ||
        text.substr(at + 1).starts_with('"'))
      return 1;
    std::size_t size = balancedSize(text.substr(at));
    if (size <= kMaxConstant || text[at + size - 1] != '>')
      return size;
    std::string_view list = text.substr(at + 1, size - 2);
    std::size_t begin = lines.begin() + at + 1;
    stripper_.replace(begin, begin + list.size(), elideList(list));
    return size;
  }

  /// `array<i64: 1, 2>` is a literal, `!llvm.array<2 x i64>` is a type.
  static bool isDenseArray(std::string_view before, std::string_view inside) {
    return before.ends_with("array") && inside.substr(0, 6).contains(':');
  }

  /// A location behind an operation ends the line, one behind an argument is
  /// followed by a comma or parenthesis (affine.for's: " ="). Elsewhere it is
  /// an attribute. Returns the size of what it looked at, from the parenthesis;
  /// 0 when it does not end.
  std::size_t scanLocation(const Lines &lines, std::size_t at) {
    std::string_view text = lines.text();
    std::size_t size = balancedSize(text.substr(at));
    if (text[at + size - 1] != ')' || size < 3)
      return 0;
    std::string_view after = text.substr(at + size);
    std::string_view location = text.substr(at + 1, size - 2);
    bool endsOperation = trimStart(after).empty() || isTrailingComment(after);
    bool endsArgument = after.starts_with(',') || after.starts_with(')') ||
                        after.starts_with(" = ");
    if (isAttribute(text.substr(0, at - 4)) ||
        !(endsOperation || endsArgument)) {
      mark(location, &Alias::inText);
      return size;
    }
    stripper_.erase(lines.begin() + at - 4, lines.begin() + at + size);
    if (!location.starts_with('#'))
      mark(location, &Alias::inLocation);
    if (endsOperation) {
      located_.push_back({opLine_, location});
      if (opLine_ != lines.number())
        located_.push_back({lines.number(), location});
    } else if (trimStart(text).starts_with('^')) {
      located_.push_back({lines.number(), location});
    }
    return size;
  }

  static bool isTrailingComment(std::string_view after) {
    return after.starts_with(' ') && trimStart(after).starts_with("//");
  }

  /// True when an attribute's value is expected behind `before`.
  static bool isAttribute(std::string_view before) {
    std::size_t last = before.find_last_not_of(' ');
    return last == std::string_view::npos ||
           std::string_view("=,[<({:").contains(before[last]);
  }

  void scanResource(const Lines &lines) {
    std::string_view text = lines.text();
    for (std::size_t at = text.find('"'); at != std::string_view::npos;
         at = text.find('"', at))
      at += scanString(lines, at);
  }

  void linkLines() {
    for (const LocatedLine &line : located_)
      for (LinkTable::FrameId frame : locations_.resolve(line.location))
        stripper_.link(line.line, frame);
  }

  struct Open {
    char bracket;
    int opLine; ///< Where the operation began that opened it.
  };

  std::string_view raw_;
  Stripper stripper_;
  MlirLocations locations_;
  std::vector<Alias> aliases_;
  std::unordered_map<std::string_view, std::size_t> aliasOf_;
  std::vector<Open> open_;
  std::vector<LocatedLine> located_;
  int opLine_ = 0;
  int operations_ = 0;
  bool isInResources_ = false;
};

} // namespace

SplitText splitMlir(std::string_view raw) { return MlirSplitter(raw).run(); }

} // namespace irlens::engine::text
