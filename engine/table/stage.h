// The stage table: which origins and IRs there are, what each is made from, and
// how. It comes in layers (layer.h): ir_lowering/pipelines.json, which is
// embedded at build time, then what users write themselves. So the engine knows
// no stage by name. Immutable once loaded; any thread.
#pragma once

#include "engine/diagnostic.h"
#include "engine/result.h"

#include <cstdint>
#include <map>
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
enum class Executor : std::uint8_t { Python, Mlir, TorchScript };
inline constexpr Executor kExecutors[] = {Executor::Python, Executor::Mlir,
                                          Executor::TorchScript};

/// A place where files of an origin enter without a capture.
struct EnterAt {
  std::vector<std::string> stages;     ///< What the text of such a file is.
  std::vector<std::string> extensions; ///< Without the dot.
  std::vector<std::string> markers;    ///< One must be there; empty: always.
};

/// Where the row of a stage was written: counted from 1, 0: not by a user.
struct Definition {
  std::string file;
  int line = 0;
  int column = 0;
  int endLine = 0;
  int endColumn = 0;

  bool operator==(const Definition &) const = default;
};

/// A kind of thing that entries are: a row of `origins`.
struct Origin {
  std::string id;    ///< "model", "kernel"; the root of its stages.
  std::string title; ///< What people read.
  std::vector<std::string> extensions; ///< Of its files, without the dot.
  /// Words of which a file of this kind has one; empty: any such file counts.
  std::vector<std::string> markers;
  Executor executor = Executor::Python; ///< Who captures it.
  bool binary = false; ///< Its files are not for people to read.
  /// Id of an origin whose stages this one has as well: those that `roots`
  /// names, which are made from this origin, and all that is made from those;
  /// all of them where files enter.
  std::string inherits;
  std::vector<std::string> roots;
  /// Its files hold an IR: the first place that fits is where one enters.
  std::vector<EnterAt> enters;
  /// Words that stand before the name of what such a file holds, as `tt.func`:
  /// its entry has that name; without one, the file's.
  std::vector<std::string> symbols;
  /// Its entries are variants of others: lowered only when they are named, and
  /// without lenses.
  bool onDemand = false;
  /// Targets that its stages are made for, all at once; mostly empty.
  std::vector<std::string> targets;

  bool hasExtension(const std::string &dotted) const;
};

struct Stage {
  /// Unique among the stages of its origin. Public: URI, command line,
  /// settings. A stage made for several targets has one row per target, named
  /// `ttgir` for the first and `ttgir.gfx942` for another.
  std::string id;
  std::string base;      ///< The id without a target; names the test folder.
  std::string title;     ///< What people read.
  std::string extension; ///< Of the document, without the first dot.
  std::string language;  ///< LSP language id.
  std::string comment;   ///< Marker of a line comment.
  std::string from;      ///< Id of the stage it is made from, or its origin.
  std::vector<std::string> inputs; ///< Ids of others whose files it reads.
  std::string origin;              ///< Id of the origin that it stems from.
  std::string target; ///< The value of {target}; empty: has no target.
  TextFormat format = TextFormat::Plain;
  Executor executor = Executor::Mlir;
  bool byDefault = false; ///< Made on a save without anybody asking.
  bool perFile = false; ///< One text for the whole file (the program's output).
  bool background = false;    ///< Takes long: captured in a job of its own.
  bool recordsPasses = false; ///< Its worker can keep the text after each pass.
  /// Tells about the lines of the stage that it is made from, one paragraph for
  /// each that it links: hovers there have it made, and show it.
  bool explains = false;
  /// Id of the stage of which this one is a step: it has documents, and no
  /// lens of its own. Empty for all others.
  std::string stepOf;
  /// A user's stage that is made from the text of a file of its origin,
  /// whichever stage that text is.
  bool fromFile = false;
  Definition definition; ///< Of a user's stage: the row or the step.
  /// A folder has it that nobody has trusted: it must not be made
  /// (engine/table/trust.h).
  bool untrusted = false;
  bool oneOfMany = false; ///< There are rows of this stage for other targets.
  std::string row;        ///< The row as JSON text, as sent to a worker.

