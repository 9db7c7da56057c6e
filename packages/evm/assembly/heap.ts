/**
 * Which memory is there, and who has it?
 *
 * The heap only grows, until the next `open`; its size is fixed there, and to be out of it is a counted limit. What lies
 * above, the arena, grows with the frames.
 */

const PAGE: u32 = 16

let top: usize = 0
let end: usize = 0

/** Bytes that are there. */
let size: usize = 0

/** Empties the heap and gives it `bytes`; the arena begins where it ends. False if the host has no memory. */
export function openHeap(bytes: usize): bool {
  top = (__heap_base + 31) & ~31
  end = top + ((bytes + 31) & ~31)
  return reach(end)
}

// @inline
export function arena(): usize {
  return end
}

/** Makes memory be there up to `to`. False if the host has none. */
export function reach(to: usize): bool {
  if (to <= size) return true
  size = (<usize>memory.size()) << PAGE
  if (to <= size) return true
  if (memory.grow(<i32>((to - size + 0xffff) >> PAGE)) < 0) return false
  size = (<usize>memory.size()) << PAGE
  return true
}

/** Bytes that are not cleared; 0 if there are no more. */
export function allocate(bytes: usize): usize {
  const at = top
  const rounded = (bytes + 31) & ~31
  if (rounded > end - top) return 0
  top = at + rounded
  return at
}
