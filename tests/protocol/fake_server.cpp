// `irlens lsp` with the scripted worker of tests/support/fake_worker.py in the
// place of all compilers: what the protocol tests run when they are about
// messages and not about IR, so that they are fast and exact.
//   irlens_fake_server [FLAGS]   the flags of `irlens lsp`: --trace FILE,
//   --mirror FILE, --store DIR (DIR/fake then holds the workers and their log)
#include "lsp/lsp_main.h"

#include "tests/support/fake_workers.h"

#include "engine/loop/event_loop.h"

#include <filesystem>
#include <string>
#include <string_view>

int main(int argc, char **argv) {
  using namespace irlens;
  lsp::LspOptions options;
  std::filesystem::path store =
      std::filesystem::temp_directory_path() / "irlens-fake-server";
  for (int i = 1; i + 1 < argc; ++i) {
    std::string_view flag = argv[i];
    if (flag == "--trace")
      options.traceFile = argv[++i];
    else if (flag == "--mirror")
      options.mirrorFile = argv[++i];
    else if (flag == "--store")
      store = argv[++i];
  }
  test::installFakeWorkers(store / "fake", IRLENS_TEST_SUPPORT);
  options.settings = test::fakeSettings(store / "fake");
  options.settings.store = store.string();
  engine::EventLoop loop;
  return lsp::runLsp(loop, std::move(options));
}
