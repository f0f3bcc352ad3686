#include "lsp/features/kernel_lens.h"

#include "lsp/features/code_lens.h"
#include "lsp/features/navigation.h"

#include <algorithm>

namespace irlens::lsp {
namespace {

std::string titleOf(const engine::Kernel &kernel) {
  std::string title = "▸ " + kernel.name;
  for (const std::string &fact : kernel.facts)
    title += " · " + fact;
  return title;
}

bool hasKernels(const engine::Entry &entry, const std::string &stage) {
  const engine::StageState *state = entry.find(stage);
  return state && state->good && !state->good->kernels.empty();
}

/// The stage that these kernels were made from, else the first that is made
/// from them; this one if there is neither.
const engine::Stage &neighbour(const Snapshot &snapshot,
                               const ResolvedDocument &document) {
  const engine::StageTable &table = snapshot.tableOf(document.file);
  const engine::Stage &stage = *document.stage;
  const engine::Stage *source = table.find(stage.from, stage.origin);
  if (source && hasKernels(*document.entry, source->id))
    return *source;
  auto made =
      std::ranges::find_if(table.stages(), [&](const engine::Stage &other) {
        return other.from == stage.id && other.origin == stage.origin &&
               !other.explains;
      });
  return made != table.stages().end() ? *made : stage;
}

} // namespace

std::vector<CodeLens> kernelLenses(const Snapshot &snapshot,
                                   const DocumentId &id, bool clientOpens) {
  ResolvedDocument document = resolveDocument(snapshot, id);
  std::vector<CodeLens> lenses;
  if (!document.artifact || document.artifact->kernels.empty())
    return lenses;
  const engine::Stage &other = neighbour(snapshot, document);
  std::string uri =
      snapshot.documents.uri(document.file->path, document.entry->name, other);
  for (const engine::Kernel &kernel : document.artifact->kernels) {
    int line = kernel.line - 1 + document.headerLines;
    std::string_view text =
        snapshot.texts.line(*document.artifact, kernel.line);
    Range range{{line, 0},
                {line, toUnits(text, text.size(), snapshot.client.encoding)}};
    lenses.push_back({range, openCommand(clientOpens, titleOf(kernel), uri,
                                         document.entry->name, other.id)});
  }
  return lenses;
}

} // namespace irlens::lsp
