#include "lsp/lsp_main.h"

#include "lsp/wire/framing.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <fstream>

namespace irlens::lsp {
namespace {

using Clock = std::chrono::steady_clock;

/// The optional records of a session.
class Recorder {
public:
  Recorder(const std::string &traceFile, const std::string &mirrorFile) {
    if (!traceFile.empty())
      trace_.open(traceFile, std::ios::binary | std::ios::trunc);
    if (!mirrorFile.empty())
      mirror_.open(mirrorFile, std::ios::binary | std::ios::trunc);
  }

  void input(std::string_view bytes) {
    if (mirror_.is_open())
      (mirror_ << bytes).flush();
  }

  void message(std::string_view direction, std::string_view body) {
    if (!trace_.is_open())
      return;
    auto ms = std::chrono::duration_cast<std::chrono::microseconds>(
        Clock::now() - start_);
    trace_ << R"({"us":)" << ms.count() << R"(,"direction":")" << direction
           << R"(","message":)" << body << "}\n";
    trace_.flush();
  }

private:
  Clock::time_point start_ = Clock::now();
  std::ofstream trace_;
  std::ofstream mirror_;
};

class Session {
public:
  Session(engine::EventLoop &loop, LspOptions options)
      : loop_(loop),
        log_("irlens", std::make_shared<spdlog::sinks::stderr_sink_st>()),
        recorder_(options.traceFile, options.mirrorFile),
        parser_([this](std::string_view body) { receive(body); },
                [this](const std::string &reason) { receiveGarbage(reason); }),
        server_(
            loop,
            {std::move(options.settings),
             options.createEngine ? std::move(options.createEngine)
                                  : EngineFactory(engine::Engine::create),
             {}},
            [this](std::string body) { send(std::move(body)); },
            [this](int code) { end(code); }) {
    log_.set_level(spdlog::level::from_str(options.logLevel));
  }

  int run(int inFd, int outFd) {
    engine::Result<std::unique_ptr<engine::Writer>> writer =
        loop_.writer(outFd);
    if (!writer) {
      log_.error("output: {}", writer.error().message);
      return 1;
    }
    writer_ = std::move(*writer);
    auto reader =
        loop_.read(inFd, [this](std::string_view bytes) { input(bytes); });
    if (!reader) {
      log_.error("input: {}", reader.error().message);
      return 1;
    }
    reader_ = std::move(*reader);
    for (int signal : {SIGTERM, SIGINT, SIGHUP})
      signals_.push_back(
          loop_.onSignal(signal, [this] { server_.endOfInput(); }));
    loop_.run();
    return code_;
  }

private:
  void input(std::string_view bytes) {
    if (bytes.empty()) {
      log_.info("end of input");
      return server_.endOfInput();
    }
    recorder_.input(bytes);
    parser_.feed(bytes);
  }

  void receive(std::string_view body) {
    log_.trace("<-- {}", body);
    recorder_.message("in", body);
    server_.receive(body);
  }

  void receiveGarbage(const std::string &reason) {
    log_.warn("not a message: {}", reason);
    server_.receiveGarbage(reason);
  }

  void send(std::string body) {
    log_.trace("--> {}", body);
    recorder_.message("out", body);
    if (writer_)
      writer_->write(frame(body));
  }

  /// Lets a slow client take the last replies, but not forever.
  void end(int code) {
    code_ = code;
    reader_.reset();
    constexpr auto kPatience = std::chrono::milliseconds(500);
    flush_ = loop_.every(std::chrono::milliseconds(5),
                         [this, until = Clock::now() + kPatience] {
                           if (writer_->pending() == 0 || Clock::now() > until)
                             loop_.stop();
                         });
  }

  engine::EventLoop &loop_;
  spdlog::logger log_;
  Recorder recorder_;
  FrameParser parser_;
  int code_ = 1;
  std::unique_ptr<engine::Writer> writer_;
  std::unique_ptr<engine::Handle> reader_;
  std::unique_ptr<engine::Handle> flush_;
  std::vector<std::unique_ptr<engine::Handle>> signals_;
  Server server_; ///< Last: its engine ends before what it writes to.
};

} // namespace

int runLsp(engine::EventLoop &loop, LspOptions options) {
  int inFd = options.inFd;
  int outFd = options.outFd;
  return Session(loop, std::move(options)).run(inFd, outFd);
}

} // namespace irlens::lsp
