// SPIR-V as LLVM 22 and spirv-dis print it: takes out OpLine, the instructions
// of NonSemantic.Shader.DebugInfo, strings that only these use, and debug
// comments. LLVM 22 itself prints no lines into SPIR-V, with or without
// --spv-emit-nonsemantic-debug-info; irlens-mlir writes them as comments. Debug
// values do take ids: those that are left are renumbered, so that the text is
// what llc prints without debug info. Source: SPIR-V specification (Debug
// Instructions) and the extended instruction set
// NonSemantic.Shader.DebugInfo.100. Runs wherever split() is called, usually on
// libuv's pool.
#include "engine/text/inlined_places.h"
#include "engine/text/lines.h"
#include "engine/text/mlir_syntax.h"
#include "engine/text/paths.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace irlens::engine::text {

namespace {

constexpr std::string_view kDebugSet = "\"NonSemantic.Shader.DebugInfo.100\"";
constexpr std::string_view kDebugExtension = "\"SPV_KHR_non_semantic_info\"";

/// `%12 = OpLoad %4 %9`, cut at blanks; a string is one operand.
struct Instruction {
  std::string_view result;
  std::string_view opcode;
  std::vector<std::string_view> operands;
};

std::string_view takeWord(std::string_view &text) {
  text = trimStart(text);
  std::size_t size = text.starts_with('"')
                         ? stringSize(text)
                         : std::min(text.find_first_of(" \t"), text.size());
  std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

/// The opcode is empty when the line is no instruction. Operands of
/// instructions that carry no debug info are not cut apart.
Instruction parse(std::string_view text) {
  Instruction instruction;
  std::string_view word = takeWord(text);
  if (word.starts_with('%')) {
    instruction.result = word;
    if (takeWord(text) != "=")
      return {};
    word = takeWord(text);
  }
  if (!word.starts_with("Op"))
    return {};
  instruction.opcode = word;
  bool matters = word == "OpLine" || word.starts_with("OpExt") ||
                 word == "OpString" || word == "OpSource" ||
                 word == "OpConstant";
  while (matters && instruction.operands.size() < 16) {
    std::string_view operand = takeWord(text);
    if (operand.empty() || operand.starts_with(';'))
      break;
    instruction.operands.push_back(operand);
  }
  return instruction;
}

int toNumber(std::string_view text) {
  int value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

struct NumericId {
  std::uint32_t number;
  std::size_t begin; ///< Of the digits.
  std::size_t end;
};

/// The ids like %12 in a text, outside strings and comments.
std::vector<NumericId> numericIds(std::string_view text) {
  std::vector<NumericId> ids;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      at += stringSize(text.substr(at)) - 1;
    } else if (text[at] == ';') {
      at = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '%') {
      NumericId id{0, at + 1, at + 1};
      auto [end, error] = std::from_chars(text.data() + id.begin,
                                          text.data() + text.size(), id.number);
      id.end = std::size_t(end - text.data());
      if (error == std::errc{})
        ids.push_back(id);
      at = id.end - 1;
    }
  }
  return ids;
}

/// The text with its ids numbered from 1 without gaps, in the same order.
std::string withoutGaps(std::string_view text) {
  std::vector<NumericId> ids = numericIds(text);
  std::vector<std::uint32_t> order;
  order.reserve(ids.size());
  for (const NumericId &id : ids)
    order.push_back(id.number);
  std::ranges::sort(order);
  order.erase(std::ranges::unique(order).begin(), order.end());
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  for (const NumericId &id : ids) {
    auto rank = std::ranges::lower_bound(order, id.number) - order.begin() + 1;
    out.append(text, at, id.begin - at);
    out += std::to_string(rank);
    at = id.end;
  }
  return out.append(text, at);
}

class SpirvSplitter {
public:
  explicit SpirvSplitter(std::string_view raw) : stripper_(raw) {}

  SplitText run() {
    for (Lines lines(stripper_.raw()); lines.next();)
      line(lines);
    eraseStrings();
    if (extension_.line != 0 && !usesOtherNonSemantic_ && !debugSet_.empty())
      erase(extension_);
    SplitText split = stripper_.finish(operations_);
    if (hasDebugValues_)
      split.text = withoutGaps(split.text);
    return split;
  }

private:
  struct Place {
    int line = 0;
    std::size_t begin = 0;
    std::size_t nextBegin = 0;
  };
  struct String {
    std::string_view id;
    Place place;
  };

  static Place placeOf(const Lines &lines) {
    return {lines.number(), lines.begin(), lines.nextBegin()};
  }
  void erase(const Place &place) {
    stripper_.eraseLine(place.line, place.begin, place.nextBegin);
  }

