// LLVM IR: takes out `!dbg` attachments, debug records and intrinsics, debug
// info nodes and what only they use, and renumbers the metadata that stays, so
// that the text is what the tool prints of a module without debug info (`opt
// -strip-debug`, less the module flags that only debug info needs). Runs
// wherever split() is called, usually on libuv's pool.
#include "engine/text/elide.h"
#include "engine/text/lines.h"
#include "engine/text/llvm_metadata.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace irlens::engine::text {

namespace {

/// The characters at which the scan of a line has to look.
constexpr std::array<bool, 256> kInteresting = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {'"', '!', ';', '[', '<'})
    table[c] = true;
  return table;
}();

/// Module flags that mean nothing without debug info.
constexpr std::array<std::string_view, 4> kDebugFlags = {
    "!\"Debug Info Version\"", "!\"Dwarf Version\"", "!\"DWARF64\"",
    "!\"debug-info-assignment-tracking\""};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Size of the bracketed piece that `text` begins with; its rest if it does not
/// end.
std::size_t bracketSize(std::string_view text, char open, char close) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      at = text.find('"', at + 1);
      if (at == std::string_view::npos)
        break;
    } else if (text[at] == open) {
      ++depth;
    } else if (text[at] == close && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

class LlvmSplitter {
public:
  explicit LlvmSplitter(std::string_view raw)
      : raw_(raw), stripper_(raw), metadata_(stripper_.frames()) {}

  SplitText run() {
    collectMetadata();
    for (Lines lines(raw_); lines.next();)
      line(lines);
    markReferences();
    metadata_.number();
    rewriteNodes();
    rewriteNamed();
    rewriteReferences();
    eraseBlankLines();
    return stripper_.finish(operations_);
  }

private:
  /// `!llvm.module.flags = !{...}`
  struct Named {
    std::string_view text; ///< The whole line.
    int line;
    std::size_t begin;
    std::size_t nextBegin;
    bool isDebug; ///< !llvm.dbg.cu
    bool isErased = false;
  };
  struct Reference {
    std::uint32_t id;
    std::size_t slot; ///< Of the stripper.
  };

  // --- metadata lines

  void collectMetadata() {
    // Most of a text are instructions, so jump from ! to ! at line begins.
    std::size_t counted = 0;
    int line = 1;
    for (std::size_t at = nextMetadataLine(0); at < raw_.size();
         at = nextMetadataLine(at + 1)) {
      for (std::size_t newline = raw_.find('\n', counted); newline < at;
           newline = raw_.find('\n', newline + 1))
        ++line;
      counted = at;
      addMetadataLine(at, line);
    }
    for (LlvmMetadata::Node &node : metadata_.nodes())
      node.isDebugInfo |= isLoopOfLocations(node);
  }

  /// `distinct !{!7, !8, !9}` where !8 and !9 only say where the loop stands.
  bool isLoopOfLocations(const LlvmMetadata::Node &node) {
    if (!node.body.starts_with(fmt::format("!{{!{}, !", node.id)))
      return false;
    for (const MetadataReference &to : metadataReferences(node.body)) {
      const LlvmMetadata::Node *operand = metadata_.find(to.id);
      bool isLocation = operand && operand->body.starts_with("!DILocation(");
      if (to.id != node.id && !isLocation)
        return false;
    }
    return true;
  }

  std::size_t nextMetadataLine(std::size_t from) const {
    if (from == 0 && raw_.starts_with('!'))
      return 0;
    std::size_t at = raw_.find("\n!", from == 0 ? 0 : from - 1);
    return at == std::string_view::npos ? raw_.size() : at + 1;
  }

  void addMetadataLine(std::size_t begin, int line) {
    std::size_t newline = raw_.find('\n', begin);
    std::size_t end = newline == std::string_view::npos ? raw_.size() : newline;
    std::size_t nextBegin = end == raw_.size() ? end : end + 1;
    std::string_view text = raw_.substr(begin, end - begin);
    std::size_t at = 0;
    auto id = takeMetadataId(text, at);
    if (!id) {
      if (text.contains(" = !{"))
        named_.push_back(
            {text, line, begin, nextBegin, text.starts_with("!llvm.dbg.cu ")});
      return;
    }
    if (!text.substr(at).starts_with(" = "))
      return;
    at += 3;
    if (text.substr(at).starts_with("distinct "))
      at += 9;
    std::string_view body = text.substr(at);
    metadata_.add({.id = *id,
                   .body = body,
                   .line = line,
                   .begin = begin,
                   .nextBegin = nextBegin,
                   .bodyBegin = begin + at,
                   .isDebugInfo = body.starts_with("!DI")});
  }

  // --- the other lines

  void line(const Lines &lines) {
    std::string_view text = lines.text();
    if (text.empty() || text.front() == '!' || text.front() == ';')
      return;
    if (text.front() == ' ' && isDebugLine(trimStart(text))) {
      stripper_.eraseLine(lines.number(), lines.begin(), lines.nextBegin());
      return;
    }
    if (text.starts_with("declare void @llvm.dbg.")) {
      eraseDeclaration(lines);
      return;
    }
    beginLine(lines.number(), text);
    scan(lines);
  }

  static bool isDebugLine(std::string_view text) {
    return text.starts_with("#dbg_") ||
           text.starts_with("call void @llvm.dbg.") ||
           text.starts_with("tail call void @llvm.dbg.");
  }

  /// With the comment and the blank line before it.
  void eraseDeclaration(const Lines &lines) {
    std::size_t begin = lines.begin();
    int line = lines.number();
    stripper_.eraseLine(line, begin, lines.nextBegin());
    for (std::string_view before : {"; Function Attrs:", ""}) {
      std::size_t end = begin;
      if (end < 2)
        return;
      std::size_t newline = raw_.rfind('\n', end - 2);
      begin = newline == std::string_view::npos ? 0 : newline + 1;
      std::string_view text = raw_.substr(begin, end - 1 - begin);
      if (before.empty() ? !text.empty() : !text.starts_with(before)) {
        begin = end;
        continue;
      }
      stripper_.eraseLine(--line, begin, end);
    }
  }

  void beginLine(int number, std::string_view text) {
    if (text.starts_with("define "))
      isInFunction_ = true;
    else if (text == "}")
      isInFunction_ = false;
    bool isContinued = text.front() == ' ' &&
                       (text.starts_with("   ") || text.starts_with("  ]"));
    if (isContinued)
      return; // the cases of a switch, the targets of an invoke
    opLine_ = number;
    if (isInFunction_ && text.front() == ' ')
      ++operations_;
  }

  void scan(const Lines &lines) {
    std::string_view text = lines.text();
    for (std::size_t at = 0; at < text.size();) {
      auto c = static_cast<unsigned char>(text[at]);
      if (!kInteresting[c])
        ++at;
      else if (c == '!')
        at = scanMetadata(lines, at);
      else if (c == '"')
        at = scanString(lines, at);
      else if (c == ';')
        return;
      else
        at = scanBracket(lines, at);
    }
  }

  /// Returns where to go on.
  std::size_t scanMetadata(const Lines &lines, std::size_t at) {
    std::string_view text = lines.text();
    std::size_t nameEnd = at + 1;
    if (nameEnd < text.size() && isDigit(text[nameEnd]))
      return scanReference(lines, at);
    while (nameEnd < text.size() && isNamePart(text[nameEnd]))
      ++nameEnd;
    std::string_view kind = text.substr(at + 1, nameEnd - at - 1);
    if (kind.empty() || !text.substr(nameEnd).starts_with(" !"))
      return nameEnd;
    std::size_t end = nameEnd + 1;
    auto id = takeMetadataId(text, end);
    if (!id) {
      // An attachment that is written out: !dbg !DILocation(...)
      if (kind == "dbg")
        return eraseInline(lines, at, nameEnd + 1);
      return nameEnd;
    }
    const LlvmMetadata::Node *node = metadata_.find(*id);
    bool isDebug = kind == "dbg" || kind == "DIAssignID" ||
                   kind == "heapallocsite" || (node && node->isDebugInfo);
    if (!isDebug)
      return nameEnd;
    eraseAttachment(lines, at, end);
    if (node)
      metadata_.markForDebug(*id);
    if (kind == "dbg") {
      LinkTable::FrameId frame = metadata_.frameOf(*id);
      stripper_.link(lines.number(), frame);
      if (opLine_ != lines.number())
        stripper_.link(opLine_, frame);
    }
    return end;
  }

  std::size_t eraseInline(const Lines &lines, std::size_t at,
                          std::size_t value) {
    std::string_view text = lines.text();
    std::size_t open = text.find('(', value);
    if (open == std::string_view::npos)
      return text.size();
    std::size_t end = open + bracketSize(text.substr(open), '(', ')');
    eraseAttachment(lines, at, end);
    return end;
  }

  /// With the comma or blank before it.
  void eraseAttachment(const Lines &lines, std::size_t at, std::size_t end) {
    std::string_view before = lines.text().substr(0, at);
    std::size_t lead = before.ends_with(", ") ? 2 : before.ends_with(' ');
    stripper_.erase(lines.begin() + at - lead, lines.begin() + end);
  }

  static bool isNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) ||
           c == '.' || c == '_' || c == '-' || c == '$' || c == '\\';
  }

  std::size_t scanReference(const Lines &lines, std::size_t at) {
    std::size_t end = at;
    auto id = takeMetadataId(lines.text(), end);
    if (!id)
      return at + 1;
    if (metadata_.find(*id)) {
      metadata_.markNeeded(*id);
      references_.push_back(
          {*id, stripper_.reserve(lines.begin() + at, lines.begin() + end)});
    }
    return end;
  }

  std::size_t scanString(const Lines &lines, std::size_t at) {
    std::string_view text = lines.text();
    std::size_t close = text.find('"', at + 1);
    if (close == std::string_view::npos)
      return text.size();
    std::string_view inside = text.substr(at + 1, close - at - 1);
    bool isData = at > 0 && text[at - 1] == 'c';
    if (isData && inside.size() > kMaxConstant)
      stripper_.replace(lines.begin() + at + 1, lines.begin() + close,
                        elideString(inside));
    return close + 1;
  }

  /// `[4 x float] [float ..., ...]` and `<4 x i32> <i32 ...>`: the value of a
  /// long array or vector is shortened, its type is not.
  std::size_t scanBracket(const Lines &lines, std::size_t at) {
    std::string_view text = lines.text();
    char open = text[at];
    char close = open == '[' ? ']' : '>';
    bool isValue = at >= 2 && text[at - 1] == ' ' && text[at - 2] == close;
    if (!isValue || text.size() - at <= kMaxConstant)
      return at + 1;
    std::size_t size = bracketSize(text.substr(at), open, close);
    if (size <= kMaxConstant || text[at + size - 1] != close)
      return at + size;
    stripper_.replace(lines.begin() + at, lines.begin() + at + size,
                      elideList(text.substr(at, size)));
    return at + size;
  }

  // --- what stays

  static bool isDebugFlag(const LlvmMetadata::Node &node) {
    for (std::string_view flag : kDebugFlags)
      if (node.body.substr(0, 64).contains(flag))
        return true;
    return false;
  }

  void markReferences() {
    for (Named &named : named_)
      for (const MetadataReference &to : metadataReferences(named.text)) {
        LlvmMetadata::Node *node = metadata_.find(to.id);
        if (!node)
          continue;
        if (named.text.starts_with("!llvm.module.flags ") && isDebugFlag(*node))
          node->isDebugInfo = true;
        else if (!named.isDebug)
          metadata_.markNeeded(to.id);
      }
    for (const LlvmMetadata::Node &node : metadata_.nodes())
      if (node.isDebugInfo)
        metadata_.markForDebug(node.id);
  }

  void rewriteNodes() {
    for (const LlvmMetadata::Node &node : metadata_.nodes()) {
      if (node.isDropped()) {
        stripper_.eraseLine(node.line, node.begin, node.nextBegin);
        continue;
      }
      if (node.newId != node.id)
        stripper_.replace(node.begin, node.begin + idSize(node.id),
                          fmt::format("!{}", node.newId));
      rewriteOperands(node.body, node.bodyBegin);
    }
  }

  static std::size_t idSize(std::uint32_t id) {
    return fmt::formatted_size("!{}", id);
  }

  /// Renumbers the operands of a tuple; those that are dropped go, with a
  /// comma. Returns how many stay.
  int rewriteOperands(std::string_view tuple, std::size_t begin) {
    int kept = 0;
    std::size_t erasedTo = 0;
    for (const MetadataReference &to : metadataReferences(tuple)) {
      const LlvmMetadata::Node *node = metadata_.find(to.id);
      if (!node || !node->isDropped()) {
        ++kept;
        if (node && node->newId != node->id)
          stripper_.replace(begin + to.begin, begin + to.end,
                            fmt::format("!{}", node->newId));
        continue;
      }
      std::string_view before = tuple.substr(0, to.begin);
      bool isFirst = before.ends_with('{') || to.begin == erasedTo;
      bool hasNext = tuple.substr(to.end).starts_with(", ");
      erasedTo = to.end + (isFirst && hasNext ? 2 : 0);
      std::size_t from =
          !isFirst && before.ends_with(", ") ? to.begin - 2 : to.begin;
      stripper_.erase(begin + from, begin + erasedTo);
    }
    return kept;
  }

  void rewriteNamed() {
    for (Named &named : named_) {
      bool hadOperands = !metadataReferences(named.text).empty();
      int kept = rewriteOperands(named.text, named.begin);
      named.isErased = named.isDebug || (hadOperands && kept == 0);
      if (named.isErased)
        stripper_.eraseLine(named.line, named.begin, named.nextBegin);
    }
  }

  void rewriteReferences() {
    for (const Reference &reference : references_)
      if (const LlvmMetadata::Node *node = metadata_.find(reference.id);
          node && !node->isDropped())
        stripper_.set(reference.slot, fmt::format("!{}", node->newId));
  }

  /// The blank line before the named metadata, and the one before the nodes,
  /// when nothing of them is left.
  void eraseBlankLines() {
    bool hasNamed = false;
    for (const Named &named : named_)
      hasNamed |= !named.isErased;
    bool hasNodes = false;
    for (const LlvmMetadata::Node &node : metadata_.nodes())
      hasNodes |= !node.isDropped();
    if (!named_.empty() && !hasNamed)
      eraseBlankBefore(named_.front().line, named_.front().begin);
    if (!metadata_.nodes().empty() && !hasNodes)
      eraseBlankBefore(metadata_.nodes().front().line,
                       metadata_.nodes().front().begin);
  }

  void eraseBlankBefore(int line, std::size_t begin) {
    if (begin >= 2 && raw_.substr(begin - 2, 2) == "\n\n")
      stripper_.eraseLine(line - 1, begin - 1, begin);
  }

  std::string_view raw_;
  Stripper stripper_;
  LlvmMetadata metadata_;
  std::vector<Named> named_;
  std::vector<Reference> references_;
  int opLine_ = 0;
  int operations_ = 0;
  bool isInFunction_ = false;
};

} // namespace

SplitText splitLlvm(std::string_view raw) { return LlvmSplitter(raw).run(); }

} // namespace irlens::engine::text
