#include "ir_lowering/mlir/warm_up.h"

#include "ir_lowering/mlir/stage_rows.h"
#include "ir_lowering/mlir/steps.h"

#include <mlir/Parser/Parser.h>

namespace irlens::mlir_worker {

namespace {

/// A bit of everything that models are made of.
constexpr std::string_view kModule = R"mlir(
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
func.func @main(%x: tensor<4x4xf32>, %b: tensor<4xf32>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<w> : tensor<4x4xf32>
  %empty = tensor.empty() : tensor<4x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x4xf32>, tensor<4x4xf32>)
                     outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x4xf32>, tensor<4xf32>) outs(%empty : tensor<4x4xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %sum = arith.addf %in, %bias : f32
    %exp = math.exp %sum : f32
    linalg.yield %exp : f32
  } -> tensor<4x4xf32>
  return %z : tensor<4x4xf32>
}
)mlir";

} // namespace

void warmUp(Compiler &compiler) {
  auto rows = rowsBetween(builtinPipelines(), "linalg", "x86", {});
  if (!rows)
    return;
  Progress progress{};
  Diagnostics diagnostics(compiler.context());
  Session session;
  session.context = &compiler.context();
  session.mlirModule = mlir::parseSourceString<mlir::ModuleOp>(
      kModule, mlir::ParserConfig(&compiler.context()), "warm-up");
  if (!session.mlirModule)
    return;
  StepContext context{.session = session,
                      .diagnostics = diagnostics,
                      .progress = progress,
                      .beforePass = {},
                      .codegenLevel = -1,
                      .note = {}};
  for (const Row &row : *rows)
    if (!runSteps(context, row.steps))
      return;
}

} // namespace irlens::mlir_worker
