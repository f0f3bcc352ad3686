// A dialect that nobody knows is shown as it stands in the file.
// RUN: env XDG_CACHE_HOME=%t.cache irlens lower %s --to mlir | diff %s -
module {
  %0 = "mine.op"() {depth = 3 : i64} : () -> i32
}
