// Which metadata lines of LLVM IR stay, and how they read then.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/llvm_metadata_lines.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace irlens::engine::text {

namespace {

/// Module flags that mean nothing without debug info.
constexpr std::array<std::string_view, 4> kDebugFlags = {
    "!\"Debug Info Version\"", "!\"Dwarf Version\"", "!\"DWARF64\"",
    "!\"debug-info-assignment-tracking\""};

bool isDebugFlag(const LlvmMetadata::Node &node) {
  for (std::string_view flag : kDebugFlags)
    if (node.body.substr(0, 64).contains(flag))
      return true;
  return false;
}

std::size_t idSize(std::uint32_t id) { return fmt::formatted_size("!{}", id); }

} // namespace

void LlvmMetadataLines::rewrite() {
  mark();
  metadata_.number();
  rewriteNodes();
  rewriteNamed();
  eraseBlankLines();
}

void LlvmMetadataLines::collect() {
  // Most of a text are instructions, so jump from ! to ! at line begins.
  std::size_t counted = 0;
  int line = 1;
  for (std::size_t at = nextMetadataLine(0); at < raw_.size();
       at = nextMetadataLine(at + 1)) {
    for (std::size_t newline = raw_.find('\n', counted); newline < at;
         newline = raw_.find('\n', newline + 1))
      ++line;
    counted = at;
    addLine(at, line);
  }
  for (LlvmMetadata::Node &node : metadata_.nodes())
    node.isDebugInfo |= isLoopOfLocations(node);
}

/// `distinct !{!7, !8, !9}` where !8 and !9 only say where the loop stands.
bool LlvmMetadataLines::isLoopOfLocations(const LlvmMetadata::Node &node) {
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

std::size_t LlvmMetadataLines::nextMetadataLine(std::size_t from) const {
  if (from == 0 && raw_.starts_with('!'))
    return 0;
  std::size_t at = raw_.find("\n!", from == 0 ? 0 : from - 1);
  return at == std::string_view::npos ? raw_.size() : at + 1;
}

void LlvmMetadataLines::addLine(std::size_t begin, int line) {
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

void LlvmMetadataLines::mark() {
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

void LlvmMetadataLines::rewriteNodes() {
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

/// Renumbers the operands of a tuple; those that are dropped go, with a
/// comma. Returns how many stay.
int LlvmMetadataLines::rewriteOperands(std::string_view tuple,
                                       std::size_t begin) {
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

void LlvmMetadataLines::rewriteNamed() {
  for (Named &named : named_) {
    bool hadOperands = !metadataReferences(named.text).empty();
    int kept = rewriteOperands(named.text, named.begin);
    named.isErased = named.isDebug || (hadOperands && kept == 0);
    if (named.isErased)
      stripper_.eraseLine(named.line, named.begin, named.nextBegin);
  }
}

/// The blank line before the named metadata, and the one before the nodes,
/// when nothing of them is left.
void LlvmMetadataLines::eraseBlankLines() {
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

void LlvmMetadataLines::eraseBlankBefore(int line, std::size_t begin) {
  if (begin >= 2 && raw_.substr(begin - 2, 2) == "\n\n")
    stripper_.eraseLine(line - 1, begin - 1, begin);
}

} // namespace irlens::engine::text
