" SPIR-V assembly, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax match spirvInstruction /\v<Op\u\w*/
syntax match spirvType /\v<OpType\w+/
syntax match spirvId /\v\%\w+/
syntax match spirvNumber /\v<-?(0x\x+|\d+(\.\d+)?)>/
syntax region spirvString start=/"/ end=/"/ oneline
syntax match spirvComment /;.*$/

highlight default link spirvInstruction Statement
highlight default link spirvType Type
highlight default link spirvId Identifier
highlight default link spirvNumber Number
highlight default link spirvString String
highlight default link spirvComment Comment

setlocal commentstring=;\ %s
let b:current_syntax = 'spirv'
