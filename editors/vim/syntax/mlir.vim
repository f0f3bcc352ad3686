" MLIR, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax match mlirOperation /\v<[a-z_]\w*(\.\w+)+>/
syntax keyword mlirKeyword module ins outs attributes private public loc to step iter_args return
syntax match mlirType /\v<(tensor|memref|vector|tuple|complex)\ze\</
syntax match mlirType /\v<([su]?i\d+|index|none|bf16|tf32|f\d+|f8E\w+)>/
syntax match mlirType /\v(\<|x)@1<=([0-9?]+x)+\ze\w/
syntax match mlirType /\vx@1<=([su]?i\d+|bf16|f\d+|f8E\w+|index)>/
syntax match mlirType /\v!\h[0-9A-Za-z_.$]*/
syntax keyword mlirConstant true false unit dense dense_resource affine_map strided
syntax match mlirValue /\v\%[0-9A-Za-z_.$-]+(#\d+)?/
syntax match mlirSymbol /\v\@([0-9A-Za-z_.$-]+|"[^"]*")/
syntax match mlirBlock /\v\^[0-9A-Za-z_.$-]+/
syntax match mlirAlias /\v#\h[0-9A-Za-z_.$-]*/
syntax match mlirNumber /\v<(0x\x+|\d+(\.\d+)?([eE][+-]?\d+)?)>/
syntax match mlirAlias /\v(dense_resource\<)@<=[^>]+/
syntax region mlirString start=/"/ skip=/\\./ end=/"/ oneline
syntax match mlirComment /\/\/.*$/

highlight default link mlirOperation Statement
highlight default link mlirKeyword Keyword
highlight default link mlirType Type
highlight default link mlirConstant Constant
highlight default link mlirValue Identifier
highlight default link mlirSymbol Function
highlight default link mlirBlock Label
highlight default link mlirAlias PreProc
highlight default link mlirNumber Number
highlight default link mlirString String
highlight default link mlirComment Comment

setlocal commentstring=//\ %s
let b:current_syntax = 'mlir'
