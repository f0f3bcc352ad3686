// The passes that irlens-mlir knows (`irlens-mlir --list-passes --json`), and
// the names in a pipeline that can be compared with them. Optional: without a
// registry no pass is checked. Immutable once read; any thread.
#pragma once

#include "engine/result.h"
#include "engine/table/json_text.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct PassOption {
  std::string name;
  std::string description;
};

struct KnownPass {
  std::string name;
  std::string description;
  std::vector<PassOption> options;
};

enum class PassKind : std::uint8_t { Mlir, Llvm };

class PassRegistry {
public:
  /// {"mlir":[{"name","description","options":[...]}],"llvm":[...]}. Errors:
  /// InvalidConfig.
  static Result<PassRegistry> parse(std::string_view json);

  std::span<const KnownPass> passes(PassKind kind) const {
    return kind == PassKind::Mlir ? mlir_ : llvm_;
  }
  const KnownPass *find(PassKind kind, std::string_view name) const;
  /// "; did you mean `canonicalize`?"
  std::string suggest(PassKind kind, std::string_view unknown) const;

private:
  std::vector<KnownPass> mlir_;
  std::vector<KnownPass> llvm_;
};

/// A name in a pipeline, with the options that follow it in {} or <>.
struct NamedPass {
  std::string_view name;
  ByteRange range;
  bool holdsOthers = false; ///< An operation or an adaptor: `func.func(...)`.
  std::vector<NamedPass> options;
};

/// The names of `builtin.module(func.func(canonicalize{top-down=true}),cse)` or
/// `function(instcombine<no-verify-fixpoint>)`, in their order.
std::vector<NamedPass> passesIn(std::string_view pipeline);

/// Names and options in a pipeline that the registry does not have.
std::vector<TextProblem> checkPasses(std::string_view pipeline, PassKind kind,
                                     const PassRegistry &registry);

} // namespace irlens::engine
