// See step_lens.h.
#include "lsp/features/step_lens.h"

#include "lsp/documents/step_documents.h"
#include "lsp/features/code_lens.h"
#include "lsp/features/commands.h"
#include "lsp/features/navigation.h"
#include "lsp/features/titles.h"

#include <fmt/format.h>

namespace irlens::lsp {
namespace {

class StepLensBuilder {
public:
  StepLensBuilder(const Snapshot &snapshot, const DocumentId &id,
                  const ResolvedDocument &document, ClientActions client)
      : snapshot_(snapshot), id_(id), document_(document), client_(client),
        row_(*rowOfStep(snapshot.tableOf(document.file), *document.stage)),
        steps_(stepsOf(snapshot.tableOf(document.file), row_)) {}

  std::vector<CodeLens> build() {
    if (!steps_.empty())
      addSteps();
    if (document_.state && !document_.state->said.empty())
      open("▸ stderr", saidName(*document_.stage), "what the tool said");
    return std::move(lenses_);
  }

private:
  void addSteps() {
    StepPlace place = placeOfStep(steps_, *document_.stage);
    open(place.next
             ? fmt::format("▸ step {} of {}", place.position, steps_.size())
             : fmt::format("▸ {} steps", steps_.size()),
         stepListName(row_), "the steps");
    if (place.previous)
      open("◂ " + stepName(*place.previous), place.previous->fileName(),
           place.previous->label());
    if (place.next)
      open(stepName(*place.next) + " ▸", place.next->fileName(),
           place.next->label());
    if (place.previous && client_.diffs)
      add({"± what it changed", "Compare with the IR before this step",
           std::string(kDiffCommand),
           Json::array({uriOf(place.previous->fileName()),
                        uriOf(document_.stage->fileName()),
                        "before ↔ after " + stepName(*document_.stage)})});
  }

  std::string uriOf(const std::string &file) const {
    return snapshot_.documents.uri({id_.unit, id_.entry, file});
  }

  void open(std::string title, const std::string &file,
            const std::string &what) {
    add(openCommand(client_.opens, std::move(title), uriOf(file), id_.entry,
                    what));
  }

  void add(Command command) {
    lenses_.push_back({{{0, 0}, {0, 0}}, std::move(command)});
  }

  const Snapshot &snapshot_;
  const DocumentId &id_;
  const ResolvedDocument &document_;
  ClientActions client_;
  const engine::Stage &row_;
  std::vector<const engine::Stage *> steps_;
  std::vector<CodeLens> lenses_;
};

} // namespace

std::vector<CodeLens> stepLenses(const Snapshot &snapshot, const DocumentId &id,
                                 ClientActions client) {
  ResolvedDocument document = resolveDocument(snapshot, id);
  if (!document.entry || id.file != document.stage->fileName())
    return {};
  return StepLensBuilder(snapshot, id, document, client).build();
}

} // namespace irlens::lsp
