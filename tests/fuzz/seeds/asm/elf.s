	.file	"c.c"
	.file	0 "/ws" "c.c" md5 0xedb6cd8e074a45e1b5bfc0865aa905e3
	.text
f:                                      # @f
.Lfunc_begin0:
	.loc	0 5 0                           # c.c:5:0
# %bb.0:
	#DEBUG_VALUE: f:p <- $rdi
	pushq	%rbx
.Ltmp0:
	.file	1 "." "h.h" md5 0x45e0485429974994ccfa9b9f41dbfe06
	.loc	1 1 48 is_stmt 1                # ./h.h:1:48 @[ ./h.h:3:10 @[ c.c:8:10 ] ]
	addl	%eax, %eax                      # 4-byte Folded Spill
	.loc	0 0 3 is_stmt 0                 # c.c:0:3
	leaq	.Ltmp1(%rip), %rax
.Ltmp1:
	retq
.Lfunc_end0:
	.size	f, .Lfunc_end0-f
	.section	.debug_abbrev,"",@progbits
	.byte	1                               # Abbreviation Code
.Linfo_string0:
	.asciz	"clang"                       # string offset=0
	.ident	"clang"
	.section	".note.GNU-stack","",@progbits
	.section	.debug_line,"",@progbits
.Lline_table_start0:
