// The metadata nodes of an LLVM IR text: which are debug info, which are needed
// by what stays, and which source position a debug node stands for. Sources:
// LLVM language reference (Metadata, Specialized Metadata Nodes) and what LLVM
// 22 prints. Used by the LLVM IR splitter only.
#pragma once

#include "engine/links/links.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace irlens::engine::text {

/// `!7` in a text.
struct MetadataReference {
  std::uint32_t id;
  std::size_t begin; ///< Of the exclamation mark, relative to the text.
  std::size_t end;
};

/// The references in a text, strings left out.
std::vector<MetadataReference> metadataReferences(std::string_view text);

/// The id behind `!` at `at`, if digits stand there; moves `at` behind them.
std::optional<std::uint32_t> takeMetadataId(std::string_view text,
                                            std::size_t &at);

class LlvmMetadata {
public:
  using FrameId = LinkTable::FrameId;

  struct Node {
    std::uint32_t id;
    std::string_view body; ///< What stands behind the =, without `distinct`.
    int line;
    std::size_t begin;     ///< Of its line.
    std::size_t nextBegin; ///< Of the next line.
    std::size_t bodyBegin;
    bool isDebugInfo;        ///< A DILocation, DISubprogram, ...
    bool isNeeded = false;   ///< Something that stays refers to it.
    bool isForDebug = false; ///< Debug info refers to it.
    std::uint32_t newId = 0; ///< Once numbered.

    bool isDropped() const { return isDebugInfo || (isForDebug && !isNeeded); }
  };

  explicit LlvmMetadata(LinkTable &table) : table_(table) {}

  void add(Node node);
  std::vector<Node> &nodes() { return nodes_; }
  Node *find(std::uint32_t id);

  /// Something that stays, or debug info, refers to the node and thereby to
  /// what it refers to. Debug info that something refers to is dropped all the
  /// same.
  void markNeeded(std::uint32_t id);
  void markForDebug(std::uint32_t id);
  /// Gives the nodes that stay the ids that they have without debug info.
  void number();

  /// The call chain of a node that `!dbg` names; kNoFrame if it has none.
  FrameId frameOf(std::uint32_t id);

private:
  void mark(std::uint32_t id, bool Node::*flag);
  SourcePos placeOf(const Node &node);
  const std::string &fileOfScope(std::uint32_t scope);

  LinkTable &table_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint32_t, std::size_t> indexOf_;
  std::unordered_map<std::uint32_t, FrameId> frames_;
  std::unordered_map<std::uint32_t, std::string> fileOfScope_;
};

} // namespace irlens::engine::text
