// Assembly of x86, AArch64, AMDGCN and PTX as LLVM prints it: takes out `.loc`,
// numbered `.file`, debug sections, debug comments and the labels that only
// they use, so that the text is what llc prints without debug info. Runs
// wherever split() is called, usually on libuv's pool.
#include "engine/text/assembly_locations.h"
#include "engine/text/elide.h"
#include "engine/text/lines.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>
#include <vector>

namespace irlens::engine::text {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <std::size_t N>
bool startsWithAny(std::string_view text,
                   const std::array<std::string_view, N> &words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.starts_with(word); });
}

/// What debug sections are made of; the first other directive ends them.
constexpr std::array<std::string_view, 17> kData = {
    ".byte",  ".short",   ".hword",   ".word",  ".long",  ".int",
    ".quad",  ".xword",   ".2byte",   ".4byte", ".8byte", ".ascii",
    ".asciz", ".uleb128", ".sleb128", ".zero",  ".set"};
constexpr std::array<std::string_view, 6> kMoreData = {
    ".string", ".space", ".p2align", ".balign", ".align", ".b"};

/// Labels that the compiler makes up for debug info (and for exceptions, whose
/// tables then name them).
constexpr std::array<std::string_view, 8> kDebugLabels = {
    ".Ltmp",   ".Lfunc_begin",   ".Lsec_end",    ".Lcfi",
    "$L__tmp", "$L__func_begin", "$L__func_end", "$L__sec_end"};

/// What a function of PTX begins with.
constexpr std::array<std::string_view, 3> kFunctions = {".visible", ".func",
                                                        ".entry"};

constexpr std::array<std::string_view, 3> kComments = {"#", "//", ";"};

/// The name of a label that may be there for debug info only; empty if the line
/// is something else.
std::string_view debugLabel(std::string_view line) {
  if (!line.ends_with(':') || !startsWithAny(line, kDebugLabels))
    return {};
  line.remove_suffix(1);
  return line.find_first_of(" \t") == std::string_view::npos
             ? line
             : std::string_view{};
}

bool isDebugSection(std::string_view arguments) {
  return arguments.starts_with(".debug_") || arguments.starts_with("\".debug_");
}

class AssemblySplitter {
public:
  explicit AssemblySplitter(std::string_view raw)
      : stripper_(raw), locations_(stripper_.frames()) {}

  SplitText run() {
    for (Lines lines(stripper_.raw()); lines.next();)
      line(lines);
    eraseLabels();
    linkLines();
    return stripper_.finish(operations_);
  }

private:
  static constexpr std::size_t kNone = ~std::size_t(0);

  struct Label {
    std::string_view name;
    int line;
    std::size_t begin;
    std::size_t nextBegin;
  };
  struct LocatedLine {
    int line;
    std::size_t location;
  };

  void erase(const Lines &lines) {
    stripper_.eraseLine(lines.number(), lines.begin(), lines.nextBegin());
  }

  void line(const Lines &lines) {
    std::string_view text = lines.text();
    if (isInDebugSection_ && !endsDebugSection(text)) {
      erase(lines);
      return;
    }
    std::string_view trimmed = trimStart(text);
    if (trimmed.empty())
      return;
    if (isDirective(trimmed)) {
      directive(lines, trimmed);
      return;
    }
    if (isDebugComment(trimmed)) {
      erase(lines);
      return;
    }
    if (text.front() == '\t' || text.front() == ' ')
      instruction(lines, trimmed);
    else
      label(lines);
  }

  /// Labels that the compiler makes up begin with .L
  static bool isDirective(std::string_view text) {
    return text.size() > 1 && text[0] == '.' && text[1] >= 'a' &&
           text[1] <= 'z';
  }

  // --- debug sections

  /// PTX puts braces around a section, ELF ends it where another one begins.
  bool endsDebugSection(std::string_view text) {
    std::string_view trimmed = trimStart(text);
    if (isPtx_) {
      isInDebugSection_ = trimmed != "}";
      return false;
    }
    bool isData = trimmed.empty() || !trimmed.starts_with('.') ||
                  text.front() == '.' || startsWithAny(trimmed, kData) ||
                  startsWithAny(trimmed, kMoreData);
    isInDebugSection_ = isData;
    return !isData;
  }

  void enterDebugSection(const Lines &lines, std::string_view arguments) {
    erase(lines);
    // PTX: `.section .debug_macinfo { }` on one line
    isInDebugSection_ = !arguments.contains('}');
  }

  // --- directives

  void directive(const Lines &lines, std::string_view text) {
    std::size_t nameSize = std::min(text.find_first_of(" \t"), text.size());
    std::string_view name = text.substr(0, nameSize);
    std::string_view arguments = trimStart(text.substr(nameSize));
    if (name == ".loc")
      return location(lines, arguments);
    if (name == ".file" && locations_.addFile(arguments))
      return erase(lines);
    if (name == ".section" && isDebugSection(arguments))
      return enterDebugSection(lines, arguments);
    if (name.starts_with(".cfi_"))
      return callFrame(lines, name, arguments);
    if (name == ".target")
      eraseDebugOption(lines);
    else if (name == ".version")
      isPtx_ = true;
    else if (name == ".size" || name == ".section" || name == ".text")
      current_ = kNone;
    else if (startsWithAny(name, kFunctions))
      functionLine_ = lines.number();
    elideData(lines, name);
    noteReferences(lines.text());
  }

