// The stage table: which IRs there are, what each is made from, and how.
// Read from ir_lowering/pipelines.json, which is embedded at build time, so
// that the engine knows no stage by name. Immutable once loaded; any thread.
#pragma once

#include "engine/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// How a text carries debug info, hence how it is split (engine/text/split.h).
enum class TextFormat : std::uint8_t {
  Plain,
  Mlir,
  Llvm,
  Asm,
  Spirv,
  TorchScript,
  Fx,
};

/// Which worker executes a stage; follows from its steps.
enum class Executor : std::uint8_t { Python, Mlir };

struct Stage {
  std::string id;        ///< Public: URI, command line, settings, test folder.
  std::string title;     ///< What people read.
  std::string extension; ///< Of the document, without the first dot.
  std::string language;  ///< LSP language id.
  std::string comment;   ///< Marker of a line comment.
  std::string from;      ///< Id of the stage it is made from, or "source".
  std::string target;    ///< Default value of {target}; empty: has no target.
  TextFormat format = TextFormat::Plain;
  Executor executor = Executor::Mlir;
  bool byDefault = false; ///< Made on a save without anybody asking.
  bool perFile = false; ///< One text for the whole file (the program's output).
  std::string row;      ///< The row as JSON text, as sent to a worker.

  std::string fileName() const { return id + "." + extension; }
};

class StageTable {
public:
  /// Errors: InvalidConfig with the row and the reason (unknown `from`, double
  /// id, unknown step, cycle).
  static Result<StageTable> parse(std::string_view json);
  /// The table that was embedded at build time.
  static Result<StageTable> builtin();

  std::span<const Stage> stages() const { return stages_; }
  const Stage *find(std::string_view id) const;
  /// Position in the table, which is the order people see; -1 if unknown.
  int indexOf(std::string_view id) const;
  /// The id that was probably meant, empty if none is near.
  std::string suggest(std::string_view unknown) const;
  /// `id` preceded by all that it is made from, sources first.
  std::vector<const Stage *> lineage(std::string_view id) const;

  /// The table's own text, for keys: another table makes other artifacts.
  const std::string &text() const { return text_; }

private:
  std::vector<Stage> stages_;
  std::string text_;
};

/// The format with this name in the table ("mlir", "llvm", ...), if there is
/// one.
std::optional<TextFormat> formatNamed(std::string_view name);

/// The row to send to a worker: `{target}` replaced by `target`.
std::string rowForTarget(const Stage &stage, std::string_view target);

} // namespace irlens::engine
