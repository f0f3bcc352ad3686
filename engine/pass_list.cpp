#include "engine/pass_list.h"

#include "engine/toolchain.h"

#include <optional>
#include <utility>

namespace irlens::engine {

PassList::PassList(EventLoop &loop, std::function<void()> onKnown)
    : loop_(loop), onKnown_(std::move(onKnown)) {}

PassList::~PassList() { *alive_ = false; }

const PassRegistry *PassList::passes(const Settings &settings) {
  std::string toolchain = mlirFingerprint(settings);
  if (std::exchange(toolchain_, toolchain) != toolchain)
    fetch(settings);
  return passes_.get();
}

/// Without the program, or with one that is too old to tell, there are none.
void PassList::fetch(const Settings &settings) {
  passes_.reset();
  text_.clear();
  auto command = mlirWorkerCommand(settings);
  if (!command)
    return;
  command->argv.insert(command->argv.end(), {"--list-passes", "--json"});
  command->onOut = [this](std::string_view chunk) { text_.append(chunk); };
  command->onExit = [this](std::int64_t code, int signal) {
    process_.reset();
    if (code == 0 && signal == 0)
      read();
  };
  auto process = loop_.spawn(std::move(*command));
  if (!process)
    return;
  process_ = std::move(*process);
  process_->in().close();
}

void PassList::read() {
  auto found = std::make_shared<std::optional<PassRegistry>>();
  loop_.work(
      [text = std::exchange(text_, {}), found] {
        if (auto passes = PassRegistry::parse(text))
          *found = std::move(*passes);
      },
      [this, found, toolchain = toolchain_, alive = alive_] {
        if (!*alive || !*found || toolchain != toolchain_)
          return;
        passes_ = std::make_shared<const PassRegistry>(std::move(**found));
        onKnown_();
      });
}

} // namespace irlens::engine
