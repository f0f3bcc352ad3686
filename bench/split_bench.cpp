// How fast texts are split into documents and links, and link tables are asked.
// Bytes per second are those of the raw text. Run: bin/split_bench
#include "engine/text/split.h"

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <string>

using namespace irlens::engine;

namespace {

constexpr std::size_t kSize = 32 << 20;

/// Calls `line(i)` until the text is big enough.
template <typename Line> std::string repeat(Line line) {
  std::string text;
  text.reserve(kSize + 4096);
  for (int i = 0; text.size() < kSize; ++i)
    text += line(i);
  return text;
}

std::string mlirText() {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += fmt::format(
        "#loc{0} = loc(\"/site-packages/torch/nn.py\":{0}:0)\n"
        "#loc{1} = loc(callsite(#loc{0} at \"/ws/net.py\":{2}:0))\n",
        i, i + 1000, i % 50 + 1);
  text += "module {\n";
  text += repeat([](int i) {
    return fmt::format(
        "    %{0} = llvm.insertvalue %arg0, %{0}[0] : !llvm.struct<(ptr, ptr, "
        "i64, array<2 x i64>, array<2 x i64>)>  loc(#loc{1})\n"
        "    %{0}_1 = linalg.generic {{indexing_maps = [#map, #map1], "
        "iterator_types = [\"parallel\"]}} ins(%{0} : tensor<4x4xf32>) {{\n"
        "    ^bb0(%in: f32 loc(\"/ws/net.py\":7:0), %out: f32 loc(#loc{1})):\n"
        "      linalg.yield %in : f32 loc(#loc{1})\n"
        "    }} -> tensor<4x4xf32> loc(#loc{1})\n",
        i, i % 1000 + 1000);
  });
  return text + "}\n";
}

std::string llvmText() {
  std::string text = "define void @f() !dbg !2 {\n";
  text += repeat([](int i) {
    return fmt::format(
        "  %{0} = getelementptr inbounds nuw float, ptr %p, i64 "
        "%{0}, !dbg !{1}\n"
        "  %{0}_1 = load float, ptr %{0}, align 4, !dbg !{1}, "
        "!tbaa !1\n"
        "    #dbg_value(float %{0}_1, !9, !DIExpression(), !9)\n",
        i, i % 10'000 + 3);
  });
  text += "}\n\n!0 = !DIFile(filename: \"net.py\", directory: \"/ws\")\n"
          "!1 = !{!\"float\"}\n"
          "!2 = distinct !DISubprogram(name: \"f\", file: !0, line: 1)\n";
  for (int i = 0; i < 10'000; ++i)
    text += fmt::format("!{} = !DILocation(line: {}, column: {}, scope: !2)\n",
                        i + 3, i % 500 + 1, i % 80);
  return text;
}

std::string assemblyText() {
  std::string text = "\t.file\t1 \"/ws\" \"net.py\"\n"
                     "\t.file\t2 \"/site-packages/torch\" \"nn.py\"\nf:\n";
  return text + repeat([](int i) {
           return fmt::format(
               ".Ltmp{0}:\n"
               "\t.loc\t2 {1} 0 is_stmt 0               # nn.py:{1}:0 @[ "
               "net.py:{2}:0 ]\n"
               "\tvmovups\t(%rdi,%rax,4), %ymm0\n"
               "\tvfmadd231ps\t%ymm1, %ymm2, %ymm0   # ymm0 = (ymm2 * ymm1)\n"
               "\tjne\t.LBB0_{1}\n",
               i, i % 500 + 1, i % 50 + 1);
         });
}

void bench(benchmark::State &state, TextFormat format,
           const std::string &text) {
  for (auto _ : state)
    benchmark::DoNotOptimize(split(format, text));
  state.SetBytesProcessed(std::int64_t(state.iterations()) *
                          std::int64_t(text.size()));
}

void splitMlir(benchmark::State &state) {
  bench(state, TextFormat::Mlir, mlirText());
}
void splitLlvm(benchmark::State &state) {
  bench(state, TextFormat::Llvm, llvmText());
}
void splitAssembly(benchmark::State &state) {
  bench(state, TextFormat::Asm, assemblyText());
}
void splitPlain(benchmark::State &state) {
  bench(state, TextFormat::Plain, assemblyText());
}

/// What a hover on a Python line asks.
void irLines(benchmark::State &state) {
  LinkTable links = split(TextFormat::Mlir, mlirText()).links;
  for (auto _ : state)
    benchmark::DoNotOptimize(links.irLines("/ws/net.py", 7));
}

/// What "go to definition" on an IR line asks.
void source(benchmark::State &state) {
  LinkTable links = split(TextFormat::Mlir, mlirText()).links;
  int line = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(links.source(line++ % 100'000 + 1));
}

BENCHMARK(splitMlir)->Unit(benchmark::kMillisecond);
BENCHMARK(splitLlvm)->Unit(benchmark::kMillisecond);
BENCHMARK(splitAssembly)->Unit(benchmark::kMillisecond);
BENCHMARK(splitPlain)->Unit(benchmark::kMillisecond);
BENCHMARK(irLines)->Unit(benchmark::kMicrosecond);
BENCHMARK(source)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
