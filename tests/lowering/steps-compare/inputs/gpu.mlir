module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @scale(%buffer: memref<?xf32>, %factor: f32) kernel {
      %block = gpu.block_id x
      %size = gpu.block_dim x
      %thread = gpu.thread_id x
      %base = arith.muli %block, %size : index
      %i = arith.addi %base, %thread : index
      %v = memref.load %buffer[%i] : memref<?xf32>
      %s = arith.mulf %v, %factor : f32
      memref.store %s, %buffer[%i] : memref<?xf32>
      gpu.return
    }
  }
  func.func @main(%buffer: memref<?xf32>, %factor: f32) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%buffer : memref<?xf32>, %factor : f32)
    return
  }
}