  void line(const Lines &lines) {
    std::string_view text = trimStart(lines.text());
    if (text.starts_with(";DEBUG_VALUE: ") ||
        text.starts_with(";DEBUG_LABEL: ")) {
      hasDebugValues_ = true;
      erase(placeOf(lines));
      return;
    }
    if (text.starts_with("; ")) {
      comment(lines, text.substr(2));
      return;
    }
    Instruction instruction = parse(text);
    if (instruction.opcode.empty())
      return;
    if (isDebug(instruction, lines)) {
      erase(placeOf(lines));
      return;
    }
    noteUses(instruction);
    if (instruction.opcode == "OpFunction")
      isInFunction_ = true;
    operations_ += isInFunction_;
    stripper_.link(lines.number(), current_);
    shortenLine(stripper_, lines, 2048, 256);
    if (instruction.opcode == "OpFunctionEnd") {
      isInFunction_ = false;
      current_ = LinkTable::kNoFrame;
    }
  }

  /// irlens-mlir writes a comment where the place changes; `:0:0` is none.
  void comment(const Lines &lines, std::string_view text) {
    std::vector<SpelledPlace> places = inlinedPlaces(text);
    if (places.empty() || !isPath(places.front().file))
      return;
    std::vector<SourcePos> chain;
    for (const SpelledPlace &place : places)
      if (std::string path = pathOf({}, place.file);
          !path.empty() && place.line > 0)
        chain.push_back({std::move(path), place.line, place.column});
    current_ = stripper_.frames().addChain(chain);
    erase(placeOf(lines));
  }

  static bool isPath(std::string_view file) {
    return file.empty() || file.starts_with('/');
  }

  /// Reads what debug instructions say; false for all others.
  bool isDebug(const Instruction &instruction, const Lines &lines) {
    const auto &operands = instruction.operands;
    std::string_view opcode = instruction.opcode;
    if (opcode == "OpLine" && operands.size() >= 3) {
      setLine(operands[0], toNumber(operands[1]), toNumber(operands[2]));
      return true;
    }
    if (opcode == "OpNoLine") {
      current_ = LinkTable::kNoFrame;
      return true;
    }
    if (opcode == "OpExtInstImport" && operands.size() == 1 &&
        operands[0] == kDebugSet) {
      debugSet_ = instruction.result;
      return true;
    }
    if (opcode == "OpExtInst" && operands.size() >= 3 && !debugSet_.empty() &&
        operands[1] == debugSet_) {
      debugInstruction(instruction);
      return true;
    }
    if (opcode == "OpString" && operands.size() == 1) {
      strings_.push_back({instruction.result, placeOf(lines)});
      stringOf_.emplace(instruction.result, operands[0]);
    } else if (opcode == "OpConstant" && operands.size() == 2) {
      numberOf_.emplace(instruction.result, toNumber(operands[1]));
    } else if (opcode == "OpExtension" && operands.size() == 1 &&
               operands[0] == kDebugExtension) {
      extension_ = placeOf(lines);
    } else if (opcode == "OpExtInstImport" && operands.size() == 1 &&
               operands[0].starts_with("\"NonSemantic.")) {
      usesOtherNonSemantic_ = true;
    }
    return false;
  }

  /// The operands are the type, the set, the name and its arguments.
  void debugInstruction(const Instruction &instruction) {
    const auto &operands = instruction.operands;
    std::string_view name = operands[2];
    for (std::string_view operand : operands)
      debugUses_.insert(operand);
    if (name == "DebugSource" && operands.size() >= 4)
      fileOfSource_.emplace(instruction.result, operands[3]);
    else if (name == "DebugNoLine")
      current_ = LinkTable::kNoFrame;
    else if (name == "DebugLine" && operands.size() >= 8)
      if (auto source = fileOfSource_.find(operands[3]);
          source != fileOfSource_.end())
        setLine(source->second, numberOf_[operands[4]], numberOf_[operands[6]]);
  }

  void setLine(std::string_view file, int line, int column) {
    debugUses_.insert(file);
    current_ = LinkTable::kNoFrame;
    auto name = stringOf_.find(file);
    if (name == stringOf_.end() || line < 1)
      return;
    if (std::string path = pathOf({}, unescape(name->second)); !path.empty())
      current_ = stripper_.frames().addFrame(path, line, column);
  }

  void noteUses(const Instruction &instruction) {
    if (instruction.opcode == "OpSource" || instruction.opcode == "OpExtInst")
      for (std::string_view operand : instruction.operands)
        otherUses_.insert(operand);
  }

  void eraseStrings() {
    for (const String &string : strings_)
      if (debugUses_.contains(string.id) && !otherUses_.contains(string.id))
        erase(string.place);
  }

  Stripper stripper_;
  std::vector<String> strings_;
  std::unordered_map<std::string_view, std::string_view> stringOf_;
  std::unordered_map<std::string_view, std::string_view> fileOfSource_;
  std::unordered_map<std::string_view, int> numberOf_;
  std::unordered_set<std::string_view> debugUses_;
  std::unordered_set<std::string_view> otherUses_;
  std::string_view debugSet_;
  Place extension_;
  LinkTable::FrameId current_ = LinkTable::kNoFrame;
  int operations_ = 0;
  bool isInFunction_ = false;
  bool usesOtherNonSemantic_ = false;
  bool hasDebugValues_ = false;
};

} // namespace

SplitText splitSpirv(std::string_view raw) { return SpirvSplitter(raw).run(); }

} // namespace irlens::engine::text
