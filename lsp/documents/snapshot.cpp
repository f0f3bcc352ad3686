// See snapshot.h.
#include "lsp/documents/snapshot.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/documents/step_documents.h"

namespace irlens::lsp {

const engine::StageTable &
Snapshot::tableOf(const engine::FileState *file) const {
  return file && file->table ? *file->table : engine.table();
}

std::vector<const engine::Stage *>
Snapshot::stagesOf(const engine::FileState &file,
                   const engine::Entry &entry) const {
  const engine::StageTable &table = tableOf(&file);
  std::vector<const engine::Stage *> found;
  for (const engine::Stage &stage : table.stages())
    if (table.applies(stage, entry.origin) &&
        (entry.given.empty() || entry.find(stage.id)))
      found.push_back(&stage);
  return found;
}

std::vector<const engine::Stage *>
Snapshot::rowsOf(const engine::FileState &file,
                 const engine::Entry &entry) const {
  std::vector<const engine::Stage *> rows = stagesOf(file, entry);
  std::erase_if(rows, [](const engine::Stage *stage) {
    return !stage->stepOf.empty() && stage->stepOf != stage->id;
  });
  return rows;
}

const engine::Stage *Snapshot::stageOf(const DocumentId &id) const {
  auto path = documents.source(id.unit);
  const engine::FileState *file = path ? engine.file(*path) : nullptr;
  const engine::Entry *entry = file ? file->find(id.entry) : nullptr;
  const engine::StageTable &table = tableOf(file);
  // Of an entry that is not known yet only the name of the document counts.
  for (const engine::Stage &stage : table.stages())
    if ((stage.fileName() == id.file || isAboutPasses(stage, id) ||
         isSaid(stage, id) ||
         (isStepList(stage, id) && !stepsOf(table, stage).empty())) &&
        (!entry || table.applies(stage, entry->origin)))
      return &stage;
  return nullptr;
}

} // namespace irlens::lsp
