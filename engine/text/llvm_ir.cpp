// LLVM IR: takes out `!dbg` attachments, debug records and intrinsics, debug
// info nodes and what only they use, and renumbers the metadata that stays, so
// that the text is what the tool prints of a module without debug info (`opt
// -strip-debug`, less the module flags that only debug info needs). Runs
// wherever split() is called, usually on libuv's pool.
#include "engine/text/elide.h"
#include "engine/text/lines.h"
#include "engine/text/llvm_metadata.h"
#include "engine/text/llvm_metadata_lines.h"
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
      : raw_(raw), stripper_(raw), metadata_(stripper_.frames()),
        metadataLines_(stripper_, metadata_) {}

  SplitText run() {
    metadataLines_.collect();
    for (Lines lines(raw_); lines.next();)
      line(lines);
    metadataLines_.rewrite();
    rewriteReferences();
    return stripper_.finish(operations_);
  }

private:
  struct Reference {
    std::uint32_t id;
    std::size_t slot; ///< Of the stripper.
  };

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

  void rewriteReferences() {
    for (const Reference &reference : references_)
      if (const LlvmMetadata::Node *node = metadata_.find(reference.id);
          node && !node->isDropped())
        stripper_.set(reference.slot, fmt::format("!{}", node->newId));
  }

  std::string_view raw_;
  Stripper stripper_;
  LlvmMetadata metadata_;
  LlvmMetadataLines metadataLines_;
  std::vector<Reference> references_;
  int opLine_ = 0;
  int operations_ = 0;
  bool isInFunction_ = false;
};

} // namespace

SplitText splitLlvm(std::string_view raw) { return LlvmSplitter(raw).run(); }

} // namespace irlens::engine::text
