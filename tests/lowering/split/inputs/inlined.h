// Included by inlined.c.
static inline int add(int a, int b) { return a + b; }
static inline int twice(int a) { return add(a, a); }
static inline int square(int a) { return twice(a) * a; }
static inline float squareOf(float a) { return a * a; }
