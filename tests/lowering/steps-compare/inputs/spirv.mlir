spirv.module Logical GLSL450 requires #spirv.vce<v1.0, [Shader], []> {
  spirv.func @twice(%a: f32) -> f32 "None" {
    %r = spirv.FAdd %a, %a : f32
    spirv.ReturnValue %r : f32
  }
}