  /// True for what it is made from or reads.
  bool needs(std::string_view stage) const;
  std::string fileName() const { return id + "." + extension; }
  /// What lenses and lists call it: with the target where that tells it apart.
  std::string label() const { return oneOfMany ? base + " " + target : base; }
};

/// Which targets a user wants instead of the table's own.
struct TargetChoice {
  /// Stage or origin id -> target, or targets separated by commas.
  std::map<std::string, std::string> named;
  /// For every stage and origin that has a target of the same family, which is
  /// the letters that it begins with: sm_80 replaces sm_90.
  std::vector<std::string> plain;

  bool operator==(const TargetChoice &) const = default;
};

struct Layer;
struct LoadedTable;
class PassRegistry;

class StageTable {
public:
  /// The table that the layers make together, later ones over earlier ones. A
  /// row that is wrong is left out, with a diagnostic at its place; so is what
  /// is made from it. `passes`: names to check against; null: none are checked.
  static LoadedTable load(std::span<const Layer> layers,
                          const TargetChoice &choice = {},
                          const PassRegistry *passes = nullptr);
  /// One complete table (`origins` and `stages`). Errors: InvalidConfig with
  /// the first diagnostic.
  static Result<StageTable> parse(std::string_view json,
                                  const TargetChoice &choice = {});
  /// The table that was embedded at build time, alone.
  static Result<StageTable> builtin(const TargetChoice &choice = {});

  std::span<const Origin> origins() const { return parts_.origins; }
  const Origin *findOrigin(std::string_view id) const;
  /// See Origin::onDemand.
  bool isOnDemand(std::string_view origin) const {
    const Origin *found = findOrigin(origin);
    return found && found->onDemand;
  }

  std::span<const Stage> stages() const { return parts_.stages; }
  /// The stage of an entry that stems from this origin; null if it has none.
  const Stage *find(std::string_view id, std::string_view origin) const;
  /// True when entries of this origin have the stage: it stems from the
  /// origin, or is one per file and their files are of one kind.
  bool applies(const Stage &stage, std::string_view origin) const;
  /// All rows with this id or base, of any origin and target.
  std::vector<const Stage *> named(std::string_view id) const;
  /// A hash of all rows: another table, or other targets, make other artifacts.
  const std::string &identity() const { return identity_; }
  /// The id that was probably meant, empty if none is near.
  std::string suggest(std::string_view unknown) const;
  /// `stage` preceded by all that it needs, origins first.
  std::vector<const Stage *> lineage(const Stage &stage) const;
  /// Programs that its stages run and that are not irlens' own, as written or
  /// found, and files that its tests read; their identity belongs to a run's
  /// key (tools.h).
  std::span<const std::string> programs() const { return parts_.programs; }

  /// The rows of all layers that count, as JSON texts in the order of the
  /// table: pasted into a .irlens.json, they make this table.
  std::span<const std::string> rows() const { return parts_.rows; }

  struct Parts {
    std::vector<Origin> origins;
    std::vector<Stage> stages;
    std::vector<std::string> programs;
    std::vector<std::string> rows;
  };

private:
  Parts parts_;
  std::string identity_;
};

/// A table and what was wrong in the layers; positions are in their files.
struct LoadedTable {
  StageTable table;
  std::vector<Diagnostic> problems;
  /// Names of the user's own tools that the layers know, beside tools().
  std::vector<std::string> ownTools;

  /// True when a row or a whole layer was left out.
  bool hasErrors() const;
};

/// The format with this name in the table ("mlir", "llvm", ...), if there is
/// one.
std::optional<TextFormat> formatNamed(std::string_view name);

/// "sm_" of sm_90, "gfx" of gfx942: what targets of one kind share.
std::string_view targetFamily(std::string_view target);

} // namespace irlens::engine
