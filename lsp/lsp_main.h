// `irlens lsp`: joins the server with its input and output. Called by
// tools/irlens.cpp.
#pragma once

#include "lsp/server.h"

#include "engine/loop/event_loop.h"
#include "engine/table/settings.h"

#include <string>

namespace irlens::lsp {

struct LspOptions {
  engine::Settings settings; ///< What the client's settings are added to.
  std::string logLevel = "warning"; ///< A level of spdlog; goes to stderr.
  std::string
      traceFile; ///< Every message, one JSON object per line; empty: none.
  std::string
      mirrorFile; ///< The bytes of the input, to be replayed; empty: none.
  int inFd = 0;
  int outFd = 1;
  /// Empty: engine::Engine::create.
  EngineFactory createEngine;
};

/// Runs the loop until the client says exit, goes away or dies. Returns the
/// exit code: 0 after shutdown and exit, else 1.
int runLsp(engine::EventLoop &loop, LspOptions options);

} // namespace irlens::lsp
