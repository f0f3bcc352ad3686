" TorchScript graph, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax match torchscriptOperation /\v<(aten|prim|prims|quantized|onnx)::\w+/
syntax keyword torchscriptKeyword graph return
syntax match torchscriptKeyword /\v<block\d+>|-\>/
syntax keyword torchscriptType Tensor Float Double Half BFloat16 Long Int Bool Device NoneType int float bool str
syntax match torchscriptType /\v<__torch__[0-9A-Za-z_.]+/
syntax keyword torchscriptConstant None True False
syntax match torchscriptValue /\v\%[0-9A-Za-z_.]+/
syntax match torchscriptNumber /\v<-?\d+(\.\d+)?([eE][+-]?\d+)?>/
syntax region torchscriptString start=/"/ end=/"/ oneline
syntax match torchscriptComment /#.*$/

highlight default link torchscriptOperation Statement
highlight default link torchscriptKeyword Keyword
highlight default link torchscriptType Type
highlight default link torchscriptConstant Constant
highlight default link torchscriptValue Identifier
highlight default link torchscriptNumber Number
highlight default link torchscriptString String
highlight default link torchscriptComment Comment

setlocal commentstring=#\ %s
let b:current_syntax = 'torchscript'
