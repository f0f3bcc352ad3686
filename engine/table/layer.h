// A layer of the stage table: something that adds rows to those below it. The
// built-in rows, a .irlens.json, the client's settings, the comments of a file.
// Made by layers.h, read by StageTable::load. A value; any thread.
#pragma once

#include "engine/table/json_text.h"
#include "engine/table/stage.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// A stage that stands as `tiled = linalg | mlir-opt --...` in another text.
struct PipelineRow {
  std::string id;
  std::string from;
  std::string text;      ///< "mlir-opt --canonicalize | opt -O2"
  Definition definition; ///< Of all of it.
  Definition fromPlace;  ///< Of `from`.
  /// Where `text` begins in the file; it goes on as it stands there.
  int line = 0;
  int column = 0;
};

/// A part of a layer's text that says what another file says at a place.
struct TextOrigin {
  ByteRange range;
  Definition place;
};

struct Layer {
  /// "built-in", "settings", "comments", "RUN lines", or a file's name.
  std::string name;
  std::string file; ///< Where problems are shown; empty: they name the layer.
  std::string text; ///< JSON with comments, see json_text.h; may be empty.
  std::string problem; ///< Why there is no text: a file cannot be read.
  /// Without trust none of its rows is run, not even one of passes: these can
  /// start programs and write files, too (gpu-module-to-binary, dot-cfg).
  bool trusted = true;
  /// Has `origins` and `stages` instead of `rows`, and says all of each.
  bool builtin = false;
  std::vector<PipelineRow> pipelines; ///< Rows that stand outside of JSON.
  /// Of a text that was made of another file's: where its parts stand there.
  std::vector<TextOrigin> origins;
};

/// ir_lowering/pipelines.json as it was when this program was built.
Layer builtinLayer();

/// The name of the files that users write.
inline constexpr std::string_view kConfigurationFile = ".irlens.json";

} // namespace irlens::engine
