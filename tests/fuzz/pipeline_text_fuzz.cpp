// Fuzzes the splitter of pipelines: ranges are inside of the text, and the
// words quoted again split into the same words.
#include "engine/table/pipeline_text.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace irlens::engine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  Pipeline pipeline = splitPipeline(text);
  for (const TextProblem &problem : pipeline.problems)
    if (problem.range.begin > problem.range.end || problem.range.end > size)
      std::abort();
  if (!pipeline.problems.empty())
    return 0;
  std::string again;
  for (const PipelineCommand &command : pipeline.commands) {
    again += again.empty() ? "" : "|";
    for (const PipelineWord &word : command.words) {
      if (word.range.begin > word.range.end || word.range.end > size)
        std::abort();
      again += quoteWord(word.text) + " ";
    }
  }
  Pipeline second = splitPipeline(again);
  if (second.commands.size() != pipeline.commands.size())
    std::abort();
  for (std::size_t i = 0; i < second.commands.size(); ++i) {
    const auto &left = pipeline.commands[i].words;
    const auto &right = second.commands[i].words;
    if (left.size() != right.size())
      std::abort();
    for (std::size_t j = 0; j < left.size(); ++j)
      if (left[j].text != right[j].text)
        std::abort();
  }
  return 0;
}
