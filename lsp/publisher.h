// Tells the client what runs have changed: refreshes of the documents it shows,
// of code lenses, diagnostics, progress, file copies. The engine's listener in
// the server. Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/documents/virtual_document.h"
#include "lsp/progress.h"
#include "lsp/wire/json_rpc.h"

#include "engine/engine.h"
#include "engine/loop/event_loop.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace irlens::lsp {

class Publisher final : public engine::Listener {
public:
  struct Delays {
    /// Changes that come within this time lead to one refresh of the lenses.
    std::chrono::milliseconds coalesce{100};
    /// Runs that end sooner show no bar: an unchanged save must not flicker.
    std::chrono::milliseconds progress{150};
  };

  Publisher(engine::EventLoop &loop, JsonRpc &rpc,
            const ClientCapabilities &client,
            std::function<Snapshot()> snapshot, std::function<void()> changed,
            Delays delays);

  // engine::Listener
  void onRunStarted(const engine::FileState &file) override;
  void onEntries(const engine::FileState &file) override;
  void onStage(const engine::FileState &file, const engine::Entry &entry,
               const engine::StageState &stage) override;
  void onRunFinished(const engine::FileState &file, bool cancelled) override;
  void onChecked(const std::filesystem::path &path) override;
  void onPasses() override;
  void onMessage(engine::Severity severity,
                 const std::string &message) override;

  /// The text of a document for the client, which will be told when it changes.
  std::string serve(const std::string &uri, const DocumentId &id);
  /// The JSON Schema of .irlens.json, with the names of passes once they are
  /// known; the client will be told.
  std::string serveSchema(engine::Engine &engine);
  /// The client shows this document, whether it has asked for its text or not.
  void opened(const std::string &uri, const DocumentId &id);
  void closed(const std::string &uri);
  /// Documents that the client shows.
  std::vector<DocumentId> shown() const;

  /// Writes the copy of a document for a client that shows files only.
  void writeCopy(const DocumentId &id);
  /// Something outside a run has changed (a file was opened, closed,
  /// forgotten).
  void scheduleFlush(bool lenses);
  /// Sends what has gathered.
  void flush();
  void showMessage(engine::Severity severity, const std::string &message);
  Progress &progress() { return progress_; }

private:
  struct Shown {
    DocumentId id;
    std::uint64_t revision =
        0; ///< Of the text that the client has, or is to fetch.
  };
  void refreshDocuments(const engine::FileState &file);
  void writeCopies(const engine::FileState &file, const engine::Entry &entry,
                   const engine::StageState &stage);
  void publishDiagnostics();

  engine::EventLoop &loop_;
  JsonRpc &rpc_;
  const ClientCapabilities &client_;
  std::function<Snapshot()> snapshot_;
  Delays delays_;
  std::function<void()> changed_; ///< Called after each event of the engine.
  Progress progress_;
  bool schemaServed_ = false;          ///< Without the names of passes.
  std::map<std::string, Shown> shown_; ///< Key: URI as the client spells it.
  std::map<std::string, Json> diagnostics_; ///< As last published, by URI.
  std::set<std::string> told_;              ///< Messages that were shown.
  bool lensesChanged_ = false;
  std::unique_ptr<engine::Handle> flushTimer_;
};

} // namespace irlens::lsp
