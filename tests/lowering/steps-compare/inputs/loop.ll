source_filename = "loop.c"

@table = internal constant [4 x i32] [i32 1, i32 2, i32 3, i32 4]

define i32 @total(i32 %n) {
entry:
  br label %head

head:
  %i = phi i32 [ 0, %entry ], [ %next, %body ]
  %sum = phi i32 [ 0, %entry ], [ %more, %body ]
  %done = icmp sge i32 %i, %n
  br i1 %done, label %end, label %body

body:
  %at = and i32 %i, 3
  %p = getelementptr [4 x i32], ptr @table, i32 0, i32 %at
  %v = load i32, ptr %p
  %more = add i32 %sum, %v
  %next = add i32 %i, 1
  br label %head

end:
  ret i32 %sum
}
