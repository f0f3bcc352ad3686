// See process.h.
#include "tests/run_lines/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

extern char **environ;

namespace irlens::run_lines_test {

using engine::run_lines::Assignment;
using engine::run_lines::Expects;

namespace {

std::vector<std::string> environmentWith(const std::vector<Assignment> &more) {
  std::map<std::string, std::string> variables;
  for (char **entry = environ; *entry; ++entry) {
    std::string text = *entry;
    std::size_t equals = text.find('=');
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  variables.erase("FILECHECK_OPTS");
  for (const Assignment &one : more) {
    variables.erase(one.name);
    if (one.value)
      variables[one.name] = *one.value;
  }
  std::vector<std::string> result;
  for (const auto &[name, value] : variables)
    result.push_back(name + "=" + value);
  return result;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
  std::vector<char *> result;
  for (std::string &string : strings)
    result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

class FileActions {
public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions &) = delete;
  FileActions &operator=(const FileActions &) = delete;

  void open(int fd, const std::string &path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), flags, 0644);
  }
  void duplicate(int from, int to) {
    posix_spawn_file_actions_adddup2(&actions_, from, to);
  }
  const posix_spawn_file_actions_t *get() const { return &actions_; }

private:
  posix_spawn_file_actions_t actions_{};
};

int writing(bool append) {
  return O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
}

} // namespace

Exit run(const Invocation &invocation) {
  FileActions actions;
  actions.open(STDIN_FILENO,
               invocation.input.empty() ? "/dev/null" : invocation.input,
               O_RDONLY);
  actions.open(STDOUT_FILENO, invocation.output,
               writing(invocation.appendOutput));
  if (invocation.errors.empty())
    actions.duplicate(STDOUT_FILENO, STDERR_FILENO);
  else
    actions.open(STDERR_FILENO, invocation.errors,
                 writing(invocation.appendErrors));
  std::vector<std::string> words = invocation.words;
  std::vector<std::string> variables = environmentWith(invocation.environment);
  pid_t child = 0;
  if (posix_spawn(&child, words[0].c_str(), actions.get(), nullptr,
                  pointers(words).data(), pointers(variables).data()) != 0)
    throw std::runtime_error("cannot run " + words[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    return {128 + WTERMSIG(status), true};
  return {WEXITSTATUS(status), false};
}

std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeFile(const std::string &path, const std::string &text, bool append) {
  if (path == "/dev/null")
    return;
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::ofstream file(path, std::ios::binary |
                               (append ? std::ios::app : std::ios::trunc));
  file << text;
}

bool isAsExpected(Expects expects, const Exit &exit) {
  switch (expects) {
  case Expects::Success:
    return exit.code == 0;
  case Expects::Failure:
    return exit.code != 0 && !exit.crashed;
  case Expects::FailureOrCrash:
    return exit.code != 0;
  case Expects::Crash:
    return exit.crashed;
  }
  return false;
}

} // namespace irlens::run_lines_test
