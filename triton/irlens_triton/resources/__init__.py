"""What a kernel needs: registers, spills, shared memory, instructions, occupancy."""
