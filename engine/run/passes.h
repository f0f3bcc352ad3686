// The passes of a stage: from what a worker has recorded (PROTOCOL.md,
// OUT/<entry>/<stage>.passes) to what people read, a list and a document per
// pass. Called by readStage for a run that was asked for passes, and by whoever
// shows them. Pure over immutable files; the functions that take StageFiles run
// on libuv's pool, but hasPasses.
#pragma once

#include "engine/artifact.h"
#include "engine/result.h"
#include "engine/run/stage_result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// True when the passes of this stage were recorded. Any thread: one stat.
bool hasPasses(const StageFiles &files);

/// What passes.json says, without the texts. Rows that make no sense are left
/// out.
std::vector<Pass> readPasses(const StageFiles &files);

/// The document and the links of a pass, made beside the raw text unless they
/// are there. Errors: NotFound, Io.
Result<std::shared_ptr<Artifact>> passArtifact(const StageFiles &files,
                                               const Pass &pass);

/// The passes with their artifacts. One that changed nothing shares the
/// artifact of the earlier one.
std::vector<Pass> loadPasses(const StageFiles &files);

/// "ttgir.passes.": what the names of all these documents begin with.
std::string passPrefix(const Stage &stage);
/// "ttgir.passes.txt": the list.
std::string passListName(const Stage &stage);
/// "ttgir.passes.012-ttgpuir.coalesce.mlir"
std::string passFileName(const Stage &stage, const Pass &pass);
/// Marker of a line comment in a document of these.
std::string_view passComment(std::string_view fileName);

/// What a list says of a pass: "*" it changed something, "=" nothing, or
/// "failed".
std::string_view passEffect(const Pass &pass);
/// The head line of a list, and the line of one pass. Without newlines.
std::string passHeading();
std::string passLine(const Stage &stage, const Pass &pass);

} // namespace irlens::engine