  void location(const Lines &lines, std::string_view arguments) {
    erase(lines);
    // LLVM counts on through the lines of inline assembly: only the first
    // place there is that of the statement.
    if (isInInlineAssembly_ && std::exchange(hasInlineLocation_, true))
      return;
    current_ = kNone;
    AssemblyLocations::Location parsed = AssemblyLocations::parse(arguments);
    bool hasCaller = parsed.rest.contains("@[");
    if (parsed.line == 0 && !hasCaller)
      return;
    current_ = known_.size();
    known_.push_back(parsed);
    if (functionLine_ != 0)
      located_.push_back({functionLine_, current_});
    functionLine_ = 0;
  }

  /// Without debug info nobody needs call frames that go to .debug_frame.
  void callFrame(const Lines &lines, std::string_view name,
                 std::string_view arguments) {
    if (name == ".cfi_sections" && arguments == ".debug_frame")
      hasDebugFrames_ = true;
    if (name == ".cfi_endproc")
      current_ = kNone;
    if (hasDebugFrames_)
      erase(lines);
  }

  /// PTX: `.target sm_90, debug`
  void eraseDebugOption(const Lines &lines) {
    constexpr std::string_view kOption = ", debug";
    if (lines.text().ends_with(kOption)) {
      std::size_t end = lines.begin() + lines.text().size();
      stripper_.erase(end - kOption.size(), end);
    }
  }

  void elideData(const Lines &lines, std::string_view name) {
    std::string_view text = lines.text();
    if (text.size() <= kMaxConstant)
      return;
    bool isString = name == ".ascii" || name == ".asciz" || name == ".string";
    std::size_t open = text.find(isString ? '"' : '{');
    std::size_t close = text.rfind(isString ? '"' : '}');
    if (open >= close || close == std::string_view::npos ||
        close - open <= kMaxConstant)
      return;
    std::string_view inside = text.substr(open + 1, close - open - 1);
    stripper_.replace(lines.begin() + open + 1, lines.begin() + close,
                      isString ? elideString(inside) : elideList(inside));
  }

  // --- labels, instructions, comments

  static bool isDebugComment(std::string_view text) {
    for (std::string_view marker : kComments)
      if (text.starts_with(marker)) {
        std::string_view comment = trimStart(text.substr(marker.size()));
        return comment.starts_with("DEBUG_VALUE: ") ||
               comment.starts_with("DEBUG_LABEL: ");
      }
    return false;
  }

  void label(const Lines &lines) {
    std::string_view text = lines.text();
    if (std::string_view name = debugLabel(text); !name.empty()) {
      labels_.push_back(
          {name, lines.number(), lines.begin(), lines.nextBegin()});
      if (name.starts_with("$L__func_end"))
        current_ = kNone;
      return;
    }
    if (text.starts_with(".Lfunc_end") || text.front() == '}')
      current_ = kNone;
    if (isLetter(text.front()) || text.front() == '_' || text.front() == '"')
      functionLine_ = lines.number();
  }

  /// PTX: comments around each statement of inline assembly.
  void noteInlineAssembly(std::string_view text) {
    if (text == "// begin inline asm") {
      isInInlineAssembly_ = true;
      hasInlineLocation_ = false;
    } else if (text == "// end inline asm") {
      isInInlineAssembly_ = false;
    }
  }

  void instruction(const Lines &lines, std::string_view text) {
    noteInlineAssembly(text);
    bool isInstruction = isLetter(text.front()) || text.front() == '@' ||
                         (text.front() == '{' && !isPtx_);
    if (isPtx_)
      isInstruction = isInstruction && text.contains(';');
    if (!isInstruction || lines.text().starts_with("  -"))
      return;
    noteReferences(text);
    ++operations_;
    if (current_ != kNone)
      located_.push_back({lines.number(), current_});
  }

  /// Remembers the labels for debug info that a line which stays needs.
  void noteReferences(std::string_view text) {
    for (std::size_t at = text.find('L'); at != std::string_view::npos;
         at = text.find('L', at + 1)) {
      if (at == 0 || (text[at - 1] != '.' && text[at - 1] != '$'))
        continue;
      std::string_view name = text.substr(at - 1);
      if (!startsWithAny(name, kDebugLabels))
        continue;
      std::size_t size = 2;
      while (size < name.size() &&
             (isLetter(name[size]) || isDigit(name[size]) || name[size] == '_'))
        ++size;
      needed_.insert(name.substr(0, size));
    }
  }

  // --- at the end

  void eraseLabels() {
    for (const Label &label : labels_)
      if (!needed_.contains(label.name))
        stripper_.eraseLine(label.line, label.begin, label.nextBegin);
  }

  void linkLines() {
    std::vector<LinkTable::FrameId> frames;
    frames.reserve(known_.size());
    for (const AssemblyLocations::Location &location : known_)
      frames.push_back(locations_.resolve(location));
    for (const LocatedLine &line : located_)
      stripper_.link(line.line, frames[line.location]);
  }

  Stripper stripper_;
  AssemblyLocations locations_;
  std::vector<AssemblyLocations::Location> known_;
  std::vector<LocatedLine> located_;
  std::vector<Label> labels_;
  std::unordered_set<std::string_view> needed_;
  std::size_t current_ = kNone; ///< The `.loc` that holds.
  int functionLine_ = 0;        ///< Waits for its first `.loc`.
  int operations_ = 0;
  bool isPtx_ = false;
  bool isInDebugSection_ = false;
  bool isInInlineAssembly_ = false;
  bool hasInlineLocation_ = false;
  bool hasDebugFrames_ = false;
};

} // namespace

SplitText splitAssembly(std::string_view raw) {
  return AssemblySplitter(raw).run();
}

} // namespace irlens::engine::text
