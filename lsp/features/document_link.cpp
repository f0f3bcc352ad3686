#include "lsp/features/document_link.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/documents/step_documents.h"
#include "lsp/features/navigation.h"

namespace irlens::lsp {

std::vector<DocumentLink> documentLinks(const Snapshot &snapshot,
                                        const DocumentId &id) {
  std::vector<DocumentLink> links;
  ResolvedDocument document = resolveDocument(snapshot, id);
  auto add = [&](int line, const DocumentId &target) {
    links.push_back(
        {{{line, 0}, {line + 1, 0}}, snapshot.documents.uri(target)});
  };
  for (int line = 0; line < document.headerLines; ++line)
    if (const engine::Stage *step = stepAt(document.steps, line))
      add(line, {id.unit, id.entry, step->fileName()});
  if (!document.isPassList)
    return links;
  for (int line = 0; line < document.headerLines; ++line)
    if (const engine::Pass *pass = passAt(document.state, line))
      add(line, passDocument(id, *document.stage, *pass));
  return links;
}

} // namespace irlens::lsp
