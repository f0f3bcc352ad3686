// `irlens lsp` with the fake engine of the unit tests: what the protocol tests
// run when they are about messages and not about IR, so that they are fast and
// exact.
//   irlens_fake_server [FLAGS]   the flags of `irlens lsp`: --trace FILE,
//   --mirror FILE, --store DIR
#include "lsp/lsp_main.h"

#include "tests/unit/lsp/fake_engine.h"

#include "engine/loop/event_loop.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

int main(int argc, char **argv) {
  using namespace irlens;
  lsp::LspOptions options;
  for (int i = 1; i + 1 < argc; ++i) {
    std::string_view flag = argv[i];
    if (flag == "--trace")
      options.traceFile = argv[++i];
    else if (flag == "--mirror")
      options.mirrorFile = argv[++i];
    else if (flag == "--store")
      options.settings.store = argv[++i];
  }
  if (options.settings.store.empty())
    options.settings.store =
        (std::filesystem::temp_directory_path() / "irlens-fake-server")
            .string();
  options.createEngine = [](engine::EventLoop &loop, engine::Settings settings,
                            engine::Listener &listener)
      -> engine::Result<std::unique_ptr<engine::Engine>> {
    std::filesystem::path artifacts =
        std::filesystem::path(settings.store) / "artifacts";
    return std::make_unique<lsp::test::FakeEngine>(loop, std::move(settings),
                                                   listener, artifacts);
  };
  engine::EventLoop loop;
  return lsp::runLsp(loop, std::move(options));
}
