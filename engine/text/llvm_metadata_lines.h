// The metadata lines of an LLVM IR text: finds them, decides which stay, takes
// out the others and renumbers what stays. Used by the LLVM IR splitter only,
// one object per text.
#pragma once

#include "engine/text/llvm_metadata.h"
#include "engine/text/stripper.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace irlens::engine::text {

class LlvmMetadataLines {
public:
  LlvmMetadataLines(Stripper &stripper, LlvmMetadata &metadata)
      : raw_(stripper.raw()), stripper_(stripper), metadata_(metadata) {}

  /// Makes the nodes known, before anything asks for one.
  void collect();
  /// Decides what stays, once all that instructions need is marked, and edits
  /// the lines. Then the nodes have their new ids.
  void rewrite();

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

  std::size_t nextMetadataLine(std::size_t from) const;
  void addLine(std::size_t begin, int line);
  bool isLoopOfLocations(const LlvmMetadata::Node &node);
  void mark();
  void rewriteNodes();
  int rewriteOperands(std::string_view tuple, std::size_t begin);
  void rewriteNamed();
  void eraseBlankLines();
  void eraseBlankBefore(int line, std::size_t begin);

  std::string_view raw_;
  Stripper &stripper_;
  LlvmMetadata &metadata_;
  std::vector<Named> named_;
};

} // namespace irlens::engine::text
