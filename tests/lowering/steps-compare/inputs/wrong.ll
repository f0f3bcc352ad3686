define i32 @main() {
  %x = add i32 1, 2.0
  ret i32 %x
}
