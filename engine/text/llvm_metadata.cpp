// Metadata nodes of LLVM IR.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/llvm_metadata.h"

#include "engine/text/paths.h"

#include <algorithm>
#include <charconv>

namespace irlens::engine::text {

namespace {

/// Lexical scopes and chains of calls that are longer are no compiler's.
constexpr std::size_t kMaxDepth = 64;
/// Fields that say where something stands come early in a node.
constexpr std::size_t kMaxFields = 2048;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// What stands behind `name: ` in a specialized node, from there on; empty if
/// the node has no such field.
std::string_view field(std::string_view body, std::string_view name) {
  body = body.substr(0, kMaxFields);
  for (std::size_t at = 0; at < body.size(); ++at) {
    char c = body[at];
    if (c == '"') {
      at = body.find('"', at + 1);
      if (at == std::string_view::npos)
        break;
      continue;
    }
    bool beginsField = at > 0 && (body[at - 1] == '(' || body[at - 1] == ' ');
    if (beginsField && body.substr(at).starts_with(name) &&
        body.substr(at + name.size()).starts_with(": "))
      return body.substr(at + name.size() + 2);
  }
  return {};
}

int numberField(std::string_view body, std::string_view name) {
  std::string_view text = field(body, name);
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<std::uint32_t> nodeField(std::string_view body,
                                       std::string_view name) {
  std::string_view text = field(body, name);
  if (!text.starts_with('!'))
    return std::nullopt;
  std::size_t at = 0;
  return takeMetadataId(text, at);
}

int hexDigit(char c) {
  if (isDigit(c))
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// LLVM writes what is not printable as \XX.
std::string stringField(std::string_view body, std::string_view name) {
  std::string_view text = field(body, name);
  std::string out;
  if (!text.starts_with('"'))
    return out;
  for (std::size_t at = 1; at < text.size() && text[at] != '"'; ++at) {
    int high = at + 2 < text.size() ? hexDigit(text[at + 1]) : -1;
    int low = at + 2 < text.size() ? hexDigit(text[at + 2]) : -1;
    if (text[at] == '\\' && high >= 0 && low >= 0) {
      out += char(high * 16 + low);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

} // namespace

std::optional<std::uint32_t> takeMetadataId(std::string_view text,
                                            std::size_t &at) {
  std::uint32_t id = 0;
  const char *begin = text.data() + at + 1;
  auto [end, error] = std::from_chars(begin, text.data() + text.size(), id);
  if (error != std::errc{})
    return std::nullopt;
  at += std::size_t(end - begin) + 1;
  return id;
}

std::vector<MetadataReference> metadataReferences(std::string_view text) {
  std::vector<MetadataReference> references;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      at = text.find('"', at + 1);
      if (at == std::string_view::npos)
        break;
    } else if (text[at] == '!' && at + 1 < text.size() &&
               isDigit(text[at + 1])) {
      std::size_t end = at;
      if (auto id = takeMetadataId(text, end)) {
        references.push_back({*id, at, end});
        at = end - 1;
      }
    }
  }
  return references;
}

void LlvmMetadata::add(Node node) {
  if (indexOf_.emplace(node.id, nodes_.size()).second)
    nodes_.push_back(node);
}

LlvmMetadata::Node *LlvmMetadata::find(std::uint32_t id) {
  // Printed nodes are numbered from 0 in their order.
  if (id < nodes_.size() && nodes_[id].id == id)
    return &nodes_[id];
  auto found = indexOf_.find(id);
  return found == indexOf_.end() ? nullptr : &nodes_[found->second];
}

void LlvmMetadata::mark(std::uint32_t id, bool Node::*flag) {
  std::vector<std::uint32_t> waiting{id};
  while (!waiting.empty()) {
    Node *node = find(waiting.back());
    waiting.pop_back();
    if (!node || node->*flag || (flag == &Node::isNeeded && node->isDebugInfo))
      continue;
    node->*flag = true;
    for (const MetadataReference &to : metadataReferences(node->body))
      waiting.push_back(to.id);
  }
}

void LlvmMetadata::markNeeded(std::uint32_t id) { mark(id, &Node::isNeeded); }

void LlvmMetadata::markForDebug(std::uint32_t id) {
  mark(id, &Node::isForDebug);
}

void LlvmMetadata::number() {
  bool dropsNone = std::ranges::none_of(nodes_, &Node::isDropped);
  std::uint32_t next = 0;
  for (Node &node : nodes_)
    if (!node.isDropped())
      node.newId = dropsNone ? node.id : next++;
}

LlvmMetadata::FrameId LlvmMetadata::frameOf(std::uint32_t id) {
  std::vector<const Node *> innermostFirst;
  FrameId frame = LinkTable::kNoFrame;
  for (std::optional<std::uint32_t> at = id;
       at && innermostFirst.size() < kMaxDepth;) {
    if (auto known = frames_.find(*at); known != frames_.end()) {
      frame = known->second;
      break;
    }
    const Node *node = find(*at);
    if (!node)
      break;
    innermostFirst.push_back(node);
    at = nodeField(node->body, "inlinedAt");
  }
  for (; !innermostFirst.empty(); innermostFirst.pop_back()) {
    const Node &node = *innermostFirst.back();
    SourcePos place = placeOf(node);
    if (place.line > 0 && !place.file.empty())
      frame = table_.addFrame(place.file, place.line, place.column, frame);
    frames_[node.id] = frame;
  }
  return frame;
}

SourcePos LlvmMetadata::placeOf(const Node &node) {
  if (node.body.starts_with("!DIGlobalVariableExpression(")) {
    auto variable = nodeField(node.body, "var");
    const Node *target = variable ? find(*variable) : nullptr;
    return target && target->isDebugInfo &&
                   target->body.starts_with("!DIGlobalVariable(")
               ? placeOf(*target)
               : SourcePos{};
  }
  std::optional<std::uint32_t> scope = node.body.starts_with("!DILocation(")
                                           ? nodeField(node.body, "scope")
                                           : node.id;
  if (!scope)
    return {};
  return {fileOfScope(*scope), numberField(node.body, "line"),
          numberField(node.body, "column")};
}

const std::string &LlvmMetadata::fileOfScope(std::uint32_t scope) {
  auto [at, isNew] = fileOfScope_.try_emplace(scope);
  std::string &file = at->second;
  if (!isNew)
    return file;
  std::optional<std::uint32_t> next = scope;
  for (std::size_t depth = 0; next && depth < kMaxDepth; ++depth) {
    const Node *node = find(*next);
    if (!node)
      break;
    if (auto fileId = nodeField(node->body, "file")) {
      if (const Node *fileNode = find(*fileId))
        file = pathOf(stringField(fileNode->body, "directory"),
                      stringField(fileNode->body, "filename"));
      break;
    }
    next = nodeField(node->body, "scope");
  }
  return file;
}

} // namespace irlens::engine::text
