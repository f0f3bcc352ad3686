// Calls that are inlined, from a header too; a loop; a call that stays.
#include "inlined.h"

static int table[4] = {1, 2, 3, 4};
const char *message = "!dbg !3 \"x\" #dbg_value( .loc 1 2 3";
extern void use(int *);

int sumOfTwice(int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += twice(values[i]) + table[i & 3];
    if (sum > 100)
      use(&sum);
  }
  return square(sum);
}

float dot(float *a, float *b, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i)
    sum += squareOf(a[i]) * b[i];
  return sum;
}
