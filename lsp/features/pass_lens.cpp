#include "lsp/features/pass_lens.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/features/code_lens.h"
#include "lsp/features/commands.h"
#include "lsp/features/navigation.h"
#include "lsp/features/titles.h"

#include <fmt/format.h>

namespace irlens::lsp {
namespace {

class PassLensBuilder {
public:
  PassLensBuilder(const Snapshot &snapshot, const DocumentId &id,
                  const ResolvedDocument &document, ClientActions client)
      : snapshot_(snapshot), id_(id), document_(document), client_(client),
        list_(snapshot.documents.uri(listDocument(id, *document.stage))) {}

  std::vector<CodeLens> ofStage() {
    const engine::StageState *state = document_.state;
    open(state && state->passes
             ? fmt::format("▸ {} passes", state->passes->size())
             : "▸ passes",
         list_, "the passes");
    return std::move(lenses_);
  }

  std::vector<CodeLens> ofPass() {
    PassPlace place = placeOf(*document_.state, *document_.pass);
    open(fmt::format("▸ pass {} of {} · {}", place.position, place.count,
                     passSummary(*document_.pass)),
         list_, "the passes");
    if (place.previous)
      open("◂ " + place.previous->name, uriOf(*place.previous),
           place.previous->name);
    if (place.next)
      open(place.next->name + " ▸", uriOf(*place.next), place.next->name);
    if (place.before() && client_.diffs)
      add({"± what it changed", "Compare with the IR before this pass",
           std::string(kDiffCommand),
           Json::array({uriOf(*place.before()), uriOf(*place.pass),
                        diffTitle(*place.pass)})});
    return std::move(lenses_);
  }

private:
  std::string uriOf(const engine::Pass &pass) const {
    return snapshot_.documents.uri(passDocument(id_, *document_.stage, pass));
  }

  void open(std::string title, const std::string &uri,
            const std::string &what) {
    add(openCommand(client_.opens, std::move(title), uri, id_.entry, what));
  }

  void add(Command command) {
    lenses_.push_back({{{0, 0}, {0, 0}}, std::move(command)});
  }

  const Snapshot &snapshot_;
  const DocumentId &id_;
  const ResolvedDocument &document_;
  ClientActions client_;
  std::string list_;
  std::vector<CodeLens> lenses_;
};

} // namespace

std::vector<CodeLens> passLenses(const Snapshot &snapshot, const DocumentId &id,
                                 ClientActions client) {
  ResolvedDocument document = resolveDocument(snapshot, id);
  if (!document.entry || !document.stage->recordsPasses || document.isPassList)
    return {};
  PassLensBuilder builder(snapshot, id, document, client);
  if (document.pass)
    return builder.ofPass();
  return isAboutPasses(*document.stage, id) ? std::vector<CodeLens>()
                                            : builder.ofStage();
}

} // namespace irlens::lsp
