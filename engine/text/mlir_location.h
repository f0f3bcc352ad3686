// Locations of MLIR (`loc(...)`), from their text to frames of a link table.
// Grammar: mlir/lib/AsmParser/LocationParser.cpp and AsmPrinter's
// printLocationInternal of LLVM 22: unknown, "file":line:col with an optional
// range
// (`to 3:4`, `to :4`), "name"(child), callsite(callee at caller),
// fused<metadata>[...], and aliases (#loc3).
// Used by the MLIR splitter only.
#pragma once

#include "engine/links/links.h"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace irlens::engine::text {

class MlirLocations {
public:
  using FrameId = LinkTable::FrameId;
  using Chains = std::vector<FrameId>; ///< Innermost frame of each chain.

  explicit MlirLocations(LinkTable &table) : table_(&table) {}

  /// Tells what an alias means (`#loc3`, `loc(...)`), before the first
  /// resolve().
  void define(std::string_view alias, std::string_view location);

  /// The chains of the text between the parentheses of `loc(...)`. Empty when
  /// it is unknown or makes no sense. The text must outlive this object.
  const Chains &resolve(std::string_view location);

private:
  class Parser;
  Chains parse(std::string_view location, int depth);
  Chains resolveAlias(std::string_view alias, int depth);
  Chains callSite(const Chains &callee, const Chains &caller);

  LinkTable *table_;
  std::unordered_map<std::string_view, std::string_view> aliases_;
  std::unordered_map<std::string_view, Chains> known_;
};

} // namespace irlens::engine::text
